"""Purolator: TrackPackagesByPin (SOAP, JSON of the same names), and the JSON of `shipment[].package[]`.

Invariant: the type of a scan or the code of an event decides its status, never its description; the same scan
twice is one event.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import BusinessTime
from crossdock.formats.carriers.answers import Answer, LocalNames, Parcel, Scan, code, part_of
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import XML_TOO, CarrierApi
from crossdock.formats.declaration import Field
from crossdock.formats.json_document import Document
from crossdock.formats.json_fields import child, identity, optional_identity, text
from crossdock.formats.json_resource import members
from crossdock.formats.likeness import json_with, most, text_with

_ENVELOPES: Final = ("Envelope", "Body", "TrackPackagesByPinResponse", "TrackingInformationList")
_LOCAL: Final = LocalNames("ScanDate", "ScanTime")
_FOUND: Final = "FOUND"


def _parcels(document: Document) -> Iterator[Parcel]:
    node = part_of(document.root, *_ENVELOPES)
    for information, path in members(node, "TrackingInformation", "$.TrackingInformationList"):
        yield Parcel(identity(child(information, "PIN"), "Value", f"{path}.PIN"), information, path)
    for shipment, base in members(node, "shipment", "$"):
        whole = optional_identity(shipment, "shipmentPin", base)
        for package, path in members(shipment, "package", base):
            yield Parcel(optional_identity(package, "pin", path) or whole or "", package, path)
    for result, path in members(node, "searchResult", "$"):
        answer = text(result, "status")
        if answer is not None and answer != _FOUND:
            yield Parcel(identity(result, "trackingId", path), result, path, error=answer)


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    scans, path = child(parcel.node, "Scans"), f"{parcel.path}.Scans"
    for node, _, at in answer.local_details(scans, "Scan", path, _LOCAL):
        scan_type = code(node, "ScanType")
        where = place(name=text(child(node, "Depot"), "Name"))
        yield Scan(code=scan_type, at=at, status=answer.statuses.of(scan_type), location=where)
    for node, _, at in answer.details(parcel.node, "events", parcel.path, "dateTime"):
        event_code, there = code(node, "code"), child(node, "location")
        yield Scan(
            code=event_code,
            at=at,
            status=answer.statuses.of(event_code),
            detail=code(node, "reasonCode"),
            location=place(text(there, "city"), text(there, "provinceState"), text(there, "countryCode")),
        )


def _estimate(answer: Answer, parcel: Parcel) -> BusinessTime | None:
    return answer.first_estimate(parcel.node, parcel.path, "estimatedDeliveryDate")


_API: Final = CarrierApi(
    "purolator", "purolator_tracking/1", _parcels, _scans, _estimate, content_types=XML_TOO
)


FORMAT: Final = _API.format(
    "Purolator TrackPackagesByPin and tracking JSON",
    (
        Field("TrackingInformation.PIN.Value", "tracking_number"),
        Field("the partner", "carrier"),
        Field("Scan.ScanDate, ScanTime", "occurred", "YYYY-MM-DD and HHMMSS in the profile's zone"),
        Field("Scan.ScanType", "status, status_raw", "table purolator"),
        Field("Scan.Depot.Name", "location", "the depot's name as said"),
        Field("shipment[].package[].pin", "tracking_number", "else the shipment's `shipmentPin`"),
        Field("events[].dateTime", "occurred", "local, without offset: the profile's zone"),
        Field("events[].code", "status, status_raw", "table purolator"),
        Field("events[].reasonCode", "detail_raw"),
        Field("events[].location", "location", "city, province, country"),
        Field("estimatedDeliveryDate", "estimated_delivery", "on the newest event"),
        Field("searchResult[].status", "–", "another than FOUND is an error of its number"),
        Field("Scan.Description, Comment", "–", "prose: not carried"),
        Field("number, time, code and place", "event_id", "a digest: scans have no id"),
    ),
    (
        "The same scan stands twice in one answer: one event.",
        "ScanType Other says nothing; what it means stands in prose only.",
    ),
    key_rule="the partner and the PIN",
    looks_like=most(
        json_with("TrackingInformation", "Scans", score=90),
        json_with("shipmentPin", "package", "pin", score=90),
        text_with("TrackPackagesByPinResponse", opening="<", score=90),
    ),
)
