"""An in-memory broker with transactions, groups and fencing, for tests of topologies.

Invariant: what a transaction wrote is readable only once it committed; a member whose generation or
producer epoch is old cannot commit. Each commit also appends a control record, as Kafka does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from crossdock.canonical.record import Record
from crossdock.streaming.backend import Backend, Committed, Place, Rebalance, Revoke
from crossdock.streaming.errors import Aborted, Fenced, InDoubt, OutputRefused
from crossdock.streaming.slot import Output

VALUE_BYTES_MAX = 2 * 1024 * 1024


@dataclass(slots=True)
class _Group:
    members: dict[int, MemoryBackend] = field(default_factory=dict)
    generation: int = 0
    offsets: dict[Place, Committed] = field(default_factory=dict)


class MemoryBroker:
    """Topics with a fixed partition count; every topic exists as soon as it is named."""

    def __init__(self, partitions: int = 4) -> None:
        self.partitions = partitions
        self.now_ms = 1_700_000_000_000
        self.value_bytes_max: dict[str, int] = {}
        """Largest value that a topic takes, where it differs from VALUE_BYTES_MAX."""
        self.merge: Callable[[list[list[Record]]], list[Record]] = lambda queues: list(chain(*queues))
        """Order in which one poll hands out its partitions: any order is legal across them."""
        self._logs: dict[Place, list[Record | None]] = defaultdict(list)
        self._starts: dict[Place, int] = defaultdict(int)
        self._replaced: dict[str, int] = defaultdict(int)
        self._groups: dict[str, _Group] = defaultdict(_Group)
        self._epochs: dict[str, int] = defaultdict(int)

    def append(self, record: Record) -> Record:
        """Append one record outside any transaction; returns it with its offset."""
        log = self._logs[Place(record.topic, record.partition)]
        stored = replace(record, offset=len(log), timestamp_ms=record.timestamp_ms or self.now_ms)
        log.append(stored)
        return stored

    def mark(self, place: Place) -> None:
        """Append a control record: it takes an offset and is never delivered."""
        self._logs[place].append(None)

    def log(self, place: Place) -> list[Record | None]:
        """The whole log of a partition, control records as None."""
        return self._logs[place]

    def start(self, place: Place) -> int:
        """First offset that is still there."""
        return self._starts[place]

    def shorten(self, place: Place, start: int) -> None:
        """Let retention take everything before an offset."""
        self._starts[place] = start

    def topic_id(self, topic: str) -> str:
        """Id of a topic; another one after it was made again."""
        number = self._replaced[topic]
        return f"id-{topic}-{number}" if number else f"id-{topic}"

    def replace(self, topic: str) -> None:
        """Delete a topic and make it again, empty; its committed offsets go with it."""
        self._replaced[topic] += 1
        for number in range(self.partitions):
            place = Place(topic, number)
            self._logs[place], self._starts[place] = [], 0
            for group in self._groups.values():
                group.offsets.pop(place, None)

    def records(self, topic: str) -> list[Record]:
        """All records of a topic that are still there, partition by partition."""
        places = [Place(topic, number) for number in range(self.partitions)]
        return [r for place in places for r in self._logs[place][self._starts[place] :] if r is not None]

    def expel(self, group: str, ordinal: int) -> None:
        """A member's session times out: it owns nothing any more, and does not know it."""
        self._groups[group].members.pop(ordinal)._is_expelled = True
        self._groups[group].generation += 1

    def group(self, name: str) -> _Group:
        """A consumer group."""
        return self._groups[name]

    def new_epoch(self, transactional_id: str) -> int:
        """Fence all older producers of this id."""
        self._epochs[transactional_id] += 1
        return self._epochs[transactional_id]

    def epoch(self, transactional_id: str) -> int:
        """The epoch that may commit."""
        return self._epochs[transactional_id]


class MemoryReader:
    """Reads partitions by hand."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._positions: dict[Place, int] = {}

    def add(self, place: Place, offset: int) -> None:
        """Start to read a partition from an offset."""
        self._positions[place] = offset

    def remove(self, place: Place) -> None:
        """Stop to read a partition."""
        self._positions.pop(place, None)

    def read(self, timeout_s: float) -> list[Record]:
        """Everything that is there."""
        found: list[Record] = []
        for place, offset in self._positions.items():
            log = self._broker.log(place)
            found += [record for record in log[offset:] if record is not None]
            self._positions[place] = len(log)
        return found

    def position(self, place: Place) -> int:
        """Next offset to be read."""
        return self._positions.get(place, -1)

    def close(self) -> None:
        """Nothing to close."""


class MemoryBackend(Backend):
    """One member of a group on a MemoryBroker.

    Args:
        group: consumer group; `ordinal` fixes member and transactional id.
    """

    cluster_id = "memory"

    def __init__(self, broker: MemoryBroker, group: str, ordinal: int = 0) -> None:
        self.broker = broker
        self.ordinal = ordinal
        self._group_name = group
        self._group = broker.group(group)
        self._id = f"{group}-{ordinal}"
        self._epoch = 0
        self._generation = -1
        self._topics: Sequence[str] = ()
        self._positions: dict[Place, int] = {}
        self._paused: set[Place] = set()
        self._rebalance = Rebalance()
        self._is_expelled = False
        self._revoke: Revoke = lambda places, is_lost: None

    def topic_ids(self, topics: Iterable[str]) -> Mapping[str, str]:
        """Ids by name."""
        return {name: self.broker.topic_id(name) for name in topics}

    def partitions(self, topics: Iterable[str]) -> Mapping[str, int]:
        """All topics have the broker's count."""
        return dict.fromkeys(topics, self.broker.partitions)

    def subscribe(self, topics: Sequence[str], on_revoke: Revoke) -> None:
        """Join; every member sees the new generation at its next poll."""
        self._topics, self._revoke = topics, on_revoke
        self._group.members[self.ordinal] = self
        self._group.generation += 1

    def poll(self, records_max: int, timeout_s: float) -> list[Record]:
        """Up to `records_max` records, partitions in turn."""
        if self._group.members.setdefault(self.ordinal, self) is not self:
            raise Fenced(f"{self._id} was replaced")
        if self._is_expelled:
            self._is_expelled = False
            self._give_up(is_lost=True)
            self._group.generation += 1
        if self._generation != self._group.generation:
            self._rejoin()
            return []
        queues: list[list[Record]] = []
        room = records_max
        for place, offset in self._positions.items():
            if place not in self._paused and room > 0:
                log = self.broker.log(place)
                if not self.broker.start(place) <= offset <= len(log):
                    self._rebalance.out_of_range.append(place)
                    continue
                end = min(len(log), offset + room)
                queues.append([record for record in log[offset:end] if record is not None])
                room -= len(queues[-1])
                self._positions[place] = end
        return self.broker.merge(queues)

    def _rejoin(self) -> None:
        """All members give up what they had before the first of them gets anything new."""
        for member in list(self._group.members.values()):
            if member._generation != self._group.generation and member._positions:
                member._give_up(is_lost=False)
        if self._is_expelled:
            return
        self._generation = self._group.generation
        members = sorted(self._group.members)
        share = members.index(self.ordinal)
        mine = [
            n for n in range(self.broker.partitions) if n * len(members) // self.broker.partitions == share
        ]
        places = [Place(topic, number) for number in mine for topic in self._topics]
        offsets = self._group.offsets
        self._positions = {p: offsets[p].offset if p in offsets else 0 for p in places}
        self._paused = set(places)
        self._rebalance = Rebalance(assigned=places)

    def _give_up(self, *, is_lost: bool) -> None:
        self._revoke(list(self._positions), is_lost)
        self._positions, self._rebalance = {}, Rebalance()

    def take_rebalance(self) -> Rebalance:
        """Changes since the last call."""
        changes, self._rebalance = self._rebalance, Rebalance()
        return changes

    def pause(self, places: Iterable[Place]) -> None:
        """Hold back records of assigned partitions."""
        self._paused.update(places)

    def resume(self, places: Iterable[Place]) -> None:
        """Hand out records of assigned partitions again."""
        self._paused.difference_update(places)

    def seek(self, place: Place, offset: int) -> None:
        """Continue an assigned partition at an offset."""
        self._positions[place] = offset

    def transact(
        self, outputs: Iterable[Output], positions: Mapping[Place, Committed], *, is_leaving: bool = False
    ) -> None:
        """Append everything and the offsets, or nothing."""
        assert positions, "a transaction without positions is fenced by nothing (R5)"
        written = list(outputs)
        if self.broker.epoch(self._id) != self._epoch:
            raise InDoubt(f"{self._id} has an old epoch")
        is_member = self._group.members.get(self.ordinal) is self
        if not is_member or (self._generation != self._group.generation and not is_leaving):
            raise Aborted("ILLEGAL_GENERATION")
        limits = self.broker.value_bytes_max
        if any(len(one.value or b"") > limits.get(one.topic, VALUE_BYTES_MAX) for one in written):
            raise OutputRefused("MSG_SIZE_TOO_LARGE")
        for output in written:
            stamp = self.broker.now_ms if output.timestamp_ms is None else output.timestamp_ms
            self.broker.append(
                Record(output.topic, output.partition, -1, output.key, output.value, output.headers, stamp)
            )
        for place in {Place(output.topic, output.partition) for output in written}:
            self.broker.mark(place)
        self._group.offsets.update(positions)

    def abort(self) -> None:
        """Nothing was written."""

    def recycle(self) -> None:
        """A new epoch."""
        self._epoch = self.broker.new_epoch(self._id)

    def committed(self, places: Iterable[Place]) -> Mapping[Place, Committed | None]:
        """Committed positions."""
        return {place: self._group.offsets.get(place) for place in places}

    def bounds(self, place: Place) -> tuple[int, int]:
        """First and next offset."""
        return self.broker.start(place), len(self.broker.log(place))

    def reader(self) -> MemoryReader:
        """A reader beside the group."""
        return MemoryReader(self.broker)

    def close(self) -> None:
        """Leave the group."""
        if self._group.members.get(self.ordinal) is self:
            del self._group.members[self.ordinal]
            self._group.generation += 1
