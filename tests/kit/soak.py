"""Kill -9 of workers and broker under load; what happened is then read from the log alone.

Invariant: the harness never asks a worker what it did. It produces, kills, waits until the group's
committed offsets reach the end of the input, and hands the log to the checker.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from click.testing import CliRunner
from confluent_kafka import Consumer, Producer, TopicPartition

from crossdock.canonical import codec
from crossdock.canonical.keys import murmur2_partition
from crossdock.canonical.models import Order
from crossdock.canonical.record import Record
from crossdock.canonical.topics import ORDER, RAW_CHANNEL
from crossdock.cli.main import cli
from crossdock.embedded.child import Child, Recipe
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.embedded.ports import free_port
from crossdock.normalize.topology import topology
from tests.kit import checker
from tests.kit.cli_installation import PROFILE, order
from tests.kit.kafka_cluster import KafkaCluster
from tests.kit.waiting import wait_until

BROKEN_UNIT = "BOX9"
REVISIONS = 3
LAG_MAX = 4_000
FLOW = checker.Flow(
    group=topology.group,
    inputs=tuple(topic.name for topic in topology.inputs),
    outputs=tuple(topic.name for topic in topology.outputs),
    ordered=frozenset({RAW_CHANNEL.name}),
    emits=1,
)


@dataclass(frozen=True)
class Plan:
    """How much of what.

    Args:
        records: raw orders; each object has up to three revisions, some twice, some in wrong order.
        broken_percent: share of objects that get a record which is refused, in the middle of others.
        workers: workers that run all the time; one more joins and leaves.
    """

    records: int
    worker_kills: int
    broker_kills: int
    workers: int = 2
    partitions: int = 12
    broken_percent: int = 1
    seed: int = 7
    seconds_max: float = 900.0


@dataclass
class Report:
    """What was done to the installation, and for how long."""

    records: int = 0
    objects: int = 0
    worker_kills: int = 0
    broker_kills: int = 0
    takeovers: int = 0
    joined: int = 0
    seconds: float = 0.0
    violations: list[str] = field(default_factory=list)


def inputs(plan: Plan) -> list[tuple[str, bytes]]:
    """(object id, payload) in the order in which they are sent."""
    chance = random.Random(plan.seed)
    sent: list[tuple[str, bytes]] = []
    window: list[tuple[str, bytes]] = []
    number = 0
    while len(sent) + len(window) < plan.records:
        number += 1
        is_broken = chance.randrange(100) < plan.broken_percent
        versions = list(range(1, 1 + chance.randint(1, REVISIONS)))
        chance.shuffle(versions)
        payloads = [order(number, revision=revision, quantity=revision) for revision in versions]
        if is_broken:
            broken = order(number, revision=9, unit=BROKEN_UNIT)
            payloads.insert(chance.randint(0, len(payloads)), broken)
        if chance.randrange(10) == 0:
            payloads.append(chance.choice(payloads))
        window += [(str(number), payload) for payload in payloads]
        while len(window) > 200:
            sent.append(window.pop(0))
    return (sent + window)[: plan.records]


class Soak:
    """One run on a broker that it may kill."""

    def __init__(self, kafka: EmbeddedKafka, registry_url: str, plan: Plan, directory: Path) -> None:
        self.kafka = kafka
        self.plan = plan
        self.report = Report()
        self._registry_url = registry_url
        self._directory = directory
        self._chance = random.Random(plan.seed + 1)
        self.cluster = KafkaCluster(kafka.bootstrap_servers, topology, plan.partitions)
        self._run_cli("topics", "apply", "--partitions", str(plan.partitions))
        profile = directory / "portal.yaml"
        profile.write_text(PROFILE)
        self._run_cli("partners", "apply", str(profile))
        self._children = [self._child(ordinal) for ordinal in range(plan.workers + 1)]
        self._offsets = Consumer(
            {
                **self.cluster.settings.client(),
                "group.id": self.cluster.settings.topic(topology.group),
                "log_level": 0,
            }
        )
        self._sent = 0
        self._failed: list[object] = []

    def run(self) -> Report:
        """Load and chaos until everything is processed; then the verdict of the checker."""
        started = time.monotonic()
        for child in self._children[:-1]:
            child.start()
        sender = threading.Thread(target=self._send, name="sender")
        sender.start()
        try:
            self._cause_trouble()
            wait_until(lambda: not sender.is_alive(), self._tend, seconds=self.plan.seconds_max)
            wait_until(lambda: self._committed() >= self.plan.records, self._tend, seconds=300)
        finally:
            for child in self._children:
                child.stop(10)
            self._offsets.close()
        assert not self._failed, self._failed[:3]
        self.report.seconds = time.monotonic() - started
        self.report.violations = [str(found) for found in self._verdict()]
        return self.report

    # -- load ---------------------------------------------------------------------------------
    def _send(self) -> None:
        settings = {"enable.idempotence": True, "delivery.timeout.ms": 600_000, "log_level": 0}
        producer = Producer({**self.cluster.settings.client(), **settings})
        topic = self.cluster.settings.topic(RAW_CHANNEL.name)
        pause = threading.Event()
        keys = set()
        for name, payload in inputs(self.plan):
            while self._sent - self._last_committed > LAG_MAX:
                producer.poll(0)
                pause.wait(0.05)
            key = f"acme/portal/order:{name}".encode()
            keys.add(key)
            partition = murmur2_partition(key, self.plan.partitions)
            producer.produce(topic, payload, key, partition, on_delivery=self._delivered)
            producer.poll(0)
            self._sent += 1
        left = producer.flush(600)
        if left:
            self._failed.append(f"{left} records were never acknowledged")
        self.report.records, self.report.objects = self._sent, len(keys)

    def _delivered(self, error: object, _message: object) -> None:
        if error is not None:
            self._failed.append(error)

    # -- trouble ------------------------------------------------------------------------------
    _last_committed = 0

    def _cause_trouble(self) -> None:
        events = ["worker"] * self.plan.worker_kills + ["broker"] * self.plan.broker_kills
        self._chance.shuffle(events)
        step = self.plan.records // (len(events) + 2)
        for number, event in enumerate(events, start=1):
            target = min(number * step, self.plan.records)
            wait_until(lambda: self._committed() >= target, self._tend, seconds=300)  # noqa: B023 - used at once
            if number == len(events) // 3:
                self._children[-1].start()
                self.report.joined += 1
            if number == 2 * len(events) // 3:
                self._children[-1].stop(10)
            (self._kill_worker if event == "worker" else self._kill_broker)()

    def _kill_worker(self) -> None:
        wait_until(self._alive, self._tend)
        child, pid = self._chance.choice(self._alive())
        os.kill(pid, signal.SIGKILL)
        self.report.worker_kills += 1
        wait_until(lambda: child.pid is None, seconds=10)
        if self.report.worker_kills % 10 == 5:
            self.report.takeovers += 1
            reached = self._committed()
            others = partial(self._tend, child)
            wait_until(lambda: self._committed() > reached + 50 or self._is_all_read(), others, seconds=120)
        child.start()

    def _alive(self) -> list[tuple[Child, int]]:
        return [(child, child.pid) for child in self._children[:-1] if child.pid is not None]

    def _kill_broker(self) -> None:
        self.kafka.kill()
        self.kafka.start()
        self.report.broker_kills += 1

    def _tend(self, victim: Child | None = None) -> None:
        """Children that ended by themselves are started again, as a supervisor does; the victim is not."""
        for child in self._children[:-1]:
            if child is not victim:
                child.tend()

    def _is_all_read(self) -> bool:
        return self._last_committed >= self._sent

    def _committed(self) -> int:
        topic = self.cluster.settings.topic(RAW_CHANNEL.name)
        wanted = [TopicPartition(topic, number) for number in range(self.plan.partitions)]
        try:
            found = self._offsets.committed(wanted, timeout=10)
        except Exception:
            return self._last_committed
        self._last_committed = sum(max(0, one.offset) for one in found)
        return self._last_committed

    # -- verdict ------------------------------------------------------------------------------
    def _verdict(self) -> list[checker.Violation]:
        found = checker.violations(self.cluster, FLOW)
        last = {record.key or b"": record for record in self.cluster.records(ORDER.name)}
        states = {key: _revision(record) for key, record in last.items()}
        return found + checker.state_violations(states, self._expected())

    def _expected(self) -> dict[bytes, object]:
        """The fold of the inputs: per object the highest revision before its first refused record."""
        best: dict[bytes, object] = {}
        blocked: set[bytes] = set()
        for record in self.cluster.records(RAW_CHANNEL.name):
            key = (record.key or b"").replace(b"/order:", b"/")
            value = record.value or b""
            if BROKEN_UNIT.encode() in value:
                blocked.add(key)
            if key not in blocked:
                stated = int(json.loads(value)["revision"]["value"])
                best[key] = max(int(str(best.get(key, 0))), stated)
        return best

    # -- installation -------------------------------------------------------------------------
    def _child(self, ordinal: int) -> Child:
        port = free_port()
        environment = {
            "CROSSDOCK_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "CROSSDOCK_REGISTRY_URL": self._registry_url,
            "CROSSDOCK_NAMESPACE": self.cluster.settings.namespace,
            "CROSSDOCK_HEALTH_PORT": str(port),
            "CROSSDOCK_ORDINAL": str(ordinal),
            "CROSSDOCK_SESSION_TIMEOUT_MS": "6000",
        }
        log = self._directory / f"normalize-{ordinal}.log"
        return Child(Recipe(f"normalize-{ordinal}", "crossdock.normalize", port, environment, log))

    def _run_cli(self, *arguments: str) -> None:
        options = [
            *("--bootstrap-servers", self.kafka.bootstrap_servers),
            *("--registry-url", self._registry_url),
            *("--namespace", self.cluster.settings.namespace),
        ]
        result = CliRunner().invoke(cli, [*options, *arguments])
        assert result.exit_code == 0, result.output


def _revision(record: Record) -> object:
    body = codec.unframe(record.value or b"")[1]
    return int(codec.decode(Order, body).revision.value)


def soak(kafka: EmbeddedKafka, registry_url: str, plan: Plan, directory: Path) -> Report:
    """Run a plan and return what happened; `violations` must be empty."""
    return Soak(kafka, registry_url, plan, directory).run()
