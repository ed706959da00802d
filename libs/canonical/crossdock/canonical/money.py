"""Arithmetic of money: parsing, extending, rounding, allocating. Decimals only.

Invariant: no amount passes through a float, nothing is rounded silently, and allocated parts sum to the
whole to the last unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Final

from crossdock.canonical.currencies import CURRENCY_EXPONENTS
from crossdock.canonical.errors import Rejected, RejectionCode, shown
from crossdock.canonical.models.profile_sections import AmountStyle
from crossdock.canonical.models.sales import Rounding

AMOUNT_CHARACTERS_MAX: Final = 64
"""Longest text that is read as an amount."""

_GROUP = "[ '\u00a0\u202f]"
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_GROUPED = re.compile(rf"[+-]?[0-9]{{1,3}}(?:(?:,[0-9]{{3}})+|(?:{_GROUP}[0-9]{{3}})+)(?:\.[0-9]*)?")
_COMMA = re.compile(rf"[+-]?(?:[0-9]{{1,3}}(?:(?:\.[0-9]{{3}})+|(?:{_GROUP}[0-9]{{3}})+)|[0-9]+)(?:,[0-9]*)?")
_SEPARATORS = str.maketrans("", "", ",. '\u00a0\u202f")
_BOUND: Final = Decimal(10) ** 14
_EXACT: Final = Context(prec=200)
_FOUR: Final = Decimal("0.0001")
_STEPS: Final = tuple(Decimal(1).scaleb(-places) for places in range(13))


def currency_exponent(code: str, path: str = "") -> int:
    """Decimals of a currency's minor unit. Raises Rejected CURRENCY_UNKNOWN."""
    exponent = CURRENCY_EXPONENTS.get(code)
    if exponent is None:
        raise Rejected(RejectionCode.CURRENCY_UNKNOWN, f"{shown(code)} is no ISO 4217 currency code", path)
    return exponent


def parse_amount(
    raw: str | int | Decimal, path: str = "", *, style: AmountStyle = "major_text", exponent: int = 2
) -> Decimal:
    """Amount or quantity as the source wrote it, in major units, exact.

    Accepts text (with sign, thousands separators, parentheses for negative), int and Decimal; a JSON
    number must have been parsed without floats. The number of decimals is the caller's matter.

    Args:
        style: `major_comma` reads `1.234,50`; `minor_integer` divides by 10^`exponent`.
        exponent: decimals of the currency, for `minor_integer`.

    Raises Rejected AMOUNT_UNPARSABLE.
    """
    number = _number(raw, style)
    if number is None or not number.is_finite() or not -_BOUND < number < _BOUND:
        raise Rejected(
            RejectionCode.AMOUNT_UNPARSABLE,
            f"a decimal number below 10^14 is needed ({style}), found {_shape(raw)}",
            path,
        )
    if style != "minor_integer":
        return number
    if number != number.to_integral_value():
        raise Rejected(
            RejectionCode.AMOUNT_UNPARSABLE, "an integer in minor units is needed, found decimals", path
        )
    return number.scaleb(-exponent, _EXACT)


def _number(raw: object, style: str) -> Decimal | None:
    if isinstance(raw, Decimal):
        return raw
    if isinstance(raw, int) and not isinstance(raw, bool):
        return Decimal(raw)
    if not isinstance(raw, str) or len(raw) > AMOUNT_CHARACTERS_MAX:
        return None
    if style == "major_text" and _PLAIN.fullmatch(raw):  # nearly always
        return Decimal(raw)
    text = raw.strip()
    is_negative = text.startswith("(") and text.endswith(")")
    text = text[1:-1].strip() if is_negative else text
    if text.endswith("-") and text[:1] not in "+-":  # a trailing minus sign, as ERPs print it
        text = "-" + text[:-1].strip()
    digits = _comma_digits(text) if style == "major_comma" else _point_digits(text)
    return None if digits is None else (-Decimal(digits) if is_negative else Decimal(digits))


def _point_digits(text: str) -> str | None:
    if _PLAIN.fullmatch(text):
        return text
    if not _GROUPED.fullmatch(text):
        return None
    whole, point, places = text.partition(".")
    return whole.translate(_SEPARATORS) + point + places


def _comma_digits(text: str) -> str | None:
    if not _COMMA.fullmatch(text):
        return None
    whole, _, places = text.partition(",")
    return whole.translate(_SEPARATORS) + (f".{places}" if places else "")


def _shape(raw: object) -> str:
    """What was found, without its value: text may hold personal data."""
    if isinstance(raw, str):
        return f"text of {len(raw)} characters" if raw.strip() else "empty text"
    return f"a {type(raw).__name__}"


def extend(price: Decimal, quantity: Decimal, per: Decimal = Decimal(1)) -> Decimal:
    """price × quantity / per, half-even to 4 decimals, computed once by normalize.

    Raises ZeroDivisionError where `per` is 0.
    """
    if not per:
        raise ZeroDivisionError("a price basis of 0")
    exact = _EXACT.multiply(price, quantity)
    if per != 1:
        exact = _EXACT.divide(exact, per)
    return exact.quantize(_FOUR, ROUND_HALF_EVEN, _EXACT)


def round_amount(amount: Decimal, exponent: int, rounding: Rounding) -> Decimal:
    """Amount with `exponent` decimals, half up or half even as the source does it."""
    is_even = rounding in (Rounding.PER_LINE_HALF_EVEN, Rounding.PER_ORDER_HALF_EVEN)
    return amount.quantize(
        Decimal(1).scaleb(-exponent), ROUND_HALF_EVEN if is_even else ROUND_HALF_UP, _EXACT
    )


def allocate(amount: Decimal, weights: Sequence[Decimal], exponent: int) -> list[Decimal]:
    """Parts of `amount` in proportion to `weights`, each with `exponent` decimals, summing to it exactly.

    Each part is rounded toward zero, the remainder goes to the largest weight, of equal ones to the
    first. Only non-negative weights count; where all are 0 the first part takes everything. Digits of
    `amount` beyond `exponent` stay in the part that takes the remainder.

    Raises ValueError without weights or with a negative one.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("allocation needs at least one weight, none of them negative")
    total = sum(weights, Decimal(0))
    parts = [_share(amount, weight, total, exponent) for weight in weights]
    largest = max(range(len(weights)), key=lambda place: (weights[place], -place))
    parts[largest] = _EXACT.add(parts[largest], _EXACT.subtract(amount, sum(parts, Decimal(0))))
    return parts


def _share(amount: Decimal, weight: Decimal, total: Decimal, exponent: int) -> Decimal:
    """amount × weight / total, rounded toward zero: so many whole units of 10^-exponent."""
    if not total:
        return Decimal(0)
    units = _EXACT.divide_int(_EXACT.multiply(amount, weight).scaleb(exponent, _EXACT), total)
    return units.scaleb(-exponent, _EXACT)


def is_amount(number: Decimal) -> bool:
    """Whether decimal(18,4) holds the number; a negative zero is none."""
    is_within = number.is_finite() and -_BOUND < number < _BOUND
    return is_within and (bool(number) or not number.is_signed()) and fits(number, 4)


def fits(amount: Decimal, exponent: int) -> bool:
    """Whether the amount has no more than `exponent` decimals (trailing zeros do not count)."""
    try:
        return amount == amount.quantize(_STEPS[exponent], context=_EXACT)
    except InvalidOperation:
        return False
