"""Generated Amazon notifications yield the facts they were made of, in either letter case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical.models import Shipment, StockSnapshot, TrackingEvent
from tests.kit.amazon_notifications import (
    fulfillment_status,
    lowered,
    milestone,
    milestones,
    warehouse_stock,
)
from tests.kit.shop_reading import reading_of

FORM = "amazon_notification"
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
_START = datetime(2026, 5, 1, tzinfo=UTC)
_CODES = {
    "ORDER_PREPARING": "created",
    "CARRIER_ASSIGNED": "created",
    "PICKED_UP": "picked_up",
    "IN_TRANSIT": "in_transit",
    "OUT_FOR_DELIVERY": "out_for_delivery",
    "DELIVERED": "delivered",
    "LOST": "lost",
    "NEVER_SEEN": "unknown",
}
_FIGURES = {
    "Fulfillable": "available",
    "Unfulfillable": "damaged",
    "Researching": "quality_hold",
    "FutureSupplyBuyable": "incoming",
}


def zulu(minutes: int) -> str:
    return (_START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


@QUICK
@given(
    st.lists(st.tuples(st.sampled_from(sorted(_CODES)), st.integers(0, 9_000)), min_size=1, max_size=6),
    st.booleans(),
)
def test_milestones_are_events_by_time_and_each_once(said: list[tuple[str, int]], is_pascal: bool) -> None:
    document = milestones(*(milestone(code, zulu(minutes)) for code, minutes in said))
    reading = reading_of(FORM, _pascal(document) if is_pascal else document)
    events = [one for one in reading.entities if isinstance(one, TrackingEvent)]
    expected = sorted({(zulu(minutes), code) for code, minutes in said})
    assert sorted((one.occurred.instant, one.status_raw) for one in events) == [
        (datetime.fromisoformat(at), code) for at, code in expected
    ]
    assert [one.occurred.instant for one in events] == sorted(one.occurred.instant for one in events)
    assert all(one.status == _CODES[one.status_raw] for one in events)
    assert len({one.event_id for one in events}) == len(events)


def _pascal(node: object) -> Any:
    if isinstance(node, list):
        return [_pascal(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {name[:1].upper() + name[1:]: _pascal(one) for name, one in node.items()}


@QUICK
@given(st.dictionaries(st.sampled_from(sorted(_FIGURES)), st.integers(0, 10**6)), st.booleans())
def test_stock_keeps_every_figure(figures: dict[str, int], is_text: bool) -> None:
    said = {name: str(value) if is_text else value for name, value in figures.items()}
    document = warehouse_stock(**{"Fulfillable": None, "Unfulfillable": None} | said)
    (snapshot,) = reading_of(FORM, document).entities
    assert isinstance(snapshot, StockSnapshot)
    found = {one.meaning_raw: (one.meaning, int(one.quantity.value)) for one in snapshot.quantities}
    for name, value in figures.items():
        assert found[name] == (_FIGURES[name], value)
    assert len([name for name in found if "." not in name]) == len(figures)


@QUICK
@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from(("T-1", "T-2", None))), max_size=4), st.booleans()
)
def test_a_shipment_keeps_every_package(packages: list[tuple[int, str | None]], is_lower: bool) -> None:
    nodes = [{"PackageNumber": number, "TrackingNumber": tracking} for number, tracking in packages]
    document = fulfillment_status(FulfillmentShipmentPackages=nodes)
    (shipment,) = reading_of(FORM, lowered(document) if is_lower else document).entities
    assert isinstance(shipment, Shipment)
    expected = [(str(number), tracking) for number, tracking in packages] or [("SHIP-1", None)]
    assert [(one.package_id, one.tracking_number) for one in shipment.packages] == expected
