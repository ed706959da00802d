"""Synthetic WooCommerce refunds, products and legacy orders, by hand and generated with their facts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.kit.woo_documents import Document

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


def text(cents: int) -> str:
    """Cents as WooCommerce writes them."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def refund_line(**changes: Any) -> Document:
    """One piece of line 311 back: 9.00 and 0.63 tax."""
    return {
        "id": 314,
        "product_id": 87,
        "variation_id": 0,
        "quantity": -1,
        "subtotal": "-9.00",
        "total": "-9.00",
        "total_tax": "-0.63",
        "taxes": [{"id": 1, "total": "-0.63"}],
        "meta_data": [{"id": 2076, "key": "_refunded_item_id", "value": "311"}],
        "sku": "SKU-1",
        "price": -9,
    } | changes


def woo_refund(**changes: Any) -> Document:
    """A refund of one line that is consistent with itself."""
    return {
        "id": 726,
        "parent_id": 723,
        "date_created": "2026-02-01T10:00:00",
        "date_created_gmt": "2026-02-01T09:00:00",
        "amount": "9.63",
        "reason": "wrong size",
        "refunded_by": 1,
        "refunded_payment": True,
        "line_items": [refund_line()],
        "shipping_lines": [],
        "fee_lines": [],
    } | changes


def links(path: str = "/wp-json/wc/v3/orders/723") -> Document:
    """The links of a refund, as the REST API adds them."""
    return {"up": [{"href": f"https://example.com{path}"}]}


def woo_product(**changes: Any) -> Document:
    """A simple product that is counted."""
    return {
        "id": 87,
        "parent_id": 0,
        "type": "simple",
        "status": "publish",
        "sku": "SKU-1",
        "global_unique_id": "4006381333931",
        "price": "5.00",
        "regular_price": "5.00",
        "sale_price": "",
        "virtual": False,
        "downloadable": False,
        "manage_stock": True,
        "stock_quantity": 27,
        "stock_status": "instock",
        "weight": "0.2",
        "tax_class": "",
        "variations": [],
        "date_created": "2026-02-01T10:00:00",
        "date_created_gmt": "2026-02-01T09:00:00",
        "date_modified": "2026-02-01T10:00:00",
        "date_modified_gmt": "2026-02-01T09:00:00",
    } | changes


def legacy_order(**changes: Any) -> Document:
    """An order of the legacy API: 20.00 goods, 1.40 tax, 5.00 shipping with 0.35 tax."""
    return {
        "id": 645,
        "order_number": 1645,
        "created_at": "2026-01-31T23:30:00Z",
        "updated_at": "2026-02-01T08:00:00Z",
        "status": "processing",
        "currency": "USD",
        "total": "26.75",
        "subtotal": "20.00",
        "total_line_items_quantity": 2,
        "total_tax": "1.75",
        "total_shipping": "5.00",
        "cart_tax": "1.40",
        "shipping_tax": "0.35",
        "total_discount": "0.00",
        "payment_details": {"method_id": "cod", "method_title": "Cash", "paid": True},
        "billing_address": {"first_name": "Test", "last_name": "Person", "country": "US"},
        "note": "ring twice",
        "customer_id": 2,
        "line_items": [
            {
                "id": 504,
                "subtotal": "20.00",
                "subtotal_tax": "1.40",
                "total": "20.00",
                "total_tax": "1.40",
                "price": "10.00",
                "quantity": 2,
                "product_id": 546,
                "sku": "SKU-1",
                "meta": [],
            }
        ],
        "shipping_lines": [{"id": 506, "method_id": "flat_rate", "method_title": "Flat", "total": "5.00"}],
        "tax_lines": [{"id": 507, "rate_id": "5", "code": "US-TAX-1", "title": "Tax", "total": "1.75"}],
        "coupon_lines": [],
    } | changes


@dataclass(slots=True)
class WooRefundFacts:
    """A refund and what must be read from it, in cents: goods, shipping, tax, total."""

    payload: bytes
    refund_id: str
    order_id: str
    lines: list[tuple[str, int, int]]
    sums: list[int]
    amount: int
    occurred: datetime


@st.composite
def woo_refunds(draw: Any) -> WooRefundFacts:
    """Strategy of refunds with their facts."""
    lines: list[tuple[str, int, int]] = []
    nodes, tax = [], 0
    for _ in range(draw(st.integers(0, 3))):
        item, pieces = str(draw(st.integers(1, 2**40))), draw(st.integers(0, 9))
        cents, taxed = draw(st.integers(0, 90_000)), draw(st.integers(0, 900))
        sign = draw(st.sampled_from((1, -1)))
        node = refund_line(quantity=sign * pieces, total=text(-cents), subtotal=text(-cents), price=1)
        node |= {"total_tax": text(-taxed), "taxes": [{"id": 1, "total": text(-taxed)}]}
        node["meta_data"] = [{"key": "other", "value": {}}, {"key": "_refunded_item_id", "value": item}]
        lines.append((item, pieces, cents))
        nodes.append(node)
        tax += taxed
    shipping = draw(st.integers(0, 2_000))
    goods = sum(cents for _, _, cents in lines)
    total = goods + shipping + tax
    amount = draw(st.one_of(st.just(total), st.integers(0, 90_000)))
    refund_id, order_id = draw(st.integers(1, 2**40)), draw(st.integers(1, 2**40))
    occurred = _EPOCH + timedelta(seconds=draw(st.integers(0, 9_000_000)))
    node = woo_refund(id=refund_id, amount=text(amount), line_items=nodes)
    node["date_created_gmt"] = occurred.strftime("%Y-%m-%dT%H:%M:%S")
    node["shipping_lines"] = [{"method_title": "Flat", "total": text(-shipping), "total_tax": "0.00"}]
    way = draw(st.sampled_from(("parent", "link", "beside")))
    node["parent_id"] = order_id if way == "parent" else 0
    if way == "link":
        node["_links"] = links(f"/wp-json/wc/v3/orders/{order_id}")
    document = {"order_id": order_id, "order_refund": node} if way == "beside" else node
    return WooRefundFacts(
        payload=json.dumps(document).encode(),
        refund_id=str(refund_id),
        order_id=str(order_id),
        lines=lines,
        sums=[goods, shipping, tax, total],
        amount=amount,
        occurred=occurred,
    )


@dataclass(slots=True)
class LegacyFacts:
    """A legacy order and our own sums of it in cents: goods, shipping, discount, tax, total."""

    payload: bytes
    sums: list[int]
    stated_total: int
    pieces: int


@st.composite
def legacy_orders(draw: Any) -> LegacyFacts:
    """Strategy of legacy orders with their facts."""
    nodes, goods, off, tax, pieces = [], 0, 0, 0, 0
    for number in range(draw(st.integers(1, 3))):
        count, cents, taxed = draw(st.integers(1, 9)), draw(st.integers(1, 900)), draw(st.integers(0, 90))
        less = draw(st.integers(0, cents))
        total = cents * count - less
        node = {"id": number + 1, "quantity": count, "subtotal": text(cents * count), "total": text(total)}
        nodes.append(node | {"total_tax": text(taxed), "sku": "", "product_id": 5, "meta": []})
        goods, off, tax, pieces = goods + cents * count, off - less, tax + taxed, pieces + count
    shipping, shipping_tax, fee = (draw(st.integers(0, 900)) for _ in range(3))
    total = goods + off + shipping + fee + tax + shipping_tax
    stated = draw(st.one_of(st.just(total), st.integers(0, 90_000)))
    node = legacy_order(line_items=nodes, shipping_tax=text(shipping_tax), total=text(stated))
    node |= {"subtotal": text(goods), "total_line_items_quantity": pieces, "total_discount": text(-off)}
    node |= {"total_tax": text(tax + shipping_tax), "total_shipping": text(shipping)}
    node["cart_tax"] = text(tax)
    node["shipping_lines"] = [{"id": 9, "method_title": "Flat", "total": text(shipping)}]
    node["fee_lines"] = [{"id": 8, "title": "Fee", "total": text(fee), "total_tax": "0.00"}]
    document = draw(st.sampled_from((node, {"order": node})))
    return LegacyFacts(
        payload=json.dumps(document).encode(),
        sums=[goods, shipping, off, tax + shipping_tax, total],
        stated_total=stated,
        pieces=pieces,
    )
