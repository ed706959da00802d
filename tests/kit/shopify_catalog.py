"""Synthetic Shopify products and inventory levels, by hand and generated with the facts they must yield."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.kit.shopify_documents import Document

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


def level(**changes: Any) -> Document:
    """27 pieces of one item at one location."""
    return {
        "inventory_item_id": 9007199254740993,
        "location_id": 5,
        "available": 27,
        "updated_at": "2026-02-01T10:00:00+01:00",
    } | changes


def variant(**changes: Any) -> Document:
    """One variant that is counted, 0.2 kg, 5.00."""
    return {
        "id": 31,
        "product_id": 41,
        "sku": "SKU-1",
        "price": "5.00",
        "compare_at_price": None,
        "barcode": "4006381333931",
        "inventory_item_id": 51,
        "inventory_management": "shopify",
        "inventory_policy": "deny",
        "inventory_quantity": 27,
        "grams": 200,
        "weight": 0.2,
        "weight_unit": "kg",
        "updated_at": "2026-02-01T10:00:00+01:00",
    } | changes


def product(*variants: Document, **changes: Any) -> Document:
    """An active product of one variant."""
    return {
        "id": 41,
        "title": "Example",
        "status": "active",
        "created_at": "2026-02-01T10:00:00+01:00",
        "updated_at": "2026-02-01T10:00:00+01:00",
        "variants": list(variants) or [variant()],
        "options": [{"name": "Title"}],
        "images": [],
    } | changes


@dataclass(slots=True)
class LevelFacts:
    """A level and what must be read from it; `figure` None is no snapshot."""

    payload: bytes
    item: str
    location: str
    figure: int | None
    as_of: datetime


@st.composite
def inventory_levels(draw: Any) -> LevelFacts:
    """Strategy of levels with their facts."""
    item, location = draw(st.integers(1, 2**63)), draw(st.integers(1, 2**63))
    figure = draw(st.one_of(st.none(), st.integers(-50, 10**6)))
    as_of = _EPOCH + timedelta(seconds=draw(st.integers(0, 9_000_000)))
    node = level(inventory_item_id=item, location_id=location, updated_at=as_of.isoformat(), available=figure)
    node |= draw(
        st.sampled_from(({}, {"admin_graphql_api_id": "gid://shopify/InventoryLevel/1?inventory_item_id=2"}))
    )
    document = draw(st.sampled_from((node, {"inventory_level": node})))
    return LevelFacts(json.dumps(document).encode(), str(item), str(location), figure, as_of)


@dataclass(slots=True)
class VariantFacts:
    """What one variant must become; money in cents."""

    sku: str
    is_gtin: bool
    kind: str
    weight: Decimal
    price: int | None
    compare_at: int | None


@dataclass(slots=True)
class ProductFacts:
    """A product and what must be read from it."""

    payload: bytes
    status: str
    variants: list[VariantFacts]


@st.composite
def shopify_products(draw: Any) -> ProductFacts:
    """Strategy of products with their facts."""
    found = [_variant(draw, number) for number in range(1, draw(st.integers(2, 4)))]
    word = draw(st.sampled_from(("active", "draft", "archived", None)))
    node = product(*[one for one, _ in found], status=word)
    status = {"active": "active", None: "active"}.get(word, "discontinued")
    document = draw(st.sampled_from((node, {"product": node})))
    return ProductFacts(json.dumps(document).encode(), status, [facts for _, facts in found])


def _variant(draw: Any, number: int) -> tuple[Document, VariantFacts]:
    sku = draw(st.sampled_from((f"SKU-{number}", "", None)))
    is_gtin, is_counted = draw(st.booleans()), draw(st.booleans())
    grams, price = draw(st.integers(0, 5_000)), draw(st.one_of(st.none(), st.integers(0, 90_000)))
    compare_at = draw(st.one_of(st.none(), st.integers(0, 90_000)))
    node = variant(id=number, sku=sku, grams=grams, barcode="4006381333931" if is_gtin else "4006381333932")
    node |= {"inventory_management": "shopify" if is_counted else None, "inventory_item_id": 50 + number}
    node |= {"price": _text(price), "compare_at_price": _text(compare_at)}
    is_metric = draw(st.booleans())
    node |= (
        {"weight": grams / 1000, "weight_unit": "kg"} if is_metric else {"weight": None, "weight_unit": None}
    )
    facts = VariantFacts(
        sku=sku or str(number),
        is_gtin=is_gtin,
        kind="stocked" if is_counted else "non_stocked",
        weight=Decimal(grams) / 1000 if is_metric else Decimal(grams),
        price=price,
        compare_at=compare_at,
    )
    return node, facts


def _text(cents: int | None) -> str | None:
    return None if cents is None else f"{cents // 100}.{cents % 100:02d}"
