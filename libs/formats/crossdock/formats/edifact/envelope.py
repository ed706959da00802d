"""Groups and messages of an interchange, with the control figures checked.

Invariant: every segment of the interchange belongs to exactly one header or trailer, one message or one
stray run; each control reference and count that disagrees is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning
from crossdock.formats.edi.text import BLANKS, count_of, label, same_number
from crossdock.formats.edifact.header import START, Header, read_header
from crossdock.formats.edifact.segment import Row, component, parse, tag_of
from crossdock.formats.edifact.service import ServiceCharacters, find_terminator
from crossdock.formats.edifact.tokenizer import SEGMENT_TAGS
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts

_GROUP_CHARACTERS_MAX: Final = 500


@dataclass(slots=True)
class Message:
    """UNH..UNT, or a run of stray segments that no UNH opened (`unh` is None)."""

    position: int
    """Counts from 1 within the interchange."""
    segments: list[str]
    """Raw segments, blanks around them included."""
    unh: Row | None
    unt: Row | None = None
    group: Group | None = None
    problems: list[Warning] = field(default_factory=list)
    """What was found wrong with the message itself; `is_complete` says whether it can be read."""
    is_complete: bool = True

    @property
    def message_type(self) -> str:
        """Type (0065), e.g. ORDERS; empty for strays."""
        return component(self.unh, 2).upper() if self.unh else ""

    @property
    def reference(self) -> str:
        """Message reference (0062) as said."""
        return component(self.unh, 1) if self.unh else ""


@dataclass(slots=True)
class Group:
    """UNG..UNE: raw UNG and its elements."""

    segment: str
    ung: Row
    une: Row | None = None
    messages: int = 0
    """How many UNH it holds."""

    @property
    def reference(self) -> str:
        """Group reference (0048) as said."""
        return component(self.ung, 5)


@dataclass(slots=True)
class Interchange:
    """UNA, UNB..UNZ of one sender: header, groups, messages and findings in document order."""

    header: Header
    head: str
    """UNA and UNB as they stand, terminators included."""
    text: str
    """The whole interchange as it stands."""
    groups: list[Group] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    unz: Row | None = None
    is_repetition: bool = False
    """The same interchange with the same content stood before in this payload."""
    findings: list[Warning] = field(default_factory=list)

    @property
    def control_reference(self) -> str:
        """Interchange control reference (0020) as said."""
        return self.header.element(5)

    @property
    def sender(self) -> str:
        """Sender as `qualifier:id`; the qualifier may be empty."""
        return f"{self.header.element(2, 2)}:{self.header.element(2)}"

    @property
    def receiver(self) -> str:
        """Recipient as `qualifier:id`; the qualifier may be empty."""
        return f"{self.header.element(3, 2)}:{self.header.element(3)}"

    @property
    def service(self) -> ServiceCharacters:
        """Its service characters."""
        return self.header.service

    def find(self, code: str, detail: str, place: str = "") -> None:
        """Adds a finding at a place within this interchange."""
        path = f"interchange {label(self.control_reference)}" + (f"/{place}" if place else "")
        self.findings.append(Warning(code, detail, path))


def read_interchange(text: str, start: int) -> tuple[Interchange, int]:
    """One interchange from its UNA or UNB on, and the offset behind it. Raises Rejected."""
    header = read_header(text, start)
    interchange = Interchange(header, text[start : header.end], "")
    end = _Scan(interchange, text).run(header.end)
    interchange.text = text[start:end]
    return interchange, end


class _Scan:
    """Walks the segments of one interchange once and closes what is left open."""

    def __init__(self, interchange: Interchange, text: str) -> None:
        self.interchange = interchange
        self.text = text
        self.service = interchange.service
        self.group: Group | None = None
        self.open: Message | None = None
        self.seen: set[tuple[int, str]] = set()
        """(group, message reference) and (0, group reference) so far; groups count from 1."""
        self.lost = 0
        self.handlers = {
            "UNG": self.on_ung,
            "UNH": self.on_unh,
            "UNT": self.on_unt,
            "UNE": self.on_une,
        }

    def run(self, at: int) -> int:
        """Takes segments from this offset on; returns the offset behind the interchange."""
        length, end = len(self.text), -1
        while end < 0 and at < length:
            stop = find_terminator(self.text, at, self.service)
            behind = length if stop < 0 else stop + 1
            end = self.take_raw(self.text[at : length if stop < 0 else stop], at, behind)
            at = behind
        self.finish()
        return end if end >= 0 else length

    def take_raw(self, raw: str, at: int, behind: int) -> int:
        """Takes what stands before one terminator; the end of the interchange where it ends here, else −1."""
        pieces = self.pieces(raw) if "\n" in raw.strip(BLANKS) else [raw]
        for number, piece in enumerate(pieces):
            is_last = number == len(pieces) - 1
            tag = tag_of(piece)
            if tag in ("UNA", "UNB") and self.begins_another(tag, at, piece):
                return at + len(piece) - len(piece.lstrip(BLANKS))
            if tag == "UNZ":
                return self.on_unz(piece, at, behind if is_last else at + len(piece))
            if piece.strip(BLANKS):
                self.take(piece, tag)
            self.lost += not is_last
            at += len(piece)
        return -1

    def pieces(self, raw: str) -> list[str]:
        """Cuts where a line end and a known tag follow each other without a terminator."""
        if self.service.terminator == "\n":
            return [raw]
        pieces: list[list[str]] = [[]]
        for line in raw.split("\n"):
            tag, behind = line.lstrip(BLANKS)[:3].upper(), line.lstrip(BLANKS)[3:4]
            is_segment = tag in SEGMENT_TAGS and (behind == self.service.element or tag == "UNA")
            if is_segment and "".join(pieces[-1]).strip(BLANKS):
                pieces.append([""])  # the line end stays in front of its segment
            pieces[-1].append(line)
        return ["\n".join(lines) for lines in pieces]

    def begins_another(self, tag: str, at: int, piece: str) -> bool:
        """Whether the next interchange begins here: UNB with a separator, or UNA with an UNB behind it."""
        start = at + len(piece) - len(piece.lstrip(BLANKS))
        if tag == "UNB":
            behind = self.text[start + 3 : start + 4]
            return bool(behind) and not behind.isalnum() and not behind.isspace()
        match = START.match(self.text, start)
        return match is not None and match[0][:3].upper() == "UNA"

    def take(self, raw: str, tag: str) -> None:
        if tag in self.handlers and self.is_whole_tag(raw):
            self.handlers[tag](raw, parse(raw, self.service))
        elif self.open is None:
            self.begin(None, raw)
        else:
            self.open.segments.append(raw)

    def is_whole_tag(self, raw: str) -> bool:
        """Whether an element separator (or nothing) follows the three letters."""
        behind = raw.lstrip(BLANKS)[3:4]
        return behind in ("", self.service.element, self.service.component)

    def begin(self, unh: Row | None, raw: str) -> None:
        position = len(self.interchange.messages) + 1
        if position > PARTS_MAX:
            raise too_many_parts(f"interchange {label(self.interchange.control_reference)}")
        self.open = Message(position, [raw], unh, group=self.group)
        self.interchange.messages.append(self.open)
        if unh is None:
            self.problem("segments_outside_message", "segments stand outside any UNH..UNT", is_complete=False)
        elif self.group is not None:
            self.group.messages += 1

    def problem(self, code: str, detail: str, *, is_complete: bool = True) -> None:
        """Notes something wrong with the open message, as finding of the interchange too."""
        assert self.open is not None
        self.interchange.find(code, detail, place_of(self.open))
        self.open.problems.append(self.interchange.findings[-1])
        self.open.is_complete = self.open.is_complete and is_complete

    def close_unfinished(self) -> None:
        if self.open is not None and self.open.unh is None:
            self.forget_comment(self.open)
        elif self.open is not None:
            self.problem(
                "message_trailer_missing", "the message has no UNT; its end may be lost", is_complete=False
            )
        self.open = None

    def forget_comment(self, run: Message) -> None:
        """A stray run without one known tag is a comment: reported, but no document."""
        if SEGMENT_TAGS.isdisjoint([tag_of(segment) for segment in run.segments]):
            self.interchange.messages.remove(run)

    def on_ung(self, raw: str, row: Row) -> None:
        self.close_unfinished()
        self.leave_group(None)
        if len(raw) > _GROUP_CHARACTERS_MAX:  # each of its messages repeats it
            path = f"interchange {label(self.interchange.control_reference)}/UNG"
            detail = f"an UNG has more than {_GROUP_CHARACTERS_MAX} characters; its elements have 35 at most"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, path)
        self.group = Group(raw, row)
        reference = self.group.reference
        if self.is_repeated(0, reference):
            detail = f"the group reference {label(reference)} stands twice in its interchange"
            self.interchange.find("group_control_repeated", detail, f"group {label(reference)}/UNG05")
        self.interchange.groups.append(self.group)

    def on_unh(self, raw: str, row: Row) -> None:
        self.close_unfinished()
        self.begin(row, raw)
        reference = component(row, 1)
        if self.is_repeated(len(self.interchange.groups) + 1, reference):
            detail = f"the message reference {label(reference)} stands twice"
            self.problem("message_control_repeated", detail)

    def is_repeated(self, group: int, reference: str) -> bool:
        before = len(self.seen)
        self.seen.add((group, reference))
        return len(self.seen) == before

    def on_unt(self, raw: str, row: Row) -> None:
        if self.open is None:
            self.begin(None, raw)
            return
        self.open.segments.append(raw)
        if self.open.unh is not None:  # a stray run goes on: its next segments may belong to it
            self.open.unt = row
            self.check_message(self.open, row)
            self.open = None

    def check_message(self, opened: Message, unt: Row) -> None:
        stated, counted = component(unt, 1), len(opened.segments)
        if count_of(stated) != counted:
            detail = f"UNT01 states {label(stated) or 'nothing'}, the message has {counted} segments"
            self.problem("segment_count", detail)
        if not same_number(component(unt, 2), opened.reference):
            detail = f"UNT02 {label(component(unt, 2))} is not UNH01 {label(opened.reference)}"
            self.problem("message_control_mismatch", detail)

    def on_une(self, raw: str, row: Row) -> None:
        self.close_unfinished()
        if self.group is None:
            self.interchange.find("group_trailer_stray", "an UNE closes no group", "UNE")
        self.leave_group(row)

    def leave_group(self, une: Row | None) -> None:
        group, self.group = self.group, None
        if group is None:
            return
        place = f"group {label(group.reference)}"
        group.une = une
        if une is None:
            self.interchange.find("group_trailer_missing", "the group has no UNE", f"{place}/UNE")
            return
        stated = component(une, 1)
        if count_of(stated) != group.messages:
            detail = f"UNE01 states {label(stated) or 'nothing'}, the group has {group.messages} messages"
            self.interchange.find("message_count", detail, f"{place}/UNE01")
        if not same_number(component(une, 2), group.reference):
            detail = f"UNE02 {label(component(une, 2))} is not UNG05 {label(group.reference)}"
            self.interchange.find("group_control_mismatch", detail, f"{place}/UNE02")

    def on_unz(self, raw: str, at: int, behind: int) -> int:
        """Closes the interchange; returns the offset behind it: the terminator, or the end of the line."""
        line_end = -1
        if self.service.terminator != "\n":
            line_end = raw.find("\n", len(raw) - len(raw.lstrip(BLANKS)))
        row = parse(raw if line_end < 0 else raw[:line_end], self.service)
        self.close_unfinished()
        self.leave_group(None)
        self.interchange.unz = row
        groups = len(self.interchange.groups)
        counted = groups or sum(message.unh is not None for message in self.interchange.messages)
        what, stated = ("groups" if groups else "messages"), component(row, 1)
        if count_of(stated) != counted:
            detail = f"UNZ01 states {label(stated) or 'nothing'}, the interchange has {counted} {what}"
            self.interchange.find("group_count" if groups else "message_count", detail, "UNZ01")
        if not same_number(component(row, 2), self.interchange.control_reference):
            control = label(self.interchange.control_reference)
            detail = f"UNZ02 {label(component(row, 2))} is not UNB05 {control}"
            self.interchange.find("interchange_control_mismatch", detail, "UNZ02")
        return behind if line_end < 0 else at + line_end

    def finish(self) -> None:
        self.close_unfinished()
        self.leave_group(None)
        if self.lost:
            detail = f"{self.lost} segment terminators are missing; cut at line ends before known segments"
            self.interchange.find("terminator_missing", detail)
        if self.interchange.header.is_inferred:
            detail = "there is no UNA and UNB is not written with + and '; its characters were read from it"
            self.interchange.find("service_characters_inferred", detail, "UNB")
        if self.interchange.unz is None:
            detail = "the interchange has no UNZ; documents behind its last segment may be lost"
            self.interchange.find("interchange_trailer_missing", detail, "UNZ")


def place_of(opened: Message) -> str:
    """Place of a message within its interchange, without its content."""
    group = label(opened.group.reference) if opened.group else "-"
    name = f"message {label(opened.reference)}" if opened.unh else f"stray {opened.position}"
    return f"group {group}/{name}"
