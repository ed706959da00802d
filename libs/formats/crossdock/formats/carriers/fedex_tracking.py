"""FedEx Track API v1: `output.completeTrackResults[].trackResults[]`; the web service's `TrackReply`.

Invariant: the type of a scan decides its status; FedEx's derived code, which is coarser, stands in where the
type is in no table. One number that served two shipments gives the events of both under one key. Places in
refusals have the names of Track API v1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, TrackingStatus
from crossdock.formats.carriers.answers import Answer, Parcel, Scan, code, listed, part_of, tell_error
from crossdock.formats.carriers.fedex_older import from_track_reply
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import XML_TOO, CarrierApi, Current
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document
from crossdock.formats.json_fields import child, children, optional_identity, text
from crossdock.formats.json_resource import members
from crossdock.formats.likeness import json_with, most, text_with

_ESTIMATES: Final = ("ESTIMATED_DELIVERY", "COMMITMENT")


def _parcels(document: Document) -> Iterator[Parcel]:
    root = document.root
    reply = part_of(root, "Envelope", "Body", "TrackReply")
    if "TrackDetails" in reply or "CompletedTrackDetails" in reply:
        root = {"output": from_track_reply(reply)}
    elif "trackingNumberInfo" in root:
        root = {"trackResults": [root]}
    output, base = (child(root, "output"), "$.output") if "output" in root else (root, "$")
    for complete, place_of in listed(output, "completeTrackResults", base):
        for node, path in members(complete, "trackResults", place_of):
            info = child(node, "trackingNumberInfo")
            number = optional_identity(complete, "trackingNumber", place_of) or optional_identity(
                info, "trackingNumber", f"{path}.trackingNumberInfo"
            )
            error = (text(child(node, "error"), "code") or "").rpartition(".")[2] or None
            if number is not None:
                if number != (optional_identity(info, "trackingNumber", path) or number):
                    detail = "the result is of another number than the one it stands under"
                    document.warn("number_differs", detail, f"{path}.trackingNumberInfo.trackingNumber")
                yield Parcel(number, node, path, None, text(info, "trackingNumberUniqueId"), error)
            elif error is not None:
                tell_error(document, error, path)
            else:
                detail = "the result has no tracking number"
                raise Rejected(RejectionCode.ID_MISSING, detail, f"{path}.trackingNumberInfo.trackingNumber")


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    for node, _, at in answer.details(parcel.node, "scanEvents", parcel.path, "date"):
        event_type, derived = code(node, "eventType"), code(node, "derivedStatusCode")
        where = child(node, "scanLocation")
        country = text(where, "countryCode")
        meanings = answer.statuses.of(event_type, derived), answer.statuses.of(derived)
        is_conflict = None not in meanings and meanings.count(TrackingStatus.DELIVERED) == 1
        yield Scan(
            code=event_type or derived,
            at=at,
            status=meanings[0],
            detail="/".join(filter(None, (code(node, "exceptionCode"), derived if is_conflict else ""))),
            location=place(text(where, "city"), text(where, "stateOrProvinceCode"), country),
            is_conflict=is_conflict,
        )


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    times = {text(node, "type"): text(node, "dateTime") for node in children(parcel.node, "dateAndTimes")}
    stated = next((times[name] for name in _ESTIMATES if times.get(name)), None)
    window = child(child(parcel.node, "estimatedDeliveryTimeWindow"), "window")
    return answer.estimate(stated or text(window, "ends"), f"{parcel.path}.dateAndTimes")


def _current(answer: Answer, parcel: Parcel) -> Current:
    return answer.stated(code(child(parcel.node, "latestStatusDetail"), "code"))


_API: Final = CarrierApi(
    "fedex",
    "fedex_tracking/1",
    _parcels,
    _scans,
    _estimate,
    _current,
    wrappers=("completeTrackResults", "output.completeTrackResults"),
    own_arrays=("trackResults",),
    content_types=XML_TOO,
)


FORMAT: Final = _API.format(
    "FedEx Track API v1 and web service",
    (
        Field("completeTrackResults[].trackingNumber", "tracking_number", "else trackingNumberInfo"),
        Field("the partner", "carrier"),
        Field("trackingNumberInfo.trackingNumberUniqueId", "extensions", "tells two shipments apart"),
        Field("scanEvents[].date", "occurred", "with offset"),
        Field("scanEvents[].eventType", "status, status_raw", "table fedex"),
        Field("scanEvents[].derivedStatusCode", "status, is_status_conflict", "where no table has the type"),
        Field("scanEvents[].exceptionCode", "detail_raw", "and a derived code in conflict"),
        Field("scanEvents[].scanLocation", "location", "city, state, country; no street"),
        Field("dateAndTimes ESTIMATED_DELIVERY, estimatedDeliveryTimeWindow", "estimated_delivery"),
        Field("error, Notification", "–", "a warning; a refusal where no number has a history"),
        Field("TrackReply.TrackDetails, CompletedTrackDetails", "–", "the same by their older names"),
    ),
    (
        "One tracking number with two shipments: both give events under one key.",
        "derivedStatusCode is coarser than eventType: OD is derived as IT. Where just one of them says "
        "delivered they are in conflict: the type holds.",
        "A number that is not found is an error beside the others' results.",
        "The web service states some scans without an offset, at midnight: the profile's zone.",
    ),
    key_rule="the partner and the result's `trackingNumber`",
    looks_like=most(
        json_with("completeTrackResults", score=95),
        json_with("trackResults", "scanEvents", score=90),
        json_with("trackingNumberInfo", "scanEvents", score=90),
        json_with("TrackDetails", "EventType", score=90),
        text_with("TrackReply", "TrackDetails>", opening="<", score=90),
    ),
)
