"""Purolator TrackPackagesByPin (SOAP, or JSON of the same names): `TrackingInformation` with scans.

Invariant: the type of a scan decides its status, never its description; the same scan twice is one event.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import PartnerProfile, TrackingEvent
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.carriers.moments import compact_time
from crossdock.formats.carriers.places import place
from crossdock.formats.carriers.tracking import Answer, CarrierApi, Parcel, Scan, code, part_of
from crossdock.formats.declaration import Field, Format
from crossdock.formats.json_document import Document
from crossdock.formats.json_documents import split_json
from crossdock.formats.json_fields import child, children, identity, text
from crossdock.formats.likeness import json_with, most, text_with

_ENVELOPES: Final = ("Envelope", "Body", "TrackPackagesByPinResponse", "TrackingInformationList")


def _parcels(document: Document) -> Iterator[Parcel]:
    node = part_of(document.root, *_ENVELOPES)
    for index, information in enumerate(children(node, "TrackingInformation")):
        path = f"$.TrackingInformationList.TrackingInformation[{index}]"
        yield Parcel(identity(child(information, "PIN"), "Value", f"{path}.PIN"), information, path)


def _scans(answer: Answer, parcel: Parcel) -> Iterator[Scan]:
    for index, node in enumerate(children(child(parcel.node, "Scans"), "Scan")):
        path = f"{parcel.path}.Scans.Scan[{index}]"
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


_API: Final = CarrierApi("purolator", "purolator", "purolator_tracking/1", _parcels, _scans)


def split(record: Record, _: PartnerProfile) -> Reading:
    """The answers of a file: an array or JSON lines."""
    return split_json(record, _API.key, kind="tracking", wrappers=())


FORMAT: Final = Format(
    name="purolator_tracking",
    title="Purolator TrackPackagesByPin",
    content_types=("application/xml", "application/json"),
    key=_API.key,
    read=_API.read,
    split=split,
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
