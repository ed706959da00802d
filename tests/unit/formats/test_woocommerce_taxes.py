"""Taxes of WooCommerce orders: rates, their names, their roundings and their contradictions."""

from __future__ import annotations

import pytest

from crossdock.canonical.models import Order
from tests.kit.shop_reading import differences, order_of, reading_of
from tests.kit.woo_documents import woo_line, woo_order

STATE_TAX = {"id": 318, "rate_code": "US-CA-STATE TAX", "rate_id": 75, "label": "State Tax"}


def woo(document: object) -> Order:
    return order_of("woocommerce_order", document)


def test_taxes_of_six_decimals_carry_the_lines_rounded_figure() -> None:
    taxes = [{"id": 75, "total": "1.349963"}]
    found = woo(
        woo_order(
            woo_line(taxes=taxes, total_tax="1.35"), total_tax="1.35", total="21.35", tax_lines=[STATE_TAX]
        )
    )
    assert (str(found.computed.tax.amount), found.variances) == ("1.35", ())
    assert reading_of("woocommerce_order", woo_order(woo_line(taxes=taxes, total_tax="1.35"))).warnings == ()


def test_one_rate_that_contradicts_its_line_is_a_variance() -> None:
    shipping = {"id": 9, "total": "5.00", "total_tax": "0.00", "taxes": [{"id": 75, "total": "0.62125"}]}
    found = woo(woo_order(shipping_lines=[shipping], shipping_total="5.00", total="25.00"))
    assert differences(found) == {("tax_total", "9"): "-0.62125"}
    assert str(found.computed.tax.amount) == "0.00"


def test_several_rates_that_contradict_their_line_are_a_variance() -> None:
    rates = [{"id": 75, "total": "0.80"}, {"id": 76, "total": "0.55"}]
    found = woo(woo_order(woo_line(taxes=rates, total_tax="1.50"), total_tax="1.35", total="21.35"))
    assert list(differences(found).values()) == ["0.15"]


@pytest.mark.parametrize(
    ("said", "coupon", "expected"),
    [("0.38", None, None), ("0.39", "0.39", None), ("0.50", "0.50", None), ("0.50", "0.38", "0.12")],
)
def test_the_tax_of_the_discount_is_that_of_the_lines_or_of_the_coupons(
    said: str, coupon: str | None, expected: str | None
) -> None:
    line = woo_line(subtotal="20.00", total="18.00", price=9, subtotal_tax="3.80", total_tax="3.42")
    coupons = [{"code": "ten", "discount": "2.00", "discount_tax": coupon}] if coupon else []
    sums = {"discount_total": "2.00", "discount_tax": said, "total_tax": "3.42", "total": "21.42"}
    found = woo(woo_order(line, coupon_lines=coupons, **sums))
    assert differences(found) == ({("tax_total", "discount_tax"): expected} if expected else {})


@pytest.mark.parametrize(
    ("cart", "shipping", "total", "expected"),
    [
        ("1.35", "0.50", "1.85", {}),
        ("1.36", "0.50", "1.85", {("tax_total", "cart_tax"): "0.01"}),
        ("1.35", "0.49", "1.85", {("tax_total", "shipping_tax"): "-0.01"}),
        ("1.35", "0.50", "1.86", {("tax_total", "stated.tax"): "0.01"}),
        ("1.36", "0.50", "1.86", {("tax_total", "stated.tax"): "0.01"}),  # a rounding of their sum
    ],
)
def test_the_parts_of_the_tax_make_up_its_total(
    cart: str, shipping: str, total: str, expected: dict[tuple[str, str], str]
) -> None:
    freight = {"id": 9, "total": "5.00", "total_tax": "0.50", "taxes": []}
    order = woo_order(woo_line(total_tax="1.35"), shipping_lines=[freight], shipping_total="5.00")
    found = woo(order | {"cart_tax": cart, "shipping_tax": shipping, "total_tax": total, "total": "26.85"})
    assert differences(found) == expected


@pytest.mark.parametrize(("of_rate", "expected"), [("1.34", "-0.01"), ("7.71", "6.36"), ("1.354", None)])
def test_the_tax_lines_make_up_the_total_too(of_rate: str, expected: str | None) -> None:
    rate = STATE_TAX | {"tax_total": of_rate, "shipping_tax_total": "0.00"}
    found = woo(woo_order(woo_line(total_tax="1.35"), tax_lines=[rate], total_tax="1.35", total="21.35"))
    assert differences(found) == ({("tax_total", "tax_lines"): expected} if expected else {})


def test_a_rate_that_the_order_does_not_list_has_no_name() -> None:
    other = STATE_TAX | {"rate_id": 6, "rate_percent": 4.5}
    line = woo_line(taxes=[{"id": 1, "total": "1.2"}], total_tax="1.20")
    found = woo(woo_order(line, tax_lines=[other], total_tax="1.20", total="21.20"))
    assert [(one.jurisdiction, one.rate_percent) for one in found.lines[0].tax_lines] == [("", None)]
    named = woo(woo_order(line, tax_lines=[other | {"rate_id": 1}], total_tax="1.20", total="21.20"))
    assert [one.jurisdiction for one in named.lines[0].tax_lines] == ["State Tax"]


@pytest.mark.parametrize(
    ("parts", "said", "kept"),
    [
        (("26.732143", "26.732143"), "53.46", ("26.73", "26.73")),
        (("1.005", "2.004", "0.004"), "3.01", ("1.01", "2.00", "0.00")),
        (("0.333333", "0.666666"), "1.00", ("0.33", "0.67")),
        (("0.334", "0.334", "0.334"), "1.00", ("0.34", "0.33", "0.33")),
        (("-26.732143", "-26.732143"), "-53.46", ("-26.73", "-26.73")),
        (("5.00", "7.00"), "12.50", ("5.00", "7.00")),
    ],
)
def test_unrounded_rates_of_a_line_sum_to_its_rounded_tax(
    parts: tuple[str, ...], said: str, kept: tuple[str, ...]
) -> None:
    taxes = [{"id": place, "total": part} for place, part in enumerate(parts)]
    found = woo(woo_order(woo_line(taxes=taxes, total_tax=said)))
    assert tuple(str(tax.amount.amount) for tax in found.lines[0].tax_lines) == kept
