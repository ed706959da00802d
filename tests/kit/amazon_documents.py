"""Synthetic Amazon payloads, written by hand for one case each."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def usd(amount: str, currency: str = "USD") -> Document:
    """A money object of the Orders API v0."""
    return {"CurrencyCode": currency, "Amount": amount}


def v0_item(**changes: Any) -> Document:
    """One item: 2 pieces for 20.00 together, without tax."""
    return {
        "ASIN": "B000EXAMPL",
        "OrderItemId": "11111111111111",
        "SellerSKU": "SKU-1",
        "Title": "Example",
        "QuantityOrdered": 2,
        "QuantityShipped": 0,
        "ItemPrice": usd("20.00"),
        "ItemTax": usd("0.00"),
        "IsGift": "false",
        "IsTransparency": False,
    } | changes


def v0_order(*items: Document, **changes: Any) -> Document:
    """An order of one item, 20.00 USD, consistent with itself."""
    return {
        "AmazonOrderId": "900-0000001-0000001",
        "PurchaseDate": "2026-01-31T23:30:00Z",
        "LastUpdateDate": "2026-02-01T08:00:00.250Z",
        "OrderStatus": "Unshipped",
        "FulfillmentChannel": "MFN",
        "OrderTotal": usd("20.00"),
        "MarketplaceId": "ATVPDKIKX0DER",
        "OrderItems": list(items) or [v0_item()],
    } | changes


def money(amount: str, currency: str = "USD") -> Document:
    """A money object of the Orders API 2026-01-01."""
    return {"amount": amount, "currencyCode": currency}


def part(word: str, amount: str, **details: str) -> Document:
    """A breakdown of proceeds, with its detailed breakdowns by subtype."""
    found: Document = {"type": word, "subtotal": money(amount)}
    if details:
        found["detailedBreakdowns"] = [
            {"subtype": name, "value": money(value)} for name, value in details.items()
        ]
    return found


def item_2026(*parts: Document, total: str | None = "20.00", **changes: Any) -> Document:
    """One item: 2 pieces of 10.00, without tax."""
    proceeds: Document = {"breakdowns": list(parts) or [part("ITEM", "20.00")]}
    if total is not None:
        proceeds["proceedsTotal"] = money(total)
    return {
        "orderItemId": "11111111111111",
        "quantityOrdered": 2,
        "product": {"asin": "B000EXAMPL", "sellerSku": "SKU-1", "price": {"unitPrice": money("10.00")}},
        "proceeds": proceeds,
        "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 2},
    } | changes


def order_2026(*items: Document, total: str = "20.00", **changes: Any) -> Document:
    """An order of one item, 20.00 USD, consistent with itself."""
    return {
        "orderId": "900-0000001-0000001",
        "createdTime": "2026-01-31T23:30:00Z",
        "lastUpdatedTime": "2026-02-01T08:00:00.250Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
        "proceeds": {"grandTotal": money(total)},
        "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"},
        "orderItems": list(items) or [item_2026()],
    } | changes


def package(**changes: Any) -> Document:
    """A package with both pieces of the item."""
    return {
        "packageReferenceId": "PKG-1",
        "createdTime": "2026-02-02T09:00:00Z",
        "packageStatus": {"status": "IN_TRANSIT", "detailedStatus": "OUT_FOR_DELIVERY"},
        "carrier": "EXAMPLE",
        "shipTime": "2026-02-02T08:00:00Z",
        "shippingService": "Ground",
        "trackingNumber": "TRACK-1",
        "packageItems": [{"orderItemId": "11111111111111", "quantity": 2}],
    } | changes
