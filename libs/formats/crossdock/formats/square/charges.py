"""Charges and totals of a Square order: service charges, tips, cash rounding, what came back.

Invariant: a service charge is added once, with its own taxes; what an order of returns gives back is
never subtracted from the sale.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.models import AdjustmentKind, VarianceCode
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import (
    AdjustmentDraft,
    LineDraft,
    Measure,
    Pair,
    StatedDraft,
    StatedFigure,
    both,
)
from crossdock.formats.square.lines import Definitions
from crossdock.formats.square.shapes import SquareFields

_NET_AMOUNTS: Final[tuple[tuple[str, VarianceCode, Measure], ...]] = (
    ("total_money", VarianceCode.ORDER_TOTAL, "total"),
    ("tax_money", VarianceCode.TAX_TOTAL, "tax"),
    ("discount_money", VarianceCode.DISCOUNT, "discount"),
)


def square_charges(fields: SquareFields, order: Node, path: str) -> Iterator[AdjustmentDraft]:
    """Service charges, tips and rounding."""
    definitions = Definitions(order)
    for node, place in members(order, "service_charges", path):
        amount = fields.money(node, "applied_money", place)
        if amount is None:
            amount = fields.money(node, "amount_money", place)
        if amount is None:
            continue
        is_tip = text(node, "type") == "AUTO_GRATUITY"
        kind = AdjustmentKind.GRATUITY if is_tip else AdjustmentKind.SURCHARGE
        taxes = tuple(definitions.taxes(fields, node, place))
        yield AdjustmentDraft(kind, amount >= 0, both(amount), text(node, "name") or "", taxes)
    tip = fields.money(order, "total_tip_money", path)
    if tip:
        yield AdjustmentDraft(AdjustmentKind.GRATUITY, True, both(tip), "tip")
    rounding, place = child(order, "rounding_adjustment"), f"{path}.rounding_adjustment"
    amount = fields.money(rounding, "amount_money", place)
    if amount:
        name = text(rounding, "name") or "rounding"
        yield AdjustmentDraft(AdjustmentKind.ROUNDING, amount > 0, both(amount), name)


def square_stated(fields: SquareFields, order: Node, path: str) -> StatedDraft:
    """Totals as said; the tax is that of lines and charges, inclusive taxes with it."""

    def said(name: str) -> Pair | None:
        amount = fields.money(order, name, path)
        return None if amount is None else both(amount)

    return StatedDraft(
        discount=said("total_discount_money"),
        tax=said("total_tax_money"),
        total=said("total_money"),
        others=list(_net_amounts(fields, order, path)),
    )


def _net_amounts(fields: SquareFields, order: Node, path: str) -> Iterator[StatedFigure]:
    """Net amounts of an order without returns that are not its totals: one of the two is not ours."""
    if children(order, "returns") or order.get("return_amounts"):
        return
    net, place = child(order, "net_amounts"), f"{path}.net_amounts"
    for name, code, measure in _NET_AMOUNTS:
        of_order = name if name == "total_money" else f"total_{name}"
        said, total = fields.money(net, name, place), fields.money(order, of_order, path)
        if said is not None and total is not None and said != total:
            yield StatedFigure(code, f"net_amounts.{name}", both(said), measure)


def settle_returns(fields: SquareFields, order: Node, path: str, lines: list[LineDraft]) -> None:
    """Quantities that came back of this very order's lines; those of another order are its own matter."""
    by_uid = {line.line_id: line for line in lines}
    own = text(order, "id")
    for index, returned in enumerate(children(order, "returns")):
        if text(returned, "source_order_id") not in (None, own):
            continue
        for place, node in enumerate(children(returned, "return_line_items")):
            quantity = fields.count(node, "quantity", f"{path}.returns[{index}].return_line_items[{place}]")
            line = by_uid.get(text(node, "source_line_item_uid") or "")
            if line is not None and quantity is not None:
                line.returned += quantity


def settle_fulfillments(fields: SquareFields, order: Node, path: str, lines: list[LineDraft]) -> None:
    """Quantities that were handed over: by completed fulfillments; a completed sale without any was taken
    along at the counter."""
    nodes = children(order, "fulfillments")
    if not nodes and text(order, "state") == "COMPLETED":
        _hand_over(lines)
    for index, node in enumerate(nodes):
        if text(node, "state") != "COMPLETED":
            continue
        entries = children(node, "entries")
        if not entries or text(node, "line_item_application") == "ALL":
            _hand_over(lines)
        else:
            _hand_over_parts(fields, entries, f"{path}.fulfillments[{index}].entries", lines)


def _hand_over(lines: list[LineDraft]) -> None:
    for line in lines:
        line.fulfilled = line.ordered


def _hand_over_parts(fields: SquareFields, entries: list[Node], path: str, lines: list[LineDraft]) -> None:
    by_uid = {line.line_id: line for line in lines}
    for index, entry in enumerate(entries):
        line = by_uid.get(text(entry, "line_item_uid") or "")
        quantity = fields.count(entry, "quantity", f"{path}[{index}]")
        if line is not None:
            line.fulfilled += quantity or Decimal(0)
