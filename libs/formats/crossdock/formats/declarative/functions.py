"""The named functions of declarative mappings.

Invariant: closed and pure; a value that a function cannot read is refused, never passed on or replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models.profile_sections import AmountStyle
from crossdock.canonical.money import parse_amount

Function = Callable[[object], object]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TRUE: Final = frozenset({"1", "true", "yes", "y", "x"})
_FALSE: Final = frozenset({"0", "false", "no", "n", ""})
_DAY_PARTS: Final = ("%H", "%M", "%S", "%f", "%z")


class Unreadable(ValueError):
    """A function cannot read a value; the text says what it expected."""

    def __init__(self, code: RejectionCode, expected: str) -> None:
        super().__init__(expected)
        self.code = code


def function_named(call: str) -> Function:
    """The function of a validated call such as `implied:2`."""
    name, _, argument = call.partition(":")
    return _MAKERS[name](argument)


def plain(value: object) -> str:
    """A scalar as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value).strip()


_STYLES: Final[dict[str, AmountStyle]] = {"decimal": "major_text", "decimal_comma": "major_comma"}


def _number(name: str) -> Function:
    def read(value: object) -> object:
        found = _parsed(value, _STYLES[name])
        if found is None:
            other = next((one for one in _STYLES if _parsed(value, _STYLES[one]) is not None), None)
            hint = "" if other is None else f", and the function {other} reads this one"
            raise Unreadable(RejectionCode.AMOUNT_UNPARSABLE, f"a number{hint}")
        return found

    return read


def _parsed(value: object, style: AmountStyle) -> Decimal | None:
    try:
        return parse_amount(value if isinstance(value, Decimal | int) else plain(value), style=style)
    except Rejected:
        return None


def _implied(places: int) -> Function:
    def read(value: object) -> object:
        text = plain(value)
        if not text.lstrip("+-").isdigit() or not text.isascii():
            raise Unreadable(RejectionCode.AMOUNT_UNPARSABLE, "a whole number with implied decimals")
        return Decimal(text).scaleb(-places)

    return read


def _decimal(value: object) -> Decimal:
    number = value if isinstance(value, Decimal) else _number("decimal")(value)
    assert isinstance(number, Decimal)
    return number


def _time(pattern: str) -> Function:
    """By a pattern: a day as YYYY-MM-DD, a moment as ISO 8601, without a zone where the text has none."""
    is_day = not any(part in pattern for part in _DAY_PARTS)

    def read(value: object) -> object:
        try:
            moment = datetime.strptime(plain(value), pattern)  # noqa: DTZ007 - the zone is the profile's
        except ValueError:
            raise Unreadable(RejectionCode.TIME_INVALID, f"a time like {pattern}") from None
        return moment.date().isoformat() if is_day else moment.isoformat()

    return read


def _epoch(value: object) -> object:
    text = plain(value)
    if not text.lstrip("-").isdigit() or len(text) > 19:
        raise Unreadable(RejectionCode.TIME_INVALID, "a whole number of seconds to nanoseconds since 1970")
    number, digits = int(text), len(text.lstrip("-"))
    micros = number * 10**6 if digits <= 11 else number * 10**3 if digits <= 14 else number
    return (_EPOCH + timedelta(microseconds=micros if digits <= 17 else number // 1000)).isoformat()


def _boolean(value: object) -> object:
    text = plain(value).lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise Unreadable(RejectionCode.FIELD_INVALID, "yes or no (1/0, true/false, yes/no, y/n)")


_MAKERS: Final[dict[str, Callable[[str], Function]]] = {
    "text": lambda _: plain,
    "upper": lambda _: lambda value: plain(value).upper(),
    "lower": lambda _: lambda value: plain(value).lower(),
    "digits": lambda _: lambda value: "".join(c for c in plain(value) if c.isascii() and c.isdigit()),
    "unpadded": lambda _: lambda value: plain(value).lstrip("0") or "0",
    "before": lambda mark: lambda value: plain(value).partition(mark)[0],
    "after": lambda mark: lambda value: plain(value).partition(mark)[2],
    "decimal": lambda _: _number("decimal"),
    "decimal_comma": lambda _: _number("decimal_comma"),
    "implied": lambda places: _implied(int(places)),
    "multiply": lambda factor: lambda value: _decimal(value) * Decimal(factor),
    "negate": lambda _: lambda value: -_decimal(value),
    "absolute": lambda _: lambda value: abs(_decimal(value)),
    "time": _time,
    "epoch": lambda _: _epoch,
    "boolean": lambda _: _boolean,
}
