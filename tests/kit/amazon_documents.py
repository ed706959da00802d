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
