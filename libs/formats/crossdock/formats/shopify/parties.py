"""People, payments and leftovers of a Shopify order.

Invariant: an empty address or name is None, never empty text; personal data stands only in Party fields.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import (
    Extension,
    Party,
    PartyRole,
    Payment,
    PaymentKind,
)
from crossdock.formats.addresses import (
    AddressNames,
    Contact,
    addressed,
    customer,
    full_name,
    named,
)
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.json_resource import extensions, texts
from crossdock.formats.shopify.money import ShopifyFields
from crossdock.formats.times import business_time

_ADDRESS: Final = AddressNames(("address1", "address2"), ("province_code", "province"), "zip", "country_code")
_PAYMENT_KINDS: Final = {
    "authorization": PaymentKind.AUTHORIZATION,
    "capture": PaymentKind.CAPTURE,
    "sale": PaymentKind.SALE,
    "void": PaymentKind.VOID,
    "refund": PaymentKind.REFUND,
}
_KEPT: Final = (
    *("fulfillment_status", "current_total_price", "current_subtotal_price", "current_total_tax"),
    *("current_total_discounts", "total_outstanding", "source_name", "source_identifier"),
    *("confirmation_number", "order_number", "closed_at"),
)
"""Unmapped fields that people look for. Tags and note attributes are ours to write: left out (F6)."""


def shopify_parties(order: Node, path: str, channel: str, document: Document) -> tuple[Party, ...]:
    """Buyer, bill-to and ship-to; a role without any content is left out."""
    billing, shipping = child(order, "billing_address"), child(order, "shipping_address")
    bill_to = shopify_party(PartyRole.BILL_TO, billing, f"{path}.billing_address", document)
    if bill_to is not None and shipping == billing:
        ship_to: Party | None = bill_to.model_copy(update={"role": PartyRole.SHIP_TO})
    else:
        ship_to = shopify_party(PartyRole.SHIP_TO, shipping, f"{path}.shipping_address", document)
    return tuple(party for party in (_buyer(order, channel), bill_to, ship_to) if party is not None)


def _buyer(order: Node, channel: str) -> Party | None:
    person, company = child(order, "customer"), child(order, "company")
    return Contact(
        name=full_name(person),
        phone=text(order, "phone") or text(person, "phone"),
        email=text(order, "email") or text(order, "contact_email") or text(person, "email"),
        identifiers=(
            *customer(channel, text(person, "id")),
            *named(text(company, "id"), f"{channel}/company"),
        ),
    ).party(PartyRole.BUYER)


def shopify_party(role: PartyRole, node: Node, path: str, document: Document) -> Party | None:
    """Party of an address; None where it says nothing."""
    return addressed(document, role, node, path, _ADDRESS)


def shopify_payments(fields: ShopifyFields, order: Node, path: str, zone: str | None) -> tuple[Payment, ...]:
    """Successful transactions, of the order and of its refunds, in the payload's order."""
    found = [
        _payment(fields, node, f"{path}.transactions[{index}]", zone)
        for index, node in enumerate(children(order, "transactions"))
    ]
    for position, refund in enumerate(children(order, "refunds")):
        found += [
            _payment(fields, node, f"{path}.refunds[{position}].transactions[{index}]", zone)
            for index, node in enumerate(children(refund, "transactions"))
        ]
    return tuple(payment for payment in found if payment is not None)


def _payment(fields: ShopifyFields, node: Node, path: str, zone: str | None) -> Payment | None:
    if text(node, "status") not in (None, "success"):
        return None
    amount = fields.paid(node, path)
    if amount is None:
        return None
    at = node.get("processed_at") or node.get("created_at")
    return Payment(
        psp_account=text(node, "gateway") or "",
        psp_reference=text(node, "payment_id") or text(node, "authorization") or "",
        kind=_PAYMENT_KINDS.get(text(node, "kind") or "", PaymentKind.UNKNOWN),
        amount=amount,
        at=None if at is None else business_time(at, f"{path}.created_at", zone=zone),
    )


def shopify_extensions(order: Node) -> tuple[Extension, ...]:
    """Unmapped fields worth keeping, as text."""
    return extensions(*texts(order, _KEPT), ("test", "true" if order.get("test") is True else None))
