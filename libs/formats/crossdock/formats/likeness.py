"""How much a payload looks like a format, by names that only that format uses.

Invariant: a guess decides nothing about money: it only chooses the format that `--format auto` tries, and
two formats that are equally likely are an error of the call.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from typing import Final

_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_LOOKED_AT_BYTES: Final = 262_144
_TOLD_BYTES: Final = 64
"""How much tells UTF-16: of ASCII text about half of its bytes are zero."""
_LEADING: Final = re.compile(rb"(?:\xef\xbb\xbf|\s++|/\*.*?\*/)*+", re.DOTALL)
"""What may stand before JSON: blanks, a BOM, and the licence that samples of public projects begin with."""


def json_with(*names: str, score: int, without: tuple[str, ...] = ()) -> Callable[[bytes], int]:
    """Recognises JSON in which all these member names stand, and none of `without`.

    Args:
        score: 1 to 100; more where the names are found in no other format.
    """
    needed = [f'"{name}"'.encode() for name in names]
    refused = [f'"{name}"'.encode() for name in without]

    def looks_like(data: bytes) -> int:
        start = _start_of(data)
        opening = _LEADING.match(start)
        if opening is None or start[opening.end() : opening.end() + 1] not in (b"{", b"["):
            return 0
        is_like = all(name in start for name in needed) and not any(name in start for name in refused)
        return score if is_like else 0

    return looks_like


def text_with(*words: str, score: int, opening: str = "") -> Callable[[bytes], int]:
    """Recognises text that begins with `opening` (after blanks and a BOM) and holds all words."""
    needed = [word.encode() for word in words]
    first = opening.encode()

    def looks_like(data: bytes) -> int:
        start = _start_of(data).lstrip(_BLANKS)
        return score if start.startswith(first) and all(word in start for word in needed) else 0

    return looks_like


def _start_of(data: bytes) -> bytes:
    """Where the names are looked for: of UTF-16 the low halves, for the names are ASCII."""
    start = data[:_LOOKED_AT_BYTES]
    told = start[:_TOLD_BYTES]
    if told.count(0) * 4 < len(told) or not told:
        return start
    return start.removeprefix(BOM_UTF16_LE).removeprefix(BOM_UTF16_BE).replace(b"\0", b"")


def most(*recognisers: Callable[[bytes], int]) -> Callable[[bytes], int]:
    """The highest of several scores."""
    return lambda data: max(recogniser(data) for recogniser in recognisers)
