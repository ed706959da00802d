"""USPS: answers of Tracking API v3 (JSON) and of TrackV2 (XML, `TrackResponse/TrackInfo`).

Invariant: the local time of an event takes the offset that stands beside it; an older answer, which has
none, takes the profile's zone. Prose (`status`, `statusSummary`, `Event`) decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime, TrackingStatus
from crossdock.formats.carriers.answers import Answer, LocalNames, Parcel, Scan, code, part_of
from crossdock.formats.carriers.moments import Moment, offset_of
from crossdock.formats.carriers.places import country_of, place
from crossdock.formats.carriers.tracking import XML_TOO, CarrierApi, Current
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, identity, text
from crossdock.formats.json_resource import members
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.times import at_offset

_HOME: Final = "US"
_OLDER: Final = LocalNames("EventDate", "EventTime")
"""As in «March 28, 2001» and «1:39 pm»; a date alone is a day."""
_DELIVERED: Final = "Delivered"
_TO_THE_MINUTE: Final = 16
"""Characters of a time of ISO 8601 without its seconds, which local times state as zero."""
_ESTIMATES: Final = ("expectedDeliveryTimeStamp", "expectedDeliveryDate", "ExpectedDeliveryDate")


def _parcels(document: Document) -> Iterator[Parcel]:
    root = document.root
    if "TrackResponse" not in root:
        yield Parcel(identity(root, "trackingNumber", "$"), root, "$")
        return
    for node, path in members(part_of(root, "TrackResponse"), "TrackInfo", "$.TrackResponse"):
        error = text(child(node, "Error"), "Number")
        yield Parcel(identity(node, "@ID", path), node, path, error=error)


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    for name in ("trackingEvents", "TrackSummary", "TrackDetail"):
        for node, path in answer.objects(parcel.node, name, parcel.path):
            is_json = name == "trackingEvents"
            at = _moment(answer, node, path) if is_json else answer.local_time(node, path, _OLDER)
            if at is not None:
                yield _scan(answer, node, at, "event" if is_json else "Event")


def _scan(answer: Answer, node: Node, at: Moment, prefix: str) -> Scan:
    event_code = code(node, f"{prefix}Code")
    city, state = text(node, f"{prefix}City"), text(node, f"{prefix}State")
    stated = text(node, f"{prefix}Country")
    country = country_of(stated) if stated else _HOME if state else None
    where = place(city, state, country, stated if country is None else None)
    return Scan(code=event_code, at=at, status=answer.statuses.of(event_code), location=where)


def _moment(answer: Answer, node: Node, path: str) -> Moment | None:
    """The local time with its offset; without an offset the time in GMT."""
    local, offset = text(node, "eventTimestamp") or "", offset_of(text(node, "GMTOffset") or "")
    clock = local.partition("T")[2]
    if offset is None or not clock:
        return answer.time_of(node, path, "GMTTimestamp", "eventTimestamp")
    if any(sign in clock for sign in "+-"):
        return answer.time_of(node, path, "eventTimestamp")
    wall = local.rstrip("Zz")
    at = answer.time_of(node | {"eventTimestamp": wall + offset}, path, "eventTimestamp")
    return None if at is None else _compared(answer, node, path, at, is_marked=wall != local)


def _compared(answer: Answer, node: Node, path: str, at: Moment, *, is_marked: bool) -> Moment:
    """The local time beside its GMT twin; a `Z` at its end is right only where both say the same."""
    universal, local = text(node, "GMTTimestamp"), text(node, "eventTimestamp") or ""
    if is_marked and universal is not None and universal[:_TO_THE_MINUTE] == local[:_TO_THE_MINUTE]:
        twin = answer.time(universal, f"{path}.GMTTimestamp")
        return at if twin is None else twin._replace(at=at_offset(twin.at.instant, at.at.offset_minutes))
    if is_marked and universal is None and at.at.offset_minutes:
        detail = "the time ends in Z beside another offset; it is read as local, as USPS documents it"
        answer.document.warn("offset_differs", detail, f"{path}.eventTimestamp")
    answer.compare(at, universal, f"{path}.GMTTimestamp")
    return at


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    return answer.first_estimate(parcel.node, parcel.path, *_ESTIMATES)


def _current(_: Answer, parcel: Parcel) -> Current:
    """Whether the category says that it was delivered; the others do not match single codes."""
    category = code(parcel.node, "statusCategory") or code(parcel.node, "StatusCategory")
    return category, TrackingStatus.DELIVERED if category == _DELIVERED else None


_API: Final = CarrierApi(
    "usps", "usps_tracking/1", _parcels, _scans, _estimate, _current, content_types=XML_TOO
)


FORMAT: Final = _API.format(
    "USPS tracking (API v3 and TrackV2)",
    (
        Field("trackingNumber, TrackInfo/@ID", "tracking_number"),
        Field("the partner", "carrier"),
        Field("trackingEvents[].eventTimestamp, GMTOffset", "occurred", "local, with its offset"),
        Field("trackingEvents[].GMTTimestamp", "occurred", "where there is no offset"),
        Field("TrackSummary, TrackDetail: EventDate, EventTime", "occurred", "in the profile's zone"),
        Field("eventCode, EventCode", "status, status_raw", "table usps"),
        Field("eventCity, eventState, eventCountry", "location", "a state without any country is in the US"),
        Field("statusCategory, StatusCategory", "–", "Delivered is compared with the events"),
        Field("TrackInfo/Error", "–", "a warning; a refusal where no number has a history"),
        Field("eventType, Event, name, firm", "–", "prose and people: not carried"),
        Field("expectedDeliveryTimeStamp, ExpectedDeliveryDate", "estimated_delivery"),
        Field("number, time, code and place", "event_id", "a digest: events have no id"),
    ),
    (
        "Booleans are texts; fields of an event are null.",
        "Some answers end the local time in `Z`: it is local beside its offset, unless GMT says the same.",
        "TrackV2 writes «March 28, 2001» and «1:39 pm», or, without detail fields, prose alone: no event.",
    ),
    key_rule="the partner and the tracking number",
    looks_like=most(
        json_with("trackingEvents", "eventTimestamp", score=85),
        json_with("trackingEvents", "mailClass", score=85),
        text_with("TrackResponse", "TrackInfo", opening="<", score=85),
    ),
)
