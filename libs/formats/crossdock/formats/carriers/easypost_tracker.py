"""EasyPost trackers: the webhook events tracker.created and tracker.updated, the Tracker object, its lists.

Invariant: each tracking detail is one event with its own status and time; the tracker's own status, which
repeats one of them, adds none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime, TrackingStatus
from crossdock.formats.carriers.answers import Answer, Parcel, Scan, code, listed
from crossdock.formats.carriers.code_tables import code_table
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import CarrierApi, Current
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, identity, text
from crossdock.formats.json_resource import within
from crossdock.formats.likeness import json_with, most

_COARSE: Final = (TrackingStatus.IN_TRANSIT, TrackingStatus.DELIVERY_FAILED)
"""Statuses within which a detail tells more."""


def _parcels(document: Document) -> Iterator[Parcel]:
    holder = within(document, "result", "tracker")
    for node, path in listed(holder.node, "trackers", holder.path):
        yield Parcel(identity(node, "tracking_code", path), node, path, text(node, "carrier"))


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    for node, _, at in answer.details(parcel.node, "tracking_details", parcel.path, "datetime"):
        where, status = child(node, "tracking_location"), code(node, "status")
        yield Scan(
            code=status,
            at=at,
            status=_meaning(answer, node),
            detail=code(node, "status_detail"),
            location=place(text(where, "city"), text(where, "state"), text(where, "country")),
        )


def _meaning(answer: Answer, node: Node) -> TrackingStatus | None:
    """Its own status, or what its detail tells within it."""
    status = answer.statuses.of(code(node, "carrier_code"), code(node, "status"))
    if status not in _COARSE:
        return status
    return code_table("easypost", "details").get(code(node, "status_detail").casefold(), status)


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    return answer.estimate(text(parcel.node, "est_delivery_date"), f"{parcel.path}.est_delivery_date")


def _current(answer: Answer, parcel: Parcel) -> Current:
    return code(parcel.node, "status"), _meaning(answer, parcel.node)


_API: Final = CarrierApi(
    "easypost",
    "easypost_tracker/1",
    _parcels,
    _scans,
    _estimate,
    _current,
    wrappers=("trackers", "events"),
    own_arrays=("tracking_details",),
)


FORMAT: Final = _API.format(
    "EasyPost tracker",
    (
        Field("result, tracker", "–", "of a webhook event, of a shipment; a tracker alone is read as well"),
        Field("tracking_code", "tracking_number"),
        Field("carrier", "carrier", "as EasyPost calls it"),
        Field("tracking_details[].datetime", "occurred", "with offset; naive in the profile's zone"),
        Field("tracking_details[].status", "status, status_raw", "table easypost"),
        Field("tracking_details[].status_detail", "status, detail_raw", "delayed, held and lost say more"),
        Field("tracking_details[].carrier_code", "status", "where the profile's table knows it"),
        Field("tracking_details[].tracking_location", "location", "city, state, country"),
        Field("tracking_details[].message", "–", "prose that may name people: not carried"),
        Field("est_delivery_date", "estimated_delivery", "on the newest event"),
        Field("number, time, code and place", "event_id", "a digest: details have no id"),
    ),
    (
        "A delivered detail may be stamped earlier than the scans before it: it stays as stamped.",
        "Details come in any order and twice; a location of nulls is none.",
        "A tracker without details has told nothing yet.",
    ),
    key_rule="the tracker's `carrier` and `tracking_code`",
    looks_like=most(
        json_with("tracking_details", "tracking_code", score=85),
        json_with("tracking_details", "tracking_location", score=80),
    ),
)
