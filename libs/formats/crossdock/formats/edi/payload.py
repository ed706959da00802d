"""All interchanges of a payload, and the text around them, whatever the EDI standard.

Invariant: every character of the payload stands in exactly one interchange, or in a stray that is refused
where it may be a lost document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning
from crossdock.formats.edi.envelope import Interchange, Message
from crossdock.formats.edi.text import BLANKS, Text
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts

InterchangeT = TypeVar("InterchangeT", bound=Interchange[Any, Any])
"""Interchange of one standard."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How the interchanges of a standard begin, and how text looks that may be lost from one."""

    tag: str
    """Tag of the interchange's head."""
    start: re.Pattern[str]
    """Where an interchange may begin."""
    lost: re.Pattern[str]
    """Text outside any interchange that looks like EDI and so may be a lost document."""
    expected: str
    """What to send, for the refusal of a payload without any."""
    others: Mapping[str, str]
    """First three characters of such a payload → what it is."""
    control: str
    """What the interchange's control number is called."""


@dataclass(slots=True)
class Payload(Generic[InterchangeT]):
    """Everything in one file: interchanges and the text around them that is not blank."""

    interchanges: list[InterchangeT]
    strays: list[str]
    """Text outside any readable interchange that looks like EDI; must be refused, never dropped."""
    warnings: list[Warning]


def read_interchanges(
    payload: Text, opening: Opening, read: Callable[[int], tuple[InterchangeT, int]]
) -> Payload[InterchangeT]:
    """All interchanges of a payload; `read` gives the one that begins at an offset, and the offset behind it.

    Raises:
        Rejected: `envelope_broken` where not one interchange can be told, `output_too_large` where they
            hold too many messages.
    """
    result: Payload[InterchangeT] = Payload([], [], list(payload.warnings))
    failure: Rejected | None = None
    position = begin = messages = 0
    while (match := opening.start.search(payload.text, position)) is not None:
        try:
            interchange, end = read(match.start())
        except Rejected as error:
            failure, position = failure or error, match.start() + len(opening.tag)
            if error.code is RejectionCode.OUTPUT_TOO_LARGE:
                raise
            continue
        _outside(payload.text[begin : match.start()], opening, result)
        result.interchanges.append(interchange)
        messages += len(interchange.messages)
        if messages > PARTS_MAX:
            raise too_many_parts("interchange")
        position = begin = end
    if not result.interchanges:
        raise failure or _no_envelope(payload.text, opening)
    _outside(payload.text[begin:], opening, result)
    _check_repeated_interchanges(result, opening)
    return result


def _no_envelope(text: str, opening: Opening) -> Rejected:
    looks = opening.others.get(text.lstrip(BLANKS)[:3].upper())
    other = f"; this is {looks}" if looks else ""
    detail = f"no {opening.tag} segment opens an interchange{other}; send {opening.expected}"
    return Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"interchange/{opening.tag}")


def _outside(text: str, opening: Opening, result: Payload[InterchangeT]) -> None:
    content = text.strip(BLANKS)
    if not content:
        return
    if opening.lost.search(content):
        result.strays.append(content)
    detail = f"{len(content)} characters stand outside any interchange"
    result.warnings.append(Warning("data_outside_interchange", detail))


def _check_repeated_interchanges(result: Payload[InterchangeT], opening: Opening) -> None:
    seen: dict[tuple[str, str, str], str] = {}
    for interchange in result.interchanges:
        identity = (interchange.sender, interchange.receiver, interchange.control_number)
        content = interchange.text.strip(BLANKS)
        if identity in seen:
            interchange.is_repetition = seen[identity] == content
            same = "the same" if interchange.is_repetition else "other"
            detail = f"the {opening.control} stands twice in this payload, with {same} content"
            place = interchange.terms.interchange_control
            interchange.find("interchange_control_repeated", detail, place)
        seen.setdefault(identity, content)


def the_one(payload: Payload[InterchangeT], opening: Opening) -> tuple[InterchangeT, Message[Any]]:
    """The one complete message of a payload, and its interchange.

    Raises:
        Rejected: `envelope_broken` where it is not exactly one complete message.
    """
    if payload.strays:
        detail = "text that looks like EDI stands outside the interchange"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"interchange/{opening.tag}")
    found = [(interchange, opened) for interchange in payload.interchanges for opened in interchange.messages]
    if len(found) != 1:
        message = payload.interchanges[0].terms.message_name
        detail = f"one {message} is read at a time, this payload holds {len(found)}; split it first"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "interchange")
    interchange, opened = found[0]
    if opened.head is None or not opened.is_complete:
        problems = "; ".join([problem.detail for problem in opened.problems])
        detail = problems or f"the {interchange.terms.message} is incomplete"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, interchange.place_of(opened))
    return interchange, opened
