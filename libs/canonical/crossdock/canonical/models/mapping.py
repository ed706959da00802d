"""The grammar of a declarative mapping: how a partner's own documents become one canonical entity.

Invariant: closed: paths, literals, lookups, named functions and conditions of a fixed set. Nothing of it
is ever evaluated as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from crossdock.canonical.models.profile_sections import Section

_NAME: Final = r"[@#]?[^.\[\]$*\s]+(?: [^.\[\]$*\s]+)*"
_STEP: Final = rf"{_NAME}(?:\[[0-9]{{1,4}}\]|\[[@#]?[^.\[\]$*\s=]+=[^\[\]]+\])?"
_PATH: Final = re.compile(rf"(?:\$(?:\.{_STEP})*|{_STEP}(?:\.{_STEP})*)")
_EACH: Final = re.compile(rf"(?:\$\.)?{_STEP}(?:\.{_STEP})*\[\*\]|\$\[\*\]")
_TARGET: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_DATE_LETTERS: Final = frozenset("YmdHMSyfzbBj")
FUNCTIONS: Final[dict[str, str]] = {
    "text": "the value as text without blanks around it",
    "upper": "text in capitals",
    "lower": "text in small letters",
    "digits": "only the digits of a text",
    "unpadded": "text without zeros at its start",
    "before": "text before the first occurrence of the argument, `before:-`",
    "after": "text behind the first occurrence of the argument, `after:-`",
    "decimal": "a number with a decimal point, 1,234.50",
    "decimal_comma": "a number with a decimal comma, 1.234,50",
    "implied": "a whole number with the argument's number of implied decimals, `implied:2`",
    "multiply": "the number times the argument, `multiply:100`",
    "negate": "the number with the other sign",
    "absolute": "the number without its sign",
    "time": "a date or time by the argument's pattern, `time:%d.%m.%Y`; parts are those of strptime",
    "epoch": "seconds, milliseconds, microseconds or nanoseconds since 1970, by their size",
    "boolean": "yes or no: 1/0, true/false, yes/no, y/n, x/empty",
}
"""Named functions and what they make of a value; an absent value stays absent."""
_WITH_ARGUMENT: Final = frozenset({"before", "after", "implied", "multiply", "time"})
_FACTOR: Final = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?")


def _path(text: str) -> str:
    if not _PATH.fullmatch(text):
        raise ValueError(
            "a path such as $.order.number, number, items[0].sku, dates[TYPE=012].day or @id is needed"
        )
    return text


def _each(text: str) -> str:
    if not _EACH.fullmatch(text):
        raise ValueError("a path to a list that ends with [*] is needed, such as $.positions[*]")
    return text


def _function(text: str) -> str:
    name, _, argument = text.partition(":")
    if name not in FUNCTIONS:
        raise ValueError(f"no function is called so; known are {', '.join(FUNCTIONS)}")
    if (name in _WITH_ARGUMENT) != bool(argument):
        need = "needs an argument behind a colon" if name in _WITH_ARGUMENT else "takes no argument"
        raise ValueError(f"function {name} {need}")
    if name == "implied" and not (argument.isascii() and argument.isdigit() and int(argument) <= 6):
        raise ValueError("implied takes the number of decimals, 0 to 6")
    if name == "multiply" and not _FACTOR.fullmatch(argument):
        raise ValueError("multiply takes a number such as 100 or 0.01")
    if name == "time" and not set(re.findall(r"%(.)", argument)) <= _DATE_LETTERS:
        raise ValueError(f"a time pattern is made of % and one of {' '.join(sorted(_DATE_LETTERS))}")
    return text


SourcePath = Annotated[str, AfterValidator(_path)]
"""`$…` from the document, otherwise from the present element; `@name` is an XML attribute, `#position` the
element's own place in its list, from 1; `list[NAME=value]` is the first element whose NAME is that value."""
ListPath = Annotated[str, AfterValidator(_each)]
"""Path to a list, `[*]` at its end."""
FunctionCall = Annotated[str, AfterValidator(_function)]
"""Name of a function, its argument behind a colon."""


class MappingCondition(Section):
    """Holds where the value at the path does; exactly one test."""

    path: SourcePath
    """Value that is looked at."""
    equals: str | None = None
    """It is this text."""
    one_of: tuple[str, ...] | None = None
    """It is one of these texts."""
    not_one_of: tuple[str, ...] | None = None
    """It is none of these texts; an absent value is none."""
    is_present: bool | None = None
    """It is there (true) or absent (false)."""

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        tests = (self.equals, self.one_of, self.not_one_of, self.is_present)
        if sum(test is not None for test in tests) != 1:
            raise ValueError("exactly one of equals, one_of, not_one_of, is_present is needed")
        return self


class MappingRule(Section):
    """Where one canonical field comes from: exactly one of path, first_of, all_of, literal, each."""

    path: SourcePath | None = None
    """Value at this path."""
    first_of: tuple[SourcePath, ...] | None = None
    """Value at the first of these paths that has one."""
    all_of: tuple[SourcePath, ...] | None = None
    """Values at these paths, joined by a blank; absent where one of them is."""
    literal: str | bool | None = None
    """A constant: a statement of whoever wrote the mapping."""
    otherwise: str | bool | None = None
    """A constant where the value is absent or the lookup lacks it, and the object around has any."""
    functions: tuple[FunctionCall, ...] = ()
    """Applied to the value, in this order."""
    lookup: str | None = None
    """Name of a table under `lookups`; a value that it lacks is refused, unless `otherwise` stands in."""
    when: MappingCondition | None = None
    """The field is left out where this does not hold."""
    each: ListPath | None = None
    """One element per element of this list, mapped by `fields`."""
    group_by: tuple[str, ...] = ()
    """Members whose equal values make one element of several of the list, which stand in its `rows`."""
    fields: dict[str, MappingRule] = Field(default_factory=dict)
    """Fields of each element."""

    @model_validator(mode="before")
    @classmethod
    def _plain_path(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        read = (self.path, self.first_of, self.all_of)
        if sum(one is not None for one in (*read, self.literal, self.each)) != 1:
            raise ValueError("exactly one of path, first_of, all_of, literal, each is needed")
        if self.otherwise is not None and not any(read):
            raise ValueError("otherwise belongs to path, first_of and all_of")
        if (self.each is not None) != bool(self.fields):
            raise ValueError("each and fields belong together")
        if self.group_by and self.each is None:
            raise ValueError("group_by belongs to each")
        return self

    @field_validator("fields")
    @classmethod
    def _targets(cls, fields: dict[str, MappingRule]) -> dict[str, MappingRule]:
        return _checked_targets(fields)


MappingSource = Literal["json", "xml", "csv", "tsv", "fixed"]
"""How the payload is written."""
MappingEntity = Literal[
    "order",
    "customer",
    "price_proposal",
    "product",
    "settlement_line",
    "shipment",
    "stock_snapshot",
    "tracking_event",
]
"""What a document becomes."""


class MappingSection(Section):
    """A declarative mapping of a partner's own documents (profile `format: declarative`)."""

    source: MappingSource
    """How the payload is written."""
    entity: MappingEntity
    """What each document becomes."""
    documents: ListPath | None = None
    """Path to the list of documents in one payload (json, xml); without it the payload is one."""
    group_by: tuple[str, ...] = ()
    """Columns whose equal values make one document of rows (csv, tsv, fixed); without it each row is one."""
    columns: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Column name to its first and last position, from 1 (fixed)."""
    names: tuple[str, ...] = ()
    """Column names of a file that has no header row (csv, tsv)."""
    skip_lines: Annotated[int, Field(ge=0, le=100)] = 0
    """Lines before the header or the first row (csv, tsv, fixed): titles, `sep=;`."""
    keep: MappingCondition | None = None
    """Rows that count (csv, tsv, fixed), by a column; others, such as sums at the end, are left out."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """Between the columns (csv); a comma where absent."""
    encoding: Literal["utf-8", "latin-1", "cp1252"] = "utf-8"
    """Character encoding of text files (csv, tsv, fixed)."""
    lookups: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Tables by name: the partner's value to ours."""
    fields: Annotated[dict[str, MappingRule], Field(min_length=1)]
    """Canonical field path to where it comes from."""

    @field_validator("fields")
    @classmethod
    def _targets(cls, fields: dict[str, MappingRule]) -> dict[str, MappingRule]:
        return _checked_targets(fields)

    @model_validator(mode="after")
    def _parts_fit_the_source(self) -> Self:
        if problems := list(self._misfits()):
            raise ValueError("; ".join(problems))
        return self

    def _misfits(self) -> Iterator[str]:
        is_rows = self.source in ("csv", "tsv", "fixed")
        if (self.source == "fixed") != bool(self.columns):
            yield "columns belong to source fixed, which needs them"
        if any(first < 1 or last < first for first, last in self.columns.values()):
            yield "a column is [first position from 1, last position]"
        if self.documents is not None and is_rows:
            yield "documents belongs to json and xml; rows are grouped by group_by"
        if self.group_by and not is_rows:
            yield "group_by belongs to csv, tsv and fixed"
        if (self.skip_lines or self.keep) and not is_rows:
            yield "skip_lines and keep belong to csv, tsv and fixed"
        if self.names and self.source not in ("csv", "tsv"):
            yield "names belongs to csv and tsv"
        missing = sorted({rule.lookup for rule in rules(self.fields) if rule.lookup} - set(self.lookups))
        if missing:
            yield f"lookups has no table {', '.join(missing)}"


def rules(fields: dict[str, MappingRule]) -> Iterator[MappingRule]:
    """All rules, those of elements included."""
    for rule in fields.values():
        yield rule
        yield from rules(rule.fields)


def _checked_targets(fields: dict[str, MappingRule]) -> dict[str, MappingRule]:
    for name in fields:
        if not _TARGET.fullmatch(name):
            raise ValueError(f"{name[:40]!r} is no field path such as payment.status")
        inner = [other for other in fields if other.startswith(f"{name}.")]
        if inner:
            raise ValueError(f"{name} is mapped as a whole and in part ({inner[0]})")
    return fields
