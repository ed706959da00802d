"""Reads X12 payloads in tests the way normalize does: split, then each part alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import ExchangeEvent, Order, PartnerProfile
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.registry import FORMATS

CAPTURED_MS = 1_767_600_000_000
"""2026-01-05T08:00:00Z."""
PROFILE_TEXT = """
tenant: acme
partner: dist
kind: edi_partner
format: x12_850
channel: {commitment: requested, zone: America/Chicago}
money: {currency: USD, amounts: major_text, tax_mode: exclusive}
units: {CS: {unit: EA, factor: 12}, SK: {unit: LBR, factor: 50}}
items: {match: [sku, vendor_part, gtin]}
exchange:
  transport: folder
  sender: "ZZ:ACME"
  receiver: "01:PARTNER"
  versions: ["004010"]
  documents_in: ["850"]
"""
PROFILE = parse_profile(PROFILE_TEXT)


def profile(**changes: object) -> PartnerProfile:
    """The profile of the tests with other top-level sections; None removes one."""
    document = PROFILE.model_dump(exclude_unset=True) | changes
    stated = {name: value for name, value in document.items() if value is not None}
    return PartnerProfile.model_validate(stated)


def document_record(value: bytes) -> Record:
    """A file as ingest writes it."""
    return Record("raw.document.v1", 0, 7, b"acme/dist/x12:file", value, (), CAPTURED_MS)


def set_record(key: str, value: bytes) -> Record:
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
    def orders(self) -> list[Order]:
        """Orders in document order."""
        return [order for reading in self.readings for order in reading.entities if isinstance(order, Order)]

    @property
    def order(self) -> Order:
        """The one order; fails where there is not exactly one."""
        assert not self.refusals, self.refusals
        (order,) = self.orders
        return order

    @property
    def warnings(self) -> set[str]:
        """Codes of all warnings, of the file and of its sets."""
        readings = [self.split, *self.readings]
        return {warning.code for reading in readings for warning in reading.warnings}

    @property
    def events(self) -> list[ExchangeEvent]:
        """Exchange events of the file."""
        entities: tuple[object, ...] = self.split.entities
        return [event for event in entities if isinstance(event, ExchangeEvent)]


def outcome_of(value: bytes, partner: PartnerProfile = PROFILE) -> Outcome:
    """Splits a file and reads each part. Raises Rejected where the file cannot be split."""
    x12_850 = FORMATS["x12_850"]
    assert x12_850.split is not None
    outcome = Outcome(x12_850.split(document_record(value), partner))
    for part in outcome.split.parts:
        outcome.keys.append(part.key)
        try:
            outcome.readings.append(x12_850.read(set_record(part.key, part.value), partner))
        except Rejected as refusal:
            outcome.refusals.append(refusal)
    return outcome
