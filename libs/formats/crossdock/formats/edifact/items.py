"""Identifiers of an item from LIN and PIA, and its unit of measure.

Invariant: a GTIN is carried only with a check digit that is right; any other number keeps its qualifier.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected
from crossdock.canonical.identifiers import gtin14, identifier
from crossdock.canonical.models import Identifier, IdentifierScheme, PartnerProfile
from crossdock.canonical.units import resolve_unit
from crossdock.formats.edifact import codes
from crossdock.formats.edifact.segment import Segment

_PAIRS_MAX: Final = 5
"""PIA holds up to five numbers behind its function."""


class ItemIds:
    """Collects identifiers of one line; what describes rather than identifies is kept aside."""

    def __init__(self, buyer: str, seller: str) -> None:
        self.found: dict[Identifier, None] = {}
        self.others: list[tuple[str, str]] = []
        """(qualifier, value) of numbers that describe: batch, serial, customs tariff."""
        self.warnings: list[tuple[str, str, str]] = []
        self._issuers = {IdentifierScheme.BUYER_PART: buyer, IdentifierScheme.VENDOR_PART: seller}
        self._buyer = buyer

    @property
    def lot(self) -> str | None:
        """Batch number (NB)."""
        return next((value for code, value in self.others if code in codes.LOT_CODES), None)

    def take_lin(self, lin: Segment) -> None:
        """The item of a LIN: C212, number and type."""
        self._number(lin, 3)

    def take_pia(self, pia: Segment) -> None:
        """Further numbers of a PIA, whatever its function (additional, substitution, identification)."""
        for at in range(2, 2 + _PAIRS_MAX):
            self._number(pia, at)

    def _number(self, segment: Segment, at: int) -> None:
        value, qualifier = segment.get(at), segment.code(at, 2)
        if not value:
            return
        scheme = codes.ITEM_SCHEMES.get(qualifier)
        if scheme is IdentifierScheme.GTIN:
            self._gtin(segment, at, qualifier, value)
        elif qualifier in codes.DESCRIPTIVE_ITEM_CODES:
            self.others.append((qualifier, value))
        elif scheme is None:
            self._unknown(qualifier, value)
        else:
            self._add(identifier(scheme, value, self._issuers.get(scheme, "")))

    def _gtin(self, segment: Segment, at: int, qualifier: str, value: str) -> None:
        padded = gtin14(value.replace("-", "").replace(" ", ""))
        if padded is not None:
            self._add(Identifier(scheme=IdentifierScheme.GTIN, value=padded))
            return
        detail = f"the number under {qualifier} is no GTIN with a right check digit; kept as scheme unknown"
        self.warnings.append(("gtin_invalid", detail, segment.path(at, 1)))
        self._unknown(qualifier, value)

    def _unknown(self, qualifier: str, value: str) -> None:
        issuer = f"{self._buyer}:{qualifier}" if qualifier else self._buyer
        self._add(Identifier(scheme=IdentifierScheme.UNKNOWN, value=value, issuer=issuer))

    def _add(self, found: Identifier | None) -> None:
        if found is not None:
            self.found[found] = None


def unit_of(qty: Segment, profile: PartnerProfile) -> tuple[str, str, Decimal]:
    """(unit as ordered, stock unit, factor) of a quantity's 6411.

    Without one the quantity counts pieces, by the directories' own rule, unless the profile maps ''.
    Raises Rejected UNIT_UNMAPPED.
    """
    raw = qty.code(1, 3)
    if not raw and "" not in profile.units:
        return codes.EACH, codes.EACH, Decimal(1)
    unit, factor = resolve_unit(raw, profile, path=qty.path(1, 3), code_list=codes.EDIFACT_UNITS)
    return (unit if factor == 1 else raw or codes.EACH), unit, factor


def known_unit(raw: str, profile: PartnerProfile) -> str | None:
    """Unit of a price basis or a measure; None where it is not known or holds several of another."""
    try:
        unit, factor = resolve_unit(raw.upper(), profile, code_list=codes.EDIFACT_UNITS)
    except Rejected:
        return None
    return unit if factor == 1 else None
