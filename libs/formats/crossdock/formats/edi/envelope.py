"""Interchange, groups and messages of any EDI standard, with the control figures checked.

Invariant: every segment that is taken belongs to exactly one header or trailer, one message or one stray
run; each control number and count that disagrees is a finding.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Final, Generic, TypeVar

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning
from crossdock.formats.edi.text import count_of, label, same_number
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts

_GROUP_CHARACTERS_MAX: Final = 500
H = TypeVar("H")
"""Header of an interchange as its standard reads it."""
R = TypeVar("R")
"""A segment as its standard reads it."""


@dataclass(frozen=True)
class Terms:
    """What a standard calls the parts of its envelopes: tags, control numbers, words of findings."""

    message_head: str
    message_tail: str
    message_control_at: int
    """Element of the message's head that holds its control number; its tail repeats it in element 2."""
    group_head: str
    group_tail: str
    group_control_at: int
    interchange_tail: str
    interchange_control: str
    """Name of the element with the interchange's control number, e.g. ISA13."""
    message: str
    """What a message is called in places and codes of findings: `message`, `set`."""
    message_name: str
    """What one is called in full."""
    control: str
    """What the control number of a group or message is called."""
    repeated: str
    """What is said of a message whose control number another one has."""
    article: str
    """Of the tags of a group."""
    element_characters_max: int
    """Longest element of a group's head by the standard."""
    counts_messages: bool
    """The interchange's trailer counts messages where there are no groups."""

    @cached_property
    def message_control(self) -> str:
        """Name of the element with the message's control number, e.g. ST02."""
        return f"{self.message_head}{self.message_control_at:02d}"

    @cached_property
    def group_control(self) -> str:
        """Name of the element with the group's control number, e.g. GS06."""
        return f"{self.group_head}{self.group_control_at:02d}"


@dataclass(slots=True)
class Group(Generic[R]):
    """GS..GE, UNG..UNE: the raw head and its elements."""

    segment: str
    head: R
    control_number: str
    """As said."""
    tail: R | None = None
    messages: int = 0
    """How many message heads it holds."""


@dataclass(slots=True)
class Message(Generic[R]):
    """ST..SE, UNH..UNT, or a run of stray segments that no head opened (`head` is None)."""

    position: int
    """Counts from 1 within the interchange."""
    segments: list[str]
    """Raw segments, blanks around them included."""
    head: R | None
    kind: str
    """What the head says it is, e.g. 850, ORDERS; empty for strays."""
    control_number: str
    """As said; empty for strays."""
    group: Group[R] | None
    tail: R | None = None
    problems: list[Warning] = field(default_factory=list)
    """What was found wrong with the message itself; `is_complete` says whether it can be read."""
    is_complete: bool = True


@dataclass(slots=True)
class Interchange(ABC, Generic[H, R]):
    """One interchange of one sender: header, groups, messages and findings in document order."""

    terms: ClassVar[Terms]

    header: H
    head: str
    """Everything up to the first group or message as it stands, terminators included."""
    text: str
    """The whole interchange as it stands."""
    groups: list[Group[R]] = field(default_factory=list)
    messages: list[Message[R]] = field(default_factory=list)
    tail: R | None = None
    stated_count: str = ""
    """What its trailer counts, as said."""
    is_repetition: bool = False
    """The same interchange with the same content stood before in this payload."""
    findings: list[Warning] = field(default_factory=list)

    @property
    @abstractmethod
    def control_number(self) -> str:
        """Control number as said."""

    @property
    @abstractmethod
    def sender(self) -> str:
        """Sender as `qualifier:id`."""

    @property
    @abstractmethod
    def receiver(self) -> str:
        """Receiver as `qualifier:id`."""

    @property
    @abstractmethod
    def syntax_version(self) -> str:
        """Version of the syntax as said."""

    @property
    @abstractmethod
    def prepared(self) -> str:
        """Date and time of the interchange as said."""

    @property
    @abstractmethod
    def terminator(self) -> str:
        """What ends its segments."""

    @abstractmethod
    def segment(self, *elements: str) -> str:
        """A segment of these elements in its own characters, without terminator."""

    @property
    def place(self) -> str:
        """Place of the interchange, without its content."""
        return f"interchange {label(self.control_number)}"

    def place_of(self, opened: Message[R]) -> str:
        """Place of a message, from the interchange on, without its content."""
        return f"{self.place}/{self.place_within(opened)}"

    def place_within(self, opened: Message[R]) -> str:
        """Place of a message within its interchange, without its content."""
        group = label(opened.group.control_number) if opened.group else "-"
        is_stray = opened.head is None
        name = (
            f"stray {opened.position}" if is_stray else f"{self.terms.message} {label(opened.control_number)}"
        )
        return f"group {group}/{name}"

    def find(self, code: str, detail: str, place: str = "") -> None:
        """Adds a finding at a place within this interchange."""
        self.findings.append(Warning(code, detail, self.place + (f"/{place}" if place else "")))


class Scan(ABC, Generic[R]):
    """What a walk over the segments of one interchange opens and closes; a standard's own walk calls it."""

    def __init__(self, interchange: Interchange[Any, R]) -> None:
        self.interchange = interchange
        self.terms = interchange.terms
        self.group: Group[R] | None = None
        self.open: Message[R] | None = None
        self.seen: set[tuple[int, str]] = set()
        """(group, message control number) and (0, group control number) so far; groups count from 1."""
        self.handlers: dict[str, Callable[[str, R], None]] = {
            self.terms.group_head: self.on_group,
            self.terms.message_head: self.on_message,
            self.terms.message_tail: self.on_message_end,
            self.terms.group_tail: self.on_group_end,
        }

    @abstractmethod
    def said(self, row: R, number: int) -> str:
        """Element of a row by its number; empty where it is absent."""

    @abstractmethod
    def kind_of(self, head: R) -> str:
        """What the head of a message says it is."""

    @abstractmethod
    def is_known(self, raw: str) -> bool:
        """Whether the tag of a raw segment is one of the standard's."""

    def begin(self, head: R | None, raw: str) -> None:
        """Opens a message, or a stray run. Raises Rejected where there are too many."""
        position = len(self.interchange.messages) + 1
        if position > PARTS_MAX:
            raise too_many_parts(self.interchange.place)
        kind, control = "", ""
        if head is not None:
            kind, control = self.kind_of(head), self.said(head, self.terms.message_control_at)
        self.open = Message(position, [raw], head, kind, control, self.group)
        self.interchange.messages.append(self.open)
        if head is None:
            detail = f"segments stand outside any {self.terms.message_head}..{self.terms.message_tail}"
            self.problem(f"segments_outside_{self.terms.message}", detail, is_complete=False)
        elif self.group is not None:
            self.group.messages += 1

    def problem(self, code: str, detail: str, *, is_complete: bool = True) -> None:
        """Notes something wrong with the open message, as finding of the interchange too."""
        assert self.open is not None
        self.interchange.find(code, detail, self.interchange.place_within(self.open))
        self.open.problems.append(self.interchange.findings[-1])
        self.open.is_complete = self.open.is_complete and is_complete

    def close_unfinished(self) -> None:
        """Closes what is open without its trailer; a stray run without one known tag is a comment: reported,
        but no document."""
        if self.open is not None and self.open.head is not None:
            detail = f"the {self.terms.message} has no {self.terms.message_tail}; its end may be lost"
            self.problem(f"{self.terms.message}_trailer_missing", detail, is_complete=False)
        elif self.open is not None and not any(map(self.is_known, self.open.segments)):
            self.interchange.messages.remove(self.open)
        self.open = None

    def on_group(self, raw: str, row: R) -> None:
        """Opens a group. Raises Rejected where its head is too long: each of its messages repeats it."""
        self.close_unfinished()
        self.leave_group(None)
        head = self.terms.group_head
        if len(raw) > _GROUP_CHARACTERS_MAX:
            detail = (
                f"{self.terms.article} {head} has more than {_GROUP_CHARACTERS_MAX} characters; its elements "
                f"have at most {self.terms.element_characters_max}"
            )
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"{self.interchange.place}/{head}")
        control = self.said(row, self.terms.group_control_at)
        self.group = Group(raw, row, control)
        if self.is_repeated(0, control):
            detail = f"the group {self.terms.control} {label(control)} stands twice in its interchange"
            place = f"group {label(control)}/{self.terms.group_control}"
            self.interchange.find("group_control_repeated", detail, place)
        self.interchange.groups.append(self.group)

    def on_message(self, raw: str, row: R) -> None:
        """Opens a message."""
        self.close_unfinished()
        self.begin(row, raw)
        control = self.said(row, self.terms.message_control_at)
        if self.is_repeated(len(self.interchange.groups) + 1, control):
            detail = f"the {self.terms.message} {self.terms.control} {label(control)} {self.terms.repeated}"
            self.problem(f"{self.terms.message}_control_repeated", detail)

    def is_repeated(self, group: int, control: str) -> bool:
        """Whether this control number has come before in this group (0: of groups)."""
        before = len(self.seen)
        self.seen.add((group, control))
        return len(self.seen) == before

    def on_message_end(self, raw: str, row: R) -> None:
        """Closes the message; a stray run goes on: its next segments may belong to it."""
        if self.open is None:
            self.begin(None, raw)
            return
        self.open.segments.append(raw)
        if self.open.head is not None:
            self.open.tail = row
            self.check_message(self.open, row)
            self.open = None

    def miscounted(self, tag: str, row: R, whose: str, counted: int) -> str:
        """How the count of a trailer differs from what was counted; empty where it does not."""
        stated = self.said(row, 1)
        return "" if count_of(stated) == counted else f"{tag}01 states {label(stated) or 'nothing'}, {whose}"

    def misnumbered(self, tag: str, row: R, name: str, control: str) -> str:
        """How the control number of a trailer differs from that of its head; empty where it does not."""
        repeated = self.said(row, 2)
        if same_number(repeated, control):
            return ""
        return f"{tag}02 {label(repeated)} is not {name} {label(control)}"

    def check_message(self, opened: Message[R], row: R) -> None:
        """Compares count and control number of a message with those of its trailer."""
        terms, counted = self.terms, len(opened.segments)
        whose = f"the {terms.message} has {counted} segments"
        miscounted = self.miscounted(terms.message_tail, row, whose, counted)
        if miscounted:
            self.problem("segment_count", miscounted)
        other = self.misnumbered(terms.message_tail, row, terms.message_control, opened.control_number)
        if other:
            self.on_other_control(other, is_miscounted=bool(miscounted))

    def on_other_control(self, detail: str, *, is_miscounted: bool) -> None:
        """The trailer of the open message has another control number than its head."""
        self.problem(f"{self.terms.message}_control_mismatch", detail)

    def on_group_end(self, raw: str, row: R) -> None:
        """Closes the group."""
        self.close_unfinished()
        if self.group is None:
            tail = self.terms.group_tail
            self.interchange.find("group_trailer_stray", f"{self.terms.article} {tail} closes no group", tail)
        self.leave_group(row)

    def leave_group(self, row: R | None) -> None:
        """Compares count and control number of the open group with those of its trailer, if it has one."""
        group, self.group = self.group, None
        if group is None:
            return
        tail, place = self.terms.group_tail, f"group {label(group.control_number)}"
        group.tail = row
        if row is None:
            self.interchange.find("group_trailer_missing", f"the group has no {tail}", f"{place}/{tail}")
            return
        whose = f"the group has {group.messages} {self.terms.message_name}s"
        miscounted = self.miscounted(tail, row, whose, group.messages)
        if miscounted:
            self.interchange.find(f"{self.terms.message}_count", miscounted, f"{place}/{tail}01")
        other = self.misnumbered(tail, row, self.terms.group_control, group.control_number)
        if other:
            self.interchange.find("group_control_mismatch", other, f"{place}/{tail}02")

    def counted(self) -> tuple[str, int]:
        """What the trailer of the interchange counts, and how many there are."""
        groups = len(self.interchange.groups)
        if groups or not self.terms.counts_messages:
            return "group", groups
        return "message", sum(message.head is not None for message in self.interchange.messages)

    def on_interchange_end(self, raw: str, row: R) -> None:
        """Closes the interchange and compares count and control number with those of its trailer."""
        self.close_unfinished()
        self.leave_group(None)
        interchange, tail = self.interchange, self.terms.interchange_tail
        interchange.tail, interchange.stated_count = row, self.said(row, 1)
        name, counted = self.counted()
        miscounted = self.miscounted(tail, row, f"the interchange has {counted} {name}s", counted)
        if miscounted:
            interchange.find(f"{name}_count", miscounted, f"{tail}01")
        other = self.misnumbered(tail, row, self.terms.interchange_control, interchange.control_number)
        if other:
            interchange.find("interchange_control_mismatch", other, f"{tail}02")

    def finish(self) -> None:
        """Closes what the end of the text left open."""
        self.close_unfinished()
        self.leave_group(None)
        if self.interchange.tail is None:
            tail = self.terms.interchange_tail
            detail = f"the interchange has no {tail}; documents behind its last segment may be lost"
            self.interchange.find("interchange_trailer_missing", detail, tail)
