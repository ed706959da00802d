"""Synthetic Shopify refunds: one by hand, and generated ones with the facts they must yield."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from crossdock.canonical.models import PartnerProfile
from tests.kit.shop_reading import profile
from tests.kit.shopify_documents import Document, money_set

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


def refund_line(**changes: Any) -> Document:
    """One line: 2 pieces, 10.00 and 0.70 tax."""
    return {
        "id": 1,
        "line_item_id": 11,
        "quantity": 2,
        "restock_type": "return",
        "location_id": 5,
        "subtotal": 10.0,
        "total_tax": 0.7,
        "line_item": {"id": 11, "quantity": 2, "sku": "SKU-1", "variant_id": 31, "price": "5.00"},
    } | changes


def transaction(**changes: Any) -> Document:
    """A successful refund of 10.70 USD."""
    return {
        "id": 91,
        "order_id": 450,
        "kind": "refund",
        "status": "success",
        "gateway": "bogus",
        "amount": "10.70",
        "currency": "USD",
        "created_at": "2026-02-01T10:00:00+01:00",
    } | changes


def refund(**changes: Any) -> Document:
    """A refund of one line that is consistent with itself."""
    return {
        "id": 9007199254740993,
        "order_id": 450,
        "created_at": "2026-02-01T10:00:00+01:00",
        "processed_at": "2026-02-01T10:00:00+01:00",
        "note": "wrong size",
        "restock": True,
        "refund_line_items": [refund_line()],
        "order_adjustments": [],
        "transactions": [transaction()],
    } | changes


@dataclass(slots=True)
class RefundFacts:
    """A payload and what must be read from it; amounts in cents: subtotal, shipping, tax, total."""

    payload: bytes
    partner: PartnerProfile
    refund_id: str
    order_id: str
    quantities: list[tuple[str, int]]
    sums: list[int]
    paid: int | None
    status: str
    occurred: datetime


def _text(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _lines(draw: Any) -> tuple[list[Document], list[tuple[str, int]], int, int]:
    nodes, quantities, subtotal, tax = [], [], 0, 0
    for _ in range(draw(st.integers(0, 3))):
        line_id, pieces = draw(st.integers(1, 2**63)), draw(st.integers(1, 9))
        amount, taxed = draw(st.integers(0, 90_000)), draw(st.integers(0, 900))
        node = refund_line(line_item_id=line_id, quantity=pieces, line_item={"sku": ""})
        node |= {"subtotal": _said(draw, amount), "total_tax": _said(draw, taxed)}
        if draw(st.booleans()):
            node["subtotal_set"] = money_set(_text(amount))
        nodes.append(node)
        quantities.append((str(line_id), pieces))
        subtotal, tax = subtotal + amount, tax + taxed
    return nodes, quantities, subtotal, tax


def _said(draw: Any, cents: int) -> object:
    return draw(st.sampled_from((_text(cents), float(_text(cents)))))


def _adjustments(draw: Any, node: Document) -> tuple[int, int, int, bool]:
    """Shipping, its tax and the discrepancy, each as money to the buyer; whether the tax is always beside."""
    shipping, tax, other = 0, 0, 0
    way = draw(st.sampled_from(("none", "adjustment", "line", "both")))
    if way != "none":
        shipping, tax = draw(st.integers(0, 2_000)), draw(st.integers(0, 300))
    if way in ("adjustment", "both"):
        adjustment = {"kind": "shipping_refund", "amount": _text(-shipping), "tax_amount": _text(-tax)}
        node["order_adjustments"].append(adjustment)
    if way in ("line", "both"):
        line = {"subtotal_amount_set": money_set(_text(shipping)), "tax_amount_set": money_set(_text(tax))}
        node["refund_shipping_lines"] = [line]
    if draw(st.booleans()):
        other = draw(st.integers(-3_000, 3_000))
        node["order_adjustments"].append({"kind": "refund_discrepancy", "amount": _text(-other)})
    return shipping, tax, other, way in ("adjustment", "both")


@st.composite
def shopify_refunds(draw: Any) -> RefundFacts:
    """Strategy of payloads with their facts."""
    is_inclusive = draw(st.booleans())
    lines, quantities, subtotal, tax = _lines(draw)
    node = refund(refund_line_items=lines, order_adjustments=[], transactions=[])
    shipping, shipping_tax, other, is_beside = _adjustments(draw, node)
    total = subtotal + shipping + other + (0 if is_inclusive else tax)
    total += shipping_tax if is_beside or not is_inclusive else 0
    tax += shipping_tax
    moved = [
        draw(st.sampled_from((total, draw(st.integers(0, 9_000))))) for _ in range(draw(st.integers(0, 2)))
    ]
    words = draw(st.sampled_from(("success", "pending", "failure")))
    node["transactions"] = [transaction(amount=_text(cents), status=words) for cents in moved]
    refund_id, order_id = draw(st.integers(1, 2**63)), draw(st.integers(1, 2**63))
    occurred = _EPOCH + timedelta(seconds=draw(st.integers(0, 9_000_000)))
    node |= {"id": refund_id, "order_id": order_id, "processed_at": occurred.isoformat()}
    node |= draw(st.sampled_from(({}, {"unknown": {"shop_money": None}}, {"duties": [], "return": None})))
    document = draw(st.sampled_from((node, {"refund": node})))
    status = {"success": "issued", "pending": "approved", "failure": "failed"}[words] if moved else "approved"
    money = {"amounts": "major_text", "currency": "USD"}
    money |= {"tax_mode": "inclusive" if is_inclusive else "exclusive"}
    return RefundFacts(
        payload=json.dumps(document).encode(),
        partner=profile(money=money),
        refund_id=str(refund_id),
        order_id=str(order_id),
        quantities=quantities,
        sums=[subtotal, shipping, tax, total],
        paid=sum(moved) if moved and words == "success" else None,
        status=status,
        occurred=occurred,
    )
