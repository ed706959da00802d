"""Removed and unpriced shipping lines, discounts off shipping, tips, fees, duties inside prices, tax lines,
payments in other currencies."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.canonical.models import Payment
from tests.kit.shop_reading import differences, totals
from tests.kit.shopify_documents import line, money_set, order, shopify, warnings

BOTH = ("USD", "EUR")


def presented(**changes: Any) -> dict[str, Any]:
    """An order of the shop in USD that was shown in EUR, complete in both."""
    document = order(presentment_currency="EUR", **changes)
    document["line_items"][0]["price_set"] = money_set("10.00", "9.00", BOTH)
    for name in ("subtotal_price", "total_line_items_price", "total_price"):
        document[f"{name}_set"] = money_set("20.00", "18.00", BOTH)
    return document


def payments(document: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(shop, currency, presentment, currency) of each payment of a document."""

    def sides(one: Payment) -> tuple[str, str, str, str]:
        money = one.amount
        return (
            str(money.amount),
            money.currency,
            str(money.presentment_amount),
            money.presentment_currency,
        )

    return [sides(one) for one in shopify(document).payment.payments]


def test_a_removed_shipping_line_is_not_charged_and_names_no_method() -> None:
    lines = [
        {"title": "Express", "price": "12.00", "is_removed": True, "tax_lines": []},
        {"title": "Standard", "price": "4.00", "is_removed": False, "tax_lines": []},
    ]
    document = order(shipping_lines=lines, total_shipping_price_set=money_set("4.00"), total_price="24.00")
    found = shopify(document)
    assert totals(found) == ("20.00", "4.00", "0.00", "0.00", "24.00")
    assert (found.shipping_method_raw, found.variances) == ("Standard", ())
    assert warnings(document) == ["shipping_line_removed"]


def test_a_total_that_still_holds_the_removed_shipping_line_is_a_variance() -> None:
    lines = [{"title": "Express", "price": "12.00", "is_removed": True}]
    document = order(shipping_lines=lines, total_shipping_price_set=money_set("12.00"), total_price="32.00")
    found = shopify(document)
    assert differences(found) == {
        ("shipping", "stated.shipping"): "12.00",
        ("order_total", "stated.total"): "12.00",
    }
    assert found.shipping_method_raw is None


def test_shipping_lines_without_prices_leave_the_stated_total() -> None:
    lines = [{"code": "Standard", "current_discounted_price_set": {"shop_money": {"amount": "5.00"}}}]
    document = order(shipping_lines=lines, total_shipping_price_set=money_set("5.00"), total_price="25.00")
    found = shopify(document)
    assert totals(found) == ("20.00", "5.00", "0.00", "0.00", "25.00")
    assert (found.shipping_method_raw, found.variances) == ("Standard", ())
    assert warnings(document) == ["not_itemised"]


@pytest.mark.parametrize(
    "named",
    [
        {"discount_codes": [{"code": "FREE", "amount": "5.00", "type": "shipping"}]},
        {"discount_applications": [{"target_type": "shipping_line", "type": "automatic"}]},
    ],
)
def test_a_discount_off_shipping_that_is_only_a_total_lowers_no_line(named: dict[str, Any]) -> None:
    document = order(shipping_lines=[{"title": "Post", "price": "5.00"}], total_discounts="5.00", **named)
    found = shopify(document)
    assert totals(found) == ("20.00", "5.00", "-5.00", "0.00", "20.00")
    assert (str(found.lines[0].net.amount), found.variances) == ("20.00", ())


def test_a_discount_off_goods_and_shipping_that_is_only_a_total_lowers_the_lines() -> None:
    codes = [{"code": "A", "amount": "2.00", "type": "shipping"}, {"code": "B", "type": "fixed_amount"}]
    document = order(
        discount_codes=codes, total_discounts="5.00", subtotal_price="15.00", total_price="15.00"
    )
    assert str(shopify(document).lines[0].net.amount) == "15.00"


@pytest.mark.parametrize(
    ("transaction", "expected"),
    [
        ({"amount": "18.00", "currency": "EUR"}, ("18.00", "EUR", "18.00", "EUR")),
        ({"amount": "20.00", "currency": "USD"}, ("20.00", "USD", "20.00", "USD")),
        ({"amount": "20.00"}, ("20.00", "USD", "20.00", "USD")),
        (
            {"amount": "18.00", "currency": "EUR", "amount_set": money_set("20.00", "18.00", BOTH)},
            ("20.00", "USD", "18.00", "EUR"),
        ),
    ],
)
def test_a_payment_is_in_the_currency_that_was_paid(
    transaction: dict[str, Any], expected: tuple[str, ...]
) -> None:
    document = presented(transactions=[{"kind": "sale", "status": "success", **transaction}])
    assert payments(document) == [expected]
    assert warnings(document) == []
    assert shopify(document).presentment_currency == "EUR"


@pytest.mark.parametrize("goods", ["20.00", "24.00"])
@pytest.mark.parametrize(
    "said",
    [{"tip": {"payment_gateway": None}}, {"tip_payment_gateway": "card", "tip_payment_method": "visa"}],
)
def test_a_tip_that_stands_as_a_line_is_in_the_subtotal_or_not(said: dict[str, Any], goods: str) -> None:
    tip = line(id=12, price="4.00", quantity=1, sku=None, variant_id=None, **said)
    totals_said = {"subtotal_price": goods, "total_line_items_price": goods, "total_tip_received": "4.00"}
    document = order(line(), tip, **totals_said, total_price="24.00")
    found = shopify(document)
    assert (str(found.computed.total.amount), found.variances) == ("24.00", ())
    document["subtotal_price"] = "21.00"
    assert differences(shopify(document)) == {("subtotal", "stated.subtotal"): "-3.00"}


def test_a_fee_states_its_price_as_a_set() -> None:
    fees = [{"id": 1, "name": "RETAIL_DELIVERY_FEE", "price": money_set("0.28"), "tax_lines": []}]
    found = shopify(order(additional_fees=fees, total_price="20.28"))
    assert (str(found.computed.total.amount), found.variances) == ("20.28", ())


def test_duties_inside_the_prices_are_not_charged_again() -> None:
    duty = money_set("3.00") | {"id": "1", "tax_lines": []}
    changes = {"original_total_duties_set": money_set("3.00"), "duties_included": True}
    assert shopify(order(line(duties=[duty]), **changes)).variances == ()
    beside = order(line(duties=[duty]), **changes | {"duties_included": False}, total_price="23.00")
    assert shopify(beside).variances == ()


def test_tax_lines_of_the_order_that_do_not_make_its_tax_are_a_variance() -> None:
    def taxed(price: str, total: str) -> dict[str, Any]:
        tax = {"price": "1.00", "rate": 0.05, "title": "Tax"}
        said = [tax | {"price": price, "price_set": money_set(price)}]
        return order(line(tax_lines=[tax]), tax_lines=said, total_tax=total, total_price="21.00")

    assert differences(shopify(taxed("1.00", "1.00"))) == {}
    assert differences(shopify(taxed("1.50", "1.00"))) == {("tax_total", "tax_lines"): "0.50"}
    assert differences(shopify(taxed("1.00", "1.50"))) == {("tax_total", "stated.tax"): "0.50"}
    assert differences(shopify(taxed("1.50", "1.50"))) == {("tax_total", "stated.tax"): "0.50"}
