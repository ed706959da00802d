"""Reference tables: compacted topics that every worker holds whole (R13).

Invariant: before the first record is processed each table is read to its high watermark; between two
batches a table only moves forward.
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

    def load(self) -> None:
        """Read every table to its high watermark. Raises Retryable; may then be called again."""
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
        self._changed.clear()

    def take(self, records: Iterable[Record]) -> None:
        """Apply rows of the tables. Raises ConfigurationError where one cannot be read."""
        for record in records:
            key = (record.key or b"").decode()
            self.views[record.topic].apply(key, self._row(record))
            self._next[Place(record.topic, record.partition)] = record.offset + 1
            self._changed.add(f"{record.topic}:{key}")
        for topic in self.offsets:
            self.offsets[topic] = sum(offset for place, offset in self._next.items() if place.topic == topic)

    def _row(self, record: Record) -> Any:  # the model of whatever topic it is
        if record.value is None:
            return None
        try:
            return self._serde.deserialize(self._records[record.topic], record.value)
        except Rejected as rejected:
            detail = f"{record.coordinates}: {rejected.detail}"
            raise ConfigurationError([f"reference_unreadable: {detail}"]) from rejected

    def take_changed(self) -> set[str]:
        """Rows that changed since the last call, as `<topic>:<key>`."""
        changed, self._changed = self._changed, set()
        return changed
