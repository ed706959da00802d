"""Figures of the sender beside our own sums.

Invariant: `difference = stated − computed`, exact; an equal figure makes no variance, an absent one
is not compared, and nothing is repaired. Discounts are compared by what was taken off (positive).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError

from crossdock.canonical.currencies import CURRENCY_EXPONENTS
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import Variance, VarianceCode
from crossdock.canonical.models.profile import OrderTotalTolerance
from crossdock.formats.decimals import product, spelled
from crossdock.formats.order_draft import NOTHING, Measure, OrderDraft, Pair, StatedFigure, less, negated


@dataclass(frozen=True, slots=True)
class Sums:
    """Our own sums of one order; discounts are negative, `beside_total` is tax that stated figures omit."""

    subtotal: Pair
    goods_discount: Pair
    shipping: Pair
    discount: Pair
    tax: Pair
    total: Pair
    beside_total: Pair = NOTHING

    def measure(self, name: Measure) -> Pair:
        """The sum that a stated figure is compared with."""
        if name == "goods_net":
            return less(self.subtotal, negated(self.goods_discount))
        if name == "discount":
            return negated(self.discount)
        sums: dict[str, Pair] = {
            "subtotal": self.subtotal,
            "shipping": self.shipping,
            "tax": less(self.tax, self.beside_total),
            "total": less(self.total, self.beside_total),
            "net_total": less(self.total, self.tax),
        }
        return sums[name]


def variances_of(
    draft: OrderDraft, sums: Sums, extended: Sequence[Pair], tolerance: OrderTotalTolerance
) -> tuple[Variance, ...]:
    """All variances of an order: line extensions, stated totals, counts."""
    found = list(_line_extensions(draft, extended, tolerance.for_lines(1)))
    allowed = tolerance.for_lines(len(draft.lines))
    for figure in _stated(draft):
        found += _compared(draft, figure, sums.measure(figure.measure), allowed)
    found += _counts(draft)
    found += draft.variances
    return tuple(found)


def _stated(draft: OrderDraft) -> Iterator[StatedFigure]:
    stated = draft.stated
    if stated.subtotal is not None:
        measure, optional = stated.subtotal_measure, stated.subtotal_optional
        yield StatedFigure(VarianceCode.SUBTOTAL, "stated.subtotal", stated.subtotal, measure, optional)
    if stated.shipping is not None:
        yield StatedFigure(VarianceCode.SHIPPING, "stated.shipping", stated.shipping, "shipping")
    if stated.discount is not None:
        taken_off = Pair(abs(stated.discount.shop), abs(stated.discount.presentment))
        yield StatedFigure(VarianceCode.DISCOUNT, "stated.discount", taken_off, "discount")
    if stated.tax is not None and stated.is_tax_compared:
        yield StatedFigure(VarianceCode.TAX_TOTAL, "stated.tax", stated.tax, "tax")
    if stated.total is not None:
        yield StatedFigure(VarianceCode.ORDER_TOTAL, "stated.total", stated.total, "total")
    yield from stated.others


def _compared(draft: OrderDraft, figure: StatedFigure, ours: Pair, allowed: Decimal) -> Iterator[Variance]:
    if figure.optional != NOTHING and figure.amount == less(ours, figure.optional):
        return
    if figure.amount.shop != ours.shop:
        yield variance(figure.code, figure.subject, (figure.amount.shop, ours.shop), draft.currency, allowed)
    presented = draft.presentment_currency
    if presented not in (None, draft.currency) and figure.amount.presentment != ours.presentment:
        figures = (figure.amount.presentment, ours.presentment)
        yield variance(figure.code, f"{figure.subject}.presentment", figures, presented or "", allowed)


def _line_extensions(draft: OrderDraft, extended: Sequence[Pair], allowed: Decimal) -> Iterator[Variance]:
    for line, carried in zip(draft.lines, extended, strict=True):
        if line.unit_price is None or not line.is_price_compared:
            continue
        exact = product(line.unit_price.shop, line.ordered, line.price_per)
        if exact == carried.shop:
            continue
        figures = (exact, carried.shop) if line.extended is None else (carried.shop, exact)
        yield variance(VarianceCode.LINE_EXTENSION, line.line_id, figures, draft.currency, allowed)


def _counts(draft: OrderDraft) -> Iterator[Variance]:
    lines = Decimal(len(draft.lines))
    stated = draft.stated
    if stated.line_count is not None and stated.line_count != lines:
        yield variance(VarianceCode.LINE_COUNT, "line_count", (stated.line_count, lines), "", Decimal(0))
    quantity = sum((line.ordered for line in draft.lines), Decimal(0))
    if stated.quantity_total is not None and stated.quantity_total != quantity:
        units = {line.unit for line in draft.lines}
        unit = units.pop() if len(units) == 1 else ""
        figures = (stated.quantity_total, quantity)
        yield variance(VarianceCode.QUANTITY_TOTAL, "quantity_total", figures, unit, Decimal(0))


def variance(
    code: VarianceCode, subject: str, figures: tuple[Decimal, Decimal], unit: str, tolerance: Decimal
) -> Variance:
    """A variance of (stated, computed). Raises Rejected where a figure exceeds decimal(18,6)."""
    stated, computed = figures
    difference = stated - computed
    places = CURRENCY_EXPONENTS.get(unit, 0)
    try:
        return Variance(
            code=code,
            subject=subject,
            stated=spelled(stated, places),
            computed=spelled(computed, places),
            difference=spelled(difference, places),
            unit=unit,
            tolerance=tolerance,
            is_within=abs(difference) <= tolerance,
        )
    except (ValidationError, InvalidOperation) as error:
        detail = "the figure or our own sum beside it is too large to be compared: both must be below 10^12"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, subject) from error
