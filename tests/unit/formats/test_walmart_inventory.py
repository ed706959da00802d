"""Walmart inventory: generated payloads yield their figures; one claim per quirk."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.formats.walmart_inventory import FORMAT
from tests.kit.shop_reading import PROFILE, profile, record, refusal_of
from tests.kit.stock_payloads import StockFacts, walmart_stock
from tests.kit.stock_reading import figures_of, snapshots_of, warnings_of

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FORM = "walmart_inventory"


def each(amount: object) -> dict[str, object]:
    return {"unit": "EACH", "amount": amount}


@QUICK
@given(walmart_stock())
def test_a_generated_payload_yields_its_figures(facts: StockFacts) -> None:
    found = figures_of(snapshots_of(FORM, facts.payload))
    assert sorted(found) == sorted(facts.figures)


def test_what_is_in_reserved_and_left_are_three_figures_of_one_node() -> None:
    node = {
        "shipNode": "N-1",
        "inputQty": each(10),
        "availToSellQty": each(8),
        "reservedQty": each(2),
        "errors": [],
    }
    (snapshot,) = snapshots_of(FORM, {"sku": "SKU-1", "nodes": [node]})
    assert snapshot.key == "acme/SKU-1/shop/N-1/SKU-1"
    assert [(one.meaning, int(one.quantity.value)) for one in snapshot.quantities] == [
        ("available", 8),
        ("reserved", 2),
        ("on_hand", 10),
    ]
    assert (snapshot.scope, snapshot.revision.kind) == ("row", "none")


def test_a_payload_without_a_time_was_true_when_it_was_captured() -> None:
    (snapshot,) = snapshots_of(FORM, {"sku": "SKU-1", "quantity": each("3")})
    assert snapshot.as_of.instant.isoformat() == "2026-01-05T08:00:00+00:00"


def test_walmarts_own_warehouses_state_plain_numbers_and_a_time() -> None:
    node = {
        "modifiedDate": "2026-01-31T23:30:00.000Z",
        "availToSellQty": 4,
        "onHandQty": 5,
        "shipNodeType": "WFSFulfilled",
    }
    (snapshot,) = snapshots_of(FORM, {"sku": "SKU-1", "shipNodes": [node]})
    assert snapshot.location == "WFSFulfilled"
    assert snapshot.revision.value == "2026-01-31T23:30:00.000000Z"


def test_a_node_that_answers_with_errors_yields_no_snapshot() -> None:
    nodes = [{"shipNode": "1", "errors": [{"code": "X"}]}, {"shipNode": "2", "inputQty": each(1)}]
    document = {"sku": "SKU-1", "nodes": nodes}
    assert [one.location for one in snapshots_of(FORM, document)] == ["2"]
    assert warnings_of(FORM, document) == ["figure_missing"]


def test_an_alias_of_the_profile_names_our_sku() -> None:
    (snapshot,) = snapshots_of(FORM, {"sku": "OLD-1", "quantity": each(1)}, profile())
    assert (snapshot.sku, snapshot.identifiers[0].value) == ("SKU-1", "OLD-1")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"quantity": each(1)}, ("id_missing", "$.quantity.sku")),
        ({"sku": "S", "quantity": each("x")}, ("amount_unparsable", "$.quantity.amount")),
        ({"sku": "S", "quantity": {"unit": "LOT", "amount": 1}}, ("unit_unmapped", "$.quantity")),
        ({"sku": "S", "nodes": []}, ("field_invalid", "$.quantity")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    document: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of(FORM, document) == expected


@pytest.mark.parametrize(
    "page",
    [
        {"meta": {}, "elements": {"inventories": [{"sku": "A", "nodes": []}, {"sku": "B", "nodes": []}]}},
        {"InventoryHeader": {"version": "1.4"}, "Inventory": [{"sku": "A"}, {"sku": "B"}]},
        {"inventoryHeader": {"version": "1.5"}, "inventory": [{"sku": "A"}, {"sku": "B"}]},
        {"headers": {}, "payload": {"inventory": [{"sku": "A"}, {"sku": "B"}]}},
    ],
)
def test_pages_and_feeds_are_split(page: dict[str, Any]) -> None:
    assert FORMAT.split is not None
    parts = FORMAT.split(record(page), PROFILE).parts
    assert [part.key for part in parts] == ["acme/shop/inventory:A", "acme/shop/inventory:B"]


def test_xml_is_read_like_json() -> None:
    item = "<inventory><sku>A</sku><quantity><unit>EACH</unit><amount>10</amount></quantity></inventory>"
    assert [int(one[-1]) for one in figures_of(snapshots_of(FORM, item.encode()))] == [10]
    feed = f'<InventoryFeed xmlns="urn:x">{item}{item.replace(">A<", ">B<")}</InventoryFeed>'
    assert FORMAT.split is not None
    parts = FORMAT.split(record(feed.encode()), PROFILE).parts
    assert [part.key for part in parts] == ["acme/shop/inventory:A", "acme/shop/inventory:B"]
    assert figures_of(snapshots_of(FORM, parts[1].value))[0][0] == "B"


def test_its_payloads_are_recognised() -> None:
    assert FORMAT.looks_like is not None
    for document in ({"sku": "S", "quantity": each(1)}, {"sku": "S", "nodes": [{"inputQty": each(1)}]}):
        assert FORMAT.looks_like(json.dumps(document).encode()) >= 60
    assert FORMAT.looks_like(b'{"id": 1, "line_items": [{"sku": "S", "quantity": 1}]}') == 0
    prefixed = b"<w:inventory><w:sku>S</w:sku><w:quantity><w:amount>1</w:amount></w:quantity></w:inventory>"
    assert FORMAT.looks_like(prefixed) >= 60
