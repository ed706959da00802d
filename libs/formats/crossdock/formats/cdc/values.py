"""Values of columns as decimals, days, instants and text, whatever the connector made of them.

Invariant: a number is what its digits say, read without floats; a text that could be digits or bytes is
read as bytes only where the event's schema or the mapping says so; no time gets a zone that nobody declared.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.cdc.column_types import DAYS, DECIMAL, TICKS_PER_SECOND, ColumnType
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import exact, text

_NO_TYPE: Final = ColumnType("")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NUMBER_CHARACTERS_MAX: Final = 200
_EXACT: Final = Context(prec=600)
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the wall clock of a column without a zone
_EPOCH_DAY: Final = date(1970, 1, 1)
_DAYS_MAX: Final = 2_900_000
_PLAUSIBLE_SECONDS: Final = (946_684_800, 4_102_444_800)
"""Years 2000 to 2099: there no count of milliseconds is one of microseconds or nanoseconds."""
_TICKS: Final = (1, 10**3, 10**6, 10**9)


def decimal_of(
    value: object, path: str, kind: ColumnType | None = None, *, scale: int | None = None
) -> Decimal | None:
    """The number of a column; None where it is null.

    Args:
        kind: its type in the event's schema block.
        scale: decimals of unscaled base64 bytes, where the mapping declares that encoding.
    Raises Rejected AMOUNT_UNPARSABLE; Inexact where the fast parse made it a float.
    """
    value = exact(value)
    if value is None:
        return None
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return _within_reach(Decimal(value), path)
    if isinstance(value, dict):
        return _variable_scale(value, path)
    if not isinstance(value, str):
        raise _unparsable("a decimal number is needed", path)
    if kind is not None and kind.name == DECIMAL and kind.kind == "bytes":
        return _unscaled(value, kind.scale or 0, path)
    if scale is not None and (kind is None or kind.kind == "bytes"):
        return _unscaled(value, scale, path)
    return _of_digits(value, path)


def _within_reach(number: Decimal, path: str) -> Decimal:
    """The number, unless writing it out would take a page: 1e999999999 is eleven characters of JSON."""
    if number.is_finite() and abs(number.adjusted()) <= _NUMBER_CHARACTERS_MAX:
        return number
    raise _unparsable(f"a number of at most {_NUMBER_CHARACTERS_MAX} digits is needed", path)


def _of_digits(raw: str, path: str) -> Decimal:
    digits = raw.strip()
    if len(digits) <= _NUMBER_CHARACTERS_MAX and _NUMBER.fullmatch(digits):
        return _within_reach(Decimal(digits), path)
    raise _unparsable(
        "the text is no decimal number; where the connector sends decimals as bytes, send its schema, "
        "declare `encoding: base64` with `scale` in the table mapping, or set decimal.handling.mode=string",
        path,
    )


def _variable_scale(value: Node, path: str) -> Decimal:
    """Debezium's VariableScaleDecimal: `{"scale": 2, "value": "A+c="}` is 9.99."""
    scale, raw = value.get("scale"), value.get("value")
    if type(scale) is not int or not isinstance(raw, str) or abs(scale) > _NUMBER_CHARACTERS_MAX:
        raise _unparsable("a number with a scale of its own is {scale: integer, value: base64}", path)
    return _unscaled(raw, scale, path)


def _unscaled(raw: str, scale: int, path: str) -> Decimal:
    try:
        data = base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError):
        raise _unparsable("the unscaled number is no base64", path) from None
    if not data or len(data) > _NUMBER_CHARACTERS_MAX:
        raise _unparsable(f"an unscaled number has 1 to {_NUMBER_CHARACTERS_MAX} bytes", path)
    return Decimal(int.from_bytes(data, "big", signed=True)).scaleb(-scale, _EXACT)


def _unparsable(detail: str, path: str) -> Rejected:
    return Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, path)


def text_of(value: object, path: str, kind: ColumnType | None = None) -> str | None:
    """A column as text, as people would write it; None where null or empty.

    A number has no exponent, an unscaled or variable-scale one is written out, a flag is true or false.
    Raises Rejected FIELD_INVALID for a list or an object; Inexact where the fast parse made a float.
    """
    if isinstance(value, str) and (kind is None or kind.name != DECIMAL):
        return value.strip() or None
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    if isinstance(value, list) or (isinstance(value, dict) and set(value) != {"scale", "value"}):
        raise Rejected(
            RejectionCode.FIELD_INVALID, "a plain value is needed, found a list or an object", path
        )
    number = decimal_of(value, path, kind)
    return None if number is None else format(number, "f")


def flag_of(value: object, path: str) -> bool | None:
    """A yes or no: true, 1, t, yes, or a byte of bits; None where null. Raises Rejected FIELD_INVALID."""
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("true", "1", "t", "yes", "y", "aq=="):
        return True
    if word in ("false", "0", "f", "no", "n", "aa=="):
        return False
    raise Rejected(RejectionCode.FIELD_INVALID, "a yes or no is needed: true, false, 1, 0", path)


def moment_of(
    value: object, path: str, kind: ColumnType | None = None, *, zone: str | None
) -> datetime | date | None:
    """A column as an aware instant or as a day; None where null or MySQL's zero date.

    Reads days since the epoch (schema or, without one, any integer below 2.9 million), milliseconds,
    microseconds and nanoseconds (schema, else by magnitude within 2000 to 2099), ISO text with and without
    offset. Times without an offset are of `zone`. Raises Rejected TIME_INVALID.
    """
    kind = kind or _NO_TYPE
    value = exact(value)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if value is None or (isinstance(value, str) and (not value.strip() or value.startswith("0000-00-00"))):
        return None
    if type(value) is int:
        return _counted(value, path, kind, zone)
    if not isinstance(value, str):
        raise _no_time("a date or time is a number since 1970 or ISO 8601 text", path)
    return _written(value.strip(), path, zone)


def _counted(value: int, path: str, kind: ColumnType, zone: str | None) -> datetime | date:
    if kind.name in DAYS or (kind.name not in TICKS_PER_SECOND and abs(value) <= _DAYS_MAX):
        return _day(value, path)
    ticks = TICKS_PER_SECOND.get(kind.name) or _ticks_per_second(value, path)
    try:
        wall = _EPOCH + timedelta(microseconds=value * 10**6 // ticks)
    except OverflowError:
        raise _no_time("the time lies outside of the calendar", path) from None
    return _in_zone(wall, path, zone)


def _day(days: int, path: str) -> date:
    try:
        return _EPOCH_DAY + timedelta(days=days)
    except OverflowError:
        raise _no_time("the date lies outside of the calendar", path) from None


def _ticks_per_second(value: int, path: str) -> int:
    first, last = _PLAUSIBLE_SECONDS
    for ticks in _TICKS:
        if first * ticks <= value < last * ticks:
            return ticks
    raise _no_time(
        "the number is no time of 2000 to 2099 in seconds, milliseconds, microseconds or nanoseconds; "
        "send the schema block, which says how it is counted",
        path,
    )


def _written(raw: str, path: str, zone: str | None) -> datetime | date:
    try:
        if len(raw.rstrip("Z")) == 10:  # Debezium's IsoDate is written 2026-11-21Z
            return date.fromisoformat(raw.rstrip("Z"))
        moment = datetime.fromisoformat(_of_six_places(raw))
    except ValueError:
        raise _no_time("not a date or time of ISO 8601", path) from None
    return moment.astimezone(UTC) if moment.tzinfo is not None else _in_zone(moment, path, zone)


def _of_six_places(raw: str) -> str:
    """A time without digits beyond microseconds, which some databases write."""
    head, point, rest = raw.partition(".")
    if not point:
        return raw
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{head}.{rest[: min(digits, 6)]}{rest[digits:]}"


def _in_zone(wall: datetime, path: str, zone: str | None) -> datetime:
    if zone is None:
        detail = "the time has no offset and no zone is declared: set `zone` in the profile or the mapping"
        raise _no_time(detail, path)
    try:
        return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        raise _no_time("the time lies outside of the calendar", path) from None


def _no_time(detail: str, path: str) -> Rejected:
    return Rejected(RejectionCode.TIME_INVALID, detail, path)


SOURCE_TIMES: Final = (
    ("ts_us", 10**6),
    ("ts_ns", 10**9),
    ("ts_ms", 10**3),
    ("ts_usec", 10**6),
    ("ts_sec", 1),
)
"""Debezium's instants and their ticks per second, the most usual exact one first; the last two before 1.0."""


def instant_of(node: Node, names: Iterable[tuple[str, int]], prefix: str = "") -> datetime | None:
    """The first of these fields that says an instant, as (name, ticks per second); 0 is none."""
    for name, ticks in names:
        number = text(node, prefix + name)
        if number is not None and number.isascii() and number.isdigit() and int(number[:20]) > 0:
            try:
                wall = _EPOCH + timedelta(microseconds=int(number[:20]) * 10**6 // ticks)
            except OverflowError:
                continue
            return wall.replace(tzinfo=UTC)
    return None
