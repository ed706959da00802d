"""An open transaction hides committed rows behind it; nobody takes the rest for the whole (R10, §11.2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Producer

from crossdock.streaming.assignment import Phase
from crossdock.streaming.testing import CRASH
from tests.broker.conftest import Opened
from tests.kit import tally
from tests.kit.kafka_cluster import KafkaCluster
from tests.kit.scene import Scene

pytestmark = pytest.mark.broker


@contextmanager
def open_transaction(scene: Scene, topic: str, slot: int) -> Iterator[Producer]:
    """A stranger writes one record to a partition and neither commits nor aborts until the block ends."""
    assert isinstance(scene.cluster, KafkaCluster)
    settings = scene.cluster.settings
    producer = Producer(
        {**settings.client(), "transactional.id": f"{settings.namespace}-stranger", "log_level": 0}
    )
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(settings.topic(topic), b"", b"z-stranger", slot)
    assert producer.flush(20) == 0
    yield producer
    producer.abort_transaction(20)


def take_over(scene: Scene, slot: int, number: int) -> None:
    """The worker dies with a batch of another slot in hand; the next one gets on with that slot."""
    worker = scene.driver.workers[0]
    other = next(sku for sku in map(str, range(99)) if scene.count(sku, 1).partition != slot)
    scene.driver._backends[0].fault = CRASH
    scene.cluster.append(scene.count(other, 1))
    scene.driver.until(lambda: scene.driver.workers[0] is not worker)
    scene.driver.until(lambda: scene.totals(other)[-1:] == [number])


def test_state_is_whole_after_takeovers_below_an_open_transaction(opened: Opened) -> None:
    scene = opened(tally.tally)
    slot = scene.count("A", 1).partition
    scene.run(scene.count("A", 1))
    with open_transaction(scene, scene.topology.changelog, slot):
        scene.run(scene.count("A", 2), scene.count("A", 3, "BAD"), scene.count("A", 4))
        head = scene.head
        for takeover in (1, 2):
            take_over(scene, slot, takeover)
            assert scene.driver.slots()[slot].phase is Phase.RESTORING
    scene.run(scene.count("A", 5))
    assert not scene.driver.slots()[slot].broken
    scene.run(scene.request("edit", head, value=scene.count("A", 3).value))
    assert scene.totals("A") == [1, 3, 6, 10, 15]


def test_reference_table_is_read_whole_below_an_open_transaction(opened: Opened) -> None:
    scene = opened(tally.measured)
    box = scene.unit("BOX", 12)
    with open_transaction(scene, tally.UNIT.name, box.partition):
        scene.cluster.append(box)
        scene.cluster.append(scene.count("A", 1, "BOX"))
    scene.run()
    assert scene.totals("A") == [12]
    assert scene.outcomes == {"accepted": 1}
