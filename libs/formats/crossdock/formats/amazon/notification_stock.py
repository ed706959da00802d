"""Stock that Amazon's notifications report: snapshots of what its warehouses hold and sell.

Invariant: each figure keeps Amazon's word; a row is one item in one marketplace, and none is left out for
lack of our own SKU.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    PartnerProfile,
    Quantity,
    QuantityMeaning,
    RevisionKind,
    StockSnapshot,
)
from crossdock.canonical.record import Record
from crossdock.formats.amazon.fields import AmazonFields, either
from crossdock.formats.amazon.v0_lines import item_identifiers
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_models import quantity
from crossdock.formats.profile_rules import revision_at
from crossdock.formats.stock_snapshot import SnapshotDraft, snapshot_of, stock_sku

_Figure = tuple[QuantityMeaning, str, Quantity]
_FIGURES: Final = (
    ("", "Fulfillable", QuantityMeaning.AVAILABLE),
    ("", "Unfulfillable", QuantityMeaning.DAMAGED),
    ("", "Researching", QuantityMeaning.QUALITY_HOLD),
    ("", "FutureSupplyBuyable", QuantityMeaning.INCOMING),
    ("", "PendingCustomerOrderInTransit", QuantityMeaning.RESERVED),
    ("InboundQuantityBreakdown", "Working", QuantityMeaning.INCOMING),
    ("InboundQuantityBreakdown", "Shipped", QuantityMeaning.IN_TRANSIT),
    ("InboundQuantityBreakdown", "Receiving", QuantityMeaning.INCOMING),
    ("ReservedQuantityBreakdown", "WarehouseProcessing", QuantityMeaning.RESERVED),
    ("ReservedQuantityBreakdown", "WarehouseTransfer", QuantityMeaning.RESERVED),
    ("ReservedQuantityBreakdown", "PendingCustomerOrder", QuantityMeaning.RESERVED),
)
"""Source: `FulfillmentInventory` of FBA_INVENTORY_AVAILABILITY_CHANGES."""


class StockNotices:
    """Reads the stock of one notification."""

    def __init__(
        self, fields: AmazonFields, record: Record, profile: PartnerProfile, mapping_version: str
    ) -> None:
        self._fields = fields
        self._record = record
        self._profile = profile
        self._mapping_version = mapping_version

    def of_warehouses(self, node: Node, path: str, as_of: BusinessTime) -> Iterator[StockSnapshot]:
        """A snapshot per marketplace of FBA_INVENTORY_AVAILABILITY_CHANGES."""
        sku = identity(node, either(node, "SKU"), path)
        asin, network_sku = text(node, either(node, "ASIN")), text(node, either(node, "FNSKU"))
        name = either(node, "FulfillmentInventoryByMarketplace")
        for market, place in members(node, name, path):
            figures = tuple(self._figures(child(market, either(market, "FulfillmentInventory")), place))
            if not figures:
                detail = "the marketplace states no figure; it is left out"
                self._fields.document.warn("figure_missing", detail, place)
                continue
            draft = SnapshotDraft(
                system="amazon",
                object_type="fba_inventory",
                mapping_version=self._mapping_version,
                sku=self._profile.items.aliases.get(sku, sku),
                location=text(market, either(market, "MarketplaceId")) or "",
                row=network_sku or sku,
                figures=figures,
                as_of=as_of,
                identifiers=item_identifiers(sku, asin),
                mark=revision_at(as_of, self._profile, RevisionKind.INSTANT_FINE),
            )
            yield snapshot_of(draft, self._record)

    def _figures(self, node: Node, path: str) -> Iterator[_Figure]:
        place = f"{path}.FulfillmentInventory"
        for group, name, meaning in _FIGURES:
            holder = child(node, either(node, group)) if group else node
            said = self._fields.count(holder, either(holder, name), f"{place}.{group}" if group else place)
            if said is not None:
                yield meaning, f"{group}.{name}" if group else name, quantity(said, "EA")

    def of_items(self, node: Node, path: str) -> Iterator[StockSnapshot]:
        """A snapshot per row of ITEM_INVENTORY_EVENT_CHANGE. Raises Rejected."""
        name = either(node, "ItemInventoryEventChanges")
        for index, row in enumerate(children(node, name)):
            yield self._of_item(row, f"{path}.{name}[{index}]")

    def _of_item(self, row: Node, path: str) -> StockSnapshot:
        asin = identity(row, either(row, "Asin"), path)
        word = either(row, "HighlyAvailableInventory")
        said = self._fields.count(row, word, path)
        if said is None:
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, "the row states no figure", f"{path}.{word}")
        as_of = self._fields.time(row, either(row, "EndTime"), path, self._profile.business_zone)
        if as_of is None:
            detail = "the row does not say when its figure was true"
            raise Rejected(RejectionCode.TIME_INVALID, detail, f"{path}.{either(row, 'EndTime')}")
        document = self._fields.document
        draft = SnapshotDraft(
            system="amazon",
            object_type="item_inventory",
            mapping_version=self._mapping_version,
            sku=stock_sku(self._profile, document, asin, (f"asin:{asin}",), path),
            location=text(row, either(row, "MarketplaceId")) or "",
            row=asin,
            figures=((QuantityMeaning.AVAILABLE, "highlyAvailableInventory", quantity(said, "EA")),),
            as_of=as_of,
            identifiers=item_identifiers(None, asin),
            mark=revision_at(as_of, self._profile, RevisionKind.INSTANT_FINE),
        )
        return snapshot_of(draft, self._record)
