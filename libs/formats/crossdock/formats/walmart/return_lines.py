"""Lines of a Walmart return: what comes back, and the money that goes back for it.

Invariant: charges that are stated per unit count with the quantity, with what is stated beyond it; those
of the Mexican API are of the whole line, whose goods are priced by the unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.identifiers import identifier
from crossdock.canonical.models import (
    BusinessTime,
    Disposition,
    IdentifierScheme,
    PartnerProfile,
    RefundStatus,
    ReturnLine,
    ReturnStatus,
)
from crossdock.formats.items import resolve_item
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, flag, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import AdjustmentDraft, TaxDraft, both
from crossdock.formats.refund_draft import RefundLineDraft
from crossdock.formats.walmart.lines import charge_adjustment, is_discount
from crossdock.formats.walmart.shapes import WalmartFields

_NONE: Final = Decimal(0)
_STATUS: Final = {
    "INITIATED": ReturnStatus.REQUESTED,
    "DELIVERED": ReturnStatus.RECEIVED,
    "COMPLETED": ReturnStatus.CLOSED,
    "CANCELLED": ReturnStatus.CANCELLED,
    "CANCELED": ReturnStatus.CANCELLED,
}
"""Source: `status` of a return order line."""
_REFUND_STATUS: Final = {
    "REFUND_INITIATED": RefundStatus.APPROVED,
    "REFUND_COMPLETED": RefundStatus.ISSUED,
    "REFUND_FAILED": RefundStatus.FAILED,
    "NOT_REFUNDED": RefundStatus.REQUESTED,
}
"""Source: `currentRefundStatus` of a return order line."""
_TAX_NAMES: Final = ("taxPerUnit", "excessTax", "taxAmount")
_IN_TRANSIT: Final = "RETURN_IN_TRANSIT"
_PRICE: Final = "ItemPrice"
"""Name of the charge that is the price of the goods."""


@dataclass(slots=True)
class WalmartReturnLine:
    """One line of a return, with its money."""

    order_id: str
    goods: ReturnLine
    status: ReturnStatus
    status_raw: str
    refund_status: RefundStatus
    refund_raw: str
    money: RefundLineDraft | None
    adjustments: list[AdjustmentDraft]
    stated: Decimal | None
    changed: BusinessTime | None
    prices: tuple[Decimal, Decimal] | None
    """`unitPrice` and what its charge says per unit, where they differ."""


def walmart_return_line(
    fields: WalmartFields, node: Node, path: str, profile: PartnerProfile
) -> WalmartReturnLine:
    """A line as said. Raises Rejected where it states no quantity."""
    quantity = fields.quantity_of(node, "quantity", path)
    if quantity is None:
        raise Rejected(RejectionCode.FIELD_INVALID, "the line states no quantity", f"{path}.quantity")
    item = child(node, "item")
    named = identifier(IdentifierScheme.SKU, text(item, "sku") or "")
    identifiers = () if named is None else (named,)
    line_id = fields.loose_identity(node, "purchaseOrderLineNumber", path)
    goods = ReturnLine(
        line_id=line_id,
        sku=resolve_item(identifiers, profile.items.match, profile.items.aliases)[0],
        identifiers=identifiers,
        quantity=quantity,
        reason_raw=text(node, "returnReason"),
        condition_raw=text(item, "condition"),
        disposition=_disposition(node),
    )
    money = RefundLineDraft(line_id, both(_NONE), quantity.value, quantity.unit, identifiers)
    money.disposition = goods.disposition
    adjustments = list(_charged(fields, node, path, money))
    raw, refund_raw = text(node, "status") or "", text(node, "currentRefundStatus") or ""
    return WalmartReturnLine(
        order_id=fields.loose_identity(node, "purchaseOrderId", path) or "-",
        goods=goods,
        status=_status(fields, node, raw, path),
        status_raw=raw,
        refund_status=_REFUND_STATUS.get(refund_raw, RefundStatus.UNKNOWN),
        refund_raw=refund_raw,
        money=money if node.get("charges") else None,
        adjustments=adjustments,
        stated=fields.money(node, "refundAmount", path),
        changed=fields.time(node, "statusTime", path),
        prices=_prices(fields, node, path),
    )


def _prices(fields: WalmartFields, node: Node, path: str) -> tuple[Decimal, Decimal] | None:
    stated = fields.money(node, "unitPrice", path)
    named = (
        (one, place) for one, place in members(node, "charges", path) if text(one, "chargeName") == _PRICE
    )
    charge, place = next(named, ({}, path))
    charged = fields.money(charge, "chargePerUnit", place)
    return (stated, charged) if stated is not None and charged is not None and stated != charged else None


def _disposition(node: Node) -> Disposition:
    """Goods that the buyer keeps do not come back; what becomes of the others Walmart does not say."""
    is_kept = flag(node, "isKeepIt") is True or flag(node, "returnExpectedFlag") is False
    return Disposition.NONE if is_kept else Disposition.UNKNOWN


def _status(fields: WalmartFields, node: Node, raw: str, path: str) -> ReturnStatus:
    status = _STATUS.get(raw.upper())
    if status is None:
        detail = "the status is not Walmart's; it is kept as said"
        fields.document.warn("status_unknown", detail, f"{path}.status")
        return ReturnStatus.UNKNOWN
    tags = {text(event, "eventTag") for event in children(node, "returnTrackingDetail")}
    is_moving = status is ReturnStatus.REQUESTED and _IN_TRANSIT in tags
    return ReturnStatus.IN_TRANSIT if is_moving else status


def _charged(
    fields: WalmartFields, node: Node, path: str, line: RefundLineDraft
) -> Iterator[AdjustmentDraft]:
    """Product charges and taxes into the line; others as adjustments."""
    count = line.quantity or _NONE
    for charge, place in members(node, "charges", path):
        if flag(charge, "isBillable") is False:
            continue
        kind = (text(charge, "chargeCategory") or text(charge, "chargeType") or "PRODUCT").upper()
        amount = _extended(fields, (charge, place), ("chargePerUnit", "excessCharge", "chargeAmount"), count)
        if amount is None and kind == "PRODUCT":  # Mexico leaves it to the unit price
            amount = (fields.money(node, "unitPrice", path) or _NONE) * count
        taxes = [
            TaxDraft(both(tax_amount), jurisdiction=text(tax, "taxName") or "")
            for number, tax in enumerate(children(charge, "tax"))
            if (tax_amount := _extended(fields, (tax, f"{place}.tax[{number}]"), _TAX_NAMES, count))
            is not None
        ]
        if kind == "PRODUCT":
            amount = amount or _NONE
            line.amount = both(line.amount.shop + (-abs(amount) if is_discount(charge) else amount))
            line.taxes += taxes
        else:
            yield charge_adjustment(charge | {"chargeType": kind}, amount or _NONE, tuple(taxes))


def _extended(
    fields: WalmartFields, placed: tuple[Node, str], names: tuple[str, str, str], count: Decimal
) -> Decimal | None:
    """An amount per unit × the quantity and what is stated beyond it, or the whole line's amount."""
    node, path = placed
    per_unit, beyond, whole = (fields.money(node, name, path) for name in names)
    if per_unit is None and beyond is None:
        return whole
    return (per_unit or _NONE) * count + (beyond or _NONE)
