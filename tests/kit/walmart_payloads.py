"""Generated Walmart orders of three markets, each with the facts it must yield, in minor units of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from tests.kit.minor_units import Currency, Sums

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_OFFSET = timezone(timedelta(hours=-6))
MARKETS = {"us": Currency("USD", 2), "mx": Currency("MXN", 2), "ca": Currency("CAD", 2)}


@dataclass(slots=True)
class WalmartLineFacts:
    """What one line must become; amounts in minor units."""

    line_id: str
    ordered: int
    fulfilled: int
    cancelled: int
    goods: int
    net: int
    sku: str | None
    tracking: str | None


@dataclass(slots=True)
class WalmartFacts:
    """A payload and everything that must be read from it."""

    payload: bytes
    market: str
    order_id: str
    placed: datetime
    changed: datetime
    cancellation: str
    lines: list[WalmartLineFacts] = field(default_factory=list)
    sums: Sums = field(default_factory=Sums)


class _Draw:
    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.market = draw(st.sampled_from(sorted(MARKETS)))
        self.currency = MARKETS[self.market]

    def chance(self, of: int = 3) -> bool:
        return bool(self.draw(st.integers(1, of)) == 1)

    def minor(self, least: int, most: int) -> int:
        return int(self.draw(st.integers(least, most)))

    def money(self, minor: int) -> dict[str, object]:
        """A money object: a number in the US, text elsewhere."""
        text = self.currency.text(minor)
        return {"currency": self.currency.code, "amount": json.loads(text) if self.market == "us" else text}

    def time(self, moment: datetime) -> object:
        """A time as the market writes it."""
        if self.market == "us":
            return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
        return moment.astimezone(_OFFSET).isoformat(timespec="milliseconds")

    def listed(self, name: str, nodes: list[Any]) -> object:
        """A list as the market wraps it; a list of one may be that one object."""
        if self.market == "mx":
            return nodes
        return {name: nodes[0] if len(nodes) == 1 and self.chance(2) else nodes}


@st.composite
def walmart_orders(draw: Any) -> WalmartFacts:
    """Strategy of payloads with their facts."""
    one = _Draw(draw)
    sums = Sums()
    placed = _EPOCH + timedelta(milliseconds=one.minor(0, 90_000_000_000))
    changed = placed + timedelta(milliseconds=one.minor(0, 9_000_000))
    built = [_line(one, number, sums, changed) for number in range(1, one.minor(1, 3) + 1)]
    sums.finish(is_included=False)
    facts = WalmartFacts(
        b"", one.market, str(one.minor(10**12, 10**13)), placed, changed, "none", [f for f, _ in built], sums
    )
    if all(line.cancelled == line.ordered for line in facts.lines):
        facts.cancellation = "cancelled"
    elif any(line.cancelled for line in facts.lines):
        facts.cancellation = "partial"
    node: dict[str, Any] = {
        "purchaseOrderId": facts.order_id,
        "customerOrderId": "5",
        "orderDate": one.time(placed),
        "shippingInfo": {"methodCode": "Value", "postalAddress": {"name": "", "country": "USA"}},
        "orderLines": one.listed("orderLine", [line for _, line in built]),
        "unknownField": "x",
    }
    if one.market == "mx":
        node["orderTotal"] = one.money(sums.total)
    facts.payload = _rendered(one, node)
    return facts


def _rendered(one: _Draw, node: dict[str, Any]) -> bytes:
    if one.market == "ca":
        return b'<?xml version="1.0" encoding="UTF-8"?>' + _xml("order", node | {}).encode()
    return json.dumps({"order": node} if one.chance(2) else node).encode()


def _xml(name: str, value: object, prefix: str = "ns3:") -> str:
    if isinstance(value, list):
        return "".join(_xml(name, item, prefix) for item in value)
    if isinstance(value, dict):
        text = "".join(_xml(inner, item, prefix) for inner, item in value.items())
    else:
        text = escape("" if value is None else str(value))
    opening = f'{prefix}{name} xmlns:ns3="urn:example"' if name == "order" else f"{prefix}{name}"
    return f"<{opening}>{text}</{prefix}{name}>"


def _line(one: _Draw, number: int, sums: Sums, changed: datetime) -> tuple[WalmartLineFacts, dict[str, Any]]:
    ordered = one.minor(1, 4)
    cancelled = one.minor(0, ordered) if one.chance() else 0
    shipped = one.minor(0, ordered - cancelled)
    goods, tax, shipping = one.minor(0, 90_000), one.minor(0, 900), one.minor(0, 500)
    off = one.minor(1, 200) if one.chance() and goods > 200 else 0
    tracking = f"TRACK-{number}" if shipped and one.chance(2) else None
    sku = f"SKU-{number}" if one.chance(2) else None
    facts = WalmartLineFacts(str(number), ordered, shipped, cancelled, goods, goods - off, sku, tracking)
    product: dict[str, Any] = {
        "chargeType": "PRODUCT",
        "chargeName": "ItemPrice",
        "chargeAmount": one.money(goods),
    }
    tax_node = {"taxName": "Tax1", "taxAmount": one.money(tax)}
    product["tax"] = [tax_node] if one.market == "mx" else tax_node
    charges = [product]
    if shipping:
        charges.append({"chargeType": "SHIPPING", "chargeAmount": one.money(shipping), "tax": None})
    if off:
        charges.append(
            {"chargeType": "DISCOUNT", "chargeName": "COUPON_DISC", "chargeAmount": one.money(-off)}
        )
    sums.subtotal += goods
    sums.goods_discount -= off
    sums.shipping += shipping
    sums.tax += tax
    statuses = _statuses(one, facts)
    is_flat = one.market == "mx"
    node = {
        "primeLineNumber" if is_flat else "lineNumber": str(number),
        "item": {"productName": "Thing", "sku": sku or ""},
        "charges": one.listed("charge", charges),
        "orderLineQuantity": {"unitOfMeasurement": "EACH", "amount": str(ordered)},
        "statusDate": one.time(changed),
        "orderLineStatus" if is_flat else "orderLineStatuses": one.listed("orderLineStatus", statuses),
    }
    return facts, node


def _statuses(one: _Draw, facts: WalmartLineFacts) -> list[dict[str, Any]]:
    parts = {
        "Shipped": facts.fulfilled,
        "Cancelled": facts.cancelled,
        "Acknowledged": facts.ordered - facts.fulfilled - facts.cancelled,
    }
    nodes = []
    for status, quantity in parts.items():
        if not quantity:
            continue
        node: dict[str, Any] = {
            "status": status,
            "statusQuantity": {"unitOfMeasurement": "EACH", "amount": str(quantity)},
        }
        if status == "Shipped" and facts.tracking:
            node["trackingInfo"] = {"trackingNumber": facts.tracking, "carrierName": {"carrier": "UPS"}}
        nodes.append(node)
    return nodes
