"""Scenes on the real broker whose workers are processes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.streaming.surroundings import Tuning
from crossdock.streaming.topology import Topology
from tests.kit.kafka_cluster import KafkaCluster
from tests.kit.scene import Scene
from tests.kit.static_registry import StaticRegistry
from tests.kit.workers import PATIENT, Workers


class Opened(Protocol):
    """Opens the scene of a test on the broker."""

    def __call__(self, topology: Topology, partitions: int = ..., **options: Any) -> Scene:
        """A scene; options are fields of Scene."""


@pytest.fixture
def opened(kafka: EmbeddedKafka) -> Iterator[Opened]:
    """Opens scenes; when they end their log is added up."""
    scenes: list[tuple[Scene, KafkaCluster]] = []

    def make(topology: Topology, partitions: int = 2, **options: Any) -> Scene:  # fields of Scene
        cluster = KafkaCluster(kafka.bootstrap_servers, topology, partitions)
        tuning = Tuning(idle_poll_s=0.02, tick_s=0.02, limits=PATIENT)
        scene = Scene(cluster, StaticRegistry(), topology, tuning, **options)
        scenes.append((scene, cluster))
        return scene

    yield make
    for scene, cluster in scenes:
        scene.close()
        cluster.close()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """The parent of worker processes."""
    with Workers(tmp_path / "workers.log") as parent:
        yield parent
