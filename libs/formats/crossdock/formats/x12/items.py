"""Identifiers of an X12 item from its (qualifier, id) pairs.

Invariant: a GTIN is carried only with a check digit that is right; any other number keeps its
qualifier, and a pair that lacks a half is reported.
"""

from __future__ import annotations

from crossdock.canonical.identifiers import check_digit, gtin14, identifier
from crossdock.canonical.models import Identifier, IdentifierScheme
from crossdock.formats.x12 import codes
from crossdock.formats.x12.document import Segment


class ItemIds:
    """Collects identifiers of one line from PO1 and LIN; what is no identifier becomes an extension."""

    def __init__(self, tenant: str, partner: str) -> None:
        self.found: dict[Identifier, None] = {}
        self.others: list[tuple[str, str]] = []
        """(qualifier, value) of pairs that describe (colour, size, style) rather than identify."""
        self.warnings: list[tuple[str, str, str]] = []
        self._issuers = {IdentifierScheme.BUYER_PART: partner, IdentifierScheme.VENDOR_PART: tenant}
        self._partner = partner

    def take(self, segment: Segment, first: int) -> None:
        """All pairs of a segment from element `first` on."""
        for at, qualifier, value in segment.pairs(first):
            if not qualifier or not value:
                detail = "a product id pair lacks its qualifier or its value; it is not used"
                self.warnings.append(("product_id_incomplete", detail, segment.path(at)))
                self.others.append((qualifier or "-", value))
            else:
                self._pair(segment, at, qualifier, value)

    def _pair(self, segment: Segment, at: int, qualifier: str, value: str) -> None:
        scheme = codes.ITEM_SCHEMES.get(qualifier)
        if scheme is IdentifierScheme.GTIN:
            self._gtin(segment, at, qualifier, value)
        elif scheme is IdentifierScheme.UNKNOWN:
            self._add(Identifier(scheme=scheme, value=value, issuer=f"{self._partner}:{qualifier}"))
        elif scheme is not None:
            self._add(identifier(scheme, value, self._issuers.get(scheme, "")))
        else:
            self.others.append((qualifier, value))

    def _gtin(self, segment: Segment, at: int, qualifier: str, value: str) -> None:
        padded = gtin_of(qualifier, value)
        if padded is not None:
            self._add(Identifier(scheme=IdentifierScheme.GTIN, value=padded))
            return
        detail = f"the number under {qualifier} is no GTIN with a right check digit; kept as scheme unknown"
        self.warnings.append(("gtin_invalid", detail, segment.path(at + 1)))
        issuer = f"{self._partner}:{qualifier}"
        self._add(Identifier(scheme=IdentifierScheme.UNKNOWN, value=value, issuer=issuer))

    def _add(self, found: Identifier | None) -> None:
        if found is not None:
            self.found[found] = None


def lin_pairs_at(lin: Segment) -> int:
    """Element of the first (qualifier, id) pair of a LIN.

    It is 2, or 1 where the sender left the line number out with its place: then a qualifier stands in LIN01
    and all elements make whole pairs.
    """
    return 1 if lin.code(1) in codes.ITEM_SCHEMES and len(lin.row) % 2 == 1 else 2


def gtin_of(qualifier: str, value: str) -> str | None:
    """GTIN of 14 digits of a number under its qualifier; None where length or check digit is wrong.

    A number that stands under a qualifier without check digit (UI, UA, UN) and has just its length
    gets the digit that follows from it.
    """
    digits = value.replace("-", "").replace(" ", "")
    if len(digits) == codes.WITHOUT_CHECK_DIGIT.get(qualifier) and digits.isascii() and digits.isdigit():
        digits += check_digit(digits)
    return gtin14(digits)
