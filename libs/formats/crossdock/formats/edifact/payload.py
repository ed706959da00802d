"""All interchanges of a payload, and the text around them.

Invariant: every character of the payload stands in exactly one interchange, or in a stray that is refused
where it may be a lost document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning
from crossdock.formats.edi.text import BLANKS, Text
from crossdock.formats.edifact.envelope import Interchange, read_interchange
from crossdock.formats.edifact.header import START
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts

_MEANINGFUL: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:UN[BGHT]|BGM|LIN|ISA)(?P<separator>[^A-Za-z0-9\s])[^\r\n]{0,40}?(?P=separator)",
    re.IGNORECASE,
)
"""Text outside any interchange that looks like EDI and so may be a lost document."""


@dataclass(slots=True)
class Payload:
    """Everything in one file: interchanges and the text around them that is not blank."""

    interchanges: list[Interchange]
    strays: list[str]
    """Text outside any readable interchange that looks like EDI; must be refused, never dropped."""
    warnings: list[Warning]


def read_payload(payload: Text) -> Payload:
    """All interchanges of a payload.

    Raises:
        Rejected: `envelope_broken` where not one interchange can be told, `output_too_large` where they
            hold too many messages.
    """
    result = Payload([], [], list(payload.warnings))
    failure: Rejected | None = None
    position = begin = messages = 0
    while (match := START.search(payload.text, position)) is not None:
        try:
            interchange, end = read_interchange(payload.text, match.start())
        except Rejected as error:
            failure, position = failure or error, match.start() + 3
            if error.code is RejectionCode.OUTPUT_TOO_LARGE:
                raise
            continue
        _outside(payload.text[begin : match.start()], result)
        result.interchanges.append(interchange)
        messages += len(interchange.messages)
        if messages > PARTS_MAX:
            raise too_many_parts("interchange")
        position = begin = end
    if not result.interchanges:
        raise failure or _no_envelope(payload.text)
    _outside(payload.text[begin:], result)
    _check_repeated_interchanges(result)
    return result


def _no_envelope(text: str) -> Rejected:
    opening = text.lstrip(BLANKS)[:3].upper()
    looks = {"ISA": "; this is X12", "UNH": "; this is a message without one"}.get(opening, "")
    detail = f"no UNB segment opens an interchange{looks}; send UNB..UNZ with messages"
    return Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "interchange/UNB")


def _outside(text: str, result: Payload) -> None:
    content = text.strip(BLANKS)
    if not content:
        return
    if _MEANINGFUL.search(content):
        result.strays.append(content)
    detail = f"{len(content)} characters stand outside any interchange"
    result.warnings.append(Warning("data_outside_interchange", detail))


def _check_repeated_interchanges(result: Payload) -> None:
    seen: dict[tuple[str, str, str], str] = {}
    for interchange in result.interchanges:
        identity = (interchange.sender, interchange.receiver, interchange.control_number)
        content = interchange.text.strip(BLANKS)
        if identity in seen:
            interchange.is_repetition = seen[identity] == content
            same = "the same" if interchange.is_repetition else "other"
            detail = f"the control reference stands twice in this payload, with {same} content"
            interchange.find("interchange_control_repeated", detail, "UNB05")
        seen.setdefault(identity, content)
