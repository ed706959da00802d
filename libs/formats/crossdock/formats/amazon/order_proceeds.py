"""Proceeds of a whole order of the Orders API 2026-01-01.

Invariant: what the items state is only compared with; what stands on the order alone (a tip, or a part that
no item states) is a charge of the order, allocated to its lines.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from crossdock.formats.amazon.fields import AmazonFields
from crossdock.formats.amazon.proceeds import DISCOUNT, GOODS, TAX, Proceeds, read_proceeds
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child
from crossdock.formats.order_draft import AdjustmentDraft, StatedDraft, TaxDraft, both

_NONE: Final = Decimal(0)
_OF_THE_ORDER: Final = frozenset({"DELIVERY_TIP"})


@dataclass(frozen=True, slots=True)
class OrderProceeds:
    """What the order states beside its items, and its totals as said."""

    adjustments: list[AdjustmentDraft]
    taxes: list[TaxDraft]
    stated: StatedDraft
    total_of_lines: Decimal | None
    """Stated total less what stands on the order alone."""


def order_proceeds(fields: AmazonFields, order: Node, path: str, of_items: AbstractSet[str]) -> OrderProceeds:
    """The order's own part of its proceeds; `of_items` are the types that its items state."""
    node, place = child(order, "proceeds"), f"{path}.proceeds"
    found = read_proceeds(fields, node, place)
    total = fields.money(node, "grandTotal", place)
    adjustments = [one for one in found.adjustments if one.reason_raw not in of_items]
    taxes = _taxes_apart(found, of_items)
    if any(one.reason_raw not in _OF_THE_ORDER for one in adjustments) or taxes:
        detail = "a part of the proceeds is stated for the order only; it is allocated to the lines"
        fields.document.warn("order_level_amount", detail, f"{place}.breakdowns")
    own = sum((one.amount.shop for one in adjustments), _NONE)
    own += sum((tax.amount.shop for tax in taxes), _NONE)
    own += sum((tax.amount.shop for one in adjustments for tax in one.taxes), _NONE)
    return OrderProceeds(adjustments, taxes, _stated(found, total), None if total is None else total - own)


def _taxes_apart(found: Proceeds, of_items: AbstractSet[str]) -> list[TaxDraft]:
    """Taxes that no item states; those of a charge that items state lose their holder."""
    if TAX in of_items:
        for one in found.adjustments:
            one.taxes = ()
        return []
    orphans = [tax for one in found.adjustments if one.reason_raw in of_items for tax in one.taxes]
    return [*found.taxes, *orphans]


def _stated(found: Proceeds, total: Decimal | None) -> StatedDraft:
    def said(word: str) -> Decimal | None:
        return found.stated.get(word)

    goods, shipping, discount, tax = said(GOODS), said("SHIPPING"), said(DISCOUNT), said(TAX)
    return StatedDraft(
        subtotal=None if goods is None else both(goods),
        shipping=None if shipping is None else both(shipping),
        discount=None if discount is None else both(discount),
        tax=None if tax is None else both(tax),
        total=None if total is None else both(total),
    )
