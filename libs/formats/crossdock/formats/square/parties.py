"""People and promises of a Square order, from its first fulfillment.

Invariant: a counter sale has no party at all; personal data stands only in Party fields.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from crossdock.canonical.models import (
    BusinessTime,
    Party,
    PartyRole,
)
from crossdock.formats.addresses import AddressNames, Contact, customer
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.square.shapes import SquareFields

_ADDRESS: Final = AddressNames(
    lines=("address_line_1", "address_line_2", "address_line_3"),
    regions=("administrative_district_level_1",),
    postal_code="postal_code",
    country="country",
    city="locality",
)


class Promise(NamedTuple):
    """How and when the order's first fulfillment is to happen."""

    details: Node
    path: str
    method: str | None
    pickup: BusinessTime | None
    ship_by: BusinessTime | None
    deliver_by: BusinessTime | None


def square_promise(fields: SquareFields, order: Node, path: str) -> Promise:
    """The first fulfillment; empty for a counter sale."""
    node = next(iter(children(order, "fulfillments")), {})
    kind = text(node, "type")
    name = f"{(kind or '').lower()}_details"
    details, place = child(node, name), f"{path}.fulfillments[0].{name}"
    return Promise(
        details,
        place,
        text(details, "shipping_type") or kind,
        fields.time(details, "pickup_at", place),
        fields.time(details, "expected_shipped_at", place),
        fields.time(details, "deliver_at", place),
    )


def square_parties(document: Document, order: Node, promise: Promise, channel: str) -> tuple[Party, ...]:
    """Buyer by customer id, and who receives the goods."""
    recipient = child(promise.details, "recipient")
    number = text(order, "customer_id") or text(recipient, "customer_id")
    found = (
        Contact(identifiers=customer(channel, number)).party(PartyRole.BUYER),
        _receiver(document, recipient, f"{promise.path}.recipient"),
    )
    return tuple(party for party in found if party is not None)


def _receiver(document: Document, node: Node, path: str) -> Party | None:
    return Contact(
        name=text(node, "display_name"),
        phone=text(node, "phone_number"),
        email=text(node, "email_address"),
    ).party(PartyRole.SHIP_TO, _ADDRESS.read(document, child(node, "address"), f"{path}.address"))
