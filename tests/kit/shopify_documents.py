"""Synthetic Shopify orders, written by hand for one case each."""

from __future__ import annotations

from typing import Any

from crossdock.canonical.models import Order
from tests.kit.shop_reading import order_of, reading_of, refusal_of

Document = dict[str, Any]


def money_set(
    shop: str, presented: str | None = None, currencies: tuple[str, str] = ("USD", "USD")
) -> Document:
    """A `*_set` with both moneys."""
    return {
        "shop_money": {"amount": shop, "currency_code": currencies[0]},
        "presentment_money": {"amount": presented or shop, "currency_code": currencies[1]},
    }


def line(**changes: Any) -> Document:
    """One line: 2 × 10.00."""
    return {
        "id": 11,
        "sku": "SKU-1",
        "quantity": 2,
        "price": "10.00",
        "variant_id": 31,
        "gift_card": False,
        "requires_shipping": True,
        "tax_lines": [],
        "discount_allocations": [],
    } | changes


def order(*lines: Document, **changes: Any) -> Document:
    """An order of one line, 20.00 USD without tax and shipping, consistent with itself."""
    return {
        "id": 820982911946154508,
        "name": "#1001",
        "created_at": "2026-01-31T23:30:00+01:00",
        "updated_at": "2026-02-01T08:00:00+01:00",
        "processed_at": "2026-01-31T23:30:00+01:00",
        "currency": "USD",
        "taxes_included": False,
        "financial_status": "paid",
        "fulfillment_status": None,
        "cancelled_at": None,
        "cancel_reason": None,
        "subtotal_price": "20.00",
        "total_line_items_price": "20.00",
        "total_discounts": "0.00",
        "total_tax": "0.00",
        "total_price": "20.00",
        "line_items": list(lines) or [line()],
        "shipping_lines": [],
        "fulfillments": [],
        "refunds": [],
    } | changes


def shopify(document: object, **options: Any) -> Order:
    """The order of a document. Raises Rejected."""
    return order_of("shopify_order", document, **options)


def refused(document: object, **options: Any) -> tuple[str, str]:
    """Code and path of the refusal of a document."""
    return refusal_of("shopify_order", document, **options)


def warnings(document: object, **options: Any) -> list[str]:
    """Codes of the warnings of a document."""
    return [one.code for one in reading_of("shopify_order", document, **options).warnings]
