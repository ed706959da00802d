"""The grammar of table mappings: which column of which table means what, as data.

Invariant: the grammar is closed: a mapping names columns, constants, lookups and a fixed set of conditions,
and no text of it is ever run as code.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from crossdock.canonical.models.profile_sections import Zone


def _word(value: Any) -> Any:  # whatever YAML holds; pydantic refuses what is no text
    return str(value).lower() if isinstance(value, bool) else value


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Word = Annotated[str, BeforeValidator(_word)]
"""Text of a column or of a mapping; true and 7 are written without quotes."""
Column = Annotated[str, Field(min_length=1, max_length=128)]
"""Name of a column as the event has it."""
Columns = Annotated[tuple[Column, ...], BeforeValidator(_listed), Field(min_length=1)]
"""One column, or several of which the first that is not null counts."""
EntityKind = Literal[
    "stock_movement",
    "stock_snapshot",
    "product",
    "erp_document",
    "customer",
    "price_proposal",
    "invoice",
]
"""What a row becomes."""


class Clause(BaseModel):
    """A part of a mapping: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, populate_by_name=True)


class Condition(Clause):
    """One test of a row."""

    column: Column | None = None
    """Column that is tested."""
    equals: Word | None = None
    """Its text is this."""
    in_: Annotated[tuple[Word, ...] | None, Field(alias="in")] = None
    """Its text is one of these."""
    is_null: bool | None = None
    """It is null, or not."""
    is_negative: bool | None = None
    """It is a number below 0, or not."""
    not_: Annotated[Condition | None, Field(alias="not")] = None
    """The other condition does not hold."""

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        tests = [self.equals, self.in_, self.is_null, self.is_negative]
        stated = sum(test is not None for test in tests)
        if self.not_ is not None:
            if stated or self.column is not None:
                raise ValueError("`not` stands alone")
        elif stated != 1 or self.column is None:
            raise ValueError("a condition names a column and one test: equals, in, is_null, is_negative")
        return self


class Value(Clause):
    """Where a value comes from: a column, a constant, or the first case that holds."""

    column: Columns | None = None
    """Column, or several of which the first that is not null counts."""
    const: Word | None = None
    """The same for every row."""
    join: tuple[Column, ...] = ()
    """Columns whose texts are put together with blanks, empty ones left out."""
    lookup: dict[Word, Word] | None = None
    """The column's text to the value."""
    otherwise: Word | None = None
    """Value of a text that the lookup does not list; without it there is none, with a warning."""
    prefix: str = ""
    """Written before the column's text, e.g. `sale.line,`."""
    encoding: Literal["text", "base64"] = "text"
    """How a decimal is written where the event has no schema block."""
    scale: Annotated[int, Field(ge=-30, le=30)] | None = None
    """Decimals of an unscaled base64 number."""
    zone: Zone | None = None
    """Zone of times without an offset; the mapping's, then the profile's where absent."""
    cases: tuple[Case, ...] = ()
    """The first whose condition holds counts."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_source(self) -> Value:
        sources = (self.column is not None, self.const is not None, bool(self.join), bool(self.cases))
        if sum(sources) != 1:
            raise ValueError("a value has one source: column, const, join or cases")
        if self.lookup is not None and self.column is None:
            raise ValueError("a lookup needs a column")
        if (self.encoding == "base64") != (self.scale is not None):
            raise ValueError("encoding base64 and scale belong together")
        return self


class Case(Value):
    """A value that counts where its condition holds; without one, always."""

    when: Condition | None = None
    """Condition."""


class IgnoreRule(Clause):
    """Rows that mean nothing here."""

    when: Condition
    """Condition."""
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    """Why, for the warning."""


class EntityMapping(Clause):
    """What one row says of one kind of entity."""

    entity: EntityKind
    """What it becomes."""
    when: Condition | None = None
    """Only such rows; absent = all."""
    fields: dict[str, Value]
    """Canonical field to its value."""
    states: dict[Word, Word] = Field(default_factory=dict)
    """The ERP's state to ours."""
    quantities: dict[str, Value] = Field(default_factory=dict)
    """Snapshots: what each figure means, and its column."""
    inert: Condition | None = None
    """Movements: rows that are not planned yet and have no effect."""
    extensions: tuple[Column, ...] = ()
    """Columns that are kept as they are."""


class TableMapping(Clause):
    """One table."""

    table: Columns
    """Its name, or several of tables that are built alike."""
    key: Annotated[tuple[Column, ...], Field(min_length=1)] = ("id",)
    """Columns of the primary key."""
    object_type: str | None = None
    """What the ERP calls a row; the table's name where absent."""
    ignore: tuple[IgnoreRule, ...] = ()
    """Rows that mean nothing here."""
    deleted: Literal["report", "ignore"] = "report"
    """Whether a deleted row is told: a movement deleted, a balance 0, a product kept as deleted. Ignored
    where deletes only archive."""
    entities: Annotated[tuple[EntityMapping, ...], Field(min_length=1)]
    """What a row becomes."""


class AdapterMapping(Clause):
    """All tables of one ERP; `schemas/cdc/<adapter>.yaml`."""

    adapter: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    """Name that profiles give as `adapter`; the file's name."""
    system: Annotated[str, Field(min_length=1)]
    """Name of the ERP in source references."""
    title: Annotated[str, Field(min_length=1)]
    """For people: which ERP, which versions."""
    version: Annotated[int, Field(ge=1)]
    """Counts up when a mapping changes what rows mean."""
    zone: Zone | None = None
    """Zone of times without an offset, where the ERP writes them all in one."""
    tables: Annotated[tuple[TableMapping, ...], Field(min_length=1)]
    """Its tables."""
