"""People of a BigCommerce order.

Invariant: empty text is None; personal data stands only in Party fields. Customer 0 is a guest.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Party, PartyRole
from crossdock.formats.addresses import AddressNames, Contact, addressed, customer, full_name
from crossdock.formats.bigcommerce.lines import consignments
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, text

_ADDRESS: Final = AddressNames(("street_1", "street_2"), ("state",), "zip", "country_iso2")


def bigcommerce_parties(document: Document, order: Node, path: str, channel: str) -> tuple[Party, ...]:
    """Buyer, bill-to, and the first ship-to that the payload holds."""
    billing = child(order, "billing_address")
    receiver, place = ship_to_node(order, path)
    found = (
        _buyer(order, billing, channel),
        addressed(document, PartyRole.BILL_TO, billing, f"{path}.billing_address", _ADDRESS),
        addressed(document, PartyRole.SHIP_TO, receiver, place, _ADDRESS),
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
    number = text(order, "customer_id")
    return Contact(
        name=full_name(billing),
        phone=text(billing, "phone"),
        email=text(billing, "email"),
        identifiers=customer(channel, None if number == "0" else number),
    ).party(PartyRole.BUYER)
