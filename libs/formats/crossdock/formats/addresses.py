"""People and their addresses, as storefronts write them.

Invariant: a country is an ISO 3166-1 alpha-2 code or None with a warning; nothing is geocoded. Empty text is
None, and a party of whom nothing is said is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crossdock.canonical.models import Address, Identifier, IdentifierScheme, Party, PartyRole
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import text

NO_ADDRESS: Final = Address()


@dataclass(frozen=True, slots=True)
class AddressNames:
    """What a system calls the parts of its addresses; of several regions the first that is stated counts."""

    lines: tuple[str, ...]
    regions: tuple[str, ...]
    postal_code: str
    country: str
    city: str = "city"

    def read(self, document: Document, node: Node, path: str, above: tuple[str | None, ...] = ()) -> Address:
        """The address that an object states, below lines that stand elsewhere."""
        lines = [*above, *[text(node, name) for name in self.lines]]
        region = None
        for name in self.regions:
            region = region or text(node, name)
        return Address(
            lines=tuple([line for line in lines if line]),
            city=text(node, self.city),
            region=region,
            postal_code=text(node, self.postal_code),
            country=country_code(document, node, self.country, path),
        )


@dataclass(slots=True)
class Contact:
    """Who somebody is and how to reach them, as said."""

    name: str | None = None
    company: str | None = None
    phone: str | None = None
    email: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    tax_ids: tuple[str, ...] = ()

    @property
    def above(self) -> tuple[str | None, ...]:
        """The company of a person, which stands above the street."""
        return (self.company,) if self.name else ()

    def party(self, role: PartyRole, address: Address = NO_ADDRESS) -> Party | None:
        """The party; a company without a person is its name. None where nothing at all is said."""
        name = self.name or self.company
        stated = None if address == NO_ADDRESS else address
        if not (stated or name or self.phone or self.email or self.identifiers or self.tax_ids):
            return None
        return Party(
            role=role,
            identifiers=self.identifiers,
            name=name,
            email=self.email,
            phone=self.phone,
            tax_ids=self.tax_ids,
            address=stated,
        )


def addressed(
    document: Document, role: PartyRole, node: Node, path: str, names: AddressNames
) -> Party | None:
    """The party of an object with an address, a name, `company` and `phone`; None where it says nothing."""
    contact = Contact(full_name(node), text(node, "company"), text(node, "phone"))
    return contact.party(role, names.read(document, node, path, contact.above))


def customer(channel: str, number: str | None) -> tuple[Identifier, ...]:
    """The identifiers of a customer who has an account with the channel; none for a guest."""
    return named(number, f"{channel}/customer")


def named(value: str | None, issuer: str) -> tuple[Identifier, ...]:
    """The identifier that `issuer` gave somebody; none where there is none."""
    if value is None:
        return ()
    return (Identifier(scheme=IdentifierScheme.UNKNOWN, value=value, issuer=issuer),)


def full_name(node: Node) -> str | None:
    """`name`, else `first_name` and `last_name`; None where all are empty."""
    parts = (text(node, "first_name"), text(node, "last_name"))
    return text(node, "name") or " ".join(part for part in parts if part) or None


def country_code(document: Document, node: Node, name: str, path: str) -> str | None:
    """Two-letter country of a field, in capitals."""
    code = text(node, name)
    if code is None:
        return None
    code = code.upper()
    if len(code) == 2 and code.isascii() and code.isalpha():
        return code
    document.warn("country_invalid", "not an ISO 3166-1 alpha-2 code", f"{path}.{name}")
    return None
