"""N1 loops of sets other than orders: who ships, who receives, who owes.

Invariant: a party that a field takes stays whole in it; one without a field is kept by its number alone.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Extension, Party, PartyRole
from crossdock.formats.x12.context import SetContext
from crossdock.formats.x12.document import Segment
from crossdock.formats.x12.parties import PartyDraft, extend_party, open_party

_IN_LOOP: Final = frozenset({"N2", "N3", "N4", "NX2", "PER", "REF", "G61", "FOB", "N9"})
_OF_PARTY: Final = frozenset({"N2", "N3", "N4", "PER"})
_ROLES_HERE: Final[dict[str, tuple[PartyRole, ...]]] = {"WH": (PartyRole.SHIP_FROM,)}
"""Codes whose role is known in a warehouse's own advice; in orders a warehouse may be the receiver."""


class PartyLoops:
    """Collects the N1 loops of one level of a document (header, HL, line).

    Args:
        mapped: N101 codes that the reader has a field for, in the order of preference.
        kept: codes among them whose number is kept in any case, for another may take the field.
    """

    def __init__(self, context: SetContext, mapped: tuple[str, ...], kept: tuple[str, ...] = ()) -> None:
        self._context = context
        self._mapped = mapped
        self._kept = kept
        self._drafts: list[PartyDraft] = []
        self._taken: set[int] = set()
        """Positions of the drafts that a field has taken."""
        self._open: PartyDraft | None = None

    def take(self, segment: Segment, owner: str = "", into: list[Extension] | None = None) -> bool:
        """Takes a segment of an N1 loop; False where it is none."""
        if segment.tag == "N1":
            context = self._context
            self._open = open_party(segment, tenant=context.tenant, partner=context.partner, line_id=None)
            if self._open.qualifier in self._mapped:
                self._drafts.append(self._open)
            if self._open.qualifier not in self._mapped or self._open.qualifier in self._kept:
                context.keep(segment, owner, into)
            return True
        if segment.tag not in _IN_LOOP:
            self._open = None
        if self._open is None or segment.tag not in _OF_PARTY:
            return False
        if self._open.qualifier not in self._mapped:
            return False
        extend_party(self._open, segment)
        return True

    def party(self, *qualifiers: str) -> Party | None:
        """The first party under the first of these codes that the document names."""
        for qualifier in qualifiers:
            for position, draft in enumerate(self._drafts):
                roles = draft.roles or _ROLES_HERE.get(qualifier, ())
                if draft.qualifier == qualifier and roles:
                    self._taken.add(position)
                    return draft.party_as(roles[0])
        return None

    def keep_rest(self) -> None:
        """Keeps the numbers of the parties that no field has taken; after the last `party`."""
        for position, draft in enumerate(self._drafts):
            if position not in self._taken:
                self._context.keep(draft.segment)

    def number(self, *qualifiers: str) -> str | None:
        """N104 of the first party under these codes."""
        for qualifier in qualifiers:
            for draft in self._drafts:
                if draft.qualifier == qualifier and draft.segment.get(4):
                    return draft.segment.get(4)
        return None
