"""What payload and partner profile decide together: currency, tax mode, payment status, revision.

Invariant: where both speak and money depends on it, they must agree or the order is refused; where
neither speaks, nothing is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, PartnerProfile, PaymentStatus, RevisionKind, TaxMode
from crossdock.canonical.money import currency_exponent
from crossdock.canonical.reading import Warning
from crossdock.formats.order_draft import RevisionMark


def known_currency(stated: str, path: str) -> str:
    """The ISO 4217 code in capitals. Raises Rejected CURRENCY_UNKNOWN with the path."""
    currency = stated.upper()
    try:
        currency_exponent(currency)
    except Rejected as refusal:
        raise Rejected(refusal.code, refusal.detail, path) from refusal
    return currency


def order_currency(stated: str | None, profile: PartnerProfile, path: str) -> str:
    """Currency of an order: the stated one, else the profile's; both must agree (F37).

    Raises Rejected CURRENCY_MISSING, CURRENCY_UNKNOWN, CURRENCY_MIXED.
    """
    expected = profile.money.currency if profile.money else None
    if stated is None:
        if expected is None:
            detail = "neither the payload nor the profile's money.currency states the currency"
            raise Rejected(RejectionCode.CURRENCY_MISSING, detail, path)
        return expected
    currency = known_currency(stated, path)
    if expected is not None and currency != expected:
        detail = f"the payload states {currency}, the profile's money.currency is {expected}"
        raise Rejected(RejectionCode.CURRENCY_MIXED, detail, path)
    return currency


def order_tax_mode(
    is_included: bool | None, profile: PartnerProfile, path: str
) -> tuple[TaxMode, Warning | None]:
    """Tax mode of an order: what the payload says, else the profile; unknown where neither does (F26).

    A payload that contradicts its profile is believed, with the warning `tax_mode_differs`.
    """
    declared = profile.money.tax_mode if profile.money else "stated"
    if is_included is None:
        return (TaxMode.UNKNOWN if declared == "stated" else TaxMode(declared)), None
    mode = TaxMode.INCLUSIVE if is_included else TaxMode.EXCLUSIVE
    if declared in ("stated", mode) or (declared == "none" and not is_included):
        return (TaxMode.NONE if declared == "none" else mode), None
    detail = f"the payload says {mode}, the profile's money.tax_mode is {declared}; the payload is used"
    return mode, Warning("tax_mode_differs", detail, path)


def payment_status(
    raw: str | None, table: Mapping[str, PaymentStatus], profile: PartnerProfile
) -> PaymentStatus | None:
    """Payment status of a channel's word: the profile's map first, then the format's table; None unknown."""
    if raw is None:
        return None
    return profile.status_map.payment.get(raw) or table.get(raw.lower())


def revision_at(modified: BusinessTime | None, profile: PartnerProfile, kind: RevisionKind) -> RevisionMark:
    """Revision of an object that says when it was last modified; kind `none` where it does not.

    The profile's `channel.revision` replaces the format's own kind.
    """
    if modified is None:
        return RevisionMark(RevisionKind.NONE, "")
    declared = profile.channel.revision if profile.channel else None
    if declared is RevisionKind.NONE:
        return RevisionMark(RevisionKind.NONE, "")
    return RevisionMark(declared or kind, sortable_instant(modified.instant))


def sortable_instant(instant: datetime) -> str:
    """A UTC instant with microseconds, of fixed width: text sorts as time."""
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
