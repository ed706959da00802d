"""Generated Shopify orders, each with the facts it must yield, worked out in minor units of its own.

The quirks of real payloads are switched on at random; none of them changes a fact.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.kit.minor_units import Currency, Sums, draw_parts

ZONE = "Europe/Berlin"
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class LineFacts:
    """What one line must become; amounts in minor units (shop, presentment)."""

    line_id: str
    sku: str | None
    resolution: str
    ordered: int
    cancelled: int
    fulfilled: int
    returned: int
    extended: tuple[int, int]
    net: tuple[int, int]


@dataclass(slots=True)
class ShopifyFacts:
    """A payload and everything that must be read from it."""

    payload: bytes
    event: str | None
    order_id: str
    currency: Currency
    presentment: Currency
    lines: list[LineFacts]
    sums: tuple[Sums, Sums]
    stated_total: int
    differences: dict[tuple[str, str], int]
    placed: datetime
    business_date: str
    modified: datetime
    payment: str
    cancellation: str
    tax_mode: str
    warnings: set[str] = field(default_factory=set)


@dataclass
class _Draw:
    """The random choices of one payload."""

    draw: Any
    currency: Currency
    presentment: Currency
    is_numeric: bool = False
    has_sets: bool = False

    def chance(self, of: int = 3) -> bool:
        """True once in `of` times."""
        return bool(self.draw(st.integers(1, of)) == 1)

    def minor(self, most: int = 50_000) -> int:
        """An amount in minor units, from 0."""
        return int(self.draw(st.integers(0, most)))

    def both(self, shop: int) -> tuple[int, int]:
        """The amount in both currencies; equal ones where there is one currency."""
        if self.presentment == self.currency:
            return shop, shop
        return shop, (int(self.draw(st.integers(1, 90_000))) if shop else 0)

    def said(self, node: dict[str, Any], name: str, amount: tuple[int, int]) -> None:
        """Put `name` and, where the payload has sets, `name_set` into a node."""
        text = self.currency.text(amount[0])
        node[name] = float(text) if self.is_numeric and self.chance(2) else text
        if self.has_sets:
            node[f"{name}_set"] = self.set_of(amount)

    def set_of(self, amount: tuple[int, int]) -> dict[str, Any]:
        """An object with shop and presentment money."""
        return {
            "shop_money": {"amount": self.currency.text(amount[0]), "currency_code": self.currency.code},
            "presentment_money": {
                "amount": self.presentment.text(amount[1]),
                "currency_code": self.presentment.code,
            },
        }


_CURRENCIES = (Currency("USD", 2), Currency("EUR", 2), Currency("JPY", 0), Currency("KWD", 3))
_STATUS = {
    "pending": "pending",
    "authorized": "authorized",
    "paid": "paid",
    "partially_paid": "partially_paid",
    "voided": "voided",
    "refunded": "refunded",
}


@st.composite
def shopify_orders(draw: Any) -> ShopifyFacts:
    """Strategy of payloads with their facts."""
    currency = draw(st.sampled_from(_CURRENCIES))
    presentment = draw(st.sampled_from(_CURRENCIES)) if draw(st.integers(1, 3)) == 1 else currency
    one = _Draw(draw, currency, presentment)
    one.is_numeric = one.chance()
    one.has_sets = one.presentment != one.currency or one.chance(2)
    is_included = draw(st.booleans())
    node: dict[str, Any] = {"taxes_included": is_included, "currency": one.currency.code}
    if one.has_sets:
        node["presentment_currency"] = one.presentment.code
    sums = (Sums(), Sums())
    lines = [_line(one, number, sums) for number in range(draw(st.integers(1, 4)))]
    node["line_items"] = [built for _, built, _ in lines]
    node["refunds"] = [refund for _, _, refunds in lines for refund in refunds]
    node["fulfillments"] = _fulfillments(one, [facts for facts, _, _ in lines])
    _shipping(one, node, sums)
    _tip(one, node, sums)
    for side in sums:
        side.finish(is_included=is_included)
    facts = _facts(one, node, sums, [facts for facts, _, _ in lines])
    facts.tax_mode = "inclusive" if is_included else "exclusive"
    _state_totals(one, node, facts)
    _state_tax_lines(one, node, facts)
    _quirks(one, node)
    facts.payload = _written(one, node)
    return facts


def _line(
    one: _Draw, number: int, sums: tuple[Sums, Sums]
) -> tuple[LineFacts, dict[str, Any], list[dict[str, Any]]]:
    quantity = int(one.draw(st.integers(1, 6)))
    price = one.both(one.minor())
    extended = (price[0] * quantity, price[1] * quantity)
    discounts = [
        one.both(int(one.draw(st.integers(1, max(1, extended[0] // 3)))))
        for _ in range(one.draw(st.integers(0, 2)) if extended[0] > 3 else 0)
    ]
    taxes = [one.both(one.minor(900)) for _ in range(one.draw(st.integers(0, 2)))]
    sku, resolution = one.draw(
        st.sampled_from(((f"SKU-{number}", "exact"), ("OLD-1", "alias"), ("", "unknown")))
    )
    line_id = str(one.draw(st.integers(1, 2**60)) * 8 + number)
    node: dict[str, Any] = {"id": int(line_id), "sku": sku, "quantity": quantity}
    one.said(node, "price", price)
    node["tax_lines"] = [_tax(one, tax) for tax in taxes]
    node["discount_allocations"] = [_allocation(one, discount) for discount in discounts]
    if discounts and one.chance():
        one.said(node, "total_discount", (sum(d[0] for d in discounts), sum(d[1] for d in discounts)))
    cancelled, returned, kept = draw_parts(one.draw, quantity)
    fulfilled = returned + int(one.draw(st.integers(0, kept)))
    refunds = [
        {"id": number, "refund_line_items": [_refunded(line_id, count, kind)]}
        for kind, count in (("cancel", cancelled), ("return", returned))
        if count
    ]
    node["current_quantity"] = quantity - cancelled - returned
    for side in (0, 1):
        sums[side].subtotal += extended[side]
        sums[side].goods_discount -= sum(discount[side] for discount in discounts)
        sums[side].tax += sum(tax[side] for tax in taxes)
    net = tuple(extended[side] - sum(discount[side] for discount in discounts) for side in (0, 1))
    resolved = {"exact": sku, "alias": "SKU-1", "unknown": None}[resolution]
    facts = LineFacts(
        line_id, resolved, resolution, quantity, cancelled, fulfilled, returned, extended, (net[0], net[1])
    )
    return facts, node, refunds


def _tax(one: _Draw, amount: tuple[int, int]) -> dict[str, Any]:
    node: dict[str, Any] = {"title": "Tax", "rate": 0.07}
    one.said(node, "price", amount)
    return node


def _allocation(one: _Draw, amount: tuple[int, int]) -> dict[str, Any]:
    node: dict[str, Any] = {"discount_application_index": 0}
    one.said(node, "amount", amount)
    return node


def _refunded(line_id: str, quantity: int, restock_type: str) -> dict[str, Any]:
    return {"line_item_id": int(line_id), "quantity": quantity, "restock_type": restock_type, "subtotal": 1.5}


def _fulfillments(one: _Draw, lines: list[LineFacts]) -> list[dict[str, Any]]:
    shipped = [{"id": int(line.line_id), "quantity": line.fulfilled} for line in lines if line.fulfilled]
    failed = [{"id": int(line.line_id), "quantity": line.ordered} for line in lines]
    found = [{"id": 2, "status": "success", "line_items": shipped}] if shipped else []
    # A failed fulfilment beside: where there is none at all, the lines' own status would count.
    return [*found, {"id": 3, "status": "failure", "line_items": failed}] if one.chance() else found


def _shipping(one: _Draw, node: dict[str, Any], sums: tuple[Sums, Sums]) -> None:
    node["shipping_lines"] = []
    for _ in range(one.draw(st.integers(0, 2))):
        price, tax = one.both(one.minor(2_000)), one.both(one.minor(300))
        built: dict[str, Any] = {"title": "Post", "tax_lines": [_tax(one, tax)]}
        one.said(built, "price", price)
        off = one.both(int(one.draw(st.integers(1, price[0])))) if price[0] and one.chance() else (0, 0)
        built["discount_allocations"] = [_allocation(one, off)] if off[0] else []
        node["shipping_lines"].append(built)
        for side in (0, 1):
            sums[side].shipping += price[side]
            sums[side].shipping_discount -= off[side] if off[0] else 0
            sums[side].tax += tax[side]


def _tip(one: _Draw, node: dict[str, Any], sums: tuple[Sums, Sums]) -> None:
    if one.presentment == one.currency and one.chance():
        tip = one.minor(500)
        node["total_tip_received"] = one.currency.text(tip)
        for side in sums:
            side.other += tip


def _facts(one: _Draw, node: dict[str, Any], sums: tuple[Sums, Sums], lines: list[LineFacts]) -> ShopifyFacts:
    order_id = one.draw(st.integers(1, 2**63 - 1))
    node["id"] = order_id if one.chance(2) else str(order_id)
    placed = _EPOCH + timedelta(minutes=int(one.draw(st.integers(0, 1_500_000))))
    modified = placed + timedelta(seconds=int(one.draw(st.integers(0, 500_000))))
    offset = ZoneInfo(one.draw(st.sampled_from(("America/New_York", "Asia/Tokyo", "UTC"))))
    node["created_at"] = _time_text(one, placed.astimezone(offset))
    node["updated_at"] = modified.astimezone(offset).isoformat()
    status = one.draw(st.sampled_from(sorted(_STATUS)))
    node["financial_status"] = status
    cancellation, event, codes = _cancel(one, node, lines, modified)
    return ShopifyFacts(
        payload=b"",
        event=event,
        order_id=str(order_id),
        currency=one.currency,
        presentment=one.presentment,
        lines=lines,
        sums=sums,
        stated_total=0,
        differences={},
        placed=placed,
        business_date=placed.astimezone(ZoneInfo(ZONE)).date().isoformat(),
        modified=modified,
        payment=_STATUS[status],
        cancellation=cancellation,
        tax_mode="",
        warnings=codes,
    )


def _time_text(one: _Draw, moment: datetime) -> str:
    if moment.utcoffset() == timedelta(0) and one.chance(2):
        return moment.strftime("%Y-%m-%dT%H:%M:%S-00:00")
    return moment.isoformat()


def _cancel(
    one: _Draw, node: dict[str, Any], lines: list[LineFacts], modified: datetime
) -> tuple[str, str | None, set[str]]:
    node["cancelled_at"] = None
    way = one.draw(st.sampled_from(("none", "none", "stamped", "event")))
    if way == "stamped":
        node["cancelled_at"] = modified.isoformat()
        return "cancelled", None, set()
    if way == "event":
        return "cancelled", "orders/cancelled", {"cancelled_at_missing"}
    is_partial = any(line.cancelled for line in lines)
    return ("partial" if is_partial else "none"), one.draw(st.sampled_from((None, "orders/updated"))), set()


def _state_totals(one: _Draw, node: dict[str, Any], facts: ShopifyFacts) -> None:
    """Totals as said; some disagree with the lines by a known amount."""
    shop, presented = facts.sums
    figures = {
        "subtotal_price": ("subtotal", "stated.subtotal", "goods"),
        "total_line_items_price": ("subtotal", "total_line_items_price", "subtotal"),
        "total_discounts": ("discount", "stated.discount", "taken_off"),
        "total_tax": ("tax_total", "stated.tax", "tax"),
        "total_price": ("order_total", "stated.total", "total"),
    }
    for name, (code, subject, figure) in figures.items():
        error = int(one.draw(st.integers(-40, 40))) if one.chance(5) else 0
        ours = (getattr(shop, figure), getattr(presented, figure))
        if ours[0] + error < 0 or (name == "total_discounts" and not ours[0]):
            error = 0  # a discount that nothing itemises would be taken off
        if name == "total_tax" and not ours[0]:
            error = 0
        same = one.presentment == one.currency
        one.said(node, name, (ours[0] + error, ours[1] + error if same else ours[1]))
        if error:
            facts.differences[code, subject] = error
        if name == "total_price":
            facts.stated_total = ours[0] + error


def _state_tax_lines(one: _Draw, node: dict[str, Any], facts: ShopifyFacts) -> None:
    """The order's own tax lines; where they make neither the lines' tax nor `total_tax`, that is a difference
    of its own."""
    shop, presented = facts.sums
    error = int(one.draw(st.integers(-40, 40))) if one.chance(5) else 0
    if shop.tax + min(error, 0) <= 0 or not one.chance():
        return
    tax: dict[str, Any] = {"title": "Tax", "rate": 0.07}
    same = one.presentment == one.currency
    one.said(tax, "price", (shop.tax + error, presented.tax + error if same else presented.tax))
    node["tax_lines"] = [tax]
    if error not in (0, facts.differences.get(("tax_total", "stated.tax"), 0)):
        facts.differences["tax_total", "tax_lines"] = error


def _quirks(one: _Draw, node: dict[str, Any]) -> None:
    junk: tuple[object, ...] = ({"a": 1}, ["x"], "junk", None, 12, {})
    for line in node["line_items"]:
        line["properties"] = one.draw(st.sampled_from(junk))
    for name in ("billing_address", "customer", "note_attributes", "unknown_field", "shipping_address"):
        if one.chance():
            node[name] = one.draw(st.sampled_from(({}, None, {"first_name": "", "country_code": None})))
    if one.chance():
        node["test"] = True
    node["name"] = "#1001"


def _written(one: _Draw, node: dict[str, Any]) -> bytes:
    document = {"order": node} if one.chance() else node
    data = json.dumps(document, indent=one.draw(st.sampled_from((None, 1))), ensure_ascii=one.chance(2))
    return (b"\xef\xbb\xbf" if one.chance(6) else b"") + data.encode()
