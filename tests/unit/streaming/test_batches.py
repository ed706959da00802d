"""What one poll brings may come in any order across partitions, and may stop and resume its slot (R19)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pytest

from crossdock.canonical.record import Record
from crossdock.streaming.backend import Backend
from crossdock.streaming.backends.memory import MemoryBackend
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.errors import ConfigurationError
from crossdock.streaming.limits import Limits
from crossdock.streaming.surroundings import Tuning
from crossdock.streaming.topology import Topology
from tests.kit import tally
from tests.kit.flaky import FlakyRegistry
from tests.kit.lab import MemoryLab
from tests.kit.scene import Scene, skus_of_one_slot

Queues = list[list[Record]]


def scene_of(**options: object) -> Scene:
    """A scene on memory; options are fields of Tuning."""
    tuning = Tuning(**{"tick_s": 0.02, **options})  # type: ignore[arg-type]  # fields of Tuning
    return Scene(MemoryLab(2), MemoryRegistry(), tally.tally, tuning)


def lane_at(place: int) -> Callable[[Queues], list[Record]]:
    """Hands out the requests of a poll after so many of its records."""

    def merge(queues: Queues) -> list[Record]:
        records = [r for queue in queues for r in queue if not r.topic.endswith("replay.v1")]
        requests = [r for queue in queues for r in queue if r.topic.endswith("replay.v1")]
        return [*records[:place], *requests, *records[place:]]

    return merge


@pytest.mark.parametrize("place", range(7))
@pytest.mark.parametrize("bytes_max", [1, 4_000_000], ids=["record by record", "together"])
def test_slot_that_stops_and_is_resumed_within_one_poll_loses_nothing(place: int, bytes_max: int) -> None:
    scene = scene_of(limits=Limits(rejections_in_row_max=1), batch_bytes=bytes_max)
    sku, other = skus_of_one_slot(scene, 2)
    slot = scene.count(sku, 1).partition
    scene.run()
    for record in [scene.broken(scene.count(other, 1)), *[scene.count(sku, n) for n in range(1, 6)]]:
        scene.cluster.append(record)
    scene.cluster.append(scene.driver.request_record(None, slot=slot, action="resume"))
    broker = scene.cluster.broker if isinstance(scene.cluster, MemoryLab) else None
    assert broker is not None
    broker.merge = lane_at(place)
    scene.run()
    if scene.stops:
        scene.run(scene.driver.request_record(None, slot=slot, action="resume"))
    assert scene.totals(sku) == [1, 3, 6, 10, 15]
    assert scene.outcomes == {"accepted": 5, "rejected": 1}
    scene.close()


def test_batch_is_cut_at_its_bytes_and_keeps_its_order() -> None:
    scene = scene_of(batch_bytes=40)
    for n in range(1, 8):
        scene.cluster.append(scene.count("A", n))
    scene.run()
    assert scene.totals("A") == [1, 3, 6, 10, 15, 21, 28]
    assert len([r for r in scene.driver.receipts() if any(i.accepted for i in r.inputs)]) > 1
    scene.close()


def test_worker_reads_back_its_own_rows_while_the_registry_is_away() -> None:
    registry = FlakyRegistry()
    scene = Scene(MemoryLab(2), registry, tally.tally, Tuning(tick_s=0.02))
    scene.run(scene.count("A", 1))
    registry.failures = 1_000_000
    scene.run(scene.broken(scene.count("B", 1)), scene.count("A", 2), scene.count("B", 3))
    assert scene.outcomes == {"accepted": 2, "rejected": 1, "held": 1}
    registry.failures = 0
    scene.close()


def test_group_whose_topics_got_more_partitions_stands_still() -> None:
    lab = MemoryLab(2)
    scene = Scene(lab, MemoryRegistry(), tally.tally, Tuning(tick_s=0.02), is_checked=False)
    scene.run(scene.count("A", 1), scene.count("B", 1))
    scene.driver.restart()
    lab.partitions = lab.broker.partitions = 3
    scene.run()
    broken = {number: owned.broken.split(":")[0] for number, owned in scene.driver.slots().items()}
    assert broken == {0: "manifest_mismatch", 1: "manifest_mismatch", 2: ""}


class Uneven(MemoryBackend):
    """A broker that says that one topic has more partitions."""

    def partitions(self, topics: Iterable[str]) -> Mapping[str, int]:
        return {name: 3 if name == tally.CORRECTION.name else 2 for name in topics}


class UnevenLab(MemoryLab):
    """A cluster of such a broker."""

    def backend(self, topology: Topology, ordinal: int) -> Backend:
        return Uneven(self.broker, topology.group, ordinal)


def test_inputs_with_unequal_partition_counts_refuse_to_start() -> None:
    scene = Scene(UnevenLab(2), MemoryRegistry(), tally.two_inputs, Tuning(), is_checked=False)
    with pytest.raises(ConfigurationError, match=r"test\.correction\.v1 has 3 partitions"):
        scene.run()


def test_record_that_comes_twice_within_one_poll_is_processed_once() -> None:
    scene = scene_of()
    broker = scene.cluster.broker if isinstance(scene.cluster, MemoryLab) else None
    assert broker is not None
    broker.merge = lambda queues: [r for queue in queues for one in queue for r in (one, replace(one))]
    scene.run(scene.count("A", 1), scene.count("A", 2))
    assert scene.totals("A") == [1, 3]
    scene.close()
