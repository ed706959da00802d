"""BigCommerce orders: generated ones yield their facts; one claim per quirk of real payloads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import Order
from crossdock.canonical.schemas import schema_root
from crossdock.formats.bigcommerce_order import FORMAT
from tests.kit.bigcommerce_payloads import BigCommerceFacts, bigcommerce_orders
from tests.kit.shop_reading import (
    PROFILE,
    differences,
    order_of,
    profile,
    reading_of,
    record,
    refusal_of,
    totals,
    without,
)

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FORM = "bigcommerce_order"
LINK = {"url": "https://example.com/v2/orders/5/products", "resource": "/orders/5/products"}
Document = dict[str, Any]


def product(**changes: Any) -> Document:
    return {
        "id": 1,
        "product_id": 180,
        "variant_id": 77,
        "sku": "SKU-1",
        "type": "physical",
        "quantity": 2,
        "quantity_shipped": 0,
        "quantity_refunded": 0,
        "base_price": "10.0000",
        "price_ex_tax": "10.0000",
        "price_inc_tax": "11.0000",
        "total_ex_tax": "20.0000",
        "total_inc_tax": "22.0000",
        "total_tax": "2.0000",
        "applied_discounts": [],
    } | changes


def bigcommerce_document(*products: Document, **changes: Any) -> Document:
    return {
        "id": 5,
        "customer_id": 0,
        "date_created": "Sat, 31 Jan 2026 23:30:00 +0000",
        "date_modified": "Sun, 01 Feb 2026 08:00:00 +0000",
        "status_id": 11,
        "status": "Awaiting Fulfillment",
        "currency_code": "USD",
        "default_currency_code": "USD",
        "currency_exchange_rate": "1.0000000000",
        "subtotal_ex_tax": "20.0000",
        "subtotal_inc_tax": "22.0000",
        "shipping_cost_ex_tax": "5.0000",
        "shipping_cost_inc_tax": "5.5000",
        "shipping_cost_tax": "0.5000",
        "handling_cost_ex_tax": "0.0000",
        "handling_cost_inc_tax": "0.0000",
        "wrapping_cost_ex_tax": "0.0000",
        "wrapping_cost_inc_tax": "0.0000",
        "discount_amount": "0.0000",
        "coupon_discount": "0.0000",
        "total_tax": "2.5000",
        "total_inc_tax": "27.5000",
        "items_total": 2,
        "payment_method": "Credit Card",
        "payment_status": "",
        "billing_address": {},
        "products": list(products) or [product()],
    } | changes


def order(document: object, **options: Any) -> Order:
    return order_of(FORM, document, **options)


def warnings(document: object) -> list[str]:
    return [one.code for one in reading_of(FORM, document).warnings]


@QUICK
@given(bigcommerce_orders())
def test_a_generated_order_yields_its_facts(facts: BigCommerceFacts) -> None:
    found = order(facts.payload)
    amount = facts.currency.amount
    assert (found.order_id, found.currency) == (facts.order_id, facts.currency.code)
    assert found.tax_mode == ("inclusive" if facts.is_inclusive else "exclusive")
    assert found.placed.instant == facts.placed
    assert (found.payment.status, found.cancellation.status) == (facts.payment, facts.cancellation)
    for line, expected in zip(found.lines, facts.lines, strict=True):
        quantities = (line.ordered, line.fulfilled_reported, line.cancelled, line.returned_reported)
        assert [int(one.value) for one in quantities] == [
            expected.ordered,
            expected.shipped,
            expected.cancelled,
            expected.returned,
        ]
        assert (line.line_id, line.sku) == (expected.line_id, expected.sku)
        assert (line.extended.amount, line.net.amount) == (amount(expected.extended), amount(expected.net))
    for name in ("subtotal", "shipping", "discount", "tax", "total"):
        assert getattr(found.computed, name).amount == amount(getattr(facts.sums, name)), name
    error = facts.currency.text(facts.total_error)
    assert differences(found) == ({("order_total", "stated.total"): error} if facts.total_error else {})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, ("id_missing", "$.id")),
        ({"date_created": ""}, ("time_invalid", "$.date_created")),
        ({"date_created": "Sat, 31 Jan 2026 23:30:00"}, None),
        ({"default_currency_code": "QQQ"}, ("currency_unknown", "$.default_currency_code")),
        (
            {"default_currency_code": None, "currency_code": None},
            ("currency_missing", "$.currency_code"),
        ),
        ({"products": []}, ("lines_missing", "$.products")),
        ({"products": ["x"]}, ("field_invalid", "$.products[0]")),
        ({"products": [product(quantity=None)]}, ("field_invalid", "$.products[0].quantity")),
        (
            {"products": [product(total_ex_tax=None, price_ex_tax=None)]},
            ("amount_unparsable", "$.products[0].total_ex_tax"),
        ),
        ({"total_inc_tax": "a lot"}, ("amount_unparsable", "$.total_inc_tax")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str] | None
) -> None:
    if expected is None:  # a time without offset is the profile's
        assert order(bigcommerce_document(**changes)).placed.instant.hour == 22
    else:
        assert refusal_of(FORM, bigcommerce_document(**changes)) == expected


@pytest.mark.parametrize("linked", [{"products": LINK}, {"products": LINK, "consignments": LINK}, {}])
def test_an_order_whose_products_are_linked_is_refused_with_the_call_that_fetches_them(
    linked: Document,
) -> None:
    document = without(bigcommerce_document(), "products") | linked
    with pytest.raises(Rejected) as refused:
        order(document)
    assert (refused.value.code, refused.value.path) == ("lines_missing", "$.products")
    assert "include=consignments.line_items" in refused.value.detail


def test_products_may_stand_beside_the_order_that_links_to_them() -> None:
    document = {"order": bigcommerce_document(products=LINK), "products": [product()]}
    assert order(document) == order(bigcommerce_document())


def test_the_profile_or_the_entered_price_chooses_the_basis() -> None:
    document = bigcommerce_document()
    assert totals(order(document)) == ("20.00", "5.00", "0.00", "2.50", "27.50")
    gross = bigcommerce_document(product(base_price="11.0000"))
    assert totals(order(gross)) == ("22.00", "5.50", "0.00", "2.50", "27.50")
    declared = profile(money={"amounts": "major_text", "tax_mode": "inclusive"})
    found = order(document, partner=declared)
    assert totals(found) == ("22.00", "5.50", "0.00", "2.50", "27.50")
    assert (found.tax_mode, found.lines[0].tax_lines[0].is_included) == ("inclusive", True)
    stated = order(bigcommerce_document(is_tax_inclusive_pricing=True))
    assert (stated.tax_mode, stated.computed) == ("inclusive", order(gross).computed)
    for one in (order(document), order(gross), found, stated):
        assert differences(one) == {}


def test_amounts_are_in_the_currency_that_was_charged_not_in_the_one_that_was_shown() -> None:
    document = bigcommerce_document(currency_code="EUR", currency_exchange_rate="0.9200000000")
    found = order(document)
    assert (found.currency, found.presentment_currency) == ("USD", None)
    assert (str(found.exchange_rate), found.exchange_rate_source) == ("0.92", "currency_exchange_rate")
    assert ("currency_code", "EUR") in [(one.name, one.value) for one in found.extensions]


def test_discounts_of_the_lines_are_not_taken_off_again() -> None:
    coupon = [{"id": "coupon", "code": "TEN", "amount": "2.0000", "target": "order"}]
    document = bigcommerce_document(
        product(applied_discounts=coupon), coupon_discount="2.0000", total_inc_tax="25.5000"
    )
    found = order(document)
    assert (found.adjustments[0].kind, len(found.adjustments)) == ("shipping", 1)
    assert found.lines[0].adjustments[0].reason_raw == "TEN"
    assert (differences(found), warnings(document)) == ({}, [])


def test_a_discount_of_the_order_only_is_allocated_and_warned_of() -> None:
    document = bigcommerce_document(
        discount_amount="1.0000", coupon_discount="2.0000", total_inc_tax="24.5000"
    )
    found = order(document)
    assert totals(found)[2] == "-3.00"
    assert (differences(found), warnings(document)) == ({}, ["not_itemised", "not_itemised"])


def test_a_gift_certificate_pays_unless_the_total_is_stated_after_it() -> None:
    paid = order(bigcommerce_document(gift_certificate_amount="7.5000", payment_provider_id="P-1"))
    assert [
        (one.psp_account, one.psp_reference, str(one.amount.amount)) for one in paid.payment.payments
    ] == [("Credit Card", "P-1", "20.00"), ("gift_certificate", "", "7.50")]
    netted = order(bigcommerce_document(gift_certificate_amount="7.5000", total_inc_tax="20.0000"))
    assert [one.kind for one in netted.adjustments] == ["shipping", "gift_card"]
    assert (netted.payment.payments, differences(netted)) == ((), {})


def test_the_total_without_tax_is_compared_unless_certificates_stand_beside_it() -> None:
    assert differences(order(bigcommerce_document(total_ex_tax="25.0000"))) == {}
    wrong = {"total_ex_tax": "25.0100"}
    assert differences(order(bigcommerce_document(**wrong))) == {("order_total", "total_ex_tax"): "0.01"}
    certified = bigcommerce_document(gift_certificate_amount="7.5000", **wrong)
    assert differences(order(certified)) == {}


@pytest.mark.parametrize("status", ["pending", "void", "authorized"])
def test_a_transaction_that_has_not_paid_is_no_sale(status: str) -> None:
    found = order(bigcommerce_document(payment_provider_id="P-1", payment_status=status))
    kinds = [one.kind for one in found.payment.payments]
    assert kinds == (["authorization"] if status == "authorized" else [])
    assert "P-1" in [one.value for one in found.extensions]


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        ({"scope": "store/order/created", "data": {"type": "order", "id": 250}}, "$.scope"),
        ({"id": 79, "order_id": 519, "items": [{"order_product_id": 537}]}, "$.order_id"),
        ({"data": {"id": 2, "order_id": 250, "total_amount": 10.99}}, "$.data.order_id"),
        (b"<orders><order><id>5</id></order></orders>", "line 1 column 1"),
    ],
)
def test_what_is_no_order_is_refused_with_the_call_that_fetches_it(payload: object, place: str) -> None:
    with pytest.raises(Rejected, match="fetch the order: GET /v2/orders") as refused:
        order(payload)
    assert refused.value.path == place


@pytest.mark.parametrize(
    ("changes", "payment", "cancellation"),
    [
        ({"status_id": 11}, "paid", "none"),
        ({"status_id": 7}, "pending", "none"),
        ({"status_id": 5}, "voided", "cancelled"),
        ({"status_id": 5, "payment_status": "captured"}, "paid", "cancelled"),
        ({"status_id": 11, "payment_status": "authorized"}, "authorized", "none"),
        ({"status_id": 14}, "partially_refunded", "none"),
        ({"status_id": 11, "payment_method": "Cash on Delivery"}, "pending", "none"),
        ({"status_id": 99}, "unknown", "none"),
    ],
)
def test_status_and_payment_status_are_two_axes(
    changes: dict[str, Any], payment: str, cancellation: str
) -> None:
    found = order(bigcommerce_document(**changes))
    assert (found.payment.status, found.cancellation.status) == (payment, cancellation)


def test_the_partners_own_status_wins_and_an_unfinished_checkout_is_warned_of() -> None:
    own = profile(status_map={"order": {"On ice": {"payment": "authorized"}}})
    document = bigcommerce_document(status_id=77, status="On ice")
    assert order(document, partner=own).payment.status == "authorized"
    assert warnings(document) == ["status_unknown"]
    assert warnings(bigcommerce_document(status_id=0)) == ["order_incomplete"]


def test_a_refunded_unit_that_has_not_shipped_is_cancelled() -> None:
    (line,) = order(bigcommerce_document(product(quantity_shipped=1, quantity_refunded=2))).lines
    assert (int(line.returned_reported.value), int(line.cancelled.value)) == (1, 1)


def test_consignments_hold_lines_and_the_receiver() -> None:
    consignment = {
        "id": 9,
        "first_name": "Some",
        "last_name": "Body",
        "street_1": "1 Example Street",
        "country_iso2": "US",
        "shipping_method": "Flat Rate",
        "line_items": [product()],
    }
    held = {"downloads": [], "email": {}, "pickups": [], "shipping": [consignment]}
    for consignments in ([held], held):
        document = bigcommerce_document(products=LINK, consignments=consignments)
        found = order(document)
        assert (len(found.lines), found.shipping_method_raw) == (1, "Flat Rate")
        assert [one.name for one in found.parties] == ["Some Body"]


def test_gift_certificates_sent_by_email_are_lines() -> None:
    certificate = product(
        id=2, type="giftcertificate", quantity=1, total_ex_tax="25.0000", price_ex_tax="25.0000"
    )
    held = {
        "shipping": [{"id": 9, "line_items": [product()]}],
        "email": {"gift_certificates": [{"recipient_email": "b@example.com", "line_items": [certificate]}]},
    }
    found = order(bigcommerce_document(products=LINK, consignments=[held]))
    assert [str(line.kind) for line in found.lines] == ["goods", "gift_card"]


def test_an_order_with_one_consignment_only_linked_is_refused() -> None:
    held = {"shipping": [{"id": 9, "line_items": [product()]}], "downloads": [{"id": 10, "line_items": LINK}]}
    with pytest.raises(Rejected) as refused:
        order(bigcommerce_document(products=LINK, consignments=[held]))
    assert refused.value.code == RejectionCode.LINES_MISSING
    assert refused.value.path == "$.consignments[0].downloads[0].line_items"


def test_fees_handling_and_wrapping_are_charges() -> None:
    fees = [{"id": 1, "name": "Eco", "cost_ex_tax": "1.0000", "cost_inc_tax": "1.1000", "cost_tax": "0.1000"}]
    document = bigcommerce_document(
        fees=fees, handling_cost_ex_tax="2.0000", wrapping_cost_ex_tax="3.0000", total_tax="2.6000"
    )
    found = order(document)
    assert [one.kind for one in found.adjustments] == ["shipping", "fee", "gift_wrap", "fee"]
    assert str(found.computed.total.amount) == "33.60"


def test_a_price_that_does_not_make_its_total_is_a_variance() -> None:
    found = order(bigcommerce_document(product(price_ex_tax="9.9900")))
    assert differences(found) == {("line_extension", "1"): "0.02"}


def test_dates_are_rfc_2822_or_iso() -> None:
    found = order(bigcommerce_document())
    assert found.placed.instant.isoformat() == "2026-01-31T23:30:00+00:00"
    assert found.placed.date.isoformat() == "2026-02-01"  # Europe/Berlin, the profile's zone
    assert (found.revision.kind, found.revision.value) == ("instant_coarse", "2026-02-01T08:00:00.000000Z")
    iso = order(bigcommerce_document(date_created="2026-01-31T23:30:00+00:00"))
    assert iso.placed == found.placed


def test_a_list_is_split_and_a_bad_order_takes_no_neighbour_with_it() -> None:
    assert FORMAT.split is not None
    page = [bigcommerce_document(), without(bigcommerce_document(), "id")]
    for payload in (page, {"orders": page}):
        parts = FORMAT.split(record(payload), PROFILE).parts
        assert (len(parts), parts[0].key) == (2, "acme/shop/order:5")


def test_its_payloads_are_recognised_and_others_are_not() -> None:
    assert FORMAT.looks_like is not None
    assert FORMAT.looks_like(json.dumps(bigcommerce_document()).encode()) > 90
    for other in (schema_root() / "examples" / "raw").glob("*/*.json"):
        if other.parent.name != FORM:
            assert FORMAT.looks_like(other.read_bytes()) == 0, other


@pytest.mark.parametrize("mode", ["exclusive", "inclusive"])
@pytest.mark.parametrize("name", ["subtotal", "shipping_cost", "handling_cost", "wrapping_cost"])
def test_the_figures_of_the_other_basis_are_compared(name: str, mode: str) -> None:
    partner = profile(money={"amounts": "major_text", "tax_mode": mode})
    other = f"{name}_{'inc' if mode == 'exclusive' else 'ex'}_tax"
    taxes = {"subtotal_tax": "2.0000", "handling_cost_tax": "0.0000", "wrapping_cost_tax": "0.0000"}
    document = bigcommerce_document(**taxes, total_ex_tax="25.0000")
    assert order(document, partner=partner).variances == ()
    wrong = order(document | {other: f"{float(document[other]) + 3:.4f}"}, partner=partner)
    assert list(differences(wrong).values()) == ["3.00"]
    assert [one.subject for one in wrong.variances] == [f"$.{other}"]


def test_the_tax_of_the_subtotal_is_that_of_the_lines() -> None:
    found = order(bigcommerce_document(subtotal_tax="2.5000"))
    assert differences(found) == {("tax_total", "$.subtotal_tax"): "0.50"}


@pytest.mark.parametrize(
    ("name", "code"), [("total_inc_tax", "line_extension"), ("price_inc_tax", "unit_price")]
)
def test_a_lines_figures_of_the_other_basis_are_compared(name: str, code: str) -> None:
    line = product(price_tax="1.0000")
    found = order(bigcommerce_document(line | {name: f"{float(line[name]) + 4:.4f}"}))
    assert differences(found) == {(code, f"$.products[0].{name}"): "4.00"}
