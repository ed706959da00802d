"""One transaction set as numbered segments that know their place.

Invariant: a document is complete (ST..SE in one interchange) or refused with the place of the damage;
what was odd but readable is among its warnings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning
from crossdock.formats.edi.envelope import Message
from crossdock.formats.edi.payload import the_one
from crossdock.formats.edi.text import BLANKS, count_of
from crossdock.formats.x12.delimiters import Delimiters, Header
from crossdock.formats.x12.envelope import Interchange
from crossdock.formats.x12.payload import OPENING, read_payload
from crossdock.formats.x12.tokenizer import Row, decode, element


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment with its place; elements are read by number, trimmed, empty where absent."""

    row: Row
    tag: str
    number: int
    """Counts from 1 (the ST) within its set."""
    place: str
    """Place of the set."""

    def get(self, number: int) -> str:
        """Element by its number."""
        row = self.row
        return row[number].strip(BLANKS) if number < len(row) else ""

    def code(self, number: int) -> str:
        """Element that holds a code: in upper case."""
        return self.get(number).upper()

    def path(self, number: int = 0) -> str:
        """Place of the segment, or of one of its elements."""
        name = f"{self.place}/segment {self.number} {self.tag[:3]}"
        return f"{name}/{self.tag[:3]}{number:02d}" if number else name

    def refuse(self, code: RejectionCode, detail: str, number: int = 0) -> Rejected:
        """A refusal at this place."""
        return Rejected(code, detail, self.path(number))

    def joined(self) -> str:
        """All elements as said, joined by `*` whatever the separator was."""
        return "*".join([part.strip(BLANKS) for part in self.row[1:]]).rstrip("*")

    def pairs(self, first: int) -> Iterator[tuple[int, str, str]]:
        """(element number, qualifier, value) from element `first` on; pairs without both are included."""
        for number in range(first, len(self.row), 2):
            qualifier, value = self.code(number), self.get(number + 1)
            if qualifier or value:
                yield number, qualifier, value


@dataclass(slots=True)
class Document:
    """A transaction set, its envelope, and what was odd about them."""

    header: Header
    gs: Row
    segments: list[Segment]
    warnings: list[Warning]
    stated_count: int | None
    """SE01, where it is a number."""

    @property
    def set_type(self) -> str:
        """ST01."""
        return self.segments[0].get(1)

    @property
    def control_number(self) -> str:
        """ST02."""
        return self.segments[0].get(2)

    @property
    def delimiters(self) -> Delimiters:
        """Delimiters of its interchange."""
        return self.header.delimiters

    def warn(self, code: str, detail: str, path: str) -> None:
        """Adds something odd that does not stop the reading."""
        self.warnings.append(Warning(code, detail, path))


def read_document(value: bytes | None) -> Document:
    """The one transaction set of a payload.

    Raises:
        Rejected: `envelope_broken` where it is not exactly one complete set, `encoding_invalid`.
    """
    payload = read_payload(decode(value))
    interchange, opened = the_one(payload, OPENING)
    return _document(interchange, opened, interchange.place_of(opened), payload.warnings)


def _document(
    interchange: Interchange, opened: Message[Row], place: str, warnings: list[Warning]
) -> Document:
    separator = interchange.header.delimiters.element
    segments: list[Segment] = []
    for raw in opened.segments:
        row = raw.strip(BLANKS).split(separator)
        segments.append(Segment(row, row[0].strip(BLANKS).upper(), len(segments) + 1, place))
    return Document(
        header=interchange.header,
        gs=opened.group.head if opened.group else [],
        segments=segments,
        warnings=[*warnings, *interchange.findings],
        stated_count=count_of(element(opened.tail or [], 1)),
    )
