"""Figures that a Square line states of itself, beside what its parts make.

Invariant: a figure that agrees with any reading of its parts is no variance; service charges that Square
apportions to a line may stand in its total or beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.models import Variance, VarianceCode
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import children
from crossdock.formats.order_draft import LineDraft, TaxDraft
from crossdock.formats.order_variances import variance
from crossdock.formats.square.shapes import SquareFields

_NONE: Final = Decimal(0)


def line_variances(
    fields: SquareFields, node: Node, line: LineDraft, allowed: Decimal, *, is_inclusive: bool
) -> Iterator[Variance]:
    """Differences of a line's total, discount and tax as stated from its applied ones."""
    off = sum((-one.amount.shop for one in line.adjustments), _NONE)
    taxes = sum((tax.amount.shop for tax in line.taxes), _NONE)
    inside = sum((tax.amount.shop for tax in line.taxes if _is_inside(tax, is_inclusive)), _NONE)
    service = fields.money(node, "total_service_charge_money", line.path) or _NONE
    found = []
    sold = line.extended.shop if line.extended is not None else None
    if sold is None and line.unit_price is not None:
        sold = line.unit_price.shop * line.ordered
    if sold is not None:
        found.append((VarianceCode.LINE_EXTENSION, "total_money", sold - off + taxes - inside, service))
    if children(node, "applied_discounts"):
        found.append((VarianceCode.DISCOUNT, "total_discount_money", off, _NONE))
    if children(node, "applied_taxes") and not service:
        found.append((VarianceCode.TAX_TOTAL, "total_tax_money", taxes, _NONE))
    for code, name, ours, more in found:
        stated = fields.money(node, name, line.path)
        if stated is not None and stated not in (ours, ours + more):
            figures = (stated, ours + more)
            yield variance(code, f"{line.line_id}.{name}", figures, fields.currency, allowed)


def _is_inside(tax: TaxDraft, is_inclusive: bool) -> bool:
    return is_inclusive if tax.is_included is None else tax.is_included
