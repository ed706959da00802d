"""Generated BigCommerce orders, each with the facts it must yield, worked out in minor units of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from hypothesis import strategies as st

from tests.kit.minor_units import Currency, Sums

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_CURRENCIES = (Currency("USD", 2), Currency("JPY", 0))
_STATUS = {1: ("pending", "none"), 5: ("voided", "cancelled"), 11: ("paid", "none"), 4: ("refunded", "none")}


@dataclass(slots=True)
class ProductFacts:
    """What one line must become; amounts in minor units, without or with tax as the order's mode says."""

    line_id: str
    ordered: int
    shipped: int
    cancelled: int
    returned: int
    extended: int
    net: int
    sku: str | None


@dataclass(slots=True)
class BigCommerceFacts:
    """A payload and everything that must be read from it."""

    payload: bytes
    order_id: str
    currency: Currency
    is_inclusive: bool
    placed: datetime
    payment: str
    cancellation: str
    lines: list[ProductFacts] = field(default_factory=list)
    sums: Sums = field(default_factory=Sums)
    total_error: int = 0


class _Draw:
    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.currency = draw(st.sampled_from(_CURRENCIES))
        self.is_inclusive = draw(st.booleans())

    def chance(self, of: int = 3) -> bool:
        return bool(self.draw(st.integers(1, of)) == 1)

    def minor(self, least: int, most: int) -> int:
        return int(self.draw(st.integers(least, most)))

    def said(self, minor: int) -> str:
        """An amount as text with four decimals."""
        text = self.currency.text(minor)
        return f"{text}.0000" if not self.currency.places else f"{text}00"

    def both(self, name: str, net: int, tax: int) -> dict[str, str]:
        """Figures of both bases."""
        return {f"{name}_ex_tax": self.said(net), f"{name}_inc_tax": self.said(net + tax)}


@st.composite
def bigcommerce_orders(draw: Any) -> BigCommerceFacts:
    """Strategy of payloads with their facts."""
    one = _Draw(draw)
    sums = Sums()
    built = [_product(one, number, sums) for number in range(1, one.minor(1, 3) + 1)]
    shipping, shipping_tax = one.minor(0, 900), one.minor(0, 90)
    sums.shipping = shipping + (shipping_tax if one.is_inclusive else 0)
    sums.tax += shipping_tax
    sums.finish(is_included=one.is_inclusive)
    status = draw(st.sampled_from(sorted(_STATUS)))
    placed = _EPOCH + timedelta(seconds=one.minor(0, 90_000_000))
    error = one.minor(-30, 30) if one.chance(4) else 0
    facts = BigCommerceFacts(
        b"", str(one.minor(1, 2**40)), one.currency, one.is_inclusive, placed, *_STATUS[status]
    )
    facts.lines, facts.sums, facts.total_error = [product for product, _ in built], sums, error
    node: dict[str, Any] = {
        "id": int(facts.order_id),
        "date_created": format_datetime(placed),
        "date_modified": format_datetime(placed),
        "status_id": status,
        "default_currency_code": one.currency.code,
        "currency_code": draw(st.sampled_from((one.currency.code, "EUR"))),
        "currency_exchange_rate": "1.2500000000",
        "total_inc_tax": one.said(sums.total + error),
        "total_tax": one.said(sums.tax),
        "shipping_cost_tax": one.said(shipping_tax),
        "discount_amount": "0.0000",
        "coupon_discount": one.said(-sums.goods_discount),
        "billing_address": draw(st.sampled_from(({}, {"first_name": "", "country_iso2": "US"}, []))),
    }
    node |= one.both("shipping_cost", shipping, shipping_tax)
    facts.payload = json.dumps(node | _placed_products(one, [line for _, line in built])).encode()
    return facts


def _placed_products(one: _Draw, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Products in the order itself, or in its consignments with a link in their place."""
    if one.chance(2):
        return {"products": lines}
    link = {"url": "https://example.com/products", "resource": "/orders/1/products"}
    return {"products": link, "consignments": [{"shipping": [{"id": 1, "line_items": lines}], "pickups": []}]}


def _product(one: _Draw, number: int, sums: Sums) -> tuple[ProductFacts, dict[str, Any]]:
    ordered, price, unit_tax = one.minor(1, 4), one.minor(1, 90_000), one.minor(1, 900)
    net, tax = ordered * price, ordered * unit_tax
    shipped = one.minor(0, ordered)
    refunded = one.minor(0, ordered) if one.chance() else 0
    extended = net + (tax if one.is_inclusive else 0)
    off = one.minor(1, price) if one.chance() else 0
    returned = min(refunded, shipped)
    sku = one.draw(st.sampled_from((f"SKU-{number}", "")))
    facts = ProductFacts(
        str(number), ordered, shipped, refunded - returned, returned, extended, extended - off, sku or None
    )
    sums.subtotal += extended
    sums.goods_discount -= off
    sums.tax += tax
    node: dict[str, Any] = {
        "id": number,
        "product_id": 100 + number,
        "variant_id": 0,
        "sku": sku,
        "type": "physical",
        "quantity": ordered,
        "quantity_shipped": shipped,
        "quantity_refunded": refunded,
        "base_price": one.said(price + (unit_tax if one.is_inclusive else 0)),
        "total_tax": one.said(tax),
        "applied_discounts": [{"id": "coupon", "code": "TEN", "amount": one.said(off)}] if off else [],
    }
    return facts, node | one.both("price", price, unit_tax) | one.both("total", net, tax)
