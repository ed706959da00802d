"""Groups and transaction sets of an interchange, with the control figures checked.

Invariant: every segment of the interchange belongs to exactly one interchange header or trailer, one
transaction set, or one stray run; each control number and count that disagrees is a finding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning
from crossdock.formats.edi.text import BLANKS, count_of, label, same_number
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts
from crossdock.formats.x12.boundaries import Ends
from crossdock.formats.x12.delimiters import Delimiters, Header, read_header
from crossdock.formats.x12.tokenizer import SEGMENT_TAGS, Row, cut_lost_terminators, element

_ENVELOPE_PREFIXES: Final = frozenset(
    first + second
    for pair in ("ST", "SE", "GS", "GE", "IE")
    for first in (pair[0], pair[0].lower())
    for second in (pair[1], pair[1].lower())
)
"""How an envelope segment may begin, in every case."""
_GS_CHARACTERS_MAX: Final = 500
_LINE_END = re.compile(r"[\r\n]")


@dataclass(slots=True)
class TransactionSet:
    """ST..SE, or a run of stray segments that no ST opened (`st` is None)."""

    position: int
    """Counts from 1 within the interchange."""
    segments: list[str]
    """Raw segments, blanks around them included."""
    st: Row | None
    se: Row | None = None
    group: Group | None = None
    problems: list[Warning] = field(default_factory=list)
    """What was found wrong with the set itself; `is_complete` says whether it can be read."""
    is_complete: bool = True

    @property
    def set_type(self) -> str:
        """ST01, e.g. 850; empty for strays."""
        return element(self.st, 1) if self.st else ""

    @property
    def control_number(self) -> str:
        """ST02 as said."""
        return element(self.st, 2) if self.st else ""

    @property
    def segment_count(self) -> int:
        """Segments from ST to SE, both included."""
        return len(self.segments)


@dataclass(slots=True)
class Group:
    """GS..GE: raw GS segment and its elements."""

    segment: str
    gs: Row
    ge: Row | None = None
    sets: int = 0
    """How many ST it holds."""

    @property
    def control_number(self) -> str:
        """GS06 as said."""
        return element(self.gs, 6)


@dataclass(slots=True)
class Interchange:
    """ISA..IEA of one sender: header, groups, sets and findings in document order."""

    header: Header
    isa: str
    """The ISA segment as it stands, terminator included."""
    text: str
    """The whole interchange as it stands."""
    groups: list[Group] = field(default_factory=list)
    sets: list[TransactionSet] = field(default_factory=list)
    iea: Row | None = None
    answers: list[Row] = field(default_factory=list)
    """TA1 segments: what the sender says of our interchanges."""
    is_repetition: bool = False
    """The same interchange with the same content stood before in this payload."""
    findings: list[Warning] = field(default_factory=list)

    @property
    def control_number(self) -> str:
        """ISA13 as said."""
        return self.header.element(13)

    @property
    def sender(self) -> str:
        """ISA05 and ISA06 as `qualifier:id`."""
        return f"{self.header.element(5)}:{self.header.element(6)}"

    @property
    def receiver(self) -> str:
        """ISA07 and ISA08 as `qualifier:id`."""
        return f"{self.header.element(7)}:{self.header.element(8)}"

    @property
    def delimiters(self) -> Delimiters:
        """Its delimiters."""
        return self.header.delimiters

    def find(self, code: str, detail: str, place: str = "") -> None:
        """Adds a finding at a place within this interchange."""
        path = f"interchange {label(self.control_number)}" + (f"/{place}" if place else "")
        self.findings.append(Warning(code, detail, path))


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


class _Scan:
    """Walks the segments of one interchange once and closes what is left open."""

    def __init__(self, interchange: Interchange) -> None:
        self.interchange = interchange
        self.separator = interchange.delimiters.element
        self.group: Group | None = None
        self.open: TransactionSet | None = None
        self.seen: set[tuple[int, str]] = set()
        """(group, set control number) and (0, group control number) so far; groups count from 1."""
        self.closers = {
            "GS": self.on_gs,
            "ST": self.on_st,
            "SE": self.on_se,
            "GE": self.on_ge,
            "IEA": self.on_iea,
        }

    def run(self, body: str) -> None:
        delimiters = self.interchange.delimiters
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
            handler = self.closers.get(row[0].strip(BLANKS).upper())
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
                raise too_many_parts(f"interchange {label(self.interchange.control_number)}")
            return
        self.begin(None, segment)

    def begin(self, st: Row | None, segment: str) -> None:
        position = len(self.interchange.sets) + 1
        if position > PARTS_MAX:
            raise too_many_parts(f"interchange {label(self.interchange.control_number)}")
        self.open = TransactionSet(position, [segment], st, group=self.group)
        self.interchange.sets.append(self.open)
        if st is None:
            self.problem("segments_outside_set", "segments stand outside any ST..SE", is_complete=False)
        elif self.group is None:
            self.interchange.find("group_missing", "a transaction set stands outside any GS..GE", "GS")
        if st is not None and self.group is not None:
            self.group.sets += 1

    def problem(self, code: str, detail: str, *, is_complete: bool = True) -> None:
        """Notes something wrong with the open set, as finding of the interchange too."""
        assert self.open is not None
        self.interchange.find(code, detail, place_of(self.open))
        self.open.problems.append(self.interchange.findings[-1])
        self.open.is_complete = self.open.is_complete and is_complete

    def close_unfinished(self) -> None:
        if self.open is not None and self.open.st is None:
            self.forget_comment(self.open)
        elif self.open is not None:
            self.problem("set_trailer_missing", "the set has no SE; its end may be lost", is_complete=False)
        self.open = None

    def forget_comment(self, run: TransactionSet) -> None:
        """A stray run without one known tag is a comment: reported, but no document."""
        tags = [segment.partition(self.separator)[0].strip(BLANKS).upper() for segment in run.segments]
        if SEGMENT_TAGS.isdisjoint(tags):
            self.interchange.sets.remove(run)

    def on_gs(self, segment: str, row: Row) -> None:
        self.close_unfinished()
        self.leave_group(None)
        if len(segment) > _GS_CHARACTERS_MAX:  # each of its sets repeats it
            path = f"interchange {label(self.interchange.control_number)}/GS"
            detail = f"a GS has more than {_GS_CHARACTERS_MAX} characters; its elements have at most 15"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, path)
        self.group = Group(segment, row)
        control = self.group.control_number
        if self.is_repeated(0, control):
            detail = f"the group control number {label(control)} stands twice in its interchange"
            self.interchange.find("group_control_repeated", detail, f"group {label(control)}/GS06")
        self.interchange.groups.append(self.group)

    def on_st(self, segment: str, row: Row) -> None:
        self.close_unfinished()
        self.begin(row, segment)
        control = element(row, 2)
        if self.is_repeated(len(self.interchange.groups), control):
            detail = f"the set control number {label(control)} stands twice in its group"
            self.problem("set_control_repeated", detail)

    def is_repeated(self, group: int, control: str) -> bool:
        before = len(self.seen)
        self.seen.add((group, control))
        return len(self.seen) == before

    def on_se(self, segment: str, row: Row) -> None:
        if self.open is None:
            self.begin(None, segment)
            return
        self.open.segments.append(segment)
        if self.open.st is not None:  # a stray run goes on: its next segments may belong to it
            self.open.se = row
            self.check_set(self.open, row)
            self.open = None

    def check_set(self, opened: TransactionSet, se: Row) -> None:
        stated, counted = element(se, 1), opened.segment_count
        differs = count_of(stated) != counted
        if differs:
            detail = f"SE01 states {label(stated) or 'nothing'}, the set has {counted} segments"
            self.problem("segment_count", detail)
        if not same_number(element(se, 2), opened.control_number):
            detail = f"SE02 {label(element(se, 2))} is not ST02 {label(opened.control_number)}"
            if differs:
                detail += ", and SE01 disagrees as well: two sets may have run together"
            self.problem("set_control_mismatch", detail, is_complete=not differs)

    def on_ge(self, segment: str, row: Row) -> None:
        self.close_unfinished()
        if self.group is None:
            self.interchange.find("group_trailer_stray", "a GE closes no group", "GE")
        self.leave_group(row)

    def leave_group(self, ge: Row | None) -> None:
        group, self.group = self.group, None
        if group is None:
            return
        place = f"group {label(group.control_number)}"
        group.ge = ge
        if ge is None:
            self.interchange.find("group_trailer_missing", "the group has no GE", f"{place}/GE")
            return
        stated = element(ge, 1)
        if count_of(stated) != group.sets:
            detail = f"GE01 states {label(stated) or 'nothing'}, the group has {group.sets} transaction sets"
            self.interchange.find("set_count", detail, f"{place}/GE01")
        if not same_number(element(ge, 2), group.control_number):
            detail = f"GE02 {label(element(ge, 2))} is not GS06 {label(group.control_number)}"
            self.interchange.find("group_control_mismatch", detail, f"{place}/GE02")

    def on_iea(self, segment: str, row: Row) -> None:
        self.close_unfinished()
        self.leave_group(None)
        self.interchange.iea = row
        stated, counted = element(row, 1), len(self.interchange.groups)
        if count_of(stated) != counted:
            detail = f"IEA01 states {label(stated) or 'nothing'}, the interchange has {counted} groups"
            self.interchange.find("group_count", detail, "IEA01")
        if not same_number(element(row, 2), self.interchange.control_number):
            detail = f"IEA02 {label(element(row, 2))} is not ISA13 {label(self.interchange.control_number)}"
            self.interchange.find("interchange_control_mismatch", detail, "IEA02")

    def finish(self) -> None:
        self.close_unfinished()
        self.leave_group(None)
        if self.interchange.iea is None:
            detail = "the interchange has no IEA; documents behind its last segment may be lost"
            self.interchange.find("interchange_trailer_missing", detail, "IEA")


def place_of(opened: TransactionSet) -> str:
    """Place of a set within its interchange, without its content."""
    group = label(opened.group.control_number) if opened.group else "-"
    name = f"set {label(opened.control_number)}" if opened.st else f"stray {opened.position}"
    return f"group {group}/{name}"
