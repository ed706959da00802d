from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.currencies import CURRENCY_EXPONENTS
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import Rounding
from crossdock.canonical.money import allocate, currency_exponent, extend, fits, parse_amount, round_amount

AMOUNTS = st.decimals(-(10**9), 10**9, places=4)
PLACES = st.integers(0, 3)


@pytest.mark.parametrize(
    ("code", "exponent"),
    [("EUR", 2), ("JPY", 0), ("KWD", 3), ("BHD", 3), ("TND", 3), ("DEM", 2), ("ITL", 0)],
)
def test_a_currency_has_the_decimals_of_its_minor_unit(code: str, exponent: int) -> None:
    assert currency_exponent(code) == exponent


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XXX", "E R", "ZZZ"])
def test_a_code_that_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        currency_exponent(code, "$.currency")
    assert refusal.value.code is RejectionCode.CURRENCY_UNKNOWN
    assert refusal.value.path == "$.currency"


def test_the_table_holds_each_currency_once() -> None:
    assert len(CURRENCY_EXPONENTS) > 150
    assert all(len(code) == 3 and code.isupper() for code in CURRENCY_EXPONENTS)


@pytest.mark.parametrize(
    ("raw", "style", "amount"),
    [
        ("409.94", "major_text", "409.94"),
        (" 409.94 ", "major_text", "409.94"),
        ("+1", "major_text", "1"),
        ("-0.5", "major_text", "-0.5"),
        (".5", "major_text", "0.5"),
        ("12.", "major_text", "12"),
        ("1,234,567.89", "major_text", "1234567.89"),
        ("1'234.50", "major_text", "1234.50"),
        ("1\u202f234.50", "major_text", "1234.50"),
        ("(5.00)", "major_text", "-5.00"),
        ("5.00-", "major_text", "-5.00"),
        ("1.5e2", "major_text", "150"),
        ("0.1000", "major_text", "0.1"),
        (Decimal("13.5"), "major_number", "13.5"),
        (7, "major_number", "7"),
        ("1.234,50", "major_comma", "1234.50"),
        ("12,5", "major_comma", "12.5"),
        ("1 234,5", "major_comma", "1234.5"),
        ("1234", "major_comma", "1234"),
        (12345, "minor_integer", "123.45"),
        ("-12345", "minor_integer", "-123.45"),
        (Decimal(12345), "minor_integer", "123.45"),
        ("99999999999999.9999", "major_text", "99999999999999.9999"),
    ],
)
def test_an_amount_is_read_exactly(raw: str | int | Decimal, style: Any, amount: str) -> None:
    assert parse_amount(raw, style=style) == Decimal(amount)


@pytest.mark.parametrize(
    ("raw", "style"),
    [
        ("", "major_text"),
        ("  ", "major_text"),
        ("-", "major_text"),
        (".", "major_text"),
        ("()", "major_text"),
        ("(-5)-", "major_text"),
        ("--5", "major_text"),
        ("1,23", "major_text"),
        ("1,2345", "major_text"),
        ("1,234'567", "major_text"),
        ("1.234,50", "major_text"),
        ("1.23.4", "major_text"),
        ("1 234.5.0", "major_text"),
        ("EUR 5", "major_text"),
        ("5 EUR", "major_text"),
        ("NaN", "major_text"),
        ("Infinity", "major_text"),
        ("0x10", "major_text"),
        ("1_000", "major_text"),
        ("٣", "major_text"),
        ("1e999", "major_text"),
        ("1e99", "major_text"),
        ("100000000000000", "major_text"),
        ("9" * 65, "major_text"),
        ("1.50", "major_comma"),
        ("1,234.50", "major_comma"),
        (True, "major_number"),
        (None, "major_number"),
        (1.5, "major_number"),
        ([], "major_number"),
        ({}, "major_number"),
        (Decimal("NaN"), "major_number"),
        (Decimal("-Infinity"), "major_number"),
        (Decimal("1E+14"), "major_number"),
        ("1.5", "minor_integer"),
        (Decimal("1.5"), "minor_integer"),
    ],
)
def test_what_is_no_amount_is_refused(raw: Any, style: Any) -> None:
    with pytest.raises(Rejected) as refusal:
        parse_amount(raw, "$.total", style=style)
    assert refusal.value.code is RejectionCode.AMOUNT_UNPARSABLE
    assert refusal.value.path == "$.total"


def test_a_refused_amount_is_not_repeated() -> None:
    with pytest.raises(Rejected) as refusal:
        parse_amount("call Test Buyer 1")
    assert "Buyer" not in str(refusal.value)


def test_minor_units_follow_the_currency() -> None:
    assert parse_amount(19940, style="minor_integer", exponent=0) == 19940
    assert parse_amount(19940, style="minor_integer", exponent=3) == Decimal("19.940")


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=12) | st.text("0123456789.,-+()' eE", max_size=12),
    st.sampled_from(["major_text", "major_comma", "minor_integer"]),
)
def test_any_text_is_an_amount_or_refused(text: str, style: Any) -> None:
    with suppress(Rejected):
        assert parse_amount(text, style=style).is_finite()


@pytest.mark.parametrize(
    ("price", "quantity", "per", "extended"),
    [
        ("7.25", "10", "1", "72.5000"),
        ("12.345678", "3", "1", "37.0370"),
        ("10", "1", "3", "3.3333"),
        ("250", "36", "100", "90.0000"),
        ("0.00005", "1", "1", "0.0000"),
        ("0.00015", "1", "1", "0.0002"),
        ("-1.5", "2", "1", "-3.0000"),
        ("999999999999.999999", "99", "1", "98999999999999.9999"),
    ],
)
def test_extending_rounds_half_even_to_four_decimals(
    price: str, quantity: str, per: str, extended: str
) -> None:
    found = extend(Decimal(price), Decimal(quantity), Decimal(per))
    assert (found, str(found)) == (Decimal(extended), extended)


def test_a_price_basis_of_zero_is_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        extend(Decimal(1), Decimal(1), Decimal(0))


@pytest.mark.parametrize(
    ("amount", "exponent", "rounding", "rounded"),
    [
        ("2.675", 2, Rounding.PER_LINE_HALF_UP, "2.68"),
        ("2.665", 2, Rounding.PER_LINE_HALF_UP, "2.67"),
        ("2.665", 2, Rounding.PER_ORDER_HALF_EVEN, "2.66"),
        ("2.675", 2, Rounding.PER_LINE_HALF_EVEN, "2.68"),
        ("-2.665", 2, Rounding.PER_ORDER_HALF_UP, "-2.67"),
        ("10.5", 0, Rounding.PER_LINE_HALF_EVEN, "10"),
        ("1.2345", 3, Rounding.PER_LINE_HALF_UP, "1.235"),
    ],
)
def test_rounding_is_the_source_s(amount: str, exponent: int, rounding: Rounding, rounded: str) -> None:
    assert str(round_amount(Decimal(amount), exponent, rounding)) == rounded


@pytest.mark.parametrize(
    ("amount", "weights", "exponent", "parts"),
    [
        ("10.00", ["1", "1", "1"], 2, ["3.34", "3.33", "3.33"]),
        ("-0.05", ["3", "5", "5"], 2, ["-0.01", "-0.03", "-0.01"]),
        ("100", ["1", "2"], 0, ["33", "67"]),
        ("5.00", ["0", "0"], 2, ["5.00", "0"]),
        ("5.00", ["0", "4"], 2, ["0", "5.00"]),
        ("0.001", ["1", "1"], 2, ["0.001", "0"]),
        ("1.005", ["1", "1"], 2, ["0.505", "0.50"]),
        ("0", ["1", "1"], 2, ["0", "0"]),
        ("9.99", ["7"], 2, ["9.99"]),
    ],
)
def test_the_remainder_goes_to_the_largest(
    amount: str, weights: list[str], exponent: int, parts: list[str]
) -> None:
    found = allocate(Decimal(amount), [Decimal(weight) for weight in weights], exponent)
    assert found == [Decimal(part) for part in parts]


@settings(max_examples=200, deadline=None)
@given(AMOUNTS, st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=8), PLACES)
def test_allocated_parts_sum_to_the_whole(amount: Decimal, weights: list[Decimal], exponent: int) -> None:
    parts = allocate(amount, weights, exponent)
    assert sum(parts) == amount
    assert len(parts) == len(weights)
    assert all(part * amount >= 0 for part in parts), "no part has the other sign"
    largest = weights.index(max(weights))
    assert all(fits(part, exponent) for place, part in enumerate(parts) if place != largest)


@pytest.mark.parametrize("weights", [[], [Decimal(1), Decimal(-1)]])
def test_allocation_without_usable_weights_is_an_error(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="weight"):
        allocate(Decimal(1), weights, 2)
