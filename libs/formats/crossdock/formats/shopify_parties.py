"""People, payments and leftovers of a Shopify order.

Invariant: an empty address or name is None, never empty text; personal data stands only in Party fields.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import (
    Address,
    Extension,
    Identifier,
    IdentifierScheme,
    Party,
    PartyRole,
    Payment,
    PaymentKind,
)
from crossdock.formats.addresses import country_code, full_name
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.order_models import dual_money
from crossdock.formats.shopify_money import ShopifyFields
from crossdock.formats.times import business_time

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
    customer, company = child(order, "customer"), child(order, "company")
    identifiers = tuple(
        Identifier(scheme=IdentifierScheme.UNKNOWN, value=value, issuer=f"{channel}/{kind}")
        for kind, value in (("customer", text(customer, "id")), ("company", text(company, "id")))
        if value is not None
    )
    name = full_name(customer)
    email = text(order, "email") or text(order, "contact_email") or text(customer, "email")
    phone = text(order, "phone") or text(customer, "phone")
    if not identifiers and name is None and email is None and phone is None:
        return None
    return Party(role=PartyRole.BUYER, identifiers=identifiers, name=name, email=email, phone=phone)


def shopify_party(role: PartyRole, node: Node, path: str, document: Document) -> Party | None:
    """Party of an address; None where it says nothing."""
    name, phone, company = full_name(node), text(node, "phone"), text(node, "company")
    lines = tuple(
        line for line in (company if name else None, text(node, "address1"), text(node, "address2")) if line
    )
    country = country_code(document, node, "country_code", path)
    address = Address(
        lines=lines,
        city=text(node, "city"),
        region=text(node, "province_code") or text(node, "province"),
        postal_code=text(node, "zip"),
        country=country,
    )
    has_address = address != _NO_ADDRESS
    if not has_address and name is None and phone is None and company is None:
        return None
    return Party(role=role, name=name or company, phone=phone, address=address if has_address else None)


_NO_ADDRESS: Final = Address()


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
    currency = text(node, "currency")
    if currency not in (None, fields.currency) and not isinstance(node.get("amount_set"), dict):
        fields.document.warn(
            "payment_currency", "the transaction is in another currency than the shop's", f"{path}.currency"
        )
        return None
    amount = fields.pair(node, "amount", path)
    if amount is None:
        return None
    at = node.get("processed_at") or node.get("created_at")
    return Payment(
        psp_account=text(node, "gateway") or "",
        psp_reference=text(node, "payment_id") or text(node, "authorization") or "",
        kind=_PAYMENT_KINDS.get(text(node, "kind") or "", PaymentKind.UNKNOWN),
        amount=dual_money(amount, fields.currency, fields.presentment_currency or fields.currency),
        at=None if at is None else business_time(at, f"{path}.created_at", zone=zone),
    )


def shopify_extensions(order: Node) -> tuple[Extension, ...]:
    """Unmapped fields worth keeping, as text."""
    found = []
    for name in _KEPT:
        value = text(order, name)
        if value is not None:
            found.append(Extension(name=name, value=value))
    if order.get("test") is True:
        found.append(Extension(name="test", value="true"))
    return tuple(found)
