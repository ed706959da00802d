"""What a BigCommerce order says about payment and cancellation.

Invariant: `payment_status` speaks for the money where it is stated, the order's status where it is not; an
unknown status changes neither axis. The partner's own statuses win.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.models import (
    CancellationStatus,
    OrderPayment,
    PartnerProfile,
    Payment,
    PaymentKind,
    PaymentStatus,
)
from crossdock.formats.bigcommerce.charges import CERTIFICATES
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import Fields, text
from crossdock.formats.order_draft import both
from crossdock.formats.order_models import dual_money
from crossdock.formats.profile_rules import payment_status


class BigCommerceStatus(NamedTuple):
    """The two axes of an order status."""

    payment: PaymentStatus
    cancellation: CancellationStatus


_NONE: Final = CancellationStatus.NONE
_STATUS: Final = {
    "0": BigCommerceStatus(PaymentStatus.PENDING, _NONE),  # incomplete: checkout not finished
    "1": BigCommerceStatus(PaymentStatus.PENDING, _NONE),
    "2": BigCommerceStatus(PaymentStatus.PAID, _NONE),
    "3": BigCommerceStatus(PaymentStatus.PAID, _NONE),
    "4": BigCommerceStatus(PaymentStatus.REFUNDED, _NONE),  # money is back, goods are another matter
    "5": BigCommerceStatus(PaymentStatus.VOIDED, CancellationStatus.CANCELLED),
    "6": BigCommerceStatus(PaymentStatus.VOIDED, CancellationStatus.CANCELLED),  # declined by the seller
    "7": BigCommerceStatus(PaymentStatus.PENDING, _NONE),
    "8": BigCommerceStatus(PaymentStatus.PAID, _NONE),
    "9": BigCommerceStatus(PaymentStatus.PAID, _NONE),
    "10": BigCommerceStatus(PaymentStatus.PAID, _NONE),
    "11": BigCommerceStatus(PaymentStatus.PAID, _NONE),
    "12": BigCommerceStatus(PaymentStatus.PENDING, _NONE),  # manual verification
    "13": BigCommerceStatus(PaymentStatus.PAID, _NONE),  # disputed
    "14": BigCommerceStatus(PaymentStatus.PARTIALLY_REFUNDED, _NONE),
}
"""Source: `status_id` of the Orders V2 API."""
_PAYMENT_STATUS: Final = {
    "authorized": PaymentStatus.AUTHORIZED,
    "captured": PaymentStatus.PAID,
    "paid": PaymentStatus.PAID,
    "capture pending": PaymentStatus.AUTHORIZED,
    "pending": PaymentStatus.PENDING,
    "declined": PaymentStatus.PENDING,
    "held for review": PaymentStatus.PENDING,
    "void": PaymentStatus.VOIDED,
    "voided": PaymentStatus.VOIDED,
    "void pending": PaymentStatus.AUTHORIZED,
    "refunded": PaymentStatus.REFUNDED,
    "partially refunded": PaymentStatus.PARTIALLY_REFUNDED,
}
"""Source: `payment_status` of the Orders V2 API."""
_UNPAID: Final = frozenset({PaymentStatus.PENDING, PaymentStatus.VOIDED, PaymentStatus.UNKNOWN})
_ON_DELIVERY: Final = frozenset({"cash on delivery", "cod"})


def bigcommerce_status(fields: Fields, order: Node, path: str, profile: PartnerProfile) -> BigCommerceStatus:
    """Payment and cancellation of an order."""
    number, word = text(order, "status_id") or "", text(order, "status") or ""
    known = _STATUS.get(number)
    meaning = profile.status_map.order.get(number) or profile.status_map.order.get(word)
    if known is None and meaning is None:
        detail = "the status is not BigCommerce's nor in status_map.order of the profile"
        fields.document.warn("status_unknown", detail, f"{path}.status_id")
    if number == "0":
        detail = "the buyer has not finished the checkout"
        fields.document.warn("order_incomplete", detail, f"{path}.status_id")
    status = known or BigCommerceStatus(PaymentStatus.UNKNOWN, _NONE)
    paid = payment_status(text(order, "payment_status"), _PAYMENT_STATUS, profile)
    if meaning is not None:
        payment = meaning.payment or paid or status.payment
        return BigCommerceStatus(payment, meaning.cancellation or status.cancellation)
    if paid is None and (text(order, "payment_method") or "").lower() in _ON_DELIVERY:
        paid = PaymentStatus.PENDING if status.payment is PaymentStatus.PAID else None
    return BigCommerceStatus(paid or status.payment, status.cancellation)


def bigcommerce_payment(
    fields: Fields, placed: tuple[Node, str], status: PaymentStatus, currency: str, *, is_netted: bool
) -> OrderPayment:
    """Payment axis: the processor's transaction where it is named and has paid, certificates, what was
    refunded.

    Args:
        is_netted: the order's total is after gift certificates, so they are no payments.
    """
    order, path = placed
    payments: list[Payment] = []

    def add(kind: PaymentKind, amount: Decimal, account: str, reference: str = "") -> None:
        money = dual_money(both(amount), currency, currency)
        payments.append(Payment(psp_account=account, psp_reference=reference, kind=kind, amount=money))

    reference = text(order, "payment_provider_id")
    total = fields.amount(order, "total_inc_tax", path)
    given = {name: fields.amount(order, name, path) or Decimal(0) for name in CERTIFICATES}
    if is_netted:
        given = {}
    if reference is not None and total is not None and status not in _UNPAID:
        kind = PaymentKind.AUTHORIZATION if status is PaymentStatus.AUTHORIZED else PaymentKind.SALE
        own = total - sum(given.values(), Decimal(0))
        add(kind, own, text(order, "payment_method") or "", reference)
    for name, amount in given.items():
        if amount:
            add(PaymentKind.SALE, amount, name.removesuffix("_amount"))
    refunded = fields.amount(order, "refunded_amount", path)
    if refunded:
        add(PaymentKind.REFUND, abs(refunded), text(order, "payment_method") or "")
    return OrderPayment(status=status, payments=tuple(payments))
