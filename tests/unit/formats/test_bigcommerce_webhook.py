"""BigCommerce webhooks: stock figures are read, notices are refused with what to fetch."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.errors import Rejected
from crossdock.formats.bigcommerce_webhook import FORMAT
from tests.kit.shop_reading import PROFILE, profile, reading_of, record, refusal_of
from tests.kit.stock_payloads import StockFacts, bigcommerce_stock
from tests.kit.stock_reading import figures_of, snapshots_of, warnings_of

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FORM = "bigcommerce_webhook"


def notice(scope: str, data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "scope": scope,
        "store_id": "1001",
        "data": data,
        "hash": "0f0f",
        "created_at": 1_769_902_200,
        "producer": "stores/example",
    } | changes


def stock(**changes: Any) -> dict[str, Any]:
    inventory = {"product_id": 206, "method": "absolute", "value": 5, "variant_id": 509} | changes
    return notice("store/sku/inventory/updated", {"type": "sku", "id": 461, "inventory": inventory})


@QUICK
@given(bigcommerce_stock())
def test_a_generated_notice_yields_its_figure(facts: StockFacts) -> None:
    snapshots = snapshots_of(FORM, facts.payload)
    assert figures_of(snapshots) == list(facts.figures)
    assert [one.as_of.instant for one in snapshots] == [facts.as_of]


def test_an_alias_names_the_sku_of_a_variant() -> None:
    partner = profile(items={"aliases": {"channel_variant:509": "SKU-9"}})
    (snapshot,) = snapshots_of(FORM, stock(), partner)
    assert (snapshot.sku, snapshot.key) == ("SKU-9", "acme/SKU-9/shop//206:509")
    assert warnings_of(FORM, stock()) == ["item_unknown"]
    assert snapshot.revision.kind == "instant_coarse"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (stock(method="relative"), ("field_invalid", "$.data.inventory.method")),
        (stock(value=None), ("amount_unparsable", "$.data.inventory.value")),
        (stock() | {"created_at": None}, ("time_invalid", "$.created_at")),
        (notice("store/order/updated", {"type": "order", "id": 250}), ("field_invalid", "$.scope")),
        (notice("", {}), ("field_invalid", "$.scope")),
    ],
)
def test_what_is_no_figure_is_refused_with_its_path(
    document: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of(FORM, document) == expected


def test_the_refusal_of_a_notice_says_what_to_fetch() -> None:
    with pytest.raises(Rejected) as refused:
        reading_of(FORM, notice("store/order/statusUpdated", {"type": "order", "id": 250}))
    assert "/v2/orders/{id}?include=consignments.line_items" in refused.value.detail


@pytest.mark.parametrize(
    ("document", "key"),
    [
        (stock(), "inventory:206:509"),
        (stock(variant_id=None), "inventory:206:"),
        (notice("store/order/updated", {"type": "order", "id": 250}), "order:250"),
        (notice("store/order/updated", {}), None),
    ],
)
def test_the_key_names_the_object(document: dict[str, Any], key: str | None) -> None:
    assert FORMAT.key(record(document)) == key


def test_a_later_notice_of_one_row_has_a_later_revision() -> None:
    first = FORMAT.read(record(stock()), PROFILE)
    second = FORMAT.read(record(stock() | {"created_at": 1_769_902_201}), PROFILE)
    assert first.entities[0].key == second.entities[0].key
    assert first.revision.value < second.revision.value


def test_its_payloads_are_recognised() -> None:
    assert FORMAT.looks_like is not None
    assert FORMAT.looks_like(json.dumps(stock()).encode()) == 90
    assert FORMAT.looks_like(b'{"scope": "x"}') == 0
