"""Canada Post: `tracking-detail` and `tracking-summary` of a PIN, as XML or as JSON of the same names.

Invariant: the abbreviation of an event's time zone gives its offset; leading zeros of an event's identifier
are dropped before it is looked up, and kept raw. A summary is one event, of what happened last.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime, TrackingStatus
from crossdock.formats.carriers.answers import Answer, LocalNames, Parcel, Scan, code, part_of
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import XML_TOO, CarrierApi
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, identity, text
from crossdock.formats.json_resource import members
from crossdock.formats.likeness import json_with, most, text_with

_HOME: Final = "CA"
_PROVINCES: Final = frozenset(["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"])
_LOCAL: Final = LocalNames("event-date", "event-time")
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
    root = part_of(document.root, "wrapper")
    node: Node = root if "tracking-detail" in root else {"tracking-detail": document.root}
    for detail, path in members(node, "tracking-detail", "$"):
        if "pin" in detail or "significant-events" in detail:
            yield Parcel(identity(detail, "pin", path), detail, path)
    summaries = part_of(root, "tracking-summary")
    for summary, path in members(summaries, "pin-summary", "$.tracking-summary"):
        yield Parcel(identity(summary, "pin", path), summary, path)


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    if "event-date-time" in parcel.node:
        yield from _summary(answer, parcel)
    events, path = child(parcel.node, "significant-events"), f"{parcel.path}.significant-events"
    for node, place_of in answer.objects(events, "occurrence", path):
        offset = _OFFSETS.get((text(node, "event-time-zone") or "").upper())
        at = answer.local_time(node, place_of, _LOCAL, offset)
        if at is None:
            continue
        event_code = code(node, "event-identifier")
        city, region = text(node, "event-site"), text(node, "event-province")
        yield Scan(
            code=event_code,
            at=at,
            status=answer.statuses.of(event_code, event_code.lstrip("0")),
            location=place(city, region, _HOME if region in _PROVINCES else None),
        )


def _summary(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    """What happened last; the day of delivery says that it was one."""
    node = parcel.node
    at = answer.time_of(node, parcel.path, "event-date-time")
    if at is not None:
        kind = code(node, "event-type")
        delivered = TrackingStatus.DELIVERED if text(node, "actual-delivery-date") else None
        yield Scan(
            code=kind,
            at=at,
            status=answer.statuses.of(kind) or delivered,
            location=place(name=text(node, "event-location")),
        )


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    return answer.first_estimate(parcel.node, parcel.path, "changed-expected-date", "expected-delivery-date")


_API: Final = CarrierApi(
    "canadapost", "canadapost_tracking/1", _parcels, _scans, _estimate, content_types=XML_TOO
)


FORMAT: Final = _API.format(
    "Canada Post tracking detail and summary",
    (
        Field("pin", "tracking_number"),
        Field("the partner", "carrier"),
        Field("occurrence.event-date, event-time, event-time-zone", "occurred", "EST is −05:00"),
        Field("occurrence.event-identifier", "status, status_raw", "table canadapost"),
        Field("occurrence.event-site, event-province", "location", "a province is in Canada"),
        Field("pin-summary.event-date-time", "occurred", "20110404:133457 in the profile's zone"),
        Field("pin-summary.event-type, actual-delivery-date", "status, status_raw", "a day says delivered"),
        Field("pin-summary.event-location", "location", "as said"),
        Field("occurrence.signatory-name, event-description", "–", "people and prose: not carried"),
        Field("changed-expected-date, expected-delivery-date", "estimated_delivery", "a day"),
        Field("number, time, code and place", "event_id", "a digest: events have no id"),
    ),
    (
        "Identifiers come with and without leading zeros: 0174 is 174.",
        "An event after delivery (20, a signature was recorded) says nothing about the parcel's way.",
        "An unknown abbreviation of a time zone leaves the time naive: the profile's zone.",
    ),
    key_rule="the partner and `pin`",
    looks_like=most(
        json_with("significant-events", "pin", score=90),
        json_with("pin-summary", "event-date-time", score=90),
        text_with("<pin-summary>", "<pin>", opening="<", score=90),
        text_with("tracking-detail", "<pin>", opening="<", score=90),
    ),
)
