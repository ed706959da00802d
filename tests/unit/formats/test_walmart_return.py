"""Walmart returns: generated ones yield goods and money; one claim per quirk."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.models import Refund, Return
from crossdock.formats.walmart_return import FORMAT
from tests.kit.shop_reading import profile, reading_of, record, refusal_of
from tests.kit.walmart_returns import USD, ReturnFacts, walmart_returns

SELLER = profile(format="walmart_return", money={"amounts": "major_number", "tax_mode": "exclusive"})
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FORM = "walmart_return"


def usd(amount: object) -> dict[str, object]:
    return {"currencyAmount": amount, "currencyUnit": "USD"}


def line(**changes: Any) -> dict[str, Any]:
    charge = {
        "chargeCategory": "PRODUCT",
        "chargeName": "ItemPrice",
        "chargePerUnit": usd(119.95),
        "isDiscount": False,
        "isBillable": True,
        "tax": [{"taxName": "Tax1", "excessTax": usd(0), "taxPerUnit": usd(7.5)}],
        "excessCharge": usd(0),
    }
    return {
        "returnOrderLineNumber": 1,
        "purchaseOrderId": "PO1",
        "purchaseOrderLineNumber": 1,
        "returnReason": "ARRIVED_LATE",
        "item": {"sku": "SKU-1"},
        "charges": [charge],
        "currentRefundStatus": "REFUND_INITIATED",
        "quantity": {"unitOfMeasure": "EACH", "measurementValue": 1},
        "status": "INITIATED",
        "statusTime": "2026-02-01T08:00:00.000Z",
    } | changes


def return_document(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "returnOrderId": "R1",
        "customerOrderId": "C1",
        "returnOrderDate": "2026-01-31T23:30:00.000Z",
        "totalRefundAmount": usd(127.45),
        "returnOrderLines": list(lines) or [line()],
    } | changes


def both(document: object) -> tuple[Return, Refund]:
    goods, money = reading_of(FORM, document, partner=SELLER).entities
    assert isinstance(goods, Return)
    assert isinstance(money, Refund)
    return goods, money


def warnings(document: object) -> list[str]:
    return [one.code for one in reading_of(FORM, document, partner=SELLER).warnings]


@QUICK
@given(walmart_returns())
def test_a_generated_return_yields_goods_and_money_per_purchase_order(facts: ReturnFacts) -> None:
    entities = reading_of(FORM, facts.payload, partner=SELLER).entities
    returns = [one for one in entities if isinstance(one, Return)]
    refunds = [one for one in entities if isinstance(one, Refund)]
    assert [one.order_id for one in returns] == [one.order_id for one in refunds] == list(facts.groups)
    for goods, money in zip(returns, refunds, strict=True):
        group = facts.groups[goods.order_id]
        assert [int(one.quantity.value) for one in goods.lines] == group.quantities
        assert (goods.status, money.status) == (facts.status, "issued")
        sums = money.computed
        assert (sums.subtotal.amount, sums.tax.amount, sums.shipping.amount, sums.total.amount) == (
            USD.amount(group.goods),
            USD.amount(group.tax),
            USD.amount(group.shipping),
            USD.amount(group.total),
        )
        found = [(one.code, str(one.difference)) for one in money.variances]
        assert found == ([("refund_total", USD.text(facts.error))] if facts.error else [])


def test_goods_and_money_are_two_entities_with_a_status_each() -> None:
    goods, money = both(return_document())
    assert goods.key == money.key == "acme/shop/PO1/R1"
    assert (goods.status, money.status) == ("requested", "approved")
    assert (goods.lines[0].reason_raw, goods.lines[0].line_id, goods.lines[0].sku) == (
        "ARRIVED_LATE",
        "1",
        "SKU-1",
    )
    assert (money.return_id, str(money.computed.total.amount), money.variances) == ("R1", "127.45", ())
    assert goods.requested is not None


def test_charges_are_per_unit() -> None:
    _, money = both(return_document(line(quantity={"unitOfMeasure": "EACH", "measurementValue": 3})))
    assert str(money.computed.total.amount) == "382.35"
    assert [str(one.difference) for one in money.variances] == ["-254.90"]


def test_a_return_is_as_far_as_the_least_of_its_lines() -> None:
    goods, _ = both(return_document(line(status="COMPLETED"), line(status="DELIVERED")))
    assert (goods.status, goods.status_raw) == ("received", "COMPLETED, DELIVERED")
    moving = line(returnTrackingDetail=[{"eventTag": "RETURN_INITIATED"}, {"eventTag": "RETURN_IN_TRANSIT"}])
    assert both(return_document(moving))[0].status == "in_transit"
    assert warnings(return_document(line(status="LOST"))) == ["status_unknown"]


def test_goods_that_the_buyer_keeps_do_not_come_back() -> None:
    for changes in ({"isKeepIt": True}, {"returnExpectedFlag": False}):
        goods, money = both(return_document(line(**changes)))
        assert (goods.lines[0].disposition, money.lines[0].disposition) == ("none", "none")
    assert both(return_document())[0].lines[0].disposition == "unknown"


def test_discounts_lower_and_unbillable_charges_are_left_out() -> None:
    charges = [
        *line()["charges"],
        {"chargeCategory": "PRODUCT", "chargePerUnit": usd(10), "isDiscount": True},
        {"chargeCategory": "SHIPPING", "chargeName": "Shipping", "chargePerUnit": usd(5)},
        {"chargeCategory": "FEE", "chargePerUnit": usd(99), "isBillable": False},
    ]
    _, money = both(return_document(line(charges=charges)))
    assert (str(money.computed.subtotal.amount), str(money.computed.total.amount)) == ("109.95", "122.45")
    assert [one.kind for one in money.adjustments] == ["shipping"]


def test_mexico_states_charges_of_the_line_and_a_refund_amount_of_its_own() -> None:
    def pesos(amount: str) -> dict[str, object]:
        return {"currency": "MXN", "amount": amount}

    charges = [
        {"chargeType": "SHIPPING", "chargeName": "SHIPPING_CH", "chargeAmount": pesos("10"), "tax": []},
        {"chargeType": "DISCOUNT", "chargeName": "COUPON_DISC", "chargeAmount": pesos("-5")},
        {"chargeType": "PRODUCT", "tax": [{"taxName": "IVA_TAX", "taxAmount": pesos("27.86")}]},
    ]
    node = line(
        charges=charges,
        unitPrice=pesos("101"),
        refundAmount=pesos("207.50"),
        quantity={"unitOfMeasurement": "EACH", "amount": "2"},
        status="Initiated",
    )
    shipments = [{"shipmentNo": "7", "trackingNumber": "T7"}]
    document = return_document(node, totalRefundAmount=None, returnOrderShipments=shipments)
    inclusive = profile(money={"amounts": "major_text", "tax_mode": "inclusive"})
    goods, money = reading_of(FORM, document, partner=inclusive).entities
    assert isinstance(goods, Return)
    assert isinstance(money, Refund)
    assert (goods.tracking_numbers, goods.status) == (("T7",), "requested")
    assert (money.currency, str(money.computed.total.amount)) == ("MXN", "207.00")
    assert [str(one.difference) for one in money.variances] == ["0.50"]


@pytest.mark.parametrize("miss", [0, 1])
def test_the_unit_price_is_compared_with_its_charge(miss: int) -> None:
    price = line()["charges"][0]["chargePerUnit"]["currencyAmount"]
    _, money = both(return_document(line(unitPrice=usd(price + miss))))
    assert [(one.code, one.subject, str(one.difference)) for one in money.variances] == [
        ("unit_price", money.lines[0].line_id, "1.00")
    ] * miss


def test_a_return_without_charges_reports_goods_alone() -> None:
    document = return_document(line(charges=None), totalRefundAmount=None)
    (goods,) = reading_of(FORM, document, partner=SELLER).entities
    assert isinstance(goods, Return)


def test_a_total_without_charges_is_a_refund_without_lines() -> None:
    _, money = both(return_document(line(charges=None)))
    assert money.lines == ()
    assert [(str(one.stated), str(one.computed)) for one in money.variances] == [("127.45", "0.00")]


@pytest.mark.parametrize(("total", "difference"), [(254.9, None), (255, "0.10")])
def test_a_total_of_several_purchase_orders_is_compared_with_all(
    total: float, difference: str | None
) -> None:
    document = return_document(line(), line(purchaseOrderId="PO2"), totalRefundAmount=usd(total))
    found = reading_of(FORM, document, partner=SELLER).entities
    told = [[str(one.difference) for one in money.variances] for money in found if isinstance(money, Refund)]
    assert told == [[difference] if difference else [], []]
    assert warnings(document) == []
    bare = [line(charges=None), line(charges=None, purchaseOrderId="PO2")]
    assert warnings(return_document(*bare)) == ["total_shared"]


def test_labels_and_the_replacement_are_kept() -> None:
    group = {"labels": [{"carrierInfoList": [{"trackingNo": "T1"}, {"trackingNo": "T1"}]}]}
    document = return_document(returnLineGroups=[group], replacementCustomerOrderId="C2")
    goods, _ = both(document)
    assert goods.tracking_numbers == ("T1",)
    assert ("replacementCustomerOrderId", "C2") in [(one.name, one.value) for one in goods.extensions]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (return_document(returnOrderId=None), ("id_missing", "$.returnOrderId")),
        (return_document(returnOrderLines=[]), ("lines_missing", "$.returnOrderLines")),
        (return_document(line(quantity=None)), ("field_invalid", "$.returnOrderLines[0].quantity")),
        (
            return_document(totalRefundAmount={"currencyAmount": 1, "currencyUnit": "CAD"}),
            ("currency_mixed", "$.returnOrderLines[0].charges[0].chargePerUnit.currency"),
        ),
        (
            return_document(line(statusTime=None), returnOrderDate=None),
            ("time_invalid", "$.returnOrderDate"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    document: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of(FORM, document, partner=SELLER) == expected


def test_a_page_is_split() -> None:
    assert FORMAT.split is not None
    page = {
        "meta": {"totalCount": 2},
        "returnOrders": [return_document(), return_document(returnOrderId="R2")],
    }
    assert [part.key for part in FORMAT.split(record(page), SELLER).parts] == [
        "acme/shop/return:R1",
        "acme/shop/return:R2",
    ]


def test_its_payloads_are_recognised() -> None:
    assert FORMAT.looks_like is not None
    assert FORMAT.looks_like(json.dumps(return_document()).encode()) == 95
    assert FORMAT.looks_like(b'{"purchaseOrderId": 1, "orderLines": []}') == 0
