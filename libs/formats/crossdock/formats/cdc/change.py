"""One change of one row, whichever tool captured it.

Invariant: a change is ordered by its place in the database's log and by nothing else; a column that the
event does not hold is absent, never null, empty or zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crossdock.canonical.models import Position, RevisionKind
from crossdock.formats.cdc.column_types import ColumnType
from crossdock.formats.json_document import Node
from crossdock.formats.order_draft import RevisionMark


class Op(StrEnum):
    """What happened to the row."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    SNAPSHOT = "snapshot"
    TRUNCATE = "truncate"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one row.

    Args:
        system: what the capturing tool calls the database, e.g. postgresql.
        server: logical name of the connector, the first part of its topics; empty where it has none.
        key: columns of the primary key with their values as text; empty where the event names none.
        before: the row before, as far as the log holds it; None where it holds nothing.
        after: the row after; None for a delete.
        lsn: sortable text of the place in the log.
        serial: order among changes that share the place.
        at: when it was committed, where the event says it.
        types: column types of the event's own schema block; empty where it has none.
        path: place of the row in the payload.
    """

    system: str
    database: str
    schema: str
    table: str
    op: Op
    key: Mapping[str, str]
    before: Node | None
    after: Node | None
    lsn: str
    serial: int
    at: datetime | None
    transaction: str | None = None
    is_snapshot: bool = False
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    path: str = "$"
    server: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The table's name as profiles may write it: alone, with schema, with database, as its topic."""
        parts = [part for part in (self.database, self.schema, self.table) if part]
        names = [".".join(parts[start:]) for start in range(len(parts))]
        return (*names, *(f"{self.server}.{name}" for name in names if self.server))


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that says nothing about a row, and why; it is counted by a warning of this code."""

    code: str
    detail: str
    path: str = "$"


def position_of(change: Change, incarnation: int) -> Position:
    """The place of a change in the log of that incarnation of the database."""
    return Position(incarnation=incarnation, lsn=change.lsn, serial=change.serial)


def mark_of(position: Position) -> RevisionMark:
    """The revision whose text sorts as positions do."""
    value = f"{position.incarnation:04d}/{position.lsn}/{position.serial:010d}"
    return RevisionMark(RevisionKind.POSITION, value)
