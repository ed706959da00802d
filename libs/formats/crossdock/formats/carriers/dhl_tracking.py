"""DHL Shipment Tracking - Unified: `shipments[]` with a status and events.

Invariant: `statusCode` decides; a `status` in words only tells more within its class, and one that says
another class is kept raw and counted as a conflict. The shipment's own status is an event only where it has
no events.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime, TrackingLocation, TrackingStatus
from crossdock.formats.carriers.answers import Answer, Parcel, Scan, code, listed
from crossdock.formats.carriers.code_tables import code_table
from crossdock.formats.carriers.moments import Moment
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import CarrierApi, Current
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.likeness import json_with

_SHORT: Final = 8
"""Longest status without an underscore that is taken for a code although it is no known word; longer ones may
name people."""
_CLASSES: Final = (
    TrackingStatus.CREATED,
    TrackingStatus.IN_TRANSIT,
    TrackingStatus.DELIVERED,
    TrackingStatus.DELIVERY_FAILED,
)
"""What `statusCode` tells apart."""
_WITHIN: Final = (TrackingStatus.IN_TRANSIT, TrackingStatus.DELIVERY_FAILED)
"""Classes within which words tell more."""
_REFERENCE: Final = "ecommerce-number"


def _parcels(document: Document) -> Iterator[Parcel]:
    for node, path in listed(document.root, "shipments"):
        yield Parcel(identity(node, "id", path), node, path, None, _distinction(node))


def _distinction(node: Node) -> str | None:
    """The service, or the number of the parcel where `id` is one of its other references."""
    named = children(child(node, "details"), "references")
    number = next((text(one, "number") for one in named if text(one, "type") == _REFERENCE), None)
    return number or text(node, "service")


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    events = children(parcel.node, "events")
    for node, _, at in answer.details(parcel.node, "events", parcel.path, "timestamp"):
        yield _scan(answer, node, at)
    if not events:
        for node, _, at in answer.details(parcel.node, "status", parcel.path, "timestamp"):
            yield _scan(answer, node, at)


def _scan(answer: Answer, node: Node, at: Moment) -> Scan:
    words = code(node, "status")
    meaning, is_conflict = _told(answer, node)
    is_word = _said(node) is not None or (" " not in words and ("_" in words or len(words) <= _SHORT))
    return Scan(
        code=code(node, "statusCode"),
        at=at,
        status=meaning,
        detail=words if is_word else "",
        location=_location(node),
        is_conflict=is_conflict,
    )


def _said(node: Node) -> TrackingStatus | None:
    return code_table("dhl", "words").get(code(node, "status").casefold())


def _told(answer: Answer, node: Node) -> tuple[TrackingStatus | None, bool]:
    """The code's class, or what the words tell more within it; and whether they contradict it."""
    status_code, said = code(node, "statusCode"), _said(node)
    coded = answer.statuses.of(status_code) if status_code else said
    if coded is None or said is None or coded is said:
        return coded, False
    if coded is TrackingStatus.UNKNOWN:
        return said, False
    is_finer = said not in _CLASSES and coded in _WITHIN
    return said if is_finer else coded, not is_finer


def _location(node: Node) -> TrackingLocation | None:
    """The town without the street before it, and what some services write behind it, persons among it."""
    where = child(child(node, "location"), "address")
    parts = map(str.strip, (text(where, "addressLocality") or "").split(","))
    named = [part for part in parts if part and not any(letter.isdigit() for letter in part)]
    is_american = len(named) == 3 and len(named[1]) == 2  # Wilmette, IL, US
    region = named[1] if is_american else None
    return place(named[0] if named else None, region, text(where, "countryCode"))


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    node, path = parcel.node, parcel.path
    frame = child(node, "estimatedDeliveryTimeFrame")
    return answer.first_estimate(
        node, path, "estimatedTimeOfDelivery", "estimatedDeliveryTime"
    ) or answer.first_estimate(frame, f"{path}.estimatedDeliveryTimeFrame", "estimatedThrough")


def _current(answer: Answer, parcel: Parcel) -> Current:
    node = child(parcel.node, "status")
    return code(node, "statusCode"), _told(answer, node)[0]


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


FORMAT: Final = _API.format(
    "DHL Shipment Tracking - Unified",
    (
        Field("shipments[].id", "tracking_number"),
        Field("the partner", "carrier"),
        Field("shipments[].service, details.references", "extensions", "tells shipments of one number apart"),
        Field("events[].timestamp", "occurred", "often without offset: the profile's zone"),
        Field("events[].statusCode", "status, status_raw", "table dhl"),
        Field("events[].status", "status, detail_raw, is_status_conflict", "where it is a known word"),
        Field("events[].location.address", "location", "town without street or persons, state, country"),
        Field("events[].description, remark", "–", "prose that names who signed: not carried"),
        Field("status", "–", "an event where there are no events"),
        Field("estimatedTimeOfDelivery, estimatedDeliveryTimeFrame", "estimated_delivery", "the latest"),
    ),
    (
        "`status` may say DELIVERED beside a statusCode of pre-transit: both are kept, and flagged.",
        "«OUT FOR DELIVERY» beside a statusCode of transit tells more within it: no conflict.",
        "A locality may go on with country, region and the name of a person: only the town is carried.",
        "One customer reference as `id` finds several shipments.",
        "The status carries an offset where its event does not.",
        "`id` may be a number.",
    ),
    key_rule="the partner and the shipment's `id`",
    looks_like=json_with(
        "shipments", "statusCode", "timestamp", score=70, without=("shipmentTrackingNumber",)
    ),
)
