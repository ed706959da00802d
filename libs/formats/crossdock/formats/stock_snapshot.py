"""Stock figures of channels: what a reader knows of one row, and the StockSnapshot it becomes.

Invariant: a figure keeps the channel's word beside its meaning; an item without a known SKU keeps the
channel's own number, with a warning, and is never matched by guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    BusinessTime,
    Identifier,
    PartnerProfile,
    Quantity,
    QuantityMeaning,
    SnapshotBasis,
    SnapshotScope,
    StockFigure,
    StockSnapshot,
)
from crossdock.canonical.record import Record
from crossdock.formats.entity_reading import NO_REVISION, Head
from crossdock.formats.json_document import Document
from crossdock.formats.json_resource import via
from crossdock.formats.order_draft import RevisionMark


@dataclass(slots=True)
class SnapshotDraft:
    """One row of stock as said.

    Args:
        row: what tells the row from others of its item and location.
        figures: (meaning, the channel's word, quantity), at least one.
    """

    system: str
    object_type: str
    mapping_version: str
    sku: str
    location: str
    row: str
    figures: tuple[tuple[QuantityMeaning, str, Quantity], ...]
    as_of: BusinessTime
    identifiers: tuple[Identifier, ...] = ()
    mark: RevisionMark = NO_REVISION


def snapshot_of(draft: SnapshotDraft, record: Record) -> StockSnapshot:
    """The StockSnapshot of a row that the record's partner reports."""
    channel = split_key(record.key or b"")[1]
    head = Head(
        segments=(draft.sku, channel, draft.location, draft.row),
        system=draft.system,
        object_type=draft.object_type,
        object_id=draft.row,
        occurred=draft.as_of,
        mapping_version=draft.mapping_version,
        mark=draft.mark,
        via=via(record),
    )
    figures = tuple(
        StockFigure(meaning=meaning, meaning_raw=word, quantity=said) for meaning, word, said in draft.figures
    )
    content: dict[str, object] = head.fields(record) | {
        "sku": draft.sku,
        "erp": channel,
        "identifiers": draft.identifiers,
        "location": draft.location,
        "quantities": figures,
        "as_of": draft.as_of,
        "scope": SnapshotScope.ROW,
        "basis": SnapshotBasis.REPORT,
    }
    return StockSnapshot.model_validate(content)


def stock_sku(profile: PartnerProfile, document: Document, item: str, names: Iterable[str], path: str) -> str:
    """SKU of a channel's item number from `items.aliases`, by one of `names` or the number alone; the
    number itself, with a warning, where none is known."""
    aliases = profile.items.aliases
    found = next((aliases[name] for name in (*names, item) if name in aliases), None)
    if found is None:
        shown = next(iter(names), "<number>").partition(":")[0]
        detail = f"no SKU is known; add `{shown}:<number>` to items.aliases of the profile"
        document.warn("item_unknown", detail, path)
    return found or item
