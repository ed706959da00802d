"""Avro's values as bytes, one at a time, with memory for the ones that come again and again.

Invariant: a memory only ever holds what the plain conversion gave for the same input, so that it changes
speed and nothing else; it is emptied before it grows beyond its bound.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any, Final, Generic, NoReturn, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MEMORY_ENTRIES_MAX: Final = 20_000
_TEXT_BYTES_MAX: Final = 64
_INSTANCES_MAX: Final = 4096
_EXACT: Final = Context(prec=200)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)


class Broken(ValueError):
    """The bytes are not a value of the schema; the message names what is wrong, never the value."""


class Memory(dict[K, V], Generic[K, V]):
    """Remembers what `convert` gave for a key; `memory[key]` never misses."""

    __slots__ = ("_convert", "_entries_max")

    def __init__(self, convert: Callable[[K], V], *, entries_max: int = MEMORY_ENTRIES_MAX) -> None:
        super().__init__()
        self._convert = convert
        self._entries_max = entries_max

    def __missing__(self, key: K) -> V:
        value = self._convert(key)
        self.remember(key, value)
        return value

    def remember(self, key: K, value: V) -> None:
        """Keep a value; a full memory is emptied first."""
        if len(self) >= self._entries_max:
            self.clear()
        self[key] = value


class KeptBytes(dict[int, tuple[object, bytes]]):
    """Bytes of immutable instances by `id`. It keeps each instance alive, so that an id means no other."""

    __slots__ = ()

    def keep(self, instance: object, encoded: bytes) -> None:
        """Remember the bytes; a full memory is emptied first."""
        if len(self) >= _INSTANCES_MAX:
            self.clear()
        self[id(instance)] = instance, encoded


def write_long(value: int) -> bytes:
    """Avro int or long: zigzag, then 7 bits a byte. Raises OverflowError beyond 64 bits."""
    if not -(1 << 63) <= value < 1 << 63:
        raise OverflowError("an Avro long has 64 bits")
    rest = (value << 1) ^ (value >> 63)
    out = bytearray()
    while rest > 0x7F:
        out.append((rest & 0x7F) | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def write_text(value: str) -> bytes:
    """Avro string: length and UTF-8 bytes."""
    encoded = value.encode()
    return write_long(len(encoded)) + encoded


def write_decimal(precision: int, scale: int) -> Callable[[Decimal], bytes]:
    """Writer of an Avro decimal(precision, scale) on bytes, length included.

    It raises ValueError where the number has more digits or more places than the type holds.
    """
    bound = int(10**precision)
    sizes = [write_long(size) for size in range(bound.bit_length() // 8 + 2)]

    def write(value: Decimal) -> bytes:
        scaled = value.scaleb(scale, _EXACT)
        unscaled = int(scaled)
        if unscaled != scaled or not -bound < unscaled < bound:
            raise ValueError(f"the number does not fit decimal({precision},{scale})")
        size = unscaled.bit_length() // 8 + 1
        return sizes[size] + unscaled.to_bytes(size, "big", signed=True)

    return write


def write_instant(value: datetime) -> bytes:
    """Avro timestamp-micros of an aware datetime."""
    return write_long((value - _EPOCH) // _MICROSECOND)


def write_date(value: date) -> bytes:
    """Avro date: days since 1970-01-01."""
    return write_long(value.toordinal() - _EPOCH_DAY)


def read_long(data: bytes, place: int) -> tuple[int, int]:
    """(value, next place) of an Avro int or long. Raises Broken, IndexError at the end of the data."""
    byte = data[place]
    place += 1
    value, shift = byte & 0x7F, 7
    while byte > 0x7F:
        if shift > 63:
            raise Broken("a number has more than 64 bits")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
    if value >= 1 << 64:
        raise Broken("a number has more than 64 bits")
    return (value >> 1) ^ -(value & 1), place


def read_int(data: bytes, place: int) -> tuple[int, int]:
    """(value, next place) of an Avro int, which has 32 bits."""
    value, place = read_long(data, place)
    if not -(1 << 31) <= value < 1 << 31:
        raise Broken("an int has more than 32 bits")
    return value, place


def read_size(data: bytes, place: int) -> tuple[int, int]:
    """(length, next place) of text or bytes; the data must hold that many."""
    size, place = read_long(data, place)
    if not 0 <= size <= len(data) - place:
        raise Broken("a length is negative or beyond the end")
    return size, place


def read_count(data: bytes, place: int) -> tuple[int, int]:
    """(item count, next place) of a block of an array; its byte size is skipped where it is stated."""
    count, place = read_long(data, place)
    if count < 0:
        size, place = read_long(data, place)
        if size < 0:
            raise Broken("the byte size of a block is negative")
        count = -count
    if count > len(data) - place:
        raise Broken("a block claims more items than there are bytes")
    return count, place


def read_text(data: bytes, place: int) -> tuple[str, int]:
    """(text, next place) of an Avro string."""
    size, place = read_size(data, place)
    return data[place : place + size].decode(), place + size


def read_bytes(data: bytes, place: int) -> tuple[bytes, int]:
    """(bytes, next place) of Avro bytes."""
    size, place = read_size(data, place)
    return data[place : place + size], place + size


def read_instant(data: bytes, place: int) -> tuple[datetime, int]:
    """(UTC instant, next place) of an Avro timestamp-micros."""
    micros, place = read_long(data, place)
    try:
        return _EPOCH + timedelta(microseconds=micros), place
    except OverflowError:
        raise Broken("an instant lies outside the years 1 to 9999") from None


def read_date(data: bytes, place: int) -> tuple[date, int]:
    """(day, next place) of an Avro date."""
    days, place = read_int(data, place)
    try:
        return date.fromordinal(days + _EPOCH_DAY), place
    except (ValueError, OverflowError):
        raise Broken("a date lies outside the years 1 to 9999") from None


def decimal_of(precision: int, scale: int) -> Callable[[bytes], Decimal]:
    """Reader of one encoded decimal, length byte included (longer ones cannot fit `precision`)."""
    bound = int(10**precision)

    def read(encoded: bytes) -> Decimal:
        if len(encoded) < 2 or encoded[0] != (len(encoded) - 1) << 1:
            raise Broken("a decimal is cut off, empty or too long")
        unscaled = int.from_bytes(encoded[1:], "big", signed=True)
        if not -bound < unscaled < bound:
            raise Broken(f"a number does not fit decimal({precision},{scale})")
        return Decimal(unscaled).scaleb(-scale)

    return read


def remembering(
    read: Callable[[bytes, int], tuple[V, int]], memory: Memory[bytes, V], size: int
) -> Callable[[bytes, int], tuple[V, int]]:
    """The same reader, which also puts values that took exactly `size` bytes into `memory`."""

    def remember(data: bytes, place: int) -> tuple[V, int]:
        value, end = read(data, place)
        if end - place == size:
            memory.remember(data[place:end], value)
        return value, end

    return remember


def skip(data: bytes, place: int, kind: Any, names: dict[str, dict[str, Any]]) -> int:
    """Place after a value that nobody needs; `kind` is in normal form."""
    if isinstance(kind, str):
        kind = names[kind]
    if isinstance(kind, list):
        branch, place = read_long(data, place)
        if not 0 <= branch < len(kind):
            raise Broken("a union has no such branch")
        return skip(data, place, kind[branch], names)
    match kind["type"]:
        case "record" | "error":
            for field in kind["fields"]:
                place = skip(data, place, field["type"], names)
            return place
        case "array" | "map":
            return _skip_blocks(data, place, kind, names)
    return _skip_plain(data, place, kind)


def _skip_blocks(data: bytes, place: int, kind: Any, names: dict[str, dict[str, Any]]) -> int:
    count, place = read_count(data, place)
    while count:
        for _ in range(count):
            if kind["type"] == "map":
                _, place = read_bytes(data, place)
            place = skip(data, place, kind.get("items", kind.get("values")), names)
        count, place = read_count(data, place)
    return place


def _skip_plain(data: bytes, place: int, kind: dict[str, Any]) -> int:
    sizes = {"null": 0, "boolean": 1, "float": 4, "double": 8, "fixed": kind.get("size", 0)}
    size = sizes.get(kind["type"])
    if size is None and kind["type"] in ("int", "long", "enum"):
        return read_long(data, place)[1]
    if size is None:
        size, place = read_size(data, place)
    if size > len(data) - place:
        raise Broken("the data ends too early")
    return place + size


def no_branch() -> NoReturn:
    """A union's branch number is neither null nor the other one."""
    raise Broken("a union has no such branch")


def remembered_text() -> Memory[str, bytes]:
    """Memory of text that comes again and again; longer text is converted each time."""
    return _TextMemory(write_text)


class _TextMemory(Memory[str, bytes]):
    __slots__ = ()

    def __missing__(self, key: str) -> bytes:
        return super().__missing__(key) if len(key) <= _TEXT_BYTES_MAX else write_text(key)
