"""Amazon financial events of the Finances API v0: one claim per kind of event."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.models import SettlementLine
from tests.kit.amazon_notifications import event_amount, financial_events, shipment_event, typed
from tests.kit.shop_reading import profile, reading_of, refusal_of

FORM = "amazon_transfers"


def lines(document: object, **options: Any) -> list[SettlementLine]:
    found = reading_of(FORM, document, **options).entities
    return [one for one in found if isinstance(one, SettlementLine)]


def told(document: object, **options: Any) -> list[tuple[str, str, str]]:
    """(meaning, the source's last word, amount) of each line."""
    return [
        (one.transaction_type.value, one.amount_description_raw, str(one.net.amount))
        for one in lines(document, **options)
    ]


def test_each_amount_of_a_shipment_is_a_line() -> None:
    document = financial_events(ShipmentEventList=[shipment_event()])
    assert told(document) == [
        ("sale", "Principal", "10.00"),
        ("sale", "Tax", "0.80"),
        ("fee", "Commission", "-1.50"),
        ("tax_withheld", "Tax", "-0.80"),
        ("sale", "PromotionMetaDataDefinitionValue", "-0.30"),
    ]
    first = lines(document)[0]
    assert (first.order_reference, first.item_reference, first.sku) == (
        "900-0000001-0000001",
        "10000000000001",
        "SKU-1",
    )
    assert first.quantity is not None
    assert (str(first.quantity.value), first.is_provisional, first.settlement_id) == ("2", True, "")
    assert first.posted is not None


def test_a_refund_gives_back_goods_and_fees() -> None:
    item = {
        "OrderAdjustmentItemId": "A-1",
        "ItemChargeAdjustmentList": typed("Charge", Principal=-10),
        "ItemFeeAdjustmentList": typed("Fee", Commission=1.5, RefundCommission=-0.3),
    }
    event = {"AmazonOrderId": "900-1", "ShipmentItemAdjustmentList": [item]}
    document = financial_events(RefundEventList=[event], ShipmentEventList=[])
    assert told(document) == [
        ("refund", "Principal", "-10.00"),
        ("fee_refund", "Commission", "1.50"),
        ("fee", "RefundCommission", "-0.30"),
    ]
    assert lines(document)[0].item_reference == "A-1"


@pytest.mark.parametrize(
    ("name", "event", "expected"),
    [
        ("ServiceFeeEventList", {"FeeReason": "x", "FeeList": typed("Fee", StorageFee=-3)},
         [("fee", "StorageFee", "-3.00")]),
        ("AdjustmentEventList",
         {"AdjustmentType": "WAREHOUSE_LOST", "AdjustmentAmount": event_amount(7),
          "AdjustmentItemList": [{"TotalAmount": event_amount(7)}]},
         [("adjustment", "WAREHOUSE_LOST", "7.00")]),
        ("AdjustmentEventList",
         {"AdjustmentType": "ReserveDebit", "AdjustmentAmount": event_amount(-3)},
         [("reserve", "ReserveDebit", "-3.00")]),
        ("ProductAdsPaymentEventList", {"transactionType": "Charge", "transactionValue": event_amount(-5)},
         [("fee", "Charge", "-5.00")]),
        ("SAFETReimbursementEventList",
         {"ReimbursedAmount": event_amount(4),
          "SAFETReimbursementItemList": [{"ItemChargeList": typed("Charge", ReimbursedShipping=4)}]},
         [("adjustment", "", "4.00")]),
        ("FBALiquidationEventList",
         {"LiquidationProceedsAmount": event_amount(9), "LiquidationFeeAmount": event_amount(-2)},
         [("sale", "", "9.00"), ("fee", "", "-2.00")]),
        ("RetrochargeEventList",
         {"RetrochargeEventType": "Retrocharge", "BaseTax": event_amount(-1),
          "RetrochargeTaxWithheldList": [{"TaxesWithheld": typed("Charge", Tax=1)}]},
         [("tax_withheld", "Tax", "1.00"), ("adjustment", "Retrocharge", "-1.00")]),
        ("AdhocDisbursementEventList", {"TransactionType": "X", "TransactionAmount": event_amount(-8)},
         [("payout", "X", "-8.00")]),
        ("DebtRecoveryEventList", {"DebtRecoveryType": "DebtPayment", "RecoveryAmount": event_amount(6)},
         [("transfer", "DebtPayment", "6.00")]),
        ("PayWithAmazonEventList",
         {"SellerOrderId": "S-1", "TransactionPostedDate": "2026-05-04T03:35:13Z",
          "Charge": typed("Charge", Principal=5)[0], "FeeList": typed("Fee", Commission=-1)},
         [("sale", "Principal", "5.00"), ("fee", "Commission", "-1.00")]),
        ("ShipmentEventList", {"ShipmentItemList": [{"CostOfPointsGranted": event_amount(-2)}]},
         [("fee", "CostOfPointsGranted", "-2.00")]),
        ("AffordabilityExpenseReversalEventList",
         {"TransactionType": "Refund", "BaseExpense": event_amount(2), "TotalExpense": event_amount(3)},
         [("fee_refund", "Refund", "3.00")]),
        ("AdjustmentEventList",
         {"AdjustmentType": "WAREHOUSE_LOST", "AdjustmentItemList": [{"TotalAmount": event_amount(7)}]},
         [("adjustment", "WAREHOUSE_LOST", "7.00")]),
        ("RemovalShipmentEventList",
         {"OrderId": "R-1", "RemovalShipmentItemList": [
             {"Revenue": event_amount(9), "FeeAmount": event_amount(-2), "TaxAmount": event_amount(1),
              "TaxWithheld": event_amount(-1)}]},
         [("sale", "Revenue", "9.00"), ("sale", "TaxAmount", "1.00"), ("fee", "FeeAmount", "-2.00"),
          ("tax_withheld", "TaxWithheld", "-1.00")]),
        ("RemovalShipmentAdjustmentEventList",
         {"RemovalShipmentItemAdjustmentList": [{"RevenueAdjustment": event_amount(-3)}]},
         [("adjustment", "RevenueAdjustment", "-3.00")]),
        ("FailedAdhocDisbursementEventList",
         {"PaymentDisbursementType": "X", "TransferAmount": event_amount(8)}, [("transfer", "X", "8.00")]),
        ("TDSReimbursementEventList", {"TDSOrderId": "T", "ReimbursedAmount": event_amount(2)},
         [("tax_withheld", "", "2.00")]),
        ("ChargeRefundEventList", {"ChargeRefundTransactions": typed("Charge", SubscriptionFee=4)},
         [("fee_refund", "SubscriptionFee", "4.00")]),
        ("NewEventList", {"TransactionAmount": event_amount(1)}, [("unknown", "", "1.00")]),
    ],
)  # fmt: skip
def test_events_are_read_by_their_kind(
    name: str, event: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert told(financial_events(**{name: [event]})) == expected


def test_an_event_without_an_amount_and_an_answer_without_events_are_told() -> None:
    silent = reading_of(FORM, financial_events(DebtRecoveryEventList=[{"DebtRecoveryType": "DebtPayment"}]))
    place = "$.payload.FinancialEvents"
    assert [(one.code, one.path) for one in silent.warnings] == [
        ("event_without_amount", f"{place}.DebtRecoveryEventList[0]"),
        ("report_empty", place),
    ]
    no_object = reading_of(FORM, financial_events(ShipmentEventList=[None, "", "event"]))
    assert [one.path for one in no_object.warnings] == [f"{place}.ShipmentEventList[2]", place]
    empty = reading_of(FORM, financial_events(ShipmentEventList=[]))
    assert [one.code for one in empty.warnings] == ["report_empty"]


def as_xml(name: str, value: object) -> str:
    """The legacy spelling: every member of a list in an element of its own."""
    if isinstance(value, list):
        return f"<{name}>{''.join(as_xml('Member', one) for one in value)}</{name}>"
    if isinstance(value, dict):
        return f"<{name}>{''.join(as_xml(inner, one) for inner, one in value.items())}</{name}>"
    return f"<{name}>{value}</{name}>"


def small(value: object) -> object:
    if isinstance(value, list):
        return [small(one) for one in value]
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: small(one) for name, one in value.items()}
    return value


@pytest.mark.parametrize("events", [1, 2])
def test_the_legacy_xml_and_small_letters_say_the_same(events: int) -> None:
    item = {
        "OrderItemId": "7",
        "ItemChargeList": typed("Charge", Principal=10, Tax=1),
        "ItemTaxWithheldList": [{"TaxesWithheld": typed("Charge", Tax=-1)}],
    }
    several = [{"AmazonOrderId": f"900-{one}", "ShipmentItemList": [item]} for one in range(events)]
    document = financial_events(ShipmentEventList=several, ServiceFeeEventList=[])
    inner = document["payload"]["FinancialEvents"]
    layers = as_xml("ListFinancialEventsResult", {"FinancialEvents": inner})
    xml = (
        f'<ListFinancialEventsResponse xmlns="http://mws.example.com/">{layers}</ListFinancialEventsResponse>'
    )
    expected = lines(document)
    assert len(expected) == 3 * events
    assert {one.item_reference for one in expected} == {"7"}
    for said in (xml.encode(), small(document)):
        assert [(one.key, one.net, one.transaction_type) for one in lines(said)] == [
            (one.key, one.net, one.transaction_type) for one in expected
        ]
    assert refusal_of(FORM, b"<ErrorResponse><Error/></ErrorResponse>") == (
        "field_invalid",
        "$.ErrorResponse",
    )


def test_the_profiles_vocabulary_is_asked_first() -> None:
    section = {"account": "amazon-us", "vocabulary": {"Commission": "other"}}
    document = financial_events(ShipmentEventList=[shipment_event()])
    assert ("other", "Commission", "-1.50") in told(document, partner=profile(settlement=section))


def test_all_problems_of_an_answer_are_told_at_once() -> None:
    bad = shipment_event(OrderFeeList=[{"FeeType": "X", "FeeAmount": event_amount("x")}])
    document = financial_events(ShipmentEventList=[bad, shipment_event(PostedDate="soon")])
    assert refusal_of(FORM, document) == (
        "amount_unparsable",
        "$.payload.FinancialEvents.ShipmentEventList[0].OrderFeeList[0].FeeAmount.CurrencyAmount",
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-(10**8), 10**8), min_size=1, max_size=6))
def test_no_amount_is_lost_or_doubled(cents: list[int]) -> None:
    charges = [
        {"ChargeType": "Principal", "ChargeAmount": event_amount(float(Decimal(one).scaleb(-2)))}
        for one in cents
    ]
    event = {"AmazonOrderId": "900-1", "ShipmentItemList": [{"ItemChargeList": charges}]}
    found = lines(financial_events(ShipmentEventList=[event]))
    assert [int(line.net.amount * 100) for line in found] == cents
    assert len({line.key for line in found}) == len(cents)
