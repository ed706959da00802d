"""Totals of a Vendure order that repeat one another, without and with tax.

Invariant: a total is a variance where it is neither the sum of its parts nor what the totals beside it
leave for it, so that one wrong figure is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.models import PartnerProfile, Variance, VarianceCode
from crossdock.formats.decimals import sum_of
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import children
from crossdock.formats.json_resource import Placed, members
from crossdock.formats.order_variances import variance
from crossdock.formats.vendure.amounts import LINE_AMOUNTS, VendureAmounts

_NONE: Final = Decimal(0)
_UNIT: Final = Decimal("0.01")
"""Vendure's whole hundredth, for every currency."""
_GOODS: Final = (("lines", LINE_AMOUNTS), ("surcharges", ("price",)))
_FREIGHT: Final = (("shippingLines", ("discountedPrice", "price")),)
_TOTALS: Final = (
    ("subTotal", VarianceCode.SUBTOTAL, _GOODS, "shipping"),
    ("shipping", VarianceCode.SHIPPING, _FREIGHT, "subTotal"),
)
"""A total of the order, what it sums, and what is the rest of `total`."""


def total_variances(
    amounts: VendureAmounts, order: Node, path: str, profile: PartnerProfile
) -> Iterator[Variance]:
    """Totals that agree neither with their parts nor with one another, and taxes of lines."""
    rule = profile.tolerances.order_total
    allowed = rule.for_lines(1)
    for name, code, parts, rest in _TOTALS:
        for suffix in ("", "WithTax"):
            if amounts.is_compared(f"{name}{suffix}"):
                continue
            said, whole, other = (
                amounts.amount(order, f"{one}{suffix}", path) for one in (name, "total", rest)
            )
            ours = _sum_of(amounts, order, path, parts, suffix)
            if said is None or ours is None or whole is None or other is None:
                continue
            if said not in (ours, whole - other):
                yield variance(code, f"{name}{suffix}", (said, ours), amounts.currency, allowed)
    for line in members(order, "lines", path):
        yield from _line_figures(amounts, line, allowed)


def _sum_of(
    amounts: VendureAmounts,
    order: Node,
    path: str,
    parts: tuple[tuple[str, tuple[str, ...]], ...],
    suffix: str,
) -> Decimal | None:
    """The sum of the parts, each by the first of its figures that it states; None where one states none."""
    placed = [(names, one) for holder, names in parts for one in members(order, holder, path)]
    return sum_of(
        _first(amounts.amount(node, f"{name}{suffix}", place) for name in names)
        for names, (node, place) in placed
    )


def _first(amounts: Iterable[Decimal | None]) -> Decimal | None:
    return next((one for one in amounts if one is not None), None)


def _line_figures(amounts: VendureAmounts, line: Placed, allowed: Decimal) -> Iterator[Variance]:
    """The tax of a line is between its two prices; its price of the other tax mode is that of its units."""
    node, path = line
    said = amounts.amount(node, "lineTax", path)
    ours = _first(amounts.tax_between(node, name, path) for name in LINE_AMOUNTS)
    if said is not None and ours is not None and said != ours:
        subject = f"{path}.lineTax"
        yield variance(VarianceCode.TAX_TOTAL, subject, (said, ours), amounts.currency, allowed)
    suffix = "" if amounts.is_inclusive else "WithTax"
    whole, unit = (amounts.amount(node, f"{name}Price{suffix}", path) for name in ("line", "unit"))
    count = amounts.count(node, "quantity", path)
    if whole is not None and unit is not None and count is not None:
        figures = (whole, unit * count)
        if abs(whole - unit * count) > _UNIT * count:  # a strategy may round lines, not units
            subject = f"{path}.linePrice{suffix}"
            yield variance(VarianceCode.LINE_EXTENSION, subject, figures, amounts.currency, allowed)


def net_total_variance(
    amounts: VendureAmounts, order: Node, path: str, profile: PartnerProfile
) -> Iterator[Variance]:
    """`total`, which is without tax: it is that of its parts, and `totalWithTax` less the taxes."""
    names = ("total", "subTotal", "shipping", "totalWithTax")
    net, goods, freight, gross = (amounts.amount(order, name, path) for name in names)
    if net is None or goods is None or freight is None or gross is None:
        return
    taxes = children(order, "taxSummary")  # else the tax is the difference of the two totals
    of_gross = gross - (amounts.stated_tax() or _NONE) if taxes else None
    if net not in (goods + freight, of_gross):
        rule = profile.tolerances.order_total
        allowed = rule.for_lines(1)
        yield variance(VarianceCode.ORDER_TOTAL, "total", (net, goods + freight), amounts.currency, allowed)
