"""Synthetic notifications and transactions of Amazon, written by hand for one case each."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def notification(kind: str, payload: Document, *, is_lower: bool = False) -> Document:
    """A notification in PascalCase or camelCase."""
    whole = {
        "NotificationVersion": "1.0",
        "NotificationType": kind,
        "PayloadVersion": "1.0",
        "EventTime": "2026-05-04T19:42:04.284Z",
        "Payload": payload,
        "NotificationMetadata": {"NotificationId": "00000000-0000-0000-0000-000000000001"},
    }
    return lowered(whole) if is_lower else whole


def lowered(node: object) -> Any:
    """The same with every name in camelCase."""
    if isinstance(node, list):
        return [lowered(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {name[:1].lower() + name[1:]: lowered(one) for name, one in node.items()}


def fulfillment_status(**changes: Any) -> Document:
    """FULFILLMENT_ORDER_STATUS of a shipment of two packages under one number."""
    block = {
        "FulfillmentShipmentStatus": "SHIPPED",
        "AmazonShipmentId": "SHIP-1",
        "EstimatedArrivalDateTime": "2026-05-06T10:00:00Z",
        "FulfillmentShipmentPackages": [
            {"PackageNumber": 1, "CarrierCode": "EXAMPLE", "TrackingNumber": "TRACK-1"},
            {"PackageNumber": 2, "CarrierCode": "EXAMPLE", "TrackingNumber": "TRACK-1"},
        ],
    }
    content = {
        "EventType": "Shipment",
        "StatusUpdatedDateTime": "2026-05-04T19:00:00Z",
        "SellerFulfillmentOrderId": "MCF-1",
        "FulfillmentOrderStatus": "COMPLETE",
        "FulfillmentShipment": block | changes,
    }
    return notification("FULFILLMENT_ORDER_STATUS", {"FulfillmentOrderStatusNotification": content})


def milestone(code: str, at: str, **changes: Any) -> Document:
    """One milestone of a parcel."""
    return {"status": {"code": code, "subCode": None}, "occurredAt": at} | changes


def milestones(*history: Document, **changes: Any) -> Document:
    """SHIPMENT_TRACKING_MILESTONE_CHANGED; the first of the history is the latest milestone too."""
    detail = {
        "identifier": {"aftn": "TRACK-1"},
        "latestMilestone": history[0] if history else {},
        "milestoneHistory": list(history),
    }
    payload = {"shipmentTrackingMilestoneChangedNotification": {"trackingDetail": detail | changes}}
    return notification("SHIPMENT_TRACKING_MILESTONE_CHANGED", payload, is_lower=True)


def transaction_update(**changes: Any) -> Document:
    """TRANSACTION_UPDATE of one order's payment."""
    content = {
        "SellingPartnerMetadata": {"MarketplaceId": "ATVPDKIKX0DER", "AccountType": "PAYABLE"},
        "RelatedIdentifiers": [
            {"RelatedIdentifierName": "OrderId", "RelatedIdentifierValue": "900-0000001-0000001"}
        ],
        "TransactionType": "Shipment",
        "PostedDate": "2026-05-04T03:35:13.214Z",
        "TotalAmount": {"CurrencyAmount": 10.05, "CurrencyCode": "USD"},
    }
    payload = {"TransactionUpdateNotification": content | changes}
    return notification("TRANSACTION_UPDATE", payload)


def warehouse_stock(**figures: Any) -> Document:
    """FBA_INVENTORY_AVAILABILITY_CHANGES of one item in one marketplace."""
    stock = {
        "InboundQuantityBreakdown": {"Working": 0, "Shipped": 5, "Receiving": 10},
        "Fulfillable": 50,
        "Unfulfillable": 1,
        "ReservedQuantityBreakdown": {"PendingCustomerOrder": 3},
    }
    payload = {
        "SellerId": "S",
        "FNSKU": "X000EXAMPL",
        "ASIN": "B000EXAMPL",
        "SKU": "OLD-1",
        "FulfillmentInventoryByMarketplace": [
            {"MarketplaceId": "ATVPDKIKX0DER", "FulfillmentInventory": stock | figures}
        ],
    }
    return notification("FBA_INVENTORY_AVAILABILITY_CHANGES", payload)


def amount(value: object, currency: str = "USD") -> Document:
    """A money object of the Finances API."""
    return {"currencyAmount": value, "currencyCode": currency}


def breakdown(word: str, value: object, *inner: Document) -> Document:
    """A breakdown of a transaction."""
    return {"breakdownType": word, "breakdownAmount": amount(value), "breakdowns": list(inner)}


def transaction(**changes: Any) -> Document:
    """A transaction of the Finances API: an order paid, 10.00 less 2.65 of fees."""
    return {
        "sellingPartnerMetadata": {"accountType": "Standard Orders", "marketplaceId": "ATVPDKIKX0DER"},
        "relatedIdentifiers": [
            {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": "900-0000001-0000001"}
        ],
        "transactionType": "Shipment",
        "transactionId": "TX-1",
        "transactionStatus": "RELEASED",
        "description": "Order Payment",
        "postedDate": "2026-05-04T03:35:13.214Z",
        "totalAmount": amount(7.35),
        "breakdowns": [
            breakdown("Sales", 10, breakdown("Product Charges", 10)),
            breakdown("Expenses", -2.65, breakdown("Amazon Fees", -2.65, breakdown("Commission", -2.65))),
        ],
        "items": [
            {
                "description": "Example",
                "contexts": [{"contextType": "ProductContext", "sku": "SKU-1", "quantityShipped": 2}],
            }
        ],
    } | changes


def event_group(**changes: Any) -> Document:
    """A closed group of financial events of 19.50 that was paid out."""
    return {
        "FinancialEventGroupId": "G-1",
        "ProcessingStatus": "Closed",
        "FundTransferStatus": "Succeeded",
        "OriginalTotal": event_amount(19.5),
        "FundTransferDate": "2026-03-17T13:00:00Z",
        "TraceId": "TRACE-1",
        "AccountTail": "0000",
        "BeginningBalance": event_amount(1.25),
        "FinancialEventGroupStart": "2026-03-01T09:00:00Z",
        "FinancialEventGroupEnd": "2026-03-15T09:00:00Z",
    } | changes


def event_amount(value: object, currency: str = "USD") -> Document:
    """A money object of the Finances API v0."""
    return {"CurrencyAmount": value, "CurrencyCode": currency}


def typed(kind: str, **amounts: object) -> list[Document]:
    """A list of charges, fees or promotions by their words."""
    return [{f"{kind}Type": word, f"{kind}Amount": event_amount(value)} for word, value in amounts.items()]


def shipment_event(**changes: Any) -> Document:
    """A ShipmentEvent of one item: 10.00 and 0.80 tax that is withheld, less 1.50 commission."""
    item = {
        "SellerSKU": "SKU-1",
        "OrderItemId": "10000000000001",
        "QuantityShipped": 2,
        "ItemChargeList": typed("Charge", Principal=10, Tax=0.8),
        "ItemFeeList": typed("Fee", Commission=-1.5),
        "ItemTaxWithheldList": [
            {"TaxCollectionModel": "MarketplaceFacilitator", "TaxesWithheld": typed("Charge", Tax=-0.8)}
        ],
        "PromotionList": typed("Promotion", PromotionMetaDataDefinitionValue=-0.3),
    }
    return {
        "AmazonOrderId": "900-0000001-0000001",
        "PostedDate": "2026-05-04T03:35:13Z",
        "ShipmentItemList": [item],
    } | changes


def financial_events(**lists: Any) -> Document:
    """An answer of listFinancialEvents."""
    return {"payload": {"NextToken": "x", "FinancialEvents": lists}}
