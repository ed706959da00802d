"""Amounts that BigCommerce states without tax, with it, and the tax between them.

Invariant: the order is read on one basis; the figure of the other one is a variance where it is neither
that one with (or without) the tax, nor what its own parts make.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from crossdock.canonical.models import Variance, VarianceCode
from crossdock.formats.bigcommerce.charges import DISCOUNTS
from crossdock.formats.bigcommerce.lines import Basis, Placed
from crossdock.formats.decimals import sum_of
from crossdock.formats.json_fields import Fields
from crossdock.formats.order_variances import variance

_TOTALS: Final = (
    ("subtotal", VarianceCode.SUBTOTAL),
    ("shipping_cost", VarianceCode.SHIPPING),
    ("handling_cost", VarianceCode.NET_AMOUNT),
    ("wrapping_cost", VarianceCode.NET_AMOUNT),
)
_LINE: Final = (("price", VarianceCode.UNIT_PRICE), ("total", VarianceCode.LINE_EXTENSION))
_NONE: Final = Decimal(0)


class OtherBasis:
    """Comparison of one order's figures on the basis that it is not read on."""

    def __init__(self, fields: Fields, basis: Basis, currency: str) -> None:
        self._fields = fields
        self._basis = basis
        self._other: Basis = "inc_tax" if basis == "ex_tax" else "ex_tax"
        self._currency = currency
        self._unit = Decimal(1).scaleb(-fields.exponent)

    def variances(self, order: Placed, lines: Sequence[Placed]) -> Iterator[Variance]:
        """Figures of the order and of its lines that follow from nothing."""
        for name, code in _TOTALS:
            of_lines = self._sum(lines, f"total_{self._other}")
            parts = of_lines if name == "subtotal" else self._left_for(order, name)
            yield from self._differs(order, name, code, parts)
        yield from self._subtotal_tax(order, lines)
        for line in lines:
            for name, code in _LINE:
                yield from self._differs(line, name, code, self._of_the_other(line, name))

    def _of(self, placed: Placed, name: str) -> Decimal | None:
        node, path = placed
        return self._fields.informative_price(node, name, path)

    def _sum(self, lines: Sequence[Placed], name: str) -> Decimal | None:
        return sum_of(self._of(line, name) for line in lines)

    def _left_for(self, order: Placed, name: str) -> Decimal | None:
        """What the total of the other basis leaves for a charge, before the discounts."""
        total = self._of(order, f"total_{self._other}")
        others = (self._of(order, f"{one}_{self._other}") or _NONE for one, _ in _TOTALS if one != name)
        off = (self._of(order, one) or _NONE for one in DISCOUNTS)
        return None if total is None else total - sum(others, _NONE) + sum(off, _NONE)

    def _differs(
        self, placed: Placed, name: str, code: VarianceCode, parts: Decimal | None
    ) -> Iterator[Variance]:
        """A figure of the other basis that is neither this basis with the tax nor what its parts make."""
        own, said, tax = (self._of(placed, f"{name}_{end}") for end in (self._basis, self._other, "tax"))
        if own is None or said is None or tax is None:
            return
        ours = own + tax if self._other == "inc_tax" else own - tax
        if all(abs(said - one) > self._unit for one in (ours, parts) if one is not None):
            subject = f"{placed[1]}.{name}_{self._other}"
            yield variance(code, subject, (said, ours), self._currency, self._unit)

    def _of_the_other(self, line: Placed, name: str) -> Decimal | None:
        """A line's price of the other basis by its total, its total by its price."""
        node, path = line
        count = self._fields.count(node, "quantity", path)
        if name == "total":
            price = self._of(line, f"price_{self._other}")
            return None if price is None or count is None else price * count
        total = self._of(line, f"total_{self._other}")
        return total / count if total is not None and count else None

    def _subtotal_tax(self, order: Placed, lines: Sequence[Placed]) -> Iterator[Variance]:
        """The tax of the subtotal is that of the lines, and what lies between the two subtotals."""
        said, net, gross = (self._of(order, f"subtotal_{end}") for end in ("tax", "ex_tax", "inc_tax"))
        ours = self._sum(lines, "total_tax")
        if said is None or net is None or gross is None or ours is None:
            return
        if all(abs(said - one) > self._unit for one in (ours, gross - net)):
            subject = f"{order[1]}.subtotal_tax"
            yield variance(VarianceCode.TAX_TOTAL, subject, (said, ours), self._currency, self._unit)
