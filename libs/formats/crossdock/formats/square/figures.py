"""Figures that a Square order and its lines state of themselves, beside what their parts make.

Invariant: a figure that agrees with any reading of its parts is no variance; service charges that Square
apportions to a line may stand in its total or beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.models import Variance, VarianceCode
from crossdock.formats.decimals import sum_of
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import children, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import LineDraft, TaxDraft
from crossdock.formats.order_variances import variance
from crossdock.formats.square.shapes import SquareFields

_NONE: Final = Decimal(0)
_APPLIED: Final = (
    ("taxes", "applied_taxes", "tax_uid", "total_tax_money", VarianceCode.TAX_TOTAL),
    ("discounts", "applied_discounts", "discount_uid", "total_discount_money", VarianceCode.DISCOUNT),
)
"""Definitions of the order, by which uid lines and charges apply them, and their total."""

_CHARGES: Final = "total_service_charge_money"
_OF_CHARGES: Final = ("applied_money", "total_money", "amount_money")


class _Figure(NamedTuple):
    """A figure of the order as said and the sums that it may be."""

    code: VarianceCode
    subject: str
    said: Decimal | None
    sums: Sequence[Decimal | None]


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


def order_variances(fields: SquareFields, order: Node, path: str, allowed: Decimal) -> Iterator[Variance]:
    """Differences of the order's taxes, discounts and service charges from what was applied of them."""
    found: list[_Figure] = []
    for name, applied, uid, total, code in _APPLIED:
        nodes = list(members(order, name, path))
        said = [fields.money(node, "applied_money", place) for node, place in nodes]
        if sum_of(said) == fields.money(order, total, path):
            continue  # then a line is wrong, if any is, and it is told there
        parts = _applied(fields, order, path, applied, uid)
        for (node, place), amount in zip(nodes, said, strict=True):
            ours = parts.get(text(node, "uid") or "")
            found.append(_Figure(code, f"{place}.applied_money", amount, [ours]))
    charges = list(members(order, "service_charges", path))
    names = _OF_CHARGES if charges else ()
    of_charges = [sum_of(fields.money(node, name, place) for node, place in charges) for name in names]
    amount = fields.money(order, _CHARGES, path)
    found.append(_Figure(VarianceCode.NET_AMOUNT, f"{path}.{_CHARGES}", amount, of_charges))
    for figure in found:
        sums = [one for one in figure.sums if one is not None]
        if figure.said is not None and sums and figure.said not in sums:
            figures = (figure.said, sums[0])
            yield variance(figure.code, figure.subject, figures, fields.currency, allowed)


def _applied(fields: SquareFields, order: Node, path: str, name: str, uid: str) -> dict[str, Decimal | None]:
    """What was applied to lines and charges by the uid of its definition; None where one part is not said."""
    found: dict[str, Decimal | None] = {}
    for holder in ("line_items", "service_charges"):
        for node, place in members(order, holder, path):
            for part, where in members(node, name, place):
                number, amount = text(part, uid) or "", fields.money(part, "applied_money", where)
                before = found.get(number, _NONE)
                found[number] = None if before is None or amount is None else before + amount
    return found
