"""Business times: the UTC instant and the date that business people write (F36).

Invariant: no zone is ever guessed. A time with an offset is an instant; a naive one takes the zone that
its format or profile declares, and without one it is refused.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, TimePrecision

_LONGEST_TIME_TEXT = 64
_DAY_CHARACTERS = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def business_time(raw: object, path: str, *, zone: str | None, naive_zone: str | None = None) -> BusinessTime:
    """The moment that a text says.

    Args:
        raw: ISO 8601 date and time, offset optional; `-00:00` means that the local offset is unknown.
        path: place in the payload, for the refusal.
        zone: IANA zone of the entity; its date is the business date. None: the offset that is written.
        naive_zone: zone of a time without offset; None: `zone`.
    Raises Rejected TIME_INVALID: unreadable, or naive where no zone is declared.
    """
    if not isinstance(raw, str) or len(raw) > _LONGEST_TIME_TEXT:
        raise Rejected(RejectionCode.TIME_INVALID, "a date and time as ISO 8601 text is needed", path)
    try:
        return _of_text(raw, zone, naive_zone or zone)
    except (ValueError, OverflowError) as error:
        raise Rejected(RejectionCode.TIME_INVALID, str(error), path) from error


@lru_cache(maxsize=1024)
def _of_text(raw: str, zone: str | None, naive_zone: str | None) -> BusinessTime:
    moment = _parsed(raw)
    if moment.tzinfo is not None:
        if zone is None and raw.rstrip().endswith(("-00:00", "-0000")):
            return at_instant(moment, "UTC")
        return at_instant(moment, zone)
    if naive_zone is None:
        raise ValueError(
            "the time has no offset and the profile declares no zone: set `channel.zone` in the profile"
        )
    return at_instant(moment.replace(tzinfo=ZoneInfo(naive_zone)), zone or naive_zone)


def _parsed(raw: str) -> datetime:
    text = raw.strip()
    if "%" in text:
        text = unquote(text)
    if len(text) < 16:
        raise ValueError("not a date and time of ISO 8601")
    if text[10] == " ":  # Ruby and MySQL write `2026-01-31 10:00:00 +0100`
        head, _, offset = text[11:].partition(" ")
        text = f"{text[:10]}T{head}{'Z' if offset == 'UTC' else offset}"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("not a date and time of ISO 8601") from None


def has_offset(text: str) -> bool:
    """Whether a time of ISO 8601, or one that ends in ` UTC`, says its offset; a date alone says none."""
    clock = text[_DAY_CHARACTERS:]
    return clock.endswith(("Z", "z", " UTC")) or any(sign in clock[-6:] for sign in "+-")


def epoch_time(raw: object, path: str, *, zone: str | None, per_second: int = 1000) -> BusinessTime:
    """The moment that a whole number since 1970 says, as number or as text.

    Args:
        zone: IANA zone of the entity; its date is the business date. None: UTC.
        per_second: units of the number in a second: 1 for seconds, 1000 for milliseconds.
    Raises Rejected TIME_INVALID.
    """
    text = str(raw).strip() if isinstance(raw, int | str | Decimal) and not isinstance(raw, bool) else ""
    if not text.lstrip("-").isdecimal() or len(text) > 19:
        detail = f"a whole number since 1970 is needed, {per_second} per second"
        raise Rejected(RejectionCode.TIME_INVALID, detail, path)
    try:
        moment = _EPOCH + timedelta(microseconds=int(text) * (1_000_000 // per_second))
    except OverflowError:
        detail = "the time is outside of the calendar's years"
        raise Rejected(RejectionCode.TIME_INVALID, detail, path) from None
    return at_instant(moment, zone or "UTC")


def mail_time(raw: object, path: str, *, zone: str | None) -> BusinessTime:
    """The moment of a text like `Tue, 20 Nov 2012 00:00:00 +0000` (RFC 2822); arguments as `business_time`.

    Raises Rejected TIME_INVALID: unreadable, or without a known offset where no zone is declared.
    """
    try:
        moment = parsedate_to_datetime(raw) if isinstance(raw, str) else None
    except (ValueError, TypeError, IndexError, OverflowError):
        moment = None
    if moment is None:
        detail = "a date and time of RFC 2822 is needed, such as Tue, 20 Nov 2012 00:00:00 +0000"
        raise Rejected(RejectionCode.TIME_INVALID, detail, path)
    is_universal = str(raw).rstrip().endswith("-0000")  # UTC, the sender's own offset unknown
    return business_time(moment.isoformat(), path, zone=zone, naive_zone="UTC" if is_universal else None)


def at_instant(moment: datetime, zone: str | None) -> BusinessTime:
    """Business time of an aware instant; the date is that of `zone`, else of the moment's own offset."""
    universal = moment.astimezone(UTC)
    local = moment if zone is None else universal.astimezone(ZoneInfo(zone))
    offset = local.utcoffset()
    assert offset is not None, "the moment is aware"
    return BusinessTime(
        instant=universal,
        offset_minutes=offset // timedelta(minutes=1),
        date=local.date(),
        zone=zone or "",
        precision=TimePrecision.INSTANT,
    )


def at_offset(moment: datetime, offset_minutes: int) -> BusinessTime:
    """Business time of an aware instant whose zone is known only as an offset, minutes east of UTC."""
    return at_instant(moment.astimezone(timezone(timedelta(minutes=offset_minutes))), None)


def business_day(day: date, zone: str) -> BusinessTime:
    """A day without a time: the instant is its start in `zone`, precision `day`."""
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    offset = start.utcoffset()
    assert offset is not None, "zones have offsets"
    return BusinessTime(
        instant=start.astimezone(UTC),
        offset_minutes=offset // timedelta(minutes=1),
        date=day,
        zone=zone,
        precision=TimePrecision.DAY,
    )
