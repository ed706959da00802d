"""GLS Track and Trace v1: `parcels[]` with a status and events.

Invariant: an event's own code decides; the parcel's status is an event only where no event has its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.carriers.answers import Answer, Parcel, Scan, code, listed
from crossdock.formats.carriers.moments import Moment
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import CarrierApi, Current
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document
from crossdock.formats.json_fields import optional_identity, text
from crossdock.formats.likeness import json_with, most

_NUMBERS: Final = ("requested", "unitno", "trackid")
"""Names of a parcel's number, the one that was asked for first."""


def _parcels(document: Document) -> Iterator[Parcel]:
    for node, path in listed(document.root, "parcels"):
        named = (optional_identity(node, name, path) for name in _NUMBERS)
        number = next((one for one in named if one is not None), None)
        if number is None:
            detail = "the parcel has no number"
            raise Rejected(RejectionCode.ID_MISSING, detail, f"{path}.requested")
        yield Parcel(number, node, path, error=text(node, "errorCode"))


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    node, path = parcel.node, parcel.path
    told = set()
    for event, _, at in answer.details(node, "events", path, "eventDateTime", "timestamp"):
        event_code = code(event, "code")
        status = answer.statuses.of(event_code, event_code.rpartition(".")[2])
        where = place(text(event, "city") or text(event, "location"), None, text(event, "country"))
        told.add(_wall_clock(at))
        yield Scan(code=event_code, at=at, status=status, location=where)
    own = code(node, "status")
    name = next((one for one in ("statusDateTime", "timestamp") if text(node, one) is not None), None)
    if own and name is not None:
        at = answer.time(text(node, name), f"{path}.{name}")
        if _wall_clock(at) not in told:
            yield Scan(code=own, at=at, status=answer.statuses.of(own))


def _wall_clock(moment: Moment) -> datetime:
    """What the clock showed: of one moment the event may state the offset and the parcel not."""
    return moment.at.instant + timedelta(minutes=moment.at.offset_minutes)


def _current(answer: Answer, parcel: Parcel) -> Current:
    return answer.stated(code(parcel.node, "status"))


_API: Final = CarrierApi(
    "gls", "gls_tracking/1", _parcels, _scans, current=_current, wrappers=("parcels",), own_arrays=("events",)
)


FORMAT: Final = _API.format(
    "GLS Track and Trace v1",
    (
        Field("parcels[].requested, unitno, trackid", "tracking_number", "the number that was asked for"),
        Field("the partner", "carrier"),
        Field("events[].eventDateTime, timestamp", "occurred", "the older `timestamp` is naive"),
        Field("events[].code", "status, status_raw", "table gls; the part behind the dot where it is alone"),
        Field("events[].city, location, country", "location"),
        Field("status, statusDateTime, timestamp", "–", "an event where no event has its time"),
        Field("number, time, code and place", "event_id", "a digest: events have no id"),
    ),
    (
        "The number asked for and GLS's own unit number differ by a check digit.",
        "A number that is not found is an error code in its parcel.",
    ),
    key_rule="the partner and the parcel's `requested`",
    looks_like=most(
        json_with("parcels", "unitno", score=80),
        json_with("parcels", "trackid", score=80),
    ),
)
