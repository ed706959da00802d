"""What a worker needs of a log with transactions; Kafka and the in-memory broker both give it.

Invariant: `commit` makes the outputs and the positions of one transaction visible together or not at
all, and only while this member still owns the partitions as it did when the batch was polled (R5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from crossdock.canonical.record import Record
from crossdock.streaming.slot import Output


class Place(NamedTuple):
    """A partition of a logical topic."""

    topic: str
    partition: int


class Committed(NamedTuple):
    """A committed position: next offset and the metadata that was committed with it."""

    offset: int
    metadata: str


@dataclass(slots=True)
class Rebalance:
    """What the last polls brought: new partitions, all of them paused, and lost offsets."""

    assigned: list[Place] = field(default_factory=list)
    out_of_range: list[Place] = field(default_factory=list)
    """Partitions whose position is no longer in the log (retention, deleted topic)."""


Revoke = Callable[[list[Place], bool], None]
"""Called inside `poll` or `close` with the partitions and whether they are lost already (no commit)."""


class LogReader(Protocol):
    """Reads partitions outside any group, read_committed, for restore and reference tables."""

    def add(self, place: Place, offset: int) -> None:
        """Start to read a partition from an offset."""

    def remove(self, place: Place) -> None:
        """Stop to read a partition."""

    def read(self, timeout_s: float) -> list[Record]:
        """Some records, or none within the timeout. Raises Retryable."""

    def position(self, place: Place) -> int:
        """Next offset to be read; grows over control records to the last stable offset. −1 at first."""

    def close(self) -> None:
        """Close the client."""


class Backend(Protocol):
    """One member of a consumer group with one transactional producer (R3)."""

    cluster_id: str

    def topic_ids(self, topics: Iterable[str]) -> Mapping[str, str]:
        """Topic ids by logical name. Raises ConfigurationError listing those that do not exist."""

    def partitions(self, topics: Iterable[str]) -> Mapping[str, int]:
        """Partition counts by logical name. Raises ConfigurationError listing those that do not exist."""

    def subscribe(self, topics: Sequence[str], on_revoke: Revoke) -> None:
        """Join the group on these inputs; `on_revoke` is called before partitions are given up."""

    def poll(self, records_max: int, timeout_s: float) -> list[Record]:
        """Records of partitions that are not paused; keeps membership alive. Raises Fenced, Retryable."""

    def take_rebalance(self) -> Rebalance:
        """Changes since the last call; polling hands out nothing of what was revoked."""

    def pause(self, places: Iterable[Place]) -> None:
        """Hold back records of assigned partitions."""

    def resume(self, places: Iterable[Place]) -> None:
        """Hand out records of assigned partitions again."""

    def seek(self, place: Place, offset: int) -> None:
        """Continue an assigned partition at an offset."""

    def transact(
        self, outputs: Iterable[Output], positions: Mapping[Place, Committed], *, is_leaving: bool = False
    ) -> None:
        """Produce and commit one transaction. Raises Aborted, OutputRefused, InDoubt, Fenced."""

    def abort(self) -> None:
        """Abort the open transaction. Raises InDoubt."""

    def recycle(self) -> None:
        """A new producer of the same identity; fences every older one. Raises Retryable."""

    def committed(self, places: Iterable[Place]) -> Mapping[Place, Committed | None]:
        """Stable committed positions. Raises Retryable."""

    def bounds(self, place: Place) -> tuple[int, int]:
        """First offset and high watermark READ_UNCOMMITTED (R10). Raises Retryable."""

    def reader(self) -> LogReader:
        """A reader beside the group."""

    def close(self) -> None:
        """Leave the group and close the clients."""
