"""Reads X12 payloads in tests the way normalize does: split, then each part alone."""

from __future__ import annotations

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.record import Record
from crossdock.formats.registry import FORMATS
from tests.kit.edi_reading import Outcome, changed, file_record, read_all

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
    return changed(PROFILE, changes)


def document_record(value: bytes) -> Record:
    """A file as ingest writes it."""
    return file_record("acme/dist/x12:file", value)


def outcome_of(value: bytes, partner: PartnerProfile = PROFILE) -> Outcome:
    """Splits a file and reads each part. Raises Rejected where the file cannot be split."""
    return read_all(FORMATS["x12_850"], document_record(value), partner)
