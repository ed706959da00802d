"""Allowances and charges that state a percentage alone: what they are where a stated amount tells it.

Invariant: they count only where all of them together lead from what is stated besides to the stated amount,
to the last unit; else none of them does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final, NamedTuple

from crossdock.canonical.money import currency_exponent
from crossdock.formats.order_arithmetic import extended_of, total_of
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, OrderDraft, both

_EXACT: Final = Context(prec=200)
_NONE: Final = Decimal(0)


class Share(NamedTuple):
    """An allowance or charge that states a percentage alone."""

    part: Decimal
    """Part of an amount that it adds; below 0 where it takes off."""
    adjustment: AdjustmentDraft
    """What it becomes, still without an amount."""


class Place(NamedTuple):
    """What the percentages of one place are of: of a line, or of the whole."""

    amount: Decimal
    shares: Sequence[Share]


def explained(
    lines: Sequence[Place], whole: Place, difference: Decimal, currency: str
) -> list[list[AdjustmentDraft]]:
    """Allowances and charges of each line and, last, of the whole, where they make the difference.

    Each percentage is of the amount of its place, or of what the one before it left; those of the whole
    are of what is left of the lines. Empty where neither makes the difference.
    """
    places = [*lines, whole]
    unit = Decimal(1).scaleb(-currency_exponent(currency))
    if not difference or not any(place.shares for place in places):
        return []
    for is_chained in (False, True):
        exact, amounts = _amounts(places, unit, is_chained=is_chained)
        remainder = difference - sum([sum(parts, _NONE) for parts in amounts], _NONE)
        if remainder and abs(difference - exact) > unit / 2:
            continue
        next(of_place for of_place in reversed(amounts) if of_place)[-1] += remainder
        return [
            [_of(amount, share) for amount, share in zip(of_place, place.shares, strict=True)]
            for of_place, place in zip(amounts, places, strict=True)
        ]
    return []


def settle(draft: OrderDraft, lines: Sequence[Sequence[Share]], whole: Sequence[Share]) -> bool:
    """Whether the stated total of an order tells what its percentages are; then they are added to it."""
    if draft.stated.total is None:
        return False
    difference = draft.stated.total.shop - total_of(draft)
    added = settle_lines(draft.lines, lines, whole, difference, draft.currency)
    draft.adjustments = [*draft.adjustments, *(added or ())]
    return added is not None


def settle_lines(
    lines: Sequence[LineDraft],
    shares: Sequence[Sequence[Share]],
    whole: Sequence[Share],
    difference: Decimal,
    currency: str,
) -> list[AdjustmentDraft] | None:
    """Adds to lines what percentages make the difference, and gives those of the whole; None where they
    do not make it."""
    gross = [extended_of(line).shop for line in lines]
    own = [one.amount.shop for line in lines for one in line.adjustments]
    places = [Place(amount, of_line) for amount, of_line in zip(gross, shares, strict=True)]
    found = explained(places, Place(sum([*gross, *own], _NONE), whole), difference, currency)
    if not found:
        return None
    for line, adjustments in zip(lines, found[:-1], strict=True):
        line.adjustments = [*line.adjustments, *adjustments]
    return found[-1]


def _amounts(
    places: Sequence[Place], unit: Decimal, *, is_chained: bool
) -> tuple[Decimal, list[list[Decimal]]]:
    """Their exact sum, and each of them to the unit."""
    exact, changed = _NONE, _NONE
    amounts: list[list[Decimal]] = []
    for at, place in enumerate(places):
        base = rest = place.amount + (changed if at == len(places) - 1 else _NONE)
        parts = []
        for share in place.shares:
            parts.append((rest if is_chained else base) * share.part)
            rest += parts[-1]
        exact += sum(parts, _NONE)
        amounts.append([part.quantize(unit, ROUND_HALF_UP, _EXACT) for part in parts])
        changed += sum(amounts[-1], _NONE)
    return exact, amounts


def _of(amount: Decimal, share: Share) -> AdjustmentDraft:
    return replace(share.adjustment, amount=both(amount))
