"""Charges and totals of a Shopify order: shipping, tips, duties, fees, and what is not itemised.

Invariant: an amount that Shopify states only as a total (tax, discount, shipping, duties) becomes one
order-level entry, with a warning; an itemised one is never added a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from crossdock.canonical.models import AdjustmentKind, LineKind, VarianceCode
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import children, flag, text
from crossdock.formats.order_draft import (
    NOTHING,
    AdjustmentDraft,
    LineDraft,
    Pair,
    StatedDraft,
    StatedFigure,
    TaxDraft,
    negated,
)
from crossdock.formats.shopify.lines import discount_reasons, shopify_discounts, shopify_taxes
from crossdock.formats.shopify.money import ShopifyFields


@dataclass(slots=True)
class Charges:
    """Order-level adjustments and taxes, and how the goods are shipped."""

    adjustments: list[AdjustmentDraft]
    taxes: list[TaxDraft]
    shipping_method: str | None


def shopify_charges(fields: ShopifyFields, order: Node, path: str, lines: list[LineDraft]) -> Charges:
    """Everything of an order that its lines do not carry."""
    shipping = list(_shipping(fields, order, path))
    adjustments = [
        *shipping,
        *_tips(fields, order, path, lines),
        *_fees(fields, order, path, lines),
        *_discounts(fields, order, path, [*shipping, *_of(lines)]),
    ]
    methods = [
        text(node, "title") or text(node, "code")
        for node in children(order, "shipping_lines")
        if not _is_removed(node)
    ]
    taxes = _taxes(fields, order, path, [*adjustments, *_of(lines)], lines)
    return Charges(adjustments, taxes, next((method for method in methods if method), None))


def _of(lines: list[LineDraft]) -> list[AdjustmentDraft]:
    return [adjustment for line in lines for adjustment in line.adjustments]


def _is_removed(shipping_line: Node) -> bool:
    return flag(shipping_line, "is_removed") is True


def _shipping(fields: ShopifyFields, order: Node, path: str) -> Iterator[AdjustmentDraft]:
    reasons = discount_reasons(order)
    is_itemised = False
    for index, node in enumerate(children(order, "shipping_lines")):
        place = f"{path}.shipping_lines[{index}]"
        if _is_removed(node):
            is_itemised = True
            detail = "an order edit removed the shipping line; it is not charged"
            fields.document.warn("shipping_line_removed", detail, place)
            continue
        price = fields.pair(node, "price", place)
        if price is None:
            continue
        is_itemised = True
        title = text(node, "title") or text(node, "code") or ""
        taxes = tuple(shopify_taxes(fields, node, place))
        yield AdjustmentDraft(AdjustmentKind.SHIPPING, True, price, title, taxes)
        yield from shopify_discounts(fields, node, place, AdjustmentKind.SHIPPING, reasons)
    total = fields.of_set(order, "total_shipping_price_set", path)
    if not is_itemised and total is not None and any(total):
        _not_itemised(fields, f"{path}.total_shipping_price_set")
        yield AdjustmentDraft(AdjustmentKind.SHIPPING, True, total)


def _tips(fields: ShopifyFields, order: Node, path: str, lines: list[LineDraft]) -> Iterator[AdjustmentDraft]:
    tip = fields.pair(order, "total_tip_received", path)
    is_itemised = any(line.kind is LineKind.FEE for line in lines)
    if tip is not None and any(tip) and not is_itemised:
        yield AdjustmentDraft(AdjustmentKind.GRATUITY, True, tip, "tip")


def _fees(fields: ShopifyFields, order: Node, path: str, lines: list[LineDraft]) -> Iterator[AdjustmentDraft]:
    fees = children(order, "additional_fees")
    for index, node in enumerate(fees):
        place = f"{path}.additional_fees[{index}]"
        amount = fields.pair(node, "price", place)
        if amount is not None:
            taxes = tuple(shopify_taxes(fields, node, place))
            yield AdjustmentDraft(AdjustmentKind.FEE, True, amount, text(node, "name") or "", taxes)
    has_duties = any(a.kind is AdjustmentKind.FEE for a in _of(lines))
    is_duty_included = flag(order, "duties_included") is True
    for name, reason, is_itemised in (
        ("original_total_duties_set", "duty", has_duties or is_duty_included),
        ("original_total_additional_fees_set", "additional fee", bool(fees)),
    ):
        total = fields.of_set(order, name, path)
        if total is not None and any(total) and not is_itemised:
            _not_itemised(fields, f"{path}.{name}")
            yield AdjustmentDraft(AdjustmentKind.FEE, True, total, reason)


def _discounts(
    fields: ShopifyFields, order: Node, path: str, itemised: list[AdjustmentDraft]
) -> Iterator[AdjustmentDraft]:
    if any(not adjustment.is_charge for adjustment in itemised):
        return
    total = fields.pair(order, "total_discounts", path)
    reason = ", ".join(text(node, "code") or "" for node in children(order, "discount_codes"))
    if total is None:
        total = _codes(fields, order, path)
    if total is not None and any(total):
        _not_itemised(fields, f"{path}.total_discounts")
        kind = AdjustmentKind.SHIPPING if _is_off_shipping(order) else AdjustmentKind.DISCOUNT
        yield AdjustmentDraft(kind, False, negated(total), reason)


def _is_off_shipping(order: Node) -> bool:
    """Whether all discounts that are named are off the shipping."""
    targets = {text(node, "target_type") for node in children(order, "discount_applications")}
    if targets:
        return targets == {"shipping_line"}
    return {text(node, "type") for node in children(order, "discount_codes")} == {"shipping"}


def _taxes(
    fields: ShopifyFields,
    order: Node,
    path: str,
    adjustments: list[AdjustmentDraft],
    lines: list[LineDraft],
) -> list[TaxDraft]:
    """Order-level taxes where neither lines nor charges carry any."""
    if any(line.taxes for line in lines) or any(adjustment.taxes for adjustment in adjustments):
        return []
    taxes = shopify_taxes(fields, order, path)
    total = fields.pair(order, "total_tax", path)
    if not taxes and total is not None and any(total):
        taxes = [TaxDraft(total)]
    if taxes:
        _not_itemised(fields, f"{path}.tax_lines")
    return taxes


def _not_itemised(fields: ShopifyFields, path: str) -> None:
    detail = "the amount is stated for the whole order only; it is allocated to the lines by their net"
    fields.document.warn("not_itemised", detail, path)


def shopify_stated(fields: ShopifyFields, order: Node, path: str, lines: list[LineDraft]) -> StatedDraft:
    """Totals as said; Shopify's subtotal is goods after discounts, its shipping is before discounts. A tip
    that stands as a line is a part of the subtotal or not, as the API version has it."""
    tips = _tip_lines(lines)
    stated = StatedDraft(
        subtotal=fields.pair(order, "subtotal_price", path),
        shipping=fields.of_set(order, "total_shipping_price_set", path),
        discount=fields.pair(order, "total_discounts", path),
        tax=fields.pair(order, "total_tax", path),
        total=fields.pair(order, "total_price", path),
        subtotal_measure="goods_net",
        subtotal_optional=tips,
    )
    goods = fields.pair(order, "total_line_items_price", path)
    if goods is not None:
        name = "total_line_items_price"
        stated.others.append(StatedFigure(VarianceCode.SUBTOTAL, name, goods, "subtotal", tips))
    codes = _codes(fields, order, path)
    if codes is not None and stated.discount is not None and codes.shop > stated.discount.shop:
        stated.others.append(StatedFigure(VarianceCode.DISCOUNT, "discount_codes", codes, "discount"))
    taxes = _tax_lines(fields, order, path)
    if taxes not in (None, stated.tax):
        stated.others.append(StatedFigure(VarianceCode.TAX_TOTAL, "tax_lines", taxes, "tax"))
    return stated


def _tip_lines(lines: list[LineDraft]) -> Pair:
    total = NOTHING
    for line in lines:
        if line.kind is LineKind.FEE and line.unit_price is not None:
            shop, presented = line.unit_price
            total = Pair(total.shop + shop * line.ordered, total.presentment + presented * line.ordered)
    return total


def _tax_lines(fields: ShopifyFields, order: Node, path: str) -> Pair | None:
    """Sum of the order's own tax lines, which sum those of its lines and charges; None where there are
    none, or where they name no presentment money."""
    nodes = children(order, "tax_lines")
    has_sets = all("price_set" in node for node in nodes)
    if not nodes or (not has_sets and fields.presentment_currency not in (None, fields.currency)):
        return None
    amounts = [tax.amount for tax in shopify_taxes(fields, order, path)]
    return Pair(sum((a.shop for a in amounts), Decimal(0)), sum((a.presentment for a in amounts), Decimal(0)))


def _codes(fields: ShopifyFields, order: Node, path: str) -> Pair | None:
    """Sum of the discount codes' amounts; they name no presentment money, so shop currency on both sides
    only where the order has one currency."""
    nodes = children(order, "discount_codes")
    if not nodes or fields.presentment_currency not in (None, fields.currency):
        return None
    total = NOTHING
    for index, node in enumerate(nodes):
        amount = fields.informative_price(node, "amount", f"{path}.discount_codes[{index}]")
        if amount is not None:
            total = Pair(total.shop + amount, total.presentment + amount)
    return total
