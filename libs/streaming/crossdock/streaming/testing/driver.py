"""A driver that runs a topology through its real worker, on memory or on a real broker.

Invariant: the driver uses nothing but the worker and its backend; a scenario that holds here exercises
the same commit, restore and hold code that runs in production. Inputs may contain CRASH, CRASH_AFTER,
LOSE_ANSWER, ABORT, REDELIVER, REBALANCE and ADVANCE(seconds).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from crossdock.canonical.keys import key_prefix, murmur2_partition
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.models.ops import AuditEntry, Receipt, ReplayRequest
from crossdock.canonical.record import Headers, Record
from crossdock.canonical.topics import AUDIT_ENTRY, RECEIPT, Topic
from crossdock.streaming import rows
from crossdock.streaming.assignment import OwnedSlot, Phase
from crossdock.streaming.backend import Backend, Place
from crossdock.streaming.backends.memory import MemoryBackend, MemoryBroker
from crossdock.streaming.errors import Retryable
from crossdock.streaming.runtime import Worker
from crossdock.streaming.serde import Registry, Serde
from crossdock.streaming.signing import authorizer, sign
from crossdock.streaming.surroundings import Surroundings, Tuning
from crossdock.streaming.testing.faults import ADVANCE, REBALANCE, REDELIVER, Crash, Fault, FaultyBackend
from crossdock.streaming.topology import Topology

M = TypeVar("M", bound=Canonical)
OPERATOR_KEY = "test-operator-key"
_TURNS_MAX = 20_000


class Cluster(Protocol):
    """A broker that scenarios run on."""

    partitions: int

    def append(self, record: Record) -> None:
        """Append a record outside any transaction."""

    def records(self, topic: str) -> list[Record]:
        """Committed records of a topic, partition by partition."""

    def ends(self, topics: Iterable[str]) -> Mapping[Place, int]:
        """Offset behind the last committed record of each partition that has one."""

    def backend(self, topology: Topology, ordinal: int) -> Backend:
        """The clients of a new member."""


class MemoryCluster:
    """The in-memory broker as a Cluster."""

    def __init__(self, partitions: int = 4) -> None:
        self.partitions = partitions
        self.broker = MemoryBroker(partitions)

    def append(self, record: Record) -> None:
        """Append a record outside any transaction."""
        self.broker.append(record)

    def records(self, topic: str) -> list[Record]:
        """Records of a topic, partition by partition."""
        return self.broker.records(topic)

    def ends(self, topics: Iterable[str]) -> Mapping[Place, int]:
        """Offset behind the last record of each partition."""
        return {Place(t, r.partition): r.offset + 1 for t in topics for r in self.broker.records(t)}

    def backend(self, topology: Topology, ordinal: int) -> Backend:
        """A new member."""
        return MemoryBackend(self.broker, topology.group, ordinal)


class Watcher:
    """Keeps what a worker reported."""

    def __init__(self) -> None:
        self.troubles: list[Exception] = []

    def committed(self, slots: Iterable[OwnedSlot], records: int, seconds: float) -> None:
        """Receipts tell the same."""

    def changed(self, slots: Mapping[int, OwnedSlot], is_ready: bool) -> None:
        """Phases are read from the worker."""

    def trouble(self, error: Exception) -> None:
        """Remember it."""
        self.troubles.append(error)


class Driver:
    """Runs one topology.

    Args:
        registry: a registry in memory; shared with what reads the topics.
        raises_faults: let unexpected exceptions of steps through (the default of tests).
    """

    def __init__(
        self,
        topology: Topology,
        registry: Registry,
        cluster: Cluster | None = None,
        *,
        tuning: Tuning | None = None,
        raises_faults: bool = True,
    ) -> None:
        self.topology = topology
        self.cluster: Cluster = cluster or MemoryCluster()
        self.serde = Serde(registry)
        self.watcher = Watcher()
        self.now_us = 1_700_000_000_000_000
        self._tuning = tuning or Tuning(idle_poll_s=0.02)
        self._raises_faults = raises_faults
        self._backends: dict[int, FaultyBackend] = {}
        self.workers: dict[int, Worker] = {}
        self._last: Record | None = None
        self._requests = 0

    # -- inputs -------------------------------------------------------------------------------
    def run(self, *inputs: Record | Fault | ADVANCE) -> None:
        """Feed inputs and faults in order, then run until everything is processed."""
        for item in inputs:
            if isinstance(item, Record):
                self._last = item
                self.cluster.append(item)
            elif isinstance(item, ADVANCE):
                self.now_us += int(item.seconds * 1e6)
            elif item is REDELIVER:
                assert self._last is not None, "REDELIVER needs an input before it"
                self.cluster.append(self._last)
            elif item is REBALANCE:
                self._rebalance()
            else:
                self._worker(0)
                self._backends[0].fault = item
                self.settle()
        self.settle()

    def record(
        self, topic: Topic[Any], key: str, value: Canonical | bytes | None, headers: Headers = ()
    ) -> Record:
        """A record for `run`, in the partition that its key chooses."""
        raw = self.serde.serialize(value) if isinstance(value, Canonical) else value
        prefix = key_prefix(key.encode(), topic.partition_segments)
        partition = murmur2_partition(prefix, self.cluster.partitions)
        return Record(topic.name, partition, -1, key.encode(), raw, headers)

    # -- running ------------------------------------------------------------------------------
    def settle(self) -> None:
        """Turn every worker until all inputs are processed and nothing drains."""
        if not self.workers:
            self._worker(0)
        for _ in range(_TURNS_MAX):
            for ordinal in list(self.workers):
                self._turn(ordinal)
            if self._is_settled():
                return
        raise AssertionError(f"not settled after {_TURNS_MAX} turns; troubles: {self.watcher.troubles[-3:]}")

    def until(self, condition: Callable[[], bool]) -> None:
        """Turn every worker until the condition holds."""
        if not self.workers:
            self._worker(0)
        for _ in range(_TURNS_MAX):
            if condition():
                return
            for ordinal in list(self.workers):
                self._turn(ordinal)
        raise AssertionError(f"not within {_TURNS_MAX} turns; troubles: {self.watcher.troubles[-3:]}")

    def interrupt(self, ordinal: int, interlude: Callable[[], None]) -> None:
        """Let something happen between the next batch of a worker and its commit."""
        self._worker(ordinal)
        self._backends[ordinal].interlude = interlude

    def turn(self, ordinal: int, turns: int = 1) -> None:
        """Turn one worker, which is started where it does not run."""
        for _ in range(turns):
            self._worker(ordinal)
            self._turn(ordinal)

    def restart(self) -> None:
        """End the worker in good order; the next input starts another."""
        for ordinal in list(self.workers):
            self.leave(ordinal)

    def leave(self, ordinal: int) -> None:
        """End one worker in good order."""
        backend = self._backends.pop(ordinal)
        try:
            self.workers.pop(ordinal).close()
        except Crash:
            backend.inner.close()

    def _turn(self, ordinal: int) -> None:
        try:
            self.workers[ordinal].turn()
        except Retryable as error:
            self.watcher.trouble(error)
        except Crash:
            self._backends.pop(ordinal).inner.close()
            del self.workers[ordinal]
            self._worker(ordinal)
        self.now_us += 10_000

    def _rebalance(self) -> None:
        if 1 in self.workers:
            self.leave(1)
        else:
            self._worker(1)
        self.settle()

    def _worker(self, ordinal: int) -> Worker:
        if ordinal not in self.workers:
            backend = FaultyBackend(self.cluster.backend(self.topology, ordinal))
            self._backends[ordinal] = backend
            self.workers[ordinal] = Worker(
                self.topology,
                backend,
                self.serde,
                Surroundings(
                    now_us=lambda: self.now_us,
                    monotonic_s=lambda: self.now_us / 1e6,
                    observer=self.watcher,
                    authorize=authorizer(OPERATOR_KEY),
                    tuning=self._tuning,
                    code_version="test",
                    raises_faults=self._raises_faults,
                ),
            )
        return self.workers[ordinal]

    def slots(self) -> dict[int, OwnedSlot]:
        """All slots, whoever owns them."""
        return {n: owned for worker in self.workers.values() for n, owned in worker.assignment.slots.items()}

    def _is_settled(self) -> bool:
        slots = self.slots()
        if len(slots) < self.cluster.partitions or not all(
            worker.is_ready for worker in self.workers.values()
        ):
            return False
        inputs = [*[topic.name for topic in self.topology.inputs], self.topology.lane]
        ends = self.cluster.ends(inputs)
        return all(
            self._is_done(slots[place.partition], place, end) for place, end in ends.items()
        ) and not any(
            owned.slot.draining or owned.slot.due for owned in slots.values() if owned.phase is Phase.RUNNING
        )

    def _is_done(self, owned: OwnedSlot, place: Place, end: int) -> bool:
        if owned.phase is Phase.BROKEN or (
            owned.phase is Phase.STOPPED and place.topic != self.topology.lane
        ):
            return True
        return owned.slot.position.inputs[place.topic][1] >= end

    # -- outputs ------------------------------------------------------------------------------
    def read(self, topic: Topic[M]) -> list[M]:
        """Decoded records of a topic."""
        return [self.serde.deserialize(topic.record, r.value) for r in self.cluster.records(topic.name)]

    def dead_letters(self, topic: Topic[Any]) -> list[Record]:
        """Dead letters of one input."""
        return self.cluster.records(self.topology.dead_letters(topic.name))

    def receipts(self) -> list[Receipt]:
        """All receipts, slot by slot."""
        return self.read(RECEIPT)

    def outcomes(self) -> dict[str, int]:
        """Sum of the intake outcomes over all receipts, without zeros."""
        names = ("accepted", "rerouted", "duplicate", "conflict", "superseded", "rejected", "held", "waiting")
        sums = {name: sum(getattr(i, name) for r in self.receipts() for i in r.inputs) for name in names}
        return {name: number for name, number in sums.items() if number}

    def entries(self) -> list[rows.Entry]:
        """All kept entries, oldest first."""
        found = [
            self.serde.read_row(rows.Entry, value)
            for owned in self.slots().values()
            for _, value in owned.slot.scan(rows.ENTRY)
        ]
        return sorted(found, key=lambda entry: (entry.topic, entry.partition, entry.offset))

    # -- operators ----------------------------------------------------------------------------
    def request(self, entry: rows.Entry, **fields: Any) -> AuditEntry:  # fields of ReplayRequest
        """Send a signed request about an entry and return its answer."""
        return self._answer_to(self.request_record(entry, **fields))

    def request_record(self, entry: rows.Entry | None, **fields: Any) -> Record:  # fields of ReplayRequest
        """A signed request about an entry (or about a slot, without one), as a record of the lane."""
        self._requests += 1
        request = ReplayRequest(
            **{
                "request_id": f"request-{self._requests}",
                "job": "job-1",
                "group": self.topology.group,
                "actor": "operator-1",
                "reason": "a test",
                "requested_at": datetime.fromtimestamp(self.now_us / 1e6, UTC),
                **({} if entry is None else self._facts_of(entry)),
                **fields,
            }
        )
        return self._lane_record(sign(request, OPERATOR_KEY))

    def scope_of(self, entry: rows.Entry) -> tuple[str, bytes]:
        """Store and key that an entry is kept under; its own where it has no usable key."""
        handler = next(one for one in self.topology.handlers if one.topic.name == entry.topic)
        try:
            prefix = key_prefix((entry.key or b"").decode().encode(), handler.topic.partition_segments)
            if murmur2_partition(prefix, self.cluster.partitions) == entry.partition:
                return handler.store.name, key_prefix(entry.key or b"", handler.store.segments)
        except ValueError:
            pass
        return rows.LONE_STORE, f"_/{entry.record.coordinates}".encode()

    def _facts_of(self, entry: rows.Entry) -> dict[str, Any]:  # fields of ReplayRequest
        store, key = self.scope_of(entry)
        return {
            "slot": entry.partition,
            "store": store,
            "key": key.decode(),
            "seq": entry.seq,
            "n": entry.n,
            "entry_id": entry.entry_id,
        }

    def send(self, request: ReplayRequest) -> AuditEntry:
        """Put a request on the lane as it is and return its answer."""
        return self._answer_to(self._lane_record(request))

    def _lane_record(self, request: ReplayRequest) -> Record:
        value = self.serde.serialize(request)
        return Record(self.topology.lane, request.slot, -1, request.key.encode(), value)

    def _answer_to(self, record: Record) -> AuditEntry:
        request = self.serde.deserialize(ReplayRequest, record.value)
        self.run(record)
        return [entry for entry in self.read(AUDIT_ENTRY) if entry.request_id == request.request_id][-1]
