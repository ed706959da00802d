"""Typed values of EDIFACT components: numbers with either decimal mark, dates by their format code.

Invariant: a value is read exactly or refused at its place; no zone, currency or decimal is guessed. The
standard has no thousands separators, so one mark within a number is its decimal mark (ISO 9735, 10).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import BusinessTime, PartnerProfile
from crossdock.canonical.money import currency_exponent, parse_amount
from crossdock.formats.edifact.document import Document
from crossdock.formats.edifact.segment import Segment
from crossdock.formats.times import at_instant, business_day

_CENTURY_PIVOT: Final = 70
"""Two-digit years below it are 20xx."""
_PERIODS: Final[dict[str, int]] = {"711": 8, "718": 8, "719": 12, "713": 10, "717": 6, "720": 0}
"""Format code → digits of one of the two moments of a period."""
_ZONED: Final[dict[str, int]] = {"205": 12, "301": 10, "303": 12, "304": 14}
"""Format code → digits before the zone that the value itself states."""
_ZONED_LENGTHS: Final = frozenset(_ZONED.values())
_DAY_FIRST: Final[dict[str, str]] = {"2": "%d%m%y", "3": "%m%d%y", "4": "%d%m%Y"}
_ZONES: Final[dict[str, int]] = {"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "CET": 60, "EET": 120}
"""Zone texts that mean one offset, in minutes east of UTC; others leave the value unread."""
_SHORT_WITH_SECONDS: Final = "202"
"""YYMMDDHHMMSS: as long as CCYYMMDDHHMM."""


class Period(NamedTuple):
    """What a DTM says: a moment, or where it is a period its begin and its end."""

    start: BusinessTime
    end: BusinessTime | None = None


class Numbers:
    """Reads numbers as one interchange and one partner write them."""

    __slots__ = ("_document", "_exponent", "_has_minor_amounts", "_mark", "_warned")

    def __init__(self, document: Document, profile: PartnerProfile) -> None:
        self._document = document
        self._mark = document.service.decimal if document.service.decimal in ".," else "."
        self._has_minor_amounts = profile.money is not None and profile.money.amounts == "minor_integer"
        self._exponent = 2
        self._warned: set[str] = set()

    def in_currency(self, currency: str) -> None:
        """Sets the currency whose minor units `minor_integer` counts."""
        self._exponent = currency_exponent(currency)

    def number(self, segment: Segment, at: int, part: int = 1) -> Decimal:
        """Count, measure, rate or basis. Raises Rejected AMOUNT_UNPARSABLE."""
        return parse_amount(self._plain(segment, at, part), segment.path(at, part))

    def amount(self, segment: Segment, at: int, part: int = 1) -> Decimal:
        """Price or amount in major units. Raises Rejected AMOUNT_UNPARSABLE."""
        text, path = self._plain(segment, at, part), segment.path(at, part)
        if self._has_minor_amounts:
            return parse_amount(text, path, style="minor_integer", exponent=self._exponent)
        return parse_amount(text, path)

    def _plain(self, segment: Segment, at: int, part: int) -> str:
        """The number with a decimal point; marks of both kinds are read as UNA says, with a warning."""
        raw = segment.get(at, part)
        marks = [character for character in raw if character in ".,"]
        if not marks:
            return raw
        if len(marks) == 1:
            if marks[0] != self._mark and self._document.header.has_una:
                self._warn("decimal_mark_differs", "UNA states another decimal mark than is used", segment)
            return raw.replace(",", ".")
        whole, mark, places = raw.rpartition(self._mark)
        other = "," if self._mark == "." else "."
        if not mark or self._mark in whole or other in places or not _is_grouped(whole, other):
            detail = "a number without thousands separators is needed, with one decimal mark at most"
            raise segment.refuse(RejectionCode.AMOUNT_UNPARSABLE, detail, at, part)
        self._warn("thousands_separator", "a number holds thousands separators, EDIFACT has none", segment)
        return f"{whole.replace(other, '')}.{places}"

    def _warn(self, code: str, detail: str, segment: Segment) -> None:
        """Once per document: a sender writes all its numbers alike."""
        if code not in self._warned:
            self._warned.add(code)
            self._document.warn(code, f"{detail}; read as written", segment.path())


def _is_grouped(whole: str, separator: str) -> bool:
    first, *groups = whole.lstrip("+-").split(separator)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)


def moments_of(segment: Segment, zone: str | None, at: int = 1) -> Period:
    """What a DTM states in C507: qualifier, value, format.

    The length of the value counts where it contradicts the format code. Raises ValueError where value or
    format cannot be read, or no zone is declared.
    """
    if zone is None:
        raise ValueError("the time has no zone and the profile declares none: set `zone` in the profile")
    value, code = segment.get(at, 2).replace(" ", ""), segment.get(at, 3)
    if code not in _ZONED:
        value = value.replace("-", "")
    width = _PERIODS.get(code, 0)
    if width and len(value) == 2 * width:
        return Period(_moment(value[:width], zone), _moment(value[width:], zone))
    if code in _ZONED and len(value) > _ZONED[code]:
        digits = len(value) - len(value.lstrip("0123456789"))
        is_told = digits < len(value) and digits in _ZONED_LENGTHS
        return Period(_zoned(value, digits if is_told else _ZONED[code], zone))
    if code == _SHORT_WITH_SECONDS and len(value) == 12 and value.isdigit():
        return Period(_at(_day(value[:6]), value[6:], zone))
    if code in _DAY_FIRST and len(value) in (6, 8):
        return Period(business_day(_day_first(value, _DAY_FIRST[code]), zone))
    return Period(_moment(value, zone))


def _moment(digits: str, zone: str) -> BusinessTime:
    """CCYYMMDD[HHMM[SS]] or YYMMDD[HHMM], told apart by length; 12 digits are CCYYMMDDHHMM."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("the value is not made of digits")
    if len(digits) in (6, 8):
        return business_day(_day(digits), zone)
    if len(digits) == 10:
        return _at(_day(digits[:6]), digits[6:], zone)
    if len(digits) in (12, 14):
        return _at(_day(digits[:8]), digits[8:], zone)
    raise ValueError("the value is no date of the format codes 101, 102, 201, 203, 204 or 718")


def _at(day: date, clock: str, zone: str) -> BusinessTime:
    if clock[:2] == "24" and not clock[2:].strip("0"):  # midnight at the end of the day
        return at_instant(datetime.combine(day, time(), ZoneInfo(zone)) + timedelta(days=1), zone)
    return at_instant(datetime.combine(day, _clock(clock), ZoneInfo(zone)), zone)


def _day(digits: str) -> date:
    if len(digits) == 8:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    year = int(digits[:2])
    return date(year + (2000 if year < _CENTURY_PIVOT else 1900), int(digits[2:4]), int(digits[4:]))


def _day_first(digits: str, pattern: str) -> date:
    return datetime.strptime(digits, pattern).replace(tzinfo=UTC).date()


def _clock(digits: str) -> time:
    return time(int(digits[:2]), int(digits[2:4]), int(digits[4:6] or 0))


def _zoned(value: str, digits: int, zone: str) -> BusinessTime:
    """Date and time with a zone behind it: `Z0100`, `+01`, `UTC`; minutes east of UTC."""
    local, stated = value[:digits], value[digits:].upper()
    if not (local.isascii() and local.isdigit()):
        raise ValueError("the value is not made of digits")
    day = 6 if digits == 10 else 8
    offset = timezone(timedelta(minutes=_offset(stated)))
    moment = datetime.combine(_day(local[:day]), _clock(local[day:]), offset)
    return at_instant(moment, zone)


def _offset(stated: str) -> int:
    if stated in _ZONES:
        return _ZONES[stated]
    sign = -1 if stated.startswith("-") else 1
    digits = stated.lstrip("Z+-")
    if digits.isascii() and digits.isdigit() and len(digits) in (2, 4):
        return sign * (60 * int(digits[:2]) + int(digits[2:] or 0))
    raise ValueError("the zone behind the time is not known; state the offset from UTC as Z0100")


def prepared(document: Document, zone: str | None) -> BusinessTime | None:
    """When the interchange was made: UNG, else UNB, in the profile's zone; None where it says none."""
    stamp = stamp_of(document)
    if stamp is None or zone is None:
        return None
    return at_instant(stamp.replace(tzinfo=ZoneInfo(zone)), zone)


def stamp_of(document: Document) -> datetime | None:
    """The naive local time of UNG or UNB; None where neither is a date and time."""
    ung = document.group
    group = (ung[4][0], ung[4][1] if len(ung[4]) > 1 else "") if len(ung) > 4 else ("", "")
    for day, clock in (group, (document.header.element(4), document.header.element(4, 2))):
        if not (day.isascii() and day.isdigit() and len(day) in (6, 8)):
            continue
        try:
            return datetime.combine(_day(day), _clock(clock.zfill(4) if clock else "0000"))
        except ValueError:
            continue
    return None


def revision_value(document: Document, captured: datetime) -> str:
    """Sortable text: date and time of group or interchange, its reference, the message's; by capture time
    (with a warning) where the envelope is undated."""
    stamp = stamp_of(document)
    if stamp is None:
        detail = "neither UNG04 nor UNB04 is a date and time; ordered by capture time"
        document.warn("envelope_undated", detail, document.segments[0].path())
        stamp = captured
    control = document.header.element(5).zfill(14)
    return "-".join([f"{stamp:%Y%m%dT%H%M%S}", control, document.reference.zfill(14)])


def time_refused(segment: Segment, what: str, error: Exception) -> Rejected:
    """Refusal of a date or time."""
    return segment.refuse(RejectionCode.TIME_INVALID, f"{what} cannot be read: {error}", 1, 2)
