"""Money of a Square order: tenders, refunds, and the status they make together.

Invariant: a tender that was authorized is not captured money; a voided or failed one is none at all.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.models import OrderPayment, Payment, PaymentKind, PaymentStatus
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import both
from crossdock.formats.order_models import dual_money
from crossdock.formats.square.shapes import SquareFields

_CARD_KINDS: Final = {"CAPTURED": PaymentKind.SALE, "AUTHORIZED": PaymentKind.AUTHORIZATION}
_DETAILS: Final = (
    "card_details",
    "buy_now_pay_later_details",
    "bank_account_details",
    "square_account_details",
)


def square_payment(fields: SquareFields, order: Node, path: str) -> OrderPayment:
    """Payment axis of an order."""
    payments = [*_tenders(fields, order, path), *_refunds(fields, order, path)]
    return OrderPayment(status=_status(fields, order, path, payments), payments=tuple(payments))


def _tenders(fields: SquareFields, order: Node, path: str) -> list[Payment]:
    found = []
    for node, place in members(order, "tenders", path):
        status = next((word for name in _DETAILS if (word := text(child(node, name), "status"))), None)
        kind = PaymentKind.SALE if status is None else _CARD_KINDS.get(status)
        amount = fields.money(node, "amount_money", place)
        if kind is None or amount is None:
            continue
        found.append(
            Payment(
                psp_account=text(node, "type") or "",
                psp_reference=text(node, "payment_id") or text(node, "id") or "",
                kind=kind,
                amount=dual_money(both(amount), fields.currency, fields.currency),
                at=fields.time(node, "created_at", place),
            )
        )
    return found


def _refunds(fields: SquareFields, order: Node, path: str) -> list[Payment]:
    found = []
    for node, place in members(order, "refunds", path):
        amount = fields.money(node, "amount_money", place)
        if amount is None or text(node, "status") not in (None, "APPROVED", "COMPLETED"):
            continue
        found.append(
            Payment(
                psp_reference=text(node, "id") or "",
                kind=PaymentKind.REFUND,
                amount=dual_money(both(amount), fields.currency, fields.currency),
                at=fields.time(node, "created_at", place),
            )
        )
    return found


def _status(fields: SquareFields, order: Node, path: str, payments: list[Payment]) -> PaymentStatus:
    """By what was taken and given back; without tenders by the order's state, for Square completes an
    order only when it is paid."""
    taken, held, back = (
        sum((one.amount.amount for one in payments if one.kind is kind), Decimal(0))
        for kind in (PaymentKind.SALE, PaymentKind.AUTHORIZATION, PaymentKind.REFUND)
    )
    if back:
        return PaymentStatus.REFUNDED if back >= taken else PaymentStatus.PARTIALLY_REFUNDED
    total = fields.money(order, "total_money", path) or Decimal(0)
    state = text(order, "state")
    if state == "COMPLETED" or (taken and taken >= total):
        return PaymentStatus.PAID
    if taken:
        return PaymentStatus.PARTIALLY_PAID
    if held:
        return PaymentStatus.AUTHORIZED
    return PaymentStatus.VOIDED if state == "CANCELED" else PaymentStatus.PENDING
