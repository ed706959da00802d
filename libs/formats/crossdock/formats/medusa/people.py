"""People and payments of a Medusa order.

Invariant: empty text is None and a role without content is left out; personal data stands only in Party
fields.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from crossdock.formats.addresses import AddressNames, Contact, addressed, customer, full_name
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.medusa.amounts import MedusaAmounts
from crossdock.formats.profile_rules import payment_status
from crossdock.formats.times import business_time

_ADDRESS: Final = AddressNames(("address_1", "address_2"), ("province",), "postal_code", "country_code")
_STATUS: Final = {
    "not_paid": PaymentStatus.PENDING,
    "awaiting": PaymentStatus.PENDING,
    "requires_action": PaymentStatus.PENDING,
    "authorized": PaymentStatus.AUTHORIZED,
    "partially_authorized": PaymentStatus.AUTHORIZED,
    "captured": PaymentStatus.PAID,
    "completed": PaymentStatus.PAID,
    "partially_captured": PaymentStatus.PARTIALLY_PAID,
    "partially_refunded": PaymentStatus.PARTIALLY_REFUNDED,
    "refunded": PaymentStatus.REFUNDED,
    "canceled": PaymentStatus.VOIDED,
}
"""`payment_status` of both versions."""


def medusa_payment(
    amounts: MedusaAmounts, order: Node, path: str, profile: PartnerProfile, zone: str | None
) -> OrderPayment:
    """Payment axis: each payment and refund, and the status."""
    raw = text(order, "payment_status")
    status = payment_status(raw, _STATUS, profile)
    if status is None and raw is not None:
        detail = "the status is not Medusa's nor in status_map.payment of the profile"
        amounts.document.warn("payment_status_unknown", detail, f"{path}.payment_status")
    payments: list[Payment] = []
    for node, place in _payments(order, path):
        payments += _payment(amounts, node, place, zone)
    for index, node in enumerate(children(order, "refunds")):
        payments += _refund(amounts, node, f"{path}.refunds[{index}]")
    return OrderPayment(status=status or PaymentStatus.UNKNOWN, payments=tuple(payments))


def _payments(order: Node, path: str) -> Iterator[tuple[Node, str]]:
    for index, node in enumerate(children(order, "payments")):
        yield node, f"{path}.payments[{index}]"
    for index, collection in enumerate(children(order, "payment_collections")):
        for position, node in enumerate(children(collection, "payments")):
            yield node, f"{path}.payment_collections[{index}].payments[{position}]"


def _payment(amounts: MedusaAmounts, node: Node, path: str, zone: str | None) -> Iterator[Payment]:
    amount = amounts.figure(node, "amount", path)
    if amount is None or text(node, "canceled_at") is not None:
        return
    captured = text(node, "captured_at")
    yield Payment(
        psp_account=text(node, "provider_id") or "",
        psp_reference=text(child(node, "data"), "id") or text(node, "id") or "",
        kind=PaymentKind.SALE if captured or children(node, "captures") else PaymentKind.AUTHORIZATION,
        amount=amounts.money(amount),
        at=None if captured is None else business_time(captured, f"{path}.captured_at", zone=zone),
    )
    for index, refund in enumerate(children(node, "refunds")):
        yield from _refund(amounts, refund, f"{path}.refunds[{index}]")


def _refund(amounts: MedusaAmounts, node: Node, path: str) -> Iterator[Payment]:
    amount = amounts.figure(node, "amount", path)
    if amount:
        reference = text(node, "id") or ""
        yield Payment(psp_reference=reference, kind=PaymentKind.REFUND, amount=amounts.money(amount))


def medusa_parties(document: Document, order: Node, path: str, channel: str) -> tuple[Party, ...]:
    """Buyer, bill-to and ship-to."""
    found = (
        _buyer(order, channel),
        addressed(
            document, PartyRole.BILL_TO, child(order, "billing_address"), f"{path}.billing_address", _ADDRESS
        ),
        addressed(
            document,
            PartyRole.SHIP_TO,
            child(order, "shipping_address"),
            f"{path}.shipping_address",
            _ADDRESS,
        ),
    )
    return tuple(party for party in found if party is not None)


def _buyer(order: Node, channel: str) -> Party | None:
    person = child(order, "customer")
    return Contact(
        name=full_name(person),
        phone=text(person, "phone"),
        email=text(order, "email") or text(person, "email"),
        identifiers=customer(channel, text(order, "customer_id") or text(person, "id")),
    ).party(PartyRole.BUYER)
