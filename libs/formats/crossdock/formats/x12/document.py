"""One transaction set as numbered segments that know their place.

Invariant: a document is complete (ST..SE in one interchange) or refused with the place of the damage;
what was odd but readable is among its warnings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crossdock.canonical.reading import Warning
from crossdock.formats.edi import document as edi
from crossdock.formats.edi.envelope import Message
from crossdock.formats.edi.payload import the_one
from crossdock.formats.edi.text import BLANKS, count_of
from crossdock.formats.x12.delimiters import Delimiters, Header
from crossdock.formats.x12.envelope import Interchange
from crossdock.formats.x12.payload import OPENING, read_payload
from crossdock.formats.x12.tokenizer import Row, decode, element, rows


@dataclass(frozen=True, slots=True)
class Segment(edi.Segment[Row]):
    """A segment of a set; elements are read by number, trimmed, empty where absent."""

    def get(self, number: int) -> str:
        """Element by its number."""
        row = self.row
        return row[number].strip(BLANKS) if number < len(row) else ""

    def code(self, number: int) -> str:
        """Element that holds a code: in upper case."""
        return self.get(number).upper()

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
class Document(edi.Document[Header, Row]):
    """A transaction set, its envelope, and what was odd about them."""

    segments: list[Segment]

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
    cut = rows(opened.segments, interchange.header.delimiters.element)
    segments = [
        Segment(row, row[0].strip(BLANKS).upper(), number, place) for number, row in enumerate(cut, 1)
    ]
    return Document(
        header=interchange.header,
        group=opened.group.head if opened.group else [],
        segments=segments,
        warnings=[*warnings, *interchange.findings],
        stated_count=count_of(element(opened.tail or [], 1)),
    )
