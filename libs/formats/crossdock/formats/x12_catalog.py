"""All X12 formats, for the registry.

Invariant: each set that is read has one format of its own, and `x12` takes any of them.
"""

from __future__ import annotations

from typing import Final

from crossdock.formats import (
    x12_214,
    x12_810,
    x12_820,
    x12_846,
    x12_850,
    x12_852,
    x12_855,
    x12_856,
    x12_860,
    x12_865,
    x12_940,
    x12_945,
    x12_997,
    x12_any,
)
from crossdock.formats.declaration import Format

X12_FORMATS: Final[tuple[Format, ...]] = (
    x12_214.FORMAT,
    x12_810.FORMAT,
    x12_820.FORMAT,
    x12_846.FORMAT,
    x12_850.FORMAT,
    x12_852.FORMAT,
    x12_855.FORMAT,
    x12_856.FORMAT,
    x12_860.FORMAT,
    x12_865.FORMAT,
    x12_940.FORMAT,
    x12_945.FORMAT,
    x12_997.FORMAT,
    x12_any.FORMAT,
)
"""In order of their number."""
