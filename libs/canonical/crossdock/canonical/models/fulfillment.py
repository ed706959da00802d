"""Shipments, packages and what carriers say about them (canonical-model §3.8).

Invariant: a carrier's code that no table knows stays raw with status `unknown`; nothing is guessed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.common import BusinessTime, Quantity
from crossdock.canonical.models.field_types import PII, Canonical, OwnState, Text
from crossdock.canonical.models.identity import Identifier, Party


class ShipmentOrigin(OwnState):
    """Who reports a shipment."""

    UNKNOWN = "unknown"
    ERP = "erp"
    WAREHOUSE = "warehouse"
    THIRD_PARTY = "third_party"
    CHANNEL = "channel"
    POS = "pos"


class ShipmentPurpose(OwnState):
    """What a shipment message does to an earlier one."""

    UNKNOWN = "unknown"
    ORIGINAL = "original"
    REPLACE = "replace"
    CANCEL = "cancel"


class TrackingStatus(OwnState):
    """Where a parcel is; both axes of canonical-model §3.9 in one word."""

    UNKNOWN = "unknown"
    CREATED = "created"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    DELAYED = "delayed"
    ON_HOLD = "on_hold"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"
    CANCELLED = "cancelled"


class ZoneSource(OwnState):
    """Who said in which zone a carrier's time is."""

    UNKNOWN = "unknown"
    STATED = "stated"
    LOCATION = "location"
    PROFILE = "profile"


class PackageLine(Canonical):
    """What a package holds of one order line."""

    FULL_NAME: ClassVar[str] = "crossdock.fulfillment.PackageLine"
    line_id: str | None = None
    """Line of the order, where the source names it."""
    sku: str | None = None
    """Our SKU where the item resolved."""
    identifiers: tuple[Identifier, ...] = ()
    """Item as said."""
    quantity: Quantity
    """How much is in the package."""
    lot: str | None = None
    """Lot or batch."""
    serials: tuple[str, ...] = ()
    """Serial numbers."""
    is_inferred: bool = False
    """The line was inferred from the item, not named (F41)."""


class ProofOfDelivery(Canonical):
    """Who took the parcel, and when."""

    FULL_NAME: ClassVar[str] = "crossdock.fulfillment.ProofOfDelivery"
    signed_by: Annotated[str | None, PII] = None
    """Name as said."""
    at: BusinessTime | None = None
    """When it was taken."""


class Package(Canonical):
    """One parcel or pallet of a shipment."""

    FULL_NAME: ClassVar[str] = "crossdock.fulfillment.Package"
    package_id: Text
    """Source's id; else its SSCC, tracking number or position."""
    carrier: str | None = None
    """Carrier as said."""
    service_level: str | None = None
    """Service as said."""
    tracking_number: str | None = None
    """Tracking number as said."""
    tracking_url: str | None = None
    """Page that shows the tracking."""
    sscc: str | None = None
    """Serial shipping container code, 18 digits."""
    weight: Quantity | None = None
    """Gross weight."""
    lines: tuple[PackageLine, ...] = ()
    """What it holds; may be empty where the source does not say it."""
    status: TrackingStatus = TrackingStatus.UNKNOWN
    """Where it is, as the reporter of the shipment says."""
    proof_of_delivery: ProofOfDelivery | None = None
    """Proof of delivery."""


class Shipment(Entity):
    """Goods of one order that left or will leave; key `tenant/channel/order_id/shipment_id`."""

    FULL_NAME: ClassVar[str] = "crossdock.fulfillment.Shipment"
    shipment_id: Text
    """Identity in the reporting system."""
    order_id: Text
    """Order in its channel; `-` where the source names none."""
    origin: ShipmentOrigin
    """Who reports it."""
    status_raw: str = ""
    """Status as said."""
    purpose: ShipmentPurpose
    """What it does to an earlier message about the same shipment."""
    cancels: bool = False
    """The shipment is void."""
    ship_from: Annotated[Party | None, PII] = None
    """Where it leaves."""
    ship_to: Annotated[Party | None, PII] = None
    """Where it goes."""
    shipped: BusinessTime | None = None
    """When it left."""
    estimated_delivery: BusinessTime | None = None
    """When it should arrive."""
    location: str | None = None
    """Store or warehouse it leaves, as said."""
    packages: Annotated[tuple[Package, ...], Field(min_length=1)]
    """At least one; a source that knows no packages reports one without a number."""


class TrackingLocation(Canonical):
    """Place of a scan; no street."""

    FULL_NAME: ClassVar[str] = "crossdock.fulfillment.TrackingLocation"
    name: str | None = None
    """Facility or place in one text, as said."""
    city: str | None = None
    """City."""
    region: str | None = None
    """State, province or county as said."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """ISO 3166-1 alpha-2 code."""


class TrackingEvent(Entity):
    """One thing that a carrier says about a parcel; key `tenant/carrier/tracking_number`."""

    FULL_NAME: ClassVar[str] = "crossdock.fulfillment.TrackingEvent"
    tracking_number: Text
    """Tracking number as said."""
    carrier: Text
    """Carrier (partner name or the aggregator's code)."""
    event_id: Text
    """Source's id; else a digest of number, time, code and place."""
    status: TrackingStatus
    """By the carrier's code table; `unknown` leaves the milestone unchanged."""
    status_raw: str
    """Code as said."""
    detail_raw: str = ""
    """Sub-code as said."""
    zone_source: ZoneSource
    """Who said the zone of `occurred`."""
    location: TrackingLocation | None = None
    """Where it happened."""
    is_status_conflict: bool = False
    """The source states two statuses that disagree; both are kept raw."""
    estimated_delivery: BusinessTime | None = None
    """When the carrier expects to deliver."""
