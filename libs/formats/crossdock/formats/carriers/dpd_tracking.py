"""DPD: ParcelLifeCycleService (SOAP, `trackingresult`) and the parcel life cycle as JSON.

Invariant: a status that has not been reached is no event; times are the depot's local ones and take the
profile's zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import TrackingEvent
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import Answer, CarrierApi, Parcel, Scan, code, part_of
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, flag, optional_identity, text
from crossdock.formats.likeness import json_with, most, text_with

_SOAP: Final = ("Envelope", "Body", "getTrackingDataResponse", "trackingresult")
_JSON: Final = ("parcellifecycleResponse", "parcelLifeCycleData")


def _parcels(document: Document) -> Iterator[Parcel]:
    node = part_of(document.root, *_SOAP, *_JSON)
    path = "$.trackingresult" if "Envelope" in document.root else "$.parcelLifeCycleData"
    if "statusInfo" in node or "shipmentInfo" in node:
        yield Parcel(_number(node, path), node, path)


def _number(node: Node, path: str) -> str:
    """The label number; empty where the answer does not name it, as most SOAP answers do not."""
    for holder in (child(node, "shipmentInfo"), node):
        for name in ("parcelLabelNumber", "parcelNumber"):
            number = optional_identity(holder, name, path)
            if number is not None:
                return number
    return ""


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    for index, node in enumerate(children(parcel.node, "statusInfo")):
        if flag(node, "statusHasBeenReached") is False:
            continue
        path = f"{parcel.path}.statusInfo[{index}]"
        date = _content(node, "date")
        if date is None:
            answer.document.warn("detail_without_time", "the status has no date; it is left out", path)
            continue
        status = code(node, "status")
        city, country = _city(_content(node, "location"))
        at = answer.time(date, f"{path}.date")
        where = place(city, None, country)
        yield Scan(code=status, at=at, status=answer.statuses.of(status), location=where)


def _content(node: Node, name: str) -> str | None:
    """Text of a field that is a text or an object with `content`."""
    value = node.get(name)
    return text(value, "content") if isinstance(value, dict) else text(node, name)


def _city(located: str | None) -> tuple[str | None, str | None]:
    """City and country of `Mechelen (BE)`."""
    if located is None or not located.endswith(")"):
        return located, None
    city, _, country = located[:-1].rpartition("(")
    return city.strip(), country


_API: Final = CarrierApi("dpd", "dpd_tracking/1", _parcels, _scans)


FORMAT: Final = Format(
    name="dpd_tracking",
    title="DPD parcel life cycle (SOAP and JSON)",
    content_types=("application/xml", "application/json"),
    key=_API.key,
    read=_API.read,
    split=_API.split,
    entities=(TrackingEvent,),
    intake="carrier",
    needs=(),
    field_table=(
        Field("shipmentInfo.parcelLabelNumber", "tracking_number", "else that of the record's key"),
        Field("the partner", "carrier"),
        Field(
            "statusInfo[].date", "occurred", "8/17/2021 7:11:26 PM or 24.03.2021, 13:20: the profile's zone"
        ),
        Field("statusInfo[].status", "status, status_raw", "table dpd"),
        Field("statusInfo[].location", "location", "city and country of `Mechelen (BE)`"),
        Field("statusInfo[].label, description", "–", "prose: not carried"),
        Field("statusInfo[].statusHasBeenReached", "–", "a status still to come is no event"),
    ),
    quirks=(
        "Texts stand alone or as an object with `content`.",
        "Most SOAP answers name no parcel: the number comes with the record's key, `tracking:<number>`.",
    ),
    key_rule="the partner and the parcel's label number",
    revision_rule="none: statuses are merged by milestone",
    looks_like=most(
        json_with("parcellifecycleResponse", score=90),
        text_with("getTrackingDataResponse", "statusInfo", opening="<", score=90),
    ),
)
