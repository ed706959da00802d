"""What a WooCommerce order status says about payment and cancellation.

Invariant: an unknown status changes neither axis (both stay unknown or none, with a warning); the
partner's own statuses come from `status_map.order` of its profile and win.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    BusinessTime,
    CancellationStatus,
    OrderPayment,
    PartnerProfile,
    Payment,
    PaymentKind,
    PaymentStatus,
)
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import children, text
from crossdock.formats.woocommerce.amounts import WooAmounts
from crossdock.formats.woocommerce.kinds import refuse_other_kinds


class WooStatus(NamedTuple):
    """The two axes of an order status."""

    payment: PaymentStatus
    cancellation: CancellationStatus


_NONE: Final = CancellationStatus.NONE
_STATUS: Final = {
    "pending": WooStatus(PaymentStatus.PENDING, _NONE),
    "on-hold": WooStatus(PaymentStatus.PENDING, _NONE),
    "failed": WooStatus(PaymentStatus.PENDING, _NONE),  # declined; the buyer may try again
    "processing": WooStatus(PaymentStatus.PAID, _NONE),
    "completed": WooStatus(PaymentStatus.PAID, _NONE),
    "refunded": WooStatus(PaymentStatus.REFUNDED, _NONE),  # money is back, goods are another matter
    "cancelled": WooStatus(PaymentStatus.VOIDED, CancellationStatus.CANCELLED),
    "trash": WooStatus(PaymentStatus.VOIDED, CancellationStatus.CANCELLED),
}
"""Source: `status` of the WooCommerce REST API v3 order."""
_DRAFTS: Final = frozenset({"auto-draft", "checkout-draft", "draft"})
_ON_DELIVERY: Final = "cod"
"""Method whose orders go to `processing` before the money has come."""


def check_is_order(order: Node) -> None:
    """Refuse what has an order's id and is none. Raises Rejected FIELD_INVALID, LINES_MISSING."""
    refuse_other_kinds(order, "order", "$")
    if _raw(order) in _DRAFTS:
        raise Rejected(RejectionCode.FIELD_INVALID, "a draft is a cart, not an order", "$.status")
    if isinstance(order.get("error"), dict) and "line_items" not in order:
        detail = "the batch answers with an error for this order; repeat the call and send what it answers"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, "$.error")
    if "line_items" not in order and "total" not in order:
        detail = "the payload names the order alone; fetch the order and capture the answer"
        raise Rejected(RejectionCode.LINES_MISSING, detail, "$.line_items")


def _raw(order: Node) -> str:
    return (text(order, "status") or "").removeprefix("wc-")


def woo_status(document: Document, order: Node, profile: PartnerProfile, *, is_paid: bool) -> WooStatus:
    """Payment and cancellation of an order."""
    raw = _raw(order)
    known = _STATUS.get(raw)
    meaning = profile.status_map.order.get(raw)
    if known is None and meaning is None:
        detail = "the status is not WooCommerce's nor in status_map.order of the profile"
        document.warn("status_unknown", detail, "$.status")
    status = known or WooStatus(PaymentStatus.UNKNOWN, _NONE)
    if meaning is not None:
        return WooStatus(meaning.payment or status.payment, meaning.cancellation or status.cancellation)
    return WooStatus(_payment_of(status, order, is_paid=is_paid), status.cancellation)


def _payment_of(status: WooStatus, order: Node, *, is_paid: bool) -> PaymentStatus:
    if status.cancellation is CancellationStatus.CANCELLED and is_paid:
        return PaymentStatus.PAID
    is_due = status.payment is PaymentStatus.PAID and not is_paid
    if is_due and text(order, "payment_method") == _ON_DELIVERY:
        return PaymentStatus.PENDING
    return status.payment


def woo_payment(
    amounts: WooAmounts, order: Node, status: PaymentStatus, paid: BusinessTime | None
) -> OrderPayment:
    """Payment axis: the sale where it is dated, each refund, and the status they make together."""
    payments: list[Payment] = []
    total = amounts.amount(order, "total", "$")
    if paid is not None and total is not None:
        payments.append(
            Payment(
                psp_account=text(order, "payment_method") or "",
                psp_reference=text(order, "transaction_id") or "",
                kind=PaymentKind.SALE,
                amount=amounts.money(total),
                at=paid,
            )
        )
    refunded = Decimal(0)
    for index, node in enumerate(children(order, "refunds")):
        amount = amounts.amount(node, "total", f"$.refunds[{index}]")
        if amount:
            refunded += abs(amount)  # stated as a negative total
            payments.append(Payment(kind=PaymentKind.REFUND, amount=amounts.money(abs(amount))))
    if refunded and status is PaymentStatus.PAID:
        is_whole = total is not None and refunded >= total
        status = PaymentStatus.REFUNDED if is_whole else PaymentStatus.PARTIALLY_REFUNDED
    return OrderPayment(status=status, payments=tuple(payments))
