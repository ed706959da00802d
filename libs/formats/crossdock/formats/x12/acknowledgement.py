"""Writes the 997 (and TA1) that answers an interchange we read.

Invariant: every set of the interchange is answered exactly once, in the group it came in; counts are those
of the sets that were found, and the text reads back as the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.edi.envelope import Group, Message
from crossdock.formats.edi.text import count_of
from crossdock.formats.x12.envelope import Interchange
from crossdock.formats.x12.payload import read_payload
from crossdock.formats.x12.tokenizer import Row, decode, element

_ISA_WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)
_PLACE: Final = re.compile(r"segment ([0-9]{1,6}) ([A-Z0-9]{2,3})(?:/[A-Z0-9]{2,3}([0-9]{2}))?")
_SET_ERRORS: Final[dict[str, str]] = {
    "set_trailer_missing": "2",
    "set_control_mismatch": "3",
    "segment_count": "4",
    "set_control_repeated": "23",
}
"""Finding → element 718."""
_HAS_ELEMENT_ERRORS: Final = "8"
_ELEMENT_ERRORS: Final[dict[RejectionCode, str]] = {
    RejectionCode.ID_MISSING: "1",
    RejectionCode.AMOUNT_UNPARSABLE: "6",
    RejectionCode.TIME_INVALID: "8",
}
"""Why a set was refused → element 723; anything else is an invalid code value."""
_INVALID_CODE: Final = "7"
_GROUP_ERRORS: Final[dict[str, str]] = {"set_count": "5", "group_control_mismatch": "4"}
"""Finding → element 716."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the answering interchange says of itself.

    Args:
        control_number: ISA13 and GS06 of the answer, 1 to 999,999,999.
        at: when it is made, in the zone that the partner expects; ISA and GS have no zone.
        refused: refusals by place of the set (`group 1/set 0001`), as `read` raised them.
        usage: ISA15, production or test.
    """

    control_number: int
    at: datetime
    refused: Mapping[str, Rejected] = field(default_factory=dict)
    usage: str = "P"


def acknowledgement_of(value: bytes, answer: Answer) -> list[bytes]:
    """One answering interchange per interchange of the payload; control numbers count up from the first.

    Acknowledgements are not answered. Raises Rejected where no interchange can be read.
    """
    made: list[bytes] = []
    for interchange in read_payload(decode(value)).interchanges:
        groups = [group for group in interchange.groups if _is_answered(interchange, group)]
        if groups:
            made.append(_answer(interchange, groups, answer, answer.control_number + len(made)))
    return made


def _is_answered(interchange: Interchange, group: Group[Row]) -> bool:
    kinds = {opened.kind for opened in _sets(interchange, group)}
    return not kinds & {"997", "999"}


def _sets(interchange: Interchange, group: Group[Row]) -> list[Message[Row]]:
    return [opened for opened in interchange.messages if opened.group is group and opened.head is not None]


def _answer(interchange: Interchange, groups: Sequence[Group[Row]], answer: Answer, number: int) -> bytes:
    version = element(groups[0].head, 8) or "004010"
    day, clock = f"{answer.at:%Y%m%d}", f"{answer.at:%H%M}"
    gs = [
        "GS",
        "FA",
        element(groups[0].head, 3),
        element(groups[0].head, 2),
        day,
        clock,
        str(number),
        "X",
        version,
    ]
    rows = [gs]
    for position, group in enumerate(groups, 1):
        rows += _set(interchange, group, f"{position:04d}", answer)
    rows += [["GE", str(len(groups)), str(number)], ["IEA", "1", f"{number:09d}"]]
    return _text(_isa(interchange, answer, number), rows)


def _isa(interchange: Interchange, answer: Answer, number: int) -> list[str]:
    header = interchange.header
    values = ["00", "", "00", "", *[header.element(at) for at in (7, 8, 5, 6)]]
    version = header.element(12) or "00401"
    values += [f"{answer.at:%y%m%d}", f"{answer.at:%H%M}", "U" if version < "00402" else "^", version]
    values += [f"{number:09d}", "0", answer.usage]
    return ["ISA", *[text.ljust(width)[:width] for text, width in zip(values, _ISA_WIDTHS, strict=True)], ">"]


def _text(isa: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """The interchange in the delimiters that everyone reads; codes and numbers hold none of them."""
    return "".join(["*".join(row) + "~" for row in (isa, *rows)]).encode()


def _set(interchange: Interchange, group: Group[Row], control: str, answer: Answer) -> list[list[str]]:
    rows = [["ST", "997", control], ["AK1", element(group.head, 1), group.control_number]]
    accepted = received = 0
    for opened in _sets(interchange, group):
        refusal = answer.refused.get(interchange.place_within(opened))
        is_accepted = opened.is_complete and refusal is None
        received, accepted = received + 1, accepted + is_accepted
        rows += [
            ["AK2", opened.kind, opened.control_number],
            *_errors(refusal),
            _verdict(opened, is_accepted, refusal),
        ]
    rows.append(_group_verdict(interchange, group, received, accepted))
    rows.append(["SE", str(len(rows) + 1), control])
    return rows


def _verdict(opened: Message[Row], is_accepted: bool, refusal: Rejected | None) -> list[str]:
    codes = [_SET_ERRORS[problem.code] for problem in opened.problems if problem.code in _SET_ERRORS]
    if refusal is not None and not codes:
        codes = ["5"]  # one or more segments in error
    status = "R" if not is_accepted else ("E" if codes else "A")
    return ["AK5", status, *list(dict.fromkeys(codes))[:5]]


def _errors(refusal: Rejected | None) -> list[list[str]]:
    """AK3 and AK4 of the place that a refusal names."""
    found = _PLACE.search(refusal.path) if refusal is not None else None
    if refusal is None or found is None:
        return []
    rows = [["AK3", found[2], found[1], "", _HAS_ELEMENT_ERRORS if found[3] else "3"]]
    if found[3]:
        rows.append(["AK4", str(int(found[3])), "", _ELEMENT_ERRORS.get(refusal.code, _INVALID_CODE)])
    return rows


def _group_verdict(interchange: Interchange, group: Group[Row], received: int, accepted: int) -> list[str]:
    stated = count_of(element(group.tail or [], 1))
    path = f"/group {group.control_number}/"
    codes = [
        _GROUP_ERRORS[finding.code]
        for finding in interchange.findings
        if finding.code in _GROUP_ERRORS and path in f"{finding.path}/"
    ]
    if group.tail is None:
        codes.append("3")
    whole = "E" if codes else "A"
    status = whole if accepted == received else ("P" if accepted else "R")
    counts = [str(received if stated is None else stated), str(received), str(accepted)]
    return ["AK9", status, *counts, *list(dict.fromkeys(codes))[:5]]


def interchange_acknowledgement(value: bytes, answer: Answer) -> list[bytes]:
    """One TA1 per interchange of the payload: received, with errors where its trailer disagrees.

    Raises Rejected where no interchange can be read.
    """
    made = []
    for number, interchange in enumerate(read_payload(decode(value)).interchanges, answer.control_number):
        header = interchange.header
        codes = {finding.code for finding in interchange.findings}
        note = "000"
        if interchange.tail is None:
            note = "023"
        elif "interchange_control_mismatch" in codes:
            note = "001"
        elif "group_count" in codes:
            note = "021"
        status = "A" if note == "000" else ("R" if note == "023" else "E")
        ta1 = ["TA1", header.element(13), header.element(9), header.element(10), status, note]
        made.append(_text(_isa(interchange, answer, number), [ta1, ["IEA", "0", f"{number:09d}"]]))
    return made
