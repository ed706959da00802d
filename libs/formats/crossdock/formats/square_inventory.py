"""Square inventory counts: the event inventory.count.updated and the lists of the Inventory API.

Invariant: each state of an item at a location is a row of its own; only what a state means for selling is
given a meaning, every other keeps its word alone.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    IdentifierScheme,
    PartnerProfile,
    QuantityMeaning,
    RevisionKind,
    StockSnapshot,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import reading_of_entities
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, identity, optional_identity, text
from crossdock.formats.json_resource import key_by
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_models import quantity
from crossdock.formats.profile_rules import revision_at
from crossdock.formats.square.shapes import SquareFields
from crossdock.formats.stock_snapshot import SnapshotDraft, snapshot_of, stock_sku

MAPPING_VERSION: Final = "square_inventory/1"
_WRAPPERS: Final = ("counts", "data.object.inventory_counts")
_OWN_ARRAYS: Final = ("catalog_object_id",)
_MEANINGS: Final = {
    "IN_STOCK": QuantityMeaning.AVAILABLE,
    "RESERVED_FOR_SALE": QuantityMeaning.RESERVED,
    "WASTE": QuantityMeaning.DAMAGED,
    "ORDERED_FROM_VENDOR": QuantityMeaning.INCOMING,
    "IN_TRANSIT_TO": QuantityMeaning.INCOMING,
    "IN_TRANSIT": QuantityMeaning.IN_TRANSIT,
    "SOLD": QuantityMeaning.UNKNOWN,
    "SOLD_ONLINE": QuantityMeaning.UNKNOWN,
    "RETURNED_BY_CUSTOMER": QuantityMeaning.UNKNOWN,
    "RECEIVED_FROM_VENDOR": QuantityMeaning.UNKNOWN,
    "UNLINKED_RETURN": QuantityMeaning.UNKNOWN,
    "COMPOSED": QuantityMeaning.UNKNOWN,
    "DECOMPOSED": QuantityMeaning.UNKNOWN,
    "CUSTOM": QuantityMeaning.UNKNOWN,
    "NONE": QuantityMeaning.UNKNOWN,
}
"""Source: InventoryState of the Inventory API; states that only count what happened mean no stock."""


def _key(document: Document) -> str:
    counts = _counts(document)
    if len(counts) == 1:
        return f"inventory:{_row(*counts[0])}"
    return f"event:{identity(document.root, 'event_id', '$')}"


key = key_by(_key)
"""`inventory:<object>:<location>:<state>` of a count, `event:<id>` of an event with several."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The counts of an event or a list, each alone."""
    return split_json(record, key, kind="inventory", wrappers=_WRAPPERS, own_arrays=_OWN_ARRAYS)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The snapshots of an event or of one count. Raises Rejected."""
    return read_document(record.value, lambda document: _reading(document, record, profile))


def _counts(document: Document) -> list[tuple[Node, str]]:
    root = document.root
    for holder, name, path in (
        (child(child(root, "data"), "object"), "inventory_counts", "$.data.object.inventory_counts"),
        (root, "counts", "$.counts"),
    ):
        if name in holder:
            return [(node, f"{path}[{index}]") for index, node in enumerate(children(holder, name))]
    held = root.get("count")
    return [(held, "$.count")] if isinstance(held, dict) else [(root, "$")]


def _row(node: Node, path: str) -> str:
    item = identity(node, "catalog_object_id", path)
    location = optional_identity(node, "location_id", path) or ""
    return f"{item}:{location}:{text(node, 'state') or ''}"


def _reading(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    if "changes" in document.root:
        detail = "changes of stock are no counts; fetch POST /v2/inventory/counts/batch-retrieve"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, "$.changes")
    counts = _counts(document)
    if not counts:
        raise Rejected(RejectionCode.FIELD_INVALID, "the payload holds no inventory count", "$")
    fields = SquareFields(document, profile)
    drafts = [_draft(fields, node, path, (record, profile)) for node, path in counts]
    mark = max((draft.mark for draft in drafts), key=lambda one: one.value)
    snapshots = [snapshot_of(draft, record) for draft in drafts]
    return reading_of_entities(snapshots, record, mark, warnings=document.warnings)


def _draft(
    fields: SquareFields, node: Node, path: str, owner: tuple[Record, PartnerProfile]
) -> SnapshotDraft:
    record, profile = owner
    item = identity(node, "catalog_object_id", path)
    value = fields.count(node, "quantity", path)
    if value is None:
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, "the count states no quantity", f"{path}.quantity")
    as_of = fields.time(node, "calculated_at", path)
    if as_of is None:
        detail = "calculated_at is missing"
        raise Rejected(RejectionCode.TIME_INVALID, detail, f"{path}.calculated_at")
    if value != value.to_integral_value():
        detail = "a count names no unit; a fraction is of the unit that the catalog gives the item"
        fields.document.warn("unit_not_stated", detail, f"{path}.quantity")
    state = text(node, "state") or ""
    if state not in _MEANINGS:
        detail = "the state is not one of InventoryState; it is kept without a meaning"
        fields.document.warn("state_unknown", detail, f"{path}.state")
    meaning = _MEANINGS.get(state, QuantityMeaning.UNKNOWN)
    channel = split_key(record.key or b"")[1]
    return SnapshotDraft(
        system="square",
        object_type="inventory_count",
        mapping_version=MAPPING_VERSION,
        sku=stock_sku(
            profile, fields.document, item, (f"channel_variant:{item}",), f"{path}.catalog_object_id"
        ),
        location=optional_identity(node, "location_id", path) or "",
        row=f"{item}:{state}",
        figures=((meaning, state, quantity(value, "EA")),),
        as_of=as_of,
        identifiers=(item_identifier(IdentifierScheme.CHANNEL_VARIANT, item, channel),),
        mark=revision_at(as_of, profile, RevisionKind.INSTANT_FINE),
    )


FORMAT: Final = Format(
    name="square_inventory",
    title="Square inventory counts",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    entities=(StockSnapshot,),
    field_table=(
        Field("catalog_object_id", "sku, identifiers", "items.aliases by `channel_variant:<id>`"),
        Field("location_id", "location"),
        Field("state", "quantities[].meaning, meaning_raw, key", "IN_STOCK is available"),
        Field("quantity", "quantities[].quantity", "text, may have decimals and be negative"),
        Field("calculated_at", "as_of, occurred, revision", "instant_fine"),
        Field("event_id", "key", "of an event with several counts"),
    ),
    quirks=(
        "An event holds several counts: each is a row.",
        "A count names no SKU and no unit.",
        "States such as SOLD count what happened: they are kept without a meaning.",
        "A quantity is text and may be a fraction or negative.",
        "The answer of batch-retrieve-changes holds no counts and is refused.",
    ),
    key_rule="the item's SKU (else `catalog_object_id`), the channel, `location_id`, object and state",
    revision_rule="`calculated_at` (microseconds): later wins",
    needs=(),
    looks_like=most(
        json_with("inventory_counts", "catalog_object_id", score=95),
        json_with("catalog_object_id", "calculated_at", "location_id", score=90),
        json_with("changes", "catalog_object_id", "occurred_at", score=85),
    ),
)
