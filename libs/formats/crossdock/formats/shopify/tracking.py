"""What Shopify says about where a parcel is.

Invariant: the partner's own words (`status_map.fulfillment` of its profile) win; a word that nobody knows
stays raw, with status `unknown` and a warning.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import PartnerProfile, TrackingStatus
from crossdock.formats.json_document import Document

_SHIPMENT_STATUS: Final = {
    "label_purchased": TrackingStatus.CREATED,
    "label_printed": TrackingStatus.CREATED,
    "confirmed": TrackingStatus.CREATED,
    "carrier_picked_up": TrackingStatus.PICKED_UP,
    "in_transit": TrackingStatus.IN_TRANSIT,
    "out_for_delivery": TrackingStatus.OUT_FOR_DELIVERY,
    "ready_for_pickup": TrackingStatus.READY_FOR_PICKUP,
    "attempted_delivery": TrackingStatus.DELIVERY_FAILED,
    "delayed": TrackingStatus.DELAYED,
    "delivered": TrackingStatus.DELIVERED,
    "failure": TrackingStatus.DELIVERY_FAILED,
    "not_delivered": TrackingStatus.DELIVERY_FAILED,
    "label_voided": TrackingStatus.CANCELLED,
    "canceled": TrackingStatus.CANCELLED,
    "submitted": TrackingStatus.UNKNOWN,  # as the next two, of the fulfillment: says nothing of the parcel
    "fulfilled": TrackingStatus.UNKNOWN,
    "marked_as_fulfilled": TrackingStatus.UNKNOWN,
}
"""Source: `shipment_status` of Shopify's Fulfillment, in GraphQL its `displayStatus`; `status` of its
FulfillmentEvent."""
_STATUS: Final = {
    "pending": TrackingStatus.CREATED,
    "open": TrackingStatus.CREATED,
    "cancelled": TrackingStatus.CANCELLED,
    "success": TrackingStatus.UNKNOWN,  # handed over to nobody in particular: says nothing of the parcel
    "error": TrackingStatus.UNKNOWN,
    "failure": TrackingStatus.UNKNOWN,
}
"""Source: `status` of Shopify's Fulfillment."""


def shipment_status(
    document: Document, profile: PartnerProfile, raw: str | None, path: str
) -> TrackingStatus | None:
    """Status of a parcel by the word for it; None without a word."""
    return None if raw is None else _looked_up(document, profile, raw, _SHIPMENT_STATUS, path)


def fulfillment_status(
    document: Document, profile: PartnerProfile, raw: str | None, path: str
) -> TrackingStatus:
    """Status of a parcel by that of its fulfillment alone."""
    return TrackingStatus.UNKNOWN if raw is None else _looked_up(document, profile, raw, _STATUS, path)


def _looked_up(
    document: Document, profile: PartnerProfile, raw: str, table: dict[str, TrackingStatus], path: str
) -> TrackingStatus:
    mapped = profile.status_map.fulfillment.get(raw)
    status = TrackingStatus(mapped) if mapped is not None else table.get(raw.lower())
    if status is None:
        detail = "the status is not in the format's table nor in status_map.fulfillment of the profile"
        document.warn("status_unknown", detail, path)
    return status or TrackingStatus.UNKNOWN
