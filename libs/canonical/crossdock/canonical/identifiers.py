"""Building identifiers: GTINs are padded and tested, partners' own numbers get their issuer.

Invariant: an identifier of scheme gtin has 14 digits and the right check digit; one of a scheme that is
unique only within a partner names its issuer.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models.identity import Identifier, IdentifierScheme

ISSUED_SCHEMES: Final = frozenset(
    {
        IdentifierScheme.ERP_ITEM,
        IdentifierScheme.CHANNEL_VARIANT,
        IdentifierScheme.BUYER_PART,
        IdentifierScheme.VENDOR_PART,
        IdentifierScheme.PSP_REFERENCE,
        IdentifierScheme.ERP_DOCUMENT,
        IdentifierScheme.PURCHASE_ORDER,
    }
)
"""Schemes whose values are unique only within the partner that issues them."""
_GTIN_LENGTHS: Final = frozenset({8, 12, 13, 14})


def identifier(scheme: IdentifierScheme, raw: str, issuer: str = "") -> Identifier | None:
    """Identifier of what a source wrote; None where the text is empty.

    A GTIN with a wrong length or check digit keeps its text under scheme `unknown`. Raises ValueError
    where the scheme needs an issuer and none is given: that is a fault of the mapping, not of the record.
    """
    value = raw.strip()
    if not value:
        return None
    if scheme in ISSUED_SCHEMES and not issuer:
        raise ValueError(f"identifiers of scheme {scheme} need an issuer")
    if scheme is IdentifierScheme.GTIN:
        padded = gtin14(value)
        if padded is None:
            return Identifier(scheme=IdentifierScheme.UNKNOWN, value=value, issuer=issuer)
        value = padded
    return Identifier(scheme=scheme, value=value, issuer=issuer)


def gtin14(text: str) -> str | None:
    """A GTIN-8, -12, -13 or -14 padded to 14 digits; None where length or check digit is wrong."""
    if len(text) not in _GTIN_LENGTHS or not (text.isascii() and text.isdigit()):
        return None
    padded = text.zfill(14)
    return padded if check_digit(padded[:-1]) == padded[-1] else None


def check_digit(digits: str) -> str:
    """GS1 check digit (modulo 10, weights 3 and 1 from the right) for GTIN, GLN, SSCC without theirs."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)
