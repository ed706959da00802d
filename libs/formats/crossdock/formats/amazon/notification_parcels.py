"""Shipments and parcels that Amazon's notifications report.

Invariant: a status outside the tables stays raw and unknown, with a warning; one milestone is one event,
whether it stands in the history, as the latest, or in both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    Package,
    PartnerProfile,
    RevisionKind,
    Shipment,
    ShipmentOrigin,
    ShipmentPurpose,
    TrackingEvent,
    TrackingLocation,
    TrackingStatus,
    ZoneSource,
)
from crossdock.canonical.record import Record
from crossdock.formats.addresses import country_code
from crossdock.formats.amazon.fields import AmazonFields, either
from crossdock.formats.entity_reading import Head
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.json_resource import extensions, texts_and_flags
from crossdock.formats.profile_rules import revision_at

_STATUS: Final = {
    "CREATED": TrackingStatus.CREATED,
    "PLANNED": TrackingStatus.CREATED,
    "PENDING": TrackingStatus.CREATED,
    "ORDERPREPARING": TrackingStatus.CREATED,
    "CARRIERASSIGNED": TrackingStatus.CREATED,
    "LABELCREATED": TrackingStatus.CREATED,
    "PICKEDUP": TrackingStatus.PICKED_UP,
    "SHIPPED": TrackingStatus.IN_TRANSIT,
    "INTRANSIT": TrackingStatus.IN_TRANSIT,
    "ARRIVEDATFACILITY": TrackingStatus.IN_TRANSIT,
    "DEPARTEDFACILITY": TrackingStatus.IN_TRANSIT,
    "OUTFORDELIVERY": TrackingStatus.OUT_FOR_DELIVERY,
    "AVAILABLEFORPICKUP": TrackingStatus.READY_FOR_PICKUP,
    "READYFORPICKUP": TrackingStatus.READY_FOR_PICKUP,
    "DELIVERED": TrackingStatus.DELIVERED,
    "DELIVERYATTEMPTED": TrackingStatus.DELIVERY_FAILED,
    "UNDELIVERABLE": TrackingStatus.DELIVERY_FAILED,
    "DELAYED": TrackingStatus.DELAYED,
    "ONHOLD": TrackingStatus.ON_HOLD,
    "RETURNING": TrackingStatus.RETURNING,
    "RETURNINGTOSELLER": TrackingStatus.RETURNING,
    "RETURNED": TrackingStatus.RETURNED,
    "RETURNEDTOSELLER": TrackingStatus.RETURNED,
    "LOST": TrackingStatus.LOST,
    "CANCELED": TrackingStatus.CANCELLED,
    "CANCELLED": TrackingStatus.CANCELLED,
    "CANCELLEDBYFULFILLER": TrackingStatus.CANCELLED,
    "CANCELLEDBYSELLER": TrackingStatus.CANCELLED,
}
"""Statuses of shipments and codes of milestones, without underscores. PROCESSED says nothing of a parcel."""
_NUMBERS: Final = ("TrackingNumber", "TrackingId", "Aftn", "AFTN")


class ParcelNotices:
    """Reads the shipments and parcels of one notification."""

    def __init__(
        self, fields: AmazonFields, record: Record, profile: PartnerProfile, mapping_version: str
    ) -> None:
        self._fields = fields
        self._document = fields.document
        self._record = record
        self._profile = profile
        self._zone = profile.business_zone
        self._channel = split_key(record.key or b"")[1]
        self._mapping_version = mapping_version

    def _status(self, raw: str, path: str) -> TrackingStatus:
        declared = self._profile.status_map.fulfillment.get(raw)
        if declared is not None:
            return TrackingStatus(declared)
        found = _STATUS.get(raw.replace("_", "").upper())
        if found is None:
            detail = f"{shown(raw)} is not in the format's table nor in status_map.fulfillment of the profile"
            self._document.warn("status_unknown", detail, path)
        return found or TrackingStatus.UNKNOWN

    def of_fulfillment(self, node: Node, path: str, at: Callable[[], BusinessTime]) -> Shipment:
        """The shipment of FULFILLMENT_ORDER_STATUS; `at` is asked where it does not say when it changed.

        Raises Rejected where it names none.
        """
        name = either(node, "FulfillmentShipment")
        block, place = child(node, name), f"{path}.{name}"
        if not block:
            detail = "the notification names no shipment; fetch the fulfilment order (getFulfillmentOrder)"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, place)
        changed = self._fields.time(node, either(node, "StatusUpdatedDateTime"), path, self._zone) or at()
        raw = text(block, either(block, "FulfillmentShipmentStatus")) or ""
        status = self._status(raw, f"{place}.{either(block, 'FulfillmentShipmentStatus')}")
        parcels = children(block, either(block, "FulfillmentShipmentPackages"))
        parcels = parcels or children(block, either(block, "Info"))
        arrival = either(block, "EstimatedArrivalDateTime")
        returned = child(node, either(node, "FulfillmentReturnItem"))
        return self._shipment(
            identity(block, either(block, "AmazonShipmentId"), place),
            identity(node, either(node, "SellerFulfillmentOrderId"), path),
            (raw, status),
            changed,
            {
                "estimated_delivery": self._fields.loose_time(block, arrival, place, self._zone),
                "packages": tuple(_packages(parcels, status)),
                "extensions": extensions(*texts_and_flags(returned, returned, "FulfillmentReturnItem.")),
            },
        )

    def of_outbound(self, node: Node, path: str, at: BusinessTime) -> Shipment:
        """The shipment of FBA_OUTBOUND_SHIPMENT_STATUS, whose parcels are not said."""
        raw = text(node, either(node, "ShipmentStatus")) or ""
        status = self._status(raw, f"{path}.{either(node, 'ShipmentStatus')}")
        shipment_id = identity(node, either(node, "AmazonShipmentId"), path)
        order_id = identity(node, either(node, "AmazonOrderId"), path)
        return self._shipment(shipment_id, order_id, (raw, status), at, {})

    def _shipment(
        self,
        shipment_id: str,
        order_id: str,
        said: tuple[str, TrackingStatus],
        at: BusinessTime,
        content: dict[str, object],
    ) -> Shipment:
        raw, status = said
        cancels = status is TrackingStatus.CANCELLED
        head = Head(
            segments=(self._channel, order_id, shipment_id),
            system="amazon",
            object_type="shipment",
            object_id=shipment_id,
            occurred=at,
            mapping_version=self._mapping_version,
            change=Change.CANCELLED if cancels else Change.UPDATED,
            mark=revision_at(at, self._profile, RevisionKind.INSTANT_FINE),
        )
        shared: dict[str, object] = {
            "shipment_id": shipment_id,
            "order_id": order_id,
            "origin": ShipmentOrigin.CHANNEL,
            "status_raw": raw,
            "purpose": ShipmentPurpose.CANCEL if cancels else ShipmentPurpose.ORIGINAL,
            "cancels": cancels,
        }
        whole = head.fields(self._record) | shared | content
        whole["packages"] = whole.get("packages") or (Package(package_id=shipment_id, status=status),)
        return Shipment.model_validate(whole)

    def of_milestones(self, node: Node, path: str) -> list[TrackingEvent]:
        """The events of SHIPMENT_TRACKING_MILESTONE(_CHANGED), by time. Raises Rejected."""
        name = either(node, "TrackingDetail")
        detail, place = (child(node, name), f"{path}.{name}") if name in node else (node, path)
        number = tracking_number(detail, place)
        latest = either(detail, "LatestMilestone")
        history = either(detail, "MilestoneHistory")
        found: dict[str, TrackingEvent] = {}
        marked = [
            *((one, f"{place}.{history}[{at}]") for at, one in enumerate(children(detail, history))),
            *((one, f"{place}.{latest}") for one in children(detail, latest)),
        ]
        for one, where in marked:
            event = self._event(number, one, where)
            found.setdefault(event.event_id, event)
        if not found:
            raise Rejected(RejectionCode.FIELD_INVALID, "no milestone is stated", f"{place}.{latest}")
        ordered = sorted(found.values(), key=lambda one: (one.occurred.instant, one.event_id))
        estimated = self._estimate(detail, place)
        if estimated is not None:
            ordered[-1] = ordered[-1].model_copy(update={"estimated_delivery": estimated})
        return ordered

    def _event(self, number: str, node: Node, path: str) -> TrackingEvent:
        status = child(node, either(node, "Status"))
        raw = text(status, either(status, "Code")) or ""
        detail = text(status, either(status, "SubCode")) or ""
        when = either(node, "OccurredAt")
        at = self._fields.time(node, when, path, self._zone)
        if at is None:
            detail = "the milestone does not say when it happened"
            raise Rejected(RejectionCode.TIME_INVALID, detail, f"{path}.{when}")
        location = self._location(child(node, either(node, "Location")), f"{path}.{either(node, 'Location')}")
        event_id = _digest(number, at.instant.isoformat(), raw, detail)
        head = Head(
            segments=(self._channel, number),
            system="amazon",
            object_type="tracking_event",
            object_id=event_id,
            occurred=at,
            mapping_version=self._mapping_version,
        )
        content: dict[str, object] = {
            "tracking_number": number,
            "carrier": self._channel,
            "event_id": event_id,
            "status": self._status(raw, f"{path}.{either(node, 'Status')}"),
            "status_raw": raw,
            "detail_raw": detail,
            "zone_source": ZoneSource.STATED,
            "location": location,
        }
        return TrackingEvent.model_validate(head.fields(self._record) | content)

    def _location(self, node: Node, path: str) -> TrackingLocation | None:
        name = either(node, "Address")
        address = child(node, name) or node
        found = TrackingLocation(
            city=text(address, either(address, "City")),
            region=text(address, either(address, "Region"))
            or text(address, either(address, "StateOrRegion")),
            country=country_code(self._document, address, either(address, "CountryCode"), f"{path}.{name}"),
        )
        return None if found == _NOWHERE else found

    def _estimate(self, detail: Node, path: str) -> BusinessTime | None:
        """When the parcel should have arrived at the latest."""
        name = either(detail, "TrackingEstimates")
        for index, one in enumerate(children(detail, name)):
            if text(one, either(one, "Type")) == "ESTIMATED_DELIVERY_DATE":
                interval = child(one, either(one, "EstimatedInterval"))
                end = either(interval, "EndTime")
                return self._fields.loose_time(interval, end, f"{path}.{name}[{index}]", self._zone)
        return None


_NOWHERE: Final = TrackingLocation()


def tracking_number(detail: Node, path: str) -> str:
    """Number of a tracked parcel. Raises Rejected ID_MISSING."""
    name = either(detail, "Identifier")
    holder = child(detail, name) or detail
    for number in _NUMBERS:
        found = text(holder, either(holder, number))
        if found is not None:
            return found
    detail_text = "the notification names no tracking number"
    raise Rejected(RejectionCode.ID_MISSING, detail_text, f"{path}.{name}")


def _packages(nodes: list[Node], status: TrackingStatus) -> Iterator[Package]:
    for place, node in enumerate(nodes, 1):
        number = text(node, either(node, "TrackingNumber"))
        yield Package(
            package_id=text(node, either(node, "PackageNumber")) or number or str(place),
            carrier=text(node, either(node, "CarrierCode")),
            tracking_number=number,
            status=status,
        )


def _digest(*facts: str) -> str:
    return hashlib.sha256("\n".join(facts).encode(errors="replace")).hexdigest()[:32]
