"""eBay orders: generated ones yield their facts; one claim per quirk of real payloads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order
from crossdock.canonical.schemas import schema_root
from crossdock.formats.ebay_order import FORMAT
from tests.kit.ebay_payloads import RATE, EbayFacts, ebay_orders
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

SELLER = profile(
    format="ebay_order", money={"amounts": "major_text", "tax_mode": "exclusive", "currency": None}
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
Document = dict[str, Any]


def usd(value: str, euros: str | None = None) -> Document:
    node: Document = {"value": value, "currency": "USD"}
    return node if euros is None else node | {"convertedFromValue": euros, "convertedFromCurrency": "EUR"}


def line(**changes: Any) -> Document:
    return {
        "lineItemId": "10001",
        "legacyItemId": "3001",
        "sku": "SKU-1",
        "quantity": 2,
        "lineItemCost": usd("20.0"),
        "lineItemFulfillmentStatus": "NOT_STARTED",
        "total": usd("24.0"),
        "deliveryCost": {"shippingCost": usd("4.0")},
        "taxes": [],
    } | changes


def ebay_document(*lines: Document, **changes: Any) -> Document:
    return {
        "orderId": "11-11111-11111",
        "creationDate": "2026-01-31T23:30:00.000Z",
        "lastModifiedDate": "2026-02-01T08:00:00.250Z",
        "orderFulfillmentStatus": "NOT_STARTED",
        "orderPaymentStatus": "PAID",
        "pricingSummary": {
            "priceSubtotal": usd("20.0"),
            "deliveryCost": usd("4.0"),
            "total": usd("24.0"),
        },
        "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
        "lineItems": list(lines) or [line()],
    } | changes


def ebay(document: object, **options: Any) -> Order:
    return order_of("ebay_order", document, **{"partner": SELLER} | options)


def warnings(document: object) -> list[str]:
    return [one.code for one in reading_of("ebay_order", document, partner=SELLER).warnings]


@QUICK
@given(ebay_orders())
def test_a_generated_order_yields_its_facts(facts: EbayFacts) -> None:
    order = ebay(facts.payload)
    amount = facts.currency.amount
    assert (order.order_id, order.currency) == (facts.order_id, facts.currency.code)
    assert order.presentment_currency == facts.presentment
    assert (order.placed.instant, order.occurred.instant) == (facts.placed, facts.modified)
    assert (order.payment.status, order.cancellation.status) == (facts.payment, facts.cancellation)
    assert len(order.lines) == len(facts.lines)
    for found, expected in zip(order.lines, facts.lines, strict=True):
        assert (found.line_id, int(found.ordered.value), int(found.fulfilled_reported.value), found.sku) == (
            expected.line_id,
            expected.ordered,
            expected.fulfilled,
            expected.sku,
        )
        assert (found.extended.amount, found.net.amount) == (amount(expected.cost), amount(expected.net))
        assert found.price_basis == "extended"
        taxes = sum(tax.amount.amount for tax in found.tax_lines)
        assert taxes == amount(expected.tax)
    for name in ("subtotal", "shipping", "discount", "tax", "total"):
        money = getattr(order.computed, name)
        assert money.amount == amount(getattr(facts.sums, name)), name
        if facts.presentment:
            assert money.presentment_amount == RATE * money.amount
    expected_differences = {}
    if facts.total_error:
        expected_differences["order_total", "stated.total"] = facts.currency.text(facts.total_error)
        if facts.presentment:
            euros = amount(facts.total_error) * RATE
            expected_differences["order_total", "stated.total.presentment"] = str(
                euros.quantize(amount(1)) if facts.currency.places else f"{euros}.00"
            )
    assert differences(order) == expected_differences


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"orderId": None}, ("id_missing", "$.orderId")),
        ({"lineItems": []}, ("lines_missing", "$.lineItems")),
        ({"lineItems": [line(lineItemCost=None)]}, ("amount_unparsable", "$.lineItems[0].lineItemCost")),
        ({"lineItems": [line(lineItemCost="9.5")]}, ("amount_unparsable", "$.lineItems[0].lineItemCost")),
        ({"lineItems": [line(quantity=None)]}, ("field_invalid", "$.lineItems[0].quantity")),
        (
            {"lineItems": [line(lineItemCost={"value": "9", "currency": "GBP"})]},
            ("currency_mixed", "$.lineItems[0].lineItemCost.currency"),
        ),
        ({"creationDate": None}, ("time_invalid", "$.creationDate")),
        (
            {"pricingSummary": {"total": {"value": "1", "currency": "QQQ"}}},
            ("currency_unknown", "$.pricingSummary.total.currency"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of("ebay_order", ebay_document(**changes), partner=SELLER) == expected


def test_the_cost_of_a_line_is_that_of_its_whole_quantity() -> None:
    found = ebay(ebay_document())
    assert totals(found) == ("20.00", "4.00", "0.00", "0.00", "24.00")
    assert found.lines[0].unit_price is None
    assert differences(found) == {}


def test_value_is_the_shops_currency_and_what_it_was_converted_from_the_buyers() -> None:
    cost = usd("10.8", "8.9")
    document = ebay_document(
        line(lineItemCost=cost, total=cost, deliveryCost={}),
        pricingSummary={"priceSubtotal": cost, "deliveryCost": usd("0.0", "0.0"), "total": cost},
    )
    found = ebay(document)
    assert (found.currency, found.presentment_currency, found.exchange_rate) == ("USD", "EUR", None)
    money = found.computed.total
    assert (str(money.amount), str(money.presentment_amount)) == ("10.80", "8.90")
    euros = profile(money={"amounts": "major_text", "tax_mode": "exclusive", "currency": "EUR"})
    turned = ebay(document, partner=euros)
    assert (turned.currency, turned.presentment_currency) == ("EUR", "USD")
    assert (str(turned.computed.total.amount), str(turned.computed.total.presentment_amount)) == (
        "8.90",
        "10.80",
    )


def test_an_amount_without_its_conversion_makes_up_no_presentment() -> None:
    cost = usd("10.8", "8.9")
    document = ebay_document(
        line(lineItemCost=cost, total=cost, deliveryCost={}),
        pricingSummary={"priceSubtotal": usd("10.8"), "total": cost},
    )
    found = ebay(document)
    assert found.presentment_currency is None
    assert found.computed.total.presentment_currency == "USD"
    assert warnings(document) == ["presentment_incomplete"]


def test_tax_that_ebay_remits_is_beside_the_total_unless_taxes_repeat_it() -> None:
    tax = {"taxType": "STATE_SALES_TAX", "amount": usd("1.5"), "collectionMethod": "NET"}
    beside = ebay(ebay_document(line(ebayCollectAndRemitTaxes=[tax])))
    (remitted,) = beside.lines[0].tax_lines
    assert (remitted.is_withheld_by_channel, remitted.is_included) == (True, False)
    assert (str(beside.computed.total.amount), differences(beside)) == ("25.50", {})
    repeated = line(ebayCollectAndRemitTaxes=[tax], taxes=[{"amount": usd("1.5")}], total=usd("25.5"))
    summary = {"priceSubtotal": usd("20"), "deliveryCost": usd("4"), "tax": usd("1.5"), "total": usd("25.5")}
    inside = ebay(ebay_document(repeated, pricingSummary=summary))
    assert len(inside.lines[0].tax_lines) == 1
    assert (str(inside.computed.total.amount), differences(inside)) == ("25.50", {})
    proven = line(ebayCollectAndRemitTaxes=[tax], total=usd("25.5"))
    stated = ebay(ebay_document(proven, pricingSummary=summary))
    assert (str(stated.computed.total.amount), differences(stated)) == ("25.50", {})
    unproven = summary | {"tax": usd("1.4"), "total": usd("25.4")}
    found = differences(ebay(ebay_document(proven, pricingSummary=unproven)))
    assert found["tax_total", "stated.tax"] == found["order_total", "stated.total"] == "1.40"


def test_a_fee_among_the_taxes_is_stated_beside_the_tax() -> None:
    kinds = (("TIRE_RECYCLING_FEE", "3"), ("STATE_SALES_TAX", "1.5"))
    own = [{"taxType": kind, "amount": usd(amount)} for kind, amount in kinds]
    summary = {"priceSubtotal": usd("20"), "deliveryCost": usd("4"), "tax": usd("1.5"), "fee": usd("3")}
    taxed = line(taxes=own, ebayCollectAndRemitTaxes=own, total=usd("28.5"))
    found = ebay(ebay_document(taxed, pricingSummary=summary | {"total": usd("28.5")}))
    assert found.stated.tax is not None
    assert (str(found.stated.tax.amount), totals(found)[3]) == ("1.50", "4.50")
    assert (differences(found), str(found.computed.total.amount)) == ({}, "28.50")
    short = ebay(ebay_document(taxed, pricingSummary=summary | {"fee": usd("2"), "total": usd("28.5")}))
    assert differences(short) == {("tax_total", "pricingSummary.tax + fee"): "-1.00"}


def test_a_promotion_explains_the_discounted_cost_or_the_difference_stands_alone() -> None:
    named = line(
        discountedLineItemCost=usd("15.0"),
        appliedPromotions=[{"promotionId": "P-9", "discountAmount": usd("5.0")}],
        total=usd("19.0"),
    )
    other = line(
        discountedLineItemCost=usd("14.0"),
        appliedPromotions=[{"promotionId": "P-9", "discountAmount": usd("5.0")}],
        total=usd("18.0"),
    )
    for node, off, total, gap in ((named, "-5.00", "19", None), (other, "-6.00", "18", "-1.00")):
        found = ebay(ebay_document(node, pricingSummary={"total": usd(total)}))
        adjustment = found.lines[0].adjustments[0]
        assert (str(adjustment.amount.amount), adjustment.reason_raw) == (off, "P-9")
        assert differences(found).get(("discount", "10001.appliedPromotions")) == gap


def test_discounts_of_the_order_only_are_allocated_and_warned_of() -> None:
    summary = {
        "priceSubtotal": usd("20"),
        "priceDiscount": usd("-3.0"),
        "deliveryCost": usd("4"),
        "deliveryDiscount": usd("-1.0"),
        "total": usd("20.0"),
    }
    document = ebay_document(pricingSummary=summary)
    found = ebay(document)
    assert totals(found) == ("20.00", "4.00", "-4.00", "0.00", "20.00")
    assert differences(found) == {}
    assert warnings(document) == ["not_itemised"]


def test_older_answers_name_the_discount_of_the_goods_otherwise() -> None:
    summary = {"priceSubtotal": usd("20"), "priceDiscountSubtotal": usd("-3.0"), "total": usd("21.0")}
    found = ebay(ebay_document(pricingSummary=summary))
    assert (totals(found)[2], differences(found)) == ("-3.00", {})


def test_a_delivery_discount_that_the_lines_hold_already_is_not_taken_twice() -> None:
    summary = {
        "priceSubtotal": usd("20"),
        "deliveryCost": usd("6"),
        "deliveryDiscount": usd("-2"),
        "total": usd("24"),
    }
    found = ebay(ebay_document(pricingSummary=summary))
    assert totals(found) == ("20.00", "6.00", "-2.00", "0.00", "24.00")
    assert differences(found) == {}
    cost = {"shippingCost": usd("4"), "discountAmount": usd("2")}
    stated = ebay(ebay_document(line(deliveryCost=cost), pricingSummary=summary))
    assert totals(stated) == ("20.00", "6.00", "-2.00", "0.00", "24.00")
    assert (differences(stated), stated.adjustments) == ({}, ())


def test_totals_that_disagree_are_kept_and_flagged_exactly() -> None:
    found = ebay(ebay_document(line(total=usd("23.99")), pricingSummary={"total": usd("24.01")}))
    assert differences(found) == {
        ("line_extension", "10001.total"): "-0.01",
        ("order_total", "stated.total"): "0.01",
    }


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("NONE_REQUESTED", "none"),
        ("IN_PROGRESS", "requested"),
        ("CANCEL_REQUESTED", "requested"),
        ("CANCELED", "cancelled"),
        ("WHATEVER", "unknown"),
    ],
)
def test_a_requested_cancellation_is_not_a_cancellation(state: str, status: str) -> None:
    node = {"cancelState": state, "cancelledDate": None, "cancelRequests": [{"cancelReason": "BUYER_ASKED"}]}
    found = ebay(ebay_document(cancelStatus=node))
    assert (found.cancellation.status, found.cancellation.reason_raw) == (status, "BUYER_ASKED")
    assert found.change == ("cancelled" if status == "cancelled" else "updated")


def test_payments_and_refunds_that_were_made_are_kept_and_one_in_another_currency_is_not() -> None:
    summary = {
        "payments": [
            {
                "paymentMethod": "EBAY",
                "paymentReferenceId": "R-1",
                "amount": usd("24"),
                "paymentStatus": "PAID",
            },
            {"paymentMethod": "EBAY", "amount": usd("24"), "paymentStatus": "FAILED"},
            {"paymentMethod": "X", "amount": {"value": "9", "currency": "GBP"}, "paymentStatus": "PAID"},
        ],
        "refunds": [{"refundStatus": "REFUNDED", "refundReferenceId": "R-2", "amount": usd("5")}],
    }
    document = ebay_document(paymentSummary=summary)
    payments = ebay(document).payment.payments
    assert [(one.kind, one.psp_reference, str(one.amount.amount)) for one in payments] == [
        ("sale", "R-1", "24.00"),
        ("refund", "R-2", "5.00"),
    ]
    assert warnings(document) == ["payment_currency"]


def test_a_payment_in_the_accounts_currency_is_kept_in_the_orders() -> None:
    pounds = {"value": "20.4", "currency": "GBP"}
    converted = pounds | {"convertedFromValue": "22.5", "convertedFromCurrency": "USD"}
    document = ebay_document(paymentSummary={"payments": [{"paymentStatus": "PAID", "amount": converted}]})
    (payment,) = ebay(document).payment.payments
    assert (str(payment.amount.amount), payment.amount.currency) == ("22.50", "USD")
    assert warnings(document) == []


def test_what_holds_no_order_is_refused_with_what_to_do() -> None:
    trading = b'<?xml version="1.0"?><GetOrdersResponse xmlns="urn:ebay:apis:eBLBaseComponents"/>'
    assert FORMAT.looks_like is not None
    assert FORMAT.looks_like(trading) > 50
    with pytest.raises(Rejected, match="Trading API answers; fetch the order as JSON"):
        reading_of("ebay_order", trading, partner=SELLER)
    failure = {"errors": [{"errorId": 32100, "domain": "API_FULFILLMENT", "category": "REQUEST"}]}
    with pytest.raises(Rejected, match="an error answer, not an object"):
        reading_of("ebay_order", failure, partner=SELLER)


def test_people_come_from_the_shipping_step_and_an_empty_phone_is_none() -> None:
    ship_to = {
        "fullName": "Some Body",
        "contactAddress": {"addressLine1": "1 Example Street", "city": "Town", "countryCode": "de"},
        "primaryPhone": {},
    }
    start = {
        "fulfillmentInstructionsType": "SHIP_TO",
        "maxEstimatedDeliveryDate": "2026-02-08T22:00:00.000Z",
        "shippingStep": {"shipTo": ship_to, "shippingServiceCode": "Letter"},
    }
    node = line(lineItemFulfillmentInstructions={"shipByDate": "2026-02-03T21:59:59.000Z"})
    found = ebay(
        ebay_document(
            node, buyer={"username": "someone"}, fulfillmentStartInstructions=[start], sellerId="me"
        )
    )
    buyer, receiver = found.parties
    assert (buyer.role, buyer.identifiers[0].value) == ("buyer", "someone")
    assert receiver.address is not None
    assert (receiver.name, receiver.phone, receiver.address.country) == ("Some Body", None, "DE")
    assert found.shipping_method_raw == "Letter"
    assert found.ship_by is not None
    assert found.ship_by.date.isoformat() == "2026-02-03"
    assert found.deliver_by is not None


def test_what_ebay_fulfils_is_the_channels() -> None:
    start = [{"fulfillmentInstructionsType": "FULFILLED_BY_EBAY"}]
    assert ebay(ebay_document(fulfillmentStartInstructions=start)).fulfilled_by == "channel"
    assert ebay(ebay_document()).fulfilled_by == "seller"


def test_a_line_in_progress_does_not_say_how_much_has_left() -> None:
    document = ebay_document(line(lineItemFulfillmentStatus="IN_PROGRESS"))
    assert int(ebay(document).lines[0].fulfilled_reported.value) == 0
    assert warnings(document) == ["fulfilled_in_part"]


def test_two_lines_with_one_id_stay_two_lines() -> None:
    found = ebay(ebay_document(line(), line()))
    assert [one.line_id for one in found.lines] == ["10001", "10001#2"]


def test_a_page_is_split_and_a_bad_order_takes_no_neighbour_with_it() -> None:
    page = {"href": "x", "total": 2, "orders": [ebay_document(), without(ebay_document(), "orderId")]}
    assert FORMAT.split is not None
    parts = FORMAT.split(record(page), SELLER).parts
    assert [part.key.split(":")[0] for part in parts] == ["acme/shop/order", "acme/shop/order"]
    assert parts[0].key == "acme/shop/order:11-11111-11111"
    assert ebay(parts[0].value) == ebay(ebay_document()) == ebay({"orderId": "x", "data": ebay_document()})


def test_revisions_are_ordered_by_the_modification_to_the_millisecond() -> None:
    found = ebay(ebay_document())
    assert (found.revision.kind, found.revision.value) == ("instant_fine", "2026-02-01T08:00:00.250000Z")
    assert found.placed.date.isoformat() == "2026-02-01"  # Europe/Berlin, the profile's zone


def test_its_payloads_are_recognised_and_others_are_not() -> None:
    assert FORMAT.looks_like is not None
    assert FORMAT.looks_like(json.dumps(ebay_document()).encode()) > 80
    for other in (schema_root() / "examples" / "raw").glob("*/*.json"):
        if other.parent.name != "ebay_order":
            assert FORMAT.looks_like(other.read_bytes()) == 0, other
