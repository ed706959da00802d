"""Vendure orders: one claim per quirk of real payloads."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from crossdock.canonical.models import Order
from crossdock.canonical.record import Record
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import differences, order_of, profile, reading_of, refusal_of, totals, without

Document = dict[str, Any]
PARTNER = profile(money={"amounts": "minor_integer", "tax_mode": "stated"})
INCLUSIVE = profile(money={"amounts": "minor_integer", "tax_mode": "inclusive"})


def line(**changes: Any) -> Document:
    """One line: 2 × 10.00 and 19 percent."""
    return {
        "id": "7",
        "quantity": 2,
        "unitPrice": 1000,
        "unitPriceWithTax": 1190,
        "linePrice": 2000,
        "linePriceWithTax": 2380,
        "taxRate": 19,
        "productVariant": {"id": "70", "sku": "SKU-1"},
    } | changes


def document(*lines: Document, **changes: Any) -> Document:
    """An order of one line, consistent with itself."""
    return {
        "id": "1",
        "code": "CODE0001",
        "state": "PaymentSettled",
        "currencyCode": "EUR",
        "orderPlacedAt": "2026-01-31T23:30:00.120Z",
        "updatedAt": "2026-01-31T23:30:00.000Z",
        "subTotal": 2000,
        "totalWithTax": 2380,
        "lines": list(lines) or [line()],
    } | changes


def vendure(payload: object, **options: Any) -> Order:
    return order_of("vendure_order", payload, **{"partner": PARTNER} | options)


def warnings(payload: object, partner: Any = PARTNER) -> list[str]:
    return [one.code for one in reading_of("vendure_order", payload, partner=partner).warnings]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code": None, "id": None}, ("id_missing", "$.id")),
        ({"lines": []}, ("lines_missing", "$.lines")),
        ({"lines": [line(quantity=None)]}, ("field_invalid", "$.lines[0].quantity")),
        ({"lines": [{"id": "7", "quantity": 1}]}, ("amount_unparsable", "$.lines[0].linePrice")),
        ({"lines": [line(linePrice=20.5)]}, ("amount_unparsable", "$.lines[0].linePrice")),
        ({"orderPlacedAt": None, "updatedAt": None}, ("time_invalid", "$.orderPlacedAt")),
        ({"currencyCode": None}, ("currency_missing", "$.currencyCode")),
        ({"state": "AddingItems"}, ("field_invalid", "$.state")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(changes: Document, expected: tuple[str, str]) -> None:
    assert refusal_of("vendure_order", document(**changes), partner=PARTNER) == expected


@pytest.mark.parametrize(
    "envelope",
    [
        {"data": {"order": document()}},
        {"data": {"orderByCode": document()}},
        {"type": "OrderPlacedEvent", "order": document()},
        {"event": {"order": document()}},
        {"data": {"addPaymentToOrder": document()}},
    ],
)
def test_envelopes_of_events_and_answers_are_opened(envelope: Document) -> None:
    assert vendure(envelope).order_id == "CODE0001"


def test_money_is_minor_units_whatever_the_profile_says() -> None:
    numbers = profile(money={"amounts": "major_number", "tax_mode": "stated"})
    assert totals(vendure(document(), partner=numbers)) == totals(vendure(document()))
    assert warnings(document(), numbers) == ["amounts_differ"]


def test_figures_without_tax_are_used_where_they_stand() -> None:
    found = vendure(document())
    assert (found.tax_mode, totals(found)) == ("exclusive", ("20.00", "0.00", "0.00", "3.80", "23.80"))
    assert found.variances == ()
    assert str(found.lines[0].tax_lines[0].rate_percent) == "19"


def test_figures_with_tax_are_used_where_prices_include_it_or_nothing_else_is_stated() -> None:
    for payload, partner in (
        (document(), INCLUSIVE),
        (document(without(line(), "linePrice", "unitPrice", "linePrice")), PARTNER),
    ):
        found = vendure(payload, partner=partner)
        assert (found.tax_mode, totals(found)[0], totals(found)[4]) == ("inclusive", "23.80", "23.80")


def test_a_profile_that_says_otherwise_of_tax_is_told() -> None:
    exclusive = profile(money={"amounts": "minor_integer", "tax_mode": "exclusive"})
    payload = document(without(line(), "linePrice", "unitPrice"))
    assert warnings(payload, exclusive) == ["tax_mode_differs"]


def test_shipping_with_tax_alone_makes_the_order_one_with_tax() -> None:
    found = vendure(document(shippingLines=[{"priceWithTax": 595}], totalWithTax=2975))
    assert (found.tax_mode, totals(found)[1], totals(found)[4], found.variances) == (
        "inclusive",
        "5.95",
        "29.75",
        (),
    )


def test_a_prorated_price_is_the_line_after_its_discounts() -> None:
    discounts = [{"description": "Ten off", "amount": -200, "amountWithTax": -238}]
    one = line(proratedLinePrice=1800, proratedLinePriceWithTax=2142, discounts=discounts)
    found = vendure(document(one, subTotal=1800, totalWithTax=2142, discounts=discounts))
    assert (totals(found), found.variances) == (("20.00", "0.00", "-2.00", "3.42", "21.42"), ())
    assert found.lines[0].adjustments[0].reason_raw == "Ten off"


def test_a_discount_of_the_order_alone_is_allocated() -> None:
    discounts = [{"description": "Ten off", "amount": -200, "amountWithTax": -238}]
    payload = document(discounts=discounts, subTotal=1800, totalWithTax=2180)
    assert (totals(vendure(payload))[4], vendure(payload).variances) == ("21.80", ())
    assert warnings(payload) == ["not_itemised"]


def test_surcharges_may_be_negative_and_stand_in_the_subtotal() -> None:
    surcharges = [{"description": "Loyalty", "price": -500, "priceWithTax": -500}]
    found = vendure(document(surcharges=surcharges, subTotal=1500, totalWithTax=1880))
    assert [(one.kind.value, one.is_charge) for one in found.adjustments] == [("surcharge", False)]
    assert (found.stated.subtotal, found.variances) == (None, ())


def test_shipping_has_its_discount_beside_it() -> None:
    node: Document = {"price": 500, "priceWithTax": 595, "discountedPrice": 0, "discountedPriceWithTax": 0}
    node |= {"discounts": [{"description": "Free", "amount": -500}], "shippingMethod": {"name": "Post"}}
    found = vendure(document(shippingLines=[node], shipping=0, discounts=node["discounts"]))
    assert (totals(found)[1:3], found.shipping_method_raw) == (("5.00", "-5.00"), "Post")
    assert found.variances == ()


def test_shipping_that_is_only_a_total_is_kept() -> None:
    found = vendure(document(shipping=500, shippingWithTax=595, totalWithTax=2975))
    assert (totals(found)[1], totals(found)[4], found.variances) == ("5.00", "29.75", ())


def test_what_was_taken_out_later_is_cancelled() -> None:
    one = line(orderPlacedQuantity=3)
    found = vendure(document(one, totalQuantity=2))
    (only,) = found.lines
    assert (int(only.ordered.value), int(only.cancelled.value), str(only.extended.amount)) == (3, 1, "20.00")
    assert (found.cancellation.status, found.variances) == ("partial", ())


def test_only_fulfilments_that_left_count() -> None:
    moved = [{"orderLineId": "7", "quantity": 1}]
    other = [{"orderLine": {"id": "7"}, "quantity": 1}]
    found = vendure(
        document(fulfillments=[{"state": "Shipped", "lines": moved}, {"state": "Pending", "lines": other}])
    )
    assert found.lines[0].fulfilled_reported.value == 1


@pytest.mark.parametrize(
    ("changes", "payment", "cancellation"),
    [
        ({}, "paid", "none"),
        ({"state": "ArrangingPayment"}, "pending", "none"),
        ({"state": "PaymentAuthorized"}, "authorized", "none"),
        ({"state": "Cancelled"}, "voided", "cancelled"),
        ({"state": "Odd"}, "unknown", "none"),
    ],
)
def test_states(changes: Document, payment: str, cancellation: str) -> None:
    found = vendure(document(**changes))
    assert (found.payment.status, found.cancellation.status) == (payment, cancellation)


def test_payments_and_refunds() -> None:
    refunds = [{"total": 380, "state": "Settled", "transactionId": "rf"}, {"total": 5, "state": "Failed"}]
    node = {"amount": 2380, "state": "Settled", "transactionId": "tx", "method": "card", "refunds": refunds}
    found = vendure(document(payments=[node, {"amount": 1, "state": "Declined"}]))
    assert found.payment.status == "partially_refunded"
    assert [(one.kind.value, str(one.amount.amount)) for one in found.payment.payments] == [
        ("sale", "23.80"),
        ("refund", "3.80"),
    ]


def test_an_update_may_be_earlier_than_the_placing() -> None:
    found = vendure(document())
    assert found.occurred.instant < found.placed.instant
    assert found.revision.kind == "instant_coarse"


def test_totals_that_disagree_are_flagged_exactly() -> None:
    found = vendure(document(totalWithTax=2400, totalQuantity=5, subTotal=1999))
    assert differences(found) == {
        ("order_total", "stated.total"): "0.20",
        ("quantity_total", "quantity_total"): "3",
        ("subtotal", "stated.subtotal"): "-0.01",
    }


@pytest.mark.parametrize(
    ("total", "gross", "variances"),
    [
        (2500, 2975, {}),
        (2501, 2975, {("order_total", "total"): "0.01"}),
        (2500, 2976, {("order_total", "stated.total"): "0.01"}),
    ],
)
def test_the_total_without_tax_is_that_of_its_parts(
    total: int, gross: int, variances: dict[tuple[str, str], str]
) -> None:
    freight, tax = {"price": 500, "priceWithTax": 595}, {"taxRate": 19, "taxTotal": 475}
    sums = {"shipping": 500, "total": total, "totalWithTax": gross, "taxSummary": [tax]}
    assert differences(vendure(document(shippingLines=[freight], **sums))) == variances


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"code": "CODE0001", "state": "PaymentSettled"}, ("lines_missing", "lines")),
        ({"errorCode": "INSUFFICIENT_STOCK_ERROR", "message": "only 2"}, ("id_missing", "id")),
        (document(state="AddingItems"), ("field_invalid", "state")),
    ],
)
def test_the_answer_of_a_mutation_is_refused_where_it_stands(
    answer: Document, expected: tuple[str, str]
) -> None:
    code, name = expected
    place = f"$.data.addPaymentToOrder.{name}"
    assert refusal_of("vendure_order", {"data": {"addPaymentToOrder": answer}}, partner=PARTNER) == (
        code,
        place,
    )


@pytest.mark.parametrize(("currency", "total"), [("EUR", "23.80"), ("JPY", "23.8"), ("KWD", "23.800")])
def test_every_currency_is_said_in_hundredths(currency: str, total: str) -> None:
    assert totals(vendure(document(currencyCode=currency)))[4] == total


def test_a_list_is_split() -> None:
    page = {"data": {"orders": {"items": [document(), document(code="CODE0002")], "totalItems": 2}}}
    split = FORMATS["vendure_order"].split
    assert split is not None
    parts = split(Record("t", 0, 0, b"acme/shop/file", json.dumps(page).encode()), PARTNER).parts
    assert [part.key for part in parts] == ["acme/shop/order:CODE0001", "acme/shop/order:CODE0002"]


_FULL: Final = {
    "subTotal": 2500,
    "subTotalWithTax": 2975,
    "shipping": 400,
    "shippingWithTax": 476,
    "total": 2900,
    "totalWithTax": 3451,
}


@pytest.mark.parametrize("partner", [PARTNER, INCLUSIVE])
@pytest.mark.parametrize("name", sorted(_FULL))
def test_each_total_without_and_with_tax_is_told_once(name: str, partner: Any) -> None:
    shipping = {"price": 400, "priceWithTax": 476, "discountedPrice": 400, "discountedPriceWithTax": 476}
    wrapping = {"price": 500, "priceWithTax": 595, "taxRate": 19}
    tax = {"taxRate": 19, "taxBase": 2900, "taxTotal": 551}
    more = {"shippingLines": [shipping], "surcharges": [wrapping], "taxSummary": [tax]}
    assert vendure(document(**more, **_FULL), partner=partner).variances == ()
    wrong = document(**more, **(_FULL | {name: _FULL[name] + 7}))
    assert list(differences(vendure(wrong, partner=partner)).values()) == ["0.07"]


def test_the_tax_of_a_line_is_compared() -> None:
    found = vendure(document(line(lineTax=390)))
    assert differences(found) == {("tax_total", "$.lines[0].lineTax"): "0.10"}


@pytest.mark.parametrize("name", ["linePriceWithTax", "unitPriceWithTax"])
def test_a_line_with_tax_is_its_units_with_tax(name: str) -> None:
    prorated = {"proratedLinePrice": 2000, "proratedLinePriceWithTax": 2380}
    wrong = line(**prorated) | {name: line()[name] + 100}
    expected = "1.00" if name == "linePriceWithTax" else "-2.00"
    assert vendure(document(line(**prorated))).variances == ()
    found = differences(vendure(document(wrong)))
    assert found == {("line_extension", "$.lines[0].linePriceWithTax"): expected}
