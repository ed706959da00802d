"""One segment: tag, elements, components, with its place.

Invariant: an element is addressed by its number behind the tag and a component by its number within the
element, both from 1, as the directories count; absent is empty text.
"""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.formats.edi import document
from crossdock.formats.edi.text import BLANKS
from crossdock.formats.edifact.service import ServiceCharacters, split, unescape

Row = list[list[str]]
"""A segment as read: `row[0]` is the tag, then the components of each element (of its first repetition)."""


def parse(text: str, service: ServiceCharacters) -> Row:
    """Tag and elements of a segment, unescaped, each component without surrounding blanks."""
    release, repetition = service.release, service.repetition
    elements = split(text.strip(BLANKS), service.element, release)
    if repetition and repetition in text:
        elements = [split(element, repetition, release)[0] for element in elements]
    if not release or release not in text:
        return [[part.strip(BLANKS) for part in element.split(service.component)] for element in elements]
    return [
        [unescape(part, release).strip(BLANKS) for part in split(element, service.component, release)]
        for element in elements
    ]


def component(row: Row, number: int, part: int = 1) -> str:
    """Component of a row's element; empty where it is absent."""
    if number >= len(row):
        return ""
    element = row[number]
    return element[part - 1] if part <= len(element) else ""


def tag_of(text: str) -> str:
    """The tag that a raw segment begins with, in upper case, three characters at most."""
    return text.lstrip(BLANKS)[:3].upper()


@dataclass(frozen=True, slots=True)
class Segment(document.Segment[Row]):
    """A segment of a message; components are read by element and part, empty where absent."""

    def get(self, number: int, part: int = 1) -> str:
        """Component of an element."""
        return component(self.row, number, part)

    def code(self, number: int, part: int = 1) -> str:
        """Component that holds a code: in upper case."""
        return component(self.row, number, part).upper()

    def joined(self) -> str:
        """All elements as said, joined by `+` and `:` whatever the service characters were."""
        elements = [":".join(element).rstrip(":") for element in self.row[1:]]
        return "+".join(elements).rstrip("+")

    def rest(self) -> str:
        """The first element as said, without its qualifier."""
        return ":".join(self.row[1][1:]).strip(":") if len(self.row) > 1 else ""

    def texts(self, number: int) -> list[str]:
        """Components of an element that are not empty."""
        return [part for part in self.row[number] if part] if number < len(self.row) else []
