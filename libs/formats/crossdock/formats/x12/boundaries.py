"""Where the interchanges of one text end.

Invariant: every IEA and every ISA before the interchange's own separator is found, in any case and in
order; a text of many interchanges is walked once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache


class Ends:
    """Where the interchanges of one text may end: at an IEA, or before the next ISA, in any case.

    Searching goes forward only; what was found once is not looked for again, so a text of many
    interchanges is walked once per kind of mark.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded = text.lower() if text.isascii() else None  # of ASCII, lower case has the same length
        self._found: dict[str, int] = {}

    def behind(self, separator: str, start: int) -> Iterator[int]:
        """Offsets of `IEA` and `ISA` before a separator, in order, from `start` on."""
        if self._folded is None:
            for match in _boundary(separator).finditer(self.text, start):
                yield match.start()
            return
        at = start
        while True:
            at = min(self._next(f"{mark}{separator.lower()}", at) for mark in ("iea", "isa"))
            if at == len(self.text):
                return
            yield at
            at += 1

    def _next(self, needle: str, start: int) -> int:
        """Offset of the needle from `start` on; the text's length where there is none."""
        found = self._found.get(needle, -1)
        if found < start:
            assert self._folded is not None, "only ASCII is folded"
            found = self._folded.find(needle, start)
            found = self._found[needle] = len(self.text) if found < 0 else found
        return found


@lru_cache(maxsize=64)
def _boundary(element_separator: str) -> re.Pattern[str]:
    """What may end an interchange: its IEA, or the next ISA."""
    return re.compile(rf"(?:IEA|ISA)(?={re.escape(element_separator)})", re.IGNORECASE)
