"""A drain of many followers behind one bad record, with another bad one in the middle, under kill -9."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from crossdock.canonical.models.ops import AuditEntry
from crossdock.canonical.record import Record
from tests.kit import tally
from tests.kit.kafka_cluster import KafkaCluster
from tests.kit.scene import Scene, skus_of_one_slot
from tests.kit.waiting import wait_until
from tests.kit.workers import Member, Workers

ROW_BYTES_MAX = 64 * 1024


@dataclass(frozen=True)
class DrainPlan:
    """How much: `bad` is the number of the follower that is refused too."""

    followers: int
    bad: int
    kills: int
    drain_records: int
    seed: int = 11


class Drain:
    """One worker process that drains, is killed, and comes again, while live records flow beside it."""

    def __init__(self, scene: Scene, workers: Workers, plan: DrainPlan) -> None:
        assert isinstance(scene.cluster, KafkaCluster)
        settings = scene.cluster.settings
        self.cluster = scene.cluster
        self.scene = scene
        self.plan = plan
        self.workers = workers
        self.member = Member(
            settings.bootstrap_servers, settings.namespace, "tally", drain_records=plan.drain_records
        )
        self.pid = workers.start(self.member)
        self.key, self.live = skus_of_one_slot(scene, 2)
        self.lived = 0
        self.choice = random.Random(plan.seed)

    def fill(self) -> None:
        """A bad head, its followers, one of them bad."""
        units = {0: "BAD", self.plan.bad: "WORSE"}
        numbers = range(self.plan.followers + 1)
        self.cluster.extend([self.scene.count(self.key, 1, units.get(n, "EA")) for n in numbers])
        wait_until(lambda: self.held() == self.plan.followers, seconds=120)

    def held(self) -> int:
        """How many joined the hold."""
        return self.scene.outcomes.get("held", 0)

    def discard_head(self) -> None:
        """The same request twice, and once more with other words."""
        head = self.scene.logged_head()
        request = self.scene.request("discard", head)
        self.cluster.extend([request, request, self.scene.request("retry", head)])

    def until(self, is_done: Callable[[], bool], kills: int) -> None:
        """Live records one by one, and kills at random moments, until the drain has come far enough."""
        left = kills

        def goes_on() -> bool:
            nonlocal left
            self.cluster.append(self.scene.count(self.live, 1))
            self.lived += 1
            if left and self.drained() and self.choice.random() < 0.3:
                left -= 1
                self.workers.kill(self.pid)
                self.pid = self.workers.start(self.member)
            return is_done() and not left

        wait_until(goes_on, seconds=600)

    def drained(self) -> int:
        """How many followers were applied."""
        return len(self.scene.totals(self.key))

    def answers(self) -> list[str]:
        """Every answer to an operator, in order."""
        records: list[Record] = self.cluster.records("ops.audit.v1")
        serde = self.scene.driver.serde
        return [str(serde.deserialize(AuditEntry, record.value).answer) for record in records]

    def rows(self) -> list[int]:
        """Sizes of all rows of the changelog."""
        return [len(record.value or b"") for record in self.cluster.records(self.scene.topology.changelog)]


def drain(opened: Callable[..., Any], workers: Workers, plan: DrainPlan) -> None:  # Opened of the conftest
    """Run the plan and check it; the log is added up when the scene closes."""
    run = Drain(opened(tally.tally), workers, plan)
    run.fill()
    run.discard_head()
    run.until(lambda: run.drained() == plan.bad - 1, plan.kills // 2)
    wait_until(lambda: len(run.scene.logged_entries()) == plan.followers - plan.bad + 1)
    assert [entry.kind for entry in run.scene.logged_entries()[:2]] == ["rejected", "held"]
    between = run.lived
    run.discard_head()
    run.until(lambda: run.drained() == plan.followers - 1, plan.kills - plan.kills // 2)
    wait_until(lambda: len(run.scene.totals(run.live)) == run.lived)
    run.workers.end(run.pid)
    assert run.scene.totals(run.key) == list(accumulate([1] * (plan.followers - 1)))
    assert run.answers() == ["done", "resolved_before", "resolved_before"] * 2
    assert between
    assert max(run.rows()) < ROW_BYTES_MAX
    assert interleaved(run) > 1


def interleaved(run: Drain) -> int:
    """How often the outputs change between the draining key and the other: live work is not kept waiting."""
    keys = [record.key for record in run.cluster.records(tally.TOTAL.name)]
    return sum(one != other for one, other in pairwise(keys))
