"""Content of the pieces of a draft for the canonical models: lines, adjustments, taxes, totals.

Invariant: every amount carries both currencies of its order; where the source has one currency both
sides are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final, TypeVar

from crossdock.canonical.models import (
    Adjustment,
    AdjustmentScope,
    Allocation,
    DualMoney,
    OrderLine,
    PartnerProfile,
    Quantity,
    TaxLine,
    UnitPrice,
)
from crossdock.canonical.models.field_types import Canonical
from crossdock.canonical.models.instances import trusted
from crossdock.canonical.money import currency_exponent, fits, is_amount
from crossdock.formats.decimals import spelled
from crossdock.formats.items import resolve_item
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, Pair, StatedDraft, TaxDraft
from crossdock.formats.order_variances import Sums

M = TypeVar("M", bound=Canonical)
Allocations = tuple[tuple[str, Pair], ...]
"""Parts of an order-level adjustment: line id and signed amount."""
_TOTALS: Final = ("subtotal", "shipping", "discount", "tax", "total")
_SIX_PLACES: Final = Decimal("0.000001")
_PRICE_BOUND: Final = Decimal(10) ** 12
_PERCENT_BOUND: Final = Decimal(1000)
Content = dict[str, object]
"""Fields of a model, in its order; where they need validation, the whole order is validated by one call."""


@lru_cache(maxsize=256)
def quantity(value: Decimal, unit: str) -> Quantity:
    """A quantity; small counts repeat, so instances are shared (they are immutable)."""
    return Quantity(value=spelled(value, 0), unit=unit)


@lru_cache(maxsize=4096)
def dual_money(amount: Pair, currency: str, presentment_currency: str) -> DualMoney:
    """An amount with its currencies; shared, for an order says most of its amounts several times."""
    shop = presented = spelled(amount.shop, currency_exponent(currency))
    if amount.presentment is not amount.shop or presentment_currency != currency:
        presented = spelled(amount.presentment, currency_exponent(presentment_currency))
    values: Content = {
        "amount": shop,
        "currency": currency,
        "presentment_amount": presented,
        "presentment_currency": presentment_currency,
    }
    if is_amount(shop) and (presented is shop or is_amount(presented)):
        return trusted(DualMoney, values)
    return DualMoney.model_validate(values)


@lru_cache(maxsize=1024)
def _unit_price(price: Decimal, currency: str, per: Quantity) -> UnitPrice:
    places = currency_exponent(currency)
    amount = spelled(price.quantize(_SIX_PLACES, ROUND_HALF_EVEN), places)
    values: Content = {"amount": amount, "currency": currency, "per": per}
    return trusted(UnitPrice, values) if 0 < amount < _PRICE_BOUND else UnitPrice.model_validate(values)


@lru_cache(maxsize=256)
def _is_percent(rate: Decimal | None) -> bool:
    """Whether the rate is valid as it stands: decimal(9,6) and no negative zero."""
    if rate is None:
        return True
    return rate.is_finite() and 0 <= rate < _PERCENT_BOUND and not rate.is_signed() and fits(rate, 6)


def _model_or_content(model: type[M], content: Content, is_valid: bool) -> M | Content:
    """The model where its content is known to be valid; else the content, for the order's validation.

    Amounts, quantities and identifiers are models already. What is left are the sender's texts: ASCII is
    valid, and so are parts that are no content themselves.
    """
    return trusted(model, content) if is_valid else content


def _is_id(text: str) -> bool:
    return bool(text) and text.isascii()


def _are_models(parts: Iterable[object]) -> bool:
    return not any(type(part) is dict for part in parts)


class ModelBuilder:
    """Builds the content of lines, adjustments and totals for one order's pair of currencies."""

    def __init__(self, currency: str, presentment_currency: str) -> None:
        self._currency = currency
        self._presentment = presentment_currency

    def dual(self, amount: Pair) -> DualMoney:
        """The amount with its currencies."""
        return dual_money(amount, self._currency, self._presentment)

    def line(self, line: LineDraft, gross: Pair, net: Pair, profile: PartnerProfile) -> OrderLine | Content:
        """An OrderLine, its item resolved."""
        items, unit = profile.items, line.unit
        sku, resolution = resolve_item(line.identifiers, items.match, items.aliases)
        extended = self.dual(gross)
        taxes = tuple([self.tax(tax) for tax in line.taxes])
        adjustments = tuple([self.adjustment(one, (), AdjustmentScope.LINE) for one in line.adjustments])
        content: Content = {
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
            "tax_lines": taxes,
            "adjustments": adjustments,
            "requested_ship": line.requested_ship,
            "source": line.source,
        }
        is_valid = _is_id(line.line_id) and (line.parent_line_id or "").isascii()
        is_valid = is_valid and _are_models(taxes) and _are_models(adjustments)
        return _model_or_content(OrderLine, content, is_valid)

    def _unit_price(self, line: LineDraft) -> UnitPrice | None:
        if line.unit_price is None:
            return None
        per = quantity(line.price_per, line.price_unit or line.unit)
        return _unit_price(line.unit_price.shop, self._currency, per)

    def tax(self, tax: TaxDraft) -> TaxLine | Content:
        """A TaxLine."""
        content: Content = {
            "amount": self.dual(tax.amount),
            "base": None,
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
        is_valid = tax.jurisdiction.isascii() and _is_percent(tax.rate_percent)
        return _model_or_content(TaxLine, content, is_valid)

    def adjustment(
        self, adjustment: AdjustmentDraft, parts: Allocations, scope: AdjustmentScope
    ) -> Adjustment | Content:
        """An Adjustment, with its parts per line."""
        taxes = tuple([self.tax(tax) for tax in adjustment.taxes])
        allocations = tuple([self._allocation(line_id, part) for line_id, part in parts])
        content: Content = {
            "kind": adjustment.kind,
            "is_charge": adjustment.is_charge,
            "amount": self.dual(adjustment.amount),
            "tax_lines": taxes,
            "allocations": allocations,
            "reason_raw": adjustment.reason_raw,
            "scope": scope,
            "funded_by": adjustment.funded_by,
        }
        is_valid = adjustment.reason_raw.isascii() and _are_models(taxes) and _are_models(allocations)
        return _model_or_content(Adjustment, content, is_valid)

    def _allocation(self, line_id: str, part: Pair) -> Allocation | Content:
        content: Content = {"line_id": line_id, "amount": self.dual(part)}
        return _model_or_content(Allocation, content, _is_id(line_id))

    def stated(self, stated: StatedDraft) -> Content:
        """Totals as said, with the source's sign; absent ones are left out."""
        said = {name: getattr(stated, name) for name in _TOTALS}
        return {name: self.dual(amount) for name, amount in said.items() if amount is not None}

    def computed(self, sums: Sums) -> Content:
        """Our own sums, signed."""
        return {name: self.dual(getattr(sums, name)) for name in _TOTALS}
