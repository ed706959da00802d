"""A scenario: one topology on a cluster, fed with counts, checked from its log when it ends."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from crossdock.canonical.models.common import Quantity
from crossdock.canonical.record import CE_TIME, Headers, Record
from crossdock.canonical.topics import Topic
from crossdock.streaming import rows
from crossdock.streaming.serde import Registry
from crossdock.streaming.surroundings import Tuning
from crossdock.streaming.testing import ADVANCE, Driver, Fault
from crossdock.streaming.topology import Ordering, Topology
from tests.kit import checker, tally
from tests.kit.lab import Lab

_START_US = int(tally.EPOCH.timestamp() * 1e6)


def flow_of(topology: Topology, **facts: Any) -> checker.Flow:  # fields of Flow
    """What the checker must know about a topology."""
    ordered = frozenset(h.topic.name for h in topology.handlers if h.ordering is Ordering.ORDERED)
    names = {
        "inputs": tuple(topic.name for topic in topology.inputs),
        "outputs": tuple(topic.name for topic in topology.outputs),
    }
    return checker.Flow(topology.group, **{**names, "ordered": ordered, "emits": 1, **facts})


@dataclass
class Scene:
    """A driver with words for counts; `facts` are what its log cannot tell the checker."""

    cluster: Lab
    registry: Registry
    topology: Topology
    tuning: Tuning
    raises_faults: bool = True
    facts: dict[str, Any] = field(default_factory=dict)  # fields of Flow
    is_checked: bool = True

    def __post_init__(self) -> None:
        self.driver = self._driver()
        self.driver.now_us = _START_US

    def _driver(self) -> Driver:
        return Driver(
            self.topology, self.registry, self.cluster, tuning=self.tuning, raises_faults=self.raises_faults
        )

    def deploy(self, topology: Topology, *, is_full_stop: bool = False) -> None:
        """End the worker; another version goes on. A full stop waits until the group has no member."""
        self.driver.restart()
        if is_full_stop:
            self.cluster.await_leave(self.topology)
        now_us, self.topology = self.driver.now_us, topology
        self.driver = self._driver()
        self.driver.now_us = now_us
        self.driver.settle()

    # -- inputs -------------------------------------------------------------------------------
    def count(
        self, sku: str, value: int, unit: str = "EA", topic: Topic[Any] = tally.COUNT, headers: Headers = ()
    ) -> Record:
        """One count; its capture time is the clock of the scenario."""
        quantity = Quantity(value=Decimal(value), unit=unit)
        return self.driver.record(topic, f"acme/{sku}", quantity, (*headers, (CE_TIME, self._now())))

    def raw(self, sku: str, content: str, **stated: object) -> Record:
        """One raw count."""
        value = json.dumps({"content": content, **stated}).encode()
        return self.driver.record(tally.RAW, f"acme/{sku}", value, ((CE_TIME, self._now()),))

    def misplaced(self, record: Record) -> Record:
        """The same record in a partition that its key does not choose."""
        return replace(record, partition=(record.partition + 1) % self.cluster.partitions)

    def broken(self, record: Record) -> Record:
        """The same record with a value that nobody can decode."""
        return replace(record, value=b"\x00\x00\x00\x00\x01broken")

    def with_value(self, sku: str, value: bytes | None) -> Record:
        """A count with these bytes in its place."""
        return replace(self.count(sku, 1), value=value)

    def stranger(self) -> Record:
        """A count that is framed with a schema id which nobody has registered."""
        return self.with_value("stranger", b"\x00\x00\x00\x27\x0f" + b"\x02")

    def spoil(self, row_key: bytes, slot: int) -> None:
        """Damage a row of the changelog while no worker runs."""
        self.driver.restart()
        junk = b"\x00\x00\x00\x00\x01\xff\xff\xff"
        self.cluster.append(Record(self.topology.changelog, slot, -1, row_key, junk))
        self.driver.settle()

    def unit(self, name: str, pieces: int | None) -> Record:
        """One row of the units; None deletes it."""
        row = None if pieces is None else Quantity(value=Decimal(pieces), unit=name)
        return self.driver.record(tally.UNIT, f"acme/{name}", row)

    def request(self, action: str, entry: rows.Entry, **fields: Any) -> Record:  # fields of ReplayRequest
        """An operator's request as a record of the lane."""
        return self.driver.request_record(entry, action=action, **fields)

    def run(self, *inputs: Record | Fault | ADVANCE) -> None:
        """Feed them and run until all is processed."""
        self.driver.run(*inputs)

    def declare(self, name: str, pieces: int | None) -> None:
        """Change a unit and run until every worker has taken note and settled what follows."""
        self.cluster.append(self.unit(name, pieces))
        self.driver.settle()
        rows_now = len(self.cluster.records(tally.UNIT.name))
        workers = self.driver.workers.values()
        self.driver.until(lambda: all(sum(w.references.offsets.values()) >= rows_now for w in workers))
        self.run(ADVANCE(self.tuning.tick_s))

    def _now(self) -> bytes:
        stamp = tally.EPOCH.timestamp() + (self.driver.now_us - _START_US) // 1_000_000
        return type(tally.EPOCH).fromtimestamp(stamp, tally.EPOCH.tzinfo).isoformat().encode()

    # -- outputs ------------------------------------------------------------------------------
    def totals(self, sku: str) -> list[int]:
        """Every total of a SKU that was emitted, in order."""
        return [
            self.total_of(record)
            for record in self.cluster.records(tally.TOTAL.name)
            if record.key == f"acme/{sku}".encode()
        ]

    def total_of(self, record: Record) -> int:
        """What a record of the totals says."""
        return int(self.driver.serde.deserialize(Quantity, record.value).value)

    def contents(self, sku: str) -> list[str]:
        """Every raw content of a SKU that was emitted, in order."""
        records = self.cluster.records(tally.READ.name)
        return [(r.value or b"").decode() for r in records if r.key == f"acme/{sku}".encode()]

    @property
    def outcomes(self) -> dict[str, int]:
        """Intake outcomes by number, without zeros."""
        return self.driver.outcomes()

    @property
    def entries(self) -> list[rows.Entry]:
        """Kept entries in the order of their sources."""
        return self.driver.entries()

    @property
    def head(self) -> rows.Entry:
        """The first kept entry that does not merely wait behind another."""
        return next(entry for entry in self.entries if entry.kind != "held")

    def logged_entries(self) -> list[rows.Entry]:
        """Kept entries as the changelog says, whoever runs the slots."""
        values: dict[tuple[int, bytes], bytes | None] = {}
        for record in self.cluster.records(self.topology.changelog):
            if record.key is not None and record.key[:1] == rows.ENTRY:
                values[record.partition, record.key] = record.value
        found = [
            self.driver.serde.read_row(rows.Entry, value) for value in values.values() if value is not None
        ]
        return sorted(found, key=lambda entry: (entry.topic, entry.partition, entry.offset))

    @property
    def kept(self) -> list[str]:
        """Kinds of the kept entries as the changelog says."""
        return [entry.kind for entry in self.logged_entries()]

    def logged_head(self) -> rows.Entry:
        """The first of them that does not merely wait behind another."""
        return next(entry for entry in self.logged_entries() if entry.kind != "held")

    @property
    def kinds(self) -> list[str]:
        """Kinds of the kept entries."""
        return [entry.kind for entry in self.entries]

    @property
    def stops(self) -> list[str]:
        """Why slots stand still."""
        positions = [owned.slot.position for owned in self.driver.slots().values()]
        return [position.stopped_code for position in positions if position.stopped_code]

    def closed(self) -> dict[str, int]:
        """Dispositions by number, without zeros."""
        names = ("closed_accepted", "closed_superseded", "closed_discarded", "rejected_again")
        receipts = [r for r in self.driver.receipts() if r.group == self.topology.group]
        sums = {name.removeprefix("closed_"): sum(getattr(r, name) for r in receipts) for name in names}
        return {name: number for name, number in sums.items() if number}

    def codes(self, topic: Topic[Any] = tally.COUNT) -> list[str | None]:
        """Codes of the dead letters of an input."""
        return [letter.header("dlq.err.code") for letter in self.driver.dead_letters(topic)]

    def ask(
        self, action: str, entry: rows.Entry | None = None, **fields: Any
    ) -> str:  # fields of ReplayRequest
        """Send an operator's request about an entry (the head by default); returns the answer."""
        return str(self.driver.request(entry or self.head, action=action, **fields).answer)

    def close(self) -> None:
        """Settle, end the workers, add up the log."""
        self.driver.restart()
        if self.is_checked:
            checker.assert_sound(self.cluster, flow_of(self.topology, **self.facts))


def skus_of_one_slot(scene: Scene, number: int) -> list[str]:
    """SKUs that share a slot."""
    return _first(number, (f"S{n}" for n in range(1_000)), scene)


def _first(number: int, names: Iterable[str], scene: Scene) -> list[str]:
    chosen: list[str] = []
    slot = -1
    for name in names:
        partition = scene.count(name, 1).partition
        slot = partition if slot < 0 else slot
        if partition == slot:
            chosen.append(name)
        if len(chosen) == number:
            break
    return chosen
