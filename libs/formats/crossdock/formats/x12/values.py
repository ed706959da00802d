"""Typed values of X12 elements: numbers, implied decimals, dates, times, currency.

Invariant: a value is read exactly or refused at its place; no zone, currency or decimal is guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, PartnerProfile
from crossdock.canonical.models.profile_sections import AmountStyle
from crossdock.canonical.money import currency_exponent, parse_amount
from crossdock.formats.times import at_instant, business_day
from crossdock.formats.x12.document import Segment

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_DAY: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})|([0-9]{2})([0-9]{2})([0-9]{2})")
_TIME: Final = re.compile(r"([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})([0-9]{0,2}))?")
_CENTURY_PIVOT: Final = 70
"""Two-digit years below it are 20xx."""

_ZONES: Final[dict[str, str]] = {
    "UT": "UTC",
    "GM": "UTC",
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
    "AT": "America/Anchorage",
    "HT": "Pacific/Honolulu",
    "NT": "America/St_Johns",
    "TT": "America/Halifax",
}
"""Element 623 → zone with its own daylight saving rule."""
_OFFSET_MINUTES: Final[dict[str, int]] = {
    "ND": -150,
    "TD": -180,
    "NS": -210,
    "ED": -240,
    "TS": -240,
    "ES": -300,
    "CD": -300,
    "CS": -360,
    "MD": -360,
    "MS": -420,
    "PD": -420,
    "PS": -480,
    "AD": -480,
    "AS": -540,
    "HD": -540,
    "HS": -600,
} | {f"{n:02d}": 60 * (n if n <= 12 else n - 25) for n in range(1, 25)}
"""Element 623 → minutes east of UTC; 01–12 are ISO P01–P12, 13–24 are ISO M12–M01."""


class Numbers:
    """Reads numbers as one partner writes them (`money.amounts` of its profile)."""

    __slots__ = ("_exponent", "_price_style", "_style")

    def __init__(self, profile: PartnerProfile) -> None:
        declared: AmountStyle = profile.money.amounts if profile.money else "major_text"
        self._price_style: AmountStyle = declared
        self._style: AmountStyle = "major_comma" if declared == "major_comma" else "major_text"
        self._exponent = 2

    def in_currency(self, currency: str) -> None:
        """Sets the currency whose minor units `minor_integer` counts."""
        self._exponent = currency_exponent(currency)

    def number(self, segment: Segment, at: int) -> Decimal:
        """Count, measure, rate or factor. Raises Rejected AMOUNT_UNPARSABLE."""
        return parse_amount(segment.get(at), segment.path(at), style=self._style)

    def amount(self, segment: Segment, at: int) -> Decimal:
        """Price or amount of type R in major units. Raises Rejected AMOUNT_UNPARSABLE."""
        return parse_amount(
            segment.get(at), segment.path(at), style=self._price_style, exponent=self._exponent
        )

    def implied_cents(self, segment: Segment, at: int) -> tuple[Decimal, bool]:
        """Amount of type N2 (two implied decimals), and whether the sender wrote a point all the same.

        Raises Rejected AMOUNT_UNPARSABLE.
        """
        raw = segment.get(at)
        if _INTEGER.fullmatch(raw):
            return Decimal(raw).scaleb(-2), False
        return parse_amount(raw, segment.path(at), style=self._style), True


def day_of(text: str) -> date:
    """CCYYMMDD, YYMMDD or CCYY-MM-DD. Raises ValueError."""
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError("not a date of the form CCYYMMDD")
    if match[1]:
        return date(int(match[1]), int(match[2]), int(match[3]))
    year = int(match[4])
    return date(year + (2000 if year < _CENTURY_PIVOT else 1900), int(match[5]), int(match[6]))


def time_of(text: str) -> time:
    """HHMM, HHMMSS, HHMMSSD or HHMMSSDD. Raises ValueError."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a time of the form HHMM")
    fraction = (match[4] or "").ljust(2, "0")
    return time(int(match[1]), int(match[2]), int(match[3] or 0), int(fraction) * 10_000)


def moment(day: str, clock: str, code: str, zone: str | None) -> BusinessTime:
    """Business time of date, time and time code (element 623); a day where there is no time.

    Raises ValueError where one of them cannot be read, or no zone is declared.
    """
    if zone is None:
        raise ValueError(
            "the time has no zone and the profile declares none: set `channel.zone` in the profile"
        )
    if not clock:
        return business_day(day_of(day), zone)
    local = datetime.combine(day_of(day), time_of(clock), _zone(code, zone))
    return at_instant(local.astimezone(UTC), zone)


def _zone(code: str, zone: str) -> tzinfo:
    if code in ("", "LT"):
        return ZoneInfo(zone)
    if code in _ZONES:
        return ZoneInfo(_ZONES[code])
    if code in _OFFSET_MINUTES:
        return timezone(timedelta(minutes=_OFFSET_MINUTES[code]))
    raise ValueError("the time code is not in the list of element 623")


def required_moment(segment: Segment, at: int, zone: str | None, what: str) -> BusinessTime:
    """Date element that a document cannot be without. Raises Rejected TIME_INVALID."""
    if not segment.get(at):
        raise segment.refuse(RejectionCode.TIME_INVALID, f"{what} is empty; state it as CCYYMMDD", at)
    try:
        return moment(segment.get(at), "", "", zone)
    except (ValueError, OverflowError) as error:
        raise time_refused(segment, at, what, error) from error


def time_refused(segment: Segment, at: int, what: str, error: Exception) -> Rejected:
    """Refusal of a date or time."""
    return segment.refuse(RejectionCode.TIME_INVALID, f"{what} cannot be read: {error}", at)
