"""IFTSTA: what a carrier or forwarder says about consignments and packages, one event per status.

Invariant: a code that neither the profile nor Recommendation 24's table knows stays raw with status
`unknown`; a package that is named gets an event of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.errors import RejectionCode, shown
from crossdock.canonical.models import (
    BusinessTime,
    Extension,
    PartnerProfile,
    TrackingEvent,
    TrackingLocation,
    TrackingStatus,
    ZoneSource,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.edi.sscc import is_sscc, sscc_of
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.groups import reference_of
from crossdock.formats.edifact.report import Report
from crossdock.formats.edifact.segment import Segment

_HAPPENED: Final = ("334", "78", "7", "5", "35", "178", "186", "1", "9")
"""Data element 2005: status change, event, effective, …"""
_EXPECTED: Final = ("17", "132", "358", "191")
_ISSUED: Final = ("137",)
_PACKAGES: Final = ("CW", "AAT", "BN", "PK")
"""Data element 1153: package number."""
_CONSIGNMENTS: Final = ("CN", "AAM", "AWB", "BM", "CU", "CRN", "SRN", "DQ")
"""Data element 1153: carrier's reference, waybill, …; stand in for an empty CNI02."""
_ZONED: Final = frozenset({"205", "301", "303", "304"})
_ALPHA: Final = 2
_KEPT: Final = frozenset({"EQD", "TDT", "CNT", "MEA", "GID", "SEL", "DIM"})
"""Segments of a status that no field holds and that are never personal."""
_KEPT_MAX: Final = 20
"""Each package of a status repeats its references, and what else is kept: no more than these."""


@dataclass(slots=True)
class _Status:
    """An STS group."""

    sts: Segment
    consignment: str
    dates: dict[str, Segment] = field(default_factory=dict)
    references: list[Segment] = field(default_factory=list)
    location: Segment | None = None
    packages: list[str] = field(default_factory=list)
    others: list[Segment] = field(default_factory=list)

    def numbers(self, of_message: list[Segment]) -> list[str]:
        """Packages that are named, else the consignment, else what the message names, else the equipment."""
        if self.packages:
            return list(dict.fromkeys(self.packages))
        number = (
            _named(self.references, _PACKAGES) or self.consignment or _named(self.references, _CONSIGNMENTS)
        )
        number = number or _named(of_message, _PACKAGES + _CONSIGNMENTS) or self._equipment()
        return [number] if number else []

    def _equipment(self) -> str:
        """Number of the first container or vehicle that the status speaks of."""
        return next((one.get(2) for one in self.others if one.tag == "EQD" and one.get(2)), "")


def _named(references: list[Segment], wanted: tuple[str, ...]) -> str:
    """Number of the first RFF with one of these 1153 codes; empty where there is none."""
    rff = reference_of(references, *wanted)
    return "" if rff is None else rff.get(1, 2)


class _Scan:
    """The groups of one IFTSTA."""

    def __init__(self, document: Document) -> None:
        self.bgm = document.first("BGM")
        self.dates: dict[str, Segment] = {}
        self.statuses: list[_Status] = []
        self.references: list[Segment] = []
        """Those of the message, before its first consignment."""
        self._before = _Status(document.segments[0], "")
        """What was said of the message or consignment before its first status."""
        self._is_open = False
        for segment in document.segments:
            self._take(segment)

    def _take(self, segment: Segment) -> None:
        if segment.tag == "CNI":
            if not self.statuses and not self._before.consignment:
                self.references += self._before.references
            self._before, self._is_open = _Status(segment, segment.get(2)), False
        elif segment.tag == "STS":
            before = self._before
            self.statuses.append(
                _Status(segment, before.consignment, references=[*before.references], others=[*before.others])
            )
            self._is_open = True
        elif segment.tag == "DTM":
            dates = self.statuses[-1].dates if self._is_open else self.dates
            dates.setdefault(segment.code(1), segment)
        else:
            self._add(segment, self.statuses[-1] if self._is_open else self._before)

    def _add(self, segment: Segment, status: _Status) -> None:
        """What is said of a status, or of all that follow."""
        if segment.tag == "RFF":
            status.references.append(segment)
        elif segment.tag == "LOC" and self._is_open:
            status.location = status.location or segment
        elif segment.tag == "GIN" and self._is_open:
            parts = [segment.get(at, part) for at in range(2, len(segment.row)) for part in (1, 2)]
            status.packages += [_package(part) for part in parts if part]
        elif segment.tag in _KEPT:
            status.others.append(segment)


def _package(number: str) -> str:
    """An SSCC without its application identifier; any other number as said."""
    digits = sscc_of(number)
    return digits if digits is not None and is_sscc(digits) else number


def read_iftsta(document: Document, record: Record, profile: PartnerProfile) -> Reading:
    """The tracking events of a status report. Raises Rejected with the place."""
    report = Report(document, record, profile)
    scan = _Scan(document)
    if not scan.statuses:
        raise document.segments[-1].refuse(RejectionCode.FIELD_INVALID, "the report has no STS segment")
    reader = _Reader(report, scan)
    events = [event for status in scan.statuses for event in reader.events(status)]
    distinct = {(one.event_id, one.extensions): one for one in events}
    return report.reading(list(distinct.values()), is_original=False)


class _Reader:
    """Makes the events of one scanned IFTSTA."""

    def __init__(self, report: Report, scan: _Scan) -> None:
        self._report = report
        self._scan = scan

    def events(self, status: _Status) -> Iterator[TrackingEvent]:
        """One event per package, or one of the consignment. Raises Rejected where neither is named."""
        numbers = status.numbers(self._scan.references)
        if not numbers:
            number = self._scan.bgm.get(2) if self._scan.bgm is not None else ""
            if not number:
                detail = "neither CNI02, RFF nor GIN names the consignment or package of this status"
                raise status.sts.refuse(RejectionCode.ID_MISSING, detail)
            numbers = [number]
        for number in numbers:
            yield self._event(status, number)

    def _event(self, status: _Status, number: str) -> TrackingEvent:
        report, partner = self._report, self._report.names[1]
        occurred, is_stated = self._occurred(status)
        raw, detail = _raw(status.sts), status.sts.get(3) or status.sts.get(3, 4)
        place = _location(status.location)
        content = "\n".join([number, occurred.instant.isoformat(), raw, detail, str(place)])
        kept = tuple(
            Extension(name=f"RFF.{rff.get(1)}", value=rff.rest())
            for rff in status.references[:_KEPT_MAX]
            if rff.rest()
        )
        kept += tuple(
            Extension(name=one.tag, value=one.joined()) for one in status.others[:_KEPT_MAX] if one.joined()
        )
        head = report.head((partner, number), number, occurred, extensions=kept)
        return TrackingEvent.model_validate(
            head
            | {
                "tracking_number": number,
                "carrier": partner,
                "event_id": hashlib.sha256(content.encode()).hexdigest()[:32],
                "status": self._status(status.sts, raw),
                "status_raw": raw,
                "detail_raw": detail,
                "zone_source": ZoneSource.STATED if is_stated else ZoneSource.PROFILE,
                "location": place,
                "estimated_delivery": report.moment(status.dates, *_EXPECTED),
            }
        )

    def _occurred(self, status: _Status) -> tuple[BusinessTime, bool]:
        for code in _HAPPENED:
            found = self._report.moment(status.dates, code)
            if found is not None:
                return found, status.dates[code].get(1, 3) in _ZONED
        said = self._report.moment(self._scan.dates, *_HAPPENED, *_ISSUED)
        if said is None:
            return self._report.occurred_on(None, "when the status came about"), False
        detail = "the status has no readable date of its own; the message's is taken"
        self._report.document.warn("status_date_missing", detail, status.sts.path())
        return said, False

    def _status(self, sts: Segment, raw: str) -> TrackingStatus:
        profile = self._report.profile
        named = profile.status_map.fulfillment.get(raw)
        table = profile.status_map.carrier_codes
        if named is None and isinstance(table, dict):
            named = table.get(raw)
        if named is not None:
            return TrackingStatus(named)
        found = codes.TRANSPORT_STATUS.get(raw)
        if found is None:
            detail = f"status code {shown(raw)} is not in the table; map it in the profile's status_map"
            self._report.document.warn("status_unknown", detail, sts.path(2, 1))
        return found or TrackingStatus.UNKNOWN


def _raw(sts: Segment) -> str:
    """The status code: C555, in the oldest directories the first element; as a whole where it has parts."""
    return sts.get(2) or sts.get(2, 4) or ":".join(sts.texts(1))


def _location(loc: Segment | None) -> TrackingLocation | None:
    """Place of a LOC: its name; its UN/LOCODE or the place that it belongs to gives the country."""
    if loc is None:
        return None
    code, name = loc.get(2), loc.get(2, 4)
    is_locode = len(code) == 5 and code.isascii() and code[:_ALPHA].isalpha() and code.isupper()
    if not code and not name:
        return None
    around = (loc.get(3) or loc.get(3, 4)).upper()
    country = code[:_ALPHA] if is_locode else around
    is_country = len(country) == _ALPHA and country.isascii() and country.isalpha()
    return TrackingLocation(name=name or code, country=country if is_country else None)
