"""UPS Track API: `trackResponse.shipment[].package[].activity[]`, Track XML and SOAP, Track Alerts.

Invariant: date and time of an activity are local; they take the offset that stands beside them, else the one
that their GMT twins imply, else the profile's zone. The two letters of a status say more than its number, and
that more than its type; delivered is only what none of them denies. Places in refusals have the names of the
Track API.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, TrackingLocation, TrackingStatus, ZoneSource
from crossdock.formats.carriers.answers import (
    Answer,
    LocalNames,
    Parcel,
    Scan,
    code,
    listed,
    part_of,
    tell_error,
)
from crossdock.formats.carriers.moments import Moment, clock_of, compact_time
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import XML_TOO, CarrierApi, Current
from crossdock.formats.carriers.ups_older import from_alert, from_track_response
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, identity, optional_identity, text
from crossdock.formats.json_resource import Placed, members
from crossdock.formats.likeness import json_with, most, text_with

_DELIVERED_TYPE: Final = "D"
_LOCAL: Final = LocalNames("date", "time")
_UNIVERSAL: Final = LocalNames("gmtDate", "gmtTime")
_ESTIMATES: Final = ("RDD", "SDD")
"""Types of a delivery date that is planned: rescheduled, scheduled."""
_OFFSET_MAX: Final = timedelta(hours=14)


def _parcels(document: Document) -> Iterator[Parcel]:
    root = document.root
    if isinstance(root.get("activityStatus"), dict):
        yield Parcel(identity(root, "trackingNumber", "$"), from_alert(root), "$")
        return
    older = part_of(root, "Envelope", "Body", "TrackResponse")
    if "Shipment" in older:
        root = {"trackResponse": from_track_response(older)}
    answer = child(root, "trackResponse") or root
    for shipment, base in listed(answer, "shipment", "$.trackResponse" if answer is not root else "$"):
        yield from _packages(document, shipment, base)


def _packages(document: Document, shipment: Node, base: str) -> Iterator[Parcel]:
    inquiry = optional_identity(shipment, "inquiryNumber", base)
    warned = next((text(one, "code") for one in children(shipment, "warnings")), None)
    packages = list(members(shipment, "package", base))
    if children(shipment, "activity") or (not packages and inquiry is not None):
        packages.append(Placed(shipment, base))
    if not packages and warned is not None:
        tell_error(document, warned, base)
    for node, path in packages:
        number = optional_identity(node, "trackingNumber", path) or inquiry
        if number is None:
            detail = "neither the package nor its shipment has a tracking number"
            raise Rejected(RejectionCode.ID_MISSING, detail, f"{path}.trackingNumber")
        yield Parcel(number, node, path, error=None if children(node, "activity") else warned)


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    for node, path in answer.objects(parcel.node, "activity", parcel.path):
        at = _moment(answer, node, path)
        if at is None:
            continue
        status = child(node, "status")
        letters, kind = code(status, "code"), code(status, "type")
        number = _number(status)
        meaning = answer.statuses.of(letters, number, kind)
        is_conflict = bool(kind) and (meaning is TrackingStatus.DELIVERED) != (kind == _DELIVERED_TYPE)
        if is_conflict and kind != _DELIVERED_TYPE:
            meaning = answer.statuses.of(kind)
        yield Scan(
            code=letters or kind or number,
            at=at,
            status=meaning,
            detail="/".join(part for part in (kind, number) if part) if letters else number,
            location=_location(node),
            is_conflict=is_conflict,
        )


def _moment(answer: Answer, node: Node, path: str) -> Moment | None:
    offset, place_of = text(node, "gmtOffset"), f"{path}.gmtDate"
    local, universal = _naive(node, _LOCAL), _naive(node, _UNIVERSAL)
    if offset is None and local is not None and universal is not None:
        offset = _implied(answer, local - universal, place_of)
    at = answer.local_time(node, path, _LOCAL, offset)
    if at is not None and universal is not None and at.zone_source is ZoneSource.STATED:
        answer.compare(at, f"{universal.isoformat()}Z", place_of)
    return at


def _implied(answer: Answer, between: timedelta, path: str) -> str | None:
    """The offset that lies between a local time and its GMT twin; None with a warning where it is none."""
    if abs(between) > _OFFSET_MAX:
        detail = "local time and GMT of the activity differ by more than 14 hours: the profile's zone"
        answer.document.warn("offset_invalid", detail, path)
        return None
    hours, minutes = divmod(abs(between) // timedelta(minutes=1), 60)
    return f"{'-' if between < timedelta(0) else '+'}{hours:02}:{minutes:02}"


def _naive(node: Node, names: LocalNames) -> datetime | None:
    """Day and clock where both can be read."""
    whole = compact_time(text(node, names.day), clock_of(text(node, names.clock) or ""), None)
    try:
        return datetime.fromisoformat(whole) if whole is not None and "T" in whole else None
    except ValueError:
        return None


def _location(node: Node) -> TrackingLocation | None:
    where = child(child(node, "location"), "address")
    country = text(where, "countryCode") or text(where, "country")
    return place(text(where, "city"), text(where, "stateProvince"), country)


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    days = {text(node, "type"): text(node, "date") for node in children(parcel.node, "deliveryDate")}
    stated = next((days[name] for name in _ESTIMATES if days.get(name)), None)
    return answer.estimate(compact_time(stated, None, None), f"{parcel.path}.deliveryDate")


def _current(answer: Answer, parcel: Parcel) -> Current:
    """The status of now; one whose number an activity has is repeated by it, whatever its letters mean."""
    status = child(parcel.node, "currentStatus")
    current, meaning = answer.stated(code(status, "code"), code(status, "type"))
    numbers = (_number(child(one, "status")) for one in children(parcel.node, "activity"))
    return current, None if current in numbers else meaning


def _number(status: Node) -> str:
    return code(status, "statusCode") or code(status, "descriptionCode")


_API: Final = CarrierApi(
    "ups",
    "ups_tracking/1",
    _parcels,
    _scans,
    _estimate,
    _current,
    wrappers=("shipment", "trackResponse.shipment"),
    own_arrays=("package",),
    content_types=XML_TOO,
)


FORMAT: Final = _API.format(
    "UPS Track API, Track XML and SOAP",
    (
        Field("package[].trackingNumber", "tracking_number", "else the shipment's inquiryNumber"),
        Field("the partner", "carrier"),
        Field("activity[].date, time", "occurred", "YYYYMMDD and HHMMSS, local"),
        Field("activity[].gmtOffset, gmtDate, gmtTime", "occurred, zone_source", "else the profile's zone"),
        Field("activity[].status.code", "status, status_raw", "table ups"),
        Field("activity[].status.type, statusCode", "status, detail_raw", "where no table has the code"),
        Field("activity[].location.address", "location", "city, state, country; no street"),
        Field("activity[].status.description", "–", "prose: not carried"),
        Field("deliveryDate SDD, RDD", "estimated_delivery", "a day"),
        Field("Shipment.Package.Activity", "–", "of Track XML and SOAP: the same by their older names"),
        Field("Shipment.Activity", "–", "of freight: under the shipment's number"),
        Field("currentStatus.code", "–", "compared with the activities"),
        Field("warnings[].code", "–", "an error of a number without activities"),
        Field("activityStatus, localActivityDate, localActivityTime", "–", "a Track Alert: one activity"),
        Field("number, time, code and place", "event_id", "a digest: activities have no id"),
    ),
    (
        "Date and time are local; GMT twins or an offset stand beside them only in newer answers.",
        "An offset that its GMT twin contradicts is taken, and the difference told.",
        "Activities of freight stand under the shipment and have no code.",
        "An activity without a time is a day; 24:00:00 is no time of day and leaves the day, with a warning.",
        "A status has two letters, a number, or its type alone; letters may mean two things (RZ), then the "
        "number tells which.",
        "A type that says delivered beside a code that does not, or the other way, is a conflict: X beside "
        "KB is an internal activity, not a delivery.",
    ),
    key_rule="the partner and the package's `trackingNumber`",
    looks_like=most(
        json_with("trackResponse", "shipment", score=95),
        json_with("activity", "inquiryNumber", score=85),
        json_with("activityStatus", "localActivityDate", score=90),
        json_with("TrackResponse", "Shipment", "Activity", score=90),
        text_with("TrackResponse", "Shipment>", "Package>", "TrackingNumber>", opening="<", score=90),
        text_with("TrackResponse", "Shipment>", "Activity>", "ActivityLocation>", opening="<", score=90),
    ),
)
