"""Synthetic Shopify fulfillments and their events, by hand and generated with the facts they must yield."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from tests.kit.shopify_documents import Document

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_WORDS = {
    "label_printed": "created",
    "label_purchased": "created",
    "confirmed": "created",
    "carrier_picked_up": "picked_up",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "ready_for_pickup": "ready_for_pickup",
    "attempted_delivery": "delivery_failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "failure": "delivery_failed",
    None: None,
}


def fulfillment(**changes: Any) -> Document:
    """A fulfillment of one line, 2 pieces, in one parcel."""
    return {
        "id": 9007199254740993,
        "order_id": 450,
        "name": "#1001.1",
        "status": "success",
        "service": "manual",
        "created_at": "2026-02-01T10:00:00+01:00",
        "updated_at": "2026-02-01T10:00:00+01:00",
        "tracking_company": "Example Post",
        "tracking_number": "T-1",
        "tracking_numbers": ["T-1"],
        "tracking_urls": ["https://track.example.com/T-1"],
        "shipment_status": None,
        "location_id": 5,
        "line_items": [{"id": 11, "sku": "SKU-1", "variant_id": 31, "quantity": 2, "price": "5.00"}],
    } | changes


def fulfillment_event(**changes: Any) -> Document:
    """An event of a parcel in transit."""
    return {
        "id": 71,
        "fulfillment_id": 9007199254740993,
        "order_id": 450,
        "status": "in_transit",
        "message": None,
        "happened_at": "2026-02-02T08:30:00-05:00",
        "created_at": "2026-02-02T09:00:00-05:00",
        "city": "Springfield",
        "province": "IL",
        "country": "US",
        "estimated_delivery_at": None,
    } | changes


@dataclass(slots=True)
class ShipmentFacts:
    """A payload and what must be read from it."""

    payload: bytes
    shipment_id: str
    order_id: str
    numbers: list[str | None]
    lines: list[tuple[str, str | None, int]]
    status: str
    is_void: bool
    modified: datetime


@st.composite
def shopify_fulfillments(draw: Any) -> ShipmentFacts:
    """Strategy of payloads with their facts."""
    shipment_id, order_id = draw(st.integers(1, 2**63)), draw(st.integers(1, 2**63))
    modified = _EPOCH + timedelta(seconds=draw(st.integers(0, 9_000_000)))
    status = draw(st.sampled_from(("success", "pending", "open", "cancelled", "error", "failure")))
    word = draw(st.sampled_from(list(_WORDS)))
    numbers: list[str | None] = draw(st.lists(st.sampled_from(("T-1", "T-2", "T-3")), unique=True))
    lines = [
        (str(number * 8 + draw(st.integers(0, 7))), sku, draw(st.integers(1, 9)))
        for number, sku in enumerate(
            draw(st.lists(st.sampled_from(("SKU-1", "SKU-2", "OLD-1", "")), max_size=3))
        )
    ]
    node = fulfillment(id=shipment_id, order_id=order_id, status=status, shipment_status=word)
    node |= {"created_at": _EPOCH.isoformat(), "updated_at": modified.isoformat()}
    node["line_items"] = [{"id": int(line), "sku": sku, "quantity": count} for line, sku, count in lines]
    node |= {"tracking_numbers": numbers, "tracking_number": numbers[0] if numbers else None}
    if len(numbers) == 1 and draw(st.booleans()):
        del node["tracking_numbers"]
    node |= draw(st.sampled_from(({}, {"unknown": [{}]}, {"receipt": {}, "destination": {}})))
    document = draw(st.sampled_from((node, {"fulfillment": node})))
    by_status = {"pending": "created", "open": "created", "cancelled": "cancelled"}.get(status, "unknown")
    return ShipmentFacts(
        payload=json.dumps(document).encode(),
        shipment_id=str(shipment_id),
        order_id=str(order_id),
        numbers=numbers or [None],
        lines=[(line, {"OLD-1": "SKU-1", "": None}.get(sku, sku), count) for line, sku, count in lines],
        status=_WORDS[word] or by_status,
        is_void=status in ("cancelled", "error", "failure"),
        modified=modified,
    )


@dataclass(slots=True)
class EventFacts:
    """An event's payload and what must be read from it."""

    payload: bytes
    event_id: str
    fulfillment_id: str
    order_id: str | None
    status: str
    status_raw: str
    occurred: datetime
    place: tuple[str | None, str | None, str | None, str | None] | None
    """Name, city, region and country of the place; None where nothing is said."""
    estimated: datetime | None
    warnings: list[str]


@st.composite
def shopify_fulfillment_events(draw: Any) -> EventFacts:
    """Strategy of payloads with their facts; the quirks are on at random."""
    event_id, fulfillment_id = draw(st.integers(1, 2**63)), draw(st.integers(1, 2**63))
    order_id = draw(st.none() | st.integers(1, 2**63))
    word = draw(st.sampled_from([*_WORDS, "teleported"]))
    raw = word.upper() if word is not None and draw(st.booleans()) else word
    happened = _moment(draw)
    country, name, code = draw(
        st.sampled_from(
            (("US", None, "US"), ("ca", None, "CA"), ("Canada", "Canada", None), ("", None, None))
        )
    )
    city, region = draw(st.sampled_from((None, "Springfield", "Zürich"))), draw(st.sampled_from((None, "IL")))
    estimated = draw(st.none() | st.just(happened + timedelta(days=2)))
    node = fulfillment_event(id=event_id, fulfillment_id=fulfillment_id, order_id=order_id, status=raw)
    node |= {"city": city, "province": region, "country": country or None}
    node |= {"created_at": (happened + timedelta(minutes=5)).isoformat(), "happened_at": happened.isoformat()}
    node["estimated_delivery_at"] = None if estimated is None else estimated.isoformat()
    if draw(st.booleans()):
        node |= {"happened_at": None, "created_at": happened.isoformat()}
    node |= draw(
        st.sampled_from(({}, {"message": "left with Test Person"}, {"latitude": 1.5, "unknown": []}))
    )
    if draw(st.integers(1, 4)) == 1:
        node |= {"id": None, "admin_graphql_api_id": f"gid://shopify/FulfillmentEvent/{event_id}"}
    place = (name, city, region, code)
    document = draw(st.sampled_from((node, {"fulfillment_event": node}, {"detail": {"payload": node}})))
    return EventFacts(
        payload=json.dumps(document, ensure_ascii=draw(st.booleans())).encode(),
        event_id=str(event_id),
        fulfillment_id=str(fulfillment_id),
        order_id=None if order_id is None else str(order_id),
        status=_WORDS.get(word) or "unknown",
        status_raw=raw or "",
        occurred=happened,
        place=place if any(place) else None,
        estimated=estimated,
        warnings=["status_unknown"] if word == "teleported" else [],
    )


def _moment(draw: Any) -> datetime:
    """A second of the years 2024 to 2026, at some offset."""
    offset = timezone(timedelta(hours=draw(st.integers(-11, 13)), minutes=draw(st.sampled_from((0, 30)))))
    return (_EPOCH + timedelta(seconds=draw(st.integers(0, 90_000_000)))).astimezone(offset)
