"""People of a WooCommerce order.

Invariant: empty text is None and a role without content is left out; personal data stands only in Party
fields. Customer 0 is a guest and no identifier.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Party, PartyRole
from crossdock.formats.addresses import AddressNames, Contact, addressed, customer, full_name
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, text

_ADDRESS: Final = AddressNames(("address_1", "address_2"), ("state",), "postcode", "country")


def woo_parties(document: Document, order: Node, channel: str) -> tuple[Party, ...]:
    """Buyer, bill-to and ship-to."""
    billing, shipping = child(order, "billing"), child(order, "shipping")
    found = (
        _buyer(order, billing, channel),
        addressed(document, PartyRole.BILL_TO, billing, "$.billing", _ADDRESS),
        addressed(document, PartyRole.SHIP_TO, shipping, "$.shipping", _ADDRESS),
    )
    return tuple(party for party in found if party is not None)


def _buyer(order: Node, billing: Node, channel: str) -> Party | None:
    number = text(order, "customer_id")
    return Contact(
        name=full_name(billing),
        phone=text(billing, "phone"),
        email=text(billing, "email"),
        identifiers=customer(channel, None if number == "0" else number),
    ).party(PartyRole.BUYER)
