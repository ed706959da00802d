"""Reference tables: compacted topics that every worker holds whole (R13).

Invariant: before the first record is processed each table is read to its high watermark; between two
batches a table only moves forward. A row that cannot be read stops the worker until a later row of its
key, or a tombstone, replaces it: an older row in its place would decide wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crossdock.canonical.record import Record
from crossdock.streaming.backend import Backend, LogReader, Place
from crossdock.streaming.errors import ConfigurationError, Rejected
from crossdock.streaming.serde import Serde
from crossdock.streaming.topology import Topology


class References:
    """The reference tables of one worker."""

    def __init__(self, topology: Topology, backend: Backend, serde: Serde, reader: LogReader) -> None:
        self._backend = backend
        self._serde = serde
        self._reader = reader
        self._records = {table.topic.name: table.topic.record for table in topology.references}
        self.views: dict[str, Any] = {table.topic.name: table.view() for table in topology.references}
        self.offsets: dict[str, int] = dict.fromkeys(self.views, 0)
        self._next: dict[Place, int] = {}
        self._changed: set[str] = set()
        self._unreadable: dict[tuple[str, bytes], str] = {}
        """What is wrong with rows that no later row of their key has replaced."""

    def load(self) -> None:
        """Read every table to its high watermark.

        Raises Retryable, and may then be called again; ConfigurationError with all rows that cannot be read.
        """
        targets: dict[Place, int] = {}
        for topic, count in self._backend.partitions(self.views).items():
            for number in range(count):
                place = Place(topic, number)
                low, targets[place] = self._backend.bounds(place)
                if place not in self._next:
                    self._next[place] = low
                    self._reader.add(place, low)
        behind = {place for place, high in targets.items() if self._next[place] < high}
        while behind:
            self.take(self._reader.read(0.1))
            behind = {place for place in behind if self._reader.position(place) < targets[place]}
        self.take_changed()

    def take(self, records: Iterable[Record]) -> None:
        """Apply rows of the tables; one that cannot be read is remembered for `take_changed`."""
        for record in records:
            row = record.topic, record.key or b""
            self._unreadable.pop(row, None)
            try:
                self._apply(record)
            except (Rejected, ValueError) as error:
                if record.value is not None:  # a tombstone removes what never was
                    reason = (
                        error.detail if isinstance(error, Rejected) else "its key is not one of this topic"
                    )
                    self._unreadable[row] = f"reference_unreadable: {record.coordinates}: {reason}"
            self._next[Place(record.topic, record.partition)] = record.offset + 1
        for topic in self.offsets:
            self.offsets[topic] = sum(offset for place, offset in self._next.items() if place.topic == topic)

    def _apply(self, record: Record) -> None:
        row = None
        if record.value is not None:
            row = self._serde.deserialize(self._records[record.topic], record.value)
        key = (record.key or b"").decode()
        self.views[record.topic].apply(key, row)
        self._changed.add(f"{record.topic}:{key}")

    def take_changed(self) -> set[str]:
        """Rows that changed since the last call, as `<topic>:<key>`.

        Raises ConfigurationError with every row that cannot be read.
        """
        if self._unreadable:
            raise ConfigurationError(sorted(self._unreadable.values()))
        changed, self._changed = self._changed, set()
        return changed
