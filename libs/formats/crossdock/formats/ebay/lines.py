"""Lines of an eBay order: cost of all units, promotions, delivery, taxes of the seller and of eBay.

Invariant: `lineItemCost` is the cost of the whole quantity, never of a piece; a tax that eBay collects
and remits is counted once, whether or not the seller's taxes repeat it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import AdjustmentKind, Identifier, IdentifierScheme, LineKind, PriceBasis
from crossdock.formats.ebay.money import EbayFields
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.order_draft import NOTHING, AdjustmentDraft, LineDraft, Pair, TaxDraft, less, negated
from crossdock.formats.order_mapping import LineIds

_DELIVERY: Final = {
    "shippingCost": AdjustmentKind.SHIPPING,
    "handlingCost": AdjustmentKind.SHIPPING,
    "shippingIntermediationFee": AdjustmentKind.FEE,
    "importCharges": AdjustmentKind.FEE,
}
"""Charges of a line's `deliveryCost`. The last two are eBay's for shipping across borders."""
FULFILLED: Final = "FULFILLED"


def ebay_lines(fields: EbayFields, order: Node, path: str, channel: str) -> list[LineDraft]:
    """Lines in the order of the payload. Raises Rejected where one has no cost or quantity."""
    lines: list[LineDraft] = []
    ids = LineIds(fields.document)
    for index, node in enumerate(fields.lines(order, "lineItems", path)):
        line = _line(fields, node, f"{path}.lineItems[{index}]", channel)
        ids.settle(line)
        lines.append(line)
    return lines


def _line(fields: EbayFields, node: Node, path: str, channel: str) -> LineDraft:
    cost = fields.pair(node, "lineItemCost", path)
    if cost is None:
        detail = "the line states no lineItemCost"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.lineItemCost")
    ordered = fields.count(node, "quantity", path)
    if ordered is None:
        raise Rejected(RejectionCode.FIELD_INVALID, "the line states no quantity", f"{path}.quantity")
    return LineDraft(
        line_id=fields.loose_identity(node, "lineItemId", path) or "",
        ordered=ordered,
        price_basis=PriceBasis.EXTENDED,
        extended=cost,
        identifiers=_identifiers(fields, node, path, channel),
        kind=LineKind.GOODS,
        fulfilled=_fulfilled(fields, node, ordered, path),
        taxes=list(_taxes(fields, node, path)),
        adjustments=[*_promotions(fields, node, cost, path), *_delivery(fields, node, path)],
        path=path,
    )


def _identifiers(fields: EbayFields, node: Node, path: str, channel: str) -> tuple[Identifier, ...]:
    """SKU, and the listing's variation or, where it has none, the listing itself."""
    found = []
    sku = text(node, "sku")
    if sku is not None:
        found.append(item_identifier(IdentifierScheme.SKU, sku))
    listing = fields.loose_identity(node, "legacyVariationId", path)
    if listing in (None, "0"):
        listing = fields.loose_identity(node, "legacyItemId", path)
    if listing is not None:
        found.append(item_identifier(IdentifierScheme.CHANNEL_VARIANT, listing, channel))
    return tuple(found)


def _fulfilled(fields: EbayFields, node: Node, ordered: Decimal, path: str) -> Decimal:
    status = text(node, "lineItemFulfillmentStatus")
    if status == FULFILLED:
        return ordered
    if status == "IN_PROGRESS":
        detail = "a part of the line has left; how much of it only the shipping fulfillments say"
        fields.document.warn("fulfilled_in_part", detail, f"{path}.lineItemFulfillmentStatus")
    return Decimal(0)


def _promotions(fields: EbayFields, node: Node, cost: Pair, path: str) -> Iterator[AdjustmentDraft]:
    """What was taken off the goods: each promotion where they explain `discountedLineItemCost`, else the
    difference as one."""
    named = _named_promotions(fields, node, path)
    discounted = fields.pair(node, "discountedLineItemCost", path)
    if discounted is not None:
        difference = less(discounted, cost)
        total = NOTHING
        for amount, _ in named:
            total = less(total, negated(amount))
        if total != difference:
            reason = ", ".join(reason for _, reason in named if reason)
            named = [(difference, reason)] if any(difference) else []
    for amount, reason in named:
        is_charge = amount.shop > 0
        kind = AdjustmentKind.SURCHARGE if is_charge else AdjustmentKind.DISCOUNT
        yield AdjustmentDraft(kind, is_charge, amount, reason)


def _named_promotions(fields: EbayFields, node: Node, path: str) -> list[tuple[Pair, str]]:
    """What each promotion takes off (negative), with its id."""
    named = []
    for index, promotion in enumerate(children(node, "appliedPromotions")):
        amount = fields.pair(promotion, "discountAmount", f"{path}.appliedPromotions[{index}]")
        if amount is not None and any(amount):
            reason = text(promotion, "promotionId") or text(promotion, "description") or ""
            named.append((_taken_off(amount), reason))
    return named


def promotions_total(fields: EbayFields, node: Node, line: LineDraft) -> Pair | None:
    """What the promotions of a line say they took off, positive; None where it names none, or where they
    hold the discount of its delivery too."""
    named = _named_promotions(fields, node, line.path)
    if not named:
        return None
    total = NOTHING
    for amount, _ in named:
        total = less(total, amount)
    return (
        None
        if total.shop == -sum(one.amount.shop for one in line.adjustments if not one.is_charge)
        else total
    )


def _taken_off(amount: Pair) -> Pair:
    """eBay states discounts as positive or as negative amounts."""
    return negated(amount) if amount.shop > 0 else amount


def _delivery(fields: EbayFields, node: Node, path: str) -> Iterator[AdjustmentDraft]:
    """Delivery of the line. `shippingCost` is after `discountAmount`: the charge is their sum."""
    delivery, place = child(node, "deliveryCost"), f"{path}.deliveryCost"
    off = fields.pair(delivery, "discountAmount", place) or NOTHING
    off = _taken_off(off)
    for name, kind in _DELIVERY.items():
        amount = fields.pair(delivery, name, place)
        if amount is None:
            continue
        if name == "shippingCost":
            amount = less(amount, off)
        if any(amount):
            yield AdjustmentDraft(kind, amount.shop >= 0, amount, name)
    if any(off) and "shippingCost" in delivery:
        yield AdjustmentDraft(AdjustmentKind.SHIPPING, False, off, "discountAmount")


def _taxes(fields: EbayFields, node: Node, path: str) -> Iterator[TaxDraft]:
    """Taxes of the line.

    One that eBay collects and remits stands in the order's tax and total only where `taxes` repeats it
    (eBay's note on EbayCollectAndRemitTax.amount); otherwise it is collected beside them.
    """
    own = list(_stated_taxes(fields, node, "taxes", path))
    for name, amount in _stated_taxes(fields, node, "ebayCollectAndRemitTaxes", path):
        repeated = next((one for one in own if one[1] == amount and one[0] in ("", name)), None)
        if repeated is not None:
            own.remove(repeated)
        yield TaxDraft(
            amount,
            jurisdiction=name,
            is_included=False,
            is_withheld_by_channel=True,
            is_beside_total=repeated is None,
        )
    for name, amount in own:
        if any(amount):
            yield TaxDraft(amount, jurisdiction=name)


def _stated_taxes(fields: EbayFields, node: Node, name: str, path: str) -> Iterator[tuple[str, Pair]]:
    for index, tax in enumerate(children(node, name)):
        amount = fields.pair(tax, "amount", f"{path}.{name}[{index}]")
        if amount is not None:
            yield text(tax, "taxType") or "", amount
