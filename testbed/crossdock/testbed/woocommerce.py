"""WooCommerce's order webhooks: prices in USD, tax on top.

Invariant: the figures of a payload agree with each other unless the sale is misstated or the payload broken.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

import orjson

from crossdock.testbed.faults import Fault, Json, broken
from crossdock.testbed.sales import Line, Sale, cents

CURRENCY: Final = "USD"
SECRET_NAME: Final = "ACME_WOO_US_WEBHOOK"
"""Variable in which the partner profile finds the secret."""
_RATES: Final = (
    ("NY", Decimal("8.875")),
    ("TX", Decimal("8.25")),
    ("CA", Decimal("7.25")),
    ("OR", Decimal(0)),
)
_BEHIND_UTC: Final = timedelta(hours=5)
"""The shop's clock, New York in winter."""


def order_id(sale: Sale) -> int:
    """The order's id in the shop."""
    return sale.number


def total(sale: Sale) -> Decimal:
    """What the buyer pays."""
    return sale.goods - sale.discount + sale.shipping + sum(_taxes(sale), Decimal(0))


def body(sale: Sale, fault: Fault | None = None) -> bytes:
    """Payload of a webhook about this state of the order."""
    return broken(_order(sale), fault)


def topic(sale: Sale) -> str:
    """What `X-WC-Webhook-Topic` says about this state."""
    return "order.created" if sale.version == 1 else "order.updated"


def headers(sale: Sale, delivery_id: str, signature: str) -> dict[str, str]:
    """Headers of one delivery."""
    return {
        "Content-Type": "application/json",
        "X-WC-Webhook-Topic": topic(sale),
        "X-WC-Webhook-Delivery-ID": delivery_id,
        "X-WC-Webhook-Signature": signature,
    }


def _rate(sale: Sale) -> Decimal:
    return _RATES[sale.buyer % len(_RATES)][1]


def _tax(sale: Sale, amount: Decimal) -> Decimal:
    return cents(amount * _rate(sale) / 100)


def _taxes(sale: Sale) -> list[Decimal]:
    """Per line, and of the shipping."""
    return [*(_tax(sale, sale.net(line)) for line in sale.lines), _tax(sale, sale.shipping)]


def _order(sale: Sale) -> Json:
    state, rate = _RATES[sale.buyer % len(_RATES)]
    *line_taxes, shipping_tax = _taxes(sale)
    tax = sum(line_taxes, shipping_tax)
    return {
        "id": order_id(sale),
        "number": str(sale.number),
        "status": "cancelled" if sale.is_cancelled else "processing",
        "currency": CURRENCY,
        "prices_include_tax": False,
        **_times(sale),
        "discount_total": str(sale.discount),
        "shipping_total": str(sale.shipping),
        "total_tax": str(tax),
        "total": str(total(sale) + sale.misstated),
        "customer_id": sale.buyer,
        "customer_note": "",
        "billing": _party(sale, state) | {"email": sale.email},
        "shipping": _party(sale, state),
        "payment_method": "card",
        "line_items": [_line(sale, line, tax) for line, tax in zip(sale.lines, line_taxes, strict=True)],
        "tax_lines": [_tax_line(state, rate, tax, shipping_tax)] if rate else [],
        "shipping_lines": [_shipping(sale, shipping_tax)] if sale.shipping else [],
        "fee_lines": [],
        "coupon_lines": [{"code": "spring10", "discount": str(sale.discount)}] if sale.discount else [],
        "refunds": [],
    }


def _times(sale: Sale) -> Json:
    moments = {"date_created": sale.placed, "date_modified": sale.modified, "date_paid": sale.placed}
    universal = {f"{name}_gmt": f"{at:%Y-%m-%dT%H:%M:%S}" for name, at in moments.items()}
    local = {name: f"{at - _BEHIND_UTC:%Y-%m-%dT%H:%M:%S}" for name, at in moments.items()}
    return universal | local


def _line(sale: Sale, line: Line, tax: Decimal) -> Json:
    net = sale.net(line)
    return {
        "id": line.line_id,
        "name": f"Article {line.item}",
        "product_id": line.item,
        "variation_id": 0,
        "sku": line.sku,
        "quantity": line.quantity,
        "price": orjson.Fragment(f"{net / line.quantity:.8f}"),
        "subtotal": str(line.extended),
        "total": str(net),
        "total_tax": str(tax),
        "taxes": [{"id": 1, "total": str(tax)}] if _rate(sale) else [],
    }


def _tax_line(state: str, rate: Decimal, tax: Decimal, shipping_tax: Decimal) -> Json:
    return {
        "rate_id": 1,
        "rate_code": f"US-{state}-TAX-1",
        "label": f"{state} sales tax",
        "rate_percent": float(rate),
        "tax_total": str(tax - shipping_tax),
        "shipping_tax_total": str(shipping_tax),
    }


def _shipping(sale: Sale, tax: Decimal) -> Json:
    taxes = [{"id": 1, "total": str(tax)}] if _rate(sale) else []
    return {
        "method_id": "flat_rate",
        "method_title": "Flat rate",
        "total": str(sale.shipping),
        "total_tax": str(tax),
        "taxes": taxes,
    }


def _party(sale: Sale, state: str) -> Json:
    return {
        "first_name": "Test",
        "last_name": f"Buyer {sale.buyer}",
        "address_1": f"{sale.buyer} Example Street",
        "city": "Exampletown",
        "state": state,
        "postcode": f"{10_000 + sale.buyer}",
        "country": "US",
    }
