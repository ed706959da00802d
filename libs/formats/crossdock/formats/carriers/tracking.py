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
from typing import Final, NamedTuple, TypeVar

from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.keys import split_key
from crossdock.canonical.models import (
    BusinessTime,
    Extension,
    PartnerProfile,
    TrackingEvent,
    TrackingLocation,
    TrackingStatus,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.carriers.code_tables import Statuses
from crossdock.formats.carriers.moments import Moment, moment
from crossdock.formats.entity_reading import Head, reading_of_entities
from crossdock.formats.json_document import Document, Node, read_document
from crossdock.formats.json_documents import ORDER_ARRAYS, split_json
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.json_resource import via
from crossdock.formats.xml_document import is_xml, xml_document

T = TypeVar("T")
_KIND: Final = "tracking:"
CODE_CHARACTERS_MAX: Final = 64
"""Longest text that is taken for a carrier's code."""


class Parcel(NamedTuple):
    """One tracking number of an answer, with the object that tells its history.

    Args:
        number: empty where the answer does not name it: then it is that of the record's key.
        carrier: as an aggregator calls it; None is the partner.
        distinction: what tells two shipments under one number apart, where the carrier says it.
    """

    number: str
    node: Node
    path: str
    carrier: str | None = None
    distinction: str | None = None


@dataclass(slots=True)
class Scan:
    """One detail as said; `code` and `detail` are raw, `event_id` empty where the source has none."""

    code: str
    at: Moment
    status: TrackingStatus | None
    detail: str = ""
    event_id: str = ""
    location: TrackingLocation | None = None
    is_conflict: bool = False


class Answer:
    """One payload of one partner while it is read."""

    def __init__(self, document: Document, record: Record, profile: PartnerProfile, table: str) -> None:
        self.document = document
        self.record = record
        self.statuses = Statuses(profile, table)
        self._zone = profile.business_zone

    def time(self, raw: object, path: str, zone: str | None = None) -> Moment:
        """The moment of a detail; a naive one is in `zone`, else in the profile's.

        Raises Rejected TIME_INVALID.
        """
        return moment(raw, path, zone, self._zone)

    def time_where_stated(self, node: Node, name: str, path: str) -> Moment | None:
        """The moment of a field, None with a warning where it is empty."""
        raw = text(node, name)
        if raw is None:
            self.document.warn("detail_without_time", "the detail has no time; it is left out", path)
            return None
        return self.time(raw, f"{path}.{name}")

    def estimate(self, raw: str | None, path: str) -> BusinessTime | None:
        """When the parcel should arrive; an unreadable one is None, with a warning."""
        if raw is None:
            return None
        try:
            return self.time(raw, path).at
        except Rejected as refusal:
            self.document.warn(refusal.code, refusal.detail, refusal.path)
            return None


@dataclass(frozen=True, slots=True)
class CarrierApi:
    """How one API tells the history of parcels.

    Args:
        system: name of the outside system, and of the code table that its codes are read by.
        mapping_version: of the module.
        parcels: the parcels of an answer, in its order; raises Rejected where one has no number.
        scans: the details of one parcel.
        estimate: when a parcel should arrive.
        current: code of the parcel's own status, empty where the API has none; it is only compared.
        wrappers: names of lists of parcels, each of which is a document of its own.
        own_arrays: arrays that a parcel has itself, so that it is no such list.
    """

    system: str
    mapping_version: str
    parcels: Callable[[Document], Iterable[Parcel]]
    scans: Callable[[Answer, Parcel], Iterable[Scan]]
    estimate: Callable[[Answer, Parcel], BusinessTime | None] = field(default=lambda _, __: None)
    current: Callable[[Parcel], str] = field(default=lambda _: "")
    wrappers: tuple[str, ...] = ()
    own_arrays: tuple[str, ...] = ORDER_ARRAYS

    def key(self, record: Record) -> str | None:
        """`tracking:<number>` of the first parcel, None where none can be read."""
        try:
            parcel = _mapped(record, lambda document: next(iter(self.parcels(document)), None))
        except Rejected:
            return None
        return f"{_KIND}{parcel.number}" if parcel is not None and parcel.number else None

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
        """Warn of a parcel without a history, and of one whose own status no detail repeats."""
        if not scans:
            answer.document.warn("no_details", "the parcel has no history yet", parcel.path)
            return
        current = self.current(parcel)
        meaning = answer.statuses.of(current)
        if meaning is not None and meaning not in {scan.status for scan in scans} - {None}:
            detail = f"the parcel's own status {shown(current)} is in none of its details"
            answer.document.warn("status_differs", detail, parcel.path)

    def _event(
        self, answer: Answer, parcel: Parcel, scan: Scan, estimated: BusinessTime | None
    ) -> TrackingEvent:
        if scan.status is None:
            detail = f"{shown(scan.code)} is neither in the carrier's table nor in status_map of the profile"
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
    named = split_key(record.key or b"")[-1]
    if not named.startswith(_KIND):
        detail = f"the answer names no parcel; put its number into the record's key as {_KIND}<number>"
        raise Rejected(RejectionCode.ID_MISSING, detail, parcel.path)
    return parcel._replace(number=named.removeprefix(_KIND))


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


def code(node: Node, name: str) -> str:
    """A carrier's code as said; empty where it is absent or prose."""
    found = text(node, name) or ""
    return found if len(found) <= CODE_CHARACTERS_MAX else ""


def listed(node: Node, name: str, path: str = "$") -> list[tuple[Node, str]]:
    """The objects of a list with their paths; without the list the object itself, cut out of one."""
    if name not in node:
        return [(node, path)]
    return [(one, f"{path}.{name}[{index}]") for index, one in enumerate(children(node, name))]


def part_of(root: Node, *names: str) -> Node:
    """The object within envelopes: each name is entered where it is a member, else passed over."""
    node = root
    for name in names:
        if isinstance(node.get(name), dict):
            node = child(node, name)
    return node
