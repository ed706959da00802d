"""Products and price proposals of storefront catalogues.

Invariant: a proposal is made only where the profile names the price list; an article without SKU is
known by its number in the channel, with a warning, and never takes another's SKU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crossdock.canonical.models import (
    Identifier,
    Money,
    PartnerProfile,
    PriceProposal,
    Product,
    ProductKind,
    ProductStatus,
    Quantity,
    UnitPrice,
)
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.record import Record
from crossdock.formats.decimals import spelled
from crossdock.formats.entity_reading import Head
from crossdock.formats.items import resolve_item
from crossdock.formats.json_document import Document
from crossdock.formats.order_models import quantity
from crossdock.formats.profile_rules import order_currency, order_tax_mode

STOCK_UNIT = "EA"
"""Storefronts count pieces."""


@dataclass(slots=True)
class ArticleDraft:
    """One article that can be bought, as said; `head.segments` are filled in."""

    head: Head
    sku: str
    identifiers: tuple[Identifier, ...]
    kind: ProductKind
    status: ProductStatus
    weight: Quantity | None = None
    tax_category: str | None = None
    price: Decimal | None = None
    compare_at: Decimal | None = None
    path: str = "$"


def resolved_sku(
    document: Document,
    profile: PartnerProfile,
    identifiers: Sequence[Identifier],
    names: tuple[str | None, str],
    path: str,
) -> str:
    """Our SKU of an article; `names` are its SKU as said and its number in the channel."""
    said, number = names
    found, _ = resolve_item(identifiers, profile.items.match, profile.items.aliases)
    if found is None and said is None:
        detail = "the article has no SKU; its number in the channel stands in for it"
        document.warn("sku_missing", detail, f"{path}.sku")
    return found or said or number


def product_of(draft: ArticleDraft, record: Record) -> Product:
    """The Product of an article."""
    draft.head.segments = (draft.sku,)
    return Product.model_validate(
        draft.head.fields(record)
        | {
            "sku": draft.sku,
            "status": draft.status,
            "identifiers": draft.identifiers,
            "kind": draft.kind,
            "stock_unit": STOCK_UNIT,
            "weight": draft.weight,
            "tax_category": draft.tax_category,
        }
    )


def proposals_of(
    drafts: Sequence[ArticleDraft], document: Document, profile: PartnerProfile, record: Record
) -> list[PriceProposal]:
    """A proposal per article with a price. Raises Rejected CURRENCY_MISSING where no currency is declared."""
    prices = profile.prices
    if prices is None:
        return []
    found = []
    for draft in drafts:
        if draft.price is None:
            document.warn("price_missing", "the article states no price", f"{draft.path}.price")
        else:
            found.append(_proposal(draft, draft.price, prices.list, profile, record))
    return found


def _proposal(
    draft: ArticleDraft, price: Decimal, price_list: str, profile: PartnerProfile, record: Record
) -> PriceProposal:
    currency = order_currency(None, profile, f"{draft.path}.price")
    places = currency_exponent(currency)
    tax_mode, _ = order_tax_mode(None, profile, draft.path)
    draft.head.segments = (price_list, draft.sku)
    compare_at = None
    if draft.compare_at is not None:
        compare_at = Money(amount=spelled(draft.compare_at, places), currency=currency)
    return PriceProposal.model_validate(
        draft.head.fields(record)
        | {
            "sku": draft.sku,
            "price_list": price_list,
            "unit_price": UnitPrice(
                amount=spelled(price, places), currency=currency, per=quantity(Decimal(1), STOCK_UNIT)
            ),
            "tax_mode": tax_mode,
            "compare_at": compare_at,
            "proposer": draft.head.system,
        }
    )
