"""UPS Track API: `trackResponse.shipment[].package[].activity[]`, and its Track Alerts of one activity.

Invariant: date and time of an activity are local; they take the offset that stands beside them, else the one
that their GMT twins imply, else the profile's zone. The two letters of a status say more than its type.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    TrackingEvent,
    TrackingLocation,
    TrackingStatus,
    ZoneSource,
)
from crossdock.formats.carriers.moments import Moment, compact_time
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import Answer, CarrierApi, Parcel, Scan, code, listed
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, identity, optional_identity, text
from crossdock.formats.json_resource import members
from crossdock.formats.likeness import json_with, most
from crossdock.formats.times import at_offset, business_time

_DELIVERED_TYPE: Final = "D"
_ALERT: Final = {
    "date": "localActivityDate",
    "time": "localActivityTime",
    "gmtDate": "gmtActivityDate",
    "gmtTime": "gmtActivityTime",
    "status": "activityStatus",
}
"""Fields of a Track Alert, by the names of an answer's activity."""
_OFFSET_MAX: Final = timedelta(hours=14)


def _parcels(document: Document) -> Iterator[Parcel]:
    if isinstance(document.root.get("activityStatus"), dict):
        yield Parcel(identity(document.root, "trackingNumber", "$"), _as_package(document.root), "$")
        return
    root = document.root
    answer, start = (
        (child(root, "trackResponse"), "$.trackResponse") if "trackResponse" in root else (root, "$")
    )
    for shipment, base in listed(answer, "shipment", start):
        inquiry = optional_identity(shipment, "inquiryNumber", base)
        for node, path in members(shipment, "package", base):
            number = optional_identity(node, "trackingNumber", path) or inquiry
            if number is None:
                detail = "the package has no tracking number"
                raise Rejected(RejectionCode.ID_MISSING, detail, f"{path}.trackingNumber")
            yield Parcel(number, node, path)


def _as_package(alert: Node) -> Node:
    """A Track Alert, which is one activity, as a package of an answer."""
    activity = {ours: alert.get(theirs) for ours, theirs in _ALERT.items()}
    activity["location"] = {"address": alert.get("activityLocation")}
    return {"activity": [activity]}


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    for node, path in members(parcel.node, "activity", parcel.path):
        at = _moment(answer, node, path)
        if at is None:
            continue
        status = child(node, "status")
        letters, kind, number = code(status, "code"), code(status, "type"), code(status, "statusCode")
        meaning = answer.statuses.of(letters, kind, number)
        is_delivered = meaning is TrackingStatus.DELIVERED
        yield Scan(
            code=letters or kind or number,
            at=at,
            status=meaning,
            detail="/".join(part for part in (kind, number) if part) if letters else number,
            location=_location(node),
            is_conflict=bool(kind) and is_delivered != (kind == _DELIVERED_TYPE),
        )


def _moment(answer: Answer, node: Node, path: str) -> Moment | None:
    day, clock = text(node, "date"), text(node, "time")
    if day is None:
        answer.document.warn("detail_without_time", "the activity has no date; it is left out", path)
        return None
    offset = text(node, "gmtOffset")
    universal = compact_time(text(node, "gmtDate"), text(node, "gmtTime"), None)
    if offset is None and clock is not None and universal is not None and "T" in universal:
        return _between(compact_time(day, clock, None) or "", universal, path)
    return answer.time(compact_time(day, clock, offset if clock else None), f"{path}.date")


def _between(local: str, universal: str, path: str) -> Moment:
    """The moment of a local time and its GMT twin; their difference is the offset."""
    moment = business_time(universal, f"{path}.gmtDate", zone="UTC")
    offset = business_time(local, f"{path}.date", zone="UTC").instant - moment.instant
    if abs(offset) > _OFFSET_MAX:
        detail = "local time and GMT of the activity differ by more than 14 hours"
        raise Rejected(RejectionCode.TIME_INVALID, detail, f"{path}.gmtDate")
    return Moment(at_offset(moment.instant, offset // timedelta(minutes=1)), ZoneSource.STATED)


def _location(node: Node) -> TrackingLocation | None:
    where = child(child(node, "location"), "address")
    country = text(where, "countryCode") or text(where, "country")
    return place(text(where, "city"), text(where, "stateProvince"), country)


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    for node in children(parcel.node, "deliveryDate"):
        day = text(node, "date")
        if text(node, "type") in ("SDD", "RDD") and day is not None:  # scheduled, rescheduled
            return answer.estimate(compact_time(day, None, None), f"{parcel.path}.deliveryDate")
    return None


_API: Final = CarrierApi(
    "ups",
    "ups_tracking/1",
    _parcels,
    _scans,
    _estimate,
    wrappers=("shipment", "trackResponse.shipment"),
    own_arrays=("package",),
)


FORMAT: Final = Format(
    name="ups_tracking",
    title="UPS Track API",
    content_types=("application/json",),
    key=_API.key,
    read=_API.read,
    split=_API.split,
    entities=(TrackingEvent,),
    intake="carrier",
    needs=(),
    field_table=(
        Field("package[].trackingNumber", "tracking_number", "else the shipment's inquiryNumber"),
        Field("the partner", "carrier"),
        Field("activity[].date, time", "occurred", "YYYYMMDD and HHMMSS, local"),
        Field("activity[].gmtOffset, gmtDate, gmtTime", "occurred, zone_source", "else the profile's zone"),
        Field("activity[].status.code", "status, status_raw", "table ups"),
        Field("activity[].status.type, statusCode", "status, detail_raw", "where no table has the code"),
        Field("activity[].location.address", "location", "city, state, country; no street"),
        Field("activity[].status.description", "–", "prose: not carried"),
        Field("deliveryDate SDD, RDD", "estimated_delivery", "a day"),
        Field("activityStatus, localActivityDate, localActivityTime", "–", "a Track Alert: one activity"),
        Field("number, time, code and place", "event_id", "a digest: activities have no id"),
    ),
    quirks=(
        "Date and time are local; GMT twins or an offset stand beside them only in newer answers.",
        "An activity without a time is a day.",
        "A type that says delivered beside a code that does not, or the other way, is a status conflict.",
    ),
    key_rule="the partner and the package's `trackingNumber`",
    revision_rule="none: activities are merged by milestone",
    looks_like=most(
        json_with("trackResponse", "shipment", score=95),
        json_with("activity", "inquiryNumber", score=85),
        json_with("activityStatus", "localActivityDate", score=90),
    ),
)
