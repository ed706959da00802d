"""Refusals of a record, with stable codes.

    Rejected                 the record's fault: becomes a dead letter and holds its key
    └── (code, detail, path) code is a RejectionCode; detail is for people and holds no personal data
    Waiting                  the record is fine, something it refers to has not come yet

A refusal names the field, the rule and the fix; it never repeats a value that may be personal.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Final

DETAIL_CHARACTERS_MAX: Final = 2_000
PATH_CHARACTERS_MAX: Final = 300
"""What a refusal may say; it is kept beside the record in rows that have a size limit."""
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}|[A-Za-z0-9]{1,6}|-[0-9]{1,10}")
"""A word, a short number or one below zero: never a telephone number, an address or a full name (which two
words may be)."""


class RejectionCode(StrEnum):
    """Why a record was refused; the text under each member is its documentation."""

    AMOUNT_UNPARSABLE = "amount_unparsable"
    """A money or quantity field holds something that is not a plain decimal number."""
    CONTENT_CONFLICT = "content_conflict"
    """The same revision of the same object arrived with other content."""
    CONTROL_TOTAL_MISMATCH = "control_total_mismatch"
    """A control count or total of the envelope disagrees with what the envelope holds."""
    CRASHED = "crashed"
    """Processing this record ended the worker repeatedly; it is quarantined undecoded."""
    CURRENCY_MISSING = "currency_missing"
    """Neither the payload nor the partner profile states the currency."""
    CURRENCY_MIXED = "currency_mixed"
    """One order states amounts in more than one shop currency, or contradicts its profile."""
    CURRENCY_UNKNOWN = "currency_unknown"
    """The currency is not an ISO 4217 code."""
    DUPLICATE_FIELD = "duplicate_field"
    """A JSON object names one field twice with different values."""
    DUPLICATE_INTERCHANGE_CONFLICT = "duplicate_interchange_conflict"
    """An interchange control number came again with other content."""
    ENCODING_INVALID = "encoding_invalid"
    """The bytes are not valid in the declared or implied character encoding."""
    ENVELOPE_BROKEN = "envelope_broken"
    """The payload cannot be parsed: broken JSON, a damaged interchange, bad Avro framing."""
    FIELD_INVALID = "field_invalid"
    """A required field has a value outside what its format allows."""
    FORMAT_UNKNOWN = "format_unknown"
    """No format module is registered under the name that the profile or the record states."""
    ID_MISSING = "id_missing"
    """The object's identity is missing or empty."""
    INTERNAL_ERROR = "internal_error"
    """A fault of Crossdock itself; the dead letter carries the stack."""
    KEY_MISSING = "key_missing"
    """The record has no key and none can be derived from its content."""
    KEY_INVALID = "key_invalid"
    """The record's key has too few segments or is not valid text."""
    LINES_MISSING = "lines_missing"
    """An order without a single line."""
    MISROUTED = "misrouted"
    """The record stands in a partition that its key does not choose."""
    OUTPUT_TOO_LARGE = "output_too_large"
    """The record produces an output above the size limit of its topic."""
    PARTNER_UNKNOWN = "partner_unknown"
    """The tenant and channel of the record do not agree with the payload's own sender."""
    RECORD_TOO_LARGE = "record_too_large"
    """The record is above the size limit of its topic."""
    REFERENCE_TIMEOUT = "reference_timeout"
    """Something the record waited for did not come before the deadline."""
    SCHEMA_UNKNOWN = "schema_unknown"
    """The schema id in the record's framing is not in the registry or names another record."""
    TAX_MODE_UNKNOWN = "tax_mode_unknown"
    """Neither payload nor profile says whether prices include tax."""
    TIME_INVALID = "time_invalid"
    """A date or time cannot be read, or has no zone and the profile declares none."""
    TOO_OLD = "too_old"
    """The object has no revision and is older than the horizon of its duplicate marks."""
    UNIT_UNMAPPED = "unit_unmapped"
    """A unit of measure that neither UN/ECE Rec 20 nor the partner profile's `units` explains."""


class Rejected(Exception):
    """The record cannot be processed; its bytes are kept and its key is held.

    Args:
        code: stable reason.
        detail: one sentence for a person: what was found, what was expected, how to fix it.
            Never personal data, never a whole payload.
        path: place in the payload (JSON path, or interchange/group/set/segment/element).

    Both texts are cut to their limits, and what UTF-8 cannot carry becomes a question mark: names of a
    payload's fields are the sender's.
    """

    def __init__(self, code: RejectionCode, detail: str, path: str = "") -> None:
        detail, path = _plain(detail, DETAIL_CHARACTERS_MAX), _plain(path, PATH_CHARACTERS_MAX)
        super().__init__(f"{code}: {detail}" + (f" (at {path})" if path else ""))
        self.code = code
        self.detail = detail
        self.path = path


def shown(code: str) -> str:
    """A code of the payload (unit, currency, set type) for a detail, where it looks like a code.

    Anything else may be a name that slipped into the wrong field; only its length is told.
    """
    if not code:
        return "empty text"
    return repr(code) if _CODE.fullmatch(code) else f"text of {len(code)} characters"


def _plain(text: str, characters_max: int) -> str:
    cut = text if len(text) <= characters_max else f"{text[: characters_max - 1]}…"
    return cut if cut.isascii() else cut.encode(errors="replace").decode()


class Waiting(Exception):
    """The record must wait for a reference row.

    Args:
        reference: what it waits for, as `<topic>:<key>`.
        deadline: UTC instant after which the wait becomes a rejection (`reference_timeout`).
    """

    def __init__(self, reference: str, deadline: datetime) -> None:
        super().__init__(f"waiting for {reference} until {deadline.isoformat()}")
        self.reference = reference
        self.deadline = deadline
