"""Content of the pieces of a draft for the canonical models: lines, adjustments, taxes, totals.

Invariant: every amount carries both currencies of its order; where the source has one currency both
sides are equal.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from crossdock.canonical.models import (
    AdjustmentScope,
    DualMoney,
    PartnerProfile,
    Quantity,
    UnitPrice,
)
from crossdock.canonical.money import currency_exponent
from crossdock.formats.decimals import spelled
from crossdock.formats.items import resolve_item
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, Pair, StatedDraft, TaxDraft
from crossdock.formats.order_variances import Sums

Allocations = tuple[tuple[str, Pair], ...]
"""Parts of an order-level adjustment: line id and signed amount."""
_TOTALS: Final = ("subtotal", "shipping", "discount", "tax", "total")
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


Content = dict[str, object]
"""Fields of a model that is validated as part of the whole order: once, by one call."""


class ModelBuilder:
    """Builds the content of lines, adjustments and totals for one order's pair of currencies."""

    def __init__(self, currency: str, presentment_currency: str) -> None:
        self._currency = currency
        self._presentment = presentment_currency

    def dual(self, amount: Pair) -> DualMoney:
        """The amount with its currencies."""
        return dual_money(amount, self._currency, self._presentment)

    def line(self, line: LineDraft, gross: Pair, net: Pair, profile: PartnerProfile) -> Content:
        """Content of an OrderLine, its item resolved."""
        items, unit = profile.items, line.unit
        sku, resolution = resolve_item(line.identifiers, items.match, items.aliases)
        extended = self.dual(gross)
        return {
            "line_id": line.line_id,
            "parent_line_id": line.parent_line_id,
            "kind": line.kind,
            "identifiers": line.identifiers,
            "sku": sku,
            "resolution": resolution,
            "ordered": quantity(line.ordered, unit),
            "stock_quantity": line.stock,
            "cancelled": quantity(line.cancelled, unit),
            "fulfilled_reported": quantity(line.fulfilled, unit),
            "returned_reported": quantity(line.returned, unit),
            "price_basis": line.price_basis,
            "unit_price": self._unit_price(line),
            "extended": extended,
            "net": extended if net == gross else self.dual(net),
            "tax_lines": [self._tax(tax) for tax in line.taxes],
            "adjustments": [self.adjustment(one, (), AdjustmentScope.LINE) for one in line.adjustments],
            "requested_ship": line.requested_ship,
            "source": line.source,
        }

    def _unit_price(self, line: LineDraft) -> UnitPrice | None:
        if line.unit_price is None:
            return None
        per = quantity(line.price_per, line.price_unit or line.unit)
        return _unit_price(line.unit_price.shop, self._currency, per)

    def _tax(self, tax: TaxDraft) -> Content:
        content: Content = {
            "amount": self.dual(tax.amount),
            "rate_percent": tax.rate_percent,
            "category": tax.category,
            "jurisdiction": tax.jurisdiction,
            "is_included": bool(tax.is_included),
            "is_withheld_by_channel": tax.is_withheld_by_channel,
        }
        if tax.base is not None:
            amount = spelled(tax.base, currency_exponent(self._currency))
            content["base"] = {"amount": amount, "currency": self._currency}
        return content

    def adjustment(self, adjustment: AdjustmentDraft, parts: Allocations, scope: AdjustmentScope) -> Content:
        """Content of an Adjustment, with its parts per line."""
        return {
            "kind": adjustment.kind,
            "is_charge": adjustment.is_charge,
            "amount": self.dual(adjustment.amount),
            "tax_lines": [self._tax(tax) for tax in adjustment.taxes],
            "allocations": [{"line_id": line_id, "amount": self.dual(part)} for line_id, part in parts],
            "reason_raw": adjustment.reason_raw,
            "scope": scope,
            "funded_by": adjustment.funded_by,
        }

    def stated(self, stated: StatedDraft) -> Content:
        """Totals as said, with the source's sign; absent ones are left out."""
        said = {name: getattr(stated, name) for name in _TOTALS}
        return {name: self.dual(amount) for name, amount in said.items() if amount is not None}

    def computed(self, sums: Sums) -> Content:
        """Our own sums, signed."""
        return {name: self.dual(getattr(sums, name)) for name in _TOTALS}
