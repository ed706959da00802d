"""Shippo tracks: the webhook track_updated and the tracks resource.

Invariant: each entry of `tracking_history` is one event; `tracking_status` is one too where the history does
not repeat it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime, TrackingStatus
from crossdock.formats.carriers.answers import Answer, Parcel, Scan, code
from crossdock.formats.carriers.moments import Moment
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import CarrierApi, Current
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.json_resource import within
from crossdock.formats.likeness import json_with, most

_ENDS: Final = (TrackingStatus.CREATED, TrackingStatus.DELIVERED)


def _parcels(document: Document) -> Iterator[Parcel]:
    node, path = within(document, "data")
    yield Parcel(identity(node, "tracking_number", path), node, path, text(node, "carrier"))


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    node, path = parcel.node, parcel.path
    for detail, _, at in answer.details(node, "tracking_history", path, "status_date"):
        yield _scan(answer, detail, at)
    current = child(node, "tracking_status")
    if text(current, "status_date") is None or _is_repeated(current, children(node, "tracking_history")):
        return
    for detail, _, at in answer.details(node, "tracking_status", path, "status_date"):
        yield _scan(answer, detail, at)


def _is_repeated(current: Node, history: list[Node]) -> bool:
    status, date = text(current, "status"), text(current, "status_date")
    named = text(current, "object_id")
    return any(
        (text(node, "status"), text(node, "status_date")) == (status, date)
        or (named is not None and text(node, "object_id") == named)
        for node in history
    )


def _scan(answer: Answer, node: Node, at: Moment) -> Scan:
    status, substatus = code(node, "status"), _substatus(node)
    meaning, is_conflict = _meaning(answer, node)
    where = child(node, "location")
    return Scan(
        code=status,
        at=at,
        status=meaning,
        detail=substatus,
        event_id=text(node, "object_id") or "",
        location=place(
            text(where, "city"), text(where, "state"), text(where, "country"), text(node, "location")
        ),
        is_conflict=is_conflict,
    )


def _meaning(answer: Answer, node: Node) -> tuple[TrackingStatus | None, bool]:
    """What the substatus tells within the status; and whether just one of them is the start or the end."""
    coarse, fine = answer.statuses.of(code(node, "status")), answer.statuses.of(_substatus(node))
    if fine is None or fine is coarse or coarse in (None, TrackingStatus.UNKNOWN):
        return fine or coarse, False
    is_conflict = coarse in _ENDS or fine in _ENDS
    return coarse if is_conflict else fine, is_conflict


def _substatus(node: Node) -> str:
    """The code of an object, or in older versions the text itself."""
    value = node.get("substatus")
    return code(value, "code") if isinstance(value, dict) else code(node, "substatus")


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    return answer.estimate(text(parcel.node, "eta"), f"{parcel.path}.eta")


def _current(answer: Answer, parcel: Parcel) -> Current:
    node = child(parcel.node, "tracking_status")
    return code(node, "status"), _meaning(answer, node)[0]


_API: Final = CarrierApi(
    "shippo",
    "shippo_tracking/1",
    _parcels,
    _scans,
    _estimate,
    _current,
    wrappers=("results", "data"),
    own_arrays=("tracking_history",),
)


FORMAT: Final = _API.format(
    "Shippo track",
    (
        Field("data", "–", "the track of a webhook event; a track alone is read as well"),
        Field("tracking_number", "tracking_number"),
        Field("carrier", "carrier", "as Shippo calls it"),
        Field("tracking_history[].object_id", "event_id", "else a digest of number, time, code and place"),
        Field("tracking_history[].status_date", "occurred"),
        Field("tracking_history[].status", "status, status_raw", "table shippo"),
        Field("tracking_history[].substatus.code", "status, detail_raw", "says more within the status"),
        Field("tracking_history[].location", "location", "city, state, country; a text is the place's name"),
        Field("tracking_status", "–", "an event of its own where the history does not repeat it"),
        Field("status_details", "–", "prose: not carried"),
        Field("eta", "estimated_delivery", "on the newest event"),
    ),
    (
        "`tracking_status` repeats the newest entry of the history, or stands alone.",
        "`substatus` is an object, a text or null; dates may be null while nothing is known.",
        "DELIVERED beside a substatus of another step, or the other way, is a conflict: the status holds.",
        "RETURNED is on its way back or back: returning.",
    ),
    key_rule="the track's `carrier` and `tracking_number`",
    looks_like=most(
        json_with("tracking_history", "tracking_status", score=85),
        json_with("tracking_status", "status_date", score=75),
    ),
)
