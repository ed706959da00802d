"""What a partner's answer says about an exchange of ours: status words, and the event of a TA1.

Invariant: the event stands under our own exchange (direction outbound) with the status as the partner says
it; its digest and size are the answer's, for the exchange itself is not at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossdock.canonical.keys import join_key
from crossdock.canonical.models import (
    AcknowledgementStatus,
    ExchangeDirection,
    ExchangeEvent,
    ExchangeFinding,
    ValidationStatus,
)
from crossdock.canonical.record import Record
from crossdock.formats.edi.exchange import exchange_fields
from crossdock.formats.edi.text import label
from crossdock.formats.x12.delimiters import Header
from crossdock.formats.x12.tokenizer import Row, element

STATUSES: Final[dict[str, AcknowledgementStatus]] = {
    "A": AcknowledgementStatus.ACCEPTED,
    "E": AcknowledgementStatus.ACCEPTED_WITH_ERRORS,
    "P": AcknowledgementStatus.PARTIALLY_ACCEPTED,
    **dict.fromkeys(("R", "M", "W", "X"), AcknowledgementStatus.REJECTED),
}
"""AK901 and TA104."""
VALIDITY: Final[dict[AcknowledgementStatus, ValidationStatus]] = {
    AcknowledgementStatus.ACCEPTED: ValidationStatus.VALID,
    AcknowledgementStatus.ACCEPTED_WITH_ERRORS: ValidationStatus.VALID_WITH_WARNINGS,
    AcknowledgementStatus.PARTIALLY_ACCEPTED: ValidationStatus.VALID_WITH_WARNINGS,
    AcknowledgementStatus.REJECTED: ValidationStatus.INVALID,
}
"""What an answer says about the syntax of what it answers."""


def answer_fields(header: Header, record: Record, value: bytes, names: Sequence[str]) -> dict[str, object]:
    """What an event about our own exchange has in common: we sent it, the answer's sender received it."""
    return exchange_fields(ExchangeDirection.OUTBOUND, record, value, names) | {
        "standard": "x12",
        "sender": f"{header.element(7)}:{header.element(8)}",
        "receiver": f"{header.element(5)}:{header.element(6)}",
        "prepared": f"{header.element(9)} {header.element(10)}".strip(),
    }


def interchange_answer(ta1: Row, header: Header, record: Record, names: Sequence[str]) -> ExchangeEvent:
    """What a TA1 says about an interchange that we sent."""
    number, code, note = element(ta1, 1), element(ta1, 4).upper(), element(ta1, 5)
    status = STATUSES.get(code, AcknowledgementStatus.UNKNOWN)
    findings = []
    if note.strip("0"):
        detail = f"interchange note code {label(note)}"
        findings.append(
            ExchangeFinding(code="interchange_error", detail=detail, path=f"interchange {label(number)}")
        )
    value = "*".join(ta1).encode()
    return ExchangeEvent.model_validate(
        answer_fields(header, record, value, names)
        | {
            "key": join_key(*names, "outbound", number or "-"),
            "control_number": number,
            "validation": VALIDITY.get(status, ValidationStatus.UNKNOWN),
            "acknowledgement": status,
            "findings": tuple(findings),
        }
    )
