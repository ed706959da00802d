"""Writes X12 interchanges for tests, with any delimiters and any lie in the envelope.

Invariant: what a test does not ask for is right: counts count, controls match, the ISA is padded.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

Rows = list[list[str]]
"""Segments of one set without ST and SE: tag and elements."""


@dataclass(frozen=True)
class Style:
    """How a sender writes: delimiters, line ends, padding, encoding."""

    element: str = "*"
    component: str = ">"
    segment: str = "~"
    repetition: str = "U"
    version: str = "00401"
    line_end: str = "\n"
    """Between segments, behind the terminator."""
    is_padded: bool = True
    has_last_terminator: bool = True
    prefix: bytes = b""
    """BOM, blanks or other text before the first ISA."""
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Set:
    """One ST..SE and what its trailer says."""

    rows: Rows
    control: str = "0001"
    set_type: str = "850"
    count: int | None = None
    """SE01; None: right."""
    trailer_control: str | None = None
    """SE02; None: as ST02."""
    has_trailer: bool = True

    def segments(self) -> Rows:
        """ST, the rows, SE."""
        rows = [["ST", self.set_type, self.control], *self.rows]
        if self.has_trailer:
            count = len(rows) + 1 if self.count is None else self.count
            control = self.control if self.trailer_control is None else self.trailer_control
            rows.append(["SE", str(count), control])
        return rows


@dataclass(frozen=True)
class Group:
    """One GS..GE."""

    sets: tuple[Set, ...]
    control: str = "1"
    count: int | None = None
    """GE01; None: right."""
    trailer_control: str | None = None
    date: str = "20260105"
    time: str = "0936"

    def segments(self) -> Rows:
        """GS, the sets, GE."""
        gs = ["GS", "PO", "SENDER", "RECEIVER", self.date, self.time, self.control, "X", "004010"]
        body = [row for one in self.sets for row in one.segments()]
        count = len(self.sets) if self.count is None else self.count
        control = self.control if self.trailer_control is None else self.trailer_control
        return [gs, *body, ["GE", str(count), control]]


@dataclass(frozen=True)
class Interchange:
    """One ISA..IEA."""

    groups: tuple[Group, ...]
    control: str = "000000055"
    style: Style = field(default_factory=Style)
    count: int | None = None
    """IEA01; None: right."""
    trailer_control: str | None = None
    sender: tuple[str, str] = ("01", "PARTNER")
    receiver: tuple[str, str] = ("ZZ", "ACME")
    date: str = "260105"
    time: str = "0936"
    usage: str = "P"
    """ISA15: production or test."""

    def header(self) -> str:
        """The ISA without its terminator."""
        style = self.style
        widths = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1]
        values = ["00", "", "00", "", *self.sender, *self.receiver, self.date, self.time, style.repetition]
        values += [style.version, self.control, "0", self.usage]
        if style.is_padded:
            values = [value.ljust(width) for value, width in zip(values, widths, strict=True)]
        return style.element.join(["ISA", *values, style.component])

    def text(self) -> str:
        """The whole interchange."""
        style = self.style
        body = [row for group in self.groups for row in group.segments()]
        count = len(self.groups) if self.count is None else self.count
        control = self.control if self.trailer_control is None else self.trailer_control
        body.append(["IEA", str(count), control])
        segments = [self.header(), *[style.element.join(row) for row in body]]
        text = (style.segment + style.line_end).join(segments) + style.segment + style.line_end
        return text if style.has_last_terminator else text[: -len(style.segment + style.line_end)]

    def styled(self, style: Style) -> Interchange:
        """The same content in another style."""
        return replace(self, style=style)


def payload(*interchanges: Interchange) -> bytes:
    """Bytes of a file with these interchanges, in the first one's encoding and with its prefix."""
    style = interchanges[0].style
    return style.prefix + "".join([one.text() for one in interchanges]).encode(style.encoding)


def one_set(rows: Rows, style: Style | None = None) -> bytes:
    """Bytes of an interchange with one set of these rows."""
    return payload(Interchange((Group((Set(rows),)),), style=style or Style()))


def rows(text: str) -> Rows:
    """Rows of a readable text: one segment a line, `*` between elements."""
    return [line.strip().split("*") for line in text.strip().splitlines() if line.strip()]
