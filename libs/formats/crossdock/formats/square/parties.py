"""People and promises of a Square order, from its first fulfillment.

Invariant: a counter sale has no party at all; personal data stands only in Party fields.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from crossdock.canonical.models import (
    Address,
    BusinessTime,
    Identifier,
    IdentifierScheme,
    Party,
    PartyRole,
)
from crossdock.formats.addresses import country_code
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.square.shapes import SquareFields

_STREETS: Final = ("address_line_1", "address_line_2", "address_line_3")
_NO_ADDRESS: Final = Address()


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
    found = []
    customer = text(order, "customer_id") or text(child(promise.details, "recipient"), "customer_id")
    if customer is not None:
        issuer = f"{channel}/customer"
        named = Identifier(scheme=IdentifierScheme.UNKNOWN, value=customer, issuer=issuer)
        found.append(Party(role=PartyRole.BUYER, identifiers=(named,)))
    receiver = _receiver(document, child(promise.details, "recipient"), f"{promise.path}.recipient")
    return tuple(found) if receiver is None else (*found, receiver)


def _receiver(document: Document, node: Node, path: str) -> Party | None:
    postal = child(node, "address")
    address = Address(
        lines=tuple(line for name in _STREETS if (line := text(postal, name))),
        city=text(postal, "locality"),
        region=text(postal, "administrative_district_level_1"),
        postal_code=text(postal, "postal_code"),
        country=country_code(document, postal, "country", f"{path}.address"),
    )
    name, email, phone = text(node, "display_name"), text(node, "email_address"), text(node, "phone_number")
    has_address = address != _NO_ADDRESS
    if not (has_address or name or email or phone):
        return None
    return Party(
        role=PartyRole.SHIP_TO,
        name=name,
        email=email,
        phone=phone,
        address=address if has_address else None,
    )
