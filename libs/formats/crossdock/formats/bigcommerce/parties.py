"""People of a BigCommerce order.

Invariant: empty text is None; personal data stands only in Party fields. Customer 0 is a guest.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Address, Identifier, IdentifierScheme, Party, PartyRole
from crossdock.formats.addresses import country_code, full_name
from crossdock.formats.bigcommerce.lines import consignments
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, text

_NO_ADDRESS: Final = Address()


def bigcommerce_parties(document: Document, order: Node, path: str, channel: str) -> tuple[Party, ...]:
    """Buyer, bill-to, and the first ship-to that the payload holds."""
    billing = child(order, "billing_address")
    receiver, place = ship_to_node(order, path)
    found = (
        _buyer(order, billing, channel),
        _addressed(document, PartyRole.BILL_TO, billing, f"{path}.billing_address"),
        _addressed(document, PartyRole.SHIP_TO, receiver, place),
    )
    return tuple(party for party in found if party is not None)


def ship_to_node(order: Node, path: str) -> tuple[Node, str]:
    """Where the goods go: of the shipping addresses, else of the consignments; empty where only linked."""
    for index, node in enumerate(children(order, "shipping_addresses")):
        if "street_1" in node or "country_iso2" in node:
            return node, f"{path}.shipping_addresses[{index}]"
    for node, place in consignments(order, path):
        held = child(node, "shipping_address") or node
        if "street_1" in held or "country_iso2" in held:
            return held, place
    return {}, f"{path}.shipping_addresses"


def _buyer(order: Node, billing: Node, channel: str) -> Party | None:
    customer = text(order, "customer_id")
    named: tuple[Identifier, ...] = ()
    if customer not in (None, "0"):
        issuer = f"{channel}/customer"
        named = (Identifier(scheme=IdentifierScheme.UNKNOWN, value=customer or "", issuer=issuer),)
    name, email, phone = full_name(billing), text(billing, "email"), text(billing, "phone")
    if not (named or name or email or phone):
        return None
    return Party(role=PartyRole.BUYER, identifiers=named, name=name, email=email, phone=phone)


def _addressed(document: Document, role: PartyRole, node: Node, path: str) -> Party | None:
    name, company, phone = full_name(node), text(node, "company"), text(node, "phone")
    streets = (company if name else None, text(node, "street_1"), text(node, "street_2"))
    address = Address(
        lines=tuple(street for street in streets if street),
        city=text(node, "city"),
        region=text(node, "state"),
        postal_code=text(node, "zip"),
        country=country_code(document, node, "country_iso2", path),
    )
    has_address = address != _NO_ADDRESS
    if not (has_address or name or company or phone):
        return None
    return Party(role=role, name=name or company, phone=phone, address=address if has_address else None)
