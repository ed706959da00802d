"""Every scenario runs on memory and on the real broker; what it leaves behind is added up by the checker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.surroundings import Tuning
from crossdock.streaming.topology import Topology
from tests.kit.kafka_cluster import KafkaCluster
from tests.kit.lab import Lab, MemoryLab
from tests.kit.scene import Scene

PARTITIONS = 2
ON_MEMORY = pytest.mark.parametrize("stage", ["memory"], indirect=True)
"""For rows of a table, one of which is enough on the broker, and for what no broker takes part in."""


ONE_ROW_ON_BROKER = pytest.mark.one_row_on_broker
"""Of the rows of a table only the first runs on the broker, all of them on memory."""


def pytest_configure(config: pytest.Config) -> None:
    """Registers this folder's marker."""
    config.addinivalue_line("markers", "one_row_on_broker: only its first row runs on the broker")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the further rows of marked tables out of the broker lane."""
    seen: set[object] = set()
    dropped = [item for item in items if item.get_closest_marker("one_row_on_broker") and _is_row(item, seen)]
    config.hook.pytest_deselected(items=dropped)
    items[:] = [item for item in items if item not in dropped]


def _is_row(item: pytest.Item, seen: set[object]) -> bool:
    """Whether another row of the same test was seen on the broker before."""
    assert isinstance(item, pytest.Function)
    if item.callspec.params.get("stage") != "kafka":
        return False
    is_further = item.function in seen
    seen.add(item.function)
    return is_further


def tuned(**options: Any) -> Tuning:  # fields of Tuning
    """A worker that looks more often than in production."""
    return Tuning(**{"idle_poll_s": 0.02, "tick_s": 0.02, **options})


class Stage(Protocol):
    """Opens the scene of a test."""

    def __call__(self, topology: Topology, tuning: Tuning = ..., **options: Any) -> Scene:
        """A scene; options are fields of Scene."""


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.broker)])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Opens a scene on memory, then on the real broker."""
    scenes: list[Scene] = []

    def opened(topology: Topology, tuning: Tuning | None = None, **options: Any) -> Scene:  # fields of Scene
        cluster = options.pop("cluster", None) or _cluster(request, topology)
        registry = options.pop("registry", None) or MemoryRegistry()
        scene = Scene(cluster, registry, topology, tuning or tuned(), **options)
        scenes.append(scene)
        return scene

    yield opened
    for scene in scenes:
        scene.close()
        scene.cluster.close()


def _cluster(request: pytest.FixtureRequest, topology: Topology) -> Lab:
    if request.param == "memory":
        return MemoryLab(PARTITIONS)
    kafka: EmbeddedKafka = request.getfixturevalue("kafka")
    return KafkaCluster(kafka.bootstrap_servers, topology, PARTITIONS)
