"""Times of scans: with an offset, or naive in a zone that somebody declared.

Invariant: no zone is guessed. A stated offset gives the scan's own date; a naive time takes the zone that
the source states for the place, else the profile's, and is refused without one.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, ZoneSource
from crossdock.formats.times import business_day, business_time

_NO_ZONE: Final = "the time has no offset and the profile declares no zone: set `zone` in the profile"
_DAY: Final = "%B %d, %Y"
_LAYOUTS: Final = ("%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y, %H:%M", "%d.%m.%Y %H:%M", "%B %d, %Y %I:%M %p")
"""How carriers write times that are not ISO 8601; none of them has an offset."""


class Moment(NamedTuple):
    """When a detail happened, and who said the zone of that."""

    at: BusinessTime
    zone_source: ZoneSource


def moment(raw: object, path: str, stated_zone: str | None, profile_zone: str | None) -> Moment:
    """The moment that a text says: ISO 8601, a date alone, or one of the carriers' own layouts.

    Args:
        stated_zone: IANA zone of a naive time that the source itself states.
        profile_zone: IANA zone of the partner.

    Raises Rejected TIME_INVALID.
    """
    if not isinstance(raw, str) or not raw.strip():
        raise Rejected(RejectionCode.TIME_INVALID, "a date and time as text is needed", path)
    written = raw.strip()
    zone = stated_zone or profile_zone
    source = ZoneSource.STATED if stated_zone else ZoneSource.PROFILE
    day = _day(written)
    if day is not None:
        if zone is None:
            raise Rejected(RejectionCode.TIME_INVALID, _NO_ZONE, path)
        return Moment(business_day(day, zone), source)
    written = _iso(written)
    if _has_offset(written):
        return Moment(business_time(written, path, zone=None), ZoneSource.STATED)
    if zone is None:
        business_time(
            written, path, zone="UTC"
        )  # refuses what is no time at all before its zone is asked for
        raise Rejected(RejectionCode.TIME_INVALID, _NO_ZONE, path)
    return Moment(business_time(written, path, zone=zone), source)


def compact_time(day: str | None, clock: str | None, offset: str | None) -> str | None:
    """ISO 8601 of `20260131`, `235959` and `-05:00`; without a clock the day alone, without a day None."""
    if day is None:
        return None
    whole = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdigit() else day
    if clock is None:
        return whole
    digits = clock.replace(":", "")
    if digits.isdigit() and len(digits) in (4, 5, 6):
        digits = digits.zfill(6) if len(digits) == 5 else digits.ljust(6, "0")
        clock = f"{digits[:2]}:{digits[2:4]}:{digits[4:]}"
    return f"{whole}T{clock}{_offset(offset)}"


def _offset(text: str | None) -> str:
    """`+0100` of `+01:00`, `1:00`, `+1`; empty where there is none."""
    if text is None:
        return ""
    sign = text[0] if text[0] in "+-" else "+"
    hours, _, minutes = text.lstrip("+-").partition(":")
    if not minutes and len(hours) == 4:
        hours, minutes = hours[:2], hours[2:]
    return f"{sign}{hours.zfill(2)}:{minutes or '00'}"


def _day(text: str) -> date | None:
    """The day of `2026-01-31` or «January 31, 2026»; None for anything else."""
    try:
        if len(text) == 10 and text[4] == "-":
            return date.fromisoformat(text)
        return datetime.strptime(text, _DAY).date() if text[:1].isalpha() else None  # noqa: DTZ007 - a day
    except ValueError:
        return None


def _iso(text: str) -> str:
    if text[:4].isdigit() and text[4:5] == "-":
        return text
    for layout in _LAYOUTS:
        try:
            return datetime.strptime(text, layout).isoformat()  # noqa: DTZ007 - naive, as it is written
        except ValueError:
            continue
    return text


def _has_offset(text: str) -> bool:
    return text.endswith(("Z", "z", " UTC")) or any(sign in text[16:] for sign in "+-")
