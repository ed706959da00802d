"""The four delimiters of an X12 interchange, found in its ISA segment.

Invariant: delimiters come from the envelope alone, never from a guess about the data; an envelope
that does not give three distinct, usable characters is refused with its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.edi.text import BLANKS

ISA_LENGTH: Final = 106
"""Characters of a padded ISA, its terminator included."""
ISA_START: Final = re.compile(r"(?<![A-Za-z0-9])ISA(?=[^A-Za-z0-9 \r\n])", re.IGNORECASE)

_SEPARATOR_POSITIONS: Final = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_HEADER_WINDOW: Final = 600
"""Longest ISA that is looked at; fields are at most 15 characters, so 16 of them are far below."""
_LINE_ENDS: Final = "\r\n"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """Characters that structure one interchange.

    Args:
        element: ISA character 4.
        component: ISA16; empty where the sender left it out.
        segment: what ends a segment; a line feed stands for CR, LF and CRLF alike.
        repetition: ISA11 from version 00402 on; empty before, or where it is a letter.
    """

    element: str
    component: str
    segment: str
    repetition: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """An ISA as read: its sixteen elements (trimmed), its delimiters and where it ends."""

    elements: tuple[str, ...]
    delimiters: Delimiters
    end: int
    """Offset just behind the ISA's terminator."""
    is_padded: bool

    def element(self, number: int) -> str:
        """ISA element by its number, 1–16."""
        return self.elements[number - 1]


def read_header(text: str, start: int) -> Header:
    """Header of the interchange whose `ISA` begins at `start`.

    Raises:
        Rejected: `envelope_broken` where elements or delimiters cannot be told.
    """
    element = text[start + 3 : start + 4]
    is_padded = _is_padded(text, start, element)
    separators = _separators(text, start, element)
    found = _positional(text, start) if is_padded else None
    if found is None:
        found = _by_splitting(text, separators[-1] + 1, element)
    component, segment, end = found
    if component == element:  # some senders repeat the element separator in ISA16; nothing is composite
        component = ""
    fields = [text[a + 1 : b].strip(BLANKS) for a, b in pairwise(separators)]
    return Header(
        elements=(*fields, component),
        delimiters=_checked(Delimiters(element, component, segment, _repetition(fields))),
        end=end,
        is_padded=is_padded,
    )


def _is_word(character: str) -> bool:
    """Whether data is made of it: letters and digits of ASCII never delimit."""
    return character.isascii() and character.isalnum()


def _broken(detail: str) -> Rejected:
    return Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "interchange/ISA")


def _separators(text: str, start: int, element: str) -> list[int]:
    """Offsets of the sixteen element separators of the ISA."""
    offsets: list[int] = []
    at = start
    while len(offsets) < 16:
        at = text.find(element, at + 1, start + _HEADER_WINDOW)
        if at < 0:
            raise _broken(f"ISA has {len(offsets)} elements, 16 are required")
        offsets.append(at)
    return offsets


def _is_padded(text: str, start: int, element: str) -> bool:
    isa = text[start : start + ISA_LENGTH]
    return (
        len(isa) >= ISA_LENGTH - 1
        and all(isa[position] == element for position in _SEPARATOR_POSITIONS)
        and isa.count(element, 0, 104) == 16
    )


def _positional(text: str, start: int) -> tuple[str, str, int] | None:
    """Component separator and terminator by position, None where the envelope says otherwise."""
    component, segment = text[start + 104], text[start + 105 : start + 106]
    if segment == "" or _is_word(segment) or component in BLANKS or _is_word(component):
        return None
    end = start + ISA_LENGTH
    if segment in _LINE_ENDS:
        if _line_ends_with(text, end, component):
            return None
        if text[end : end + 1] == "\n":
            return component, "\n", end + 1
        return component, segment, end
    return component, segment, end


@lru_cache(maxsize=64)
def _next_segment(element: str) -> re.Pattern[str]:
    """A segment that may follow the ISA, with what stands before it."""
    return re.compile(
        r"(?P<core>[^A-Za-z0-9 \t\r\n]{0,4})(?P<blanks>[ \t\r\n]*)(?<![A-Za-z0-9])"
        rf"(?:GS|TA1|ST|IEA)(?={re.escape(element)})",
        re.IGNORECASE,
    )


def _by_splitting(text: str, start: int, element: str) -> tuple[str, str, int]:
    """Component separator and terminator from what stands between ISA15 and the next segment."""
    match = _next_segment(element).match(text, start)
    if match is None:
        return _without_successor(text, start)
    core, has_line_end = match["core"], any(c in _LINE_ENDS for c in match["blanks"])
    end = start + len(core)
    if len(core) >= 2:
        terminator = core[1:]  # some senders write it twice behind the ISA
        return core[0], terminator[0] if len(set(terminator)) == 1 else terminator, end
    if core and not (has_line_end and not _line_ends_with(text, match.end("blanks"), core)):
        return "", core, end
    if not has_line_end:
        raise _broken("no segment terminator stands between ISA16 and the next segment")
    terminator = "\n" if "\n" in match["blanks"] else "\r"
    return core, terminator, text.index(terminator, end) + 1


def _without_successor(text: str, start: int) -> tuple[str, str, int]:
    """The two characters behind ISA15, where nothing known follows them."""
    component, segment = text[start : start + 1], text[start + 1 : start + 2]
    if not component or not segment or _is_word(component) or _is_word(segment):
        raise _broken("no component separator and segment terminator stand behind ISA15")
    return component, segment, start + 2


def _line_ends_with(text: str, start: int, character: str) -> bool:
    """Whether the first line with content from `start` on ends with this character: then the
    character, not the line end, terminates segments (and ISA16 was left out)."""
    begin = start
    while begin < len(text) and text[begin] in BLANKS:
        begin += 1
    ends = [at for at in (text.find("\n", begin), text.find("\r", begin)) if at >= 0]
    return text[begin : min(ends, default=len(text))].rstrip(" \t").endswith(character)


def _repetition(fields: list[str]) -> str:
    """ISA11 where version (ISA12) and character make it a separator."""
    separator, version = fields[10], fields[11]
    is_separator = len(separator) == 1 and not separator.isalnum()
    return separator if is_separator and re.fullmatch("[0-9]{5}", version) and version >= "00402" else ""


def _checked(delimiters: Delimiters) -> Delimiters:
    """Refuses delimiters that would cut data apart."""
    element, component, segment = delimiters.element, delimiters.component, delimiters.segment
    if segment in (element, component):
        raise _broken("the segment terminator must differ from the element and component separators")
    if not segment.strip(" \t"):
        raise _broken("a blank cannot be the segment terminator")
    if element in segment or element in BLANKS.replace("\t", "") or _is_word(element):
        raise _broken("ISA character 4 cannot be an element separator")
    return delimiters
