"""Totals of Medusa that repeat one another: each beside the sum of what it totals.

Invariant: a total is a variance where it is neither the sum of its parts nor what the totals beside it
leave for it; where only its parts are wrong, they are told, not everything that adds them up.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.models import AdjustmentKind, PartnerProfile, Variance, VarianceCode
from crossdock.formats.decimals import sum_of
from crossdock.formats.json_document import Node
from crossdock.formats.json_resource import members
from crossdock.formats.medusa.amounts import ROUNDINGS, MedusaAmounts
from crossdock.formats.order_draft import LineDraft, OrderDraft
from crossdock.formats.order_variances import variance

_NONE: Final = Decimal(0)


class _Total(NamedTuple):
    """A total of the order: the figure of each holder that it sums, and the totals that leave it."""

    name: str
    code: VarianceCode
    holders: tuple[str, ...]
    part: str
    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()


_GOODS, _FREIGHT = ("items",), ("shipping_methods",)
_ALL: Final = _GOODS + _FREIGHT
_CREDITS: Final = ("gift_card_total", "credit_line_total")
_NET, _TAX, _OFF = VarianceCode.NET_AMOUNT, VarianceCode.TAX_TOTAL, VarianceCode.DISCOUNT
_NET_DISCOUNT: Final = "discount_subtotal"
_ORIGINAL: Final = "original_total"
_GOODS_BEFORE, _FREIGHT_BEFORE = "original_item_total", "original_shipping_total"
_OF_BOTH: Final = (
    _Total("item_tax_total", _TAX, _GOODS, "tax_total", ("tax_total",), ("shipping_tax_total",)),
    _Total("shipping_tax_total", _TAX, _FREIGHT, "tax_total", ("tax_total",), ("item_tax_total",)),
)
"""Totals that both versions state."""
_TOTALS: Final = (
    *_OF_BOTH,
    _Total("item_subtotal", VarianceCode.SUBTOTAL, _GOODS, "subtotal", ("original_item_subtotal",)),
    _Total("item_total", _NET, _GOODS, "total", ("total", *_CREDITS), ("shipping_total",)),
    _Total("shipping_total", VarianceCode.SHIPPING, _FREIGHT, "total", ("total", *_CREDITS), ("item_total",)),
    _Total("discount_total", _OFF, _ALL, "discount_total", (_NET_DISCOUNT, "discount_tax_total")),
    _Total("discount_tax_total", _TAX, _ALL, "discount_tax_total", ("discount_total",), (_NET_DISCOUNT,)),
    _Total(_ORIGINAL, _NET, _ALL, _ORIGINAL, (_GOODS_BEFORE, _FREIGHT_BEFORE)),
    _Total(_GOODS_BEFORE, _NET, _GOODS, _ORIGINAL, (_ORIGINAL,), (_FREIGHT_BEFORE,)),
    _Total(_FREIGHT_BEFORE, _NET, _FREIGHT, _ORIGINAL, (_ORIGINAL,), (_GOODS_BEFORE,)),
)


def total_variances(
    amounts: MedusaAmounts, order: Node, path: str, profile: PartnerProfile
) -> Iterator[Variance]:
    """Totals of the order, of its items and of what ships that disagree."""
    rule = profile.tolerances.order_total
    for total in _TOTALS if amounts.version == 2 else _OF_BOTH:
        said = amounts.figure(order, total.name, path)
        parts = _parts(amounts, order, path, total)
        ours = sum_of(parts)
        if said is None or ours is None:
            continue
        lost = ROUNDINGS * (len(parts) + 1)
        if abs(said - ours) > lost and not _is_left(amounts, order, path, total, said):
            allowed = rule.for_lines(len(parts))
            yield variance(total.code, total.name, (said, ours), amounts.currency, allowed)
    for name in _GOODS + _FREIGHT:
        for node, place in members(order, name, path):
            yield from _own_total(amounts, node, place, rule.for_lines(1))


def subtotal_variance(
    amounts: MedusaAmounts, order: Node, path: str, draft: OrderDraft, profile: PartnerProfile
) -> Iterator[Variance]:
    """A full answer's subtotal of version 2 is that of the items and of what ships, before discounts.

    Hand-made ones leave the shipping out; one that is the sum of its own parts is compared with those.
    """
    names = ("subtotal", "item_subtotal", "shipping_subtotal")
    said, goods_said, freight_said = (amounts.figure(order, name, path) for name in names)
    if amounts.version == 1 or amounts.is_inclusive:
        return
    if said is None or goods_said is None or freight_said is None:
        return
    goods = sum((_extended(line) for line in draft.lines), _NONE)
    freight = (one for one in draft.adjustments if one.kind is AdjustmentKind.SHIPPING and one.is_charge)
    whole = goods + sum((one.amount.shop for one in freight), _NONE)
    if said in (goods, whole) or abs(said - goods_said - freight_said) <= ROUNDINGS:
        return
    rule = profile.tolerances.order_total
    allowed = rule.for_lines(len(draft.lines))
    yield variance(VarianceCode.SUBTOTAL, "subtotal", (said, whole), amounts.currency, allowed)


def _extended(line: LineDraft) -> Decimal:
    if line.extended is not None:
        return line.extended.shop
    return _NONE if line.unit_price is None else line.unit_price.shop * line.ordered


def _parts(amounts: MedusaAmounts, order: Node, path: str, total: _Total) -> list[Decimal | None]:
    return [
        amounts.figure(node, total.part, place)
        for name in total.holders
        for node, place in members(order, name, path)
    ]


def _is_left(amounts: MedusaAmounts, order: Node, path: str, total: _Total, said: Decimal) -> bool:
    """Whether the totals beside it say the same: then its parts are wrong, which is told of them."""
    if any(order.get(name) is None for name in (*total.plus[:1], *total.minus)):
        return False
    left = sum((amounts.figure(order, name, path) or _NONE for name in total.plus), _NONE)
    left -= sum((amounts.figure(order, name, path) or _NONE for name in total.minus), _NONE)
    return abs(said - left) <= ROUNDINGS * (len(total.plus) + len(total.minus))


def _own_total(amounts: MedusaAmounts, node: Node, path: str, allowed: Decimal) -> Iterator[Variance]:
    """An item's or a shipping method's total beside its subtotal, less its discount, with its tax.

    The discount total of version 1 and of the first answers of version 2 is without tax, too.
    """
    names = ("total", "subtotal", "tax_total", "discount_subtotal", "discount_total")
    total, net, tax, *discounts = (amounts.figure(node, name, path) for name in names)
    if amounts.version == 1:
        discounts = discounts[1:] if not amounts.figure(node, "gift_card_total", path) else [None]
    if total is None or net is None or tax is None or None in discounts:
        return
    ours = [net - (discount or _NONE) + tax for discount in discounts]
    if all(abs(total - one) > 4 * ROUNDINGS for one in ours):
        yield variance(VarianceCode.NET_AMOUNT, f"{path}.total", (total, ours[0]), amounts.currency, allowed)
