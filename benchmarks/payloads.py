"""Synthetic Shopify orders of about 7.5 KB with five lines, for benchmarks.

Invariant: orders of different numbers differ in identity and amounts, and their totals agree.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

PROFILE = {
    "tenant": "acme",
    "partner": "shopify-eu",
    "kind": "channel",
    "format": "shopify_order",
    "channel": {
        "commitment": "sold",
        "fulfilled_by": "seller",
        "zone": "Europe/Berlin",
        "revision": "instant_coarse",
    },
    "money": {
        "currency": "EUR",
        "amounts": "major_text",
        "tax_mode": "inclusive",
        "rounding": "per_line_half_up",
    },
    "stock": {"quantity_meaning": "available", "channel_deducts_own_orders": False},
}


def shopify_order(number: int, *, updated_second: int = 0) -> bytes:
    """One order as a webhook sends it."""
    lines = [_line(number, position) for position in range(5)]
    subtotal = sum((Decimal(line["price"]) * line["quantity"] for line in lines), Decimal(0))
    taxes = sum((Decimal(line["tax_lines"][0]["price"]) for line in lines), Decimal(0))
    total = subtotal + Decimal("4.90")
    created = f"2026-11-20T08:{number // 60 % 60:02d}:{number % 60:02d}+01:00"
    order = {
        "id": 5_000_000_000_000 + number,
        "admin_graphql_api_id": f"gid://shopify/Order/{5_000_000_000_000 + number}",
        "name": f"#{1000 + number}",
        "order_number": 1000 + number,
        "created_at": created,
        "processed_at": created,
        "updated_at": f"2026-11-20T09:00:{updated_second:02d}+01:00",
        "currency": "EUR",
        "presentment_currency": "EUR",
        "taxes_included": True,
        "financial_status": "paid",
        "fulfillment_status": None,
        "cancelled_at": None,
        "email": f"buyer{number}@example.com",
        "total_line_items_price": str(subtotal),
        "subtotal_price": str(subtotal),
        "total_discounts": "0.00",
        "total_tax": str(taxes),
        "total_price": str(total),
        "total_price_set": _both(total),
        "subtotal_price_set": _both(subtotal),
        "total_tax_set": _both(taxes),
        "total_shipping_price_set": _both(Decimal("4.90")),
        "tags": "",
        "note": None,
        "note_attributes": [],
        "discount_codes": [],
        "payment_gateway_names": ["shopify_payments"],
        "shipping_address": _address(number),
        "billing_address": _address(number),
        "customer": {"id": 7_000_000_000 + number, "email": f"buyer{number}@example.com"},
        "line_items": lines,
        "shipping_lines": [
            {"id": number, "title": "Standard", "code": "STD", "price": "4.90",
             "price_set": _both(Decimal("4.90")), "discount_allocations": [], "tax_lines": []}
        ],
        "fulfillments": [],
        "refunds": [],
    }  # fmt: skip
    return json.dumps(order, indent=1).encode()


def _line(number: int, position: int) -> dict[str, Any]:
    price = Decimal(999 + (number * 7 + position * 131) % 9000) / 100
    quantity = 1 + (number + position) % 3
    tax = (price * quantity * 19 / 119).quantize(Decimal("0.01"))
    return {
        "id": number * 10 + position,
        "variant_id": 40_000_000_000 + position,
        "product_id": 80_000_000_000 + position,
        "sku": f"SKU-{(number + position) % 500:04d}",
        "title": f"Article {position}",
        "name": f"Article {position} - Blue",
        "vendor": "Example Goods",
        "quantity": quantity,
        "fulfillable_quantity": quantity,
        "current_quantity": quantity,
        "fulfillment_status": None,
        "requires_shipping": True,
        "taxable": True,
        "gift_card": False,
        "grams": 250,
        "price": str(price),
        "price_set": _both(price),
        "total_discount": "0.00",
        "discount_allocations": [],
        "properties": [],
        "tax_lines": [{"title": "VAT", "rate": 0.19, "price": str(tax), "price_set": _both(tax)}],
    }


def _both(amount: Decimal) -> dict[str, dict[str, str]]:
    money = {"amount": str(amount), "currency_code": "EUR"}
    return {"shop_money": dict(money), "presentment_money": dict(money)}


def _address(number: int) -> dict[str, Any]:
    return {
        "first_name": "Test",
        "last_name": f"Buyer {number}",
        "address1": f"{number % 99 + 1} Sample Street",
        "address2": None,
        "city": "Sampleton",
        "zip": "10115",
        "province": None,
        "country": "Germany",
        "country_code": "DE",
        "phone": None,
    }
