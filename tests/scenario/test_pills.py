"""A record that ends the worker is quarantined after three tries, wherever it stands (R22)."""

from __future__ import annotations

from functools import partial

import pytest

from tests.kit import tally
from tests.kit.flaky import FlakyRegistry
from tests.kit.scene import Scene, skus_of_one_slot
from tests.scenario.conftest import ON_MEMORY, Stage, tuned

DEATHS = (3, 4)
"""Two deaths make a slot cautious, one fewer where it was just assigned; two more announce the record."""


def died_or_told(deaths: int, scene: Scene) -> bool:
    """Whether one more worker died, or the pill has its dead letter."""
    return len(tally.deaths) > deaths or len(scene.codes()) == 2


@pytest.fixture(autouse=True)
def no_deaths() -> None:
    tally.deaths.clear()


@ON_MEMORY
def test_record_that_ends_the_worker_is_quarantined_and_the_rest_flows(stage: Stage) -> None:
    scene = stage(tally.tally)
    pill, *others = skus_of_one_slot(scene, 4)
    scene.run(*[scene.count(sku, 1) for sku in others], scene.count(pill, 1, "PILL"))
    scene.run(*[scene.count(sku, 2) for sku in others], scene.count(pill, 2))
    assert len(tally.deaths) in DEATHS
    assert [scene.totals(sku) for sku in others] == [[1, 3]] * 3
    assert scene.codes() == ["crashed"]
    (letter,) = scene.driver.dead_letters(tally.COUNT)
    assert (letter.header("dlq.stage"), letter.header("dlq.err.class")) == ("crash", "Crash")
    assert scene.kinds == ["rejected", "held"]


@ON_MEMORY
def test_pill_among_many_records_of_one_batch_is_the_only_one_refused(stage: Stage) -> None:
    scene = stage(tally.tally)
    skus = skus_of_one_slot(scene, 9)
    for number, sku in enumerate(skus):
        scene.cluster.append(scene.count(sku, 1, "PILL" if number == 5 else "EA"))
    scene.run()
    assert scene.outcomes == {"accepted": 8, "rejected": 1}
    assert len(tally.deaths) in DEATHS


@ON_MEMORY
def test_two_pills_in_one_slot_are_both_found(stage: Stage) -> None:
    scene = stage(tally.tally)
    one, other, good = skus_of_one_slot(scene, 3)
    scene.run(scene.count(one, 1, "PILL"), scene.count(good, 1), scene.count(other, 1, "PILL"))
    assert scene.outcomes == {"accepted": 1, "rejected": 2}
    assert scene.codes() == ["crashed"] * 2


def test_follower_that_ends_the_worker_is_quarantined_while_live_records_flow(stage: Stage) -> None:
    scene = stage(tally.tally)
    sku, good = skus_of_one_slot(scene, 2)
    scene.run(
        scene.count(sku, 1, "BAD"), scene.count(sku, 2), scene.count(sku, 3, "PILL"), scene.count(sku, 4)
    )
    scene.run(scene.request("discard", scene.head), *[scene.count(good, 1) for _ in range(5)])
    assert scene.codes() == ["field_invalid", "crashed"]
    assert scene.totals(sku) == [2]
    assert scene.totals(good)[-1] == 5
    assert scene.kinds == ["rejected", "held"]
    assert len(tally.deaths) in DEATHS


@ON_MEMORY
def test_follower_that_ends_the_worker_is_found_although_each_start_sees_live_records(stage: Stage) -> None:
    scene = stage(tally.tally)
    sku, good = skus_of_one_slot(scene, 2)
    scene.run(scene.count(sku, 1, "BAD"), scene.count(sku, 3, "PILL"))
    scene.cluster.append(scene.request("discard", scene.head))
    for death in range(DEATHS[-1] + 2):
        scene.cluster.append(scene.count(good, 1))
        scene.driver.until(partial(died_or_told, death, scene))
    scene.run()
    assert scene.codes() == ["field_invalid", "crashed"]
    assert len(tally.deaths) in DEATHS


def test_retry_that_ends_the_worker_is_answered_in_the_end(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1, "BAD"))
    answer = scene.driver.request(scene.head, action="edit", value=scene.count("A", 1, "PILL").value)
    assert (answer.answer, answer.code) == ("refused", "crashed")
    assert scene.kinds == ["rejected"]
    scene.run(scene.count("B", 1))
    assert scene.ask("discard") == "done"
    assert len(tally.deaths) in DEATHS


@ON_MEMORY
def test_dry_run_that_ends_the_worker_is_answered_in_the_end(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1, "BAD"))
    answer = scene.driver.request(scene.head, action="dry_run", value=scene.count("A", 1, "PILL").value)
    assert (answer.answer, answer.code) == ("refused", "crashed")


@ON_MEMORY
def test_waiting_record_that_ends_the_worker_when_released_is_quarantined(stage: Stage) -> None:
    scene = stage(tally.measured_pill)
    scene.run(scene.count("A", 1, "BOX"), scene.count("B", 1))
    scene.cluster.append(scene.unit("BOX", 12))
    scene.driver.until(lambda: scene.codes() == ["crashed"])
    assert scene.kinds == ["rejected"]
    scene.run(scene.count("B", 1))
    assert scene.totals("B") == [1, 2]


@ON_MEMORY
def test_trouble_of_the_world_in_a_cautious_slot_is_not_taken_for_a_pill(stage: Stage) -> None:
    registry = FlakyRegistry()
    scene = stage(tally.tally, registry=registry)
    pill, good = skus_of_one_slot(scene, 2)
    scene.cluster.append(scene.count(pill, 1, "PILL"))
    scene.driver.until(lambda: len(tally.deaths) == 2)
    scene.cluster.append(scene.stranger())
    scene.cluster.append(scene.count(good, 1))
    registry.failures = 6
    scene.run()
    assert sorted(map(str, scene.codes())) == ["crashed", "schema_unknown"]
    assert scene.totals(good) == [1]


@ON_MEMORY
def test_slot_full_of_pills_stops_within_its_limit(stage: Stage) -> None:
    limits = tuned().limits.model_copy(update={"rejections_in_row_max": 2})
    scene = stage(tally.tally, tuned(limits=limits), facts={"lags": True})
    for sku in skus_of_one_slot(scene, 5):
        scene.cluster.append(scene.count(sku, 1, "PILL"))
    scene.run()
    assert scene.outcomes == {"rejected": 2}
    assert scene.stops == ["rejections_in_row"]
