"""Shipments that a Walmart order reports: one per tracking number.

Invariant: only what has a tracking number is a shipment; a planned package of the Mexican API without one
is none. Goods are those that Walmart names, line by line, with its quantities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.models import (
    BusinessTime,
    Order,
    OrderLine,
    Package,
    PackageLine,
    PartyRole,
    Shipment,
    ShipmentOrigin,
    ShipmentPurpose,
    TrackingStatus,
)
from crossdock.canonical.record import Record
from crossdock.formats.entity_reading import Head
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import RevisionMark
from crossdock.formats.walmart.lines import WalmartLine
from crossdock.formats.walmart.shapes import WalmartFields

_DELIVERED: Final = "Delivered"


@dataclass(slots=True)
class _Parcel:
    """Everything that is said of one tracking number."""

    tracking_number: str
    carrier: str | None = None
    service: str | None = None
    url: str | None = None
    shipped: BusinessTime | None = None
    status_raw: str = ""
    lines: list[PackageLine] = field(default_factory=list)


def walmart_shipments(
    fields: WalmartFields,
    order: tuple[Node, str],
    entity: Order,
    lines: list[WalmartLine],
    record: Record,
) -> list[Shipment]:
    """Shipments in the order in which their tracking numbers first appear."""
    parcels: dict[str, _Parcel] = {}
    by_id = {line.line_id: line for line in entity.lines}
    for line, carried in zip(lines, entity.lines, strict=True):
        for index, status in enumerate(line.statuses):
            _tracked(fields, status, f"{line.draft.path}.orderLineStatuses[{index}]", carried, parcels)
    _listed(fields, *order, by_id, parcels)
    return [_shipment(parcel, entity, record) for parcel in parcels.values()]


def _tracked(
    fields: WalmartFields, status: Node, path: str, line: OrderLine, parcels: dict[str, _Parcel]
) -> None:
    """A line status with tracking information."""
    info, place = child(status, "trackingInfo"), f"{path}.trackingInfo"
    number = fields.loose_identity(info, "trackingNumber", place)
    if number is None:
        return
    parcel = parcels.setdefault(number, _Parcel(number))
    carrier = child(info, "carrierName")
    parcel.carrier = parcel.carrier or text(carrier, "carrier") or text(carrier, "otherCarrier")
    parcel.service = parcel.service or text(info, "methodCode")
    parcel.url = parcel.url or text(info, "trackingURL")
    parcel.shipped = parcel.shipped or fields.time(info, "shipDateTime", place)
    parcel.status_raw = text(status, "status") or parcel.status_raw
    said = fields.quantity_of(status, "statusQuantity", path) or line.ordered
    parcel.lines.append(
        PackageLine(line_id=line.line_id, sku=line.sku, identifiers=line.identifiers, quantity=said)
    )


def _listed(
    fields: WalmartFields, order: Node, path: str, by_id: dict[str, OrderLine], parcels: dict[str, _Parcel]
) -> None:
    """`shipments` of the Mexican API."""
    for node, place in members(order, "shipments", path):
        number = fields.loose_identity(node, "trackingNumber", place)
        if number is None or number in parcels:
            continue
        parcel = parcels[number] = _Parcel(number, text(node, "carrier"), None, text(node, "trackingURL"))
        parcel.status_raw = text(node, "status") or ""
        parcel.lines = list(_held(fields, node, place, by_id))


def _held(fields: WalmartFields, node: Node, path: str, by_id: dict[str, OrderLine]) -> Iterator[PackageLine]:
    for held, place in members(node, "shipmentLines", path):
        line_id = fields.loose_identity(held, "primeLineNo", place)
        said = fields.quantity_of(held, "quantity", place)
        line = by_id.get(line_id or "")
        if said is None:
            continue
        yield PackageLine(
            line_id=line_id,
            sku=None if line is None else line.sku,
            identifiers=() if line is None else line.identifiers,
            quantity=said,
        )


def _shipment(parcel: _Parcel, order: Order, record: Record) -> Shipment:
    channel = order.source.account
    head = Head(
        segments=(channel, order.order_id, parcel.tracking_number),
        system="walmart",
        object_type="shipment",
        object_id=parcel.tracking_number,
        occurred=parcel.shipped or order.occurred,
        mapping_version=order.source.mapping_version,
        mark=RevisionMark(order.revision.kind, order.revision.value),
        via=order.source.via,
    )
    is_delivered = parcel.status_raw == _DELIVERED
    package = Package(
        package_id=parcel.tracking_number,
        carrier=parcel.carrier,
        service_level=parcel.service,
        tracking_number=parcel.tracking_number,
        tracking_url=parcel.url,
        lines=tuple(parcel.lines),
        status=TrackingStatus.DELIVERED if is_delivered else TrackingStatus.UNKNOWN,
    )
    ship_to = next((party for party in order.parties if party.role is PartyRole.SHIP_TO), None)
    content: dict[str, object] = head.fields(record) | {
        "shipment_id": parcel.tracking_number,
        "order_id": order.order_id,
        "origin": ShipmentOrigin.CHANNEL,
        "status_raw": parcel.status_raw,
        "purpose": ShipmentPurpose.ORIGINAL,
        "ship_to": ship_to,
        "shipped": parcel.shipped,
        "estimated_delivery": order.deliver_by,
        "packages": (package,),
    }
    return Shipment.model_validate(content)
