"""Parties and contacts of an 850, from header and lines.

Invariant: a party of the header stands in the order once per role; one that only lines name is the
order's where all of them name the same; every other one is kept as a note and reported.
"""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.canonical.models import Party, PartyRole
from crossdock.formats.x12.document import Segment
from crossdock.formats.x12.kept import Kept
from crossdock.formats.x12.parties import Contact, PartyDraft, contact_of, extend_party, open_party


class PartyReader:
    """Collects N1 loops and PER segments of one order."""

    def __init__(self, kept: Kept, names: tuple[str, str]) -> None:
        self._kept = kept
        self._names = names
        self._drafts: list[PartyDraft] = []
        self._contacts: list[Contact] = []
        self.open: PartyDraft | None = None
        """The N1 loop that is open."""

    def on_n1(self, n1: Segment) -> None:
        """A party; of the order in the header, of a line inside a line."""
        line = self._kept.line
        tenant, partner = self._names
        line_id = line.line_id if line is not None else None
        self.open = open_party(n1, tenant=tenant, partner=partner, line_id=line_id)
        self._drafts.append(self.open)

    def on_address(self, segment: Segment) -> None:
        """N2, N3, N4 of the open party; without one it is a note."""
        if self.open is not None:
            extend_party(self.open, segment)
        else:
            detail = "a name or address without an N1 before it; kept as a note"
            self._kept.document.warn("party_missing", detail, segment.path())
            self._kept.segment(segment)

    def on_per(self, per: Segment) -> None:
        """A contact: the open party's first one fills its phone and e-mail; all are notes as well."""
        contact = contact_of(per)
        if self.open is None:
            self._contacts.append(contact)
        elif not (self.open.phone or self.open.email):
            extend_party(self.open, per)
        self._kept.note(contact.as_note())

    def parties(self) -> tuple[Party, ...]:
        """All parties; the buyer gets the header's first contact where it has none."""
        parties: list[Party] = []
        taken: set[PartyRole] = set()
        for draft in self._drafts:
            if draft.line_id is None:
                self._check_role(draft, taken)
                taken.update(draft.roles)
                parties += draft.parties()
        parties += self._shared_by_lines(taken)
        return tuple(self._with_contact(parties))

    def _check_role(self, draft: PartyDraft, taken: set[PartyRole]) -> None:
        if not draft.roles:
            self._note(draft, "party_role_unmapped", "a party in a role that orders have no place for")
        elif not taken.isdisjoint(draft.roles):
            detail = f"the header names more than one party as {', '.join(draft.roles)}"
            self._kept.document.warn("party_role_repeated", detail, draft.segment.path(1))

    def _shared_by_lines(self, taken: set[PartyRole]) -> list[Party]:
        drafts = [draft for draft in self._drafts if draft.line_id is not None]
        by_role: dict[PartyRole, dict[Party, None]] = {}
        for draft in drafts:
            for party in draft.parties():
                by_role.setdefault(party.role, {})[party] = None
        shared = [next(iter(p)) for role, p in by_role.items() if role not in taken and len(p) == 1]
        for draft in drafts:
            if not any(party in shared for party in draft.parties()):
                self._note(draft, "line_party_kept", "a party of one line; kept as a note")
        return shared

    def _note(self, draft: PartyDraft, code: str, detail: str) -> None:
        self._kept.document.warn(code, detail, draft.segment.path(1))
        self._kept.notes.append(draft.as_note())

    def _with_contact(self, parties: Sequence[Party]) -> list[Party]:
        reachable = next((contact for contact in self._contacts if contact.phone or contact.email), None)
        if reachable is None:
            return list(parties)
        contact = {"phone": reachable.phone, "email": reachable.email}
        return [party.model_copy(update=contact) if _lacks_contact(party) else party for party in parties]


def _lacks_contact(party: Party) -> bool:
    return party.role is PartyRole.BUYER and party.phone is None and party.email is None
