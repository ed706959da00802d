"""Amazon orders of the Orders API v0: one claim per quirk of real payloads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.canonical.models import Order
from crossdock.formats.registry import FORMATS
from tests.kit.amazon_documents import Document, usd, v0_item, v0_order
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

FORM = "amazon_order_v0"
EXCLUSIVE = profile(money={"amounts": "major_text", "tax_mode": "exclusive"})
INCLUSIVE = profile(money={"amounts": "major_text", "tax_mode": "inclusive"})


def read(document: object, **options: Any) -> Order:
    return order_of(FORM, document, **options)


def warnings(document: object, **options: Any) -> list[str]:
    return [one.code for one in reading_of(FORM, document, **options).warnings]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"AmazonOrderId": None}, ("id_missing", "$.AmazonOrderId")),
        ({"OrderItems": []}, ("lines_missing", "$.OrderItems")),
        ({"OrderItems": ["x"]}, ("field_invalid", "$.OrderItems[0]")),
        ({"OrderStatus": None}, ("field_invalid", "$.OrderStatus")),
        ({"OrderItems": [v0_item(QuantityOrdered=None)]},
         ("field_invalid", "$.OrderItems[0].QuantityOrdered")),
        ({"OrderItems": [v0_item(ItemPrice=usd("x"))]},
         ("amount_unparsable", "$.OrderItems[0].ItemPrice.Amount")),
        ({"OrderItems": [v0_item(ShippingPrice=usd("1", "EUR"))]},
         ("currency_mixed", "$.OrderItems[0].ShippingPrice")),
        ({"OrderTotal": usd("1", "XXQ")}, ("currency_unknown", "$")),
        ({"PurchaseDate": None, "LastUpdateDate": None}, ("time_invalid", "$.PurchaseDate")),
        ({"PurchaseDate": "yesterday"}, ("time_invalid", "$.PurchaseDate")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of(FORM, v0_order(**changes)) == expected


def test_the_answer_of_a_failed_call_is_no_order() -> None:
    document = {"errors": [{"code": "QuotaExceeded", "message": "…"}]}
    assert refusal_of(FORM, document) == ("field_invalid", "$.errors")


def merged(order: Document, items: list[Document]) -> list[tuple[str, object]]:
    answer = {"payload": {"AmazonOrderId": order["AmazonOrderId"], "OrderItems": items}}
    return [
        ("inside", order | {"OrderItems": items}),
        ("inside, camelCase", order | {"orderItems": items}),
        ("inside, short", order | {"items": items}),
        ("in the answer of getOrder", {"payload": order | {"OrderItems": items}}),
        ("beside", {"order": order, "orderItems": items}),
        ("beside, in answers", {"order": {"payload": order}, "orderItems": answer}),
        ("beside, in one answer", {"payload": {"order": order, "items": items}}),
        ("beside the payload", {"payload": order, "OrderItems": items}),
        ("in a page of one", {"payload": {"Orders": [order | {"OrderItems": items}], "NextToken": "x"}}),
    ]


def test_items_are_found_wherever_they_were_merged() -> None:
    order, items = without(v0_order(), "OrderItems"), [v0_item(), v0_item(OrderItemId="2")]
    expected = read(v0_order(*items))
    for name, document in merged(order, items):
        assert read(document).model_dump(exclude={"source"}) == expected.model_dump(exclude={"source"}), name


def test_nesting_without_end_is_refused() -> None:
    deep = b'{"items":' * 500 + b"[]" + b"}" * 500
    document = b'{"AmazonOrderId":"1","OrderItems":' + deep + b"}"
    assert refusal_of(FORM, document)[0] in ("field_invalid", "envelope_broken")


def test_items_alone_are_no_order() -> None:
    document = {"payload": {"AmazonOrderId": "900-0000001-0000001", "OrderItems": [v0_item()]}}
    assert refusal_of(FORM, document) == ("field_invalid", "$.payload.OrderStatus")


def test_items_of_another_order_are_refused() -> None:
    order = without(v0_order(), "OrderItems")
    answer = {"payload": {"AmazonOrderId": "900-9", "OrderItems": [v0_item()]}}
    document = {"order": order, "orderItems": answer}
    assert refusal_of(FORM, document) == ("field_invalid", "$.orderItems.payload.AmazonOrderId")


def test_several_pages_of_items_add_up() -> None:
    order = without(v0_order(), "OrderItems")
    pages = [{"payload": {"OrderItems": [v0_item(OrderItemId=name)], "NextToken": "x"}} for name in "ab"]
    assert [line.line_id for line in read({"order": order, "orderItems": pages}).lines] == ["a", "b"]


def test_a_further_page_of_items_that_is_not_there_is_told() -> None:
    order, page = without(v0_order(), "OrderItems"), {"OrderItems": [v0_item()], "NextToken": "x"}
    last = {"OrderItems": [v0_item(OrderItemId="2")]}
    assert "items_incomplete" in warnings({"order": order, "orderItems": {"payload": page}})
    assert "items_incomplete" in warnings(order | page)
    assert "items_incomplete" not in warnings({"order": order, "orderItems": [page, last]})
    assert "items_incomplete" not in warnings({"Orders": [v0_order()], "NextToken": "x"})


@pytest.mark.parametrize("as_lines", [True, False])
def test_both_answers_of_a_file_are_joined_by_the_order_id(as_lines: bool) -> None:
    order, other = (without(v0_order(AmazonOrderId=name), "OrderItems") for name in ("900-1", "900-2"))
    items = {"payload": {"AmazonOrderId": "900-1", "OrderItems": [v0_item()]}}
    lost = {"payload": {"AmazonOrderId": "900-3", "OrderItems": [v0_item()]}}
    answers = [items, {"payload": order}, {"payload": other}, lost, items]
    text = "\n".join(map(json.dumps, answers)) if as_lines else json.dumps(answers)
    split = FORMATS[FORM].split
    assert split is not None
    parts = split(record(text.encode()), PROFILE).parts
    assert [part.key.rpartition("/")[2] for part in parts] == ["order:900-1", "order:900-2", "order:900-3"]
    assert len(read(parts[0].value).lines) == 1  # the same answer twice is one
    assert [refusal_of(FORM, part.value)[0] for part in parts[1:]] == ["lines_missing", "field_invalid"]


def test_a_page_is_cut_into_its_orders() -> None:
    page = {"payload": {"Orders": [v0_order(), v0_order(AmazonOrderId="900-2")], "NextToken": "x"}}
    split = FORMATS[FORM].split
    assert split is not None
    parts = split(record(page), PROFILE).parts
    assert [part.key for part in parts] == ["acme/shop/order:900-0000001-0000001", "acme/shop/order:900-2"]
    assert read(parts[1].value).order_id == "900-2"
    assert refusal_of(FORM, page) == ("envelope_broken", "$.payload.Orders")


# ---- money -----------------------------------------------------------------------------------------------


def test_the_item_price_is_of_all_units_and_discounts_are_taken_off() -> None:
    item = v0_item(
        QuantityOrdered=3, ItemPrice=usd("30.00"), ItemTax=usd("2.40"),
        ShippingPrice=usd("4.00"), ShippingTax=usd("0.32"),
        ShippingDiscount=usd("4.00"), ShippingDiscountTax=usd("0.32"),
        PromotionDiscount=usd("5.00"), PromotionDiscountTax=usd("0.40"), PromotionIds=["P-1", "P-2"],
        BuyerInfo={"GiftWrapPrice": usd("1.50"), "GiftWrapTax": usd("0.12")},
    )  # fmt: skip
    found = read(v0_order(item, OrderTotal=usd("28.62")), partner=EXCLUSIVE)
    assert totals(found) == ("30.00", "4.00", "-9.00", "2.12", "28.62")
    (line,) = found.lines
    assert (line.price_basis, str(line.extended.amount), str(line.net.amount)) == (
        "extended",
        "30.00",
        "25.00",
    )
    promotion = next(one for one in line.adjustments if one.kind == "discount")
    assert (str(promotion.amount.amount), promotion.reason_raw) == ("-5.00", "P-1, P-2")
    assert found.variances == ()


def test_a_total_that_disagrees_is_flagged_exactly() -> None:
    found = read(v0_order(OrderTotal=usd("19.99")))
    assert differences(found) == {("order_total", "stated.total"): "-0.01"}


def test_a_pending_order_has_no_amounts_and_is_read() -> None:
    item = without(v0_item(), "ItemPrice", "ItemTax")
    document = without(v0_order(item, OrderStatus="Pending"), "OrderTotal")
    found = read(document)
    assert (found.payment.status, found.stated.total, found.currency) == ("pending", None, "USD")
    assert str(found.quantity_total) == "2"
    assert warnings(document) == ["currency_of_marketplace"]
    nowhere = document | {"MarketplaceId": "A0UNKNOWN"}
    assert refusal_of(FORM, nowhere) == ("currency_missing", "$")


def test_an_order_that_is_no_longer_pending_should_have_prices() -> None:
    assert warnings(v0_order(without(v0_item(), "ItemPrice"))) == ["price_missing"]


def test_yen_with_decimals_are_kept_as_said() -> None:
    item = v0_item(ItemPrice=usd("25.99", "JPY"), ItemTax=usd("0", "JPY"))
    document = v0_order(item, OrderTotal=usd("25.99", "JPY"))
    assert str(read(document).computed.total.amount) == "25.99"
    assert warnings(document) == ["amount_places", "amount_places"]


@pytest.mark.parametrize(
    ("total", "mode", "variances"),
    [
        ("20.00", "inclusive", 0),
        ("23.80", "exclusive", 0),
        ("21.00", "unknown", 1),
    ],
)
def test_the_stated_total_proves_the_tax_mode_where_the_profile_leaves_it_open(
    total: str, mode: str, variances: int
) -> None:
    found = read(v0_order(v0_item(ItemTax=usd("3.80")), OrderTotal=usd(total)))
    assert (found.tax_mode, len(found.variances)) == (mode, variances)


def test_the_profiles_tax_mode_is_never_overruled_by_a_total() -> None:
    document = v0_order(v0_item(ItemTax=usd("3.80")), OrderTotal=usd("23.80"))
    found = read(document, partner=INCLUSIVE)
    assert found.tax_mode == "inclusive"
    assert differences(found) == {("order_total", "stated.total"): "3.80"}


def test_tax_that_the_marketplace_collects_is_marked() -> None:
    collection = {"Model": "MarketplaceFacilitator", "ResponsibleParty": "Example Services"}
    item = v0_item(ItemTax=usd("1.60"), TaxCollection=collection)
    (tax,) = read(v0_order(item), partner=EXCLUSIVE).lines[0].tax_lines
    assert (tax.is_withheld_by_channel, tax.jurisdiction) == (True, "Example Services")
    standard = v0_item(ItemTax=usd("1.60"), TaxCollection={"Model": "Standard"})
    assert not read(v0_order(standard), partner=EXCLUSIVE).lines[0].tax_lines[0].is_withheld_by_channel


# ---- states ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "payment", "cancellation", "change"),
    [
        ("Pending", "pending", "none", "updated"),
        ("Unshipped", "authorized", "none", "updated"),
        ("PartiallyShipped", "authorized", "none", "updated"),
        ("Shipped", "paid", "none", "updated"),
        ("Canceled", "voided", "cancelled", "cancelled"),
        ("Unfulfillable", "unknown", "none", "updated"),
        ("SomethingNew", "unknown", "none", "updated"),
    ],
)
def test_the_status_says_two_things(status: str, payment: str, cancellation: str, change: str) -> None:
    document = v0_order(OrderStatus=status)
    found = read(document)
    assert (found.payment.status, found.cancellation.status, found.change) == (payment, cancellation, change)
    assert ("status_unknown" in warnings(document)) == (status == "SomethingNew")


def test_a_buyers_request_is_no_cancellation() -> None:
    asked = {"IsBuyerRequestedCancel": "true", "BuyerCancelReason": "Changed mind"}
    found = read(v0_order(v0_item(BuyerRequestedCancel=asked)))
    assert (found.cancellation.status, found.cancellation.reason_raw) == ("requested", "Changed mind")
    not_asked = {"IsBuyerRequestedCancel": "false", "BuyerCancelReason": ""}
    assert read(v0_order(v0_item(BuyerRequestedCancel=not_asked))).cancellation.status == "none"
    cancelled = read(v0_order(v0_item(BuyerRequestedCancel=asked), OrderStatus="Canceled"))
    assert cancelled.cancellation.status == "cancelled"


def test_cash_on_delivery_is_not_paid_by_shipping() -> None:
    parts = [{"Payment": usd("10.00"), "PaymentMethod": "COD"}, {"Payment": usd("10.00")}]
    found = read(v0_order(OrderStatus="Shipped", PaymentMethod="COD", PaymentExecutionDetail=parts))
    assert found.payment.status == "pending"
    assert [str(one.amount.amount) for one in found.payment.payments] == ["10.00", "10.00"]


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("AFN", "channel"), ("MFN", "seller"), ("SellerFulfilled", "seller"), (None, "seller")],
)
def test_who_ships_is_said(channel: str | None, expected: str) -> None:
    assert read(v0_order(FulfillmentChannel=channel)).fulfilled_by == expected


def test_a_replacement_names_what_it_replaces() -> None:
    found = read(v0_order(IsReplacementOrder="true", ReplacedOrderId="900-0000000-0000009"))
    assert found.replaces == "acme/shop/900-0000000-0000009"
    assert read(v0_order(IsReplacementOrder=False, ReplacedOrderId="900-9")).replaces is None


def test_times_promises_and_revision() -> None:
    found = read(v0_order(LatestShipDate="2026-02-03T07:59:59Z", LatestDeliveryDate="2026-02-09T07:59:59Z"))
    assert found.placed.date.isoformat() == "2026-02-01"  # Europe/Berlin
    assert (found.revision.kind, found.revision.value) == ("instant_fine", "2026-02-01T08:00:00.250000Z")
    assert found.ship_by is not None
    assert found.deliver_by is not None
    assert read(v0_order(LastUpdateDate="2026-01-31T23:30:00Z")).change == "created"
    assert warnings(v0_order(LatestShipDate="soon")) == ["time_invalid"]


def test_the_count_of_items_is_compared() -> None:
    found = read(v0_order(NumberOfItemsShipped=1, NumberOfItemsUnshipped=2))
    assert differences(found) == {("quantity_total", "quantity_total"): "1"}


def test_people_stand_in_their_roles() -> None:
    found = read(
        v0_order(
            BuyerInfo={"BuyerEmail": "x@example.com", "PurchaseOrderNumber": "PO-7", "BuyerTaxInfo":
                {"CompanyLegalName": "Example Ltd", "TaxClassifications": [{"Name": "VAT", "Value": "X1"}]}},
            ShippingAddress={"Name": "A. Buyer", "AddressLine1": "1 Example St", "AddressLine2": "",
                "City": "Town", "StateOrRegion": "MI", "PostalCode": "00000", "CountryCode": "US",
                "AddressType": "Residential"},
        )
    )  # fmt: skip
    buyer, ship_to = found.parties
    assert (buyer.role, buyer.name, buyer.email, buyer.tax_ids) == (
        "buyer",
        "Example Ltd",
        "x@example.com",
        ("X1",),
    )
    assert ship_to.address is not None
    assert (ship_to.address.lines, ship_to.address.is_residential) == (("1 Example St",), True)
    assert found.buyer_reference == "PO-7"


def test_repeated_and_missing_item_ids_stay_apart() -> None:
    items = [v0_item(), v0_item(), v0_item(OrderItemId=None, SellerSKU="")]
    document = v0_order(*items, OrderTotal=usd("60.00"))
    assert [line.line_id for line in read(document).lines] == ["11111111111111", "11111111111111#2", "3"]
    assert read(document).lines[2].resolution == "unknown"
    assert "line_id_repeated" in warnings(document)
