"""AfterShip trackings: the webhook tracking_update, answers of the old and the new API, their lists.

Invariant: each checkpoint is one event, by its own tag and subtag; the tracking's tag, which repeats the
newest one, adds none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime
from crossdock.formats.carriers.answers import Answer, Parcel, Scan, code
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import CarrierApi, Current
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.likeness import json_with, most


def _trackings(node: Node, path: str) -> Iterator[tuple[Node, str]]:
    """The trackings within the envelopes `msg`, `data`, `tracking` and `trackings`."""
    for name in ("msg", "data", "tracking"):
        if isinstance(node.get(name), dict):
            yield from _trackings(child(node, name), f"{path}.{name}")
            return
    if isinstance(node.get("trackings"), list):
        for index, inner in enumerate(children(node, "trackings")):
            yield inner, f"{path}.trackings[{index}]"
        return
    yield node, path


def _parcels(document: Document) -> Iterator[Parcel]:
    for node, path in _trackings(document.root, "$"):
        yield Parcel(identity(node, "tracking_number", path), node, path, text(node, "slug"))


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    times = ("checkpoint_time", "created_at")
    for node, _, at in answer.details(parcel.node, "checkpoints", parcel.path, *times):
        tag, subtag = code(node, "tag"), code(node, "subtag")
        is_conflict = _is_of_another(subtag, tag)
        country = text(node, "country_iso3") or text(node, "country_region") or text(node, "country_code")
        yield Scan(
            code=tag,
            at=at,
            status=answer.statuses.of(code(node, "raw_tag"), "" if is_conflict else subtag, tag),
            detail=subtag,
            location=place(text(node, "city"), text(node, "state"), country, text(node, "location")),
            is_conflict=is_conflict,
        )


def _is_of_another(subtag: str, tag: str) -> bool:
    """Whether a subtag, which is named after its tag as in `InTransit_002`, stands under another."""
    return bool(subtag and tag) and subtag.partition("_")[0].casefold() != tag.casefold()


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    node, path = parcel.node, parcel.path
    stated = ("expected_delivery", "courier_estimated_delivery_date")
    estimate = answer.first_estimate(node, path, *stated)
    for name in ("courier_estimated_delivery", "latest_estimated_delivery"):
        within = ("estimated_delivery_date", "datetime")
        estimate = estimate or answer.first_estimate(child(node, name), f"{path}.{name}", *within)
    return estimate


def _current(answer: Answer, parcel: Parcel) -> Current:
    return answer.stated(code(parcel.node, "subtag"), code(parcel.node, "tag"))


_API: Final = CarrierApi(
    "aftership",
    "aftership_tracking/1",
    _parcels,
    _scans,
    _estimate,
    _current,
    wrappers=("trackings", "data.trackings"),
    own_arrays=("checkpoints",),
)


FORMAT: Final = _API.format(
    "AfterShip tracking",
    (
        Field("msg, data.tracking, data.trackings", "–", "envelopes of webhook and API"),
        Field("tracking_number", "tracking_number"),
        Field("slug", "carrier", "as AfterShip calls it"),
        Field("checkpoints[].checkpoint_time", "occurred", "`created_at` where it is missing"),
        Field("checkpoints[].tag", "status, status_raw", "table aftership"),
        Field("checkpoints[].subtag", "status, detail_raw, is_status_conflict", "says more than its tag"),
        Field("checkpoints[].raw_tag", "status", "the carrier's code, where the profile's table knows it"),
        Field("checkpoints[].city, state, country_iso3, country_region, location", "location"),
        Field("checkpoints[].message", "–", "prose that may name people: not carried"),
        Field(
            "expected_delivery, courier_estimated_delivery_date, latest_estimated_delivery",
            "estimated_delivery",
            "on the newest event",
        ),
        Field("number, time, code and place", "event_id", "a digest: checkpoints have no id"),
    ),
    (
        "A subtag is named after its tag; one under another tag is a conflict: the tag holds.",
        "Checkpoint times come with an offset, without one (the place's local time) or as a day.",
        "Countries are three letters, in `country_iso3` or, in the new API, `country_region`.",
        "The tags Pending and Expired say nothing about the parcel.",
    ),
    key_rule="the tracking's `slug` and `tracking_number`",
    looks_like=most(
        json_with("checkpoints", "tracking_number", score=80),
        json_with("checkpoints", "subtag", "slug", score=90),
    ),
)
