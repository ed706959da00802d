"""People of a Walmart order.

Invariant: empty text is None; personal data stands only in Party fields.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Address, Party, PartyRole
from crossdock.formats.addresses import Contact, country_code
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, text
from crossdock.formats.walmart.shapes import COUNTRIES

_STREETS: Final = tuple(f"address{number}" for number in range(1, 7))
_HOMES: Final = {"RESIDENTIAL": True, "OFFICE": False, "COMMERCIAL": False}


def walmart_parties(document: Document, order: Node, path: str) -> tuple[Party, ...]:
    """Buyer, bill-to and ship-to; a role without any content is left out."""
    email = text(order, "customerEmailId")
    tax_id = text(order, "rfc")
    buyer = Contact(email=email, tax_ids=() if tax_id is None else (tax_id,)).party(PartyRole.BUYER)
    found = (
        buyer,
        _addressed(document, PartyRole.BILL_TO, child(order, "billingInfo"), f"{path}.billingInfo"),
        _addressed(document, PartyRole.SHIP_TO, child(order, "shippingInfo"), f"{path}.shippingInfo"),
    )
    return tuple(party for party in found if party is not None)


def _addressed(document: Document, role: PartyRole, node: Node, path: str) -> Party | None:
    postal = child(node, "postalAddress")
    country = (text(postal, "country") or "").upper()
    postal = postal | {"country": COUNTRIES.get(country, country)}
    address = Address(
        lines=tuple(line for name in _STREETS if (line := text(postal, name))),
        city=text(postal, "city"),
        region=text(postal, "state"),
        postal_code=text(postal, "postalCode"),
        country=country_code(document, postal, "country", f"{path}.postalAddress"),
        is_residential=_HOMES.get((text(postal, "addressType") or "").upper()),
    )
    name, phone = text(postal, "name"), text(node, "phone")
    return Contact(name, phone=phone).party(role, address)
