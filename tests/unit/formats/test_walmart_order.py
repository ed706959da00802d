"""Walmart orders: generated ones of three markets yield their facts; one claim per quirk."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order, Shipment
from crossdock.canonical.reading import Reading
from crossdock.canonical.schemas import schema_root
from crossdock.formats.walmart_order import FORMAT
from tests.kit.shop_reading import differences, profile, reading_of, record, refusal_of, totals
from tests.kit.walmart_payloads import MARKETS, WalmartFacts, walmart_orders

SELLER = profile(format="walmart_order", money={"amounts": "major_number", "tax_mode": "exclusive"})
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
Document = dict[str, Any]


def usd(amount: object) -> Document:
    return {"currency": "USD", "amount": amount}


def charge(kind: str, amount: object, tax: object = None, **changes: Any) -> Document:
    node: Document = {"chargeType": kind, "chargeName": kind.title(), "chargeAmount": usd(amount), "tax": tax}
    return node | changes


def status(word: str, amount: str = "1", **changes: Any) -> Document:
    return {"status": word, "statusQuantity": {"unitOfMeasurement": "EACH", "amount": amount}} | changes


def line(*statuses: Document, **changes: Any) -> Document:
    return {
        "lineNumber": "1",
        "item": {"productName": "Thing", "sku": "SKU-1"},
        "charges": {"charge": [charge("PRODUCT", 20, {"taxName": "Tax1", "taxAmount": usd(1.65)})]},
        "orderLineQuantity": {"unitOfMeasurement": "EACH", "amount": "1"},
        "statusDate": 1_769_902_200_000,
        "orderLineStatuses": {"orderLineStatus": list(statuses) or [status("Created")]},
    } | changes


def walmart_document(*lines: Document, **changes: Any) -> Document:
    return {
        "purchaseOrderId": "1234567890123",
        "customerOrderId": "2000000000001",
        "customerEmailId": "relay@example.com",
        "orderDate": 1_769_902_200_000,
        "shippingInfo": {
            "phone": "555-0100",
            "estimatedShipDate": 1_770_000_000_000,
            "estimatedDeliveryDate": 1_770_400_000_000,
            "methodCode": "Value",
            "postalAddress": {"name": "Some Body", "address1": "1 Example Street", "country": "USA"},
        },
        "orderLines": {"orderLine": list(lines) or [line()]},
    } | changes


def read(document: object) -> Reading:
    return reading_of("walmart_order", document, partner=SELLER)


def walmart(document: object) -> Order:
    order = read(document).entities[0]
    assert isinstance(order, Order)
    return order


def shipments(document: object) -> list[Shipment]:
    found = read(document).entities[1:]
    assert all(isinstance(one, Shipment) for one in found)
    return [one for one in found if isinstance(one, Shipment)]


def warnings(document: object) -> list[str]:
    return [one.code for one in read(document).warnings]


@QUICK
@given(walmart_orders())
def test_a_generated_order_of_any_market_yields_its_facts(facts: WalmartFacts) -> None:
    order = walmart(facts.payload)
    amount = MARKETS[facts.market].amount
    assert (order.order_id, order.currency) == (facts.order_id, MARKETS[facts.market].code)
    assert (order.placed.instant, order.occurred.instant) == (facts.placed, facts.changed)
    assert order.cancellation.status == facts.cancellation
    for found, expected in zip(order.lines, facts.lines, strict=True):
        quantities = (found.ordered, found.fulfilled_reported, found.cancelled)
        assert [int(one.value) for one in quantities] == [
            expected.ordered,
            expected.fulfilled,
            expected.cancelled,
        ]
        assert (found.line_id, found.sku) == (expected.line_id, expected.sku)
        assert (found.extended.amount, found.net.amount) == (amount(expected.goods), amount(expected.net))
    for name in ("subtotal", "shipping", "discount", "tax", "total"):
        assert getattr(order.computed, name).amount == amount(getattr(facts.sums, name)), name
    assert differences(order) == {}
    sent = {one.tracking: one.fulfilled for one in facts.lines if one.tracking}
    found_sent = {
        one.shipment_id: int(one.packages[0].lines[0].quantity.value) for one in shipments(facts.payload)
    }
    assert found_sent == sent


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"purchaseOrderId": None}, ("id_missing", "$.purchaseOrderId")),
        ({"orderDate": None}, ("time_invalid", "$.orderDate")),
        ({"orderDate": "soon"}, ("time_invalid", "$.orderDate")),
        ({"orderLines": None}, ("lines_missing", "$.orderLines")),
        ({"orderLines": {"orderLine": []}}, ("lines_missing", "$.orderLines.orderLine")),
        (
            {"orderLines": {"orderLine": [line(orderLineQuantity=None)]}},
            ("field_invalid", "$.orderLines.orderLine[0].orderLineQuantity"),
        ),
        (
            {"orderLines": [line(charges=[charge("SHIPPING", 1)])]},
            ("amount_unparsable", "$.orderLines[0].charges"),
        ),
        (
            {"orderLines": [line(charges=[])]},
            ("currency_missing", "$.orderLines[0].charges"),
        ),
        (
            {"orderTotal": {"currency": "CAD", "amount": "1"}},
            ("currency_mixed", "$.orderTotal.currency"),
        ),
        (
            {"orderLines": [line(orderLineQuantity={"unitOfMeasurement": "PALLETS", "amount": "1"})]},
            ("unit_unmapped", "$.orderLines[0].orderLineQuantity"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of("walmart_order", walmart_document(**changes), partner=SELLER) == expected


def test_a_charge_is_that_of_the_whole_line_and_several_units_are_warned_of() -> None:
    document = walmart_document(line(orderLineQuantity={"unitOfMeasurement": "EACH", "amount": "3"}))
    found = walmart(document)
    assert totals(found) == ("20.00", "0.00", "0.00", "1.65", "21.65")
    assert found.lines[0].price_basis == "extended"
    assert warnings(document) == ["charge_of_several_units"]


def test_a_unit_price_is_compared_with_the_charge_of_its_line() -> None:
    item = {"sku": "SKU-1", "unitPrice": usd("9.99")}
    document = walmart_document(
        line(
            status("Created", "2"), item=item, orderLineQuantity={"unitOfMeasurement": "EACH", "amount": "2"}
        )
    )
    assert differences(walmart(document)) == {("line_extension", "1"): "0.02"}
    assert warnings(document) == []


def test_mexicos_product_charge_without_an_amount_leaves_the_price_to_the_item() -> None:
    taxes = [{"taxName": "IVA_TAX", "taxAmount": usd("3.20")}, {"taxName": "IEPS", "taxAmount": usd("0")}]
    flat = {
        "primeLineNumber": "1",
        "item": {"sku": "SKU-1", "upc": "4006381333931", "unitPrice": usd("10")},
        "charges": [
            {"chargeType": "PRODUCT", "tax": taxes},
            charge("DISCOUNT", "-1.50", chargeName="COUPON_DISC"),
            charge("DISCOUNT", "-2", chargeName="SHIP_DISC"),
            charge("SHIPPING", "5", [{"taxName": "SHIP_IVA", "taxAmount": usd("0.80")}]),
        ],
        "orderLineQuantity": {"unitOfMeasurement": "EACH", "amount": "2"},
        "orderLineStatus": [status("Created", "2", statusDate="2026-01-31T23:30:00.000-06:00")],
    }
    document = walmart_document(orderLines=[flat], totalLines="1", totalQuantity="3", orderTotal=usd("25.50"))
    found = walmart(document)
    assert totals(found) == ("20.00", "5.00", "-3.50", "4.00", "25.50")
    assert differences(found) == {("quantity_total", "quantity_total"): "1"}
    assert found.lines[0].identifiers[1].value == "04006381333931"
    assert found.occurred.instant.isoformat() == "2026-02-01T05:30:00+00:00"


def test_a_price_with_and_without_tax_includes_it() -> None:
    item = {"sku": "SKU-1", "unitPrice": usd("20"), "unitPriceWithoutTax": usd("18.35")}
    stated = profile(money={"amounts": "major_text", "tax_mode": "stated"})
    reading = reading_of("walmart_order", walmart_document(line(item=item)), partner=stated)
    (found,) = reading.entities
    assert isinstance(found, Order)
    assert (found.tax_mode, str(found.computed.total.amount)) == ("inclusive", "20.00")


@pytest.mark.parametrize(
    "discount",
    [
        charge("PRODUCT", -2, chargeName="SubscriptionDiscount"),
        charge("PRODUCT", 2, chargeName="SubscriptionDiscount"),
        charge("PRODUCT", 2, isDiscount=True, discountType="PROMO"),
        charge("DISCOUNT", "-2"),
    ],
)
def test_a_discount_is_told_by_type_flag_or_name(discount: Document) -> None:
    charges = {"charge": [charge("PRODUCT", 20), discount]}
    found = walmart(walmart_document(line(charges=charges), shipNode=[]))
    assert totals(found) == ("20.00", "0.00", "-2.00", "0.00", "18.00")
    assert str(found.lines[0].net.amount) == "18.00"


@pytest.mark.parametrize(
    ("statuses", "fulfilled", "cancelled", "cancellation"),
    [
        ([status("Created", "2")], 0, 0, "none"),
        ([status("Shipped"), status("Cancelled")], 1, 1, "partial"),
        ([status("Cancelled", "2")], 0, 2, "cancelled"),
        ([{"status": "Shipped"}], 2, 0, "none"),
        ([status("Shipped", "2"), status("Delivered", "2")], 2, 0, "none"),
        ([status("Shipped"), status("Delivered")], 2, 0, "none"),
        ([status("Refund", "2")], 0, 0, "none"),
        ([status("Shipped", "3")], 3, 0, "none"),
        ([status("Cancelled", "3")], 0, 3, "cancelled"),
    ],
)
def test_each_status_speaks_for_its_own_quantity(
    statuses: list[Document], fulfilled: int, cancelled: int, cancellation: str
) -> None:
    node = line(*statuses, orderLineQuantity={"unitOfMeasurement": "EACH", "amount": "2"})
    found = walmart(walmart_document(node))
    (only,) = found.lines
    assert (int(only.fulfilled_reported.value), int(only.cancelled.value)) == (fulfilled, cancelled)
    assert found.cancellation.status == cancellation


@pytest.mark.parametrize(
    ("statuses", "difference"),
    [
        ([status("Created")], "1"),
        ([status("Created", "3")], "-1"),
        ([status("Shipped"), status("Cancelled", "2")], "-1"),
        ([status("Shipped", "2"), status("Delivered"), status("Refund")], None),
        ([status("Shipped"), {"status": "Cancelled"}], None),
    ],
)
def test_the_units_of_the_statuses_are_compared_with_those_ordered(
    statuses: list[Document], difference: str | None
) -> None:
    node = line(*statuses, orderLineQuantity={"unitOfMeasurement": "EACH", "amount": "2"})
    expected = {("quantity_total", "1"): difference} if difference else {}
    assert differences(walmart(walmart_document(node))) == expected


def test_an_intent_to_cancel_is_a_request_and_an_unknown_status_changes_nothing() -> None:
    document = walmart_document(line(status("Pondered"), intentToCancel="Y"))
    assert walmart(document).cancellation.status == "requested"
    assert warnings(document) == ["line_status_unknown"]


def test_shipments_follow_the_order_one_per_tracking_number() -> None:
    info = {
        "shipDateTime": 1_769_910_000_000,
        "carrierName": {"carrier": None, "otherCarrier": "Cargo Bike"},
        "methodCode": "Express",
        "trackingNumber": "T-1",
    }
    first, second = (line(status("Shipped", trackingInfo=info), lineNumber=number) for number in "12")
    document = walmart_document(first, second, line(lineNumber="3"))
    (shipment,) = shipments(document)
    assert shipment.key == "acme/shop/1234567890123/T-1"
    (package,) = shipment.packages
    assert (package.carrier, package.service_level, package.status) == ("Cargo Bike", "Express", "unknown")
    assert [(held.line_id, held.sku) for held in package.lines] == [("1", "SKU-1"), ("2", "SKU-1")]
    assert read(document).digest != read(walmart_document(first, second)).digest


def test_a_planned_package_without_a_number_is_no_shipment() -> None:
    held = [{"primeLineNo": "1", "quantity": {"unitOfMeasurement": "EACH", "amount": "1"}}]
    planned = {"shipmentNo": "7", "carrier": "Own", "shipmentLines": held}
    assert shipments(walmart_document(shipments=[planned])) == []
    (sent,) = shipments(walmart_document(shipments=[planned | {"trackingNumber": "T-2"}]))
    assert sent.packages[0].lines[0].sku == "SKU-1"


def test_negative_refund_charges_become_refunds() -> None:
    charges = [
        {"refundReason": "BillingError", "charge": charge("PRODUCT", -5)},
        {
            "refundReason": "BillingError",
            "charge": charge("SHIPPING", -1, {"taxName": "t", "taxAmount": usd(-0.5)}),
        },
    ]
    node = line(refund={"refundId": "R-1", "refundCharges": {"refundCharge": charges}})
    payment = walmart(walmart_document(node)).payment
    (refund,) = payment.payments
    assert (payment.status, refund.kind, refund.psp_reference) == ("partially_refunded", "refund", "R-1")
    assert str(refund.amount.amount) == "6.50"
    assert walmart(walmart_document()).payment.status == "not_applicable"


@pytest.mark.parametrize(
    ("kind", "fulfilled_by"),
    [
        ("WFSFulfilled", "channel"),
        ("SellerFulfilled", "seller"),
        ("3PLFulfilled", "seller"),
        (None, "seller"),
    ],
)
def test_what_walmart_fulfils_is_the_channels(kind: str | None, fulfilled_by: str) -> None:
    assert walmart(walmart_document(shipNode={"type": kind})).fulfilled_by == fulfilled_by


def test_people_and_promises_come_from_the_shipping_info() -> None:
    found = walmart(walmart_document())
    buyer, receiver = found.parties
    assert (buyer.role, buyer.email) == ("buyer", "relay@example.com")
    assert receiver.address is not None
    assert (receiver.name, receiver.address.country) == ("Some Body", "US")
    assert found.ship_by is not None
    assert found.deliver_by is not None
    assert found.order_name == "2000000000001"


def test_the_payload_of_a_notification_is_an_order() -> None:
    notice = {"source": {"eventType": "PO_CREATED"}, "payload": walmart_document()}
    assert walmart(notice) == walmart(walmart_document())
    assert FORMAT.key(record(notice)) == "order:1234567890123"


def test_a_list_is_split_and_a_bad_order_takes_no_neighbour_with_it() -> None:
    assert FORMAT.split is not None
    page = {"list": {"meta": {}, "elements": {"order": [walmart_document(), {"purchaseOrderId": None}]}}}
    parts = FORMAT.split(record(page), SELLER).parts
    assert len(parts) == 2
    assert parts[0].key == "acme/shop/order:1234567890123"
    plain = FORMAT.split(record({"order": [walmart_document(), walmart_document()]}), SELLER).parts
    assert len(plain) == 2
    alone = FORMAT.split(record(walmart_document()), SELLER).parts
    assert [part.key for part in alone] == ["acme/shop/order:1234567890123"]


XML_ORDER = (
    "<o:order><o:purchaseOrderId>77</o:purchaseOrderId><o:orderDate>2026-01-31T23:30:00Z</o:orderDate>"
    "<o:orderLines><o:orderLine><o:lineNumber>1</o:lineNumber><o:charges><o:charge>"
    "<o:chargeType>PRODUCT</o:chargeType><o:chargeAmount><o:currency>CAD</o:currency>"
    "<o:amount>25.00</o:amount></o:chargeAmount></o:charge></o:charges><o:orderLineQuantity>"
    "<o:amount>1</o:amount></o:orderLineQuantity></o:orderLine></o:orderLines></o:order>"
)


def test_an_xml_list_is_split_whatever_its_prefix() -> None:
    assert FORMAT.split is not None
    text = f'<o:list xmlns:o="urn:x"><o:elements>{XML_ORDER}{XML_ORDER}</o:elements></o:list>'
    parts = FORMAT.split(record(text.encode()), SELLER).parts
    assert [part.key for part in parts] == ["acme/shop/order:77"] * 2
    found = walmart(parts[0].value)
    assert (found.currency, str(found.computed.total.amount)) == ("CAD", "25.00")
    assert found.revision.kind == "none"


def test_xml_that_declares_entities_is_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><order>&b;</order>'
    with pytest.raises(Rejected) as refused:
        FORMAT.read(record(bomb), SELLER)
    assert refused.value.code == "envelope_broken"
    assert FORMAT.key(record(bomb)) is None


def test_its_payloads_are_recognised_and_others_are_not() -> None:
    assert FORMAT.looks_like is not None
    assert FORMAT.looks_like(json.dumps(walmart_document()).encode()) > 80
    assert FORMAT.looks_like(XML_ORDER.encode()) > 80
    for other in (schema_root() / "examples" / "raw").glob("*/*.json"):
        if other.parent.name != "walmart_order":
            assert FORMAT.looks_like(other.read_bytes()) == 0, other
