"""A slot stops before a bad deploy fills the dead letters, and drops nothing (R19, I12)."""

from __future__ import annotations

from crossdock.streaming.limits import Limits
from crossdock.streaming.testing import CRASH_AFTER
from tests.kit import tally
from tests.kit.scene import Scene, skus_of_one_slot
from tests.scenario.conftest import ON_MEMORY, Stage, tuned

IN_A_ROW = tuned(limits=Limits(rejections_in_row_max=3))


def bad_in_one_slot(scene: Scene, number: int) -> list[str]:
    """SKUs of one slot, each with a refused count."""
    skus = skus_of_one_slot(scene, number)
    scene.run(*[scene.count(sku, 1, "BAD") for sku in skus])
    return skus


@ON_MEMORY
def test_rejections_in_a_row_stop_the_slot_and_later_records_wait_in_the_log(stage: Stage) -> None:
    scene = stage(tally.tally, IN_A_ROW, facts={"lags": True})
    skus = bad_in_one_slot(scene, 10)
    assert scene.outcomes == {"rejected": 3}
    assert scene.stops == ["rejections_in_row"]
    scene.run(scene.count(skus[-1], 5))
    assert scene.totals(skus[-1]) == []


def test_resumed_slot_reads_on_where_it_stopped(stage: Stage) -> None:
    scene = stage(tally.tally, IN_A_ROW)
    skus = bad_in_one_slot(scene, 5)
    scene.run(*[scene.count(sku, 7) for sku in skus[3:]])
    heads = scene.entries
    scene.deploy(tally.repaired)
    assert scene.stops == ["rejections_in_row"]
    assert scene.ask("resume", heads[0]) == "done"
    assert [scene.ask("retry", head) for head in heads] == ["done"] * 3
    assert [scene.totals(sku)[-1] for sku in skus] == [1, 1, 1, 8, 8]
    assert scene.outcomes == {"accepted": 4, "rejected": 3}


@ON_MEMORY
def test_slot_that_is_resumed_without_a_cure_stops_again(stage: Stage) -> None:
    scene = stage(tally.tally, IN_A_ROW)
    bad_in_one_slot(scene, 6)
    assert scene.ask("resume") == "done"
    assert scene.outcomes == {"rejected": 6}
    assert scene.stops == ["rejections_in_row"]


@ON_MEMORY
def test_other_slots_go_on_while_one_is_stopped(stage: Stage) -> None:
    scene = stage(tally.tally, IN_A_ROW)
    (stopped, *_) = bad_in_one_slot(scene, 3)
    slot = scene.count(stopped, 1).partition
    other = next(sku for sku in map(str, range(99)) if scene.count(sku, 1).partition != slot)
    scene.run(scene.count(other, 4))
    assert scene.totals(other) == [4]


@ON_MEMORY
def test_accepted_record_between_begins_a_new_row(stage: Stage) -> None:
    scene = stage(tally.tally, IN_A_ROW)
    good, *skus = skus_of_one_slot(scene, 9)
    scene.run(*[record for sku in skus for record in (scene.count(sku, 1, "BAD"), scene.count(good, 1))])
    assert scene.outcomes == {"accepted": 8, "rejected": 8}
    assert scene.stops == []


def test_row_is_counted_over_the_end_of_a_worker(stage: Stage) -> None:
    scene = stage(tally.tally, IN_A_ROW, facts={"lags": True})
    skus = skus_of_one_slot(scene, 6)
    for sku in skus[:2]:
        scene.run(scene.count(sku, 1, "BAD"), CRASH_AFTER)
    scene.driver.restart()
    scene.run(scene.count(skus[2], 1, "BAD"), scene.count(skus[3], 1, "BAD"))
    assert scene.outcomes == {"rejected": 3}
    scene.driver.restart()
    scene.run(scene.count(skus[4], 1))
    assert scene.stops == ["rejections_in_row"]
    assert scene.totals(skus[4]) == []


@ON_MEMORY
def test_share_of_a_window_stops_the_slot(stage: Stage) -> None:
    limits = Limits(window_records=10, window_rejected_percent_max=30)
    scene = stage(tally.tally, tuned(limits=limits), facts={"lags": True})
    good, *skus = skus_of_one_slot(scene, 8)
    scene.run(*[record for sku in skus for record in (scene.count(good, 1), scene.count(sku, 1, "BAD"))])
    assert scene.outcomes == {"accepted": 4, "rejected": 4}
    assert scene.stops == ["rejection_share"]


def test_entries_of_one_key_stop_the_slot_until_they_are_settled(stage: Stage) -> None:
    scene = stage(tally.tally, tuned(limits=Limits(entries_per_key_max=3)))
    scene.run(scene.count("A", 1, "BAD"), *[scene.count("A", n) for n in range(2, 8)])
    assert scene.outcomes == {"rejected": 1, "held": 2}
    assert scene.stops == ["entries_per_key"]
    assert scene.ask("resume") == "done"
    assert scene.stops == ["entries_per_key"]
    assert scene.ask("discard") == "done"
    assert scene.totals("A") == []
    resume = scene.driver.request(scene.entries[0], action="resume")
    assert resume.answer == "done"
    scene.driver.until(lambda: scene.totals("A")[-1:] == [sum(range(2, 8))])


@ON_MEMORY
def test_entries_beside_the_order_of_one_key_stop_the_slot_too(stage: Stage) -> None:
    scene = stage(
        tally.order_free,
        tuned(limits=Limits(entries_per_key_max=3, rejections_in_row_max=99)),
        facts={"lags": True},
    )
    scene.run(*[scene.count("A", n, "BAD") for n in range(1, 8)])
    assert scene.outcomes == {"rejected": 3}
    assert scene.stops == ["entries_per_key"]


@ON_MEMORY
def test_entries_of_a_slot_stop_it(stage: Stage) -> None:
    scene = stage(tally.tally, tuned(limits=Limits(entries_max=4)), facts={"lags": True})
    scene.run(scene.count("A", 1, "BAD"), *[scene.count("A", n) for n in range(2, 12)])
    assert scene.outcomes == {"rejected": 1, "held": 4}
    assert scene.stops == ["entries_per_slot"]


@ON_MEMORY
def test_stop_is_reported_to_the_observer(stage: Stage) -> None:
    scene = stage(tally.tally, IN_A_ROW, facts={"lags": True})
    bad_in_one_slot(scene, 4)
    assert [str(trouble) for trouble in scene.driver.watcher.troubles] == [
        "rejections_in_row: 3 records in a row were rejected"
    ]
