"""Canonical models of the pieces of a draft: lines, adjustments, taxes, totals.

Invariant: every amount carries both currencies of its order; where the source has one currency both
sides are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from crossdock.canonical.models import (
    Adjustment,
    AdjustmentScope,
    Allocation,
    ComputedTotals,
    DualMoney,
    Money,
    OrderLine,
    PartnerProfile,
    Quantity,
    StatedTotals,
    TaxLine,
    UnitPrice,
)
from crossdock.canonical.money import currency_exponent
from crossdock.formats.decimals import spelled
from crossdock.formats.items import resolve_item
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, Pair, StatedDraft, TaxDraft
from crossdock.formats.order_variances import Sums

_SIX_PLACES: Final = Decimal("0.000001")


@lru_cache(maxsize=256)
def quantity(value: Decimal, unit: str) -> Quantity:
    """A quantity; small counts repeat, so instances are shared (they are immutable)."""
    return Quantity(value=spelled(value, 0), unit=unit)


@lru_cache(maxsize=4096)
def dual_money(amount: Pair, currency: str, presentment_currency: str) -> DualMoney:
    """An amount with its currencies; shared, for an order says most of its amounts several times."""
    return DualMoney(
        amount=spelled(amount.shop, currency_exponent(currency)),
        currency=currency,
        presentment_amount=spelled(amount.presentment, currency_exponent(presentment_currency)),
        presentment_currency=presentment_currency,
    )


@lru_cache(maxsize=1024)
def _unit_price(price: Decimal, currency: str, per: Quantity) -> UnitPrice:
    places = currency_exponent(currency)
    amount = spelled(price.quantize(_SIX_PLACES, ROUND_HALF_EVEN), places)
    return UnitPrice(amount=amount, currency=currency, per=per)


class ModelBuilder:
    """Builds models for one order's pair of currencies."""

    def __init__(self, currency: str, presentment_currency: str) -> None:
        self._currency = currency
        self._presentment = presentment_currency

    def dual(self, amount: Pair) -> DualMoney:
        """The amount with its currencies."""
        return dual_money(amount, self._currency, self._presentment)

    def lines(
        self,
        lines: Sequence[LineDraft],
        extended: Sequence[Pair],
        nets: Sequence[Pair],
        profile: PartnerProfile,
    ) -> tuple[OrderLine, ...]:
        """Lines with resolved items, in the source's order."""
        return tuple(
            self._line(line, gross, net, profile)
            for line, gross, net in zip(lines, extended, nets, strict=True)
        )

    def _line(self, line: LineDraft, gross: Pair, net: Pair, profile: PartnerProfile) -> OrderLine:
        items = profile.items
        sku, resolution = resolve_item(line.identifiers, items.match, items.aliases)
        extended = self.dual(gross)
        return OrderLine(
            line_id=line.line_id,
            parent_line_id=line.parent_line_id,
            kind=line.kind,
            identifiers=line.identifiers,
            sku=sku,
            resolution=resolution,
            ordered=quantity(line.ordered, line.unit),
            stock_quantity=line.stock,
            cancelled=quantity(line.cancelled, line.unit),
            fulfilled_reported=quantity(line.fulfilled, line.unit),
            returned_reported=quantity(line.returned, line.unit),
            price_basis=line.price_basis,
            unit_price=self._unit_price(line),
            extended=extended,
            net=extended if net == gross else self.dual(net),
            tax_lines=self.taxes(line.taxes),
            adjustments=tuple(
                self._adjustment(adjustment, (), AdjustmentScope.LINE) for adjustment in line.adjustments
            ),
            requested_ship=line.requested_ship,
            source=line.source,
        )

    def _unit_price(self, line: LineDraft) -> UnitPrice | None:
        if line.unit_price is None:
            return None
        per = quantity(line.price_per, line.price_unit or line.unit)
        return _unit_price(line.unit_price.shop, self._currency, per)

    def taxes(self, taxes: Iterable[TaxDraft]) -> tuple[TaxLine, ...]:
        """Tax lines in the source's order."""
        return tuple(self._tax(tax) for tax in taxes)

    def _tax(self, tax: TaxDraft) -> TaxLine:
        base = (
            None
            if tax.base is None
            else Money(amount=spelled(tax.base, currency_exponent(self._currency)), currency=self._currency)
        )
        return TaxLine(
            amount=self.dual(tax.amount),
            base=base,
            rate_percent=tax.rate_percent,
            category=tax.category,
            jurisdiction=tax.jurisdiction,
            is_included=bool(tax.is_included),
            is_withheld_by_channel=tax.is_withheld_by_channel,
        )

    def adjustments(
        self, adjustments: Sequence[AdjustmentDraft], allocations: Sequence[tuple[tuple[str, Pair], ...]]
    ) -> tuple[Adjustment, ...]:
        """Order-level adjustments with their allocations."""
        return tuple(
            self._adjustment(adjustment, parts, AdjustmentScope.ORDER)
            for adjustment, parts in zip(adjustments, allocations, strict=True)
        )

    def _adjustment(
        self, adjustment: AdjustmentDraft, parts: tuple[tuple[str, Pair], ...], scope: AdjustmentScope
    ) -> Adjustment:
        return Adjustment(
            kind=adjustment.kind,
            is_charge=adjustment.is_charge,
            amount=self.dual(adjustment.amount),
            tax_lines=self.taxes(adjustment.taxes),
            allocations=tuple(Allocation(line_id=line_id, amount=self.dual(part)) for line_id, part in parts),
            reason_raw=adjustment.reason_raw,
            scope=scope,
            funded_by=adjustment.funded_by,
        )

    def stated(self, stated: StatedDraft) -> StatedTotals:
        """Totals as said, with the source's sign."""
        return StatedTotals(
            subtotal=self._said(stated.subtotal),
            shipping=self._said(stated.shipping),
            discount=self._said(stated.discount),
            tax=self._said(stated.tax),
            total=self._said(stated.total),
        )

    def _said(self, amount: Pair | None) -> DualMoney | None:
        return None if amount is None else self.dual(amount)

    def computed(self, sums: Sums) -> ComputedTotals:
        """Our own sums, signed."""
        return ComputedTotals(
            subtotal=self.dual(sums.subtotal),
            shipping=self.dual(sums.shipping),
            discount=self.dual(sums.discount),
            tax=self.dual(sums.tax),
            total=self.dual(sums.total),
        )
