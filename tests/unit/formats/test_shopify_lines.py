"""Shopify orders: items, line identity, and what became of the goods; one claim per quirk."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit.shop_reading import reading_of
from tests.kit.shopify_documents import line, order, shopify


@pytest.mark.parametrize(
    ("changes", "sku", "resolution"),
    [
        ({"sku": "SKU-9"}, "SKU-9", "exact"),
        ({"sku": " SKU-9 "}, "SKU-9", "exact"),
        ({"sku": "OLD-1"}, "SKU-1", "alias"),
        ({"sku": "", "variant_id": 31}, None, "unknown"),
        ({"sku": None}, None, "unknown"),
        ({"sku": "N/A"}, None, "unknown"),
        ({"sku": "", "variant_id": 77}, "SKU-7", "alias"),
        ({"sku": "SKU-9", "variant_id": 77}, None, "ambiguous"),
        ({"sku": "SKU-7", "variant_id": 77}, "SKU-7", "alias"),
    ],
)
def test_an_item_resolves_exactly_by_alias_or_not_at_all(
    changes: dict[str, Any], sku: str | None, resolution: str
) -> None:
    (found,) = shopify(order(line(**changes))).lines
    assert (found.sku, found.resolution) == (sku, resolution)


def test_two_lines_of_one_sku_stay_two_lines() -> None:
    found = shopify(order(line(id=1, quantity=1), line(id=2, quantity=1)))
    assert [(one.line_id, one.sku) for one in found.lines] == [("1", "SKU-1"), ("2", "SKU-1")]


def test_a_line_without_id_is_its_position_and_a_repeated_id_is_told_apart() -> None:
    found = shopify(order(line(id=None), line(id=5), line(id=5)))
    assert [one.line_id for one in found.lines] == ["1", "5", "5#3"]


@pytest.mark.parametrize("properties", [{"a": 1}, [{"name": "x"}], "junk", 7, None, [[]], [None]])
def test_properties_of_any_shape_change_nothing(properties: object) -> None:
    plain = reading_of("shopify_order", order())
    assert reading_of("shopify_order", order(line(properties=properties))).digest == plain.digest


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "goods"),
        ({"gift_card": True}, "gift_card"),
        ({"requires_shipping": False}, "digital"),
        ({"tip": {}}, "fee"),
    ],
)
def test_line_kinds(changes: dict[str, Any], kind: str) -> None:
    assert shopify(order(line(**changes))).lines[0].kind == kind


def refund(*items: tuple[int, int, str | None]) -> dict[str, Any]:
    return {
        "id": 1,
        "refund_line_items": [
            {"line_item_id": line_id, "quantity": quantity, "restock_type": restock}
            for line_id, quantity, restock in items
        ],
    }


def fulfillment(status: str, quantity: int) -> dict[str, Any]:
    return {"id": 1, "status": status, "line_items": [{"id": 11, "quantity": quantity}]}


@pytest.mark.parametrize(
    ("changes", "line_changes", "expected"),
    [
        ({}, {}, (5, 0, 0, 0)),
        ({"fulfillments": [fulfillment("success", 3)]}, {}, (5, 0, 3, 0)),
        ({"fulfillments": [fulfillment("success", 1), fulfillment("success", 2)]}, {}, (5, 0, 3, 0)),
        ({"fulfillments": [fulfillment("failure", 5)]}, {}, (5, 0, 0, 0)),
        ({"fulfillments": [fulfillment("cancelled", 5)]}, {}, (5, 0, 0, 0)),
        ({}, {"fulfillment_status": "fulfilled", "fulfillable_quantity": 0}, (5, 0, 5, 0)),
        ({}, {"fulfillment_status": "partial", "fulfillable_quantity": 2}, (5, 0, 3, 0)),
        ({"refunds": [refund((11, 2, "cancel"))]}, {"current_quantity": 3}, (5, 2, 0, 0)),
        ({"refunds": [refund((11, 2, "cancel"))]}, {"fulfillable_quantity": 5}, (5, 2, 0, 0)),
        (
            {"refunds": [refund((11, 2, "return"))], "fulfillments": [fulfillment("success", 5)]},
            {},
            (5, 0, 5, 2),
        ),
        (
            {"refunds": [refund((11, 2, "no_restock"))], "fulfillments": [fulfillment("success", 5)]},
            {},
            (5, 0, 5, 0),
        ),
        ({"refunds": [refund((11, 2, "no_restock"))]}, {"fulfillable_quantity": 3}, (5, 2, 0, 0)),
        ({"refunds": [refund((11, 1, None))]}, {"fulfillable_quantity": 5}, (5, 0, 0, 0)),
        (
            {"refunds": [refund((11, 2, "legacy_restock"))], "fulfillments": [fulfillment("success", 5)]},
            {},
            (5, 0, 5, 2),
        ),
        (
            {
                "refunds": [refund((11, 2, None)) | {"restock": True}],
                "fulfillments": [fulfillment("success", 5)],
            },
            {},
            (5, 0, 5, 2),
        ),
        ({}, {"current_quantity": 4}, (5, 1, 0, 0)),
        ({"fulfillments": [{"status": "success"}]}, {"fulfillment_status": "fulfilled"}, (5, 0, 5, 0)),
        ({"fulfillments": [{"status": "success"}]}, {"fulfillment_status": None}, (5, 0, 0, 0)),
        ({"refunds": [refund((99, 2, "cancel"))]}, {}, (5, 0, 0, 0)),
    ],
)
def test_what_became_of_the_goods_is_reported_beside_the_ordered_quantity(
    changes: dict[str, Any], line_changes: dict[str, Any], expected: tuple[int, ...]
) -> None:
    (found,) = shopify(order(line(quantity=5, **line_changes), **changes)).lines
    quantities = (found.ordered, found.cancelled, found.fulfilled_reported, found.returned_reported)
    assert tuple(int(one.value) for one in quantities) == expected


def test_a_partly_cancelled_order_is_partial() -> None:
    found = shopify(order(line(quantity=5), refunds=[refund((11, 2, "cancel"))]))
    assert found.cancellation.status == "partial"
