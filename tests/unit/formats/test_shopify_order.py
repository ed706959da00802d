"""Shopify orders: one claim per quirk of real payloads."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from crossdock.canonical.models import Order
from tests.kit.shop_reading import differences, order_of, profile, reading_of, refusal_of, without
from tests.kit.shopify_documents import line, money_set, order


def shopify(document: object, **options: Any) -> Order:
    return order_of("shopify_order", document, **options)


def refused(document: object, **options: Any) -> tuple[str, str]:
    return refusal_of("shopify_order", document, **options)


def warnings(document: object, **options: Any) -> list[str]:
    return [one.code for one in reading_of("shopify_order", document, **options).warnings]


def totals(found: Order) -> tuple[str, ...]:
    computed = found.computed
    return tuple(
        str(one.amount)
        for one in (computed.subtotal, computed.shipping, computed.discount, computed.tax, computed.total)
    )


# ---- identity, times, axes -------------------------------------------------------------------------------


def test_a_64_bit_id_is_text_and_the_name_is_no_identity() -> None:
    found = shopify(order())
    assert (found.order_id, found.order_name) == ("820982911946154508", "#1001")
    assert found.key == "acme/shop/820982911946154508"


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"order": one}])
def test_a_wrapped_order_is_the_same_order(wrap: Any) -> None:
    assert reading_of("shopify_order", wrap(order())).digest == reading_of("shopify_order", order()).digest


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, ("id_missing", "$.id")),
        ({"id": ""}, ("id_missing", "$.id")),
        ({"id": {"a": 1}}, ("field_invalid", "$.id")),
        ({"id": 1.5}, ("field_invalid", "$.id")),
        ({"line_items": []}, ("lines_missing", "$.line_items")),
        ({"line_items": None}, ("lines_missing", "$.line_items")),
        ({"line_items": {"a": 1}}, ("field_invalid", "$.line_items")),
        ({"line_items": [line(), 7]}, ("field_invalid", "$.line_items[1]")),
        ({"line_items": [line(price=None)]}, ("amount_unparsable", "$.line_items[0].price")),
        ({"line_items": [line(price="ten")]}, ("amount_unparsable", "$.line_items[0].price")),
        ({"line_items": [line(price=True)]}, ("amount_unparsable", "$.line_items[0].price")),
        ({"line_items": [line(quantity=None)]}, ("field_invalid", "$.line_items[0].quantity")),
        ({"line_items": [line(quantity="two")]}, ("amount_unparsable", "$.line_items[0].quantity")),
        ({"total_price": "12,3"}, ("amount_unparsable", "$.total_price")),
        ({"currency": None}, ("currency_missing", "$.currency")),
        ({"currency": "DOLLAR"}, ("currency_unknown", "$.currency")),
        ({"presentment_currency": "QQQ"}, ("currency_unknown", "$.presentment_currency")),
        ({"created_at": "yesterday", "processed_at": None}, ("time_invalid", "$.created_at")),
        ({"updated_at": "2026-02-31T00:00:00Z"}, ("time_invalid", "$.updated_at")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(order(**changes)) == expected


def test_an_id_that_stands_only_in_the_global_id_is_read() -> None:
    document = order(id=None, admin_graphql_api_id="gid://shopify/Order/450789469")
    assert shopify(document).order_id == "450789469"


def test_the_business_date_is_that_of_the_profiles_zone() -> None:
    found = shopify(order(processed_at="2026-01-31T23:30:00-05:00"))
    assert found.placed.instant.isoformat() == "2026-02-01T04:30:00+00:00"
    assert (found.placed.date.isoformat(), found.placed.zone) == ("2026-02-01", "Europe/Berlin")


def test_without_a_zone_the_written_offset_gives_the_date() -> None:
    no_zone = profile(channel={"commitment": "sold"})
    found = shopify(order(processed_at="2026-01-31T23:30:00-05:00"), partner=no_zone)
    assert (found.placed.date.isoformat(), found.placed.offset_minutes) == ("2026-01-31", -300)


def test_minus_zero_offset_means_that_the_local_offset_is_unknown() -> None:
    no_zone = profile(channel={"commitment": "sold"})
    found = shopify(order(processed_at="2026-05-17T04:14:36-00:00"), partner=no_zone)
    assert (found.placed.zone, found.placed.offset_minutes) == ("UTC", 0)


def test_a_naive_time_takes_the_profiles_zone_and_without_one_is_refused() -> None:
    document = order(processed_at=None, created_at="2026-07-01 10:00:00")
    assert shopify(document).placed.instant.isoformat() == "2026-07-01T08:00:00+00:00"
    no_zone = profile(channel={"commitment": "sold"})
    assert refused(document, partner=no_zone) == ("time_invalid", "$.created_at")


def test_states_are_ordered_by_updated_at_in_utc() -> None:
    revision = shopify(order(updated_at="2026-02-01T08:00:00+01:00")).revision
    assert (revision.kind, revision.value) == ("instant_coarse", "2026-02-01T07:00:00.000000Z")
    assert shopify(order(updated_at=None)).revision.kind == "none"


@pytest.mark.parametrize(
    ("raw", "status", "expected_warnings"),
    [
        ("authorized", "authorized", []),
        ("partially_refunded", "partially_refunded", []),
        ("voided", "voided", []),
        ("klarna_hold", "pending", []),
        ("new_word", "unknown", ["payment_status_unknown"]),
        (None, "unknown", ["payment_status_unknown"]),
    ],
)
def test_payment_status_is_the_tables_or_the_profiles(
    raw: str | None, status: str, expected_warnings: list[str]
) -> None:
    mapped = profile(status_map={"payment": {"klarna_hold": "pending"}})
    document = order(financial_status=raw)
    assert shopify(document, partner=mapped).payment.status == status
    assert warnings(document, partner=mapped) == expected_warnings


@pytest.mark.parametrize(
    ("changes", "event", "status", "change"),
    [
        ({}, None, "none", "updated"),
        ({}, "orders/create", "none", "created"),
        ({}, "orders/paid", "none", "updated"),
        ({"updated_at": "2026-01-31T23:30:00+01:00"}, None, "none", "created"),
        (
            {"cancelled_at": "2026-02-01T09:00:00+01:00", "cancel_reason": "customer"},
            None,
            "cancelled",
            "cancelled",
        ),
        ({"total_price": "0.00", "subtotal_price": "0.00"}, None, "none", "updated"),
        ({"financial_status": "refunded"}, None, "none", "updated"),
    ],
)
def test_cancellation_is_what_is_said_and_never_a_zero_value(
    changes: dict[str, Any], event: str | None, status: str, change: str
) -> None:
    found = shopify(order(**changes), event=event)
    assert (found.cancellation.status, found.change) == (status, change)


def test_a_cancel_event_with_a_null_time_is_a_cancellation() -> None:
    found = shopify(order(), event="orders/cancelled")
    assert (found.cancellation.status, found.cancellation.at) == ("cancelled", None)
    assert "cancelled_at_missing" in [
        one.code for one in reading_of("shopify_order", order(), event="orders/cancelled").warnings
    ]


# ---- money -----------------------------------------------------------------------------------------------


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


# ---- two currencies --------------------------------------------------------------------------------------


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


# ---- lines -----------------------------------------------------------------------------------------------


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
        ({}, {"current_quantity": 4}, (5, 1, 0, 0)),
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


# ---- parties and the rest --------------------------------------------------------------------------------


def test_empty_addresses_and_names_are_none() -> None:
    found = shopify(order(billing_address={}, shipping_address=None, customer={}, email="", phone="N/A"))
    assert found.parties == ()


def test_parties_take_their_roles() -> None:
    address = {
        "first_name": "Test",
        "last_name": "Buyer 1",
        "address1": "1 Example Road",
        "city": "Example",
        "zip": "00001",
        "country_code": "us",
        "province_code": "CA",
        "company": "",
    }
    found = shopify(
        order(
            billing_address=address,
            shipping_address=address,
            email="buyer1@example.com",
            customer={"id": 7, "first_name": "Test", "last_name": "Buyer 1"},
        )
    )
    assert [(one.role.value, one.name) for one in found.parties] == [
        ("buyer", "Test Buyer 1"),
        ("bill_to", "Test Buyer 1"),
        ("ship_to", "Test Buyer 1"),
    ]
    place = found.parties[2].address
    assert place is not None
    assert (place.lines, place.country, place.postal_code) == (("1 Example Road",), "US", "00001")


def test_only_successful_transactions_are_payments() -> None:
    found = shopify(
        order(
            transactions=[
                {
                    "kind": "sale",
                    "status": "success",
                    "amount": "20.00",
                    "gateway": "bogus",
                    "authorization": "auth-1",
                    "created_at": "2026-01-31T23:30:00+01:00",
                },
                {"kind": "sale", "status": "failure", "amount": "20.00"},
            ]
        )
    )
    (payment,) = found.payment.payments
    assert (payment.kind, str(payment.amount.amount), payment.psp_reference) == ("sale", "20.00", "auth-1")


def test_tags_notes_and_a_touch_do_not_change_the_content() -> None:
    plain = reading_of("shopify_order", order()).digest
    touched = order(tags="exported", note="our mark", updated_at="2026-02-02T10:00:00+01:00")
    assert reading_of("shopify_order", touched).digest == plain
    assert reading_of("shopify_order", order(financial_status="pending")).digest != plain


def test_equal_figures_in_another_spelling_are_equal_content() -> None:
    spelled = order(line(price=10, quantity="2"), total_price="20.0", subtotal_price=20, total_tax="0")
    assert reading_of("shopify_order", spelled).digest == reading_of("shopify_order", order()).digest


def test_a_test_order_says_so() -> None:
    assert ("test", "true") in [(one.name, one.value) for one in shopify(order(test=True)).extensions]
