"""Purolator TrackPackagesByPin (SOAP, or JSON of the same names): `TrackingInformation` with scans.

Invariant: the type of a scan decides its status, never its description; the same scan twice is one event.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import TrackingEvent
from crossdock.formats.carriers.moments import compact_time
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import Answer, CarrierApi, Parcel, Scan, code, part_of
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document
from crossdock.formats.json_fields import child, identity, text
from crossdock.formats.json_resource import members
from crossdock.formats.likeness import json_with, most, text_with

_ENVELOPES: Final = ("Envelope", "Body", "TrackPackagesByPinResponse", "TrackingInformationList")


def _parcels(document: Document) -> Iterator[Parcel]:
    node = part_of(document.root, *_ENVELOPES)
    for information, path in members(node, "TrackingInformation", "$.TrackingInformationList"):
        yield Parcel(identity(child(information, "PIN"), "Value", f"{path}.PIN"), information, path)


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    for node, path in members(child(parcel.node, "Scans"), "Scan", f"{parcel.path}.Scans"):
        day = text(node, "ScanDate")
        if day is None:
            answer.document.warn("detail_without_time", "the scan has no date; it is left out", path)
            continue
        scan_type = code(node, "ScanType")
        yield Scan(
            code=scan_type,
            at=answer.time(compact_time(day, text(node, "ScanTime"), None), f"{path}.ScanDate"),
            status=answer.statuses.of(scan_type),
            location=place(name=text(child(node, "Depot"), "Name")),
        )


_API: Final = CarrierApi("purolator", "purolator_tracking/1", _parcels, _scans)


FORMAT: Final = Format(
    name="purolator_tracking",
    title="Purolator TrackPackagesByPin",
    content_types=("application/xml", "application/json"),
    key=_API.key,
    read=_API.read,
    split=_API.split,
    entities=(TrackingEvent,),
    intake="carrier",
    needs=(),
    field_table=(
        Field("TrackingInformation.PIN.Value", "tracking_number"),
        Field("the partner", "carrier"),
        Field("Scan.ScanDate, ScanTime", "occurred", "YYYY-MM-DD and HHMMSS in the profile's zone"),
        Field("Scan.ScanType", "status, status_raw", "table purolator"),
        Field("Scan.Depot.Name", "location", "the depot's name as said"),
        Field("Scan.Description, Comment", "–", "prose: not carried"),
        Field("number, time, code and place", "event_id", "a digest: scans have no id"),
    ),
    quirks=(
        "The same scan stands twice in one answer: one event.",
        "ScanType Other says nothing; what it means stands in prose only.",
    ),
    key_rule="the partner and the PIN",
    revision_rule="none: scans are merged by milestone",
    looks_like=most(
        json_with("TrackingInformation", "Scans", score=90),
        text_with("TrackPackagesByPinResponse", opening="<", score=90),
    ),
)
