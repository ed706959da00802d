"""Square inventory counts: generated payloads yield their figures; one claim per quirk."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.formats.square_inventory import FORMAT
from tests.kit.shop_reading import PROFILE, profile, record, refusal_of
from tests.kit.stock_payloads import StockFacts, square_stock
from tests.kit.stock_reading import figures_of, snapshots_of, warnings_of

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FORM = "square_inventory"


def count(**changes: Any) -> dict[str, Any]:
    return {
        "catalog_object_id": "OBJ1",
        "catalog_object_type": "ITEM_VARIATION",
        "state": "IN_STOCK",
        "location_id": "LOC1",
        "quantity": "10",
        "calculated_at": "2026-01-31T23:30:00.123456Z",
    } | changes


def event(*counts: dict[str, Any]) -> dict[str, Any]:
    return {
        "merchant_id": "M1",
        "type": "inventory.count.updated",
        "event_id": "e-1",
        "created_at": "2026-01-31T23:31:00Z",
        "data": {"type": "inventory", "id": "x", "object": {"inventory_counts": list(counts)}},
    }


@QUICK
@given(square_stock())
def test_a_generated_payload_yields_its_figures(facts: StockFacts) -> None:
    snapshots = snapshots_of(FORM, facts.payload)
    assert figures_of(snapshots) == list(facts.figures)
    assert {one.as_of.instant for one in snapshots} == {facts.as_of}


def test_states_of_one_item_are_rows_of_their_own() -> None:
    found = snapshots_of(FORM, event(count(), count(state="WASTE", quantity="1")))
    assert [one.key for one in found] == [
        "acme/OBJ1/shop/LOC1/OBJ1:IN_STOCK",
        "acme/OBJ1/shop/LOC1/OBJ1:WASTE",
    ]


def test_an_alias_names_the_sku() -> None:
    partner = profile(items={"aliases": {"channel_variant:OBJ1": "SKU-9"}})
    (snapshot,) = snapshots_of(FORM, event(count()), partner)
    assert (snapshot.sku, snapshot.identifiers[0].issuer) == ("SKU-9", "shop")
    assert warnings_of(FORM, event(count())) == ["item_unknown"]


def test_a_fraction_is_kept_and_warned_of_for_no_unit_is_stated() -> None:
    assert warnings_of(FORM, count(quantity="1.5")) == ["unit_not_stated", "item_unknown"]
    assert str(snapshots_of(FORM, count(quantity="1.5"))[0].quantities[0].quantity.value) == "1.5"


def test_an_unknown_state_keeps_its_word_without_a_meaning() -> None:
    assert "state_unknown" in warnings_of(FORM, count(state="ON_THE_MOON"))
    assert figures_of(snapshots_of(FORM, count(state="ON_THE_MOON")))[0][2:4] == ("unknown", "ON_THE_MOON")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (count(catalog_object_id=None), ("id_missing", "$.catalog_object_id")),
        (count(quantity=None), ("amount_unparsable", "$.quantity")),
        (count(quantity="many"), ("amount_unparsable", "$.quantity")),
        (count(calculated_at=None), ("time_invalid", "$.calculated_at")),
        (event(), ("field_invalid", "$")),
        (
            event(count(), count(quantity="x")),
            ("amount_unparsable", "$.data.object.inventory_counts[1].quantity"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    document: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of(FORM, document) == expected


def test_changes_are_refused_with_the_call_that_counts() -> None:
    answer = {"changes": [{"type": "ADJUSTMENT", "adjustment": {"catalog_object_id": "OBJ1"}}]}
    assert refusal_of(FORM, answer) == ("field_invalid", "$.changes")


def test_lists_and_events_are_split_and_one_event_has_its_own_key() -> None:
    assert FORMAT.split is not None
    for page in (event(count(), count(state="SOLD")), {"counts": [count(), count(state="SOLD")]}):
        parts = FORMAT.split(record(page), PROFILE).parts
        assert [part.key for part in parts] == [
            "acme/shop/inventory:OBJ1:LOC1:IN_STOCK",
            "acme/shop/inventory:OBJ1:LOC1:SOLD",
        ]
    assert FORMAT.key(record(event(count()))) == "inventory:OBJ1:LOC1:IN_STOCK"
    assert FORMAT.key(record(event(count(), count(state="SOLD")))) == "event:e-1"
    assert FORMAT.key(record({})) is None


def test_its_payloads_are_recognised() -> None:
    assert FORMAT.looks_like is not None
    assert FORMAT.looks_like(json.dumps(event(count())).encode()) == 95
    assert FORMAT.looks_like(json.dumps({"counts": [count()]}).encode()) == 90
    assert FORMAT.looks_like(b"{}") == 0
