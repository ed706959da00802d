"""Reads EDIFACT payloads in tests the way normalize does: split, then each part alone."""

from __future__ import annotations

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.record import Record
from crossdock.formats.registry import FORMATS
from tests.kit.edi_reading import Outcome, changed, file_record, read_all
from tests.kit.edifact_writer import Rows, Style, message

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
    return changed(PROFILE, changes)


def document_record(value: bytes) -> Record:
    """A file as ingest writes it."""
    return file_record("acme/grocer/edifact:file", value)


def outcome_of(value: bytes, partner: PartnerProfile = PROFILE) -> Outcome:
    """Splits a file and reads each part. Raises Rejected where the file cannot be split."""
    return read_all(FORMATS["edifact"], document_record(value), partner)


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
