"""Any order of counts, refusals, operator requests and faults ends in the fold of the inputs (I1–I10).

The model is a sum per SKU: each count is added exactly once, when its turn comes, unless it was discarded.
"""

from __future__ import annotations

import random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from crossdock.streaming.assignment import Phase
from crossdock.streaming.limits import Limits
from crossdock.streaming.rows import Entry
from crossdock.streaming.surroundings import Tuning
from crossdock.streaming.testing import ABORT, CRASH, CRASH_AFTER, LOSE_ANSWER, Fault
from tests.kit import checker, tally
from tests.kit.flaky import FlakyRegistry
from tests.kit.lab import MemoryLab
from tests.kit.scene import Scene, flow_of

SKUS = st.sampled_from(["A", "B", "C", "D", "E"])
UNITS = st.sampled_from(["EA", "EA", "EA", "EA", "BAD", "WORSE"])
TOPICS = st.sampled_from([tally.COUNT, tally.CORRECTION])
FAULTS = st.sampled_from([CRASH, CRASH_AFTER, LOSE_ANSWER, ABORT])
TUNING = Tuning(
    tick_s=0.02,
    batch_records=4,
    drain_records=2,
    limits=Limits(rejections_in_row_max=4, entries_per_key_max=9),
)


class Runtime(RuleBasedStateMachine):
    """One topology of two inputs on one store, whatever may happen to its workers."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = FlakyRegistry()
        self.lab = MemoryLab(2)
        self.scene = Scene(self.lab, self.registry, tally.two_inputs, TUNING)
        self.expected: dict[bytes, int] = {}
        self.units: dict[str, tuple[bytes, int]] = {}

    @initialize(seed=st.integers(0, 2**16))
    def interleave(self, seed: int) -> None:
        """A poll hands out its partitions in any order."""
        self.lab.broker.merge = lambda queues: merged(queues, random.Random(seed))

    # -- inputs -------------------------------------------------------------------------------
    @rule(sku=SKUS, unit=UNITS, topic=TOPICS, value=st.integers(1, 9), times=st.integers(1, 3))
    def count(self, sku: str, unit: str, topic: Any, value: int, times: int) -> None:  # any Topic
        """The same count arrives one to three times; each arrival counts."""
        for _ in range(times):
            record = self.scene.count(sku, value, unit, topic)
            stored = self.lab.broker.append(record)
            key = f"acme/{sku}".encode()
            self.units[stored.coordinates] = (key, value)
            self.expected[key] = self.expected.get(key, 0) + value

    # -- what may happen ----------------------------------------------------------------------
    @rule(turns=st.integers(1, 5))
    def work(self, turns: int) -> None:
        """Every worker turns a few times."""
        for ordinal in list(self.scene.driver.workers) or [0]:
            self.scene.driver.turn(ordinal, turns)

    @rule(fault=FAULTS)
    def fail(self, fault: Fault) -> None:
        """The next transaction of the first worker meets a fault."""
        self.scene.driver.turn(0)
        self.scene.driver._backends[0].fault = fault

    @rule()
    def end_in_order(self) -> None:
        """All workers end; others start with the next turn."""
        self.scene.driver.restart()

    @rule(away=st.integers(1, 3))
    def registry_away(self, away: int) -> None:
        """The registry does not answer for a while; a strange schema id makes a worker ask it."""
        self.registry.failures = away
        stored = self.lab.broker.append(self.scene.stranger())
        self.units[stored.coordinates] = (stored.key or b"", 1)

    @rule(turns=st.integers(1, 3))
    def second_worker(self, turns: int) -> None:
        """Another member joins, or the one that did works on."""
        self.scene.driver.turn(1, turns)

    @rule()
    @precondition(lambda self: 1 in self.scene.driver.workers)
    def second_worker_leaves(self) -> None:
        """The other member ends in good order."""
        self.scene.driver.leave(1)

    @rule()
    @precondition(lambda self: self.scene.driver.workers)
    def time_out(self) -> None:
        """A worker's session times out while it has a batch in hand; another takes over meanwhile."""
        driver = self.scene.driver

        def take_over() -> None:
            if 0 in self.lab.broker.group(tally.two_inputs.group).members:
                self.lab.broker.expel(tally.two_inputs.group, 0)
                driver.turn(1, 6)

        driver.turn(0)
        driver.interrupt(0, take_over)

    # -- operators ----------------------------------------------------------------------------
    @rule(action=st.sampled_from(["discard", "edit", "retry", "dry_run"]), number=st.integers(0, 9))
    def operate(self, action: str, number: int) -> None:
        """An operator asks for something about any entry that was ever seen; it may be outdated."""
        entries = self.scene.entries
        if entries:
            entry = entries[number % len(entries)]
            value = self.scene.count("A", self.value_of(entry)).value if action == "edit" else None
            self.lab.append(self.scene.request(action, entry, value=value))

    @rule(slot=st.integers(0, 1))
    def resume(self, slot: int) -> None:
        """An operator resumes a slot, stopped or not."""
        self.lab.append(self.scene.driver.request_record(None, slot=slot, action="resume"))

    def value_of(self, entry: Entry) -> int:
        """What an entry's count says."""
        return self.units[entry.record.coordinates][1]

    # -- the end ------------------------------------------------------------------------------
    def teardown(self) -> None:
        """All is settled, then added up."""
        self.registry.failures = 0
        self.scene.driver.settle()
        for _ in range(400):
            self.resume_all()
            heads = [entry for entry in self.scene.entries if entry.kind != "held"]
            if not heads and not self.stopped():
                break
            for entry in heads:
                self.scene.run(self.scene.request("discard", entry))
        assert self.scene.entries == []
        self.add_up()

    def stopped(self) -> list[int]:
        """Slots that stand still."""
        slots = self.scene.driver.slots()
        assert all(owned.phase is not Phase.BROKEN for owned in slots.values()), [
            o.broken for o in slots.values()
        ]
        return [number for number, owned in slots.items() if owned.phase is Phase.STOPPED]

    def resume_all(self) -> None:
        """An operator resumes whatever stopped."""
        for slot in self.stopped():
            self.scene.run(self.scene.driver.request_record(None, slot=slot, action="resume"))

    def add_up(self) -> None:
        """What was discarded is no part of the sum; everything else is in it once."""
        self.scene.driver.restart()
        checker.assert_sound(self.lab, flow_of(tally.two_inputs))
        applied = {checker.source_of(record) for record in self.lab.records(tally.TOTAL.name)}
        sums: dict[bytes, object] = {}
        for coordinates, (key, value) in self.units.items():
            topic, partition, offset = coordinates.rsplit("/", 2)
            if (topic, int(partition), int(offset)) in applied:
                sums[key] = int(str(sums.get(key, 0))) + value
        actual = checker.final_state(self.lab, tally.TOTAL.name, self.scene.total_of)
        assert checker.state_violations(actual, sums) == []


def merged(queues: list[list[Any]], choice: random.Random) -> list[Any]:
    """The queues mixed, each in its own order."""
    rest = [list(queue) for queue in queues if queue]
    mixed = []
    while rest:
        queue = choice.choice(rest)
        mixed.append(queue.pop(0))
        rest = [one for one in rest if one]
    return mixed


TestRuntime = Runtime.TestCase
TestRuntime.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
