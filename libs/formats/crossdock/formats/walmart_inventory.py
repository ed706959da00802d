"""Walmart inventory: one item at one or at all ship nodes, pages of items, feeds, WFS stock.

Invariant: a figure keeps the name that Walmart gives it: what the seller put in, what is left to sell and
what is reserved are three figures; a node that answers with errors alone yields none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.identifiers import identifier
from crossdock.canonical.models import (
    BusinessTime,
    IdentifierScheme,
    PartnerProfile,
    QuantityMeaning,
    RevisionKind,
    StockSnapshot,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import NO_REVISION, reading_of_entities
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_documents import split_documents
from crossdock.formats.json_fields import children, identity
from crossdock.formats.json_resource import key_by
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.profile_rules import revision_at
from crossdock.formats.stock_snapshot import SnapshotDraft, snapshot_of
from crossdock.formats.times import at_instant
from crossdock.formats.walmart.shapes import WalmartFields, read_walmart, walmart_documents

MAPPING_VERSION: Final = "walmart_inventory/1"
_WRAPPERS: Final = ("inventory", "Inventory", "inventories", "elements.inventories", "payload.inventory")
_OWN_ARRAYS: Final = ("sku",)
_NODE_LISTS: Final = ("nodes", "shipNodes")
_PLACES: Final = ("shipNode", "shipNodeType")
_MEANINGS: Final = {
    "quantity": QuantityMeaning.AVAILABLE,
    "availToSellQty": QuantityMeaning.AVAILABLE,
    "reservedQty": QuantityMeaning.RESERVED,
    "inputQty": QuantityMeaning.ON_HAND,
    "onHandQty": QuantityMeaning.ON_HAND,
}
"""Source: Inventory API v3; `inputQty` is what the seller put in, reservations not taken off."""


key = key_by(lambda document: f"inventory:{_sku(*_unwrapped(document))}", read_walmart)
"""`inventory:<sku>` of a payload, None where it names none."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The items of a page or a feed, as JSON or as XML."""
    documents = walmart_documents(record.value or b"", _WRAPPERS, _OWN_ARRAYS, "inventory")
    return split_documents(record, documents, key, "inventory")


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The snapshots of one item, one per ship node. Raises Rejected."""
    return read_walmart(record.value, lambda document: _reading(document, record, profile))


def _unwrapped(document: Document) -> tuple[Node, str]:
    """The item; of XML it is the root element."""
    root = document.root
    held = next(iter(root.values()), None) if len(root) == 1 else None
    return (held, f"$.{next(iter(root))}") if isinstance(held, dict) else (root, "$")


def _sku(node: Node, path: str) -> str:
    return identity(node, "sku", path)


def _reading(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    node, path = _unwrapped(document)
    sku = _sku(node, path)
    fields = WalmartFields(document, profile)
    captured = at_instant(record.time, fields.zone or "UTC")
    drafts = [_draft(fields, sku, held, captured) for held in _nodes(node, path)]
    if not drafts:
        detail = "neither a quantity nor ship nodes are stated"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.quantity")
    stated = [draft for draft in drafts if draft is not None]
    mark = max((draft.mark for draft in stated), key=lambda one: one.value, default=NO_REVISION)
    snapshots = [snapshot_of(draft, record) for draft in stated]
    return reading_of_entities(snapshots, record, mark, warnings=document.warnings)


def _nodes(node: Node, path: str) -> Iterator[tuple[Node, str]]:
    """The item itself where it has one figure, else its ship nodes."""
    if any(name in node for name in _MEANINGS):
        yield node, path
        return
    for name in _NODE_LISTS:
        for index, held in enumerate(children(node, name)):
            yield held, f"{path}.{name}[{index}]"


def _draft(
    fields: WalmartFields, sku: str, held: tuple[Node, str], captured: BusinessTime
) -> SnapshotDraft | None:
    """One row; None, with a warning, where the node states no figure."""
    node, path = held
    figures = tuple(
        (meaning, name, said)
        for name, meaning in _MEANINGS.items()
        if (said := fields.quantity_of(node, name, path)) is not None
    )
    if not figures:
        fields.document.warn("figure_missing", "the ship node states no quantity", path)
        return None
    modified = fields.time(node, "modifiedDate", path)
    location = next((one for name in _PLACES if (one := fields.loose_identity(node, name, path))), "")
    return SnapshotDraft(
        system="walmart",
        object_type="inventory",
        mapping_version=MAPPING_VERSION,
        sku=fields.profile.items.aliases.get(sku, sku),
        location=location,
        row=sku,
        figures=figures,
        as_of=modified or captured,
        identifiers=tuple(filter(None, (identifier(IdentifierScheme.SKU, sku),))),
        mark=revision_at(modified, fields.profile, RevisionKind.INSTANT_COARSE),
    )


FORMAT: Final = Format(
    name="walmart_inventory",
    title="Walmart inventory (Marketplace API v3)",
    content_types=("application/json", "application/xml"),
    key=key,
    read=read,
    split=split,
    entities=(StockSnapshot,),
    field_table=(
        Field("sku", "sku, identifiers", "items.aliases may name ours"),
        Field("nodes[].shipNode, shipNodeType", "location", "empty where the item has one node"),
        Field("quantity", "quantities[] (available)", "what the listing offers"),
        Field("availToSellQty", "quantities[] (available)"),
        Field("inputQty, onHandQty", "quantities[] (on_hand)", "reservations not taken off"),
        Field("reservedQty", "quantities[] (reserved)"),
        Field("unit, unitOfMeasurement", "quantities[].quantity.unit", "EACH is EA"),
        Field("modifiedDate", "as_of, revision", "WFS only; else the time of capture"),
    ),
    quirks=(
        "A payload does not say when it was true: the capture does.",
        "A node may answer with errors instead of figures: no snapshot of it, a warning.",
        "Quantities are objects with a unit, or plain numbers in WFS reports.",
        "Feeds and pages name their list `inventory`, `Inventory` or `inventories`.",
    ),
    key_rule="the item's `sku`, the channel, the ship node, the `sku`",
    revision_rule="`modifiedDate` where stated; none otherwise: the later capture wins",
    needs=(),
    looks_like=most(
        json_with(
            "sku", "quantity", "unit", "amount", score=60, without=("orderLines", "price", "lineItems")
        ),
        json_with("sku", "inputQty", score=90),
        json_with("sku", "availToSellQty", score=90),
        text_with("inventory", "sku>", "quantity>", score=60, opening="<"),
    ),
)
