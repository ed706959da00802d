"""Table mappings as plain functions, made once when a mapping is loaded.

Invariant: what a function does was fixed by the mapping's clauses; nothing of a payload chooses code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from crossdock.formats.cdc.mapping_grammar import (
    AdapterMapping,
    Condition,
    EntityMapping,
    IgnoreRule,
    TableMapping,
    Value,
)
from crossdock.formats.cdc.rows import Row
from crossdock.formats.cdc.targets import TARGETS, Kind

T = TypeVar("T")
Test = Callable[[Row], bool]
Reader = Callable[[Row, str | None], T | None]
"""Reads one value of a row; the text is the zone of times without an offset."""


@dataclass(frozen=True, slots=True)
class CompiledEntity:
    """What rows of one table say of one kind of entity."""

    mapping: EntityMapping
    applies: Test
    is_inert: Test
    texts: Mapping[str, Reader[str]] = field(default_factory=dict)
    numbers: Mapping[str, Reader[Decimal]] = field(default_factory=dict)
    times: Mapping[str, Reader[datetime | date]] = field(default_factory=dict)
    flags: Mapping[str, Reader[bool]] = field(default_factory=dict)
    quantities: Mapping[str, Reader[Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """One table; `columns` are all that any of its clauses reads."""

    mapping: TableMapping
    ignore: tuple[tuple[Test, str], ...]
    entities: tuple[CompiledEntity, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Adapter:
    """All tables of one ERP by name."""

    mapping: AdapterMapping
    tables: Mapping[str, CompiledTable]


def compile_adapter(mapping: AdapterMapping) -> Adapter:
    """The functions of a valid mapping."""
    tables = {}
    for table in mapping.tables:
        compiled = _table(table)
        tables.update(dict.fromkeys(table.table, compiled))
    return Adapter(mapping, tables)


def _table(mapping: TableMapping) -> CompiledTable:
    return CompiledTable(
        mapping,
        tuple((_test(rule.when), rule.reason) for rule in mapping.ignore),
        tuple(_entity(entity) for entity in mapping.entities),
        tuple(dict.fromkeys([*mapping.key, *_columns_of_table(mapping)])),
    )


def _entity(mapping: EntityMapping) -> CompiledEntity:
    targets = TARGETS[mapping.entity]

    def of(kind: Kind) -> Iterator[tuple[str, Value]]:
        return ((name, value) for name, value in mapping.fields.items() if targets[name].kind is kind)

    return CompiledEntity(
        mapping,
        applies=_always if mapping.when is None else _test(mapping.when),
        is_inert=_never if mapping.inert is None else _test(mapping.inert),
        texts={name: text_reader(value) for name, value in of(Kind.TEXT)},
        numbers={name: number_reader(value) for name, value in of(Kind.NUMBER)},
        times={name: time_reader(value) for name, value in of(Kind.TIME)},
        flags={name: flag_reader(value) for name, value in of(Kind.FLAG)},
        quantities={name: number_reader(value) for name, value in mapping.quantities.items()},
    )


def _always(_: Row) -> bool:
    return True


def _never(_: Row) -> bool:
    return False


def _test(condition: Condition) -> Test:
    if condition.not_ is not None:
        inner = _test(condition.not_)
        return lambda row: not inner(row)
    column = condition.column or ""
    if condition.is_null is not None:
        is_null = condition.is_null
        return lambda row: (row.value(column) is None) == is_null
    if condition.is_negative is not None:
        is_negative = condition.is_negative
        return lambda row: ((row.number(column) or Decimal(0)) < 0) == is_negative
    words = frozenset(condition.in_ or (condition.equals or "",))
    return lambda row: row.text(column) in words


def _first(value: Value, read: Callable[[Row, str], T | None]) -> Callable[[Row], T | None]:
    """Reads the first column that is not null."""
    columns = value.column or ()
    if len(columns) == 1:
        column = columns[0]
        return lambda row: read(row, column)

    def first(row: Row) -> T | None:
        return next((found for column in columns if (found := read(row, column)) is not None), None)

    return first


def _of_cases(value: Value, make: Callable[[Value], Reader[T]]) -> Reader[T]:
    cases = [(_always if case.when is None else _test(case.when), make(case)) for case in value.cases]

    def read(row: Row, zone: str | None) -> T | None:
        return next((reader(row, zone) for test, reader in cases if test(row)), None)

    return read


def text_reader(value: Value) -> Reader[str]:
    """Reads text: a constant, a column behind its prefix, or what the lookup makes of it."""
    if value.cases:
        return _of_cases(value, text_reader)
    if value.const is not None:
        const = value.const
        return lambda row, zone: const
    if value.join:
        return _joined(value.join)
    column = _first(value, lambda row, name: row.text(name))
    if value.lookup is not None:
        return _looked_up(value, value.lookup, column)
    prefix = value.prefix
    if not prefix:
        return lambda row, zone: column(row)

    def prefixed(row: Row, zone: str | None) -> str | None:
        found = column(row)
        return None if found is None else prefix + found

    return prefixed


def _joined(columns: tuple[str, ...]) -> Reader[str]:
    def read(row: Row, zone: str | None) -> str | None:
        words = (row.text(column) for column in columns)
        return " ".join(word for word in words if word is not None) or None

    return read


def _looked_up(value: Value, words: Mapping[str, str], column: Callable[[Row], str | None]) -> Reader[str]:
    name = (value.column or ("",))[0]

    def read(row: Row, zone: str | None) -> str | None:
        found = column(row)
        if found is None:
            return None
        word = words.get(found, value.otherwise)
        if word is None:
            row.warn("code_unknown", "the lookup of the table mapping does not list the code", row.path(name))
        return word

    return read


def number_reader(value: Value) -> Reader[Decimal]:
    """Reads an exact decimal."""
    if value.cases:
        return _of_cases(value, number_reader)
    if value.const is not None:
        const = Decimal(value.const)
        return lambda row, zone: const
    scale = value.scale
    column = _first(value, lambda row, name: row.number(name, scale))
    return lambda row, zone: column(row)


def time_reader(value: Value) -> Reader[datetime | date]:
    """Reads an instant or a day; a time without an offset is of the value's zone, else the given one."""
    if value.cases:
        return _of_cases(value, time_reader)

    def read(row: Row, zone: str | None) -> datetime | date | None:
        own = value.zone or zone
        for column in value.column or ():
            found = row.moment(column, own)
            if found is not None:
                return found
        return None

    return read


def flag_reader(value: Value) -> Reader[bool]:
    """Reads a yes or no."""
    if value.cases:
        return _of_cases(value, flag_reader)
    if value.const is not None:
        const = value.const == "true"
        return lambda row, zone: const
    column = _first(value, lambda row, name: row.flag(name))
    return lambda row, zone: column(row)


def _columns_of_table(mapping: TableMapping) -> Iterator[str]:
    for rule in mapping.ignore:
        yield from _columns_of_rule(rule)
    for entity in mapping.entities:
        yield from entity.extensions
        for condition in (entity.when, entity.inert):
            yield from _columns_of_test(condition)
        for value in [*entity.fields.values(), *entity.quantities.values()]:
            yield from _columns_of_value(value)


def _columns_of_rule(rule: IgnoreRule) -> Iterator[str]:
    return _columns_of_test(rule.when)


def _columns_of_test(condition: Condition | None) -> Iterator[str]:
    if condition is not None:
        if condition.column is not None:
            yield condition.column
        yield from _columns_of_test(condition.not_)


def _columns_of_value(value: Value) -> Iterator[str]:
    yield from value.column or ()
    yield from value.join
    for case in value.cases:
        yield from _columns_of_test(case.when)
        yield from _columns_of_value(case)
