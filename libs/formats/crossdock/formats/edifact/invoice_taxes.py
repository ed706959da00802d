"""Taxes of an INVOIC: which of the places that state them our own sum counts.

Invariant: a tax that is counted is one that the sender states; where several places state it and differ, the
one that makes the stated total counts, and each other is compared with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from crossdock.formats.edifact import codes
from crossdock.formats.edifact.money import Money
from crossdock.formats.edifact.trade import Trade
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, TaxDraft


class InvoiceTaxes:
    """The taxes of one invoice message."""

    def __init__(self, trade: Trade, money: Money, lines: Sequence[LineDraft]) -> None:
        self._trade = trade
        self._money = money
        self._lines = lines

    def of(self, adjustments: list[AdjustmentDraft]) -> tuple[list[TaxDraft], Decimal]:
        """Taxes by rate as the summary says them, and the tax that our own sum counts.

        Where every line and charge states its tax, those are our sum; else the summary's, if it has any.
        """
        summary = self._money.taxes(self._trade.summary.taxings, is_warned=False)
        own = [tax for line in self._lines for tax in line.taxes]
        own += [tax for line in self._lines for one in line.adjustments for tax in one.taxes]
        own += [tax for one in adjustments for tax in one.taxes]
        own += self._money.taxes(self._trade.header.taxings, is_warned=False)
        if own and (self._is_taxed_throughout(adjustments) or not summary):
            return summary or own, total_of(own)
        total = self._money.first(self._trade.summary.moas, codes.TAX_TOTALS)
        if not summary and total:
            places = [self._trade.header, *[line.amounts for line in self._trade.lines], self._trade.summary]
            summary = [self._money.whole_tax(total, [one for place in places for one in place.taxings])]
        return summary, total_of(summary)

    def _is_taxed_throughout(self, adjustments: list[AdjustmentDraft]) -> bool:
        """Whether each line and charge states its tax, be it by a rate of 0."""
        return all(one.taxes for one in adjustments) and all(
            scan.amounts.taxings and all(map(self._money.is_said, scan.amounts.taxings))
            for scan in self._trade.lines
        )

    def told(
        self, adjustments: list[AdjustmentDraft], net: Decimal, stated: Mapping[str, Decimal]
    ) -> Decimal:
        """The tax that the stated total holds, else the one that our own sum prefers."""
        _, preferred = self.of(adjustments)
        said = [preferred, *self._rates(), stated.get("tax", preferred)]
        return next((tax for tax in said if net + tax == stated.get("total")), preferred)

    def parts(self, adjustments: list[AdjustmentDraft], *, is_stated: bool) -> dict[str, Decimal]:
        """The sums that must be the tax of the total, by what they sum."""
        rates, (_, preferred) = self._rates(), self.of(adjustments)
        parts = {"tax_summary": rates[0]} if rates and is_stated else {}
        return parts if [preferred] == rates else parts | {"lines.tax": preferred}

    def _rates(self) -> list[Decimal]:
        """Sum of the taxes of the rates; none where they state none."""
        taxes = self._money.taxes(self._trade.summary.taxings, is_warned=False)
        return [total_of(taxes)] if taxes else []


def total_of(taxes: Iterable[TaxDraft]) -> Decimal:
    """Sum of taxes."""
    return sum((tax.amount.shop for tax in taxes), Decimal(0))
