"""Generated stock payloads of Walmart, BigCommerce and Square, each with the figures it must yield."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StockFacts:
    """A payload, and (sku, location, meaning, word, quantity) of each figure in document order."""

    payload: bytes
    figures: tuple[tuple[str, str, str, str, Decimal], ...]
    as_of: datetime | None = None


@st.composite
def walmart_stock(draw: Any) -> StockFacts:
    """One item at one node, or at several with three figures each."""
    sku = draw(st.sampled_from(("SKU-1", "a/b%", "é1")))
    amounts = st.integers(0, 10**6)

    def said(amount: int) -> dict[str, object]:
        return {
            "unit": draw(st.sampled_from(("EACH", "EA"))),
            "amount": draw(st.sampled_from((amount, str(amount)))),
        }

    if draw(st.booleans()):
        amount = draw(amounts)
        document: dict[str, Any] = {"sku": sku, "quantity": said(amount), "extra": None}
        return StockFacts(
            json.dumps(document).encode(), ((sku, "", "available", "quantity", Decimal(amount)),)
        )
    nodes, figures = [], []
    for number in range(draw(st.integers(1, 3))):
        node: dict[str, Any] = {"shipNode": str(number)}
        for word, meaning in (
            ("availToSellQty", "available"),
            ("reservedQty", "reserved"),
            ("inputQty", "on_hand"),
        ):
            if word == "inputQty" or draw(st.booleans()):
                amount = draw(amounts)
                node[word] = said(amount)
                figures.append((sku, str(number), meaning, word, Decimal(amount)))
        nodes.append(node)
    return StockFacts(json.dumps({"sku": sku, "nodes": nodes}).encode(), tuple(figures))


@st.composite
def bigcommerce_stock(draw: Any) -> StockFacts:
    """A notice with an absolute figure, of a product or of a variant."""
    product, value = draw(st.integers(1, 10**9)), draw(st.integers(-5, 10**8))
    variant = draw(st.none() | st.integers(1, 10**9))
    at = _EPOCH + timedelta(seconds=draw(st.integers(0, 10**8)))
    inventory: dict[str, Any] = {"product_id": product, "method": "absolute", "value": value}
    if variant is not None:
        inventory["variant_id"] = variant
    kind = "product" if variant is None else "sku"
    document = {
        "scope": f"store/{kind}/inventory/updated",
        "store_id": "1001",
        "data": {"type": kind, "id": 7, "inventory": inventory},
        "hash": "abc",
        "created_at": int(at.timestamp()),
        "producer": "stores/example",
    }
    sku = str(product if variant is None else variant)
    return StockFacts(json.dumps(document).encode(), ((sku, "", "available", "value", Decimal(value)),), at)


SQUARE_STATES = {"IN_STOCK": "available", "WASTE": "damaged", "SOLD": "unknown", "NEW_STATE": "unknown"}


@st.composite
def square_stock(draw: Any) -> StockFacts:
    """An event or a list with one or more counts."""
    counts, figures = [], []
    for number in range(draw(st.integers(1, 3))):
        state = draw(st.sampled_from(sorted(SQUARE_STATES)))
        quantity = Decimal(draw(st.integers(-(10**4), 10**6))).scaleb(-draw(st.integers(0, 3)))
        counts.append(
            {
                "catalog_object_id": f"OBJ{number}",
                "catalog_object_type": "ITEM_VARIATION",
                "state": state,
                "location_id": "LOC1",
                "quantity": format(quantity, "f"),
                "calculated_at": "2026-01-31T23:30:00.123456Z",
            }
        )
        figures.append((f"OBJ{number}", "LOC1", SQUARE_STATES[state], state, quantity))
    at = datetime(2026, 1, 31, 23, 30, 0, 123456, tzinfo=UTC)
    if draw(st.booleans()):
        return StockFacts(json.dumps({"counts": counts, "cursor": ""}).encode(), tuple(figures), at)
    event = {
        "merchant_id": "M1",
        "type": "inventory.count.updated",
        "event_id": "e-1",
        "created_at": "2026-01-31T23:31:00Z",
        "data": {"type": "inventory", "id": "x", "object": {"inventory_counts": counts}},
    }
    return StockFacts(json.dumps(event).encode(), tuple(figures), at)
