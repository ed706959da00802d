"""Lines of an 810 and the sums over them.

Invariant: a line's amount follows from stated figures by exact arithmetic; a price that cannot be read in
one way refuses the invoice at its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import AdjustmentKind, Extension, Identifier, Quantity, Variance, VarianceCode
from crossdock.canonical.money import extend
from crossdock.canonical.units import X12_UNITS, resolve_unit
from crossdock.formats.decimals import product
from crossdock.formats.edi.ordered import Ordered
from crossdock.formats.order_draft import AdjustmentDraft, TaxDraft
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Segment
from crossdock.formats.x12.prices import LinePrice, price_of, priced_by

_NONE: Final = Decimal(0)


@dataclass(slots=True)
class LineDraft:
    """One IT1 loop as it is read."""

    it1: Segment
    line_id: str
    quantity: Quantity
    identifiers: tuple[Identifier, ...]
    extended: Decimal
    """Price × quantity / basis, half-even to 4 places; 0 where no price is stated."""
    price: Decimal | None = None
    per: Decimal = Decimal(1)
    per_unit: str = ""
    ctps: list[Segment] = field(default_factory=list)
    exact: Decimal | None = None
    """The extension to 6 places."""
    order_id: str | None = None
    order_line_id: str | None = None
    shipment_id: str | None = None
    adjustments: list[AdjustmentDraft] = field(default_factory=list)
    taxes: list[TaxDraft] = field(default_factory=list)
    tax_charges: list[TaxDraft] = field(default_factory=list)
    """Taxes stated as SAC, until they are settled with those of TXI."""
    extensions: list[Extension] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        """Amount after the line's own charges and allowances, without tax."""
        return self.extended + sum((one.amount.shop for one in self.adjustments), _NONE)

    def variances(self, context: SetContext, currency: str) -> list[Variance]:
        """A rounding of the extension."""
        if self.exact is None or self.exact == self.extended:
            return []
        figures = (self.exact, self.extended)
        return context.money_variance(VarianceCode.LINE_EXTENSION, self.line_id, figures, currency, 1)


class Sums(NamedTuple):
    """Our own sums of an invoice; discounts are negative."""

    subtotal: Decimal
    shipping: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


def read_line(context: SetContext, it1: Segment, position: int, taken: AbstractSet[str]) -> LineDraft:
    """A line from its IT1, without its price. Raises Rejected `field_invalid`, `amount_unparsable`,
    `unit_unmapped`."""
    line_id = it1.get(1) or str(position)
    if line_id in taken:
        detail = "two lines have one id in IT101; the later one is numbered by its position"
        context.warn("line_id_repeated", detail, it1, 1)
        line_id = f"{line_id}#{position}"
    if not it1.get(2):
        raise it1.refuse(RejectionCode.FIELD_INVALID, "the line states no quantity in IT102", 2)
    quantity = context.quantity(it1, 2, 3)
    ids = context.items((it1, 6))
    said = dict(ids.others)
    draft = LineDraft(it1, line_id, quantity, tuple(ids.found), _NONE)
    for qualifier, value in ids.others:
        context.extend(f"lines[{line_id}].IT1.{qualifier}", value, draft.extensions)
    draft.order_id, draft.order_line_id = said.get("PO"), said.get("PL")
    return draft


def price_line(context: SetContext, draft: LineDraft) -> None:
    """Price and amount of a line from its IT1 and CTP. Raises Rejected as `price_of`."""
    it1, quantity = draft.it1, draft.quantity
    raw = context.component(it1.code(3))
    unit, factor = resolve_unit(raw, context.profile, path=it1.path(3), code_list=X12_UNITS)
    ordered = Ordered(quantity.value, quantity.unit, unit, factor)
    priced = priced_by(draft.ctps, context.document, context.profile, context.numbers)
    found: LinePrice = price_of(it1, ordered, priced, context.numbers)
    for warning in found.warnings:
        context.document.warn(*warning)
    if found.price is None:
        detail = "the line states no price; its amount is carried as 0"
        context.warn("price_missing", detail, it1, 4)
        return
    draft.price, draft.per, draft.per_unit = found.price, found.per, found.per_unit
    if found.extended is not None:
        draft.extended, draft.exact = found.extended, found.exact
    else:
        draft.extended = extend(found.price, quantity.value, found.per)
        draft.exact = product(found.price, quantity.value, found.per)


def sums_of(
    lines: Sequence[LineDraft], adjustments: Sequence[AdjustmentDraft], taxes: Sequence[TaxDraft]
) -> Sums:
    """Sums over lines, charges and taxes; a tax inside the prices is not added again."""
    charges = [*adjustments, *[one for line in lines for one in line.adjustments]]
    all_taxes = [*taxes, *[tax for line in lines for tax in line.taxes]]
    subtotal = sum((line.extended for line in lines), _NONE)
    shipping = sum((c.amount.shop for c in charges if c.kind is AdjustmentKind.SHIPPING), _NONE)
    others = [charge for charge in charges if charge.kind is not AdjustmentKind.SHIPPING]
    tax = sum((one.amount.shop for one in all_taxes), _NONE)
    added = sum((one.amount.shop for one in all_taxes if not one.is_included), _NONE)
    return Sums(
        subtotal=subtotal,
        shipping=shipping,
        discount=sum((charge.amount.shop for charge in others if not charge.is_charge), _NONE),
        tax=tax,
        total=subtotal + shipping + sum((charge.amount.shop for charge in others), _NONE) + added,
    )
