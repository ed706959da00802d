"""Canada Post: `tracking-detail` of GET /vis/track/pin/{pin}/detail, as XML or as JSON of the same names.

Invariant: the abbreviation of an event's time zone gives its offset; leading zeros of an event's identifier
are dropped before it is looked up, and kept raw.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime, TrackingEvent
from crossdock.formats.carriers.moments import compact_time
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import Answer, CarrierApi, Parcel, Scan, code, part_of
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.likeness import json_with, most, text_with

_HOME: Final = "CA"
_OFFSETS: Final = {
    "NST": "-03:30",
    "NDT": "-02:30",
    "AST": "-04:00",
    "ADT": "-03:00",
    "EST": "-05:00",
    "EDT": "-04:00",
    "CST": "-06:00",
    "CDT": "-05:00",
    "MST": "-07:00",
    "MDT": "-06:00",
    "PST": "-08:00",
    "PDT": "-07:00",
    "UTC": "+00:00",
    "GMT": "+00:00",
}
"""Abbreviations of Canadian time zones, as offsets from UTC."""


def _parcels(document: Document) -> Iterator[Parcel]:
    node = part_of(document.root, "wrapper", "tracking-detail")
    if "pin" in node or "significant-events" in node:
        yield Parcel(identity(node, "pin", "$.tracking-detail"), node, "$.tracking-detail")


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    events = children(child(parcel.node, "significant-events"), "occurrence")
    for index, node in enumerate(events):
        path = f"{parcel.path}.significant-events.occurrence[{index}]"
        day, clock = text(node, "event-date"), text(node, "event-time")
        if day is None:
            answer.document.warn("detail_without_time", "the event has no date; it is left out", path)
            continue
        offset = _OFFSETS.get((text(node, "event-time-zone") or "").upper()) if clock is not None else None
        event_code = code(node, "event-identifier")
        city, region = text(node, "event-site"), text(node, "event-province")
        yield Scan(
            code=event_code,
            at=answer.time(compact_time(day, clock, offset), f"{path}.event-date"),
            status=answer.statuses.of(event_code, event_code.lstrip("0")),
            location=place(city, region, _HOME if region else None),
        )


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    for name in ("changed-expected-date", "expected-delivery-date"):
        raw = text(parcel.node, name)
        if raw is not None:
            return answer.estimate(raw, f"{parcel.path}.{name}")
    return None


_API: Final = CarrierApi("canadapost", "canadapost_tracking/1", _parcels, _scans, _estimate)


FORMAT: Final = Format(
    name="canadapost_tracking",
    title="Canada Post tracking detail",
    content_types=("application/xml", "application/json"),
    key=_API.key,
    read=_API.read,
    split=_API.split,
    entities=(TrackingEvent,),
    intake="carrier",
    needs=(),
    field_table=(
        Field("pin", "tracking_number"),
        Field("the partner", "carrier"),
        Field("occurrence.event-date, event-time, event-time-zone", "occurred", "EST is −05:00"),
        Field("occurrence.event-identifier", "status, status_raw", "table canadapost"),
        Field("occurrence.event-site, event-province", "location", "a province is in Canada"),
        Field("occurrence.signatory-name, event-description", "–", "people and prose: not carried"),
        Field("changed-expected-date, expected-delivery-date", "estimated_delivery", "a day"),
        Field("number, time, code and place", "event_id", "a digest: events have no id"),
    ),
    quirks=(
        "Identifiers come with and without leading zeros: 0174 is 174.",
        "An event after delivery (20, a signature was recorded) says nothing about the parcel's way.",
        "An unknown abbreviation of a time zone leaves the time naive: the profile's zone.",
    ),
    key_rule="the partner and `pin`",
    revision_rule="none: events are merged by milestone",
    looks_like=most(
        json_with("significant-events", "pin", score=90),
        text_with("tracking-detail", "<pin>", opening="<", score=90),
    ),
)
