"""Figures of a Magento order that repeat others: those with tax, what was paid and what is due.

Invariant: such a figure is a variance where it agrees with none of the figures that it repeats; what the
rounding of taxes explains is no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from crossdock.canonical.models import Variance, VarianceCode
from crossdock.formats.decimals import sum_of
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child
from crossdock.formats.magento.amounts import MagentoAmounts
from crossdock.formats.magento.rows import Row
from crossdock.formats.order_variances import variance

_NONE: Final = Decimal(0)
_WRAPPING_TAXES: Final = ("gw_tax_amount", "gw_items_tax_amount", "gw_card_tax_amount")


class MagentoTotals:
    """Comparison of one order's repeated figures, all in the buyer's currency."""

    def __init__(self, amounts: MagentoAmounts, order: Node, path: str, rows: Sequence[Row]) -> None:
        self._amounts = amounts
        self._order = order
        self._path = path
        self._rows = rows
        self._unit = Decimal(1).scaleb(-amounts.exponent)
        self._currency = amounts.presentment_currency or amounts.currency

    def variances(self) -> Iterator[Variance]:
        """What agrees with nothing."""
        for row in self._rows:
            yield from self._row(row)
        yield from self._subtotal()
        yield from self._shipping()
        yield from self._paid()

    def _of(self, node: Node, name: str, path: str) -> Decimal | None:
        return self._amounts.informative_price(node, name, path)

    def _said(self, name: str) -> Decimal | None:
        return self._of(self._order, name, self._path)

    def _differs(
        self,
        code: VarianceCode,
        subject: str,
        said: Decimal | None,
        ours: Sequence[Decimal],
        allowed: Decimal,
    ) -> Iterator[Variance]:
        """The figure beside the first that it should be, where it is none of them."""
        if said is not None and ours and all(abs(said - one) > allowed for one in ours):
            yield variance(code, subject, (said, ours[0]), self._currency, allowed)

    def _row(self, row: Row) -> Iterator[Variance]:
        """A row without discount and product tax: its total with tax is that of its price, or has its tax."""
        names = ("row_total", "tax_amount", "discount_amount", "weee_tax_applied_row_amount")
        net, tax, *others = (self._of(row.node, name, row.path) for name in names)
        if net is None or tax is None or any(others) or not row.states("row_total"):
            return
        said, price = (
            self._of(row.node, name, row.path) for name in ("row_total_incl_tax", "price_incl_tax")
        )
        ordered = self._amounts.count(row.node, "qty_ordered", row.path)
        ours = [net + tax] if price is None or ordered is None else [net + tax, price * ordered]
        subject = f"{row.path}.row_total_incl_tax"
        yield from self._differs(VarianceCode.LINE_EXTENSION, subject, said or None, ours, self._unit)

    def _subtotal(self) -> Iterator[Variance]:
        """The subtotal with tax is that of the rows, of their prices, or has the tax of the goods."""
        counted = [row for row in self._rows if row.states("row_total")]
        by_row = sum_of(self._of(row.node, "row_total_incl_tax", row.path) for row in counted)
        net, tax = self._said("subtotal"), self._said("tax_amount")
        if by_row is None or net is None or tax is None:
            return
        of_others = (self._said(name) or _NONE for name in ("shipping_tax_amount", *_WRAPPING_TAXES))
        whole = net + tax + (self._said("discount_tax_compensation_amount") or _NONE) - sum(of_others)
        ours = (by_row, whole, self._of_prices(counted))
        said = self._said("subtotal_incl_tax") or None
        allowed = self._unit * len(counted)
        yield from self._differs(VarianceCode.SUBTOTAL, "subtotal_incl_tax", said, ours, allowed)

    def _of_prices(self, rows: Sequence[Row]) -> Decimal:
        prices = (
            (
                self._of(row.node, "price_incl_tax", row.path),
                self._amounts.count(row.node, "qty_ordered", row.path),
            )
            for row in rows
        )
        return sum(((price or _NONE) * (count or _NONE) for price, count in prices), _NONE)

    def _shipping(self) -> Iterator[Variance]:
        net, tax = self._said("shipping_amount"), self._said("shipping_tax_amount")
        said = self._said("shipping_incl_tax") or None
        if net is not None and tax is not None and not self._said("shipping_discount_amount"):
            yield from self._differs(
                VarianceCode.SHIPPING, "shipping_incl_tax", said, (net + tax,), self._unit
            )

    def _paid(self) -> Iterator[Variance]:
        """What was paid is what the payment says, or what is not due; what is due is what was not paid."""
        payment, place = child(self._order, "payment"), f"{self._path}.payment"
        paid, due, whole = (self._said(name) for name in ("total_paid", "total_due", "grand_total"))
        of_payment = self._of(payment, "amount_paid", place)
        if paid and of_payment is not None and whole is not None and due is not None:
            ours = (of_payment, whole - due)
            yield from self._differs(VarianceCode.ORDER_TOTAL, "total_paid", paid, ours, _NONE)
        wholes = [one for one in (whole, self._of(payment, "amount_ordered", place)) if one is not None]
        parts = [one for one in (paid or _NONE, of_payment) if one is not None]
        cancelled = self._said("total_canceled") or _NONE
        rest = [one - part - off for one in wholes for part in parts for off in (_NONE, cancelled)]
        yield from self._differs(VarianceCode.ORDER_TOTAL, "total_due", due or None, rest, _NONE)
