"""Parties of an order from its N1 loops and contacts.

Invariant: personal data goes into fields that are tagged for it (party, notes) and nowhere else; an
identifier keeps who issued it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.models import Address, Identifier, IdentifierScheme, Party, PartyRole
from crossdock.formats.x12 import codes
from crossdock.formats.x12.document import Segment

_COUNTRIES: Final[dict[str, str]] = {
    "USA": "US",
    "CAN": "CA",
    "MEX": "MX",
    "GBR": "GB",
    "DEU": "DE",
    "UK": "GB",
}
"""What senders write in N404 for the alpha-2 code."""
_ALPHA_2: Final = re.compile(r"[A-Z]{2}")
_NOTHING: Final = frozenset({"", "N/A", "NA", "NONE", "NULL", "."})
_PHONES: Final = frozenset({"TE", "WP", "HP", "CP", "AP"})
_EMAILS: Final = frozenset({"EM"})


@dataclass(slots=True)
class PartyDraft:
    """One N1 loop as it is read."""

    segment: Segment
    line_id: str | None = None
    """Line whose loop it stands in; None in the header."""
    name: str | None = None
    more_names: list[str] = field(default_factory=list)
    streets: list[str] = field(default_factory=list)
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None
    identifiers: list[Identifier] = field(default_factory=list)
    tax_ids: list[str] = field(default_factory=list)

    @property
    def qualifier(self) -> str:
        """N101."""
        return self.segment.code(1)

    @property
    def roles(self) -> tuple[PartyRole, ...]:
        """Our roles of it; none for a code that orders have no place for."""
        return codes.PARTY_ROLES.get(self.qualifier, ())

    def parties(self) -> list[Party]:
        """The party once per role."""
        return [self.party_as(role) for role in self.roles]

    def party_as(self, role: PartyRole) -> Party:
        """The party in a role."""
        names = [name for name in (self.name, *self.more_names) if name]
        return Party(
            role=role,
            identifiers=tuple(self.identifiers),
            name=", ".join(names) or None,
            email=self.email,
            phone=self.phone,
            tax_ids=tuple(self.tax_ids),
            address=self._address(),
        )

    def _address(self) -> Address | None:
        fields = (self.city, self.region, self.postal_code, self.country)
        if not self.streets and not any(fields):
            return None
        return Address(
            lines=tuple(self.streets),
            city=self.city,
            region=self.region,
            postal_code=self.postal_code,
            country=self.country,
        )

    def as_note(self) -> str:
        """All of it as one line of text, for notes (they are tagged as personal)."""
        contact = [f"{text}" for text in (self.phone, self.email) if text]
        address = [*self.streets, *[text for text in (self.city, self.region, self.postal_code) if text]]
        numbers = [identifier.value for identifier in self.identifiers]
        names = [name for name in (self.name, *self.more_names) if name]
        where = f" of line {self.line_id}" if self.line_id else ""
        return f"{self.qualifier}{where}: " + ", ".join([*names, *numbers, *address, *contact])


@dataclass(slots=True)
class Contact:
    """One PER segment."""

    function: str
    name: str | None
    phone: str | None
    email: str | None

    def as_note(self) -> str:
        """The contact as one line of text."""
        return f"contact {self.function}: " + ", ".join([t for t in (self.name, self.phone, self.email) if t])


def said(text: str) -> str | None:
    """Text, or None where the sender wrote that there is none."""
    return None if text.upper() in _NOTHING else text


def open_party(n1: Segment, *, tenant: str, partner: str, line_id: str | None) -> PartyDraft:
    """A party from its N1; what follows in the loop is added by `extend_party`."""
    draft = PartyDraft(n1, line_id, name=said(n1.get(2)))
    qualifier, value = n1.code(3), n1.get(4)
    if not value or qualifier in codes.PERSON_QUALIFIERS:
        return draft
    if qualifier in codes.TAX_ID_QUALIFIERS:
        draft.tax_ids.append(value)
    else:
        draft.identifiers.append(_identifier(qualifier, value, tenant=tenant, partner=partner))
    return draft


def _identifier(qualifier: str, value: str, *, tenant: str, partner: str) -> Identifier:
    scheme = codes.PARTY_SCHEMES.get(qualifier)
    if scheme is IdentifierScheme.DUNS:
        return Identifier(scheme=scheme, value=value.replace("-", ""))
    if scheme is not None:
        return Identifier(scheme=scheme, value=value)
    issuer = {"91": tenant, "92": partner}.get(qualifier, f"{partner}:{qualifier}" if qualifier else partner)
    return Identifier(scheme=IdentifierScheme.UNKNOWN, value=value, issuer=issuer)


def extend_party(draft: PartyDraft, segment: Segment) -> None:
    """Takes N2, N3, N4 or PER of the party's loop."""
    if segment.tag == "N2":
        draft.more_names += [text for at in (1, 2) if (text := said(segment.get(at)))]
    elif segment.tag == "N3":
        draft.streets += [text for at in (1, 2) if (text := said(segment.get(at)))]
    elif segment.tag == "N4":
        _locality(draft, segment)
    else:
        contact = contact_of(segment)
        draft.phone = draft.phone or contact.phone
        draft.email = draft.email or contact.email
        draft.name = draft.name or contact.name


def _locality(draft: PartyDraft, n4: Segment) -> None:
    draft.city = draft.city or said(n4.get(1))
    draft.region = draft.region or said(n4.get(2))
    draft.postal_code = draft.postal_code or said(n4.get(3))
    country = n4.code(4)
    country = _COUNTRIES.get(country, country)
    if _ALPHA_2.fullmatch(country):
        draft.country = draft.country or country


def contact_of(per: Segment) -> Contact:
    """Name, first telephone number and first e-mail address of a PER."""
    contact = Contact(per.code(1), said(per.get(2)), None, None)
    for _, qualifier, value in per.pairs(3):
        if qualifier in _PHONES:
            contact.phone = contact.phone or said(value)
        elif qualifier in _EMAILS:
            contact.email = contact.email or said(value)
    return contact
