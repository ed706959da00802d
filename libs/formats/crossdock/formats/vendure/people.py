"""People and payments of a Vendure order.

Invariant: empty text is None and a role without content is left out; personal data stands only in Party
fields. What was paid is what the payments say, else what the state implies.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.models import (
    OrderPayment,
    PartnerProfile,
    Party,
    PartyRole,
    Payment,
    PaymentKind,
    PaymentStatus,
)
from crossdock.formats.addresses import AddressNames, Contact, customer
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.json_resource import members
from crossdock.formats.times import business_time
from crossdock.formats.vendure.amounts import VendureAmounts

_ADDRESS: Final = AddressNames(("streetLine1", "streetLine2"), ("province",), "postalCode", "countryCode")
_STATES: Final = {
    "ArrangingPayment": PaymentStatus.PENDING,
    "PaymentAuthorized": PaymentStatus.AUTHORIZED,
    "PaymentSettled": PaymentStatus.PAID,
    "PartiallyShipped": PaymentStatus.PAID,
    "Shipped": PaymentStatus.PAID,
    "PartiallyDelivered": PaymentStatus.PAID,
    "Delivered": PaymentStatus.PAID,
    "Modifying": PaymentStatus.PAID,
    "ArrangingAdditionalPayment": PaymentStatus.PARTIALLY_PAID,
    "Cancelled": PaymentStatus.VOIDED,
}
"""Default states of Vendure's order process."""
_PAYMENT_STATES: Final = {"Authorized": PaymentKind.AUTHORIZATION, "Settled": PaymentKind.SALE}


def vendure_payment(
    amounts: VendureAmounts, order: Node, path: str, profile: PartnerProfile, zone: str | None
) -> OrderPayment:
    """Payment axis: each authorized or settled payment, each settled refund, and the status."""
    payments: list[Payment] = []
    for node, place in members(order, "payments", path):
        kind = _PAYMENT_STATES.get(text(node, "state") or "")
        amount = amounts.amount(node, "amount", place)
        if kind is not None and amount is not None:
            at = text(node, "createdAt")
            payments.append(
                Payment(
                    psp_account=text(node, "method") or "",
                    psp_reference=text(node, "transactionId") or "",
                    kind=kind,
                    amount=amounts.money(amount),
                    at=None if at is None else business_time(at, f"{place}.createdAt", zone=zone),
                )
            )
        payments += _refunds(amounts, node, place)
    return OrderPayment(status=_status(amounts, order, path, profile, payments), payments=tuple(payments))


def _refunds(amounts: VendureAmounts, payment: Node, path: str) -> list[Payment]:
    found = []
    for index, node in enumerate(children(payment, "refunds")):
        total = amounts.amount(node, "total", f"{path}.refunds[{index}]")
        if total and text(node, "state") in (None, "Settled"):
            reference = text(node, "transactionId") or ""
            found.append(
                Payment(psp_reference=reference, kind=PaymentKind.REFUND, amount=amounts.money(total))
            )
    return found


def _status(
    amounts: VendureAmounts, order: Node, path: str, profile: PartnerProfile, payments: list[Payment]
) -> PaymentStatus:
    state = text(order, "state")
    meaning = profile.status_map.order.get(state or "")
    if meaning is not None and meaning.payment is not None:
        return meaning.payment
    status = _STATES.get(state or "")
    if status is None:
        detail = "the state is not Vendure's nor in status_map.order of the profile"
        amounts.document.warn("status_unknown", detail, f"{path}.state")
        return PaymentStatus.UNKNOWN
    paid, returned = _sum(payments, PaymentKind.SALE), _sum(payments, PaymentKind.REFUND)
    if returned and paid:
        return PaymentStatus.REFUNDED if returned >= paid else PaymentStatus.PARTIALLY_REFUNDED
    return PaymentStatus.PAID if status is PaymentStatus.VOIDED and paid else status


def _sum(payments: list[Payment], kind: PaymentKind) -> Decimal:
    return sum((one.amount.amount for one in payments if one.kind is kind), Decimal(0))


def vendure_parties(document: Document, order: Node, path: str, channel: str) -> tuple[Party, ...]:
    """Buyer, bill-to and ship-to."""
    found = (
        _buyer(child(order, "customer"), channel),
        _addressed(document, PartyRole.BILL_TO, child(order, "billingAddress"), f"{path}.billingAddress"),
        _addressed(document, PartyRole.SHIP_TO, child(order, "shippingAddress"), f"{path}.shippingAddress"),
    )
    return tuple(party for party in found if party is not None)


def _buyer(person: Node, channel: str) -> Party | None:
    names = (text(person, "firstName"), text(person, "lastName"))
    return Contact(
        name=" ".join(one for one in names if one) or None,
        phone=text(person, "phoneNumber"),
        email=text(person, "emailAddress"),
        identifiers=customer(channel, text(person, "id")),
    ).party(PartyRole.BUYER)


def _addressed(document: Document, role: PartyRole, node: Node, path: str) -> Party | None:
    contact = Contact(text(node, "fullName"), text(node, "company"), text(node, "phoneNumber"))
    return contact.party(role, _ADDRESS.read(document, node, path, contact.above))
