"""GLS: `parcels[]` of Track and Trace v1 and `tuStatus[]` of the website's service, each with its events.

Invariant: an event's own code decides; the parcel's status is an event only where no event has its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.carriers.answers import Answer, Parcel, Scan, code, listed, renamed
from crossdock.formats.carriers.moments import Moment
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import CarrierApi, Current
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, optional_identity, text
from crossdock.formats.likeness import json_with, most

_ADDRESS: Final = {"city": "city", "country": "countryCode"}
_NUMBERS: Final = ("requested", "unitno", "trackid")
"""Names of a parcel's number, the one that was asked for first."""


def _parcels(document: Document) -> Iterator[Parcel]:
    root = document.root
    is_of_website = "tuStatus" in root or "tuNo" in root
    for said, path in listed(root, "tuStatus" if is_of_website else "parcels"):
        node = _from_website(said) if is_of_website else said
        named = (optional_identity(node, name, path) for name in _NUMBERS)
        number = next((one for one in named if one is not None), None)
        if number is None:
            detail = "the parcel has no number"
            raise Rejected(RejectionCode.ID_MISSING, detail, f"{path}.requested")
        yield Parcel(number, node, path, error=text(node, "errorCode"))


def _from_website(unit: Node) -> Node:
    """A unit under the names of Track and Trace; it has one code, that of its newest event."""
    history = children(unit, "history")
    times = ["T".join(filter(None, (text(one, "date"), text(one, "time")))) for one in history]
    places = [renamed(child(one, "address"), _ADDRESS) for one in history]
    return {
        "requested": unit.get("tuNo"),
        "status": child(unit, "progressBar").get("statusInfo"),
        "statusDateTime": max(times, default=None),
        "events": [where | {"eventDateTime": at} for where, at in zip(places, times, strict=True)],
    }


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    node, path = parcel.node, parcel.path
    own, since = code(node, "status"), _since(answer, parcel)
    is_told = not own or since is None
    for event, _, at in answer.details(node, "events", path, "eventDateTime", "timestamp"):
        event_code = code(event, "code")
        is_own = since is not None and _wall_clock(at) == _wall_clock(since)
        group, _, detail = event_code.rpartition(".")
        status = answer.statuses.of(event_code, detail, group, own if is_own else "")
        where = place(text(event, "city") or text(event, "location"), None, text(event, "country"))
        is_told = is_told or is_own
        yield Scan(code=event_code, at=at, status=status, location=where)
    if since is not None and not is_told:
        yield Scan(code=own, at=since, status=answer.statuses.of(own))


def _since(answer: Answer, parcel: Parcel) -> Moment | None:
    """When the parcel got its status, where it says so."""
    for name in ("statusDateTime", "timestamp"):
        raw = text(parcel.node, name)
        if raw is not None:
            return answer.time(raw, f"{parcel.path}.{name}")
    return None


def _wall_clock(moment: Moment) -> datetime:
    """What the clock showed: of one moment the event may state the offset and the parcel not."""
    return moment.at.instant + timedelta(minutes=moment.at.offset_minutes)


def _current(answer: Answer, parcel: Parcel) -> Current:
    return answer.stated(code(parcel.node, "status"))


_API: Final = CarrierApi(
    "gls",
    "gls_tracking/1",
    _parcels,
    _scans,
    current=_current,
    wrappers=("parcels", "tuStatus"),
    own_arrays=("events", "history"),
)


FORMAT: Final = _API.format(
    "GLS Track and Trace v1 and website",
    (
        Field("parcels[].requested, unitno, trackid", "tracking_number", "the number that was asked for"),
        Field("the partner", "carrier"),
        Field("events[].eventDateTime, timestamp", "occurred", "the older `timestamp` is naive"),
        Field("events[].code", "status, status_raw", "table gls; as a whole, behind its dot, before it"),
        Field("events[].city, location, country", "location"),
        Field("tuStatus[].tuNo, history, progressBar.statusInfo", "–", "the website's names of the same"),
        Field("status, statusDateTime, timestamp", "–", "an event where no event has its time"),
        Field("number, time, code and place", "event_id", "a digest: events have no id"),
    ),
    (
        "The number asked for and GLS's own unit number differ by a check digit.",
        "A code that no table knows takes the parcel's status where that is of the same time.",
        "The website's answer states the code of its newest event alone: older ones have status unknown.",
        "A number that is not found is an error code in its parcel.",
    ),
    key_rule="the partner and the parcel's `requested`",
    looks_like=most(
        json_with("parcels", "unitno", score=80),
        json_with("parcels", "trackid", score=80),
        json_with("tuStatus", "history", score=80),
    ),
)
