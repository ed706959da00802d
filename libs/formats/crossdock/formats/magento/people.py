"""People and payment of a Magento order.

Invariant: empty text is None and a role without content is left out; personal data stands only in Party
fields. What was paid is what the order's totals say; its state stands in where they say nothing.
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
from crossdock.formats.magento.amounts import MagentoAmounts

_ADDRESS: Final = AddressNames((), ("region_code", "region"), "postcode", "country_id")
"""The lines are a list or one text: `_streets`."""
_STATES: Final = {
    "new": PaymentStatus.PENDING,
    "pending": PaymentStatus.PENDING,
    "pending_payment": PaymentStatus.PENDING,
    "payment_review": PaymentStatus.PENDING,
    "processing": PaymentStatus.PAID,
    "complete": PaymentStatus.PAID,
    "closed": PaymentStatus.REFUNDED,
    "canceled": PaymentStatus.VOIDED,
    "holded": PaymentStatus.UNKNOWN,
}
"""States of Magento's order workflow; a shop's own statuses belong to one of them."""
_NONE: Final = Decimal(0)


def magento_payment(amounts: MagentoAmounts, order: Node, path: str, profile: PartnerProfile) -> OrderPayment:
    """Payment axis: what was authorized, paid and refunded, and the status."""
    node = child(order, "payment")
    place = f"{path}.payment"
    method = text(node, "method") or ""
    reference = text(node, "last_trans_id") or text(node, "cc_trans_id") or ""
    found = []
    for name, kind in (("amount_authorized", PaymentKind.AUTHORIZATION), ("amount_paid", PaymentKind.SALE)):
        amount = amounts.pair(node, name, place)
        if amount is None and kind is PaymentKind.SALE:
            amount = amounts.pair(order, "total_paid", path)
        if amount is not None and any(amount):
            money = amounts.money(amount)
            found.append(Payment(psp_account=method, psp_reference=reference, kind=kind, amount=money))
    refunded = amounts.pair(order, "total_refunded", path)
    if refunded is not None and any(refunded):
        found.append(Payment(psp_account=method, kind=PaymentKind.REFUND, amount=amounts.money(refunded)))
    return OrderPayment(status=_status(amounts, order, path, profile), payments=tuple(found))


def _status(amounts: MagentoAmounts, order: Node, path: str, profile: PartnerProfile) -> PaymentStatus:
    state, status = text(order, "state") or "", text(order, "status") or ""
    meaning = profile.status_map.order.get(status) or profile.status_map.order.get(state)
    if meaning is not None and meaning.payment is not None:
        return meaning.payment
    by_state = _STATES.get(state) or _STATES.get(status)
    if by_state is None:
        detail = "neither state nor status is Magento's nor in status_map.order of the profile"
        amounts.document.warn("status_unknown", detail, f"{path}.state")
    total, paid, refunded = (
        _shop(amounts, order, name, path) for name in ("grand_total", "total_paid", "total_refunded")
    )
    if refunded and paid:
        return PaymentStatus.REFUNDED if refunded >= paid else PaymentStatus.PARTIALLY_REFUNDED
    if paid:
        return PaymentStatus.PAID if total is None or paid >= total else PaymentStatus.PARTIALLY_PAID
    if by_state is PaymentStatus.PAID and paid is not None and total:
        return PaymentStatus.PENDING
    return by_state or PaymentStatus.UNKNOWN


def _shop(amounts: MagentoAmounts, order: Node, name: str, path: str) -> Decimal | None:
    amount = amounts.pair(order, name, path)
    return None if amount is None else amount.shop


def magento_parties(document: Document, order: Node, path: str, channel: str) -> tuple[Party, ...]:
    """Buyer, bill-to and ship-to."""
    billing = child(order, "billing_address") or _listed(order, "billing")
    shipping, place = _shipping(order)
    found = (
        _buyer(order, billing, channel),
        _addressed(document, PartyRole.BILL_TO, billing, f"{path}.billing_address"),
        _addressed(document, PartyRole.SHIP_TO, shipping, f"{path}.{place}"),
    )
    return tuple(party for party in found if party is not None)


def _shipping(order: Node) -> tuple[Node, str]:
    """The address of the first shipping assignment, in older exports beside the billing address."""
    assignments = children(child(order, "extension_attributes"), "shipping_assignments")
    for node in assignments:
        address = child(child(node, "shipping"), "address")
        if address:
            return address, "extension_attributes.shipping_assignments"
    return child(order, "shipping_address") or _listed(order, "shipping"), "shipping_address"


def _listed(order: Node, kind: str) -> Node:
    nodes = children(order, "addresses")
    return next((node for node in nodes if text(node, "address_type") == kind), {})


def _name(node: Node, prefix: str = "") -> str | None:
    parts = (text(node, f"{prefix}{part}") for part in ("firstname", "middlename", "lastname"))
    return " ".join(part for part in parts if part) or None


def _buyer(order: Node, billing: Node, channel: str) -> Party | None:
    number, tax = text(order, "customer_id"), text(order, "customer_taxvat")
    return Contact(
        name=_name(order, "customer_") or _name(billing),
        phone=text(billing, "telephone"),
        email=text(order, "customer_email") or text(billing, "email"),
        identifiers=customer(channel, None if number == "0" else number),
        tax_ids=() if tax is None else (tax,),
    ).party(PartyRole.BUYER)


def _addressed(document: Document, role: PartyRole, node: Node, path: str) -> Party | None:
    contact = Contact(_name(node), text(node, "company"), text(node, "telephone"))
    address = _ADDRESS.read(document, node, path, (*contact.above, *_streets(node)))
    party, tax = contact.party(role, address), text(node, "vat_id")
    return party if party is None or tax is None else party.model_copy(update={"tax_ids": (tax,)})


def _streets(node: Node) -> list[str]:
    """Street lines: a list, or one text with line breaks in older exports."""
    value = node.get("street")
    lines = value if isinstance(value, list) else str(value).splitlines() if isinstance(value, str) else []
    return [line.strip() for line in lines if isinstance(line, str) and line.strip()]
