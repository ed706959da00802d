"""WooCommerce orders: one claim per quirk of real payloads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crossdock.canonical.models import Order
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import (
    differences,
    order_of,
    profile,
    reading_of,
    record,
    refusal_of,
    totals,
    without,
)
from tests.kit.woo_documents import woo_line, woo_order

NO_ZONE = profile(channel={"commitment": "sold"})
STATE_TAX = {"id": 318, "rate_code": "US-CA-STATE TAX", "rate_id": 75, "label": "State Tax"}


def woo(document: object, **options: Any) -> Order:
    return order_of("woocommerce_order", document, **options)


def refused(document: object, **options: Any) -> tuple[str, str]:
    return refusal_of("woocommerce_order", document, **options)


def warnings(document: object, **options: Any) -> list[str]:
    return [one.code for one in reading_of("woocommerce_order", document, **options).warnings]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, ("id_missing", "$.id")),
        ({"id": []}, ("field_invalid", "$.id")),
        ({"line_items": []}, ("lines_missing", "$.line_items")),
        ({"line_items": [woo_line(quantity=None)]}, ("field_invalid", "$.line_items[0].quantity")),
        ({"line_items": [woo_line(subtotal="x")]}, ("amount_unparsable", "$.line_items[0].subtotal")),
        (
            {"line_items": [woo_line(subtotal=None, total=None, price=None)]},
            ("amount_unparsable", "$.line_items[0].subtotal"),
        ),
        ({"total": "12,3"}, ("amount_unparsable", "$.total")),
        ({"currency": ""}, ("currency_missing", "$.currency")),
        ({"currency": "EURO"}, ("currency_unknown", "$.currency")),
        ({"date_created": None, "date_created_gmt": None}, ("time_invalid", "$.date_created_gmt")),
        ({"date_created_gmt": "0000-00-00T00:00:00"}, ("time_invalid", "$.date_created_gmt")),
        ({"status": "checkout-draft"}, ("field_invalid", "$.status")),
        ({"status": "draft", "date_created": None, "date_created_gmt": None}, ("field_invalid", "$.status")),
        (
            {"billing_period": "week", "next_payment_date": "2026-02-08T00:00:00"},
            ("field_invalid", "$.billing_period"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(woo_order(**changes)) == expected


def test_gmt_times_are_utc_whatever_the_shops_clock_says() -> None:
    found = woo(woo_order())
    assert found.placed.instant.isoformat() == "2026-01-31T23:30:00+00:00"
    assert found.placed.date.isoformat() == "2026-02-01"  # Europe/Berlin, the profile's zone
    assert (found.revision.kind, found.revision.value) == ("instant_coarse", "2026-02-01T08:00:00.000000Z")


def test_without_a_zone_the_shops_own_offset_gives_the_date() -> None:
    found = woo(woo_order(), partner=NO_ZONE)
    assert (found.placed.date.isoformat(), found.placed.offset_minutes) == ("2026-01-31", -180)


def test_a_local_time_without_gmt_needs_the_profiles_zone() -> None:
    document = woo_order(date_created_gmt=None)
    assert woo(document).placed.instant.isoformat() == "2026-01-31T19:30:00+00:00"
    assert refused(document, partner=NO_ZONE) == ("time_invalid", "$.date_created")


# ---- money -----------------------------------------------------------------------------------------------


def test_the_documented_shape_adds_up() -> None:
    tax = [{"id": 75, "total": "0.45", "subtotal": "0.45"}]
    document = woo_order(
        woo_line(subtotal="6.00", total="6.00", price=3, total_tax="0.45", taxes=tax, sku=""),
        woo_line(id=316, quantity=1, subtotal="12.00", total="12.00", price=12.0, total_tax="0.90",
                 taxes=[{"id": 75, "total": "0.9"}]),
        shipping_lines=[{"method_title": "Flat Rate", "total": "10.00", "total_tax": "0.00", "taxes": []}],
        tax_lines=[STATE_TAX], shipping_total="10.00", total_tax="1.35", total="29.35",
    )  # fmt: skip
    found = woo(document)
    assert totals(found) == ("18.00", "10.00", "0.00", "1.35", "29.35")
    assert found.variances == ()
    assert (found.lines[0].sku, found.lines[0].resolution) == (None, "unknown")
    assert found.lines[0].tax_lines[0].jurisdiction == "State Tax"
    assert found.shipping_method_raw == "Flat Rate"


@pytest.mark.parametrize("flag", [True, False, None])
def test_line_totals_exclude_tax_whatever_the_catalogue_does(flag: bool | None) -> None:
    document = woo_order(
        woo_line(subtotal="57.98", total="57.98", quantity=1, price=57.983193, total_tax="11.02"),
        prices_include_tax=flag, total_tax="11.02", total="69.00",
    )  # fmt: skip
    found = woo(document)
    assert (str(found.computed.total.amount), found.tax_mode) == ("69.00", "exclusive")
    assert found.variances == ()


def test_a_profile_that_says_inclusive_is_told_so() -> None:
    inclusive = profile(money={"amounts": "major_text", "tax_mode": "inclusive"})
    assert warnings(woo_order(), partner=inclusive) == ["tax_mode_differs"]
    assert warnings(woo_order(prices_include_tax=True), partner=inclusive) == []


def test_the_discount_is_subtotal_less_total_and_coupons_only_name_it() -> None:
    document = woo_order(
        woo_line(total="15.00", price=7.5), discount_total="5.00", total="15.00",
        coupon_lines=[{"code": "five", "discount": "5.00"}],
    )  # fmt: skip
    found = woo(document)
    assert totals(found) == ("20.00", "0.00", "-5.00", "0.00", "15.00")
    assert (str(found.lines[0].net.amount), found.lines[0].adjustments[0].reason_raw) == ("15.00", "five")
    assert found.variances == ()


def test_coupons_that_promise_more_than_was_taken_off_are_flagged() -> None:
    document = woo_order(coupon_lines=[{"code": "five", "discount": "5.00"}])
    assert differences(woo(document)) == {("discount", "coupon_lines"): "5.00"}


def test_a_total_that_disagrees_is_flagged_exactly() -> None:
    assert differences(woo(woo_order(total="20.03"))) == {("order_total", "stated.total"): "0.03"}
    (variance,) = woo(woo_order(total="20.01")).variances
    assert (str(variance.difference), variance.is_within) == ("0.01", True)


@pytest.mark.parametrize(
    ("price", "total", "expected"),
    [
        (10, "20.00", {}),
        (10.0024, "20.00", {}),  # unrounded unit price of a rounded total
        ("10.00", 20, {}),
        (10.01, "20.00", {("unit_price", "315"): "0.02"}),
        (None, "20.00", {}),
        ("free", "20.00", {}),
    ],
)
def test_the_unit_price_informs_and_is_compared(
    price: object, total: object, expected: dict[tuple[str, str], str]
) -> None:
    assert differences(woo(woo_order(woo_line(price=price, total=total)))) == expected


def test_fees_may_be_negative() -> None:
    fees = [{"name": "Rush", "total": "3.00", "total_tax": "0.00"}, {"name": "Loyalty", "total": "-1.00"}]
    found = woo(woo_order(fee_lines=fees, total="22.00"))
    assert [(one.is_charge, str(one.amount.amount)) for one in found.adjustments] == [
        (True, "3.00"),
        (False, "-1.00"),
    ]
    assert (str(found.computed.total.amount), found.variances) == ("22.00", ())


def test_amounts_that_are_only_totals_are_kept() -> None:
    document = woo_order(shipping_total="5.00", total_tax="1.00", total="26.00")
    found = woo(document)
    assert (str(found.computed.total.amount), found.variances) == ("26.00", ())
    assert warnings(document) == ["not_itemised", "not_itemised"]


@pytest.mark.parametrize(
    ("price", "difference"),
    [
        ("10.33", None),  # old versions round it: 3 × 10.33 is 30.99
        (10.33, "-0.01"),  # newer ones do not
        ("10.32", "-0.04"),
        (10.333333333333334, None),
    ],
)
def test_a_price_as_text_is_rounded(price: object, difference: str | None) -> None:
    line = woo_line(quantity=3, subtotal="31.00", total="31.00", price=price)
    found = woo(woo_order(line, total="31.00"))
    assert differences(found) == ({("unit_price", "315"): difference} if difference else {})


def test_a_webhook_of_a_workflow_tool_holds_the_order_in_its_body() -> None:
    hook = {"headers": {"x-wc-webhook-topic": "order.updated"}, "query": {}, "body": woo_order()}
    assert woo(hook).order_id == "727"
    hook["body"] = woo_order(total="x")
    assert refused(hook) == ("amount_unparsable", "$.body.total")


def test_a_notice_that_names_the_order_alone_is_refused() -> None:
    assert refused({"id": 727}) == ("lines_missing", "$.line_items")


def test_an_answer_of_the_batch_endpoint_holds_orders_and_errors() -> None:
    failed = {"id": 525, "error": {"code": "invalid_id", "message": "no", "data": {"status": 400}}}
    split = FORMATS["woocommerce_order"].split
    assert split is not None
    batch = record({"update": [woo_order(), failed]})
    assert [one.key for one in split(batch, NO_ZONE).parts] == ["acme/shop/order:727", "acme/shop/order:525"]
    assert refused(failed) == ("field_invalid", "$.error")
    lost = {"code": "invalid_id", "message": "Invalid ID.", "data": {"status": 404}}
    assert refused(lost) == ("id_missing", "$.id")


def test_an_order_without_totals_is_valid() -> None:
    found = woo(
        without(woo_order(status="pending"), "total", "total_tax", "discount_total", "shipping_total")
    )
    assert found.stated.total is None
    assert (found.payment.status, found.variances) == ("pending", ())


def test_amounts_as_json_numbers_are_exact() -> None:
    line = woo_line(subtotal=0.1, total=0.1, quantity=1, price=0.1)
    other = woo_line(id=2, subtotal=0.2, total=0.2, quantity=1, price=0.2)
    found = woo(woo_order(line, other, total=0.3))
    assert (found.computed.total.amount, found.variances) == (Decimal("0.3"), ())


# ---- axes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "payment", "cancellation"),
    [
        ({"status": "pending", "date_paid_gmt": None, "date_paid": None}, "pending", "none"),
        ({"status": "on-hold"}, "pending", "none"),
        ({"status": "failed"}, "pending", "none"),
        ({"status": "processing"}, "paid", "none"),
        ({"status": "wc-processing"}, "paid", "none"),
        (
            {"status": "processing", "payment_method": "cod", "date_paid_gmt": None, "date_paid": None},
            "pending",
            "none",
        ),
        ({"status": "completed"}, "paid", "none"),
        ({"status": "completed", "refunds": [{"id": 1, "total": "-5.00"}]}, "partially_refunded", "none"),
        ({"status": "completed", "refunds": [{"id": 1, "total": "-20.00"}]}, "refunded", "none"),
        ({"status": "refunded"}, "refunded", "none"),
        ({"status": "cancelled"}, "paid", "cancelled"),
        ({"status": "cancelled", "date_paid_gmt": None, "date_paid": None}, "voided", "cancelled"),
        ({"status": "trash"}, "paid", "cancelled"),
        ({"status": "packing"}, "paid", "none"),
        ({"status": "cancel-request"}, "unknown", "requested"),
        ({"status": "plugin-word"}, "unknown", "none"),
        ({"status": "processing", "total": "0.00"}, "paid", "none"),
    ],
)
def test_status_says_payment_and_cancellation(
    changes: dict[str, Any], payment: str, cancellation: str
) -> None:
    meanings = {"packing": {"payment": "paid"}, "cancel-request": {"cancellation": "requested"}}
    found = woo(woo_order(**changes), partner=profile(status_map={"order": meanings}))
    assert (found.payment.status, found.cancellation.status) == (payment, cancellation)


def test_an_unknown_status_is_warned_of() -> None:
    assert warnings(woo_order(status="plugin-word")) == ["status_unknown"]


def test_refunds_are_negative_totals_and_positive_payments() -> None:
    found = woo(woo_order(refunds=[{"id": 1, "reason": "", "total": "-5.00"}]))
    assert [
        (one.kind.value, str(one.amount.amount), one.psp_reference) for one in found.payment.payments
    ] == [
        ("sale", "20.00", "ch_1"),
        ("refund", "5.00", ""),
    ]


@pytest.mark.parametrize(
    ("event", "changes", "expected"),
    [
        ("order.created", {}, "created"),
        ("order.updated", {}, "updated"),
        (None, {}, "updated"),
        (None, {"date_modified_gmt": "2026-01-31T23:30:00"}, "created"),
        ("order.updated", {"status": "cancelled"}, "cancelled"),
    ],
)
def test_the_change_is_the_events_or_told_by_the_times(
    event: str | None, changes: dict[str, Any], expected: str
) -> None:
    assert woo(woo_order(**changes), event=event).change == expected


# ---- lines and parties -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "identifiers"),
    [
        ({}, [("sku", "SKU-1"), ("channel_variant", "93")]),
        ({"variation_id": 23}, [("sku", "SKU-1"), ("channel_variant", "23")]),
        ({"sku": "", "product_id": 0}, []),
        (
            {"global_unique_id": "4006381333931"},
            [("sku", "SKU-1"), ("gtin", "04006381333931"), ("channel_variant", "93")],
        ),
        ({"product_id": {"x": 1}}, [("sku", "SKU-1")]),
    ],
)
def test_identifiers_are_what_the_line_names(
    changes: dict[str, Any], identifiers: list[tuple[str, str]]
) -> None:
    (line,) = woo(woo_order(woo_line(**changes))).lines
    assert [(one.scheme.value, one.value) for one in line.identifiers] == identifiers


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"bundled_by": 315}, "315"),
        ({"bundled_by": "", "composite_parent": "315"}, "315"),
        ({"bundled_by": 0, "composite_parent": ""}, None),
        ({"bundled_by": [], "bundled_items": []}, None),
    ],
)
def test_a_part_of_a_bundle_names_the_bundles_line(named: dict[str, Any], expected: str | None) -> None:
    assert woo(woo_order(woo_line(**named))).lines[0].parent_line_id == expected


@pytest.mark.parametrize("junk", [[{"id": 1, "key": "_x", "value": {"a": [1]}}], {}, "x", None, [[]], 7])
def test_meta_data_of_any_shape_changes_nothing(junk: object) -> None:
    plain = reading_of("woocommerce_order", woo_order()).digest
    document = woo_order(woo_line(meta_data=junk), meta_data=junk)
    assert reading_of("woocommerce_order", document).digest == plain


def test_empty_addresses_are_none_and_customer_zero_is_a_guest() -> None:
    blank = dict.fromkeys(("first_name", "last_name", "address_1", "city", "country"), "")
    assert woo(woo_order(billing=blank, shipping=blank)).parties == ()
    filled = blank | {
        "first_name": "Test",
        "last_name": "Buyer 1",
        "address_1": "1 Example Road",
        "country": "US",
    }
    found = woo(woo_order(billing=filled | {"email": "buyer1@example.com"}, shipping=filled, customer_id=12))
    assert [one.role.value for one in found.parties] == ["buyer", "bill_to", "ship_to"]
    assert [one.value for one in found.parties[0].identifiers] == ["12"]


def test_a_surcharge_put_on_a_line_is_no_negative_discount() -> None:
    found = woo(woo_order(woo_line(total="22.00", price=11), total="22.00"))
    assert totals(found) == ("20.00", "0.00", "0.00", "0.00", "22.00")
    assert found.lines[0].adjustments[0].kind == "surcharge"


def test_an_order_within_a_clients_answer_is_the_same_order() -> None:
    wrapped = {"status": 200, "data": woo_order()}
    assert (
        reading_of("woocommerce_order", wrapped).digest == reading_of("woocommerce_order", woo_order()).digest
    )
    assert refused({"data": woo_order(total="12,3")}) == ("amount_unparsable", "$.data.total")
