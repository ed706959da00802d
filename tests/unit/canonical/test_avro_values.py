from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.avro.values import (
    Broken,
    Memory,
    decimal_of,
    read_count,
    read_int,
    read_long,
    read_size,
    read_text,
    write_decimal,
    write_long,
    write_text,
)

LONGS = st.integers(-(1 << 63), (1 << 63) - 1)


@settings(max_examples=300, deadline=None)
@given(
    LONGS | st.sampled_from([0, -1, 63, 64, -64, -65, 1 << 31, -(1 << 63), (1 << 63) - 1]),
    st.binary(max_size=3),
)
def test_a_long_is_read_back_from_any_place(value: int, before: bytes) -> None:
    encoded = write_long(value)
    assert len(encoded) <= 10
    assert read_long(before + encoded + b"\xff", len(before)) == (value, len(before + encoded))


@pytest.mark.parametrize("value", [1 << 63, -(1 << 63) - 1])
def test_a_number_of_more_than_64_bits_is_not_written(value: int) -> None:
    with pytest.raises(OverflowError):
        write_long(value)


@pytest.mark.parametrize(
    "encoded", [b"\xff" * 9 + b"\x02", b"\xff" * 9 + b"\x7f", b"\xff" * 10 + b"\x01", b"\x80" * 10 + b"\x00"]
)
def test_a_number_of_more_than_64_bits_is_not_read(encoded: bytes) -> None:
    with pytest.raises(Broken, match="64 bits"):
        read_long(encoded, 0)


@pytest.mark.parametrize("value", [1 << 31, -(1 << 31) - 1])
def test_an_int_has_32_bits(value: int) -> None:
    with pytest.raises(Broken, match="32 bits"):
        read_int(write_long(value), 0)


@pytest.mark.parametrize("size", [-1, -100, 4, 1 << 40])
def test_a_length_neither_goes_back_nor_beyond_the_end(size: int) -> None:
    with pytest.raises(Broken, match="length"):
        read_size(write_long(size) + b"abc", 0)


@pytest.mark.parametrize(
    ("encoded", "count"),
    [(b"\x00", 0), (b"\x04abc", 2), (b"\x03\x06abc", 2), (b"\x06abc", 3)],
    ids=["end", "two", "two of three bytes", "three"],
)
def test_a_block_has_a_count_and_perhaps_a_size(encoded: bytes, count: int) -> None:
    assert read_count(encoded, 0)[0] == count


@pytest.mark.parametrize("encoded", [b"\x08abc", b"\x03\x05abc", write_long(-(1 << 62)) + b"\x00"])
def test_a_block_that_cannot_be_is_broken(encoded: bytes) -> None:
    with pytest.raises(Broken):
        read_count(encoded, 0)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_text_is_read_back(text: str) -> None:
    assert read_text(write_text(text), 0) == (text, len(write_text(text)))


@settings(max_examples=300, deadline=None)
@given(st.integers(-(10**18) + 1, 10**18 - 1) | st.sampled_from([127, 128, -128, -129, 255, 256, -32768]))
def test_a_decimal_is_read_back(unscaled: int) -> None:
    number = Decimal(unscaled).scaleb(-4)
    assert decimal_of(18, 4)(write_decimal(18, 4)(number)) == number


@pytest.mark.parametrize("number", ["100000000000000", "-100000000000000", "0.00001", "1E+30", "1E-30"])
def test_a_decimal_that_does_not_fit_is_not_written(number: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        write_decimal(18, 4)(Decimal(number))


def test_a_memory_stays_within_its_bound_and_changes_no_answer() -> None:
    asked: list[int] = []

    def negative(key: int) -> int:
        asked.append(key)
        return -key

    memory = Memory(negative, entries_max=3)
    assert [memory[key] for key in (1, 2, 3, 1, 4, 1)] == [-1, -2, -3, -1, -4, -1]
    assert asked == [1, 2, 3, 4, 1]
    assert len(memory) <= 3
