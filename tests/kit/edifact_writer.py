"""Writes EDIFACT interchanges for tests, with any service characters and any lie in the envelope.

Invariant: what a test does not ask for is right: counts count, references match, data is released.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

Element = str | list[str]
Rows = list[list[Element]]
"""Segments of one message without UNH and UNT: tag, then elements as text or components."""


@dataclass(frozen=True)
class Style:
    """How a sender writes: service characters, line ends, character set."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    terminator: str = "'"
    repetition: str = " "
    """Fifth character of UNA."""
    syntax: str = "UNOC"
    version: str = "3"
    has_una: bool = True
    line_end: str = "\n"
    """Between segments, behind the terminator."""
    has_last_terminator: bool = True
    prefix: bytes = b""
    """BOM, blanks or other text before the first segment."""
    encoding: str = "iso8859-1"

    def una(self) -> str:
        """The service string, or nothing."""
        if not self.has_una:
            return ""
        characters = (self.component, self.element, self.decimal, self.release or " ", self.repetition)
        return "UNA" + "".join(characters) + self.terminator + self.line_end

    def data(self, text: str) -> str:
        """Text with its service characters released."""
        special = {self.component, self.element, self.release, self.terminator} - {""}
        if self.version >= "4" and self.repetition != " ":
            special.add(self.repetition)
        return "".join(self.release + one if one in special else one for one in text)

    def segment(self, row: list[Element]) -> str:
        """A segment without its terminator; trailing empty elements are left out."""
        parts = [
            self.data(one) if isinstance(one, str) else self.component.join(map(self.data, one))
            for one in row
        ]
        while len(parts) > 1 and not parts[-1].strip(self.component):
            parts.pop()
        return self.element.join(parts)


@dataclass(frozen=True)
class Message:
    """One UNH..UNT and what its trailer says."""

    rows: Rows
    message_type: str = "ORDERS"
    reference: str = "1"
    directory: tuple[str, ...] = ("D", "96A", "UN")
    count: int | None = None
    """UNT01; None: right."""
    trailer_reference: str | None = None
    """UNT02; None: as UNH01."""
    has_trailer: bool = True

    def segments(self) -> Rows:
        """UNH, the rows, UNT."""
        rows: Rows = [["UNH", self.reference, [self.message_type, *self.directory]], *self.rows]
        if self.has_trailer:
            count = len(rows) + 1 if self.count is None else self.count
            reference = self.reference if self.trailer_reference is None else self.trailer_reference
            rows.append(["UNT", str(count), reference])
        return rows


@dataclass(frozen=True)
class Interchange:
    """UNB..UNZ: messages, in one group where it has a reference."""

    messages: tuple[Message, ...]
    control: str = "4711"
    style: Style = field(default_factory=Style)
    group: str = ""
    """UNG05; empty: no group."""
    group_count: int | None = None
    count: int | None = None
    """UNZ01; None: right."""
    trailer_control: str | None = None
    has_trailer: bool = True
    sender: str = "9900000000011"
    receiver: str = "9900000000028"
    is_test: bool = False

    def styled(self, style: Style) -> Interchange:
        """The same content in another way of writing."""
        return replace(self, style=style)

    def segments(self) -> Rows:
        """All segments from UNB to UNZ."""
        stamp: list[str] = ["20260105" if self.style.version >= "4" else "260105", "0815"]
        parties: list[Element] = [[self.sender, "14"], [self.receiver, "14"], stamp]
        head: list[Element] = ["UNB", [self.style.syntax, self.style.version], *parties, self.control]
        rows: Rows = [[*head, "", "", "", "", "", "1"] if self.is_test else head]
        if self.group:
            rows.append(["UNG", "ORDERS", *parties, self.group, "UN", ["D", "96A"]])
        for message in self.messages:
            rows += message.segments()
        if self.group:
            count = len(self.messages) if self.group_count is None else self.group_count
            rows.append(["UNE", str(count), self.group])
        if self.has_trailer:
            right = 1 if self.group else len(self.messages)
            count = right if self.count is None else self.count
            rows.append(
                ["UNZ", str(count), self.control if self.trailer_control is None else self.trailer_control]
            )
        return rows

    def text(self) -> str:
        """The interchange as it is sent."""
        style = self.style
        segments = [style.segment(row) + style.terminator for row in self.segments()]
        text = style.una() + style.line_end.join(segments)
        return text if style.has_last_terminator else text[: -len(style.terminator)]


def payload(*interchanges: Interchange) -> bytes:
    """A file of interchanges."""
    first = interchanges[0].style
    text = first.line_end.join([one.text() for one in interchanges])
    return first.prefix + text.encode(first.encoding)


def message(rows: Rows, message_type: str = "ORDERS", style: Style | None = None) -> bytes:
    """A file of one message."""
    return payload(Interchange((Message(rows, message_type),), style=style or Style()))
