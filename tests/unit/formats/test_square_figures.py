"""Figures that a Square order states twice: of the order, and of its lines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit.shop_reading import differences, order_of
from tests.kit.square_documents import Document, line, square_document, usd


def applied_document(**changes: Any) -> Document:
    """An order whose tax, discount and service charge stand both at its line and at the order."""
    tax, off, charge = {"uid": "t1", "applied_money": usd(90)}, {"uid": "d1"}, {"uid": "s1"}
    one = line(
        total_tax_money=usd(90),
        total_discount_money=usd(100),
        applied_taxes=[{"uid": "x", "tax_uid": "t1", "applied_money": usd(90)}],
        applied_discounts=[{"uid": "y", "discount_uid": "d1", "applied_money": usd(100)}],
    )
    figures = {"total_money": usd(1190), "total_tax_money": usd(90), "total_discount_money": usd(100)}
    more = {
        "taxes": [tax | {"type": "ADDITIVE", "percentage": "10"}],
        "discounts": [off | {"applied_money": usd(100)}],
        "service_charges": [charge | {"applied_money": usd(200), "name": "Service"}],
        "total_service_charge_money": usd(200),
        "net_amounts": {"total_money": usd(1190), "tax_money": usd(90), "discount_money": usd(100)},
    }
    return square_document(one, **(figures | more | changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"total_service_charge_money": usd(250)}, {("net_amount", "$.total_service_charge_money"): "0.50"}),
        ({"total_tax_money": usd(91)}, {("tax_total", "stated.tax"): "0.01"}),
        (
            {"taxes": [{"uid": "t1", "type": "ADDITIVE", "applied_money": usd(80)}]},
            {("tax_total", "$.taxes[0].applied_money"): "-0.10"},
        ),
        (
            {"discounts": [{"uid": "d1", "applied_money": usd(130)}]},
            {("discount", "$.discounts[0].applied_money"): "0.30"},
        ),
        (
            {"net_amounts": {"total_money": usd(1200)}},
            {("order_total", "net_amounts.total_money"): "0.10"},
        ),
        ({"net_amounts": {"total_money": usd(0)}, "returns": [{"uid": "r"}]}, {}),
        ({"total_money": usd(1191)}, {("order_total", "stated.total"): "0.01"}),
    ],
)
def test_what_the_order_says_was_applied_is_what_its_lines_say(
    changes: Document, expected: dict[Any, str]
) -> None:
    assert differences(order_of("square_order", applied_document(**changes))) == expected
