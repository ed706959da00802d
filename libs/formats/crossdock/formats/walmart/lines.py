"""Lines of a Walmart order: charges with their taxes, and what became of each unit.

Invariant: a charge belongs to the whole line, as its tax and its shipping do; units that are both shipped and
delivered count once, and what the statuses say beyond the ordered quantity is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.identifiers import identifier
from crossdock.canonical.models import AdjustmentKind, BusinessTime, Identifier, IdentifierScheme, PriceBasis
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, flag, text
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, TaxDraft, both
from crossdock.formats.walmart.shapes import WalmartFields, elements

_NONE: Final = Decimal(0)
_FULFILLED: Final = ("Shipped", "Delivered")
_REFUNDED: Final = "Refund"
_KNOWN_STATUSES: Final = frozenset({"Created", "Acknowledged", *_FULFILLED, "Cancelled", _REFUNDED})
_CANCEL_WORDS: Final = frozenset({"true", "y", "yes", "1"})


@dataclass(slots=True)
class WalmartLine:
    """A line and what the order as a whole follows from."""

    draft: LineDraft
    statuses: list[Node] = field(default_factory=list)
    changed: BusinessTime | None = None
    cancel_reason: str | None = None
    is_cancel_requested: bool = False
    fulfillment: Node = field(default_factory=dict)
    counted: Decimal | None = None
    """Units that its statuses are of; None where one of them does not say it."""


def walmart_line_nodes(fields: WalmartFields, order: Node, path: str) -> list[tuple[Node, str]]:
    """Lines with their places. Raises Rejected LINES_MISSING, FIELD_INVALID."""
    held = order.get("orderLines")
    if isinstance(held, dict):
        inner = held.get("orderLine")
        held, path = ([inner] if isinstance(inner, dict) else inner), f"{path}.orderLines"
        nodes = fields.lines({"orderLine": held}, "orderLine", path)
        return [(node, f"{path}.orderLine[{index}]") for index, node in enumerate(nodes)]
    nodes = fields.lines(order, "orderLines", path)
    return [(node, f"{path}.orderLines[{index}]") for index, node in enumerate(nodes)]


def walmart_line(fields: WalmartFields, node: Node, path: str) -> WalmartLine:
    """One line. Raises Rejected where it has no quantity or no price."""
    ordered = fields.quantity_of(node, "orderLineQuantity", path)
    if ordered is None:
        detail = "the line states no orderLineQuantity"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.orderLineQuantity")
    item = child(node, "item")
    draft = LineDraft(
        line_id=fields.loose_identity(node, "lineNumber", path)
        or fields.loose_identity(node, "primeLineNumber", path)
        or "",
        ordered=ordered.value,
        unit=ordered.unit,
        identifiers=_identifiers(fields, item, path),
        path=path,
    )
    _charge(fields, node, item, draft)
    line = WalmartLine(draft)
    line.fulfillment = child(node, "fulfillment")
    line.is_cancel_requested = (text(node, "intentToCancel") or "").lower() in _CANCEL_WORDS
    _settle(fields, node, line)
    return line


def _identifiers(fields: WalmartFields, item: Node, path: str) -> tuple[Identifier, ...]:
    found = (
        identifier(IdentifierScheme.SKU, text(item, "sku") or ""),
        identifier(IdentifierScheme.GTIN, fields.loose_identity(item, "upc", f"{path}.item") or ""),
    )
    return tuple(one for one in found if one is not None)


def _charge(fields: WalmartFields, node: Node, item: Node, draft: LineDraft) -> None:
    """Price, discounts, shipping and taxes of a line from its charges."""
    goods: Decimal | None = None
    for index, charge in enumerate(elements(node, "charges", "charge")):
        place = f"{draft.path}.charges[{index}]"
        amount = fields.money(charge, "chargeAmount", place)
        taxes = list(charge_taxes(fields, charge, place))
        if (text(charge, "chargeType") or "").upper() == "PRODUCT" and not is_discount(charge):
            goods = amount if goods is None else goods + (amount or _NONE)
            draft.taxes += taxes
        elif (text(charge, "chargeType") or "").upper() == "TAX":
            name = text(charge, "chargeName") or ""
            draft.taxes += taxes if amount is None else [TaxDraft(both(amount), jurisdiction=name), *taxes]
        elif amount is not None:
            draft.adjustments.append(charge_adjustment(charge, amount, tuple(taxes)))
        else:
            draft.taxes += taxes
    price = fields.money(item, "unitPrice", f"{draft.path}.item")
    draft.unit_price = None if price is None else both(price)
    if goods is None and price is None:
        detail = "the line has neither a PRODUCT charge nor item.unitPrice"
        raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{draft.path}.charges")
    if goods is not None:
        draft.extended = both(goods)
        draft.price_basis = PriceBasis.EXTENDED
        if price is None and draft.ordered > 1:
            detail = "the line holds several units; its charge is read as that of all of them"
            fields.document.warn("charge_of_several_units", detail, f"{draft.path}.charges")


def is_discount(charge: Node) -> bool:
    """Whether a charge is a discount: by type, flag or name, for SubscriptionDiscount is of type PRODUCT."""
    if flag(charge, "isDiscount") is True or (text(charge, "chargeType") or "").upper() == "DISCOUNT":
        return True
    return (text(charge, "chargeName") or "").upper().endswith("DISCOUNT")


def charge_adjustment(charge: Node, amount: Decimal, taxes: tuple[TaxDraft, ...]) -> AdjustmentDraft:
    """A charge beside the goods: shipping, a discount on either, or a fee by its name."""
    kind_raw = (text(charge, "chargeType") or "").upper()
    name = text(charge, "chargeName") or text(charge, "discountType") or kind_raw
    is_off = is_discount(charge)
    if is_off and amount > 0:
        amount = -amount
    is_shipping = kind_raw == "SHIPPING" or (is_off and name.upper().startswith("SHIP"))
    kind = AdjustmentKind.SHIPPING if is_shipping else AdjustmentKind.FEE
    if is_off and not is_shipping:
        kind = AdjustmentKind.DISCOUNT
    return AdjustmentDraft(kind, amount >= 0 and not is_off, both(amount), name, taxes)


def charge_taxes(fields: WalmartFields, charge: Node, path: str) -> Iterator[TaxDraft]:
    """Taxes of a charge: one object, a list of them, or null."""
    for index, tax in enumerate(elements(charge, "tax", "tax")):
        amount = fields.money(tax, "taxAmount", f"{path}.tax[{index}]")
        if amount is not None:
            yield TaxDraft(both(amount), jurisdiction=text(tax, "taxName") or "")


def _settle(fields: WalmartFields, node: Node, line: WalmartLine) -> None:
    """Fill in what was shipped and cancelled of a line; each status speaks for its own quantity."""
    draft, times = line.draft, [fields.time(node, "statusDate", line.draft.path)]
    name = "orderLineStatuses" if "orderLineStatuses" in node else "orderLineStatus"
    line.statuses = elements(node, name, "orderLineStatus")
    by_status: dict[str, Decimal] = {}
    is_counted = bool(line.statuses)
    for index, status in enumerate(line.statuses):
        place = f"{draft.path}.{name}[{index}]"
        word = text(status, "status") or ""
        said = fields.quantity_of(status, "statusQuantity", place)
        is_counted &= said is not None
        by_status[word] = by_status.get(word, _NONE) + (draft.ordered if said is None else said.value)
        times.append(fields.time(status, "statusDate", place))
        line.cancel_reason = line.cancel_reason or text(status, "cancellationReason")
        if word not in _KNOWN_STATUSES:
            detail = "the line status is not one of Walmart's; it changes nothing"
            fields.document.warn("line_status_unknown", detail, f"{place}.status")
    draft.cancelled = by_status.get("Cancelled", _NONE)
    left = [by_status.get(word, _NONE) for word in _FULFILLED]
    rest = draft.ordered - draft.cancelled
    draft.fulfilled = sum(left, _NONE) if sum(left, _NONE) <= rest else max(left)
    line.counted = _counted(by_status, draft.ordered) if is_counted else None
    stated = [time for time in times if time is not None]
    line.changed = max(stated, key=lambda time: time.instant, default=None)


def _counted(by_status: dict[str, Decimal], ordered: Decimal) -> Decimal:
    """The units that the statuses are of: what was shipped, delivered and refunded may stand under each of
    these words, or under the latest alone."""
    every = sum(by_status.values(), _NONE)
    moved = [by_status.get(word, _NONE) for word in (*_FULFILLED, _REFUNDED)]
    once = every - sum(moved, _NONE) + max(moved)
    return ordered if once <= ordered <= every else once
