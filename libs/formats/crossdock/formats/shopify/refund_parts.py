"""Lines, adjustments and transactions of a Shopify refund.

Invariant: money to the buyer is positive. Shopify writes what an order adjustment does to the shop's
revenue, so its sign is turned; a refunded shipping cost that stands in two places is counted once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    AdjustmentKind,
    Disposition,
    DualMoney,
    RefundStatus,
    RefundTransaction,
    Variance,
    VarianceCode,
)
from crossdock.canonical.money import extend
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, flag, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import NOTHING, AdjustmentDraft, Pair, TaxDraft, negated
from crossdock.formats.order_models import dual_money
from crossdock.formats.order_variances import variance
from crossdock.formats.refund_draft import RefundLineDraft
from crossdock.formats.shopify.lines import shopify_identifiers, shopify_taxes
from crossdock.formats.shopify.money import ShopifyFields
from crossdock.formats.times import business_time

_DISPOSITIONS: Final = {
    "return": Disposition.RESTOCK,
    "legacy_restock": Disposition.RESTOCK,
    "cancel": Disposition.NONE,  # the goods never left
    "no_restock": Disposition.NONE,
}
"""Source: `restock_type` of Shopify's RefundLineItem."""
_SHIPPING_REFUND: Final = "shipping_refund"
_SHIPPING_AMOUNTS: Final = ("subtotal_amount", "subtotal", "amount")
_SHIPPING_TAXES: Final = ("tax_amount", "total_tax")


def refund_lines(fields: ShopifyFields, refund: Node, path: str, channel: str) -> Iterator[RefundLineDraft]:
    """Money back per order line. Raises Rejected where one has no amount."""
    is_restocked = flag(refund, "restock")
    for node, place in members(refund, "refund_line_items", path):
        item, item_path = child(node, "line_item"), f"{place}.line_item"
        line_id = fields.loose_identity(node, "line_item_id", place)
        quantity = fields.count(node, "quantity", place)
        raw = text(node, "restock_type")
        yield RefundLineDraft(
            line_id=line_id or fields.loose_identity(item, "id", item_path),
            amount=_line_amount(fields, node, quantity, place),
            quantity=quantity,
            identifiers=shopify_identifiers(fields, item, item_path, channel),
            taxes=_line_taxes(fields, node, quantity, place),
            disposition=_disposition(raw, is_restocked),
            restock_type_raw=raw,
        )


def _disposition(raw: str | None, is_restocked: bool | None) -> Disposition:
    if raw is not None:
        return _DISPOSITIONS.get(raw, Disposition.UNKNOWN)
    if is_restocked is None:
        return Disposition.UNKNOWN
    return Disposition.RESTOCK if is_restocked else Disposition.NONE


def _line_amount(fields: ShopifyFields, node: Node, quantity: Decimal | None, path: str) -> Pair:
    subtotal = fields.pair(node, "subtotal", path)
    if subtotal is not None:
        return subtotal
    price = fields.pair(child(node, "line_item"), "price", f"{path}.line_item", 12)
    if price is None or quantity is None:
        detail = "the line states neither subtotal nor price and quantity"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.subtotal")
    detail = "the line states no subtotal; price × quantity of its order line stands in for it"
    fields.document.warn("subtotal_missing", detail, f"{path}.subtotal")
    return Pair(extend(price.shop, quantity), extend(price.presentment, quantity))


def _line_taxes(fields: ShopifyFields, node: Node, quantity: Decimal | None, path: str) -> list[TaxDraft]:
    """The tax given back; without one, the order line's own taxes where the whole line is refunded."""
    item, item_path = child(node, "line_item"), f"{path}.line_item"
    total = fields.pair(node, "total_tax", path)
    if total is None:
        is_whole = quantity is not None and fields.count(item, "quantity", item_path) == quantity
        return shopify_taxes(fields, item, item_path) if is_whole else []
    if not any(total):
        return []
    named = shopify_taxes(fields, item, item_path)
    if len(named) == 1:
        tax = named[0]
        withheld = tax.is_withheld_by_channel
        return [TaxDraft(total, tax.rate_percent, None, tax.category, tax.jurisdiction, None, withheld)]
    return [TaxDraft(total)]


def refund_adjustments(fields: ShopifyFields, refund: Node, path: str) -> list[AdjustmentDraft]:
    """Shipping, discrepancies, duties and fees of a refund."""
    adjusted = list(_order_adjustments(fields, refund, path))
    shipping = list(_shipping_lines(fields, refund, path))
    said = [one for one in adjusted if one.reason_raw == _SHIPPING_REFUND]
    if said and shipping:
        if _total(said) != _total(shipping):
            detail = "order_adjustments and refund_shipping_lines differ; the adjustments are used"
            fields.document.warn("figures_differ", detail, f"{path}.refund_shipping_lines")
        shipping = []
    return [
        *adjusted,
        *shipping,
        *_charges(fields, refund, path, "duties", "duty"),
        *_charges(fields, refund, path, "additional_fees", "additional fee"),
    ]


def _total(adjustments: Sequence[AdjustmentDraft]) -> Decimal:
    return sum((one.amount.shop for one in adjustments), Decimal(0))


def _order_adjustments(fields: ShopifyFields, refund: Node, path: str) -> Iterator[AdjustmentDraft]:
    for node, place in members(refund, "order_adjustments", path):
        amount = fields.pair(node, "amount", place)
        tax = fields.pair(node, "tax_amount", place)
        if amount is None:
            continue
        raw = text(node, "kind") or (text(node, "reason") or "").lower().replace(" ", "_")
        kind = AdjustmentKind.SHIPPING if raw == _SHIPPING_REFUND else AdjustmentKind.UNKNOWN
        back = negated(amount)
        # The tax of an adjustment stands beside its amount even where prices include tax.
        taxes = (TaxDraft(negated(tax), is_included=False),) if tax is not None and any(tax) else ()
        yield AdjustmentDraft(kind, back.shop >= 0, back, raw, taxes)


def _shipping_lines(fields: ShopifyFields, refund: Node, path: str) -> Iterator[AdjustmentDraft]:
    for node, place in members(refund, "refund_shipping_lines", path):
        amount = _first(fields, node, place, _SHIPPING_AMOUNTS)
        if amount is None:
            continue
        tax = _first(fields, node, place, _SHIPPING_TAXES)
        taxes = (TaxDraft(tax),) if tax is not None and any(tax) else ()
        title = text(child(node, "shipping_line"), "title") or ""
        yield AdjustmentDraft(AdjustmentKind.SHIPPING, amount.shop >= 0, amount, title, taxes)


def _first(fields: ShopifyFields, node: Node, path: str, names: Sequence[str]) -> Pair | None:
    found = (fields.pair(node, name, path) for name in names)
    return next((amount for amount in found if amount is not None), None)


def _charges(
    fields: ShopifyFields, refund: Node, path: str, name: str, reason: str
) -> Iterator[AdjustmentDraft]:
    """Duties or fees given back: each of them, else their total."""
    wrapped = refund.get(name)
    holder = wrapped if isinstance(wrapped, dict) and name in wrapped else refund
    is_itemised = False
    for node, place in members(holder, name, path):
        amount = fields.of_set(node, "amount_set", place) or fields.pair(node, "price", place)
        if amount is not None:
            is_itemised = True
            taxes = tuple(shopify_taxes(fields, node, place))
            yield AdjustmentDraft(AdjustmentKind.FEE, amount.shop >= 0, amount, reason, taxes)
    total = fields.of_set(refund, f"total_{name}_set", path)
    if not is_itemised and total is not None and any(total):
        yield AdjustmentDraft(AdjustmentKind.FEE, total.shop >= 0, total, reason)


def refund_transactions(
    fields: ShopifyFields, refund: Node, path: str, zone: str | None
) -> tuple[RefundTransaction, ...]:
    """Movements of money, in the payload's order; only a successful one of kind refund has moved any."""
    found = []
    for node, place in members(refund, "transactions", path):
        amount = fields.paid(node, place)
        if amount is not None:
            found.append(_transaction(fields, node, place, amount, zone))
    return tuple(found)


def _transaction(
    fields: ShopifyFields, node: Node, path: str, amount: DualMoney, zone: str | None
) -> RefundTransaction:
    kind, status = text(node, "kind") or "refund", text(node, "status") or ""
    at = text(node, "processed_at") or text(node, "created_at")
    gateway = text(node, "gateway") or ""
    return RefundTransaction(
        transaction_id=fields.loose_identity(node, "id", path) or "",
        psp_account=gateway,
        psp_reference=text(node, "payment_id") or text(node, "authorization") or "",
        method_raw=gateway,
        status_raw=status if kind == "refund" else f"{kind} {status}".strip(),
        is_successful=kind == "refund" and status in ("success", ""),
        amount=amount,
        at=None if at is None else business_time(at, f"{path}.processed_at", zone=zone),
    )


def paid_total(
    transactions: Sequence[RefundTransaction], fields: ShopifyFields, path: str
) -> DualMoney | None:
    """What went out: the successful transactions; None where there is none or their currencies differ."""
    moved = [one.amount for one in transactions if one.is_successful]
    pairs = {(one.currency, one.presentment_currency) for one in moved}
    if len(pairs) > 1:
        detail = "the transactions are in different currencies; their total is not compared"
        fields.document.warn("transactions_mixed", detail, f"{path}.transactions")
    if len(pairs) != 1:
        return None
    total = NOTHING
    for one in moved:
        total = Pair(total.shop + one.amount, total.presentment + one.presentment_amount)
    currencies = pairs.pop()
    if not {fields.currency, fields.presentment_currency} & set(currencies):
        detail = f"money went in {currencies[0]}, the refund is in {fields.currency}; they are not compared"
        fields.document.warn("transactions_foreign", detail, f"{path}.transactions")
    return dual_money(total, *currencies)


def stated_total(
    paid: DualMoney | None, fields: ShopifyFields, refund: Node, path: str
) -> tuple[DualMoney | None, list[Variance]]:
    """What went out by the transactions, else as GraphQL sums it; where both are said, how they differ."""
    said = fields.of_set(refund, "total_refunded_set", path)
    if said is None or (paid is None and "transactions" in refund):
        return paid, []
    total = dual_money(said, fields.currency, fields.presentment_currency or fields.currency)
    if paid is None or paid.currency != total.currency or paid.amount == total.amount:
        return paid or total, []
    figures = (total.amount, paid.amount)
    subject = "total_refunded_set"
    return paid, [variance(VarianceCode.REFUND_TOTAL, subject, figures, total.currency, Decimal(0))]


def refund_status(transactions: Sequence[RefundTransaction]) -> tuple[RefundStatus, str]:
    """How far the money is, and the words for it: gone where any went, failed where every attempt did."""
    words = list(dict.fromkeys(one.status_raw for one in transactions if one.status_raw))
    raw = ", ".join(words)
    if any(one.is_successful for one in transactions):
        return RefundStatus.ISSUED, raw
    if words and all(word in ("failure", "error") for word in words):
        return RefundStatus.FAILED, raw
    return RefundStatus.APPROVED, raw
