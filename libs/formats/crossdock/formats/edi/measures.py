"""Quantities of one dimension in each other's units, for prices per another unit than the ordered one.

Invariant: a conversion is exact; units of different dimensions have none.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

_SIZES: Final[dict[str, tuple[str, Decimal]]] = {
    "LBR": ("mass", Decimal("453.59237")),
    "ONZ": ("mass", Decimal("28.349523125")),
    "APZ": ("mass", Decimal("31.1034768")),
    "CWA": ("mass", Decimal("45359.237")),
    "STN": ("mass", Decimal("907184.74")),
    "GRM": ("mass", Decimal(1)),
    "KGM": ("mass", Decimal(1000)),
    "TNE": ("mass", Decimal(1_000_000)),
    "INH": ("length", Decimal("25.4")),
    "FOT": ("length", Decimal("304.8")),
    "LF": ("length", Decimal("304.8")),
    "YRD": ("length", Decimal("914.4")),
    "MMT": ("length", Decimal(1)),
    "CMT": ("length", Decimal(10)),
    "DMT": ("length", Decimal(100)),
    "MTR": ("length", Decimal(1000)),
    "LM": ("length", Decimal(1000)),
    "HMT": ("length", Decimal(100_000)),
    "KMT": ("length", Decimal(1_000_000)),
    "INK": ("area", Decimal("645.16")),
    "FTK": ("area", Decimal("92903.04")),
    "YDK": ("area", Decimal("836127.36")),
    "MTK": ("area", Decimal(1_000_000)),
    "MLT": ("volume", Decimal(1)),
    "LTR": ("volume", Decimal(1000)),
}
"""Rec 20 unit → (dimension, exact size in gram, millimetre, square millimetre or millilitre)."""


def converted(quantity: Fraction | Decimal, unit: str, wanted: str) -> Fraction | None:
    """A quantity of one Rec 20 unit in another of its dimension; None where there is no such factor."""
    if unit == wanted:
        return Fraction(quantity)
    from_, to = _SIZES.get(unit), _SIZES.get(wanted)
    if from_ is None or to is None or from_[0] != to[0]:
        return None
    return Fraction(quantity) * Fraction(from_[1]) / Fraction(to[1])
