"""What a step may know besides its state and its event.

Invariant: everything here is a function of the source record and the reference tables, so running
the same record again gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, cast

from crossdock.canonical.record import Record
from crossdock.canonical.topics import Topic

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)
V = TypeVar("V", bound="ReferenceView[Any]")


class ReferenceView(Protocol[R_contra]):
    """In-memory form of a reference table, updated between batches only."""

    def apply(self, key: str, row: R_contra | None) -> None:
        """Take over one row of the compacted topic; None deletes it. Raises ValueError for a foreign key."""


@dataclass(frozen=True, slots=True)
class ReferenceTable(Generic[R, V]):
    """A compacted topic that every worker holds whole (R13).

    Args:
        topic: where its rows come from.
        view: makes the empty in-memory form.
    """

    topic: Topic[R]
    view: Callable[[], V]


@dataclass(frozen=True, slots=True)
class Context:
    """Time, source and reference tables of the record in hand."""

    time: datetime
    """Capture time of the source record (R14): never the wall clock."""
    record: Record
    references: Mapping[str, Any]  # topic name -> view; typed again by `reference`

    def reference(self, table: ReferenceTable[R, V]) -> V:
        """The view of a table that the topology declares. Raises KeyError for any other."""
        return cast(V, self.references[table.topic.name])
