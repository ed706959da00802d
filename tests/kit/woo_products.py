"""Generated WooCommerce products, each with the articles and prices it must yield.

A product is drawn as what it shall mean, and written out with the quirks of real ones switched on at
random: no SKU or its product's, no price, a code that is no GTIN, stock that its parent counts, `*_gmt` or
local or legacy times, every envelope, variations inside.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.kit.woo_documents import Document
from tests.kit.woo_resources import text, woo_product

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_GTIN = "4006381333931"
_TYPES = {
    "simple": None,
    "booking": None,
    "variation": None,
    "variable": "template",
    "grouped": "template",
    "bundle": "bundle",
    "composite": "bundle",
    "external": "non_stocked",
}
"""Type → kind that it says by itself."""
_STATUS = {
    "publish": "active",
    "private": "active",
    "draft": "discontinued",
    "future": "discontinued",
    "trash": "deleted",
    "sold-out": "unknown",
}


@dataclass(slots=True)
class ArticleFacts:
    """What one article must become; money in cents, a price of None is no proposal."""

    sku: str
    kind: str
    status: str
    identifiers: list[tuple[str, str]]
    weight: Decimal | None
    tax_category: str | None
    price: int | None
    compare_at: int | None


@dataclass(slots=True)
class WooProductFacts:
    """A product and what must be read from it."""

    payload: bytes
    product_id: str
    modified: datetime
    change: str
    articles: list[ArticleFacts]
    warnings: set[str] = field(default_factory=set)


@st.composite
def woo_products(draw: Any) -> WooProductFacts:
    """Strategy of products with their facts."""
    number, word = draw(st.integers(1, 2**62)), draw(st.sampled_from(("variable", "variable", *_TYPES)))
    node, article = _article(draw, number, word, draw(st.sampled_from(sorted(_STATUS))))
    articles, variations = [article], []
    for place in range(draw(st.integers(0, 2)) if word == "variable" else 0):
        inner, found = _article(draw, number + place + 1, "variation", None, article.status)
        if node["sku"] and not inner["sku"]:  # as WooCommerce answers where a variation has none of its own
            inner["sku"] = draw(st.sampled_from((node["sku"], "")))
        found.identifiers.append(("unknown", str(number)))
        variations.append(inner)
        articles.append(found)
    node["variations"] = variations or draw(st.sampled_from(([], [88, 89])))
    parent = draw(st.sampled_from((0, None, 41)))
    node["parent_id"] = parent
    if parent:
        article.identifiers.append(("unknown", str(parent)))
    created = _EPOCH + timedelta(seconds=draw(st.integers(0, 9_000_000)))
    modified = created + timedelta(seconds=draw(st.sampled_from((0, 1, 5_000_000))))
    node |= _times(draw, created, modified)
    holder = draw(st.sampled_from(("product", "data", None)))
    document = node if holder is None else {holder: node}
    return WooProductFacts(
        payload=json.dumps(document).encode(),
        product_id=str(number),
        modified=modified,
        change="created" if created == modified else "updated",
        articles=articles,
        warnings=set().union(*map(_warnings, articles)),
    )


def _article(
    draw: Any, number: int, word: str, status: str | None, inherited: str = "unknown"
) -> tuple[Document, ArticleFacts]:
    """One article; `status` None leaves it to its parent's."""
    sku = draw(st.sampled_from((f"SKU-{number}", "", None)))
    code = draw(st.sampled_from((_GTIN, "4006381333932", "SHELF-7", "")))
    grams = draw(st.one_of(st.none(), st.integers(0, 90_000)))
    category = draw(st.sampled_from(("", "reduced-rate")))
    regular, price = (draw(st.one_of(st.none(), st.integers(0, 90_000))) for _ in range(2))
    is_virtual, managed = draw(st.booleans()), draw(st.sampled_from((True, False, "parent", None)))
    node = woo_product(id=number, type=word, sku=sku, global_unique_id=code, tax_class=category)
    node |= {"weight": "" if grams is None else f"{grams / 1000:.3f}", "virtual": is_virtual}
    node |= {"regular_price": _price(draw, regular), "price": _price(draw, price), "manage_stock": managed}
    if status is None:
        del node["status"]
    else:
        node["status"] = status
    kind = _TYPES[word] or _counted(managed, is_virtual=is_virtual)
    state = inherited if status is None else _STATUS[status]
    is_offered = kind != "template" and state != "deleted"
    asked = regular if price is None else price
    facts = ArticleFacts(
        sku=f"product:{number}" if kind == "template" else sku or str(number),
        kind=kind,
        status=state,
        identifiers=[("sku", sku)] if sku else [],
        weight=None if grams is None else Decimal(grams) / 1000,
        tax_category=category or None,
        price=asked if is_offered else None,
        compare_at=None if price is None or price == regular else regular,
    )
    facts.identifiers += [("gtin", f"0{_GTIN}")] if code == _GTIN else []
    facts.identifiers.append(("channel_variant", str(number)))
    return node, facts


def _counted(managed: object, *, is_virtual: bool) -> str:
    if is_virtual or managed is False:
        return "non_stocked"
    return "unknown" if managed is None else "stocked"


def _price(draw: Any, cents: int | None) -> object:
    if cents is None:
        return draw(st.sampled_from(("", None)))
    return draw(st.sampled_from((text(cents), cents / 100)))


def _times(draw: Any, created: datetime, modified: datetime) -> Document:
    """UTC times beside those of a shop two hours ahead; the legacy API has its own names."""
    if draw(st.booleans()):
        names: Document = dict.fromkeys(
            ("date_created", "date_created_gmt", "date_modified", "date_modified_gmt")
        )
        said = {"created_at": created, "updated_at": modified}
        return names | {name: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for name, moment in said.items()}
    found: Document = {}
    for name, moment in (("date_created", created), ("date_modified", modified)):
        found[name] = f"{moment + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}"
        found[f"{name}_gmt"] = f"{moment:%Y-%m-%dT%H:%M:%S}"
    return found


def _warnings(article: ArticleFacts) -> set[str]:
    is_known = ("sku", article.sku) in article.identifiers or article.kind == "template"
    found = set() if is_known else {"sku_missing"}
    is_offered = article.kind != "template" and article.status != "deleted"
    found |= {"price_missing"} if is_offered and article.price is None else set()
    return found | ({"status_unknown"} if article.status == "unknown" else set())
