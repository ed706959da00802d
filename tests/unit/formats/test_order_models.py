"""What an order holds without having been validated equals what validation would have made of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crossdock.canonical.codec import decode, encode, encode_fields
from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import AdjustmentKind, Order
from crossdock.canonical.money import is_amount
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, TaxDraft
from tests.unit.formats.test_order_arithmetic import draft, euro, finished, goods


def discount(reason: str, **changes: Any) -> AdjustmentDraft:
    return AdjustmentDraft(AdjustmentKind.DISCOUNT, False, euro("-1.00"), reason, **changes)


def tax(jurisdiction: str, rate: str | None, **changes: Any) -> TaxDraft:
    return TaxDraft(
        euro("0.19"), None if rate is None else Decimal(rate), jurisdiction=jurisdiction, **changes
    )


LINES = {
    "plain": goods("1", "10.00", taxes=[tax("VAT", "19")]),
    "no rate": goods("1", "10.00", taxes=[tax("VAT", None)]),
    "negative zero": goods("1", "-0.00", taxes=[tax("VAT", "-0.00")]),
    "taxed base": goods("1", "10.00", taxes=[tax("VAT", "7", base=Decimal("9.9"))]),
    "other script": goods("№ 1", "10.00", parent_line_id="№ 0", taxes=[tax("TVA à 5,5 %", "5.5")]),
    "discounts": goods(
        "1", "10.00", adjustments=[discount("SPRING"), discount("Été", taxes=(tax("É", "7"),))]
    ),
    "priced": LineDraft("1", Decimal("2.500"), "KGM", euro("3.3333"), Decimal(100), "GRM"),
    "free": LineDraft("1", Decimal("-0"), unit_price=euro("-0.00")),
}


@pytest.mark.parametrize("name", LINES)
def test_what_is_not_validated_is_valid_as_it_stands(name: str) -> None:
    charge = AdjustmentDraft(AdjustmentKind.SHIPPING, True, euro("4.90"), "Стандарт", (tax("VAT", "19"),))
    order = finished(draft(LINES[name], goods("é", "5.00"), adjustments=[charge, discount("X")]))
    validated = Order.model_validate_json(order.model_dump_json())
    assert validated == order
    assert validated.model_dump_json() == order.model_dump_json()
    assert decode(Order, encode(order)) == order
    assert encode_fields(Order, validated.__dict__) == encode(order)


@pytest.mark.parametrize(
    "line",
    [
        goods("", "10.00"),
        goods("\ud800", "10.00"),
        goods("1", "10.00", taxes=[tax("VAT", "1000")]),
        goods("1", "10.00", taxes=[tax("VAT", "NaN")]),
        goods("1", "10.00", taxes=[tax("VAT", "0.0000001")]),
        goods("1", "0.00001"),
        LineDraft("1", Decimal(0), unit_price=euro("1000000000000")),
    ],
)
def test_what_the_model_refuses_is_refused(line: LineDraft) -> None:
    with pytest.raises(Rejected) as refused:
        finished(draft(line))
    assert refused.value.code == "field_invalid"


@pytest.mark.parametrize(
    ("number", "is_valid"),
    [
        *(("0", True), ("0.0000", True), ("-99999999999999.9999", True), ("1.10000", True)),
        *(("-0", False), ("-0.00", False), ("100000000000000", False), ("0.00001", False)),
        *(("NaN", False), ("sNaN", False), ("-Infinity", False)),
    ],
)
def test_an_amount_is_a_decimal_of_18_and_4(number: str, is_valid: bool) -> None:
    assert is_amount(Decimal(number)) is is_valid
