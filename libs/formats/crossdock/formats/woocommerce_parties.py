"""People of a WooCommerce order.

Invariant: empty text is None and a role without content is left out; personal data stands only in Party
fields. Customer 0 is a guest and no identifier.
"""

from __future__ import annotations

from crossdock.canonical.models import Address, Identifier, IdentifierScheme, Party, PartyRole
from crossdock.formats.addresses import country_code, full_name
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, text


def woo_parties(document: Document, order: Node, channel: str) -> tuple[Party, ...]:
    """Buyer, bill-to and ship-to."""
    billing, shipping = child(order, "billing"), child(order, "shipping")
    found = (
        _buyer(order, billing, channel),
        _addressed(document, PartyRole.BILL_TO, billing, "$.billing"),
        _addressed(document, PartyRole.SHIP_TO, shipping, "$.shipping"),
    )
    return tuple(party for party in found if party is not None)


def _buyer(order: Node, billing: Node, channel: str) -> Party | None:
    customer = text(order, "customer_id")
    identifiers: tuple[Identifier, ...] = ()
    if customer is not None and customer != "0":
        issuer = f"{channel}/customer"
        identifiers = (Identifier(scheme=IdentifierScheme.UNKNOWN, value=customer, issuer=issuer),)
    name, email, phone = full_name(billing), text(billing, "email"), text(billing, "phone")
    if not identifiers and name is None and email is None and phone is None:
        return None
    return Party(role=PartyRole.BUYER, identifiers=identifiers, name=name, email=email, phone=phone)


def _addressed(document: Document, role: PartyRole, node: Node, path: str) -> Party | None:
    name, company, phone = full_name(node), text(node, "company"), text(node, "phone")
    streets = (company if name else None, text(node, "address_1"), text(node, "address_2"))
    address = Address(
        lines=tuple(street for street in streets if street),
        city=text(node, "city"),
        region=text(node, "state"),
        postal_code=text(node, "postcode"),
        country=country_code(document, node, "country", path),
    )
    has_address = address != Address()
    if not has_address and name is None and company is None and phone is None:
        return None
    return Party(role=role, name=name or company, phone=phone, address=address if has_address else None)
