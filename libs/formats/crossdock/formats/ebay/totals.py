"""Totals of an eBay order: `pricingSummary`, and the `total` of a line.

Invariant: what the lines carry is never added a second time; what eBay states for the order only becomes
one order-level entry, with a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from crossdock.canonical.models import AdjustmentKind, VarianceCode
from crossdock.formats.ebay.money import EbayFields
from crossdock.formats.json_document import Node
from crossdock.formats.order_draft import (
    NOTHING,
    AdjustmentDraft,
    LineDraft,
    Pair,
    StatedDraft,
    StatedFigure,
    TaxDraft,
    less,
    negated,
)

_GOODS: Final = (AdjustmentKind.DISCOUNT, AdjustmentKind.SURCHARGE)


def _sum(amounts: Iterable[Pair]) -> Pair:
    total = NOTHING
    for amount in amounts:
        total = less(total, negated(amount))
    return total


def line_total(line: LineDraft, *, is_inclusive: bool) -> Pair:
    """What eBay's `total` of a line adds up: cost, discounts, delivery and the taxes that it counts."""

    def parts() -> Iterator[Pair]:
        yield line.extended or NOTHING
        for adjustment in line.adjustments:
            yield adjustment.amount
        for tax in line.taxes:
            is_inside = is_inclusive if tax.is_included is None else tax.is_included
            if not is_inside and not tax.is_beside_total:
                yield tax.amount

    return _sum(parts())


def goods_discount(line: LineDraft) -> Pair:
    """What a line takes off its goods, positive."""
    return negated(_sum(adjustment.amount for adjustment in line.adjustments if adjustment.kind in _GOODS))


class PricingSummary:
    """`pricingSummary`: the order's totals, and the charges that no line carries."""

    def __init__(self, fields: EbayFields, node: Node, path: str, lines: list[LineDraft]) -> None:
        self._fields = fields
        self._node = node
        self._path = path
        self._lines = lines
        self._of_lines = [adjustment for line in lines for adjustment in line.adjustments]

    def settle_collected_taxes(self) -> None:
        """Taxes that eBay collects stand inside the total where the order's tax adds up with them only.

        Answers that leave `taxes` of the lines empty prove it in no other way.
        """
        taxes = [tax for line in self._lines for tax in line.taxes]
        collected = [tax for tax in taxes if tax.is_beside_total]
        whole = _sum(tax.amount for tax in taxes)
        if any(_sum(tax.amount for tax in collected)) and self._said("tax") == whole:
            for tax in collected:
                tax.is_beside_total = False

    def _said(self, name: str) -> Pair:
        return self._fields.pair(self._node, name, self._path) or NOTHING

    def _in_lines(self, *kinds: AdjustmentKind) -> Pair:
        return _sum(adjustment.amount for adjustment in self._of_lines if adjustment.kind in kinds)

    def adjustments(self) -> Iterator[AdjustmentDraft]:
        """Charges and allowances of the order; what the lines carry already is not added again."""
        yield from self._delivery()
        off = self._reduction("priceDiscount")
        if any(off) and not any(self._in_lines(*_GOODS)):
            self._not_itemised("priceDiscount")
            yield AdjustmentDraft(AdjustmentKind.DISCOUNT, False, off, "priceDiscount")
        fee = self._said("fee")
        if any(fee) and not self._has_fee_lines():
            yield AdjustmentDraft(AdjustmentKind.FEE, True, fee, "fee")
        adjustment = self._said("adjustment")
        if any(adjustment):
            yield AdjustmentDraft(AdjustmentKind.SURCHARGE, adjustment.shop > 0, adjustment, "adjustment")

    def _has_fee_lines(self) -> bool:
        return any(tax.jurisdiction.endswith("_FEE") for line in self._lines for tax in line.taxes)

    def _delivery(self) -> Iterator[AdjustmentDraft]:
        """Delivery that is stated for the order only, and its discount where no line carries it."""
        cost, off = self._said("deliveryCost"), self._reduction("deliveryDiscount")
        freight = [one for one in self._of_lines if one.kind is AdjustmentKind.SHIPPING]
        charged = _sum(adjustment.amount for adjustment in freight if adjustment.is_charge)
        if any(cost) and not any(charged):
            self._not_itemised("deliveryCost")
            yield AdjustmentDraft(AdjustmentKind.SHIPPING, True, cost, "deliveryCost")
            charged = cost
        if not any(off) or any(not adjustment.is_charge for adjustment in freight):
            return
        if charged != cost and charged == less(cost, negated(off)):  # the lines are after the discount
            yield AdjustmentDraft(AdjustmentKind.SHIPPING, True, negated(off), "deliveryCost")
        yield AdjustmentDraft(AdjustmentKind.SHIPPING, False, off, "deliveryDiscount")

    def _reduction(self, name: str) -> Pair:
        """A discount, which eBay states as a negative or a positive amount, as a negative one; older
        answers call that of the goods `priceDiscountSubtotal`."""
        amount = self._said(f"{name}Subtotal" if f"{name}Subtotal" in self._node else name)
        return negated(amount) if amount.shop > 0 else amount

    def _not_itemised(self, name: str) -> None:
        detail = "the amount is stated for the whole order only; it is allocated to the lines by their net"
        self._fields.document.warn("not_itemised", detail, f"{self._path}.{name}")

    def loose_taxes(self) -> list[TaxDraft]:
        """The order's tax where no line carries any."""
        tax = self._said("tax")
        if not any(tax) or any(line.taxes for line in self._lines):
            return []
        self._not_itemised("tax")
        return [TaxDraft(tax)]

    def stated(self) -> StatedDraft:
        """Totals as said; the subtotal is before discounts, the discount is that of goods and delivery."""
        pair, node, path = self._fields.pair, self._node, self._path
        names = ("priceDiscount", "priceDiscountSubtotal", "deliveryDiscount")
        is_stated = any(pair(node, name, path) is not None for name in names)
        taken = less(negated(self._reduction("priceDiscount")), self._reduction("deliveryDiscount"))
        stated = StatedDraft(
            subtotal=pair(node, "priceSubtotal", path),
            shipping=pair(node, "deliveryCost", path),
            discount=taken if is_stated else None,
            tax=pair(node, "tax", path),
            total=pair(node, "total", path),
        )
        fee = pair(node, "fee", path)
        if fee is not None and self._has_fee_lines():  # `taxes` of the lines hold what `fee` adds up
            stated.is_tax_compared = False
            whole = less(stated.tax or NOTHING, negated(fee))
            stated.others.append(
                StatedFigure(VarianceCode.TAX_TOTAL, "pricingSummary.tax + fee", whole, "tax")
            )
        return stated
