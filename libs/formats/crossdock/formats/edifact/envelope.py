"""Groups and messages of an interchange, with the control figures checked.

Invariant: every segment of the interchange belongs to exactly one header or trailer, one message or one
stray run; each control reference and count that disagrees is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crossdock.formats.edi import envelope
from crossdock.formats.edi.text import BLANKS
from crossdock.formats.edifact.header import START, Header, read_header
from crossdock.formats.edifact.segment import Row, component, parse, tag_of
from crossdock.formats.edifact.service import find_terminator
from crossdock.formats.edifact.tokenizer import SEGMENT_TAGS


@dataclass(slots=True)
class Interchange(envelope.Interchange[Header, Row]):
    """UNA, UNB..UNZ."""

    terms: ClassVar[envelope.Terms] = envelope.Terms(
        message_head="UNH",
        message_tail="UNT",
        message_control_at=1,
        group_head="UNG",
        group_tail="UNE",
        group_control_at=5,
        interchange_tail="UNZ",
        interchange_control="UNB05",
        message="message",
        message_name="message",
        control="reference",
        repeated="stands twice",
        article="an",
        element_characters_max=35,
        counts_messages=True,
    )

    @property
    def control_number(self) -> str:
        """Interchange control reference (0020) as said."""
        return self.header.element(5)

    @property
    def sender(self) -> str:
        """Sender (0004, 0007); the qualifier may be empty."""
        return f"{self.header.element(2, 2)}:{self.header.element(2)}"

    @property
    def receiver(self) -> str:
        """Recipient (0010, 0007); the qualifier may be empty."""
        return f"{self.header.element(3, 2)}:{self.header.element(3)}"

    @property
    def syntax_version(self) -> str:
        """Syntax identifier and version (0001, 0002)."""
        return f"{self.header.element(1)}:{self.header.element(1, 2)}".rstrip(":")

    @property
    def prepared(self) -> str:
        """Date and time of preparation (0017, 0019)."""
        return f"{self.header.element(4)} {self.header.element(4, 2)}".strip()

    @property
    def terminator(self) -> str:
        """Segment terminator."""
        return self.header.service.terminator

    def segment(self, *elements: str) -> str:
        """The elements joined, service characters in them released."""
        service = self.header.service
        return service.element.join([service.escape(text) for text in elements])


def read_interchange(text: str, start: int) -> tuple[Interchange, int]:
    """One interchange from its UNA or UNB on, and the offset behind it. Raises Rejected."""
    header = read_header(text, start)
    interchange = Interchange(header, text[start : header.end], "")
    end = _Scan(interchange, text).run(header.end)
    interchange.text = text[start:end]
    return interchange, end


class _Scan(envelope.Scan[Row]):
    """Walks the segments of one interchange once."""

    def __init__(self, interchange: Interchange, text: str) -> None:
        super().__init__(interchange)
        self.text = text
        self.service = interchange.header.service
        self.lost = int(interchange.header.is_cut)

    def said(self, row: Row, number: int) -> str:
        """First component of an element."""
        return component(row, number)

    def kind_of(self, head: Row) -> str:
        """Message type (0065)."""
        return component(head, 2).upper()

    def is_known(self, raw: str) -> bool:
        """Whether its tag is one of the directories'."""
        return tag_of(raw) in SEGMENT_TAGS

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

    def on_unz(self, raw: str, at: int, behind: int) -> int:
        """Closes the interchange; returns the offset behind it: the terminator, or the end of the line."""
        line_end = -1
        if self.service.terminator != "\n":
            line_end = raw.find("\n", len(raw) - len(raw.lstrip(BLANKS)))
        self.on_interchange_end(raw, parse(raw if line_end < 0 else raw[:line_end], self.service))
        return behind if line_end < 0 else at + line_end

    def finish(self) -> None:
        """Closes what is open, then tells how the text was read."""
        self.close_unfinished()
        self.leave_group(None)
        if self.lost:
            detail = f"{self.lost} segment terminators are missing; cut at line ends before known segments"
            self.interchange.find("terminator_missing", detail)
        if self.interchange.header.is_inferred:
            detail = "there is no UNA and UNB is not written with + and '; its characters were read from it"
            self.interchange.find("service_characters_inferred", detail, "UNB")
        super().finish()
