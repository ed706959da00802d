"""Charges and taxes that an invoice states twice: at its lines and again as their total, or as SAC and TXI.

Invariant: a figure counts once where two statements of it agree to the last unit; where they do not, both
count and the difference shows in the total. What is not counted is still kept as said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from crossdock.formats.order_draft import AdjustmentDraft, TaxDraft

REPEATED: Final = "charges or taxes are stated a second time as a total of the first; they count once"
"""What the warning `charge_repeated` says."""
_NONE: Final = Decimal(0)
_GOODS: Final = "C*D350"
"""Element 1300: goods and services charge."""


def detailed_taxes(taxes: list[TaxDraft], charges: list[TaxDraft]) -> tuple[list[TaxDraft], bool]:
    """Taxes of TXI with those stated as SAC, and whether the latter only repeat the former's sum."""
    is_repeated = bool(taxes and charges) and _total(taxes) == _total(charges)
    return (taxes if is_repeated else [*taxes, *charges]), is_repeated


def is_total_of(taxes: Sequence[TaxDraft], parts: Iterable[TaxDraft]) -> bool:
    """Whether the taxes of the whole are just the sum of its lines' taxes."""
    of_lines = _total(parts)
    return bool(taxes) and bool(of_lines) and _total(taxes) == of_lines


def own_charges(
    charges: Sequence[AdjustmentDraft], parts: Iterable[AdjustmentDraft]
) -> tuple[list[AdjustmentDraft], list[str]]:
    """Charges of the whole that are no total of its lines' charges, and the codes of those that are."""
    of_lines: defaultdict[str, Decimal] = defaultdict(lambda: _NONE)
    of_whole: defaultdict[str, Decimal] = defaultdict(lambda: _NONE)
    for charge in parts:
        of_lines[_code(charge)] += charge.amount.shop
    for charge in charges:
        of_whole[_code(charge)] += charge.amount.shop
    repeated = [code for code, amount in of_whole.items() if amount and of_lines.get(code) == amount]
    return [charge for charge in charges if _code(charge) not in repeated], repeated


def without_goods(charges: list[AdjustmentDraft], extended: Decimal) -> tuple[list[AdjustmentDraft], bool]:
    """Charges of a line but for one that states the line's own amount again, and whether there is one.

    Government suppliers write price × quantity into a SAC of their goods as well.
    """
    kept = [one for one in charges if _code(one) != _GOODS or one.amount.shop != extended]
    return kept, len(kept) < len(charges)


def _code(charge: AdjustmentDraft) -> str:
    """SAC02, with which way it goes."""
    return f"{'C' if charge.is_charge else 'A'}*{charge.reason_raw.partition(' ')[0]}"


def _total(taxes: Iterable[TaxDraft]) -> Decimal:
    return sum((tax.amount.shop for tax in taxes), _NONE)
