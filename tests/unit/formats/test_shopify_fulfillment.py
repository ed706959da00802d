"""Shopify fulfillments and their events: parcels, lines, statuses; one claim per quirk."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from crossdock.canonical.models import Shipment, TrackingEvent
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import profile, reading_of, record, refusal_of
from tests.kit.shopify_documents import order
from tests.kit.shopify_shipments import (
    EventFacts,
    ShipmentFacts,
    fulfillment,
    fulfillment_event,
    shopify_fulfillment_events,
    shopify_fulfillments,
)

FORM = "shopify_fulfillment"
EVENT_FORM = "shopify_fulfillment_event"
MAPPED = profile(status_map={"fulfillment": {"success": "delivered", "in_locker": "ready_for_pickup"}})


def read(document: object, **options: Any) -> Shipment:
    (found,) = reading_of(FORM, document, **options).entities
    assert isinstance(found, Shipment)
    return found


def read_event(document: object, **options: Any) -> TrackingEvent:
    (found,) = reading_of(EVENT_FORM, document, **options).entities
    assert isinstance(found, TrackingEvent)
    return found


def codes(form: str, document: object) -> list[str]:
    return [one.code for one in reading_of(form, document).warnings]


def test_a_fulfillment_is_a_shipment_of_its_order() -> None:
    found = read(fulfillment())
    assert (found.key, found.origin, found.location) == ("acme/shop/450/9007199254740993", "channel", "5")
    (package,) = found.packages
    assert (package.package_id, package.carrier, package.tracking_number) == ("T-1", "Example Post", "T-1")
    assert package.tracking_url == "https://track.example.com/T-1"
    (line,) = package.lines
    assert (line.line_id, line.sku, int(line.quantity.value), line.is_inferred) == ("11", "SKU-1", 2, False)
    assert found.shipped is not None
    assert found.shipped.instant.isoformat() == "2026-02-01T09:00:00+00:00"
    assert {one.name: one.value for one in found.extensions}["name"] == "#1001.1"


@pytest.mark.parametrize(
    "wrap", [lambda one: one, lambda one: {"fulfillment": one}, lambda one: {"detail": {"payload": one}}]
)
def test_envelopes_change_nothing(wrap: Any) -> None:
    assert reading_of(FORM, wrap(fulfillment())).digest == reading_of(FORM, fulfillment()).digest


def test_a_page_is_split() -> None:
    for form, name, one in (
        (FORM, "fulfillment", fulfillment),
        (EVENT_FORM, "fulfillment_event", fulfillment_event),
    ):
        split = FORMATS[form].split
        assert split is not None
        parts = split(record({f"{name}s": [one(id=1), one(id=2)]}), MAPPED).parts
        assert [part.key for part in parts] == [f"acme/shop/{name}:1", f"acme/shop/{name}:2"]


def test_without_a_number_there_is_one_package_without_one() -> None:
    document = fulfillment(tracking_numbers=[], tracking_number=None, tracking_urls=None, tracking_url="")
    (package,) = read(document).packages
    assert (package.package_id, package.tracking_number, package.tracking_url) == ("1", None, None)
    assert len(package.lines) == 1


def test_several_numbers_are_several_packages_and_no_quantity_counts_twice() -> None:
    document = fulfillment(
        tracking_numbers=["T-1", "T-2", "T-1", ""], tracking_urls=["https://a.example.com"]
    )
    first, second = read(document).packages
    assert (first.tracking_number, second.tracking_number) == ("T-1", "T-2")
    assert ([one.is_inferred for one in first.lines], second.lines) == ([True], ())
    assert "packages_undivided" in codes(FORM, document)
    assert "packages_undivided" not in codes(FORM, fulfillment())


@pytest.mark.parametrize(
    ("status", "purpose", "cancels", "change", "has_left"),
    [
        ("success", "original", False, "created", True),
        ("pending", "original", False, "created", False),
        ("open", "original", False, "created", False),
        ("cancelled", "cancel", True, "cancelled", False),
        ("failure", "original", True, "created", False),
        ("error", "original", True, "created", False),
    ],
)
def test_a_status_says_what_the_shipment_does(
    status: str, purpose: str, cancels: bool, change: str, has_left: bool
) -> None:
    found = read(fulfillment(status=status))
    assert (found.status_raw, found.purpose, found.cancels, found.change) == (
        status,
        purpose,
        cancels,
        change,
    )
    assert (found.shipped is not None) == has_left


def test_a_later_state_replaces_the_first() -> None:
    found = read(fulfillment(updated_at="2026-02-03T10:00:00+01:00"))
    assert (found.purpose, found.change, found.revision.value[:10]) == ("replace", "updated", "2026-02-03")
    assert read(fulfillment(), event="fulfillments/update").purpose == "replace"


@pytest.mark.parametrize(
    ("word", "status", "expected", "is_known"),
    [
        ("in_transit", "success", "in_transit", True),
        ("attempted_delivery", "success", "delivery_failed", True),
        (None, "success", "delivered", True),
        (None, "pending", "created", True),
        ("in_locker", "success", "ready_for_pickup", True),
        ("teleported", "success", "unknown", False),
    ],
)
def test_the_profiles_words_win_and_an_unknown_one_stays_raw(
    word: str | None, status: str, expected: str, is_known: bool
) -> None:
    document = fulfillment(shipment_status=word, status=status)
    reading = reading_of(FORM, document, partner=MAPPED)
    (found,) = reading.entities
    assert isinstance(found, Shipment)
    assert found.packages[0].status == expected
    assert ("status_unknown" not in [one.code for one in reading.warnings]) == is_known


def test_success_alone_says_nothing_of_the_parcel() -> None:
    assert read(fulfillment()).packages[0].status == "unknown"


def test_addresses_are_parties() -> None:
    place = {
        "first_name": "Test",
        "last_name": "Person",
        "address1": "Street 1",
        "city": "Bern",
        "country_code": "ch",
    }
    found = read(fulfillment(destination=place, origin_address={"country_code": "DE"}))
    assert found.ship_to is not None
    assert found.ship_to.address is not None
    assert (found.ship_to.role, found.ship_to.name, found.ship_to.address.country) == (
        "ship_to",
        "Test Person",
        "CH",
    )
    assert found.ship_from is not None
    assert read(fulfillment(destination={}, origin_address=None)).ship_to is None


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (fulfillment(id=None), ("id_missing", "$.id")),
        (fulfillment(created_at=None, updated_at=None), ("time_invalid", "$.updated_at")),
        (fulfillment(line_items=[{"id": 1}]), ("field_invalid", "$.line_items[0].quantity")),
        (fulfillment(line_items=[{"quantity": "two"}]), ("amount_unparsable", "$.line_items[0].quantity")),
        (order(), ("field_invalid", "$.financial_status")),
        (fulfillment(status="open", request_status="submitted"), ("field_invalid", "$")),
        ({"fulfillment_order": {"id": "gid://shopify/FulfillmentOrder/1"}}, ("field_invalid", "$")),
        ({"id": "gid://shopify/FulfillmentOrder/1", "requestStatus": "SUBMITTED"}, ("field_invalid", "$")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(document: object, expected: tuple[str, str]) -> None:
    assert refusal_of(FORM, document) == expected


def test_a_fulfillment_without_order_is_kept() -> None:
    document = fulfillment(order_id=None)
    assert (read(document).order_id, "order_missing" in codes(FORM, document)) == ("-", True)


@settings(max_examples=40, deadline=None)
@given(shopify_fulfillments())
def test_a_generated_fulfillment_yields_its_facts(facts: ShipmentFacts) -> None:
    found = read(facts.payload)
    assert (found.shipment_id, found.order_id, found.cancels) == (
        facts.shipment_id,
        facts.order_id,
        facts.is_void,
    )
    assert [one.tracking_number for one in found.packages] == facts.numbers
    lines = [line for one in found.packages for line in one.lines]
    assert [(one.line_id, one.sku, int(one.quantity.value)) for one in lines] == facts.lines
    assert {one.status.value for one in found.packages} == {facts.status}
    assert found.occurred.instant == facts.modified
    assert reading_of(FORM, facts.payload) == reading_of(FORM, facts.payload)


def test_an_event_stands_under_its_fulfillment() -> None:
    found = read_event(fulfillment_event())
    assert (found.key, found.carrier) == ("acme/shop/fulfillment:9007199254740993", "shop")
    assert (found.event_id, found.status, found.status_raw) == ("71", "in_transit", "in_transit")
    assert found.occurred.instant.isoformat() == "2026-02-02T13:30:00+00:00"
    assert found.location is not None
    assert (found.location.city, found.location.region, found.location.country) == ("Springfield", "IL", "US")


def test_the_free_text_of_an_event_is_left_out() -> None:
    found = read_event(fulfillment_event(message="left with Test Person"))
    assert [one.name for one in found.extensions] == ["order_id", "fulfillment_id"]


def test_a_country_may_be_a_name_and_a_place_may_be_missing() -> None:
    named = read_event(fulfillment_event(country="Canada")).location
    assert named is not None
    assert (named.name, named.country) == ("Canada", None)
    assert read_event(fulfillment_event(city=None, province=None, country=None)).location is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fulfillment_id": None}, ("id_missing", "$.fulfillment_id")),
        ({"happened_at": None, "created_at": ""}, ("time_invalid", "$.happened_at")),
    ],
)
def test_an_event_without_fulfillment_or_time_is_refused(changes: Any, expected: tuple[str, str]) -> None:
    assert refusal_of(EVENT_FORM, fulfillment_event(**changes)) == expected


def test_an_unknown_event_is_kept_raw() -> None:
    document = fulfillment_event(status="teleported")
    assert (read_event(document).status, codes(EVENT_FORM, document)) == ("unknown", ["status_unknown"])
    assert read_event(fulfillment_event(status=None)).status_raw == ""


@settings(max_examples=60, deadline=None)
@given(shopify_fulfillment_events())
def test_a_generated_event_yields_its_facts(facts: EventFacts) -> None:
    reading = reading_of(EVENT_FORM, facts.payload)
    (found,) = reading.entities
    assert isinstance(found, TrackingEvent)
    assert (found.event_id, found.source.object_id) == (facts.event_id, facts.event_id)
    assert found.key == f"acme/shop/fulfillment:{facts.fulfillment_id}"
    assert (found.status, found.status_raw) == (facts.status, facts.status_raw)
    assert found.occurred.instant == facts.occurred
    place = found.location
    assert (place and (place.name, place.city, place.region, place.country)) == facts.place
    assert (found.estimated_delivery and found.estimated_delivery.instant) == facts.estimated
    kept = {one.name: one.value for one in found.extensions}
    assert (kept["fulfillment_id"], kept.get("order_id")) == (facts.fulfillment_id, facts.order_id)
    assert [one.code for one in reading.warnings] == facts.warnings
    assert "Test Person" not in repr(found)
    assert FORMATS[EVENT_FORM].key(record(facts.payload)) == f"fulfillment_event:{facts.event_id}"
    assert reading_of(EVENT_FORM, facts.payload) == reading
