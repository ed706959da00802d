"""Magento orders: one claim per quirk of real payloads."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order
from crossdock.canonical.record import Record
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import (
    PROFILE,
    differences,
    order_of,
    profile,
    reading_of,
    refusal_of,
    totals,
    without,
)

Document = dict[str, Any]
CODE = "$.order_currency_code"
NUMBERS = {"amounts": "major_number", "tax_mode": "stated"}


def row(**changes: Any) -> Document:
    """One row: 2 × 10.00 USD without tax and discount."""
    return {
        "item_id": 1,
        "product_type": "simple",
        "sku": "SKU-1",
        "product_id": 7,
        "qty_ordered": 2,
        "qty_canceled": 0,
        "qty_shipped": 0,
        "price": 10,
        "row_total": 20,
        "tax_amount": 0,
        "discount_amount": 0,
    } | changes


def document(*rows: Document, **changes: Any) -> Document:
    """An order of one row, consistent with itself."""
    return {
        "entity_id": 42,
        "increment_id": "000000042",
        "state": "processing",
        "status": "processing",
        "created_at": "2026-01-31 23:30:00",
        "updated_at": "2026-02-01 08:00:00",
        "base_currency_code": "USD",
        "order_currency_code": "USD",
        "subtotal": 20,
        "grand_total": 20,
        "items": list(rows) or [row()],
    } | changes


def magento(payload: object, **options: Any) -> Order:
    return order_of("magento_order", payload, **options)


def warnings(payload: object, **options: Any) -> list[str]:
    return [one.code for one in reading_of("magento_order", payload, **options).warnings]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"entity_id": None, "increment_id": None}, ("id_missing", "$.entity_id")),
        ({"entity_id": {}}, ("field_invalid", "$.entity_id")),
        ({"items": []}, ("lines_missing", "$.items")),
        ({"items": [row(qty_ordered=None)]}, ("field_invalid", "$.items[0].qty_ordered")),
        ({"items": [row(row_total=None, price=None)]}, ("amount_unparsable", "$.items[0].row_total")),
        ({"items": [row(row_total="x")]}, ("amount_unparsable", "$.items[0].row_total")),
        ({"created_at": None}, ("time_invalid", "$.created_at")),
        ({"order_currency_code": "EURO", "base_currency_code": None}, ("currency_unknown", CODE)),
        ({"order_currency_code": None, "base_currency_code": None}, ("currency_missing", CODE)),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(changes: Document, expected: tuple[str, str]) -> None:
    assert refusal_of("magento_order", document(**changes)) == expected


def test_times_are_utc_without_an_offset() -> None:
    found = magento(document())
    assert (found.placed.instant.isoformat(), found.placed.date.isoformat()) == (
        "2026-01-31T23:30:00+00:00",
        "2026-02-01",
    )
    assert found.revision.value == "2026-02-01T08:00:00.000000Z"


def test_a_configurable_product_is_one_line() -> None:
    parent = row(product_type="configurable", sku="TOP-M")
    child = row(item_id=2, parent_item_id=1, sku="TOP-M", product_id=8, price=0, row_total=0, qty_shipped=1)
    found = magento(document(parent, child, total_item_count=1, total_qty_ordered=2))
    (line,) = found.lines
    assert (line.line_id, int(line.ordered.value), int(line.fulfilled_reported.value)) == ("1", 2, 1)
    assert [one.value for one in line.identifiers] == ["TOP-M", "8"]
    assert (totals(found)[0], found.variances) == ("20.00", ())


def test_a_row_that_stands_twice_stays_two_lines() -> None:
    found = magento(document(row(), row(), total_qty_ordered=2))
    assert [one.line_id for one in found.lines] == ["1", "1#2"]
    assert differences(found) == {
        ("subtotal", "stated.subtotal"): "-20.00",
        ("order_total", "stated.total"): "-20.00",
        ("quantity_total", "quantity_total"): "-2",
    }
    assert warnings(document(row(), row())) == ["line_id_repeated"]


def test_a_variant_that_stands_twice_is_no_variant_the_second_time() -> None:
    parent = row(product_type="configurable", sku="TOP-M")
    child = row(item_id=2, parent_item_id=1, sku="TOP-M", price=0, row_total=0)
    found = magento(document(parent, child, child, total_qty_ordered=2))
    assert [one.line_id for one in found.lines] == ["1", "2"]
    assert differences(found) == {("quantity_total", "quantity_total"): "-2"}


def test_base_figures_in_the_orders_own_currency_are_its_figures() -> None:
    same = {"base_subtotal": 20, "base_grand_total": "20.0000", "base_tax_amount": 0, "tax_amount": 0}
    assert magento(document(**same)).variances == ()
    found = magento(
        document(**same | {"base_grand_total": 20.01, "base_discount_amount": -1}, discount_amount=0)
    )
    assert differences(found) == {
        ("order_total", "base_grand_total"): "0.01",
        ("discount", "base_discount_amount"): "1.00",
    }


def test_an_invoice_is_refused_by_its_name() -> None:
    invoice = {"order_item_id": 9, "qty": 1, "price": 20, "row_total": 20, "sku": "SKU-1"}
    with pytest.raises(Rejected, match="of an invoice") as refused:
        magento(document(invoice, order_id=7, state=2))
    assert refused.value.path == "$.items[0].qty_ordered"


@pytest.mark.parametrize("more", [{}, {"parameters": {"fieldName": "id"}}, {"parameters": [], "trace": "#0"}])
def test_an_error_answer_is_refused_as_one(more: Document) -> None:
    with pytest.raises(Rejected, match="an error answer, not an object"):
        magento({"message": "%fieldName is required", **more})


def test_a_parent_that_stands_only_inside_of_its_child_takes_its_place() -> None:
    parent = row(item_id=1, product_type="configurable", sku="TOP-M")
    child = row(item_id=2, parent_item_id=1, sku="TOP-M", price=0, row_total=0, parent_item=parent)
    found = magento(document(child))
    assert [(one.line_id, str(one.extended.amount)) for one in found.lines] == [("1", "20.00")]
    assert found.variances == ()


@pytest.mark.parametrize(
    ("of_parent", "of_children", "expected"),
    [
        (20, (12, 8), ["0.00", "12.00", "8.00"]),  # dynamic price: the parent repeats its children
        (20, (0, 0), ["20.00", "0.00", "0.00"]),  # fixed price
        (0, (12, 8), ["0.00", "12.00", "8.00"]),
    ],
)
def test_a_bundle_counts_once(of_parent: int, of_children: tuple[int, int], expected: list[str]) -> None:
    parent = row(product_type="bundle", sku="KIT", qty_ordered=1, price=of_parent, row_total=of_parent)
    children = [
        row(item_id=2 + place, parent_item_id=1, sku=f"PART-{place}", qty_ordered=1, price=one, row_total=one)
        for place, one in enumerate(of_children)
    ]
    found = magento(document(parent, *children, total_item_count=1, total_qty_ordered=1))
    assert [str(line.extended.amount) for line in found.lines] == expected
    assert [line.parent_line_id for line in found.lines] == [None, "1", "1"]
    assert (totals(found)[4], found.variances) == ("20.00", ())


def test_discounts_of_rows_are_positive_and_the_orders_is_negative() -> None:
    found = magento(document(row(discount_amount=3), discount_amount=-3, grand_total=17, coupon_code="THREE"))
    assert (totals(found), found.variances) == (("20.00", "0.00", "-3.00", "0.00", "17.00"), ())
    assert found.lines[0].adjustments[0].reason_raw == "THREE"


def test_tax_inside_of_a_discount_is_compensated() -> None:
    line = row(discount_amount=2.38, discount_tax_compensation_amount=0.38, tax_amount=3.42, tax_percent=19)
    found = magento(document(line, discount_amount=-2.38, tax_amount=3.42, grand_total=21.42))
    assert (totals(found)[4], found.variances) == ("21.42", ())


def test_older_exports_call_it_hidden_tax() -> None:
    line = row(discount_amount="2.3800", hidden_tax_amount="0.3800", tax_amount="3.4200")
    found = magento(document(line, discount_amount="-2.3800", tax_amount="3.4200", grand_total="21.4200"))
    assert (totals(found)[4], found.variances) == ("21.42", ())


def test_shipping_tax_and_shipping_discount() -> None:
    changes = {"shipping_amount": 5, "shipping_tax_amount": 1, "shipping_discount_amount": 2}
    found = magento(document(**changes, discount_amount=-2, tax_amount=1, grand_total=24))
    assert (totals(found), found.variances) == (("20.00", "5.00", "-2.00", "1.00", "24.00"), ())


def test_what_was_paid_with_credit_lowers_the_total() -> None:
    attributes = {"gift_cards_amount": 5, "shipping_assignments": []}
    found = magento(document(extension_attributes=attributes, grand_total=15))
    assert (totals(found)[4], found.adjustments[0].kind, found.variances) == ("15.00", "gift_card", ())


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, []),
        ({"total_paid": "5.00"}, [("sale", "5.00")]),
        ({"total_paid": "20.00", "payment": {"amount_paid": 20, "method": "checkmo"}}, [("sale", "20.00")]),
        (
            {"total_paid": "20.00", "payment": {"amount_authorized": 20}},
            [("authorization", "20.00"), ("sale", "20.00")],
        ),
    ],
)
def test_what_is_paid_is_a_payment_even_where_the_payment_does_not_say_it(
    stated: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    payments = magento(document(**stated)).payment.payments
    assert [(one.kind.value, str(one.amount.amount)) for one in payments] == expected


def test_gift_wrapping_and_its_card_are_taxed_charges() -> None:
    wrapping = {"gw_price": "3", "gw_base_price": "3", "gw_tax_amount": "0.57", "gw_base_tax_amount": "0.57"}
    card = {"gw_items_price": "0", "gw_card_price": "1", "gw_card_base_price": "1", "gw_tax_rate": None}
    found = magento(document(extension_attributes=wrapping | card, tax_amount="0.57", grand_total="24.57"))
    assert [(one.kind, one.tax_lines != ()) for one in found.adjustments] == [
        ("gift_wrap", True),
        ("gift_wrap", False),
    ]
    assert (totals(found)[3:], found.variances) == (("0.57", "24.57"), ())


def test_a_discount_that_no_row_carries_stays_one_beside_a_gift_card() -> None:
    found = magento(document(discount_amount="-2.00", gift_cards_amount="5.00", grand_total="13.00"))
    assert [one.kind for one in found.adjustments] == ["gift_card", "discount"]
    assert (totals(found)[4], found.variances) == ("13.00", ())


def test_base_and_order_currency_are_the_two_sides_of_an_amount() -> None:
    changes = {"order_currency_code": "EUR", "base_to_order_rate": 0.9, "grand_total": 18}
    changes |= {"base_grand_total": 20, "subtotal": 18, "base_subtotal": 20}
    line = row(price=9, base_price=10, row_total=18, base_row_total=20)
    found = magento(document(line, **changes))
    assert (found.currency, found.presentment_currency, str(found.exchange_rate)) == ("USD", "EUR", "0.9")
    extended = found.lines[0].extended
    assert (str(extended.amount), str(extended.presentment_amount)) == ("20.00", "18.00")
    assert found.variances == ()


def test_an_amount_in_one_of_two_currencies_only_leaves_one_currency() -> None:
    changes = {"order_currency_code": "EUR", "grand_total": 18, "base_grand_total": 20, "subtotal": 18}
    changes |= {"base_subtotal": 20}
    payload = document(row(price=9, row_total=18), **changes)
    found = magento(payload)
    assert (found.currency, found.presentment_currency, totals(found)[4]) == ("EUR", None, "18.00")
    assert "presentment_incomplete" in warnings(payload)
    dollars = profile(money=NUMBERS | {"currency": "USD"})
    assert refusal_of("magento_order", payload, partner=dollars)[0] == "currency_mixed"


def test_older_exports_write_texts_and_one_street_text() -> None:
    address = {"address_type": "shipping", "firstname": "Example", "street": "1 Example Road\nUnit 2"}
    line = row(qty_ordered="2.0000", price="10.0000", row_total="20.0000")
    payload = without(document(line, addresses=[address], grand_total="20.0000"), "items", "entity_id")
    payload |= {"order_items": [line], "order_id": "9"}
    found = magento(payload)
    assert (found.order_id, found.variances) == ("9", ())
    (ship_to,) = [one for one in found.parties if one.role == "ship_to"]
    assert ship_to.address is not None
    assert ship_to.address.lines == ("1 Example Road", "Unit 2")


@pytest.mark.parametrize(
    ("changes", "payment", "cancellation"),
    [
        ({}, "paid", "none"),
        ({"state": "new", "status": "pending"}, "pending", "none"),
        ({"total_paid": 0}, "pending", "none"),
        ({"total_paid": 5}, "partially_paid", "none"),
        ({"total_paid": 20, "total_refunded": 5}, "partially_refunded", "none"),
        ({"total_paid": 20, "total_refunded": 20, "state": "closed"}, "refunded", "none"),
        ({"state": "canceled", "status": "canceled"}, "voided", "cancelled"),
        ({"state": "odd", "status": "odd"}, "unknown", "none"),
        ({"items": [row(qty_canceled=1)]}, "paid", "partial"),
    ],
)
def test_state_and_totals_say_what_was_paid(changes: Document, payment: str, cancellation: str) -> None:
    found = magento(document(**changes))
    assert (found.payment.status, found.cancellation.status) == (payment, cancellation)


def test_a_shops_own_status_is_the_profiles_matter() -> None:
    own = profile(money=NUMBERS, status_map={"order": {"fraud_hold": {"payment": "authorized"}}})
    assert magento(document(status="fraud_hold"), partner=own).payment.status == "authorized"


def test_the_buyers_own_words_and_number() -> None:
    found = magento(document(payment={"po_number": "PO-7"}, customer_note="please ring"))
    assert (found.buyer_reference, found.notes) == ("PO-7", "please ring")


def test_totals_that_disagree_are_flagged_exactly() -> None:
    found = magento(document(grand_total=20.5, total_item_count=2, total_qty_ordered=5))
    assert differences(found) == {
        ("order_total", "stated.total"): "0.50",
        ("quantity_total", "quantity_total"): "3",
    }


def test_what_is_stated_for_the_order_only_is_allocated() -> None:
    payload = document(discount_amount=-2, tax_amount=1, grand_total=19)
    assert (totals(magento(payload))[4], magento(payload).variances) == ("19.00", ())
    assert warnings(payload) == ["not_itemised", "not_itemised"]


def test_a_list_is_split_and_its_orders_named() -> None:
    page = {"items": [document(), document(entity_id=43)], "search_criteria": {}, "total_count": 2}
    form = FORMATS["magento_order"]
    assert form.split is not None
    whole = Record("raw.document.v1", 0, 0, b"acme/shop/file", json.dumps(page).encode())
    assert [part.key for part in form.split(whole, PROFILE).parts] == [
        "acme/shop/order:42",
        "acme/shop/order:43",
    ]
    single = Record("t", 0, 0, b"acme/shop/x", json.dumps(document()).encode())
    assert len(form.split(single, PROFILE).parts) == 1


_WITH_TAX: Final = {
    "subtotal_incl_tax": 23.8,
    "shipping_amount": 5,
    "shipping_tax_amount": 0.95,
    "shipping_incl_tax": 5.95,
    "tax_amount": 4.75,
    "grand_total": 29.75,
    "total_paid": 20,
    "total_due": 9.75,
}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("subtotal_incl_tax", "subtotal"),
        ("shipping_incl_tax", "shipping"),
        ("total_paid", "order_total"),
        ("total_due", "order_total"),
    ],
)
def test_figures_that_repeat_others_are_compared(name: str, code: str) -> None:
    taxed = row(tax_amount=3.8, row_total_incl_tax=23.8, price_incl_tax=11.9)
    payment = {"method": "checkmo", "amount_ordered": 29.75, "amount_paid": 20}
    assert magento(document(taxed, payment=payment, **_WITH_TAX)).variances == ()
    wrong = _WITH_TAX | {name: _WITH_TAX[name] + 1.25}
    assert differences(magento(document(taxed, payment=payment, **wrong))) == {(code, name): "1.25"}


def test_a_row_with_tax_is_its_price_with_tax_or_has_its_tax() -> None:
    taxed = row(tax_amount=3.8, row_total_incl_tax=25, price_incl_tax=11.9)
    found = magento(document(taxed, tax_amount=3.8, grand_total=23.8))
    assert differences(found) == {("line_extension", "$.items[0].row_total_incl_tax"): "1.20"}
    assert (
        magento(document(taxed | {"price_incl_tax": 12.5}, tax_amount=3.8, grand_total=23.8)).variances == ()
    )
