"""DHL Express: `shipments[]` of MyDHL API, `AWBInfo` of XML Services, with their events.

Invariant: date and time of an event are local and carry the offset that stands beside them; events of single
pieces repeat the shipment's, and are read only where it has none. Places in refusals have the names of MyDHL
API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime, TrackingLocation
from crossdock.formats.carriers.answers import (
    Answer,
    LocalNames,
    Parcel,
    Scan,
    code,
    listed,
    part_of,
    renamed,
    tell_error,
)
from crossdock.formats.carriers.places import country_of, place
from crossdock.formats.carriers.tracking import XML_TOO, CarrierApi
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, identity, optional_identity, text
from crossdock.formats.json_resource import Placed, members
from crossdock.formats.likeness import json_with, most, text_with

_ENVELOPES: Final = ("Envelope", "Body", "TrackingResponse")
_LOCAL: Final = LocalNames("date", "time", "GMTOffset")


def _parcels(document: Document) -> Iterator[Parcel]:
    root = document.root
    older = part_of(root, *_ENVELOPES)
    if "AWBInfo" in older:
        root = {"shipments": [_shipment(one) for one in children(older, "AWBInfo")]}
    for node, path in listed(root, "shipments"):
        number, error = optional_identity(node, "shipmentTrackingNumber", path), text(node, "error")
        if number is None and error is not None:
            tell_error(document, error, path)
        else:
            yield Parcel(identity(node, "shipmentTrackingNumber", path), node, path, error=error)


def _shipment(older: Node) -> Node:
    """An `AWBInfo` of XML Services under the names of MyDHL API."""
    info = child(older, "ShipmentInfo")
    failed = child(child(older, "Status"), "Condition")
    return {
        "shipmentTrackingNumber": older.get("AWBNumber"),
        "error": failed.get("ConditionCode"),
        "estimatedDeliveryDate": info.get("EstDlvyDate"),
        "events": [_event(one) for one in children(info, "ShipmentEvent")],
        "pieces": [
            {"events": [_event(one) for one in children(piece, "PieceEvent")]}
            for piece in children(part_of(older, "Pieces"), "PieceInfo")
        ],
    }


def _event(older: Node) -> Node:
    area = renamed(child(older, "ServiceArea"), {"code": "ServiceAreaCode", "description": "Description"})
    told = {"typeCode": child(older, "ServiceEvent").get("EventCode"), "serviceArea": [area] if area else []}
    return renamed(older, {"date": "Date", "time": "Time", "GMTOffset": "GMTOffset"}) | told


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    holders: Iterable[Placed] = [Placed(parcel.node, parcel.path)]
    if not children(parcel.node, "events"):
        holders = members(parcel.node, "pieces", parcel.path)
    for holder, path in holders:
        for node, _, at in answer.local_details(holder, "events", path, _LOCAL):
            type_code = code(node, "typeCode")
            yield Scan(code=type_code, at=at, status=answer.statuses.of(type_code), location=_location(node))


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
    content_types=XML_TOO,
)


FORMAT: Final = _API.format(
    "DHL Express MyDHL API and XML Services tracking",
    (
        Field("shipments[].shipmentTrackingNumber", "tracking_number"),
        Field("the partner", "carrier"),
        Field("events[].date, time, GMTOffset", "occurred", "local, with its offset"),
        Field("events[].typeCode", "status, status_raw", "table dhl_express"),
        Field("events[].serviceArea", "location", "code, city and country of its description"),
        Field("pieces[].events", "–", "the same, where the shipment has no events"),
        Field("AWBInfo: ShipmentEvent, PieceEvent", "–", "the same by their older names"),
        Field("Status.Condition", "–", "a warning; a refusal where no number has a history"),
        Field("events[].description, signedBy", "–", "prose and people: not carried"),
        Field("estimatedDeliveryDate", "estimated_delivery", "a day or a time"),
        Field("number, time, code and place", "event_id", "a digest: events have no id"),
    ),
    (
        "GMTOffset stands beside a local time; older answers lack it, then the profile's zone is used.",
        "XML Services write «2021-05-07 23:59:00 GMT-04:00», and name no number that they do not find.",
        "Published code tables contradict themselves: ours is audited, each code stands once.",
    ),
    key_rule="the partner and the shipment's `shipmentTrackingNumber`",
    looks_like=most(
        json_with("shipmentTrackingNumber", "shipments", score=90),
        text_with("TrackingResponse", "<AWBInfo>", opening="<", score=90),
    ),
)
