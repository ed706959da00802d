"""Kinds of allowances and charges, whatever the EDI standard.

Invariant: a code that is not listed is a surcharge or an allowance, by what the sender says it is.
"""

from __future__ import annotations

from typing import NamedTuple

from crossdock.canonical.models import AdjustmentKind


class ChargeCodes(NamedTuple):
    """Codes of one standard for what is charged or allowed."""

    shipping: frozenset[str]
    """Freight, handling, shipping."""
    fees: frozenset[str]
    discounts: frozenset[str]

    def kind(self, code: str, *, is_charge: bool) -> AdjustmentKind:
        """Kind of an allowance or charge by its code."""
        if code in self.shipping:
            return AdjustmentKind.SHIPPING
        if code in self.fees and is_charge:
            return AdjustmentKind.FEE
        if code in self.discounts and not is_charge:
            return AdjustmentKind.DISCOUNT
        return AdjustmentKind.SURCHARGE if is_charge else AdjustmentKind.ALLOWANCE
