"""Square orders written by hand, as tests change them.

Invariant: a document without changes is consistent with itself.
"""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def usd(amount: int) -> Document:
    """Money in cents."""
    return {"amount": amount, "currency": "USD"}


def line(**changes: Any) -> Document:
    """One line: 2 × 5.00 USD without tax and discount."""
    return {
        "uid": "l1",
        "catalog_object_id": "VAR1",
        "quantity": "2",
        "name": "Thing",
        "base_price_money": usd(500),
        "gross_sales_money": usd(1000),
        "total_tax_money": usd(0),
        "total_discount_money": usd(0),
    } | changes


def square_document(*lines: Document, **changes: Any) -> Document:
    """An order of one line, consistent with itself."""
    return {
        "id": "ORDER1",
        "location_id": "LOC1",
        "line_items": list(lines) or [line()],
        "state": "OPEN",
        "version": 4,
        "created_at": "2026-01-31T23:30:00.000Z",
        "updated_at": "2026-02-01T08:00:00.123456789Z",
        "total_money": usd(1000),
        "total_tax_money": usd(0),
        "total_discount_money": usd(0),
    } | changes
