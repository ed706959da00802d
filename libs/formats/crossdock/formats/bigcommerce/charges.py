"""Charges and totals of a BigCommerce order: shipping, handling, wrapping, fees, discounts, certificates.

Invariant: a discount that the lines carry is never taken off a second time; a gift certificate is a means
of payment unless the stated total proves that it lowered it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.models import AdjustmentKind, VarianceCode
from crossdock.formats.bigcommerce.lines import Basis
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import Fields, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import (
    NOTHING,
    AdjustmentDraft,
    LineDraft,
    Pair,
    StatedDraft,
    StatedFigure,
    TaxDraft,
    both,
)

_CHARGES: Final = (
    ("shipping_cost", AdjustmentKind.SHIPPING, "shipping"),
    ("handling_cost", AdjustmentKind.FEE, "handling"),
    ("wrapping_cost", AdjustmentKind.GIFT_WRAP, "gift wrapping"),
)
DISCOUNTS: Final = ("discount_amount", "coupon_discount")
CERTIFICATES: Final = ("gift_certificate_amount", "store_credit_amount")


class BigCommerceTotals:
    """Readers of one order's totals."""

    def __init__(
        self, fields: Fields, placed: tuple[Node, str], basis: Basis, lines: list[LineDraft]
    ) -> None:
        self._fields = fields
        self._order, self._path = placed
        self._basis = basis
        self._lines = lines

    def _amount(self, name: str) -> Decimal:
        return self._fields.amount(self._order, name, self._path) or Decimal(0)

    def adjustments(self) -> list[AdjustmentDraft]:
        """Everything of the order that its lines do not carry."""
        found = [*self._charges(), *self._fees(), *self._discounts()]
        if self._is_total_after_certificates(found):
            found += [
                AdjustmentDraft(AdjustmentKind.GIFT_CARD, False, both(-amount), name)
                for name in CERTIFICATES
                if (amount := self._amount(name))
            ]
        return found

    def _charges(self) -> Iterator[AdjustmentDraft]:
        for name, kind, reason in _CHARGES:
            amount, tax = self._amount(f"{name}_{self._basis}"), self._amount(f"{name}_tax")
            if amount or tax:
                taxes = (TaxDraft(both(tax)),) if tax else ()
                yield AdjustmentDraft(kind, True, both(amount), reason, taxes)

    def _fees(self) -> Iterator[AdjustmentDraft]:
        for node, path in members(self._order, "fees", self._path):
            amount = self._fields.amount(node, f"cost_{self._basis}", path)
            if amount is None:
                continue
            tax = self._fields.amount(node, "cost_tax", path)
            name = text(node, "display_name_customer") or text(node, "name") or text(node, "type") or "fee"
            taxes = (TaxDraft(both(tax)),) if tax else ()
            yield AdjustmentDraft(AdjustmentKind.FEE, amount >= 0, both(amount), name, taxes)

    def _discounts(self) -> Iterator[AdjustmentDraft]:
        if any(line.adjustments for line in self._lines):
            return
        for name in DISCOUNTS:
            amount = self._amount(name)
            if amount:
                detail = (
                    "the discount is stated for the order only; it is allocated to the lines by their net"
                )
                self._fields.document.warn("not_itemised", detail, f"{self._path}.{name}")
                yield AdjustmentDraft(AdjustmentKind.DISCOUNT, False, both(-abs(amount)), name)

    def _is_total_after_certificates(self, adjustments: list[AdjustmentDraft]) -> bool:
        given = sum((self._amount(name) for name in CERTIFICATES), Decimal(0))
        stated = self._fields.amount(self._order, "total_inc_tax", self._path)
        if not given or stated is None:
            return False
        parts = [line.extended or _extended(line) for line in self._lines]
        everything = [a for line in self._lines for a in line.adjustments] + adjustments
        parts += [adjustment.amount for adjustment in everything]
        if self._basis == "ex_tax":
            parts += [tax.amount for line in self._lines for tax in line.taxes]
            parts += [tax.amount for adjustment in everything for tax in adjustment.taxes]
        return sum((part.shop for part in parts), Decimal(0)) - given == stated

    def stated(self) -> StatedDraft:
        """Totals as said; the discount is that of coupons and of the order together."""
        off = [self._fields.amount(self._order, name, self._path) for name in DISCOUNTS]
        net = None if any(map(self._amount, CERTIFICATES)) else self._said("total_ex_tax")
        figure = StatedFigure(VarianceCode.ORDER_TOTAL, "total_ex_tax", net or NOTHING, "net_total")
        return StatedDraft(
            others=[] if net is None else [figure],
            subtotal=self._said(f"subtotal_{self._basis}"),
            shipping=self._said(f"shipping_cost_{self._basis}"),
            discount=both(sum((abs(one or Decimal(0)) for one in off), Decimal(0))) if any(off) else None,
            tax=self._said("total_tax"),
            total=self._said("total_inc_tax"),
            quantity_total=self._fields.count(self._order, "items_total", self._path),
        )

    def _said(self, name: str) -> Pair | None:
        amount = self._fields.amount(self._order, name, self._path)
        return None if amount is None else both(amount)


def _extended(line: LineDraft) -> Pair:
    price = line.unit_price
    return both(price.shop * line.ordered if price is not None else Decimal(0))
