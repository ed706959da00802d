"""People and payments of a Medusa order.

Invariant: empty text is None and a role without content is left out; personal data stands only in Party
fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crossdock.canonical.models import (
    Address,
    Identifier,
    IdentifierScheme,
    OrderPayment,
    PartnerProfile,
    Party,
    PartyRole,
    Payment,
    PaymentKind,
    PaymentStatus,
)
from crossdock.formats.addresses import country_code, full_name
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.medusa_amounts import MedusaAmounts
from crossdock.formats.profile_rules import payment_status
from crossdock.formats.times import business_time

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
        _addressed(document, PartyRole.BILL_TO, child(order, "billing_address"), f"{path}.billing_address"),
        _addressed(document, PartyRole.SHIP_TO, child(order, "shipping_address"), f"{path}.shipping_address"),
    )
    return tuple(party for party in found if party is not None)


def _buyer(order: Node, channel: str) -> Party | None:
    customer = child(order, "customer")
    number = text(order, "customer_id") or text(customer, "id")
    email = text(order, "email") or text(customer, "email")
    name, phone = full_name(customer), text(customer, "phone")
    if number is None and email is None and name is None and phone is None:
        return None
    identifiers: tuple[Identifier, ...] = ()
    if number is not None:
        issuer = f"{channel}/customer"
        identifiers = (Identifier(scheme=IdentifierScheme.UNKNOWN, value=number, issuer=issuer),)
    return Party(role=PartyRole.BUYER, identifiers=identifiers, name=name, email=email, phone=phone)


def _addressed(document: Document, role: PartyRole, node: Node, path: str) -> Party | None:
    name, company, phone = full_name(node), text(node, "company"), text(node, "phone")
    streets = (company if name else None, text(node, "address_1"), text(node, "address_2"))
    address = Address(
        lines=tuple(street for street in streets if street),
        city=text(node, "city"),
        region=text(node, "province"),
        postal_code=text(node, "postal_code"),
        country=country_code(document, node, "country_code", path),
    )
    has_address = address != Address()
    if not has_address and name is None and company is None and phone is None:
        return None
    return Party(role=role, name=name or company, phone=phone, address=address if has_address else None)
