"""Groups and transaction sets of an interchange, with the control figures checked.

Invariant: every segment of the interchange belongs to exactly one interchange header or trailer, one
transaction set, or one stray run; each control number and count that disagrees is a finding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar, Final

from crossdock.formats.edi import envelope
from crossdock.formats.edi.text import BLANKS
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts
from crossdock.formats.x12.boundaries import Ends
from crossdock.formats.x12.delimiters import Header, read_header
from crossdock.formats.x12.tokenizer import SEGMENT_TAGS, Row, cut_lost_terminators, element

_ENVELOPE_PREFIXES: Final = frozenset(
    first + second
    for pair in ("ST", "SE", "GS", "GE", "IE")
    for first in (pair[0], pair[0].lower())
    for second in (pair[1], pair[1].lower())
)
"""How an envelope segment may begin, in every case."""
_LINE_END = re.compile(r"[\r\n]")


@dataclass(slots=True)
class Interchange(envelope.Interchange[Header, Row]):
    """ISA..IEA."""

    terms: ClassVar[envelope.Terms] = envelope.Terms(
        message_head="ST",
        message_tail="SE",
        message_control_at=2,
        group_head="GS",
        group_tail="GE",
        group_control_at=6,
        interchange_tail="IEA",
        interchange_control="ISA13",
        message="set",
        message_name="transaction set",
        control="control number",
        repeated="stands twice in its group",
        article="a",
        element_characters_max=15,
        counts_messages=False,
    )

    answers: list[Row] = field(default_factory=list)
    """TA1 segments: what the sender says of our interchanges."""

    @property
    def control_number(self) -> str:
        """ISA13 as said."""
        return self.header.element(13)

    @property
    def sender(self) -> str:
        """ISA05 and ISA06."""
        return f"{self.header.element(5)}:{self.header.element(6)}"

    @property
    def receiver(self) -> str:
        """ISA07 and ISA08."""
        return f"{self.header.element(7)}:{self.header.element(8)}"

    @property
    def syntax_version(self) -> str:
        """ISA12."""
        return self.header.element(12)

    @property
    def prepared(self) -> str:
        """ISA09 and ISA10."""
        return f"{self.header.element(9)} {self.header.element(10)}".strip()

    @property
    def terminator(self) -> str:
        """Segment terminator."""
        return self.header.delimiters.segment

    def segment(self, *elements: str) -> str:
        """The elements joined; there is no way to escape a delimiter."""
        return self.header.delimiters.element.join(elements)


def read_interchange(ends: Ends, start: int) -> tuple[Interchange, int]:
    """One interchange from its `ISA` on, and the offset behind it. Raises Rejected."""
    text = ends.text
    header = read_header(text, start)
    end = _end(ends, header)
    interchange = Interchange(header, text[start : header.end], text[start:end])
    _Scan(interchange).run(text[header.end : end])
    return interchange, end


def _end(ends: Ends, header: Header) -> int:
    """Offset behind the interchange: behind its IEA, else before the next ISA, else the end of the text."""
    delimiters, text = header.delimiters, ends.text
    for at in ends.behind(delimiters.element, header.end):
        if not _starts_segment(text, at, header):
            continue
        if text[at + 1] in "Ss":
            return at
        terminator = text.find(delimiters.segment, at)
        line_end = _LINE_END.search(text, at)
        stop = len(text) if terminator < 0 else terminator + len(delimiters.segment)
        return stop if line_end is None else min(stop, max(line_end.start(), at + len("IEA")))
    return len(text)


def _starts_segment(text: str, at: int, header: Header) -> bool:
    """Whether only blanks stand between this place and a terminator, a line end or the ISA."""
    begin = at
    while begin > header.end and text[begin - 1] in BLANKS:
        begin -= 1
    if begin == header.end or any(character in "\r\n" for character in text[begin:at]):
        return True
    return text.endswith(header.delimiters.segment, header.end, begin)


class _Scan(envelope.Scan[Row]):
    """Walks the segments of one interchange once."""

    interchange: Interchange

    def __init__(self, interchange: Interchange) -> None:
        super().__init__(interchange)
        self.separator = interchange.header.delimiters.element
        self.handlers[self.terms.interchange_tail] = self.on_interchange_end

    def said(self, row: Row, number: int) -> str:
        """Element of a row."""
        return element(row, number)

    def kind_of(self, head: Row) -> str:
        """ST01."""
        return element(head, 1)

    def is_known(self, raw: str) -> bool:
        """Whether its tag is one of the sets that are read, or of their neighbours."""
        return raw.partition(self.separator)[0].strip(BLANKS).upper() in SEGMENT_TAGS

    def run(self, body: str) -> None:
        delimiters = self.interchange.header.delimiters
        raw, lost = cut_lost_terminators(body, delimiters)
        if lost:
            detail = f"{lost} segment terminators are missing; cut at line ends before known segments"
            self.interchange.find("terminator_missing", detail)
        starts = [segment.lstrip(BLANKS)[:2] for segment in raw]
        begin = 0
        for mark in [place for place, start in enumerate(starts) if start in _ENVELOPE_PREFIXES]:
            self.take_all(raw[begin:mark], starts[begin:mark])
            self.take(raw[mark], raw[mark].strip(BLANKS))
            begin = mark + 1
        self.take_all(raw[begin:], starts[begin:])
        self.finish()

    def take_all(self, segments: list[str], starts: list[str]) -> None:
        """Takes what stands between two envelope segments; what is only blanks is left out."""
        if "" in starts:
            segments = [segment for segment, start in zip(segments, starts, strict=True) if start]
        taken = 0
        while self.open is None and taken < len(segments):  # outside any set: the first one may open a run
            self.take(segments[taken], segments[taken].strip(BLANKS))
            taken += 1
        if self.open is not None:
            self.open.segments += segments[taken:]

    def take(self, segment: str, content: str) -> None:
        if content[:2] in _ENVELOPE_PREFIXES:
            row = content.split(self.separator)
            handler = self.handlers.get(row[0].strip(BLANKS).upper())
            if handler is not None:
                handler(segment, row)
                return
        if self.open is None:
            self.stray(segment, content)
        else:
            self.open.segments.append(segment)

    def stray(self, segment: str, content: str) -> None:
        """A segment outside any set: TA1 is legal there, anything else starts a stray run."""
        if content[:3].upper() == "TA1":
            self.interchange.answers.append(content.split(self.separator))
            if len(self.interchange.answers) > PARTS_MAX:
                raise too_many_parts(self.interchange.place)
            return
        self.begin(None, segment)

    def begin(self, head: Row | None, raw: str) -> None:
        """Opens a set, which should stand in a group."""
        super().begin(head, raw)
        if head is not None and self.group is None:
            self.interchange.find("group_missing", "a transaction set stands outside any GS..GE", "GS")

    def on_other_control(self, detail: str, *, is_miscounted: bool) -> None:
        """Where the count disagrees as well, the set is no whole one."""
        if is_miscounted:
            detail += ", and SE01 disagrees as well: two sets may have run together"
        self.problem("set_control_mismatch", detail, is_complete=not is_miscounted)
