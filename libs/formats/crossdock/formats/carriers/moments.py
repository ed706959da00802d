"""Times of scans: with an offset, or naive in a zone that somebody declared.

Invariant: no zone is guessed. A stated offset gives the scan's own date; a naive time takes the profile's
zone, and is refused without one.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, ZoneSource
from crossdock.formats.times import business_day, business_time, has_offset

_YEAR_OF_NOTHING: Final = "0001-"
"""How the time begins that .NET has where it has none."""
_NO_ZONE: Final = "the time has no offset and the profile declares no zone: set `zone` in the profile"
_DAY: Final = "%B %d, %Y"
_CLOCK: Final = "%I:%M %p"
_DAY_CHARACTERS: Final = 10
_LAYOUTS: Final = (
    "%m/%d/%Y %I:%M:%S %p",
    "%d.%m.%Y, %H:%M",
    "%d.%m.%Y %H:%M",
    "%Y%m%d:%H%M%S",
)
"""How carriers write times that are not ISO 8601; none of them has an offset."""


class ZoneMissing(Rejected):
    """A readable time without an offset, of a partner whose profile declares no zone."""


class Moment(NamedTuple):
    """When a detail happened, and who said the zone of that."""

    at: BusinessTime
    zone_source: ZoneSource


def moment(raw: object, path: str, zone: str | None) -> Moment:
    """The moment that a text says: ISO 8601, a date alone, or one of the carriers' own layouts.

    Args:
        zone: IANA zone of a naive time, the partner's.

    Raises Rejected TIME_INVALID, as ZoneMissing where nothing else is wrong.
    """
    if not isinstance(raw, str) or not raw.strip():
        raise Rejected(RejectionCode.TIME_INVALID, "a date and time as text is needed", path)
    written = _iso(raw.strip())
    if written.startswith(_YEAR_OF_NOTHING):
        raise Rejected(RejectionCode.TIME_INVALID, "a time in the year 1 stands for none", path)
    day = _day(written)
    if day is None and has_offset(written):
        return Moment(business_time(written, path, zone=None), ZoneSource.STATED)
    if zone is None:
        if day is None:
            business_time(written, path, zone="UTC")  # what is no time at all is refused as such
        raise ZoneMissing(RejectionCode.TIME_INVALID, _NO_ZONE, path)
    at = business_time(written, path, zone=zone) if day is None else business_day(day, zone)
    return Moment(at, ZoneSource.PROFILE)


def compact_time(day: str | None, clock: str | None, offset: str | None) -> str | None:
    """ISO 8601 of `20260131` or «January 31, 2026», a clock of `clock_of` and an offset of `offset_of`.

    Without a clock the day alone, without a day None.
    """
    if day is None:
        return None
    whole = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdigit() else day
    said = _day(whole)
    whole = whole if said is None else said.isoformat()
    if clock is None:
        return whole
    moment_of = f"{whole}T{clock}"
    return moment_of if has_offset(moment_of) else moment_of + (offset or "")


def clock_of(text: str) -> str | None:
    """`23:59:00` of `235900`, `2359`, `23:59` with or without an offset, «11:59 pm»; None for anything else.

    24:00 is none: whether a carrier means the start or the end of the day stands in no documentation.
    """
    clock = text.strip()
    if clock.isdigit():  # 9:05:00 comes as 90500 from those who keep it as a number
        clock = {4: f"{clock}00", 5: f"0{clock}", 6: clock}.get(len(clock), "")
    try:
        if clock[-1:] in ("m", "M"):
            return datetime.strptime(clock, _CLOCK).time().isoformat()  # noqa: DTZ007 - a time of day
        return None if clock.startswith("24") else time.fromisoformat(clock).isoformat()
    except ValueError:
        return None


def day_alone(text: str) -> str | None:
    """The day of ISO 8601 that a text goes on from with a clock; None where it does not."""
    day, mark = text.strip()[:_DAY_CHARACTERS], text.strip()[_DAY_CHARACTERS : _DAY_CHARACTERS + 1]
    return day if mark in ("T", " ") and _day(day) is not None else None


def offset_of(text: str) -> str | None:
    """`+01:00` of `+0100`, `1:00`, `+1`; None for what is no offset from UTC."""
    sign = text[0] if text[:1] in ("+", "-") else "+"
    hours, _, minutes = text.removeprefix(sign).partition(":")
    if not minutes and len(hours) == 4:
        hours, minutes = hours[:2], hours[2:]
    if not hours:
        return None
    offset = f"{sign}{hours.zfill(2)}:{minutes or '00'}"
    try:
        time.fromisoformat(f"00:00{offset}")
    except ValueError:
        return None
    return offset


def _day(text: str) -> date | None:
    """The day of `2026-01-31` or «January 31, 2026»; None for anything else."""
    try:
        if len(text) == _DAY_CHARACTERS and text[4] == "-":
            return date.fromisoformat(text)
        return datetime.strptime(text, _DAY).date() if text[:1].isalpha() else None  # noqa: DTZ007 - a day
    except ValueError:
        return None


def _iso(text: str) -> str:
    if text[:4].isdigit() and text[4:5] == "-":
        moment, is_named, offset = text.partition(" GMT")
        return f"{moment} {offset or 'UTC'}" if is_named else text
    for layout in _LAYOUTS:
        try:
            return datetime.strptime(text, layout).isoformat()  # noqa: DTZ007 - naive, as it is written
        except ValueError:
            continue
    return text
