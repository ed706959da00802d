"""Reads EDIFACT payloads in tests the way normalize does: split, then each part alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Entity, ExchangeEvent, Order, PartnerProfile
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.registry import FORMATS
from tests.kit.edifact_writer import Rows, Style, message

E = TypeVar("E")
CAPTURED_MS = 1_767_600_000_000
"""2026-01-05T08:00:00Z."""
PROFILE = parse_profile(
    """
tenant: acme
partner: grocer
kind: edi_partner
format: edifact
channel: {commitment: requested, zone: Europe/Berlin}
money: {currency: EUR, amounts: major_text, tax_mode: exclusive}
units: {CT: {unit: EA, factor: 12}}
items: {match: [sku, vendor_part, gtin]}
exchange:
  transport: folder
  sender: "14:9900000000028"
  receiver: "14:9900000000011"
  versions: ["D96A"]
"""
)


def profile(**changes: object) -> PartnerProfile:
    """The profile of the tests with other top-level sections; None removes one."""
    document = PROFILE.model_dump(exclude_unset=True) | changes
    return PartnerProfile.model_validate(
        {name: value for name, value in document.items() if value is not None}
    )


def document_record(value: bytes) -> Record:
    """A file as ingest writes it."""
    return Record("raw.document.v1", 0, 7, b"acme/grocer/edifact:file", value, (), CAPTURED_MS)


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


def outcome_of(value: bytes, partner: PartnerProfile = PROFILE) -> Outcome:
    """Splits a file and reads each part. Raises Rejected where the file cannot be split."""
    form = FORMATS["edifact"]
    assert form.split is not None
    outcome = Outcome(form.split(document_record(value), partner))
    for part in outcome.split.parts:
        outcome.keys.append(part.key)
        try:
            outcome.readings.append(form.read(part_record(part.key, part.value), partner))
        except Rejected as refusal:
            outcome.refusals.append(refusal)
    return outcome


def read(rows: Rows, message_type: str = "ORDERS", partner: PartnerProfile = PROFILE) -> Outcome:
    """What comes of a file of one message."""
    return outcome_of(message(rows, message_type), partner)


def rows_of(text: str) -> Rows:
    """Segments of one message as people write them: one a line, `+` and `:`."""
    style = Style()
    return [
        [one.split(style.component) if style.component in one else one for one in line.strip().split("+")]
        for line in text.strip().splitlines()
    ]
