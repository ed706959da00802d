"""Shopify's order webhooks: prices in EUR, tax included.

Invariant: the figures of a payload agree with each other unless the sale is misstated or the payload broken.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.testbed.faults import Fault, Json, broken
from crossdock.testbed.sales import Line, Sale, cents

CURRENCY: Final = "EUR"
SECRET_NAME: Final = "ACME_SHOPIFY_EU_WEBHOOK"
"""Variable in which the partner profile finds the secret."""
_RATE: Final = {"DE": ("0.19", "MwSt"), "AT": ("0.20", "USt"), "FR": ("0.20", "TVA"), "NL": ("0.21", "btw")}
_FIRST_ID: Final = 820_982_911_900_000_000
"""Ids beyond 2^53, as Shopify has them: a JSON number that a float would damage."""


def order_id(sale: Sale) -> int:
    """The order's id in the shop."""
    return _FIRST_ID + sale.number


def total(sale: Sale) -> Decimal:
    """What the buyer pays."""
    return sale.goods - sale.discount + sale.shipping


def body(sale: Sale, fault: Fault | None = None) -> bytes:
    """Payload of a webhook about this state of the order."""
    return broken(_order(sale), fault)


def topic(sale: Sale) -> str:
    """What `X-Shopify-Topic` says about this state."""
    if sale.is_cancelled:
        return "orders/cancelled"
    return "orders/create" if sale.version == 1 else "orders/updated"


def headers(sale: Sale, delivery_id: str, signature: str) -> dict[str, str]:
    """Headers of one delivery."""
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic(sale),
        "X-Shopify-Webhook-Id": delivery_id,
        "X-Shopify-Hmac-Sha256": signature,
    }


def _order(sale: Sale) -> Json:
    country = tuple(_RATE)[sale.buyer % len(_RATE)]
    taxes = [_tax(sale.net(line), country) for line in sale.lines]
    shipping_tax = _tax(sale.shipping, country)
    tax = sum((Decimal(one["price"]) for one in (*taxes, shipping_tax)), Decimal(0))
    return {
        "id": order_id(sale),
        "name": f"#{sale.number}",
        "created_at": _time(sale, "placed"),
        "processed_at": _time(sale, "placed"),
        "updated_at": _time(sale, "modified"),
        "cancelled_at": _time(sale, "modified") if sale.is_cancelled else None,
        "cancel_reason": "customer" if sale.is_cancelled else None,
        "currency": CURRENCY,
        "presentment_currency": CURRENCY,
        "taxes_included": True,
        "financial_status": "voided" if sale.is_cancelled else "paid",
        "fulfillment_status": None,
        "email": sale.email,
        "total_line_items_price": str(sale.goods),
        "total_discounts": str(sale.discount),
        "subtotal_price": str(sale.goods - sale.discount),
        "total_tax": str(tax),
        "total_price": str(total(sale) + sale.misstated),
        "customer": {
            "id": 7_000_000_000 + sale.buyer,
            "first_name": "Test",
            "last_name": f"Buyer {sale.buyer}",
        },
        "shipping_address": _address(sale, country),
        "discount_applications": [{"type": "discount_code", "code": "SPRING10"}] if sale.discount else [],
        "line_items": [_line(sale, line, one) for line, one in zip(sale.lines, taxes, strict=True)],
        "shipping_lines": [_shipping(sale, shipping_tax)] if sale.shipping else [],
        "refunds": [],
        "fulfillments": [],
    }


def _line(sale: Sale, line: Line, tax: Json) -> Json:
    is_discounted = line is sale.lines[0] and sale.discount
    allocation = {"amount": str(sale.discount), "discount_application_index": 0}
    return {
        "id": line.line_id,
        "sku": line.sku,
        "variant_id": 44_000_000 + line.item,
        "title": f"Article {line.item}",
        "quantity": line.quantity,
        "price": str(line.price),
        "price_set": {"shop_money": _money(line.price), "presentment_money": _money(line.price)},
        "requires_shipping": True,
        "tax_lines": [tax],
        "discount_allocations": [allocation] if is_discounted else [],
    }


def _shipping(sale: Sale, tax: Json) -> Json:
    return {"title": "Parcel", "code": "parcel", "price": str(sale.shipping), "tax_lines": [tax]}


def _money(amount: Decimal) -> Json:
    return {"amount": str(amount), "currency_code": CURRENCY}


def _tax(gross: Decimal, country: str) -> Json:
    """The tax that is inside a gross amount."""
    rate, title = _RATE[country]
    return {"title": title, "rate": float(rate), "price": str(cents(gross - gross / (1 + Decimal(rate))))}


def _address(sale: Sale, country: str) -> Json:
    return {
        "name": f"Test Buyer {sale.buyer}",
        "address1": f"{sale.buyer} Example Street",
        "city": "Exampletown",
        "zip": f"{10_000 + sale.buyer}",
        "country_code": country,
    }


def _time(sale: Sale, name: str) -> str:
    """In the shop's zone, one hour ahead of UTC in winter."""
    at = sale.placed if name == "placed" else sale.modified
    return f"{at.replace(hour=at.hour + 1):%Y-%m-%dT%H:%M:%S}+01:00"
