"""From the details of a parcel's history to tracking events, the same for every carrier.

Invariant: one detail is one event, whatever the order of the details; the same detail twice is one event.
An event that is stamped before older ones stays as it was stamped. No text of people is carried: messages
of carriers name who took a parcel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeVar

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    BusinessTime,
    Extension,
    PartnerProfile,
    TrackingEvent,
    TrackingStatus,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.carriers.answers import Answer, Parcel, Scan
from crossdock.formats.declaration import Field, Format
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.json_document import Document, read_document
from crossdock.formats.json_documents import ORDER_ARRAYS, split_json
from crossdock.formats.json_resource import via
from crossdock.formats.xml_document import is_xml, xml_document

T = TypeVar("T")
_KIND: Final = "tracking:"
_DIGEST: Final = "sha256-"
"""How the name of a payload that names nothing begins."""
Current = tuple[str, TrackingStatus | None]
"""A status as said, empty where there is none, and what it means."""
JSON: Final = ("application/json",)
XML_TOO: Final = ("application/xml", "application/json")


@dataclass(frozen=True, slots=True)
class CarrierApi:
    """How one API tells the history of parcels.

    Args:
        system: name of the outside system, and of the code table that its codes are read by.
        mapping_version: of the module: its name and a number.
        parcels: the parcels of an answer, in its order; raises Rejected where one has no number.
        scans: the details of one parcel.
        estimate: when a parcel should arrive.
        current: the parcel's own status, raw and what it means; it is only compared.
        wrappers: names of lists of parcels, each of which is a document of its own.
        own_arrays: arrays that a parcel has itself, so that it is no such list.
        content_types: media types that its answers have.
    """

    system: str
    mapping_version: str
    parcels: Callable[[Document], Iterable[Parcel]]
    scans: Callable[[Answer, Parcel], Iterable[Scan]]
    estimate: Callable[[Answer, Parcel], BusinessTime | None] = field(default=lambda _, __: None)
    current: Callable[[Answer, Parcel], Current] = field(default=lambda _, __: ("", None))
    wrappers: tuple[str, ...] = ()
    own_arrays: tuple[str, ...] = ORDER_ARRAYS
    content_types: tuple[str, ...] = JSON

    def format(
        self,
        title: str,
        field_table: tuple[Field, ...],
        quirks: tuple[str, ...],
        *,
        key_rule: str,
        looks_like: Callable[[bytes], int],
    ) -> Format:
        """The format of this API's answers, with what every carrier's format has."""
        return Format(
            name=self.mapping_version.partition("/")[0],
            title=title,
            content_types=self.content_types,
            key=self.key,
            read=self.read,
            split=self.split,
            entities=(TrackingEvent,),
            intake="carrier",
            needs=(),
            field_table=field_table,
            quirks=quirks,
            key_rule=key_rule,
            revision_rule="none: details are merged by milestone",
            looks_like=looks_like,
        )

    def key(self, record: Record) -> str | None:
        """`tracking:<number>` of the first parcel, None where none can be read."""
        try:
            parcel = _mapped(record, lambda document: next(iter(self.parcels(document)), None))
        except Rejected:
            return None
        number = parcel and (parcel.number or _named(record))
        return f"{_KIND}{number}" if number else None

    def split(self, record: Record, _: PartnerProfile) -> Reading:
        """The parcels of a list and the answers of a file: an array, a list of `wrappers`, JSON lines."""
        kind = _KIND.rstrip(":")
        return split_json(record, self.key, kind=kind, wrappers=self.wrappers, own_arrays=self.own_arrays)

    def read(self, record: Record, profile: PartnerProfile) -> Reading:
        """The tracking events of a payload, by time. Raises Rejected."""
        return _mapped(record, lambda document: self._reading(Answer(document, record, profile, self.system)))

    def _reading(self, answer: Answer) -> Reading:
        events: dict[tuple[str, str], TrackingEvent] = {}
        parcels = [_numbered(parcel, answer.record) for parcel in self.parcels(answer.document)]
        if not parcels:
            detail = "the answer holds no parcel; send answers with a tracking number, not errors"
            raise Rejected(RejectionCode.ID_MISSING, detail, "$")
        for parcel in parcels:
            for event in self._events(answer, parcel):
                events.setdefault((event.key, event.event_id), event)
        alike = answer.details_beyond(len(events))
        if alike > 0:
            detail = f"{alike} details differ from another in prose alone: one event each time"
            answer.document.warn("details_alike", detail, parcels[0].path)
        if not events and answer.unreadable is not None:
            raise answer.unreadable
        if not events and all(parcel.error for parcel in parcels):
            detail = f"the carrier states the error {shown(parcels[0].error or '')} and no history: no parcel"
            raise Rejected(RejectionCode.ID_MISSING, detail, parcels[0].path)
        ordered = sorted(events.values(), key=lambda event: (event.occurred.instant, event.event_id))
        return reading_of_entities(ordered, answer.record, warnings=answer.document.warnings)

    def _events(self, answer: Answer, parcel: Parcel) -> Iterator[TrackingEvent]:
        """One event per identity; which of the details is the newest does not depend on their order."""
        scans: dict[str, Scan] = {}
        for scan in self.scans(answer, parcel):
            event_id = scan.event_id or _digest(parcel, scan)
            scans[event_id] = _one_of(scans.get(event_id), scan, answer.document, parcel.path)
        self._tell(answer, parcel, scans.values())
        newest = max(scans, key=lambda name: (scans[name].at.at.instant, name), default=None)
        for event_id, scan in scans.items():
            estimated = self.estimate(answer, parcel) if event_id == newest else None
            scan.event_id = event_id
            yield self._event(answer, parcel, scan, estimated)

    def _tell(self, answer: Answer, parcel: Parcel, scans: Collection[Scan]) -> None:
        """Warn of an error, of a parcel without a history, of one whose own status no detail has."""
        if parcel.error is not None:
            detail = f"the carrier states the error {shown(parcel.error)} for this number"
            answer.document.warn("carrier_error", detail, parcel.path)
            return
        current, meaning = self.current(answer, parcel)
        if not scans:
            said = f"; its own status {shown(current)} says not since when" if current else ""
            answer.document.warn(
                "no_details", f"the answer tells no history of the parcel{said}", parcel.path
            )
            return
        is_repeated = any(scan.status is meaning or (current and scan.code == current) for scan in scans)
        if meaning is not None and not is_repeated:
            detail = f"the parcel's own status {shown(current)} is in none of its details"
            answer.document.warn("status_differs", detail, parcel.path)

    def _event(
        self, answer: Answer, parcel: Parcel, scan: Scan, estimated: BusinessTime | None
    ) -> TrackingEvent:
        if scan.status is None:
            detail = "a detail states no code"
            if scan.code:
                detail = (
                    f"{shown(scan.code)} is neither in the carrier's table nor in the profile's status_map"
                )
            answer.document.warn("status_unknown", detail, parcel.path)
        carrier = parcel.carrier or split_key(answer.record.key or b"")[1]
        head = Head(
            segments=(carrier, parcel.number),
            system=self.system,
            object_type="tracking_event",
            object_id=scan.event_id,
            occurred=scan.at.at,
            mapping_version=self.mapping_version,
            via=via(answer.record),
            extensions=_distinction(parcel.distinction),
        )
        content: dict[str, object] = {
            **head.fields(answer.record),
            "tracking_number": parcel.number,
            "carrier": carrier,
            "event_id": scan.event_id,
            "status": scan.status or TrackingStatus.UNKNOWN,
            "status_raw": scan.code,
            "detail_raw": scan.detail,
            "zone_source": scan.at.zone_source,
            "location": scan.location,
            "is_status_conflict": scan.is_conflict,
            "estimated_delivery": estimated,
        }
        return TrackingEvent.model_validate(content)


def _numbered(parcel: Parcel, record: Record) -> Parcel:
    if parcel.number:
        return parcel
    named = _named(record)
    if not named:
        detail = f"the answer names no parcel; put its number into the record's key as {_KIND}<number>"
        raise Rejected(RejectionCode.ID_MISSING, detail, parcel.path)
    return parcel._replace(number=named)


def _named(record: Record) -> str:
    """The number that the record's key says; empty where that is another name or a digest of the payload."""
    named = split_key(record.key or b"")[-1]
    number = named.removeprefix(_KIND)
    return "" if number == named or number.startswith(_DIGEST) else number


def _mapped(record: Record, mapping: Callable[[Document], T]) -> T:
    value = record.value
    if value is not None and is_xml(value):
        return mapping(xml_document(value))
    return read_document(value, mapping)


def _one_of(earlier: Scan | None, scan: Scan, document: Document, path: str) -> Scan:
    """Of two details with one identity the one that happened first; it is told where they differ."""
    if earlier is None or earlier == scan:
        return scan
    document.warn("event_repeated", "two details have one id and differ; the older is kept", path)
    return min(earlier, scan, key=lambda one: (one.at.at.instant, one.code, one.detail, str(one.location)))


def _digest(parcel: Parcel, scan: Scan) -> str:
    """Identity of a detail that has none: number, time, code and place."""
    place = scan.location
    where = () if place is None else (place.name, place.city, place.region, place.country)
    parts = (parcel.number, scan.at.at.instant.isoformat(), scan.code, scan.detail, *where)
    return hashlib.sha256("\n".join(part or "" for part in parts).encode()).hexdigest()[:32]


@lru_cache(maxsize=256)
def _distinction(value: str | None) -> tuple[Extension, ...]:
    return () if value is None else (Extension(name="shipment_distinction", value=value),)
