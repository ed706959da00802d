"""Lines of a Shopify order: price, discounts, taxes, and what became of the goods.

Invariant: `ordered` is the quantity as first ordered; refunds, edits and fulfilments never change it,
they fill `cancelled`, `returned_reported` and `fulfilled_reported`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import AdjustmentKind, Identifier, IdentifierScheme, LineKind
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import Fields, children, flag, rate_percent, text
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, TaxDraft, negated
from crossdock.formats.order_mapping import LineIds
from crossdock.formats.shopify.money import ShopifyFields

_NONE: Final = Decimal(0)
_PRICE_PLACES: Final = 12
"""Decimals of a price per piece: all that come, so that price × quantity is rounded once."""
_TIP_FIELDS: Final = ("tip_payment_gateway", "tip_payment_method")
"""What the line of a tip has in API versions without `tip`."""
_SHIPPED: Final = frozenset({"success"})
"""Fulfilment statuses in which goods have left; a failed or cancelled one has shipped nothing."""


@dataclass(slots=True)
class _Movements:
    """Quantities per line id that the order's refunds and fulfilments report."""

    fulfilled: dict[str, Decimal]
    refunded: dict[str, list[tuple[str | None, Decimal]]]
    has_fulfillments: bool


def shopify_lines(fields: ShopifyFields, order: Node, path: str, channel: str) -> list[LineDraft]:
    """Lines in the order of the payload. Raises Rejected where one has no price or quantity."""
    reasons = discount_reasons(order)
    is_duty_included = flag(order, "duties_included")  # in the prices: charged with them
    movements = _Movements(
        _fulfilled(fields, order, path), _refunded(fields, order, path), _has_shipped_lines(order)
    )
    lines: list[LineDraft] = []
    ids = LineIds(fields.document)
    for index, node in enumerate(fields.lines(order, "line_items", path)):
        line = _line(fields, node, f"{path}.line_items[{index}]", channel)
        ids.settle(line)
        line.adjustments = [
            *shopify_discounts(fields, node, line.path, AdjustmentKind.DISCOUNT, reasons),
            *(() if is_duty_included else _duties(fields, node, line.path)),
        ]
        _settle(fields, node, line, movements)
        lines.append(line)
    return lines


def _line(fields: ShopifyFields, node: Node, path: str, channel: str) -> LineDraft:
    price = fields.pair(node, "price", path, _PRICE_PLACES)
    if price is None:
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, "the line states no price", f"{path}.price")
    ordered = fields.count(node, "quantity", path)
    if ordered is None:
        raise Rejected(RejectionCode.FIELD_INVALID, "the line states no quantity", f"{path}.quantity")
    return LineDraft(
        line_id=fields.loose_identity(node, "id", path) or "",
        ordered=ordered,
        unit_price=price,
        identifiers=shopify_identifiers(fields, node, path, channel),
        kind=_kind(node),
        taxes=shopify_taxes(fields, node, path),
        path=path,
    )


def shopify_identifiers(fields: Fields, node: Node, path: str, channel: str) -> tuple[Identifier, ...]:
    """SKU and variant of a line, whichever are said."""
    sku = text(node, "sku")
    variant = fields.loose_identity(node, "variant_id", path)
    found = []
    if sku is not None:
        found.append(item_identifier(IdentifierScheme.SKU, sku))
    if variant is not None:
        found.append(item_identifier(IdentifierScheme.CHANNEL_VARIANT, variant, channel))
    return tuple(found)


def _kind(node: Node) -> LineKind:
    if node.get("gift_card") is True:
        return LineKind.GIFT_CARD
    if isinstance(node.get("tip"), dict) or any(text(node, name) for name in _TIP_FIELDS):
        return LineKind.FEE
    return LineKind.DIGITAL if node.get("requires_shipping") is False else LineKind.GOODS


def shopify_taxes(fields: ShopifyFields, node: Node, path: str) -> list[TaxDraft]:
    """Tax lines of a line, a shipping line, a duty or the order."""
    taxes = []
    for index, tax in enumerate(children(node, "tax_lines")):
        amount = fields.pair(tax, "price", f"{path}.tax_lines[{index}]")
        if amount is not None:
            taxes.append(
                TaxDraft(
                    amount,
                    rate_percent(tax.get("rate")),
                    jurisdiction=text(tax, "title") or "",
                    is_withheld_by_channel=flag(tax, "channel_liable") is True,
                )
            )
    return taxes


def discount_reasons(order: Node) -> list[str]:
    """Code or title of each discount application; allocations refer to them by index."""
    return [
        text(application, "code") or text(application, "title") or text(application, "type") or ""
        for application in children(order, "discount_applications")
    ]


def shopify_discounts(
    fields: ShopifyFields, node: Node, path: str, kind: AdjustmentKind, reasons: list[str]
) -> Iterator[AdjustmentDraft]:
    """What was taken off a line or a shipping line: its allocations, else `total_discount`.

    A payload with allocations repeats them in `total_discount` or not; they are never added up.
    """
    allocations = node.get("discount_allocations")
    if allocations == []:
        return
    if not isinstance(allocations, list):
        legacy = fields.pair(node, "total_discount", path)
        if legacy is not None and any(legacy):
            yield AdjustmentDraft(kind, False, negated(legacy))
        return
    for index, allocation in enumerate(children(node, "discount_allocations")):
        amount = fields.pair(allocation, "amount", f"{path}.discount_allocations[{index}]")
        if amount is not None and any(amount):
            yield AdjustmentDraft(kind, False, negated(amount), _reason(allocation, reasons))


def _reason(allocation: Node, reasons: list[str]) -> str:
    index = allocation.get("discount_application_index")
    return reasons[index] if type(index) is int and 0 <= index < len(reasons) else ""


def _duties(fields: ShopifyFields, node: Node, path: str) -> Iterator[AdjustmentDraft]:
    for index, duty in enumerate(children(node, "duties")):
        place = f"{path}.duties[{index}]"
        amount = fields.of_moneys(duty, place) or fields.pair(duty, "price", place)
        if amount is not None:
            taxes = tuple(shopify_taxes(fields, duty, place))
            yield AdjustmentDraft(AdjustmentKind.FEE, True, amount, "duty", taxes)


def _fulfilled(fields: ShopifyFields, order: Node, path: str) -> dict[str, Decimal]:
    shipped: dict[str, Decimal] = {}
    for index, fulfillment in enumerate(children(order, "fulfillments")):
        if text(fulfillment, "status") not in _SHIPPED:
            continue
        for position, item in enumerate(children(fulfillment, "line_items")):
            place = f"{path}.fulfillments[{index}].line_items[{position}]"
            line_id = fields.loose_identity(item, "id", place)
            if line_id is not None:
                quantity = fields.count(item, "quantity", place) or _NONE
                shipped[line_id] = shipped.get(line_id, _NONE) + quantity
    return shipped


def _has_shipped_lines(order: Node) -> bool:
    """Whether the fulfilments say what they hold; hand-cut and listed ones do not."""
    return any(children(fulfillment, "line_items") for fulfillment in children(order, "fulfillments"))


def _refunded(fields: ShopifyFields, order: Node, path: str) -> dict[str, list[tuple[str | None, Decimal]]]:
    refunded: dict[str, list[tuple[str | None, Decimal]]] = {}
    for index, refund in enumerate(children(order, "refunds")):
        old_type = "legacy_restock" if flag(refund, "restock") else None  # before there were types
        for position, item in enumerate(children(refund, "refund_line_items")):
            place = f"{path}.refunds[{index}].refund_line_items[{position}]"
            line_id = fields.loose_identity(item, "line_item_id", place)
            quantity = fields.count(item, "quantity", place)
            if line_id is not None and quantity:
                restock_type = text(item, "restock_type") or old_type
                refunded.setdefault(line_id, []).append((restock_type, quantity))
    return refunded


def _settle(fields: ShopifyFields, node: Node, line: LineDraft, movements: _Movements) -> None:
    """Fill in what was fulfilled, cancelled and returned of a line."""
    line.fulfilled = movements.fulfilled.get(line.line_id, _NONE)
    if not movements.has_fulfillments:
        line.fulfilled = _fulfilled_by_status(fields, node, line)
    refunded = movements.refunded.get(line.line_id, [])
    if refunded:
        still_open = fields.count(node, "fulfillable_quantity", line.path) or _NONE
        for restock_type, quantity in refunded:
            _settle_refund(line, restock_type, quantity, still_open)
    if node.get("current_quantity") == node.get("quantity"):
        return
    current = fields.count(node, "current_quantity", line.path)
    if current is not None:
        removed = line.ordered - current - sum((quantity for _, quantity in refunded), _NONE)
        if removed > 0:  # taken out by an order edit, without a refund
            line.cancelled += removed


def _settle_refund(line: LineDraft, restock_type: str | None, quantity: Decimal, still_open: Decimal) -> None:
    """`cancel` took goods out before they left, `return` brought them back. `no_restock` and the legacy
    types do not say which: what has neither left nor is still open is cancelled; the rest came back only
    if it was restocked."""
    if restock_type == "cancel":
        line.cancelled += quantity
    elif restock_type == "return":
        line.returned += quantity
    else:
        closed = max(line.ordered - line.fulfilled - line.cancelled - still_open, _NONE)
        before_shipping = min(quantity, closed)
        line.cancelled += before_shipping
        if restock_type == "legacy_restock":
            line.returned += quantity - before_shipping


def _fulfilled_by_status(fields: ShopifyFields, node: Node, line: LineDraft) -> Decimal:
    """Without fulfilments in the payload the line's own status and open quantity say it."""
    if text(node, "fulfillment_status") not in ("fulfilled", "partial"):
        return _NONE
    still_open = fields.count(node, "fulfillable_quantity", line.path) or _NONE
    return max(line.ordered - still_open, _NONE)
