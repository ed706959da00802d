"""Shopify inventory levels: webhooks inventory_levels/update and connect, the REST resource and pages of it.

Invariant: a level without a figure is no snapshot: an item that Shopify does not track, or no longer
stocks at a location, yields no entity and a warning, never a zero.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    Identifier,
    IdentifierScheme,
    PartnerProfile,
    QuantityMeaning,
    RevisionKind,
    SnapshotBasis,
    SnapshotScope,
    StockFigure,
    StockSnapshot,
    Variance,
    VarianceCode,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import json_documents, split_documents
from crossdock.formats.json_fields import Fields, child, children, identity, optional_identity, text
from crossdock.formats.json_resource import enveloped, key_by, members
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.order_models import quantity
from crossdock.formats.order_variances import variance
from crossdock.formats.profile_rules import revision_at
from crossdock.formats.shopify.graphql import graphql_pages, kind_of
from crossdock.formats.shopify.resource import Resource, resource_of

MAPPING_VERSION: Final = "shopify_inventory_level/1"
_NAME: Final = "inventory_level"
_PAGE: Final = "inventoryLevels"
_LISTS: Final = graphql_pages(_PAGE) | enveloped("inventory_levels")
_MEANINGS: Final = {
    "available": QuantityMeaning.AVAILABLE,
    "on_hand": QuantityMeaning.ON_HAND,
    "committed": QuantityMeaning.RESERVED,
    "reserved": QuantityMeaning.RESERVED,
    "damaged": QuantityMeaning.DAMAGED,
    "quality_control": QuantityMeaning.QUALITY_HOLD,
    "incoming": QuantityMeaning.INCOMING,
    "safety_stock": QuantityMeaning.UNKNOWN,
}
"""Source: the names of Shopify's InventoryQuantity."""
_ON_HAND_PARTS: Final = (
    *("available", "committed", "reserved", "damaged", "quality_control", "safety_stock"),
)


def _key(document: Document) -> str:
    node, path = resource_of(document, _NAME)
    location = optional_identity(node, "location_id", path) or ""
    return f"{_NAME}:{identity(node, 'inventory_item_id', path)}:{location}"


key = key_by(_key)
"""`inventory_level:<item>:<location>`, None where the item has no readable id."""


def split(record: Record, _: PartnerProfile) -> Reading:
    """The levels of a file that holds several: an array, `{"inventory_levels": […]}`, JSON lines, answers of
    GraphQL for items, variants or locations."""
    documents = json_documents(record.value or b"", _LISTS, ())
    return split_documents(record, [level for one in documents for level in _levels(one)], key, _NAME)


def _levels(document: bytes) -> list[bytes]:
    """The levels below items, variants or locations of an answer; a document without any as it came."""
    if f'"{_PAGE}"'.encode() not in document:
        return [document]
    try:
        held = [json.dumps(level).encode() for level in _held(json.loads(document), {})]
    except (ValueError, RecursionError):
        return [document]
    return held or [document]


def _held(node: object, above: Node) -> Iterator[Node]:
    """Each level below an object, with the item or location that holds it; `above` is a variant's SKU."""
    if isinstance(node, list):
        for one in node:
            yield from _held(one, above)
    if not isinstance(node, dict):
        return
    sku = {"sku": node["sku"]} if text(node, "sku") is not None else above
    name = "location" if kind_of(node) == "Location" else "item"
    held = sku | ({"id": node["id"]} if "id" in node else {})
    page = child(node, _PAGE)
    for level in (*children(page, "nodes"), *(child(edge, "node") for edge in children(page, "edges"))):
        yield level | {name: held | child(level, name)}
    for member, value in node.items():
        if member != _PAGE:
            yield from _held(value, sku)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The snapshot of a webhook or REST payload; none where it states no figure. Raises Rejected."""
    return read_document(record.value, lambda document: _Mapping(document, record, profile).reading())


def inventory_item(channel: str, item_id: str) -> Identifier:
    """Identifier of a channel's inventory item, which is not its variant."""
    return item_identifier(IdentifierScheme.CHANNEL_VARIANT, item_id, f"{channel}/inventory_item")


class _Mapping(Resource):
    """One level of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, _NAME)

    def reading(self) -> Reading:
        """The snapshot, refused or with its warnings."""
        item = identity(self.node, "inventory_item_id", self.path)
        if "available_adjustment" in self.node:
            detail = "the payload asks for a change of stock; the level that it leads to is wanted"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{self.path}.available_adjustment")
        figures = self._figures()
        as_of = self.required_time("updated_at") if figures else None
        mark = revision_at(self.time("updated_at"), self.profile, RevisionKind.INSTANT_COARSE)
        if as_of is None:
            detail = "the level states no figure: the item is not tracked or not stocked at this location"
            self.document.warn("figure_missing", detail, f"{self.path}.available")
            return reading_of_entities((), self.record, mark, warnings=self.document.warnings)
        snapshot = self._snapshot(item, figures, as_of, mark)
        return reading_of_entities((snapshot,), self.record, mark, warnings=self.document.warnings)

    def _figures(self) -> dict[str, Decimal]:
        """Figures by Shopify's names for them; REST has the available one alone."""
        fields = Fields(self.document, self.profile)
        said = [("available", fields.count(self.node, "available", self.path))]
        said += [
            (text(node, "name") or "", fields.count(node, "quantity", place))
            for node, place in members(self.node, "quantities", self.path)
        ]
        return {name: count for name, count in said if count is not None}

    def _figure(self, name: str, count: Decimal) -> StockFigure:
        meaning = _MEANINGS.get(name)
        if meaning is None:
            detail = "the figure's name is not in the format's table; it is kept under its name"
            self.document.warn("quantity_meaning_unknown", detail, f"{self.path}.quantities")
        return StockFigure(
            meaning=meaning or QuantityMeaning.UNKNOWN, meaning_raw=name, quantity=quantity(count, "EA")
        )

    def _snapshot(
        self, item: str, figures: dict[str, Decimal], as_of: BusinessTime, mark: RevisionMark
    ) -> StockSnapshot:
        location = optional_identity(self.node, "location_id", self.path) or ""
        sku = self._sku(item)
        head = Head(
            segments=(sku, self.channel, location, item),
            system="shopify",
            object_type=_NAME,
            object_id=f"{item}:{location}",
            occurred=as_of,
            mapping_version=MAPPING_VERSION,
            change=self.change(),
            mark=mark,
            via=self.via,
            variances=list(_variances(figures)),
        )
        return StockSnapshot.model_validate(
            head.fields(self.record)
            | {
                "sku": sku,
                "erp": self.channel,
                "identifiers": (inventory_item(self.channel, item),),
                "location": location,
                "quantities": tuple(self._figure(name, count) for name, count in figures.items()),
                "as_of": as_of,
                "scope": SnapshotScope.ROW,
                "basis": SnapshotBasis.REPORT,
            }
        )

    def _sku(self, item: str) -> str:
        """The payload's own, else the partner's cross-reference, else the item's number."""
        aliases = self.profile.items.aliases
        own = text(self.node, "sku")
        if own is not None:
            return aliases.get(own, own)
        named = (aliases.get(f"{scheme}{item}") for scheme in ("inventory_item:", "channel_variant:", ""))
        found = next((sku for sku in named if sku), None)
        if found is None:
            detail = "no SKU is known; add `inventory_item:<id>` to items.aliases of the profile"
            self.document.warn("item_unknown", detail, f"{self.path}.inventory_item_id")
        return found or item


def _variances(figures: dict[str, Decimal]) -> Iterator[Variance]:
    """What is on hand beside its parts, where all are stated."""
    if figures.keys() >= {"on_hand", *_ON_HAND_PARTS}:
        parts = sum((figures[name] for name in _ON_HAND_PARTS), Decimal(0))
        if figures["on_hand"] != parts:
            said = (figures["on_hand"], parts)
            yield variance(VarianceCode.QUANTITY_TOTAL, "on_hand", said, "EA", Decimal(0))


FORMAT: Final = Format(
    name="shopify_inventory_level",
    title="Shopify inventory level",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("inventory_item_id", "sku, identifiers", "items.aliases by `inventory_item:<id>` or number"),
        Field("inventory_item_id", "key", "row of the snapshot"),
        Field("location_id", "location"),
        Field("available", "quantities[].quantity", "meaning available; may be negative"),
        Field("quantities (GraphQL)", "quantities[]", "`on_hand` is compared with its parts where all stand"),
        Field("updated_at", "as_of, occurred, revision", "one-second instants: instant_coarse"),
        Field("sku", "sku", "where an app adds it; in GraphQL the item's"),
    ),
    quirks=(
        "`available` is null for an item that is not tracked: no snapshot, a warning.",
        "A level names no SKU: the inventory item's number stands in for an unmapped one, with a warning.",
        "An oversold item is negative.",
        "The GraphQL Admin API answers in other names, with global ids and lists: read as the REST one.",
        "An answer of GraphQL for items, variants or locations holds the levels of each: all are read.",
        "A disconnected location states no figure.",
        "A request that adjusts stock is no level: refused, for its figure is a difference.",
    ),
    entities=(StockSnapshot,),
    key_rule="the item's SKU (else `inventory_item_id`), the channel, `location_id`, `inventory_item_id`",
    revision_rule="`updated_at` (one second): later wins, a tie is broken by the capture",
    needs=(),
    looks_like=most(
        json_with("inventory_item_id", "location_id", score=70, without=("variants", "price")),
        json_with("inventoryLevel", "quantities", score=70),
        json_with("inventoryLevels", "quantities", score=70, without=("variants",)),
    ),
)
