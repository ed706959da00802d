"""A record that ends the process, or never ends, is quarantined, whoever runs its slot next (R22)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.broker.conftest import Opened
from tests.broker.test_zombie import member_of
from tests.kit import tally
from tests.kit.scene import Scene, skus_of_one_slot
from tests.kit.waiting import wait_until
from tests.kit.workers import Workers, is_running

pytestmark = pytest.mark.broker

STARTS_MAX = 5


def has_ended_or_told(pid: int, scene: Scene) -> bool:
    """Whether a worker died, or there is a dead letter."""
    return not is_running(pid) or bool(scene.codes())


@pytest.mark.parametrize("unit", ["EXIT", "LOOP"])
def test_pill_ends_a_few_workers_and_then_none(
    opened: Opened, workers: Workers, tmp_path: Path, unit: str
) -> None:
    scene = opened(tally.tally)
    pill, *others = skus_of_one_slot(scene, 4)
    for sku in others:
        scene.cluster.append(scene.count(sku, 1))
    scene.cluster.append(scene.count(pill, 1, unit))
    for sku in (pill, *others):
        scene.cluster.append(scene.count(sku, 2))
    member = member_of(scene, "tally", record_seconds_max=1)
    starts = 0
    while not scene.codes():
        starts += 1
        assert starts <= STARTS_MAX
        pid = workers.start(member)
        wait_until(partial(has_ended_or_told, pid, scene))
    wait_until(lambda: scene.kept == ["rejected", "held"])
    assert scene.codes() == ["crashed"]
    wait_until(lambda: [scene.totals(sku) for sku in others] == [[1, 3]] * 3)
    assert scene.totals(pill) == []
    workers.end(pid)
    dump = (tmp_path / "workers.log").read_text()
    assert ("Timeout" in dump and "add_count" in dump) == (unit == "LOOP")
