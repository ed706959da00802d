"""A commit whose answer is lost may have landed: what is on the broker decides (R6, R7, runtime §11.4)."""

from __future__ import annotations

import pytest

from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.streaming.backend import Place
from crossdock.streaming.errors import InDoubt
from tests.broker.conftest import Opened
from tests.kit import tally
from tests.kit.kafka_cluster import KafkaCluster
from tests.kit.proxy import proxy
from tests.kit.scene import Scene

pytestmark = pytest.mark.broker


def troubles(scene: Scene) -> list[Exception]:
    """Commits in doubt that the worker told about."""
    return [trouble for trouble in scene.driver.watcher.troubles if isinstance(trouble, InDoubt)]


@pytest.mark.parametrize("swallowed", ["answers", "requests"])
def test_record_after_a_commit_in_doubt_meets_the_right_state(
    opened: Opened, kafka: EmbeddedKafka, swallowed: str
) -> None:
    scene = opened(tally.marked)
    cluster = scene.cluster
    assert isinstance(cluster, KafkaCluster)
    with proxy(kafka.bootstrap_servers) as between:
        cluster.worker_servers = between.bootstrap_servers
        scene.run(scene.count("A", 1))
        between.swallow = swallowed
        cluster.append(scene.count("A", 2))
        scene.driver.until(lambda: len(troubles(scene)) == 1)
        landed = scene.totals("A") == [1, 3]
        between.swallow = ""
        scene.run(scene.count("A", 2), scene.count("A", 3))
        assert between.seen
        assert landed is (swallowed == "answers")
        assert scene.totals("A") == [1, 3, 6]
        assert scene.outcomes == {"accepted": 3, "duplicate": 1}
        assert positions(scene) == committed(scene)
        scene.driver.restart()


def positions(scene: Scene) -> dict[Place, int]:
    """Next offsets as the slots' position rows say."""
    slots = scene.driver.slots().values()
    return {Place(t, owned.number): o for owned in slots for t, (_, o) in owned.slot.position.inputs.items()}


def committed(scene: Scene) -> dict[Place, int]:
    """Next offsets as the group has committed them."""
    backend = scene.cluster.backend(scene.topology, 9)
    try:
        found = backend.committed(positions(scene))
        return {place: one.offset for place, one in found.items() if one is not None}
    finally:
        backend.close()
