"""The state of one slot: committed rows, the overlay of the open transaction, and its account.

Invariant: nothing reaches the committed rows but a whole overlay whose transaction was committed;
dropping the overlay leaves the slot as if the transaction had never begun (R12).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from crossdock.canonical.record import Headers, Record
from crossdock.streaming import rows
from crossdock.streaming.admission import Intake
from crossdock.streaming.errors import SlotStopped
from crossdock.streaming.serde import Serde

T = TypeVar("T")
Scope = tuple[str, bytes]
"""(store, key): what a state row and a hold belong to."""


@dataclass(frozen=True, slots=True)
class Output:
    """One record to produce in the open transaction; timestamp None means now."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_ms: int | None = None


@dataclass(slots=True)
class Account:
    """What the open transaction did so far in one slot; becomes its receipt."""

    before: dict[str, int] = field(default_factory=dict)
    intake: Counter[tuple[str, Intake]] = field(default_factory=Counter)
    opened: int = 0
    closed: Counter[str] = field(default_factory=Counter)
    rejected_again: int = 0
    tie_broken: int = 0
    emitted: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether the transaction touched nothing here."""
        return not (self.intake or self.opened or self.closed or self.rejected_again)


class Slot:
    """One slot of a topology: partition `number` of each of its inputs.

    Args:
        number: partition number that the slot owns in every input.
        serde: reads and writes its rows.
    """

    def __init__(self, number: int, serde: Serde) -> None:
        self.number = number
        self._serde = serde
        self._rows: dict[bytes, bytes] = {}
        self._overlay: dict[bytes, bytes | None] = {}
        self._committed_position = rows.Position()
        self.position = rows.Position()
        self.has_position = False
        self.account = Account()
        self.outputs: list[Output] = []
        self.draining: set[Scope] = set()
        self.waits: dict[bytes, rows.Entry] = {}
        self.due: dict[bytes, None] = {}
        """Row keys of waiting entries that are to be tried, in order; an index, not state."""

    # -- rows ---------------------------------------------------------------------------------
    def get(self, row_key: bytes) -> bytes | None:
        """Bytes of a row as the open transaction sees it."""
        overlay = self._overlay
        if row_key in overlay:
            return overlay[row_key]
        return self._rows.get(row_key)

    def read(self, kind: type[T], row_key: bytes) -> T | None:
        """A row as the open transaction sees it."""
        value = self.get(row_key)
        return None if value is None else self._serde.read_row(kind, value)

    def put(self, row_key: bytes, value: bytes | None) -> None:
        """Stage a row; None deletes it."""
        self._overlay[row_key] = value

    def write(self, row_key: bytes, row: object) -> None:
        """Stage a row dataclass."""
        self._overlay[row_key] = self._serde.write_row(row)

    def staged(self) -> Iterator[tuple[bytes, bytes | None]]:
        """Rows of the open transaction, for the changelog."""
        return iter(self._overlay.items())

    def scan(self, kind: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Committed rows of one kind, in no order; walks the whole store."""
        return ((key, value) for key, value in self._rows.items() if key[:1] == kind)

    def __len__(self) -> int:
        return len(self._rows)

    # -- restore ------------------------------------------------------------------------------
    def restore(self, row_key: bytes, value: bytes | None) -> None:
        """Take over one changelog row, in changelog order."""
        if value is None:
            self._rows.pop(row_key, None)
        else:
            self._rows[row_key] = value

    def restored(self) -> None:
        """All rows are there: read the position, index holds and waits."""
        value = self._rows.get(rows.POSITION_KEY)
        self.has_position = value is not None
        known = rows.Position() if value is None else self._serde.read_row(rows.Position, value)
        self._committed_position, self.position = known, known.copy()
        for row_key, row in self._rows.items():
            self._index(row_key, row)

    # -- transaction --------------------------------------------------------------------------
    def commit(self) -> None:
        """The transaction is committed: the overlay becomes the state."""
        store = self._rows
        for row_key, value in self._overlay.items():
            if value is None:
                store.pop(row_key, None)
            else:
                store[row_key] = value
            self._index(row_key, value)
        self._committed_position = self.position.copy()
        self.has_position = True
        self._begin()

    def abort(self) -> None:
        """The transaction is gone: forget what it staged."""
        self.position = self._committed_position.copy()
        self._begin()

    def _begin(self) -> None:
        self._overlay = {}
        self.outputs = []
        self.account = Account()

    def _index(self, row_key: bytes, value: bytes | None) -> None:
        kind = row_key[:1]
        if kind == rows.HEAD:
            scope = rows.scope_of(row_key)
            is_draining = value is not None and self._serde.read_row(rows.Head, value).state == "draining"
            (self.draining.add if is_draining else self.draining.discard)(scope)
        elif kind == rows.ENTRY:
            entry = None if value is None else self._serde.read_row(rows.Entry, value)
            if entry is not None and entry.kind == "waiting":
                self.waits[row_key] = entry
            else:
                self.waits.pop(row_key, None)
                self.due.pop(row_key, None)

    @property
    def staged_size(self) -> int:
        """How many rows and outputs the open transaction has staged."""
        return len(self._overlay) + len(self.outputs)

    @property
    def has_staged(self) -> bool:
        """Whether the open transaction did anything here, a stop included."""
        has_stop_changed = self.position.stopped_code != self._committed_position.stopped_code
        return has_stop_changed or bool(self._overlay) or not self.account.is_empty

    def stop(self, stopped: SlotStopped) -> None:
        """Stage that the slot stands still until an operator resumes it."""
        self.position.stopped_code, self.position.stopped_detail = stopped.code, stopped.detail

    # -- account ------------------------------------------------------------------------------
    def take(self, record: Record, outcome: Intake) -> None:
        """Count one input record and move the position behind it."""
        topic_id, before = self.position.inputs.get(record.topic, ("", record.offset))
        self.account.before.setdefault(record.topic, before)
        self.account.intake[record.topic, outcome] += 1
        self.position.inputs[record.topic] = (topic_id, record.offset + 1)
