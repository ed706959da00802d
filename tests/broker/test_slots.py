"""A slot is one partition of every input, whoever produces and whoever joins and leaves (R1, R2, §11.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer

from crossdock.canonical.record import Record
from crossdock.streaming.backends.settings import KafkaSettings
from tests.broker.conftest import Opened
from tests.kit import checker, tally
from tests.kit.kafka_cluster import KafkaCluster
from tests.kit.scene import Scene

pytestmark = pytest.mark.broker

PARTITIONS = 12
SKUS = [f"S{n}" for n in range(40)]


def by_aiokafka(scene: Scene, records: Iterable[Record]) -> None:
    """Produce with aiokafka, which chooses the partition."""

    async def send() -> None:
        settings = settings_of(scene)
        producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers)
        await producer.start()
        try:
            for record in records:
                headers = list(record.headers)
                await producer.send_and_wait(
                    settings.topic(record.topic), record.value, record.key, headers=headers
                )
        finally:
            await producer.stop()

    asyncio.run(send())


def by_librdkafka(scene: Scene, records: Iterable[Record], partitioner: str) -> None:
    """Produce with librdkafka, which chooses the partition by one of its partitioners."""
    settings = settings_of(scene)
    producer = Producer({**settings.client(), "partitioner": partitioner, "log_level": 0})
    for record in records:
        topic = settings.topic(record.topic)
        producer.produce(topic, record.value, record.key, headers=list(record.headers))
    assert producer.flush(20) == 0


def settings_of(scene: Scene) -> KafkaSettings:
    """How to reach the scene's cluster."""
    assert isinstance(scene.cluster, KafkaCluster)
    return scene.cluster.settings


def counts(scene: Scene, value: int) -> list[Record]:
    """One count per SKU, on one of two inputs."""
    topics = (tally.COUNT, tally.CORRECTION)
    return [scene.count(sku, value, topic=topics[number % 2]) for number, sku in enumerate(SKUS)]


def test_slots_stay_whole_while_members_join_and_leave(opened: Opened) -> None:
    scene = opened(tally.two_inputs, PARTITIONS)
    driver = scene.driver
    cluster = scene.cluster
    assert isinstance(cluster, KafkaCluster)
    cluster.extend(counts(scene, 1))
    driver.turn(0)
    by_aiokafka(scene, counts(scene, 10))
    for joining in (1, 2):
        driver.turn(joining)
        driver.until(partial(is_shared, scene, joining + 1))
    driver.until(lambda: all(worker.is_ready for worker in driver.workers.values()))
    by_librdkafka(scene, counts(scene, 100), "murmur2_random")
    driver.leave(1)
    cluster.extend(counts(scene, 1_000))
    driver.until(lambda: sum(len(owned(scene, n)) for n in driver.workers) == PARTITIONS)
    scene.run()
    assert scene.outcomes == {"accepted": 4 * len(SKUS)}
    expected: dict[bytes, object] = {f"acme/{sku}".encode(): 1_111 for sku in SKUS}
    assert (
        checker.state_violations(checker.final_state(cluster, tally.TOTAL.name, scene.total_of), expected)
        == []
    )
    chains = {receipt.slot for receipt in driver.receipts()}
    assert chains == set(range(PARTITIONS))


def is_shared(scene: Scene, members: int) -> bool:
    """Whether so many members own equal shares of whole slots."""
    return all(len(owned(scene, n)) == PARTITIONS // members for n in range(members))


def owned(scene: Scene, ordinal: int) -> list[int]:
    """Slots that a worker owns as a whole."""
    worker = scene.driver.workers.get(ordinal)
    return [] if worker is None else list(worker.assignment.slots)


def test_records_of_a_producer_with_another_partitioner_are_rerouted_or_refused(opened: Opened) -> None:
    scene = opened(tally.raw, PARTITIONS)
    records = [scene.raw(sku, "x", revision="1") for sku in SKUS]
    by_librdkafka(scene, records, "consistent")
    scene.run()
    assert scene.outcomes["accepted"] == len(SKUS)
    assert scene.outcomes["rerouted"] > len(SKUS) // 2

    canonical = opened(tally.tally, PARTITIONS)
    by_librdkafka(canonical, [canonical.count(sku, 1) for sku in SKUS], "consistent")
    canonical.run()
    assert set(canonical.codes()) == {"misrouted"}
    assert canonical.outcomes["rejected"] > len(SKUS) // 2
