"""Money of a Walmart order: Walmart collects it, the order only tells of refunds.

Invariant: a refund charge is stated negative and becomes a positive refund; the status follows from stated
refunds alone.
"""

from __future__ import annotations

from decimal import Decimal

from crossdock.canonical.models import OrderPayment, Payment, PaymentKind, PaymentStatus
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.order_draft import both
from crossdock.formats.order_models import dual_money
from crossdock.formats.walmart.lines import charge_taxes
from crossdock.formats.walmart.shapes import WalmartFields, elements


def walmart_payment(fields: WalmartFields, nodes: list[tuple[Node, str]], charged: Decimal) -> OrderPayment:
    """Payment axis: refunds of the lines, and whether they give back all that was charged."""
    payments = [
        payment
        for node, path in nodes
        for refund in _refunds(node)
        for payment in _paid(fields, refund, path)
    ]
    returned = sum((payment.amount.amount for payment in payments), Decimal(0))
    status = PaymentStatus.NOT_APPLICABLE
    if returned > 0:
        is_whole = returned >= charged
        status = PaymentStatus.REFUNDED if is_whole else PaymentStatus.PARTIALLY_REFUNDED
    return OrderPayment(status=status, payments=tuple(payments))


def _refunds(line: Node) -> list[Node]:
    """Refunds of a line: one, a list, or the list of the refund request's wrapper."""
    refunds = children(line, "refund") + elements(line, "refunds", "refund")
    wrapped = elements(child(line, "refunds"), "refundLines", "refundLine")
    return [refund for refund in refunds if "refundCharges" in refund] + wrapped


def _paid(fields: WalmartFields, refund: Node, path: str) -> list[Payment]:
    total = Decimal(0)
    for index, held in enumerate(elements(refund, "refundCharges", "refundCharge")):
        charge, place = child(held, "charge"), f"{path}.refund.refundCharges[{index}].charge"
        amount = fields.money(charge, "chargeAmount", place)
        taxes = [tax.amount.shop for tax in charge_taxes(fields, charge, place)]
        total += sum(taxes, amount or Decimal(0))
    if not total:
        return []
    return [
        Payment(
            psp_reference=text(refund, "refundId") or "",
            kind=PaymentKind.REFUND,
            amount=dual_money(both(abs(total)), fields.currency, fields.currency),
        )
    ]
