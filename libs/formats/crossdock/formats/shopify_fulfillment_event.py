"""Shopify fulfillment events: what a carrier or app says about a fulfillment's parcel.

Invariant: the event names no tracking number, only its fulfillment: that stands as the number under the
channel as carrier, so that events of one fulfillment meet; it is never taken for a carrier's number.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    PartnerProfile,
    TrackingEvent,
    TrackingLocation,
    TrackingStatus,
    ZoneSource,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.addresses import country_code
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.json_document import Document, read_document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import optional_identity, text
from crossdock.formats.json_resource import enveloped, extensions, texts
from crossdock.formats.likeness import json_with
from crossdock.formats.shopify.resource import Resource, key_under
from crossdock.formats.shopify.tracking import shipment_status

MAPPING_VERSION: Final = "shopify_fulfillment_event/1"
_LISTS: Final = enveloped("fulfillment_events")
_KEPT: Final = ("order_id", "fulfillment_id")
"""`message` is free text and may name a person: left out."""

key = key_under("fulfillment_event")


def split(record: Record, _: PartnerProfile) -> Reading:
    """The events of a file that holds several: an array, `{"fulfillment_events": […]}`, JSON lines."""
    return split_json(record, key, kind="fulfillment_event", wrappers=_LISTS, own_arrays=())


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The tracking event of a webhook or REST payload. Raises Rejected."""
    return read_document(record.value, lambda document: _Mapping(document, record, profile).reading())


class _Mapping(Resource):
    """One event of one partner."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile) -> None:
        super().__init__(document, record, profile, "fulfillment_event")

    def reading(self) -> Reading:
        """The event, refused or with its warnings."""
        event_id = self.id
        fulfillment_id = optional_identity(self.node, "fulfillment_id", self.path)
        if fulfillment_id is None:
            detail = "the event names no fulfillment, which stands in for its tracking number"
            raise Rejected(RejectionCode.ID_MISSING, detail, f"{self.path}.fulfillment_id")
        number = f"fulfillment:{fulfillment_id}"
        raw = text(self.node, "status") or ""
        status = shipment_status(self.document, self.profile, raw or None, f"{self.path}.status")
        head = Head(
            segments=(self.channel, number),
            system="shopify",
            object_type="fulfillment_event",
            object_id=event_id,
            occurred=self.required_time("happened_at", "created_at"),
            mapping_version=MAPPING_VERSION,
            via=self.via,
            extensions=extensions(*texts(self.node, _KEPT)),
        )
        event = TrackingEvent.model_validate(
            head.fields(self.record)
            | {
                "tracking_number": number,
                "carrier": self.channel,
                "event_id": event_id,
                "status": status or TrackingStatus.UNKNOWN,
                "status_raw": raw,
                "zone_source": ZoneSource.STATED,
                "location": self._location(),
                "estimated_delivery": self.time("estimated_delivery_at"),
            }
        )
        return reading_of_entities((event,), self.record, head.mark, warnings=self.document.warnings)

    def _location(self) -> TrackingLocation | None:
        node = self.node
        country = country_code(self.document, node, "country", self.path) if _is_code(node) else None
        name = None if country is not None else text(node, "country")
        found = TrackingLocation(
            name=name, city=text(node, "city"), region=text(node, "province"), country=country
        )
        return None if found == TrackingLocation() else found


def _is_code(node: dict[str, object]) -> bool:
    country = text(node, "country")
    return country is not None and len(country) == 2


FORMAT: Final = Format(
    name="shopify_fulfillment_event",
    title="Shopify fulfillment event",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("id", "event_id"),
        Field("fulfillment_id", "tracking_number, extensions", "as `fulfillment:<id>` under the channel"),
        Field("order_id", "extensions"),
        Field("status", "status, status_raw", "status_map.fulfillment of the profile, then the table"),
        Field("happened_at, created_at", "occurred"),
        Field("estimated_delivery_at", "estimated_delivery"),
        Field("city, province, country", "location", "a country's name stands as the place's name"),
        Field("message", "–", "free text: left out, it may name a person"),
    ),
    quirks=(
        "The event names no tracking number: its fulfillment stands in for it.",
        "A status that no table knows stays raw, with a warning.",
        "The country is a code or a name.",
    ),
    entities=(TrackingEvent,),
    key_rule="the channel and the event's `fulfillment_id`",
    revision_rule="none: events are merged by their time and milestone",
    needs=(),
    looks_like=json_with("fulfillment_id", "happened_at", score=85),
)
