"""DHL Shipment Tracking - Unified: `shipments[]` with a status and events.

Invariant: `statusCode` decides; a `status` in words that says another class is kept raw and counted as a
conflict. The shipment's own status is an event only where it has no events.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime, TrackingEvent, TrackingLocation
from crossdock.formats.carriers.code_tables import code_table
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import Answer, CarrierApi, Parcel, Scan, code, listed
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.likeness import json_with

_SHORT: Final = 8
"""Longest status that is taken for a code although it is no known word; longer ones may name people."""


def _parcels(document: Document) -> Iterator[Parcel]:
    for node, path in listed(document.root, "shipments"):
        yield Parcel(identity(node, "id", path), node, path, None, text(node, "service"))


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    events = children(parcel.node, "events")
    for index, node in enumerate(events):
        yield from _scan(answer, node, f"{parcel.path}.events[{index}]")
    if not events and child(parcel.node, "status"):
        yield from _scan(answer, child(parcel.node, "status"), f"{parcel.path}.status")


def _scan(answer: Answer, node: Node, path: str) -> Iterator[Scan]:
    at = answer.time_where_stated(node, "timestamp", path)
    if at is None:
        return
    status_code, words = code(node, "statusCode"), text(node, "status") or ""
    said = code_table("dhl", "words").get(words.casefold())
    meaning = answer.statuses.of(status_code) if status_code else said
    is_word = said is not None or (words.isalnum() and len(words) <= _SHORT)
    yield Scan(
        code=status_code,
        at=at,
        status=meaning,
        detail=words if is_word else "",
        location=_location(node),
        is_conflict=said is not None and meaning is not None and said is not meaning,
    )


def _location(node: Node) -> TrackingLocation | None:
    """The locality without the street that some services put before it."""
    where = child(child(node, "location"), "address")
    parts = (text(where, "addressLocality") or "").split(",")
    named = [part.strip() for part in parts if not any(letter.isdigit() for letter in part)]
    return place(", ".join(part for part in named if part), None, text(where, "countryCode"))


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    node = parcel.node
    raw = text(node, "estimatedTimeOfDelivery") or text(node, "estimatedDeliveryTime")
    return answer.estimate(raw, f"{parcel.path}.estimatedTimeOfDelivery")


def _current(parcel: Parcel) -> str:
    return code(child(parcel.node, "status"), "statusCode")


_API: Final = CarrierApi(
    "dhl",
    "dhl_tracking/1",
    _parcels,
    _scans,
    _estimate,
    _current,
    wrappers=("shipments",),
    own_arrays=("events",),
)


FORMAT: Final = Format(
    name="dhl_tracking",
    title="DHL Shipment Tracking - Unified",
    content_types=("application/json",),
    key=_API.key,
    read=_API.read,
    split=_API.split,
    entities=(TrackingEvent,),
    intake="carrier",
    needs=(),
    field_table=(
        Field("shipments[].id", "tracking_number"),
        Field("the partner", "carrier"),
        Field("shipments[].service", "extensions", "tells two shipments of one number apart"),
        Field("events[].timestamp", "occurred", "often without offset: the profile's zone"),
        Field("events[].statusCode", "status, status_raw", "table dhl"),
        Field("events[].status", "detail_raw, is_status_conflict", "compared where it is a known word"),
        Field("events[].location.address", "location", "locality without a street, country"),
        Field("events[].description, remark", "–", "prose that names who signed: not carried"),
        Field("status", "–", "an event where there are no events"),
        Field("estimatedTimeOfDelivery", "estimated_delivery", "on the newest event"),
    ),
    quirks=(
        "`status` may say DELIVERED beside a statusCode of pre-transit: both are kept, and flagged.",
        "The status carries an offset where its event does not.",
        "`id` may be a number.",
    ),
    key_rule="the partner and the shipment's `id`",
    revision_rule="none: events are merged by milestone",
    looks_like=json_with(
        "shipments", "statusCode", "timestamp", score=70, without=("shipmentTrackingNumber",)
    ),
)
