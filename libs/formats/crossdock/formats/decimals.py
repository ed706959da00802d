"""One spelling per decimal value, so that equal content has equal bytes and an equal digest.

Invariant: the value never changes, only its trailing zeros: 597.0000 EUR is 597.00, 19940.0 JPY is 19940.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

_STEPS: Final = tuple(Decimal(1).scaleb(-places) for places in range(7))
_EXACT: Final = Context(prec=80)


def spelled(value: Decimal, places: int) -> Decimal:
    """The value with `places` (0 to 6) decimals, with more only where it has more."""
    rounded = value.quantize(_STEPS[places], context=_EXACT)
    return rounded if rounded == value else value.normalize(_EXACT)


def product(price: Decimal, quantity: Decimal, per: Decimal = Decimal(1)) -> Decimal:
    """price × quantity / per, half-even to 6 places: what a figure of decimal(18,6) can say of it."""
    exact = _EXACT.multiply(price, quantity)
    if per != 1:
        exact = _EXACT.divide(exact, per)
    return exact.quantize(_STEPS[6], ROUND_HALF_EVEN, _EXACT)


def sum_of(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Sum of amounts; None where there is none, or where one is not stated."""
    found = list(amounts)
    stated = [amount for amount in found if amount is not None]
    return sum(stated, Decimal(0)) if stated and len(stated) == len(found) else None
