"""Packages of an order of the Orders API 2026-01-01, each a shipment of its own.

Invariant: a package holds what the payload says it holds, by item id; a status outside the tables stays
raw and unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    Identifier,
    Order,
    Package,
    PackageLine,
    PartnerProfile,
    PartyRole,
    Shipment,
    ShipmentOrigin,
    ShipmentPurpose,
    TrackingStatus,
)
from crossdock.canonical.record import Record
from crossdock.formats.amazon.fields import AmazonFields
from crossdock.formats.amazon.orders import addressed
from crossdock.formats.entity_reading import Head
from crossdock.formats.items import resolve_item
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.order_models import quantity

_STATUS: Final = {
    "PENDING": TrackingStatus.CREATED,
    "IN_TRANSIT": TrackingStatus.IN_TRANSIT,
    "SHIPPED": TrackingStatus.PICKED_UP,
    "DELIVERED": TrackingStatus.DELIVERED,
    "CANCELLED": TrackingStatus.CANCELLED,
    "UNDELIVERABLE": TrackingStatus.DELIVERY_FAILED,
    "PENDING_SCHEDULE": TrackingStatus.CREATED,
    "PENDING_PICK_UP": TrackingStatus.CREATED,
    "PENDING_DROP_OFF": TrackingStatus.CREATED,
    "LABEL_CANCELLED": TrackingStatus.CANCELLED,
    "PICKED_UP": TrackingStatus.PICKED_UP,
    "DROPPED_OFF": TrackingStatus.PICKED_UP,
    "AT_ORIGIN_FC": TrackingStatus.IN_TRANSIT,
    "AT_DESTINATION_FC": TrackingStatus.IN_TRANSIT,
    "OUT_FOR_DELIVERY": TrackingStatus.OUT_FOR_DELIVERY,
    "REJECTED_BY_BUYER": TrackingStatus.DELIVERY_FAILED,
    "RETURNING_TO_SELLER": TrackingStatus.RETURNING,
    "RETURNED_TO_SELLER": TrackingStatus.RETURNED,
    "LOST": TrackingStatus.LOST,
}
"""`packageStatus.detailedStatus`, else its `status`."""


@dataclass(frozen=True, slots=True)
class PackageContext:
    """What all packages of one order share."""

    fields: AmazonFields
    order: Order
    items: Mapping[str, tuple[Identifier, ...]]
    """Identifiers per item id."""
    profile: PartnerProfile
    record: Record
    mark: RevisionMark
    mapping_version: str


def shipments(context: PackageContext, order: Node, path: str) -> Iterator[Shipment]:
    """A shipment per package that has a reference or a tracking number; others are warned of."""
    for node, place in members(order, "packages", path):
        reference = text(node, "packageReferenceId") or text(node, "trackingNumber")
        if reference is None:
            detail = "the package has neither reference nor tracking number; it is left out"
            context.fields.document.warn("package_unnamed", detail, place)
            continue
        yield _shipment(context, node, place, reference)


def _shipment(context: PackageContext, node: Node, path: str, reference: str) -> Shipment:
    fields, order, zone = context.fields, context.order, context.profile.business_zone
    said = child(node, "packageStatus")
    raw = text(said, "detailedStatus") or text(said, "status") or ""
    status = package_status(raw, text(said, "status") or "", context.profile)
    cancels = status is TrackingStatus.CANCELLED
    shipped = fields.loose_time(node, "shipTime", path, zone)
    created = fields.loose_time(node, "createdTime", path, zone)
    head = Head(
        segments=(split_key(context.record.key or b"")[1], order.order_id, reference),
        system="amazon",
        object_type="package",
        object_id=reference,
        occurred=_latest(created, shipped) or order.occurred,
        mapping_version=context.mapping_version,
        change=Change.CANCELLED if cancels else Change.UPDATED,
        mark=context.mark,
    )
    return Shipment.model_validate(
        head.fields(context.record)
        | {
            "shipment_id": reference,
            "order_id": order.order_id,
            "origin": ShipmentOrigin.CHANNEL,
            "status_raw": raw,
            "purpose": ShipmentPurpose.CANCEL if cancels else ShipmentPurpose.ORIGINAL,
            "cancels": cancels,
            "ship_from": addressed(
                fields.document,
                child(node, "shipFromAddress"),
                PartyRole.SHIP_FROM,
                f"{path}.shipFromAddress",
            ),
            "shipped": shipped,
            "packages": (_package(context, node, path, reference, status),),
        }
    )


def _latest(*times: BusinessTime | None) -> BusinessTime | None:
    said = [one for one in times if one is not None]
    return max(said, key=lambda one: one.instant) if said else None


def package_status(raw: str, coarse: str, profile: PartnerProfile) -> TrackingStatus:
    """Where a package is: the profile's word for the status, else the table, else the coarser status."""
    declared = profile.status_map.fulfillment.get(raw)
    if declared is not None:
        return TrackingStatus(declared)
    return _STATUS.get(raw.upper()) or _STATUS.get(coarse.upper()) or TrackingStatus.UNKNOWN


def _package(
    context: PackageContext, node: Node, path: str, reference: str, status: TrackingStatus
) -> Package:
    return Package(
        package_id=reference,
        carrier=text(node, "carrier"),
        service_level=text(node, "shippingService"),
        tracking_number=text(node, "trackingNumber"),
        lines=tuple(_lines(context, node, path)),
        status=status,
    )


def _lines(context: PackageContext, node: Node, path: str) -> Iterator[PackageLine]:
    items = context.profile.items
    for index, item in enumerate(children(node, "packageItems")):
        held = context.fields.count(item, "quantity", f"{path}.packageItems[{index}]")
        if held is None:
            continue
        line_id = text(item, "orderItemId")
        identifiers = context.items.get(line_id or "", ())
        yield PackageLine(
            line_id=line_id,
            sku=resolve_item(identifiers, items.match, items.aliases)[0],
            identifiers=identifiers,
            quantity=quantity(held, "EA"),
        )
