"""FedEx Track API v1: `output.completeTrackResults[].trackResults[]` with their scan events.

Invariant: the type of a scan decides its status; FedEx's derived code, which is coarser, stands in where the
type is in no table. One number that served two shipments gives the events of both under one key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, TrackingEvent
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import Answer, CarrierApi, Parcel, Scan, code, listed
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document
from crossdock.formats.json_fields import child, children, optional_identity, text
from crossdock.formats.json_resource import members
from crossdock.formats.likeness import json_with, most

_ESTIMATES: Final = ("ESTIMATED_DELIVERY", "COMMITMENT")


def _parcels(document: Document) -> Iterator[Parcel]:
    root = document.root
    output, base = (child(root, "output"), "$.output") if "output" in root else (root, "$")
    for complete, place_of in listed(output, "completeTrackResults", base):
        for node, path in members(complete, "trackResults", place_of):
            info = child(node, "trackingNumberInfo")
            number = optional_identity(complete, "trackingNumber", path) or optional_identity(
                info, "trackingNumber", path
            )
            if number is None:
                detail = "the result has no tracking number"
                raise Rejected(RejectionCode.ID_MISSING, detail, f"{path}.trackingNumberInfo.trackingNumber")
            yield Parcel(number, node, path, None, text(info, "trackingNumberUniqueId"))


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    error = text(child(parcel.node, "error"), "code")
    if error is not None:
        detail = "the carrier states an error for this number"
        answer.document.warn("carrier_error", detail, f"{parcel.path}.error")
    for node, path in members(parcel.node, "scanEvents", parcel.path):
        at = answer.time_where_stated(node, "date", path)
        if at is None:
            continue
        event_type, derived = code(node, "eventType"), code(node, "derivedStatusCode")
        where = child(node, "scanLocation")
        country = text(where, "countryCode")
        yield Scan(
            code=event_type or derived,
            at=at,
            status=answer.statuses.of(event_type, derived),
            detail=code(node, "exceptionCode"),
            location=place(text(where, "city"), text(where, "stateOrProvinceCode"), country),
        )


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    times = {text(node, "type"): text(node, "dateTime") for node in children(parcel.node, "dateAndTimes")}
    stated = next((times[name] for name in _ESTIMATES if times.get(name)), None)
    window = child(child(parcel.node, "estimatedDeliveryTimeWindow"), "window")
    return answer.estimate(stated or text(window, "ends"), f"{parcel.path}.dateAndTimes")


def _current(parcel: Parcel) -> str:
    return code(child(parcel.node, "latestStatusDetail"), "code")


_API: Final = CarrierApi(
    "fedex",
    "fedex_tracking/1",
    _parcels,
    _scans,
    _estimate,
    _current,
    wrappers=("completeTrackResults", "output.completeTrackResults"),
    own_arrays=("trackResults",),
)


FORMAT: Final = Format(
    name="fedex_tracking",
    title="FedEx Track API v1",
    content_types=("application/json",),
    key=_API.key,
    read=_API.read,
    split=_API.split,
    entities=(TrackingEvent,),
    intake="carrier",
    needs=(),
    field_table=(
        Field("completeTrackResults[].trackingNumber", "tracking_number", "else trackingNumberInfo"),
        Field("the partner", "carrier"),
        Field("trackingNumberInfo.trackingNumberUniqueId", "extensions", "tells two shipments apart"),
        Field("scanEvents[].date", "occurred", "with offset"),
        Field("scanEvents[].eventType", "status, status_raw", "table fedex"),
        Field("scanEvents[].derivedStatusCode", "status", "where the type is in no table"),
        Field("scanEvents[].exceptionCode", "detail_raw"),
        Field("scanEvents[].scanLocation", "location", "city, state, country; no street"),
        Field("dateAndTimes ESTIMATED_DELIVERY, estimatedDeliveryTimeWindow", "estimated_delivery"),
        Field("error", "–", "a warning"),
    ),
    quirks=(
        "One tracking number with two shipments: both give events under one key.",
        "derivedStatusCode is coarser than eventType: OD is derived as IT.",
        "A number that is not found is an error beside the others' results.",
    ),
    key_rule="the partner and the result's `trackingNumber`",
    revision_rule="none: scans are merged by milestone",
    looks_like=most(
        json_with("completeTrackResults", score=95),
        json_with("trackResults", "scanEvents", score=90),
    ),
)
