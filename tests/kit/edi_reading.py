"""Reads EDI payloads in tests the way normalize does: split, then each part alone; and damages them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Entity, ExchangeEvent, Order, PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.declaration import Format

E = TypeVar("E")
CAPTURED_MS = 1_767_600_000_000
"""2026-01-05T08:00:00Z."""


def changed(base: PartnerProfile, changes: dict[str, object]) -> PartnerProfile:
    """A profile with other top-level sections; None removes one."""
    document = base.model_dump(exclude_unset=True) | changes
    stated = {name: value for name, value in document.items() if value is not None}
    return PartnerProfile.model_validate(stated)


def file_record(key: str, value: bytes) -> Record:
    """A file as ingest writes it."""
    return Record("raw.document.v1", 0, 7, key.encode(), value, (), CAPTURED_MS)


def part_record(key: str, value: bytes) -> Record:
    """A part as normalize writes it."""
    return Record("raw.transaction-set.v1", 0, 7, key.encode(), value, (), CAPTURED_MS)


@dataclass
class Outcome:
    """Everything that came of one file."""

    split: Reading
    keys: list[str] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    refusals: list[Rejected] = field(default_factory=list)

    @property
    def entities(self) -> list[Entity]:
        """Entities in document order."""
        return [entity for reading in self.readings for entity in reading.entities]

    @property
    def orders(self) -> list[Order]:
        """Orders in document order."""
        return self.all(Order)

    @property
    def order(self) -> Order:
        """The one order; fails where there is not exactly one."""
        return self.one(Order)

    def all(self, kind: type[E]) -> list[E]:
        """Entities of one kind."""
        everything: list[object] = [*self.entities]
        return [entity for entity in everything if isinstance(entity, kind)]

    def one(self, kind: type[E]) -> E:
        """The one entity of a kind; fails where there is not exactly one."""
        assert not self.refusals, self.refusals
        (entity,) = self.all(kind)
        return entity

    @property
    def refusal(self) -> Rejected:
        """The one refusal; fails where there is not exactly one."""
        (refusal,) = self.refusals
        return refusal

    @property
    def warnings(self) -> set[str]:
        """Codes of all warnings, of the file and of its messages."""
        return {warning.code for reading in (self.split, *self.readings) for warning in reading.warnings}

    @property
    def events(self) -> list[ExchangeEvent]:
        """Exchange events of the file itself."""
        entities: tuple[object, ...] = self.split.entities
        return [event for event in entities if isinstance(event, ExchangeEvent)]


def read_all(form: Format, record: Record, partner: PartnerProfile) -> Outcome:
    """Splits a file and reads each part. Raises Rejected where the file cannot be split."""
    assert form.split is not None
    outcome = Outcome(form.split(record, partner))
    for part in outcome.split.parts:
        outcome.keys.append(part.key)
        try:
            outcome.readings.append(form.read(part_record(part.key, part.value), partner))
        except Rejected as refusal:
            outcome.refusals.append(refusal)
    return outcome


def orders_said(outcome: Outcome) -> Counter[str]:
    """What the orders say, without the envelope."""
    excluded = {"source", "revision", "occurred"}
    return Counter(order.model_dump_json(exclude=excluded) for order in outcome.orders)


def told(outcome: Outcome) -> set[object]:
    """Everything that a person would see of oddities, with their figures."""
    warnings = {(w.code, w.detail) for one in (outcome.split, *outcome.readings) for w in one.warnings}
    return warnings | {(v.code, v.subject, v.difference) for order in outcome.orders for v in order.variances}


def is_same_or_told(before: Outcome, after: Outcome) -> bool:
    """Whether damage changed no order, was refused, or is told of."""
    is_same = orders_said(after) == orders_said(before)
    return is_same or bool(after.refusals) or bool(told(after) - told(before))


def without_one_segment(data: st.DataObject, text: str, separator: str) -> str:
    """The text without one of its segments."""
    segments = text.split(separator)
    at = data.draw(st.integers(0, len(segments) - 1))
    return separator.join(segments[:at] + segments[at + 1 :])


def damaged_bytes(data: st.DataObject, payload: bytes) -> bytes:
    """The payload with one to four bytes or stretches changed; never empty."""
    value = bytearray(payload)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(value) - 1))
        kind = data.draw(st.sampled_from(["set", "cut", "insert", "truncate"]))
        if kind == "set":
            value[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del value[at : at + data.draw(st.integers(1, 40))]
        elif kind == "insert":
            value[at:at] = data.draw(st.binary(min_size=1, max_size=6))
        else:
            del value[max(at, 1) :]
        value = value or bytearray(b" ")
    return bytes(value)


def assert_counted(outcome: Outcome, results: int) -> None:
    """Each message of the file has come out as one of the results or as one refusal."""
    assert len(outcome.split.parts) == results + len(outcome.refusals)
    assert sum(len(event.documents) for event in outcome.events) <= len(outcome.split.parts)
    assert all(refusal.path and refusal.detail for refusal in outcome.refusals)
