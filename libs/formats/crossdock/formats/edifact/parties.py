"""Parties of a message from NAD, RFF, CTA and COM.

Invariant: personal data goes into fields that are tagged for it (party, notes) and nowhere else; an
identifier keeps who issued it, and a role is taken once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.models import Address, Identifier, IdentifierScheme, Party, PartyRole
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.segment import Segment

_ALPHA_2: Final = re.compile(r"[A-Z]{2}")
_NOTHING: Final = frozenset({"", "N/A", "NA", "NONE", "NULL", ".", "-", "XXX"})


@dataclass(frozen=True, slots=True)
class Issuers:
    """Whose numbers the codes «assigned by buyer» and «assigned by seller» name."""

    buyer: str
    seller: str

    def of(self, agency: str) -> str:
        """Issuer of an identifier with this 3055."""
        return {codes.ASSIGNED_BY_BUYER: self.buyer, codes.ASSIGNED_BY_SELLER: self.seller}.get(
            agency, f"{self.buyer}:{agency}" if agency else self.buyer
        )


@dataclass(slots=True)
class PartyDraft:
    """One NAD group as it is read."""

    segment: Segment
    line_id: str | None
    names: list[str]
    streets: list[str]
    identifiers: list[Identifier] = field(default_factory=list)
    tax_ids: list[str] = field(default_factory=list)
    contact: str | None = None
    phone: str | None = None
    email: str | None = None

    @property
    def code(self) -> str:
        """Party function (3035)."""
        return self.segment.code(1)

    @property
    def role(self) -> PartyRole | None:
        """Our role of it; None for a code that documents have no place for."""
        return codes.PARTY_ROLES.get(self.code)

    def party(self, role: PartyRole) -> Party:
        """The party in a role."""
        return Party(
            role=role,
            identifiers=tuple(self.identifiers),
            name=", ".join(self.names) or None,
            email=self.email,
            phone=self.phone,
            tax_ids=tuple(self.tax_ids),
            address=self._address(),
        )

    def _address(self) -> Address | None:
        city, region, postal, country = (said(self.segment.get(at)) for at in (6, 7, 8, 9))
        if not self.streets and not any((city, region, postal, country)):
            return None
        code = (country or "").upper()
        return Address(
            lines=tuple(self.streets),
            city=city,
            region=region,
            postal_code=postal,
            country=code if _ALPHA_2.fullmatch(code) else None,
        )

    def as_note(self) -> str:
        """All of it as one line of text, for notes (they are tagged as personal)."""
        where = f" of line {self.line_id}" if self.line_id else ""
        numbers = [identifier.value for identifier in self.identifiers]
        places = [text for at in (6, 7, 8, 9) if (text := said(self.segment.get(at)))]
        reach = [text for text in (self.contact, self.phone, self.email) if text]
        return f"{self.code}{where}: " + ", ".join([*self.names, *numbers, *self.streets, *places, *reach])


def said(text: str) -> str | None:
    """Text, or None where the sender wrote that there is none."""
    return None if text.upper() in _NOTHING else text


def open_party(nad: Segment, issuers: Issuers, line_id: str | None = None) -> PartyDraft:
    """A party from its NAD: C082 identifier, C058 text, C080 name, C059 street."""
    names = [text for part in (nad.row[4][:5] if len(nad.row) > 4 else []) if (text := said(part))]
    streets = [text for part in nad.texts(5) if (text := said(part))]
    if not names:
        texts = [text for part in nad.texts(3) if (text := said(part))]
        names, rest = texts[:1], texts[1:]
        streets = streets or rest
    draft = PartyDraft(nad, line_id, names, streets)
    value, agency = said(nad.get(2)), nad.code(2, 3)
    if value:
        draft.identifiers.append(_identifier(value, agency, issuers))
    return draft


def _identifier(value: str, agency: str, issuers: Issuers) -> Identifier:
    scheme = codes.PARTY_SCHEMES.get(agency)
    if scheme is not None:
        return Identifier(scheme=scheme, value=value)
    return Identifier(scheme=IdentifierScheme.UNKNOWN, value=value, issuer=issuers.of(agency))


class PartyReader:
    """Collects the NAD groups of one message."""

    def __init__(self, document: Document, issuers: Issuers) -> None:
        self._document = document
        self._issuers = issuers
        self.drafts: list[PartyDraft] = []
        self.notes: list[str] = []
        self.open: PartyDraft | None = None
        """The NAD group that is open."""

    def on_nad(self, nad: Segment, line_id: str | None = None) -> None:
        """A party; of the message in the header, of a line inside a line."""
        self.open = open_party(nad, self._issuers, line_id)
        self.drafts.append(self.open)

    def take(self, segment: Segment) -> bool:
        """RFF, CTA or COM of the open party; False where it has no place there."""
        if self.open is None:
            return False
        if segment.tag == "CTA":
            self._contact(self.open, segment)
            return True
        if segment.tag == "COM":
            _reach(self.open, segment)
            return True
        if segment.tag == "RFF" and segment.code(1) in codes.TAX_REFERENCES:
            if segment.get(1, 2):
                self.open.tax_ids.append(segment.get(1, 2))
            return True
        return False

    def _contact(self, party: PartyDraft, cta: Segment) -> None:
        name = said(cta.get(2, 2)) or said(cta.get(2))
        if name:
            party.contact = party.contact or name
            self.notes.append(f"contact of {party.code}: {name}")

    def parties(self) -> tuple[Party, ...]:
        """One party per role; one that only lines name is the message's where all of them name the same.

        All others become notes.
        """
        best: dict[PartyRole, PartyDraft] = {}
        of_lines: dict[PartyRole, dict[Party, PartyDraft]] = {}
        for draft in self.drafts:
            role = draft.role
            if role is None:
                continue
            if draft.line_id is not None:
                of_lines.setdefault(role, {}).setdefault(draft.party(role), draft)
            elif role not in best or codes.PARTY_RANK[draft.code] < codes.PARTY_RANK[best[role].code]:
                best[role] = draft
        shared = {role: named for role, named in of_lines.items() if role not in best and len(named) == 1}
        parties = {role: draft.party(role) for role, draft in best.items()}
        parties |= {role: next(iter(named)) for role, named in shared.items()}
        for draft in self.drafts:
            is_shared = draft.line_id is not None and draft.role in shared
            if not is_shared and (draft.role is None or best.get(draft.role) is not draft):
                self._note(draft)
        return tuple(parties.values())

    def _note(self, draft: PartyDraft) -> None:
        if draft.line_id is not None:
            code, what = "line_party_kept", "a party of one line"
        elif draft.role is None:
            code, what = "party_role_unmapped", "a party in a role that there is no place for"
        else:
            code, what = "party_role_repeated", "the message names more than one party of a role"
        self._document.warn(code, f"{what}; kept as a note", draft.segment.path(1))
        self.notes.append(draft.as_note())


def _reach(party: PartyDraft, com: Segment) -> None:
    """Telephone numbers and addresses; senders write C076 several times in one COM."""
    for at in range(1, len(com.row)):
        value, kind = said(com.get(at)), com.code(at, 2)
        if value and kind in codes.PHONES:
            party.phone = party.phone or value
        elif value and kind in codes.EMAILS:
            party.email = party.email or value


def of_role(parties: tuple[Party, ...], *roles: PartyRole) -> Party | None:
    """The first party in one of these roles, in their order."""
    return next((party for role in roles for party in parties if party.role is role), None)
