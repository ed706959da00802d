"""Shopify orders: prices, discounts, taxes, charges, totals, two currencies; one claim per quirk."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.kit.shop_reading import differences, profile, totals, without
from tests.kit.shopify_documents import line, money_set, order, refused, shopify, warnings


@pytest.mark.parametrize("price", ["10.00", "10", 10, 10.0, "10.0000", " 10.00 "])
def test_a_price_is_read_from_text_and_number_alike(price: object) -> None:
    found = shopify(order(line(price=price)))
    assert totals(found) == ("20.00", "0.00", "0.00", "0.00", "20.00")
    assert found.variances == ()


def test_a_price_as_number_keeps_every_digit() -> None:
    document = json.dumps(order(line(price="@", quantity=1))).replace('"@"', "1234567890.123456789").encode()
    found = shopify(document)
    assert found.lines[0].extended.amount == Decimal("1234567890.1235")
    assert found.lines[0].unit_price is not None
    assert found.lines[0].unit_price.amount == Decimal("1234567890.123457")
    assert differences(found)["line_extension", "11"] == "-0.000043"


def test_a_price_of_many_decimals_is_multiplied_before_it_is_rounded() -> None:
    found = shopify(order(line(price="0.00335", quantity=1000)))
    assert str(found.lines[0].extended.amount) == "3.35"


def test_a_plain_figure_that_differs_from_its_set_is_what_is_said() -> None:
    document = order(line(price="10.00", price_set=money_set("11.00")), presentment_currency="USD")
    assert shopify(document).variances == ()
    assert warnings(document) == ["figures_differ"]
    changed = order(total_price="20.01", total_price_set=money_set("20.00"))
    assert differences(shopify(changed)) == {("order_total", "stated.total"): "0.01"}
    assert warnings(changed) == ["figures_differ"]


def test_the_public_sample_shape_is_flagged_exactly() -> None:
    """Three lines of 199.00 under a total of 409.94 = 398.00 + 11.94; a code of 10.00 nobody took off."""
    lines = [line(id=number, price="199.00", quantity=1) for number in (1, 2, 3)]
    document = without(
        order(
            *lines,
            subtotal_price="398.00",
            total_line_items_price="398.00",
            total_tax="11.94",
            total_price="409.94",
            tax_lines=[{"price": "11.94", "rate": 0.06, "title": "State Tax"}],
            discount_codes=[{"code": "TENOFF", "amount": "10.00"}],
            shipping_lines=[{"code": "Free Shipping", "price": "0.00", "title": "Free Shipping"}],
        )
    )
    found = shopify(document)
    assert totals(found) == ("597.00", "0.00", "0.00", "11.94", "608.94")
    assert found.stated.total is not None
    assert found.stated.total.amount == Decimal("409.94")
    assert differences(found) == {
        ("subtotal", "stated.subtotal"): "-199.00",
        ("order_total", "stated.total"): "-199.00",
        ("subtotal", "total_line_items_price"): "-199.00",
        ("discount", "discount_codes"): "10.00",
    }
    assert [str(one.tax_lines[0].amount.amount) for one in found.lines] == ["3.98", "3.98", "3.98"]


@pytest.mark.parametrize(("included", "total"), [(False, "23.80"), (True, "20.00")])
def test_the_total_is_right_with_tax_inside_and_beside(included: bool, total: str) -> None:
    tax = [{"price": "3.80", "rate": 0.19, "title": "MwSt"}]
    document = order(line(tax_lines=tax), taxes_included=included, total_tax="3.80", total_price=total)
    found = shopify(document)
    assert (str(found.computed.tax.amount), str(found.computed.total.amount)) == ("3.80", total)
    assert found.tax_mode == ("inclusive" if included else "exclusive")
    assert found.variances == ()
    (tax_line,) = found.lines[0].tax_lines
    assert (tax_line.is_included, str(tax_line.rate_percent)) == (included, "19")


def test_a_missing_tax_flag_takes_the_profiles_mode_and_stays_unknown_without() -> None:
    document = without(order(), "taxes_included")
    assert shopify(document).tax_mode == "unknown"
    declared = profile(money={"amounts": "major_text", "tax_mode": "inclusive"})
    assert shopify(document, partner=declared).tax_mode == "inclusive"
    assert warnings(order(), partner=declared) == ["tax_mode_differs"]


def test_a_tax_that_is_only_a_total_is_kept_and_split_over_the_lines() -> None:
    lines = [line(id=1, price="10.00", quantity=1), line(id=2, price="20.00", quantity=1)]
    document = order(
        *lines, subtotal_price="30.00", total_line_items_price="30.00", total_tax="1.00", total_price="31.00"
    )
    found = shopify(document)
    assert [str(one.tax_lines[0].amount.amount) for one in found.lines] == ["0.33", "0.67"]
    assert (str(found.computed.total.amount), found.variances) == ("31.00", ())
    assert warnings(document) == ["not_itemised"]


def test_a_null_total_tax_is_absent_not_zero() -> None:
    found = shopify(order(total_tax=None))
    assert found.stated.tax is None
    assert found.variances == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"discount_allocations": [{"amount": "5.00", "discount_application_index": 0}]},
        {"discount_allocations": [{"amount": "5.00"}], "total_discount": "5.00"},
        {"discount_allocations": [{"amount": "2.00"}, {"amount": "3.00"}]},
        {"discount_allocations": None, "total_discount": "5.00"},
    ],
)
def test_a_line_discount_is_taken_off_once(changes: dict[str, Any]) -> None:
    document = order(
        line(**changes),
        subtotal_price="15.00",
        total_discounts="5.00",
        total_price="15.00",
        discount_applications=[{"type": "discount_code", "code": "FIVE"}],
    )
    found = shopify(document)
    assert totals(found) == ("20.00", "0.00", "-5.00", "0.00", "15.00")
    assert (str(found.lines[0].extended.amount), str(found.lines[0].net.amount)) == ("20.00", "15.00")
    assert found.variances == ()
    assert found.stated.discount is not None
    assert str(found.stated.discount.amount) == "5.00"


def test_a_discount_names_its_code() -> None:
    allocation = [{"amount": "5.00", "discount_application_index": 0}]
    document = order(line(discount_allocations=allocation), discount_applications=[{"code": "FIVE"}])
    assert shopify(document).lines[0].adjustments[0].reason_raw == "FIVE"


def test_a_discount_that_is_only_a_total_is_allocated_to_the_last_cent() -> None:
    lines = [line(id=number, price="10.00", quantity=1, discount_allocations=[]) for number in (3, 1, 2)]
    document = order(
        *lines,
        subtotal_price="20.00",
        total_line_items_price="30.00",
        total_discounts="10.00",
        total_price="20.00",
        discount_codes=[{"code": "TEN", "amount": "10.00"}],
    )
    found = shopify(document)
    (discount,) = found.adjustments
    parts = {part.line_id: str(part.amount.amount) for part in discount.allocations}
    assert parts == {"1": "-3.34", "2": "-3.33", "3": "-3.33"}
    assert (discount.reason_raw, found.variances) == ("TEN", ())
    assert warnings(document) == ["not_itemised"]


def test_a_shipping_discount_lowers_shipping_and_no_line() -> None:
    shipping = [{"title": "Post", "price": "7.00", "discount_allocations": [{"amount": "7.00"}]}]
    document = order(
        shipping_lines=shipping, total_discounts="7.00", total_shipping_price_set=money_set("7.00")
    )
    found = shopify(document)
    assert totals(found) == ("20.00", "7.00", "-7.00", "0.00", "20.00")
    assert (str(found.lines[0].net.amount), found.variances) == ("20.00", ())
    assert found.shipping_method_raw == "Post"


def test_shipping_carries_its_own_tax() -> None:
    shipping = [{"title": "Post", "price": "5.00", "tax_lines": [{"price": "0.95", "rate": "0.19"}]}]
    found = shopify(order(shipping_lines=shipping, total_tax="0.95", total_price="25.95"))
    assert (str(found.computed.tax.amount), found.variances) == ("0.95", ())


def test_tips_duties_and_fees_are_in_the_total_once() -> None:
    duty = {"shop_money": {"amount": "3.00", "currency_code": "USD"}}
    fee = [{"name": "colorado", "price": "0.29"}]
    document = order(
        line(duties=[duty]),
        total_tip_received="1.50",
        original_total_duties_set=money_set("3.00"),
        original_total_additional_fees_set=money_set("0.29"),
        additional_fees=fee,
        total_price="24.79",
    )
    found = shopify(document)
    assert (str(found.computed.total.amount), found.variances) == ("24.79", ())
    assert {one.kind.value for one in found.adjustments} == {"gratuity", "fee"}


def test_a_tip_that_stands_as_a_line_is_not_added_again() -> None:
    tip = line(id=2, price="1.50", quantity=1, sku="", tip={"payment_method": "card"})
    document = order(
        line(),
        tip,
        total_tip_received="1.50",
        subtotal_price="21.50",
        total_line_items_price="21.50",
        total_price="21.50",
    )
    found = shopify(document)
    assert (str(found.computed.total.amount), found.variances) == ("21.50", ())


def two_currencies(**changes: Any) -> dict[str, Any]:
    both = ("USD", "EUR")
    return order(
        line(price="10.00", price_set=money_set("10.00", "9.00", both)),
        presentment_currency="EUR",
        total_price_set=money_set("20.00", "18.00", both),
        subtotal_price_set=money_set("20.00", "18.00", both),
        total_line_items_price_set=money_set("20.00", "18.00", both),
        total_discounts_set=money_set("0.00", "0.00", both),
        total_tax_set=money_set("0.00", "0.00", both),
        **changes,
    )


def test_both_currencies_and_the_rate_are_kept() -> None:
    found = shopify(two_currencies())
    total = found.computed.total
    assert (str(total.amount), total.currency) == ("20.00", "USD")
    assert (str(total.presentment_amount), total.presentment_currency) == ("18.00", "EUR")
    assert (found.exchange_rate, found.exchange_rate_source) == (Decimal("0.9"), "total_price_set")
    assert found.variances == ()


def test_a_presentment_total_that_disagrees_is_a_variance_of_its_own() -> None:
    found = shopify(two_currencies() | {"total_price_set": money_set("20.00", "18.50", ("USD", "EUR"))})
    assert differences(found) == {("order_total", "stated.total.presentment"): "0.50"}
    assert found.variances[0].unit == "EUR"


def test_an_amount_without_presentment_money_leaves_the_order_in_shop_currency() -> None:
    document = two_currencies(total_tip_received="1.00") | {"total_price": "21.00", "total_price_set": None}
    found = shopify(document)
    assert (found.presentment_currency, found.computed.total.presentment_currency) == (None, "USD")
    assert "presentment_incomplete" in warnings(document)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (
            order(line(price_set=money_set("10.00", currencies=("EUR", "USD")))),
            "$.line_items[0].price_set.shop_money",
        ),
        (
            two_currencies() | {"total_price_set": money_set("20.00", "18.00", ("USD", "GBP"))},
            "$.total_price_set.presentment_money",
        ),
    ],
)
def test_mixed_currencies_are_refused(document: dict[str, Any], path: str) -> None:
    assert refused(document) == ("currency_mixed", f"{path}.currency_code")


def test_a_currency_against_the_profile_is_refused() -> None:
    euro = profile(money={"amounts": "major_text", "tax_mode": "stated", "currency": "EUR"})
    assert refused(order(), partner=euro) == ("currency_mixed", "$.currency")
    assert shopify(order(currency=None), partner=euro).currency == "EUR"


def test_yen_have_no_decimals_and_dinars_three() -> None:
    yen = shopify(
        order(
            line(price="1000.00", quantity=3),
            currency="JPY",
            subtotal_price="3000",
            total_line_items_price="3000",
            total_price="3000",
        )
    )
    assert (str(yen.computed.total.amount), yen.variances) == ("3000", ())
    dinar = shopify(
        order(
            line(price="1.005", quantity=1),
            currency="KWD",
            subtotal_price="1.005",
            total_line_items_price="1.005",
            total_price="1.005",
        )
    )
    assert (str(dinar.computed.total.amount), dinar.variances) == ("1.005", ())


def test_minor_units_are_read_where_the_profile_says_so_and_never_in_two_exponents() -> None:
    minor = profile(money={"amounts": "minor_integer", "tax_mode": "stated"})
    document = order(line(price=1000), total_price=2000, subtotal_price=2000, total_line_items_price=2000)
    found = shopify(document, partner=minor)
    assert (str(found.computed.total.amount), found.variances) == ("20.00", ())
    yen = document | {"presentment_currency": "JPY"}
    assert refused(yen, partner=minor) == ("amount_unparsable", "$.presentment_currency")


def test_an_order_cut_down_to_few_fields_has_the_currency_of_its_sets() -> None:
    document = order(line(price_set=money_set("10.00", "9.00", ("USD", "EUR"))))
    del document["currency"]
    found = shopify(document)
    assert (found.currency, found.presentment_currency) == ("USD", None)
    assert "presentment_incomplete" in warnings(document)
