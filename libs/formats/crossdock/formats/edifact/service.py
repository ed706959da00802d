"""The service characters of an EDIFACT interchange, and text cut and joined by them.

Invariant: a character behind the release character is data whatever it is; what one function splits and
unescapes, `escape` writes so that it reads back equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode

UNA_LENGTH: Final = 9
"""`UNA` and its six characters."""


@dataclass(frozen=True, slots=True)
class ServiceCharacters:
    """Characters that structure one interchange; the defaults are those of an interchange without UNA."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    """Empty where the sender has none."""
    terminator: str = "'"
    """A line feed stands for CR, LF and CRLF alike."""
    repetition: str = ""
    """From syntax 4 on; empty before."""

    def escape(self, text: str) -> str:
        """The text as data: service characters in it are released."""
        special = {self.component, self.element, self.release, self.terminator, self.repetition} - {""}
        if not self.release or special.isdisjoint(text):
            return text
        return "".join([self.release + one if one in special else one for one in text])


def of_una(una: str) -> ServiceCharacters:
    """The characters that a UNA states; the fifth counts from syntax 4 on (`with_repetition`).

    Raises:
        Rejected: `envelope_broken` where they cannot structure anything.
    """
    component, element, decimal, release, _, terminator = tuple(una[3:UNA_LENGTH])
    if len({component, element, terminator}) < 3 or _is_word(component + element + terminator):
        raise _broken("UNA does not state three distinct separators that are no letters or digits")
    if element in " \r\n" or component in " \r\n" or terminator == " ":
        raise _broken("a blank or line end cannot separate elements or components")
    if release in (component, element, terminator) or release == " " or release.isalnum():
        release = ""
    return ServiceCharacters(component, element, decimal, release, "\n" if terminator == "\r" else terminator)


def _is_word(characters: str) -> bool:
    return any(character.isascii() and character.isalnum() for character in characters)


def _broken(detail: str) -> Rejected:
    return Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "interchange/UNA")


def split(text: str, separator: str, release: str) -> list[str]:
    """Pieces between separators that are not released; release characters stay in the pieces."""
    pieces = text.split(separator)
    if not release or len(pieces) == 1 or release not in text:
        return pieces
    whole: list[str] = []
    pending: list[str] = []
    for piece in pieces:
        pending.append(piece)
        if not _is_released_at_end(piece, release):
            whole.append(separator.join(pending))
            pending = []
    if pending:
        whole.append(separator.join(pending))
    return whole


def _is_released_at_end(piece: str, release: str) -> bool:
    """Whether the character behind this piece is released: an odd number of release characters ends it."""
    return (len(piece) - len(piece.rstrip(release))) % 2 == 1


def unescape(text: str, release: str) -> str:
    """The data of a piece: each release character gives way to the character behind it."""
    if not release or release not in text:
        return text
    data: list[str] = []
    at = 0
    while (found := text.find(release, at)) >= 0:
        data.append(text[at:found])
        data.append(text[found + 1 : found + 2])
        at = found + 2
    data.append(text[at:])
    return "".join(data)


def find_terminator(text: str, start: int, service: ServiceCharacters, end: int | None = None) -> int:
    """Offset of the next terminator before `end` that is not released, -1 where there is none."""
    terminator, release = service.terminator, service.release
    at = text.find(terminator, start, end)
    while release and at > start and text[at - 1] == release:
        begin = at - 1
        while begin > start and text[begin - 1] == release:
            begin -= 1
        if (at - begin) % 2 == 0:
            return at
        at = text.find(terminator, at + 1, end)
    return at
