"""A worker that was stopped for longer than its session, and goes on, does no harm (R5–R7, runtime §11.3)."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.broker.conftest import Opened
from tests.kit import tally
from tests.kit.kafka_cluster import KafkaCluster
from tests.kit.scene import Scene
from tests.kit.waiting import wait_until
from tests.kit.workers import Member, Workers, is_stopped

pytestmark = pytest.mark.broker


def member_of(scene: Scene, topology: str, **options: object) -> Member:
    """A worker for the scene's cluster."""
    assert isinstance(scene.cluster, KafkaCluster)
    settings = scene.cluster.settings
    return Member(settings.bootstrap_servers, settings.namespace, topology, **options)  # type: ignore[arg-type]  # by name


def is_broken(scene: Scene) -> bool:
    """Whether a slot contradicts the broker."""
    return any(owned.broken for owned in scene.driver.slots().values())


@pytest.mark.parametrize("place", ["send_offsets", "commit"])
def test_zombie_between_produce_and_commit_leaves_nothing_behind(
    opened: Opened, workers: Workers, tmp_path: Path, place: str
) -> None:
    scene = opened(tally.tally)
    hold = tmp_path / "hold"
    zombie = workers.start(member_of(scene, "tally", hold_file=str(hold), hold_before=place))
    for record in [scene.count("A", 1), scene.count("B", 1)]:
        scene.cluster.append(record)
    wait_until(lambda: (scene.totals("A"), scene.totals("B")) == ([1], [1]))
    hold.touch()
    for record in [scene.count("A", 2), scene.count("B", 2)]:
        scene.cluster.append(record)
    wait_until(lambda: is_stopped(zombie))
    scene.driver.turn(1)
    scene.driver.until(lambda: len(scene.driver.slots()) == 2)
    scene.driver.until(lambda: (scene.totals("A")[-1], scene.totals("B")[-1]) == (3, 3))
    os.kill(zombie, signal.SIGCONT)
    for sku in "AB":
        scene.cluster.append(scene.count(sku, 3))
    scene.driver.until(lambda: (scene.totals("A"), scene.totals("B")) == ([1, 3, 6], [1, 3, 6]))
    assert not is_broken(scene)
    workers.kill(zombie)


def test_zombie_that_wakes_before_its_transaction_times_out_hands_over_a_whole_state(
    opened: Opened, workers: Workers, tmp_path: Path
) -> None:
    scene = opened(tally.tally)
    hold = tmp_path / "hold"
    patient = {"hold_file": str(hold), "hold_before": "commit", "transaction_ms": 30_000, "linger_ms": 1_000}
    zombie = workers.start(member_of(scene, "tally", **patient))
    scene.cluster.append(scene.count("A", 1))
    wait_until(lambda: scene.totals("A") == [1])
    hold.touch()
    scene.cluster.append(scene.count("A", 2))
    wait_until(lambda: is_stopped(zombie))
    scene.driver.turn(1)
    scene.driver.until(lambda: len(scene.driver.slots()) == 2)
    mistake_by = time.monotonic() + 2
    scene.driver.until(lambda: time.monotonic() > mistake_by)
    os.kill(zombie, signal.SIGCONT)
    wait_until(lambda: scene.totals("A") == [1, 3])
    workers.kill(zombie)
    scene.cluster.append(scene.count("A", 3))
    scene.driver.until(lambda: scene.totals("A")[-1:] == [6] or is_broken(scene))
    assert not is_broken(scene)
    assert scene.totals("A") == [1, 3, 6]


def test_zombie_that_wakes_after_its_group_went_on_commits_nothing(
    opened: Opened, workers: Workers, tmp_path: Path
) -> None:
    scene = opened(tally.tally)
    hold = tmp_path / "hold"
    zombie = workers.start(member_of(scene, "tally", hold_file=str(hold), hold_before="transaction"))
    scene.cluster.append(scene.count("A", 1))
    wait_until(lambda: scene.totals("A") == [1])
    hold.touch()
    scene.cluster.append(scene.count("A", 2))
    wait_until(lambda: is_stopped(zombie))
    scene.driver.turn(1)
    scene.driver.until(lambda: scene.totals("A") == [1, 3])
    os.kill(zombie, signal.SIGCONT)
    scene.cluster.append(scene.count("A", 3))
    scene.driver.until(lambda: scene.totals("A")[-1:] == [6])
    assert scene.totals("A") == [1, 3, 6]
    workers.kill(zombie)


def test_zombie_inside_a_drain_leaves_the_followers_to_its_successor(
    opened: Opened, workers: Workers, tmp_path: Path
) -> None:
    scene = opened(tally.tally)
    hold = tmp_path / "hold"
    ticking = {"hold_file": str(hold), "hold_before": "commit", "holds_ticks": True}
    zombie = workers.start(member_of(scene, "tally", **ticking))
    for n, unit in enumerate(["BAD", "EA", "EA", "EA"], 1):
        scene.cluster.append(scene.count("A", n, unit))
    wait_until(lambda: scene.outcomes == {"rejected": 1, "held": 3})
    hold.touch()
    scene.cluster.append(scene.request("discard", scene.logged_head()))
    wait_until(lambda: is_stopped(zombie))
    scene.driver.turn(1)
    scene.driver.until(lambda: scene.totals("A") == [2, 5, 9])
    os.kill(zombie, signal.SIGCONT)
    scene.cluster.append(scene.count("A", 5))
    scene.driver.until(lambda: scene.totals("A") == [2, 5, 9, 14])
    workers.kill(zombie)
