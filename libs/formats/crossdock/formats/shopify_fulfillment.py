"""Shopify fulfillments: webhooks fulfillments/create and update, the REST resource and pages of it.

Invariant: one package per tracking number and at least one; a quantity stands in one package only, so
that the packages together hold what the fulfillment says.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    Change,
    Package,
    PackageLine,
    PartnerProfile,
    PartyRole,
    RevisionKind,
    Shipment,
    ShipmentOrigin,
    ShipmentPurpose,
    TrackingStatus,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.items import resolve_item
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import Fields, child, optional_identity, text
from crossdock.formats.json_resource import enveloped, extensions, members, texts
from crossdock.formats.likeness import json_with, most
from crossdock.formats.order_models import quantity
from crossdock.formats.profile_rules import revision_at
from crossdock.formats.shopify.graphql import graphql_pages
from crossdock.formats.shopify.lines import shopify_identifiers
from crossdock.formats.shopify.parties import shopify_party
from crossdock.formats.shopify.resource import Resource, key_under
from crossdock.formats.shopify.tracking import fulfillment_status, shipment_status

MAPPING_VERSION: Final = "shopify_fulfillment/1"
_LISTS: Final = graphql_pages("order.fulfillments") | enveloped(
    "fulfillments", "order.fulfillments", "data.order.fulfillments"
)
"""A page, or an order cut down to its fulfillments: with its lines it is no list of them."""
_OWN_ARRAYS: Final = ("line_items", "tracking_numbers", "tracking_urls")
_KEPT: Final = ("name", "shipment_status", "service")
_CANCELLED: Final = "cancelled"
_VOID: Final = frozenset({_CANCELLED, "error", "failure"})
"""Statuses in which nothing has left."""
_REQUESTS: Final = frozenset(
    ("assigned_location_id", "fulfillment_order", "fulfillment_orders", "request_status")
)
"""Fields that fulfillment orders have, or that hold them."""

key = key_under("fulfillment")


def split(record: Record, _: PartnerProfile) -> Reading:
    """The fulfillments of a file that holds several: an array, `{"fulfillments": […]}`, JSON lines."""
    return split_json(record, key, kind="fulfillment", wrappers=_LISTS, own_arrays=_OWN_ARRAYS)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The shipment of a webhook or REST payload. Raises Rejected."""
    return read_document(record.value, lambda document: _Mapping(document, record, profile).reading())


class _Mapping(Resource):
    """One fulfillment of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, "fulfillment")
        self._fields = Fields(document, profile)
        self._status = text(self.node, "status") or ""

    def reading(self) -> Reading:
        """The shipment, refused or with its warnings."""
        if "financial_status" in self.node:
            detail = "this is an order: its fulfillments are read with it by the format shopify_order"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{self.path}.financial_status")
        if not _REQUESTS.isdisjoint(self.node):
            detail = (
                "this is a fulfillment order, a request to ship; the fulfillment that it leads to is wanted"
            )
            raise Rejected(RejectionCode.FIELD_INVALID, detail, self.path)
        head = self._head()
        node, path = self.node, self.path
        created = self.time("created_at")
        shipment = Shipment.model_validate(
            head.fields(self.record)
            | {
                "shipment_id": head.object_id,
                "order_id": head.segments[1],
                "origin": ShipmentOrigin.CHANNEL,
                "status_raw": self._status,
                "purpose": self._purpose(head.change),
                "cancels": self._status in _VOID,
                "ship_from": shopify_party(
                    PartyRole.SHIP_FROM,
                    child(node, "origin_address"),
                    f"{path}.origin_address",
                    self.document,
                ),
                "ship_to": shopify_party(
                    PartyRole.SHIP_TO, child(node, "destination"), f"{path}.destination", self.document
                ),
                "shipped": created if self._status == "success" else None,
                "estimated_delivery": self.time("estimated_delivery_at"),
                "location": self._fields.loose_identity(node, "location_id", path),
                "packages": self._packages(),
            }
        )
        return reading_of_entities((shipment,), self.record, head.mark, warnings=self.document.warnings)

    def _head(self) -> Head:
        order_id = optional_identity(self.node, "order_id", self.path)
        if order_id is None:
            self.document.warn("order_missing", "the fulfillment names no order", f"{self.path}.order_id")
        shipment_id = self.id
        return Head(
            segments=(self.channel, order_id or "-", shipment_id),
            system="shopify",
            object_type="fulfillment",
            object_id=shipment_id,
            occurred=self.required_time("updated_at", "created_at"),
            mapping_version=MAPPING_VERSION,
            change=Change.CANCELLED if self._status == _CANCELLED else self.change(),
            mark=revision_at(self.time("updated_at"), self.profile, RevisionKind.INSTANT_COARSE),
            via=self.via,
            extensions=extensions(*texts(self.node, _KEPT)),
        )

    def _purpose(self, change: Change) -> ShipmentPurpose:
        if self._status == _CANCELLED:
            return ShipmentPurpose.CANCEL
        return ShipmentPurpose.ORIGINAL if change is Change.CREATED else ShipmentPurpose.REPLACE

    def _packages(self) -> list[Package]:
        numbers = list(dict.fromkeys(_texts(self.node, "tracking_numbers")))
        urls = _texts(self.node, "tracking_urls")
        single = text(self.node, "tracking_number")
        if not numbers and single is not None:
            numbers = [single]
        if not urls and (url := text(self.node, "tracking_url")) is not None:
            urls = [url]
        is_divided = len(numbers) <= 1
        lines = self._lines(is_inferred=not is_divided)
        if not is_divided and lines:
            detail = "nothing says which package holds which line; all stand in the first"
            self.document.warn("packages_undivided", detail, f"{self.path}.line_items")
        status = self._parcel_status()
        return [
            Package(
                package_id=number or "1",
                carrier=text(self.node, "tracking_company"),
                service_level=text(self.node, "service"),
                tracking_number=number,
                tracking_url=urls[index] if index < len(urls) else None,
                lines=lines if index == 0 else (),
                status=status,
            )
            for index, number in enumerate(numbers or [None])
        ]

    def _parcel_status(self) -> TrackingStatus:
        raw, path = text(self.node, "shipment_status"), f"{self.path}.shipment_status"
        found = shipment_status(self.document, self.profile, raw, path)
        if found is not None:
            return found
        return fulfillment_status(self.document, self.profile, self._status or None, f"{self.path}.status")

    def _lines(self, *, is_inferred: bool) -> tuple[PackageLine, ...]:
        items = self.profile.items
        found = []
        for node, path in members(self.node, "line_items", self.path):
            count = self._fields.count(node, "quantity", path)
            if count is None:
                detail = "the line states no quantity"
                raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.quantity")
            identifiers = shopify_identifiers(self._fields, node, path, self.channel)
            found.append(
                PackageLine(
                    line_id=self._fields.loose_identity(node, "id", path),
                    sku=resolve_item(identifiers, items.match, items.aliases)[0],
                    identifiers=identifiers,
                    quantity=quantity(count, "EA"),
                    is_inferred=is_inferred,
                )
            )
        return tuple(found)


def _texts(node: Node, name: str) -> list[str]:
    """The texts of a list; numbers count as text, empty ones are left out."""
    value = node.get(name)
    found = (text({name: one}, name) for one in value) if isinstance(value, list) else ()
    return [one for one in found if one is not None]


FORMAT: Final = Format(
    name="shopify_fulfillment",
    title="Shopify fulfillment",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "shipment_id", "64-bit, carried as text"),
        Field("order_id", "order_id", "`-` where none is named"),
        Field("updated_at", "revision, occurred", "one-second instants: instant_coarse"),
        Field("created_at", "shipped", "status success only"),
        Field("status", "status_raw, purpose, cancels", "cancelled, error and failure: nothing has left"),
        Field(
            "shipment_status, displayStatus",
            "packages[].status, extensions",
            "status_map.fulfillment, then the table",
        ),
        Field("tracking_numbers, tracking_number", "packages[]", "one package per number"),
        Field("tracking_urls, tracking_url", "packages[].tracking_url"),
        Field("tracking_company", "packages[].carrier"),
        Field("service", "packages[].service_level, extensions", "the fulfillment service"),
        Field("line_items[].id", "packages[].lines[].line_id"),
        Field("line_items[].sku, variant_id", "packages[].lines[].identifiers, sku"),
        Field("line_items[].quantity", "packages[].lines[].quantity", "what this fulfillment holds"),
        Field("origin_address, destination", "ship_from, ship_to"),
        Field("location_id", "location"),
        Field("estimated_delivery_at", "estimated_delivery"),
        Field("name", "extensions", "for people only"),
    ),
    quirks=(
        "Without a tracking number there is one package without a number.",
        "Several numbers of one fulfillment: nothing says what each parcel holds; the first holds all lines.",
        "A fulfillment with status error or failure has shipped nothing.",
        "Status success says nothing about the parcel: only shipment_status does.",
        "An order cut down to its fulfillments is a page of them; one with its lines is refused.",
        "A fulfillment order is a request to ship, no shipment: refused.",
        "A shipment status that no table knows stays raw, with a warning.",
        "The GraphQL Admin API answers in other names, with global ids and lists: read as the REST one.",
    ),
    entities=(Shipment,),
    key_rule="`order_id` and the fulfillment's `id`",
    revision_rule="`updated_at` (one second): later wins, a tie is broken by the capture",
    needs=(),
    looks_like=most(
        json_with("tracking_company", "tracking_numbers", score=75, without=("financial_status",)),
        json_with("shipment_status", "order_id", score=70, without=("financial_status",)),
        json_with("fulfillmentLineItems", score=75, without=("lineItems", "displayFinancialStatus")),
        json_with("tracking_company", "tracking_number", score=60, without=("financial_status",)),
        json_with("tracking_company", "order_id", "service", score=65, without=("financial_status",)),
    ),
)
