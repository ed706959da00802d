"""Serial shipping container codes (SSCC) as packages carry them.

Invariant: the application identifier is no part of the code.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.identifiers import check_digit

_SSCC_LENGTH: Final = 18


def sscc_of(text: str) -> str | None:
    """18 digits, the application identifier (00) left out; None where they are not that many."""
    digits = text.replace(" ", "").removeprefix("(00)")
    if len(digits) == _SSCC_LENGTH + 2 and digits.startswith("00"):
        digits = digits[2:]
    if len(digits) != _SSCC_LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    return digits


def is_sscc(digits: str) -> bool:
    """Whether the check digit of 18 digits is right."""
    return check_digit(digits[:-1]) == digits[-1]
