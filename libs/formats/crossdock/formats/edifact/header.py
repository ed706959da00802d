"""The head of an interchange: UNA and UNB, and where it begins.

Invariant: the characters come from UNA, or are the standard's defaults; only an UNB that is written with
others and has no UNA has them read from itself, and that is reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.edi.text import BLANKS
from crossdock.formats.edifact.segment import Row, component, parse
from crossdock.formats.edifact.service import UNA_LENGTH, ServiceCharacters, find_terminator, of_una

START: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:UNA.{5}(?:.|\r?\n)[ \t\r\n]*UNB(?![A-Za-z0-9])|UNB(?=[^A-Za-z0-9\s]))",
    re.IGNORECASE | re.DOTALL,
)
"""Where an interchange may begin."""
_DEFAULT: Final = ServiceCharacters()
_HEADER_MAX: Final = 2_000
"""Longest UNB that is read; its elements have some 350 characters at most."""
_FOLLOWING: Final = ("UNH", "UNG", "UNZ")
_LINE_END: Final = re.compile(r"\r?\n[ \t\r\n]*UN[HGZ](?=[^A-Za-z0-9\s])", re.IGNORECASE)
"""Where a UNB without terminator ends."""
_SYNTAX_WITH_REPETITION: Final = "4"


@dataclass(frozen=True, slots=True)
class Header:
    """UNA and UNB as read."""

    service: ServiceCharacters
    unb: Row
    end: int
    """Offset just behind the terminator of UNB."""
    is_inferred: bool
    """The characters were read from UNB itself, for there is no UNA and they are not the usual ones."""

    has_una: bool
    """An UNA stands before the UNB."""

    is_cut: bool
    """Its terminator is missing: it ends with its line."""

    def element(self, number: int, part: int = 1) -> str:
        """Component of an UNB element, both counted from 1; empty where absent."""
        return component(self.unb, number, part)


def read_header(text: str, start: int) -> Header:
    """Header of the interchange that begins at `start` with UNA or UNB.

    Raises:
        Rejected: `envelope_broken` where it cannot be told.
    """
    begin, service, is_inferred = start, _DEFAULT, False
    una = text[start : start + UNA_LENGTH]
    if una[:3].upper() == "UNA":
        if una[7] == _DEFAULT.terminator and una[8] in BLANKS:  # the blank before it is lost
            una = f"{una[:7]} {una[7]}"
        service = of_una(una)
        begin = start + UNA_LENGTH
        while text[begin : begin + 1] and text[begin] in BLANKS:
            begin += 1
    elif text[start + 3 : start + 4] != _DEFAULT.element:
        service, is_inferred = _inferred(text, start), True
    end = find_terminator(text, begin, service, begin + _HEADER_MAX)
    line_end = _LINE_END.search(text, begin, begin + _HEADER_MAX if end < 0 else end)
    if end < 0 and line_end is None:
        raise _broken("no segment terminator ends the UNB; its terminator is the sixth character of UNA")
    behind = end + 1
    if line_end is not None:
        end = behind = line_end.start()
    unb = parse(text[begin:end], service)
    service = _with_repetition(service, unb, una)
    return Header(service, unb, behind, is_inferred, begin > start, is_cut=line_end is not None)


def _with_repetition(service: ServiceCharacters, unb: Row, una: str) -> ServiceCharacters:
    """From syntax 4 on the fifth character of UNA separates repetitions, `*` where there is no UNA."""
    if component(unb, 1, 2) < _SYNTAX_WITH_REPETITION:
        return service
    character = una[7] if una[:3].upper() == "UNA" else "*"
    taken = {service.component, service.element, service.release, service.terminator}
    if character in taken or character in BLANKS or character.isalnum():
        return service
    return replace(service, repetition=character)


def _inferred(text: str, start: int) -> ServiceCharacters:
    """Element separator behind `UNB`, component separator behind `UNOx`, terminator before what follows."""
    element, part = text[start + 3 : start + 4], text[start + 8 : start + 9]
    places = [text.find(f"{tag}{element}", start + 4, start + _HEADER_MAX) for tag in _FOLLOWING]
    found = [place for place in places if place > 0]
    before = text[start : min(found)].rstrip(BLANKS) if found else ""
    terminator = before[-1:]
    if not terminator or terminator.isalnum() or part.isalnum() or terminator in (element, part):
        raise _broken("UNB is not written with + and ', and there is no UNA that says with what")
    has_release = _DEFAULT.release not in (element, part, terminator)
    return ServiceCharacters(part, element, ".", _DEFAULT.release if has_release else "", terminator)


def _broken(detail: str) -> Rejected:
    return Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "interchange/UNB")
