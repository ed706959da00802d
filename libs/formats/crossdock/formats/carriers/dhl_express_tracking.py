"""DHL Express, MyDHL API: `shipments[]` with their events.

Invariant: date and time of an event are local and carry the offset that stands beside them; events of single
pieces repeat the shipment's and add none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime, TrackingEvent, TrackingLocation
from crossdock.formats.carriers.moments import compact_time
from crossdock.formats.carriers.places import country_of, place
from crossdock.formats.carriers.tracking import Answer, CarrierApi, Parcel, Scan, code, listed
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import children, identity, text
from crossdock.formats.json_resource import members
from crossdock.formats.likeness import json_with


def _parcels(document: Document) -> Iterator[Parcel]:
    for node, path in listed(document.root, "shipments"):
        yield Parcel(identity(node, "shipmentTrackingNumber", path), node, path)


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    for node, path in members(parcel.node, "events", parcel.path):
        day, clock = text(node, "date"), text(node, "time")
        if day is None:
            answer.document.warn("detail_without_time", "the event has no date; it is left out", path)
            continue
        offset = text(node, "GMTOffset") if clock is not None else None
        type_code = code(node, "typeCode")
        yield Scan(
            code=type_code,
            at=answer.time(compact_time(day, clock, offset), f"{path}.date"),
            status=answer.statuses.of(type_code),
            location=_location(node),
        )


def _location(node: Node) -> TrackingLocation | None:
    """The service area; its description ends in the country: `Brisbane-AU`, `Brisbane - AUSTRALIA`."""
    area = next(iter(children(node, "serviceArea")), None)
    if area is None:
        return None
    described = text(area, "description")
    city, _, country = (described or "").rpartition("-")
    if country_of(country) is None:
        return place(name=text(area, "code"), city=described)
    return place(name=text(area, "code"), city=city.strip(), country=country)


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    path = f"{parcel.path}.estimatedDeliveryDate"
    return answer.estimate(text(parcel.node, "estimatedDeliveryDate"), path)


_API: Final = CarrierApi(
    "dhl_express",
    "dhl_express_tracking/1",
    _parcels,
    _scans,
    _estimate,
    wrappers=("shipments",),
    own_arrays=("events",),
)


FORMAT: Final = Format(
    name="dhl_express_tracking",
    title="DHL Express MyDHL API tracking",
    content_types=("application/json",),
    key=_API.key,
    read=_API.read,
    split=_API.split,
    entities=(TrackingEvent,),
    intake="carrier",
    needs=(),
    field_table=(
        Field("shipments[].shipmentTrackingNumber", "tracking_number"),
        Field("the partner", "carrier"),
        Field("events[].date, time, GMTOffset", "occurred", "local, with its offset"),
        Field("events[].typeCode", "status, status_raw", "table dhl_express"),
        Field("events[].serviceArea", "location", "code, city and country of its description"),
        Field("events[].description, signedBy", "–", "prose and people: not carried"),
        Field("estimatedDeliveryDate", "estimated_delivery", "a day or a time"),
        Field("number, time, code and place", "event_id", "a digest: events have no id"),
    ),
    quirks=(
        "GMTOffset stands beside a local time; older answers lack it, then the profile's zone is used.",
        "Published code tables contradict themselves: ours is audited, each code stands once.",
    ),
    key_rule="the partner and the shipment's `shipmentTrackingNumber`",
    revision_rule="none: events are merged by milestone",
    looks_like=json_with("shipmentTrackingNumber", "shipments", score=90),
)
