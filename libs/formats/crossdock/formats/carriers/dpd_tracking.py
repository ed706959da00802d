"""DPD: ParcelLifeCycleService and Cloud Service (SOAP), and the parcel life cycle as JSON.

Invariant: a status that has not been reached is no event, nor is one without a date where scans tell the
history; times are the depot's local ones and take the profile's zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import TrackingLocation
from crossdock.formats.carriers.answers import Answer, Parcel, Scan, code, part_of
from crossdock.formats.carriers.moments import Moment
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import XML_TOO, CarrierApi, Current
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, flag, optional_identity, text
from crossdock.formats.likeness import json_with, most, text_with

_SOAP: Final = ("Envelope", "Body", "getTrackingDataResponse", "trackingresult")
_CLOUD: Final = ("getParcelLifeCycleResponse", "getParcelLifeCycleResult", "ParcelLifeCycleData")
_JSON: Final = ("parcellifecycleResponse", "parcelLifeCycleData")


def _parcels(document: Document) -> Iterator[Parcel]:
    node = part_of(document.root, *_SOAP, *_CLOUD, *_JSON)
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
    scans, path = child(parcel.node, "scanInfo"), f"{parcel.path}.scanInfo"
    for name in ("shipmentInfo", "statusInfo"):
        for node, place_of in answer.objects(parcel.node, name, parcel.path):
            status, date = code(node, "status"), _content(node, "date")
            is_told = date is None and bool(children(scans, "scan"))
            is_nothing = not status and date is None
            if is_nothing or is_told or flag(node, "statusHasBeenReached") is False:
                continue
            at = answer.time_of(node | {"date": date}, place_of, "date")
            if at is not None:
                meaning = answer.statuses.of(status)
                yield Scan(code=status, at=at, status=meaning, location=_place(_content(node, "location")))
    for node, _, at in answer.details(scans, "scan", path, "date"):
        yield _scan(answer, child(node, "scanData"), at)


def _scan(answer: Answer, node: Node, at: Moment) -> Scan:
    kind, more = child(node, "scanType"), children(child(node, "additionalCodes"), "additionalCode")
    name, number = code(kind, "name"), code(kind, "code")
    return Scan(
        code=name or number,
        at=at,
        status=answer.statuses.of(name, number.lstrip("0")),
        detail="/".join(code(one, "code") for one in more),
        location=_place(text(node, "location"), text(node, "country")),
    )


def _current(answer: Answer, parcel: Parcel) -> Current:
    reached = (one for one in children(parcel.node, "statusInfo") if flag(one, "isCurrentStatus"))
    return answer.stated(code(next(reached, {}), "status"))


def _content(node: Node, name: str) -> str | None:
    """Text of a field that is a text or an object with `content`."""
    value = node.get(name)
    return text(value, "content") if isinstance(value, dict) else text(node, name)


def _place(located: str | None, country: str | None = None) -> TrackingLocation | None:
    """City and country of `Mechelen (BE)`."""
    if located is None or not located.endswith(")"):
        return place(located, None, country)
    city, _, within = located[:-1].rpartition("(")
    return place(city.strip(), None, within)


_API: Final = CarrierApi("dpd", "dpd_tracking/1", _parcels, _scans, current=_current, content_types=XML_TOO)


FORMAT: Final = _API.format(
    "DPD parcel life cycle (SOAP and JSON)",
    (
        Field("shipmentInfo.parcelLabelNumber", "tracking_number", "else that of the record's key"),
        Field("the partner", "carrier"),
        Field(
            "statusInfo[].date", "occurred", "8/17/2021 7:11:26 PM or 24.03.2021, 13:20: the profile's zone"
        ),
        Field("statusInfo[].status", "status, status_raw", "table dpd"),
        Field("statusInfo[].location", "location", "city and country of `Mechelen (BE)`"),
        Field("statusInfo[].label, description", "–", "prose: not carried"),
        Field("shipmentInfo.status, date", "–", "the first status, where it says when it was reached"),
        Field("scanInfo.scan[].date", "occurred", "in the profile's zone where it has no offset"),
        Field("scanInfo.scan[].scanData.scanType", "status, status_raw", "its name, else its code"),
        Field("scanInfo.scan[].scanData.additionalCodes", "detail_raw"),
        Field("scanInfo.scan[].scanData.location, country", "location"),
        Field("statusInfo[].statusHasBeenReached", "–", "a status still to come is no event"),
    ),
    (
        "In JSON the statuses have a date or none; where none has, the scans tell when.",
        "Texts stand alone or as an object with `content`.",
        "Most SOAP answers name no parcel: the number comes with the record's key, `tracking:<number>`.",
    ),
    key_rule="the partner and the parcel's label number",
    looks_like=most(
        json_with("parcelLifeCycleData", "statusInfo", score=90),
        text_with("getTrackingDataResponse", "statusInfo", opening="<", score=90),
        text_with("ParcelLifeCycleData", "statusInfo", opening="<", score=90),
    ),
)
