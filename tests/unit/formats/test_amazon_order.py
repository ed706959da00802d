"""Amazon orders of the Orders API 2026-01-01: one claim per quirk of real payloads."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.canonical.models import Order, Shipment
from crossdock.formats.registry import FORMATS
from tests.kit.amazon_documents import Document, item_2026, money, order_2026, package, part
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

FORM = "amazon_order"


def read(document: object, **options: Any) -> Order:
    return order_of(FORM, document, **options)


def warnings(document: object) -> list[str]:
    return [one.code for one in reading_of(FORM, document).warnings]


def shipments(document: object) -> list[Shipment]:
    return [one for one in reading_of(FORM, document).entities if isinstance(one, Shipment)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"orderId": ""}, ("id_missing", "$.orderId")),
        ({"orderItems": []}, ("lines_missing", "$.orderItems")),
        ({"orderItems": [3]}, ("field_invalid", "$.orderItems[0]")),
        ({"orderItems": [item_2026(quantityOrdered=None)]},
         ("field_invalid", "$.orderItems[0].quantityOrdered")),
        ({"orderItems": [item_2026(part("ITEM", "x"))]},
         ("amount_unparsable", "$.orderItems[0].proceeds.breakdowns[0].subtotal.amount")),
        ({"proceeds": {"grandTotal": money("1", "EUR")}},
         ("currency_mixed", "$.orderItems[0].product.price.unitPrice")),
        ({"createdTime": None, "lastUpdatedTime": None}, ("time_invalid", "$.createdTime")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of(FORM, order_2026(**changes)) == expected


@pytest.mark.parametrize("wrap", ["order", "payload", "orders"])
def test_an_order_is_found_in_its_answer(wrap: str) -> None:
    document: Document = {wrap: [order_2026()] if wrap == "orders" else order_2026()}
    assert read(document).order_id == "900-0000001-0000001"


def test_a_page_is_cut_into_its_orders() -> None:
    page = {"orders": [order_2026(), order_2026(orderId="900-2")], "pagination": {"nextToken": "x"}}
    split = FORMATS[FORM].split
    assert split is not None
    assert [part.key for part in split(record(page), PROFILE).parts] == [
        "acme/shop/order:900-0000001-0000001",
        "acme/shop/order:900-2",
    ]


# ---- proceeds --------------------------------------------------------------------------------------------


def test_parts_of_proceeds_become_line_charges_and_taxes() -> None:
    item = item_2026(
        part("ITEM", "20.00"), part("SHIPPING", "4.00"), part("GIFT_WRAP", "1.00"),
        part("DISCOUNT", "-3.00", ITEM="-2.00", SHIPPING="-1.00"),
        part("TAX", "2.20", ITEM="2.00", SHIPPING="0.40", DISCOUNT="-0.20"),
        total="24.20",
    )  # fmt: skip
    found = read(order_2026(item, total="24.20"))
    assert totals(found) == ("20.00", "4.00", "-3.00", "2.20", "24.20")
    assert (found.tax_mode, found.variances, str(found.lines[0].net.amount)) == ("exclusive", (), "18.00")
    shipping = next(one for one in found.lines[0].adjustments if one.kind == "shipping" and one.is_charge)
    assert [str(tax.amount.amount) for tax in shipping.tax_lines] == ["0.40"]


def test_a_discount_is_taken_off_whatever_its_sign() -> None:
    positive = item_2026(part("ITEM", "20.00"), part("DISCOUNT", "2.00", ITEM="2.00"), total="18.00")
    found = read(order_2026(positive, total="18.00"))
    assert (totals(found)[4], found.variances) == ("18.00", ())


@pytest.mark.parametrize("said", ["-0.20", "0.20"])
def test_the_tax_of_a_discount_is_taken_off_also_beside_the_subtotal(said: str) -> None:
    tax = part("TAX", "2.00", ITEM="2.00", DISCOUNT=said)
    item = item_2026(part("ITEM", "20.00"), part("DISCOUNT", "2.00", ITEM="2.00"), tax, total="19.80")
    found = read(order_2026(item, total="19.80"))
    assert (str(found.computed.tax.amount), found.variances) == ("1.80", ())


def test_a_unit_price_may_have_more_decimals_than_its_currency() -> None:
    priced = {"sellerSku": "SKU-1", "price": {"unitPrice": {"amount": "9.995"}}}
    document = order_2026(item_2026(part("ITEM", "19.99"), total="19.99", product=priced), total="19.99")
    assert (warnings(document), read(document).variances) == ([], ())
    price = read(document).lines[0].unit_price
    assert price is not None
    assert str(price.amount) == "9.995"


def test_details_that_do_not_add_up_leave_the_subtotal() -> None:
    item = item_2026(part("ITEM", "20.00"), part("TAX", "2.00", ITEM="1.00"), total="22.00")
    document = order_2026(item, total="22.00")
    assert str(read(document).computed.tax.amount) == "2.00"
    assert warnings(document) == ["details_differ"]


def test_what_parts_miss_of_their_total_is_told_exactly() -> None:
    found = read(order_2026(item_2026(total="20.01")))
    assert differences(found) == {("net_amount", "11111111111111"): "0.01"}
    found = read(order_2026(item_2026(part("ITEM", "19.99"), total="19.99"), total="20.00"))
    assert differences(found) == {
        ("order_total", "stated.total"): "0.01",
        ("line_extension", "11111111111111"): "-0.01",
    }


def test_without_proceeds_the_unit_price_is_extended() -> None:
    document = without(order_2026(without(item_2026(), "proceeds")), "proceeds")
    found = read(document)
    assert (str(found.lines[0].extended.amount), found.lines[0].price_basis) == ("20.00", "unit")
    only_total = item_2026(product={"sellerSku": "SKU-1"})
    only_total["proceeds"] = {"proceedsTotal": money("20.00")}
    assert warnings(order_2026(only_total)) == ["price_from_proceeds"]
    nothing = without(item_2026(product={"sellerSku": "SKU-1"}), "proceeds")
    assert warnings(order_2026(nothing)) == ["price_missing"]


def test_a_tip_and_what_no_item_states_belong_to_the_order() -> None:
    proceeds = {
        "grandTotal": money("28.00"),
        "breakdowns": [part("ITEM", "20.00"), part("DELIVERY_TIP", "5.00"), part("TAX", "3.00")],
    }
    document = order_2026(proceeds=proceeds)
    found = read(document)
    assert totals(found) == ("20.00", "0.00", "0.00", "3.00", "28.00")
    (tip,) = found.adjustments
    assert (tip.kind, str(tip.amount.amount), len(tip.allocations)) == ("gratuity", "5.00", 1)
    assert (warnings(document), found.variances) == (["order_level_amount"], ())
    proceeds["breakdowns"] = [part("ITEM", "20.00"), part("DELIVERY_TIP", "8.00")]
    assert warnings(order_2026(proceeds=proceeds)) == []


def test_tax_that_the_marketplace_collects_is_marked() -> None:
    collected = {"taxCollections": [{"model": "MARKETPLACE_FACILITATOR", "responsibleParty": "Example"}]}
    parts = (
        part("ITEM", "20.00"),
        part("SHIPPING", "1.00"),
        part("TAX", "2.10", ITEM="2.00", SHIPPING="0.10"),
    )
    (line,) = read(order_2026(item_2026(*parts, total="23.10", tax=collected), total="23.10")).lines
    taxes = [*line.tax_lines, *line.adjustments[0].tax_lines]
    assert [(tax.is_withheld_by_channel, tax.jurisdiction) for tax in taxes] == [(True, "Example")] * 2
    (line,) = read(order_2026(item_2026(*parts, total="23.10"), total="23.10")).lines
    assert not line.tax_lines[0].is_withheld_by_channel


def test_stated_parts_are_compared_with_our_sums() -> None:
    proceeds = {"grandTotal": money("20.00"), "breakdowns": [part("ITEM", "21.00")]}
    assert differences(read(order_2026(proceeds=proceeds))) == {("subtotal", "stated.subtotal"): "1.00"}


# ---- states ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "payment", "cancellation"),
    [
        ("PENDING", "pending", "none"),
        ("PENDING_AVAILABILITY", "pending", "none"),
        ("PARTIALLY_SHIPPED", "authorized", "none"),
        ("SHIPPED", "paid", "none"),
        ("CANCELLED", "voided", "cancelled"),
    ],
)
def test_the_status_says_two_things(status: str, payment: str, cancellation: str) -> None:
    found = read(order_2026(fulfillment={"fulfillmentStatus": status, "fulfilledBy": "AMAZON"}))
    assert (found.payment.status, found.cancellation.status) == (payment, cancellation)
    assert found.fulfilled_by == "channel"


def cancelled_item(fulfilled: int, due: int, *, is_executed: bool = True) -> Document:
    block: Document = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "Changed mind"}}
    if is_executed:
        block["cancellationExecution"] = {"cancelledBy": "MERCHANT"}
    counts = {"quantityFulfilled": fulfilled, "quantityUnfulfilled": due}
    return item_2026(cancellation=block, fulfillment=counts)


def test_a_request_cancels_nothing_and_an_execution_what_is_not_shipped() -> None:
    asked = read(order_2026(cancelled_item(0, 2, is_executed=False)))
    assert (asked.cancellation.status, asked.cancellation.reason_raw) == ("requested", "Changed mind")
    partly = read(order_2026(cancelled_item(1, 0)))
    assert (partly.cancellation.status, str(partly.lines[0].cancelled.value)) == ("partial", "1")
    document = order_2026(cancelled_item(2, 0))
    assert read(document).cancellation.status == "requested"
    assert warnings(document) == ["cancellation_contradicted"]


@pytest.mark.parametrize(("goods", "is_told"), [("10.00", False), ("20.00", False), ("15.00", True)])
def test_goods_of_an_item_cancelled_in_part_are_all_or_those_that_are_left(goods: str, is_told: bool) -> None:
    counts = {"quantityFulfilled": 1, "quantityUnfulfilled": 0}
    item = item_2026(
        part("ITEM", goods),
        total=goods,
        fulfillment=counts,
        cancellation={"cancellationExecution": {"cancelledBy": "MERCHANT"}},
    )
    found = differences(read(order_2026(item, total=goods)))
    assert [code for code, _ in found] == ["line_extension"] * is_told


@pytest.mark.parametrize(
    ("status", "goods", "is_told"),
    [("CANCELLED", "0.00", False), ("PENDING", "19.00", True), ("SHIPPED", "0.00", True)],
)
def test_zero_goods_of_an_order_without_prices_due_are_no_difference(
    status: str, goods: str, is_told: bool
) -> None:
    item = item_2026(part("ITEM", goods), total=goods)
    document = order_2026(item, total=goods, fulfillment={"fulfillmentStatus": status})
    assert [code for code, _ in differences(read(document))] == ["line_extension"] * is_told


def test_a_replacement_names_what_it_replaces() -> None:
    others = [
        {"orderId": "900-8", "associationType": "EXCHANGE_ORIGINAL_ID"},
        {"orderId": "900-9", "associationType": "REPLACEMENT_ORIGINAL_ID"},
    ]
    assert read(order_2026(associatedOrders=others)).replaces == "acme/shop/900-9"


def test_payments_and_people() -> None:
    document = order_2026(
        payment={"paymentExecutions": [{"paymentMethod": "Pix", "paymentAmount": money("20.00"),
                                        "authorizationCode": "AUTH-1"}]},
        buyer={"buyerName": "Example", "buyerEmail": "x@example.com", "buyerPurchaseOrderNumber": "PO-1"},
        tax={"taxRegistrations": [{"entityType": "BUYER", "taxRegistrationNumber": "T-1"},
                                  {"entityType": "MERCHANT", "taxRegistrationNumber": "T-2"}]},
        recipient={"deliveryAddress": {"name": "Example", "addressLine1": "1 Example St",
                                       "addressLine3": "", "countryCode": "BR"}},
    )  # fmt: skip
    found = read(document)
    assert [one.psp_reference for one in found.payment.payments] == ["AUTH-1"]
    assert (found.parties[0].tax_ids, found.buyer_reference) == (("T-1",), "PO-1")
    assert found.parties[1].address is not None
    assert found.parties[1].address.lines == ("1 Example St",)


# ---- packages --------------------------------------------------------------------------------------------


def test_each_package_is_a_shipment() -> None:
    document = order_2026(packages=[package(), package(packageReferenceId=None, trackingNumber="T-2")])
    first, second = shipments(document)
    assert first.key == "acme/shop/900-0000001-0000001/PKG-1"
    assert (first.status_raw, first.packages[0].status) == ("OUT_FOR_DELIVERY", "out_for_delivery")
    (held,) = first.packages[0].lines
    assert (held.line_id, held.sku, str(held.quantity.value)) == ("11111111111111", "SKU-1", "2")
    assert (second.shipment_id, first.revision.value) == ("T-2", "2026-02-01T08:00:00.250000Z")


def test_a_package_without_name_is_left_out_and_told() -> None:
    document = order_2026(packages=[package(packageReferenceId="", trackingNumber=None)])
    assert (shipments(document), warnings(document)) == ([], ["package_unnamed"])


def test_a_cancelled_package_cancels_its_shipment() -> None:
    said = {"status": "CANCELLED", "detailedStatus": "LABEL_CANCELLED"}
    (found,) = shipments(order_2026(packages=[package(packageStatus=said)]))
    assert (found.cancels, found.purpose, found.change) == (True, "cancel", "cancelled")


def test_an_unknown_package_status_stays_raw() -> None:
    (found,) = shipments(order_2026(packages=[package(packageStatus={"status": "TELEPORTED"})]))
    assert (found.status_raw, found.packages[0].status) == ("TELEPORTED", "unknown")
    (found,) = shipments(
        order_2026(packages=[package(packageStatus={"status": "IN_TRANSIT", "detailedStatus": "NEW_WORD"})])
    )
    assert (found.status_raw, found.packages[0].status) == ("NEW_WORD", "in_transit")
    mapped = profile(status_map={"fulfillment": {"TELEPORTED": "delivered"}})
    reading = reading_of(
        FORM, order_2026(packages=[package(packageStatus={"status": "TELEPORTED"})]), partner=mapped
    )
    assert isinstance(reading.entities[1], Shipment)
    assert reading.entities[1].packages[0].status == "delivered"


def test_the_digest_of_the_reading_covers_the_packages() -> None:
    plain, packed = reading_of(FORM, order_2026()), reading_of(FORM, order_2026(packages=[package()]))
    assert plain.digest != packed.digest
    assert packed.revision.content_sha256 == packed.digest.hex()
    assert reading_of(FORM, order_2026(packages=[package()])) == packed
