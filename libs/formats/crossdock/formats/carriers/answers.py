"""What a carrier's answer says of its parcels, while it is read: parcels, details, their times and codes.

Invariant: a detail that does not say when it happened, or not readably, is left out with a warning, since the
others are facts without it; one whose clock alone cannot be read keeps its day, with a warning. No text of
people is taken for a code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected, shown
from crossdock.canonical.models import BusinessTime, PartnerProfile, TrackingLocation, TrackingStatus
from crossdock.canonical.record import Record
from crossdock.formats.carriers.code_tables import Statuses
from crossdock.formats.carriers.moments import (
    Moment,
    ZoneMissing,
    clock_of,
    compact_time,
    day_alone,
    moment,
    offset_of,
)
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, text
from crossdock.formats.json_resource import Placed, members

CODE_CHARACTERS_MAX: Final = 64
"""Longest text that is taken for a carrier's code."""


class Parcel(NamedTuple):
    """One tracking number of an answer, with the object that tells its history.

    Args:
        number: empty where the answer does not name it: then it is that of the record's key.
        carrier: as an aggregator calls it; None is the partner.
        distinction: what tells two shipments under one number apart, where the carrier says it.
        error: code of the error that the carrier states for this number.
    """

    number: str
    node: Node
    path: str
    carrier: str | None = None
    distinction: str | None = None
    error: str | None = None


class Detail(NamedTuple):
    """One detail of a parcel's history that says when it happened."""

    node: Node
    path: str
    at: Moment


class LocalNames(NamedTuple):
    """Names of the fields that a local time is stated in: day, clock and, where there is one, the offset."""

    day: str
    clock: str
    offset: str = ""


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
        self._timed: list[Node] = []
        self.unreadable: Rejected | None = None
        """Why the first of the times that were left out cannot be read."""

    def details_beyond(self, events: int) -> int:
        """How many details that were read, each counted once, are more than this many events."""
        if len(self._timed) <= events:
            return 0
        return len(set(map(repr, self._timed))) - events

    def objects(self, node: Node, name: str, path: str) -> Iterator[Placed]:
        """The objects of a list of details, each with its place; what is none, such as prose, is told."""
        value = node.get(name)
        others = sum(1 for one in (value if isinstance(value, list) else [value]) if _is_prose(one))
        if others:
            detail = f"{others} details are prose, not objects with a time and a code; they are left out"
            self.document.warn("detail_unreadable", detail, f"{path}.{name}")
        yield from members(node, name, path)

    def details(self, node: Node, name: str, path: str, *times: str) -> Iterator[Detail]:
        """The details of a list; `times` are the names of what says when they happened, best first.

        Raises ZoneMissing.
        """
        for one, place in self.objects(node, name, path):
            at = self.time_of(one, place, *times)
            if at is not None:
                yield Detail(one, place, at)

    def local_details(self, node: Node, name: str, path: str, names: LocalNames) -> Iterator[Detail]:
        """The details of a list that state a local time in parts. Raises ZoneMissing."""
        for one, place in self.objects(node, name, path):
            at = self.local_time(one, place, names, text(one, names.offset))
            if at is not None:
                yield Detail(one, place, at)

    def stated(self, *codes: str) -> tuple[str, TrackingStatus | None]:
        """The first of a status's codes that is stated, and what the first known one means."""
        return next(filter(None, codes), ""), self.statuses.of(*codes)

    def time_of(self, node: Node, path: str, *names: str) -> Moment | None:
        """The moment of the first of these fields that is stated; None with a warning where none is."""
        for name in names:
            raw = text(node, name)
            if raw is not None:
                return self._time_of_detail(node, raw, f"{path}.{name}")
        self.document.warn("detail_without_time", "the detail has no time; it is left out", path)
        return None

    def local_time(
        self, node: Node, path: str, names: LocalNames, offset: str | None = None
    ) -> Moment | None:
        """The moment of a day and a clock that stand apart; None with a warning where there is no day."""
        hours = text(node, names.clock)
        clock = None if hours is None else clock_of(hours)
        if hours is not None and clock is None:
            detail = f"{shown(hours)} is no time of day; the day is kept"
            self.document.warn("clock_invalid", detail, f"{path}.{names.clock}")
        east = None if offset is None else offset_of(offset)
        if offset is not None and east is None:
            detail = f"{shown(offset)} is no offset from UTC; the profile's zone is taken"
            self.document.warn("offset_invalid", detail, path)
        whole = compact_time(text(node, names.day), clock, east)
        if whole is None:
            self.document.warn("detail_without_time", "the detail has no date; it is left out", path)
            return None
        return self._time_of_detail(node, whole, f"{path}.{names.day}")

    def _time_of_detail(self, node: Node, raw: str, path: str) -> Moment | None:
        at = self.time(raw, path)
        if at is not None:
            self._timed.append(node)
        return at

    def time(self, raw: str, path: str) -> Moment | None:
        """The moment of a text, a naive one in the profile's zone; None with a warning where it is none.

        Raises ZoneMissing: what only lacks the profile's zone can be read, and is not left out.
        """
        try:
            return moment(raw, path, self._zone)
        except ZoneMissing:
            raise
        except Rejected as refusal:
            day = day_alone(raw)
            if day is not None and self._zone is not None:
                self.document.warn("clock_invalid", "the time of day cannot be read; the day is kept", path)
                return moment(day, path, self._zone)
            self.unreadable = self.unreadable or refusal
            self.document.warn(refusal.code, f"{refusal.detail}; what it dates is left out", refusal.path)
            return None

    def compare(self, at: Moment, universal: str | None, path: str) -> None:
        """Tell where the same moment, stated in UTC too, is another by a minute or more."""
        if universal is None:
            return
        twin = self.time(universal, path)
        between = timedelta(0) if twin is None else at.at.instant - twin.at.instant
        if abs(between) >= timedelta(minutes=1):  # local times often have no seconds
            minutes = int(between / timedelta(minutes=1))
            detail = f"local time and offset are {minutes:+} minutes from the stated UTC; the local is taken"
            self.document.warn("offset_differs", detail, path)

    def estimate(self, raw: str | None, path: str) -> BusinessTime | None:
        """When the parcel should arrive; an unreadable one is None, with a warning."""
        if raw is None:
            return None
        try:
            return moment(raw, path, self._zone).at
        except Rejected as refusal:
            self.document.warn(refusal.code, refusal.detail, refusal.path)
            return None

    def first_estimate(self, node: Node, path: str, *names: str) -> BusinessTime | None:
        """When the parcel should arrive by the first of these fields that is stated."""
        for name in names:
            if text(node, name) is not None:
                return self.estimate(text(node, name), f"{path}.{name}")
        return None


def _is_prose(value: object) -> bool:
    return bool(value) and not isinstance(value, dict)


def tell_error(document: Document, error: str, path: str) -> None:
    """Warn of an error that the carrier states for a number that it does not name."""
    document.warn("carrier_error", f"the carrier states the error {shown(error)} and names no number", path)


def code(node: Node, name: str) -> str:
    """A carrier's code as said; empty where it is absent or prose."""
    found = text(node, name) or ""
    return found if len(found) <= CODE_CHARACTERS_MAX else ""


def listed(node: Node, name: str, path: str = "$") -> list[Placed]:
    """The objects of a list with their places; without the list the object itself, cut out of one."""
    return list(members(node, name, path)) if name in node else [Placed(node, path)]


def part_of(root: Node, *names: str) -> Node:
    """The object within envelopes: each name is entered where it is a member, else passed over."""
    node = root
    for name in names:
        if isinstance(node.get(name), dict):
            node = child(node, name)
    return node


def renamed(node: Node, names: Mapping[str, str]) -> Node:
    """An object of an older generation of an API under the names of the newer: `names` is new to old."""
    return {ours: node[theirs] for ours, theirs in names.items() if theirs in node}
