"""Synthetic WooCommerce orders, written by hand for one case each."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def woo_line(**changes: Any) -> Document:
    """One line: 2 × 10.00 without tax."""
    return {
        "id": 315,
        "name": "Example",
        "product_id": 93,
        "variation_id": 0,
        "quantity": 2,
        "subtotal": "20.00",
        "total": "20.00",
        "total_tax": "0.00",
        "taxes": [],
        "sku": "SKU-1",
        "price": 10,
        "meta_data": [],
    } | changes


def woo_order(*lines: Document, **changes: Any) -> Document:
    """An order of one line, 20.00 USD without tax and shipping, consistent with itself."""
    return {
        "id": 727,
        "parent_id": 0,
        "number": "727",
        "status": "processing",
        "currency": "USD",
        "date_created": "2026-01-31T20:30:00",
        "date_created_gmt": "2026-01-31T23:30:00",
        "date_modified": "2026-02-01T05:00:00",
        "date_modified_gmt": "2026-02-01T08:00:00",
        "date_paid": "2026-01-31T20:31:00",
        "date_paid_gmt": "2026-01-31T23:31:00",
        "prices_include_tax": False,
        "discount_total": "0.00",
        "shipping_total": "0.00",
        "total_tax": "0.00",
        "total": "20.00",
        "customer_id": 0,
        "payment_method": "stripe",
        "transaction_id": "ch_1",
        "line_items": list(lines) or [woo_line()],
        "tax_lines": [],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
    } | changes
