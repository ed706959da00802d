"""A record that refers to a row which has not come waits for it, until a deadline (R13, R18)."""

from __future__ import annotations

import pytest

from crossdock.canonical.models.common import Quantity
from crossdock.streaming.limits import Limits
from crossdock.streaming.testing import ADVANCE
from crossdock.streaming.topology import Topology
from tests.kit import tally
from tests.kit.scene import skus_of_one_slot
from tests.scenario.conftest import ON_MEMORY, ONE_ROW_ON_BROKER, Stage, tuned

BOTH = pytest.mark.parametrize("topology", [tally.measured, tally.measured_free], ids=lambda t: t.group)


@ONE_ROW_ON_BROKER
@BOTH
def test_f1_waiting_record_is_released_when_its_reference_comes(stage: Stage, topology: Topology) -> None:
    scene = stage(topology)
    scene.run(scene.count("A", 1, "BOX"), scene.count("B", 2, "BOX"), scene.count("C", 3, "CASE"))
    assert scene.outcomes == {"waiting": 3}
    scene.declare("BOX", 12)
    assert (scene.totals("A"), scene.totals("B"), scene.totals("C")) == ([12], [24], [])
    assert scene.closed() == {"accepted": 2}
    assert scene.codes() == []


@ON_MEMORY
def test_followers_of_a_waiting_record_follow_it(stage: Stage) -> None:
    scene = stage(tally.measured)
    scene.run(
        scene.count("A", 1, "BOX"), scene.count("A", 5), scene.count("A", 1, "CASE"), scene.count("A", 6)
    )
    scene.declare("BOX", 12)
    assert scene.totals("A") == [12, 17]
    assert scene.kinds == ["waiting", "held"]
    scene.declare("CASE", 100)
    assert scene.totals("A") == [12, 17, 117, 123]


@ON_MEMORY
def test_record_that_waits_beside_the_order_lets_the_others_pass(stage: Stage) -> None:
    scene = stage(tally.measured_free)
    scene.run(scene.count("A", 1, "BOX"), scene.count("A", 5))
    assert scene.outcomes == {"accepted": 1, "waiting": 1}
    scene.declare("BOX", 12)
    assert scene.totals("A") == [5, 17]


@ONE_ROW_ON_BROKER
@BOTH
def test_reference_that_came_while_the_worker_was_down_releases_too(stage: Stage, topology: Topology) -> None:
    scene = stage(topology)
    scene.run(scene.count("A", 1, "BOX"))
    scene.driver.restart()
    scene.cluster.append(scene.unit("BOX", 12))
    scene.run()
    assert scene.totals("A") == [12]


@ONE_ROW_ON_BROKER
@BOTH
def test_reference_that_came_while_the_slot_was_stopped_releases_on_resume(
    stage: Stage, topology: Topology
) -> None:
    scene = stage(topology, tuned(limits=Limits(rejections_in_row_max=1)))
    one, other = skus_of_one_slot(scene, 2)
    scene.run(scene.count(one, 1, "BOX"), scene.broken(scene.count(other, 2)))
    assert scene.stops == ["rejections_in_row"]
    scene.declare("BOX", 12)
    assert scene.totals(one) == []
    assert scene.ask("resume") == "done"
    assert scene.totals(one) == [12]


@ONE_ROW_ON_BROKER
@BOTH
def test_wait_past_its_deadline_becomes_a_refusal(stage: Stage, topology: Topology) -> None:
    scene = stage(topology)
    scene.run(scene.count("A", 1, "BOX"), ADVANCE(tally.PATIENCE_S - 10))
    assert scene.kinds == ["waiting"]
    scene.run(ADVANCE(20))
    scene.driver.until(lambda: scene.kinds == ["rejected"])
    assert scene.codes() == ["reference_timeout"]
    (letter,) = scene.driver.dead_letters(tally.COUNT)
    assert letter.header("dlq.stage") == "step"
    scene.declare("BOX", 12)
    assert scene.totals("A") == []
    assert scene.ask("retry") == "done"
    assert scene.totals("A") == [12]


@ON_MEMORY
@BOTH
def test_reference_and_deadline_in_one_tick_settle_the_record_once(stage: Stage, topology: Topology) -> None:
    scene = stage(topology)
    scene.run(scene.count("A", 1, "BOX"))
    scene.driver.now_us += (tally.PATIENCE_S + 10) * 1_000_000
    scene.declare("BOX", 12)
    assert len(scene.totals("A")) + len(scene.entries) == 1


@ON_MEMORY
def test_waiting_head_that_a_retry_finds_still_waiting_stays(stage: Stage) -> None:
    scene = stage(tally.measured)
    scene.run(scene.count("A", 1, "BOX"))
    assert scene.ask("retry") == "failed_again"
    assert scene.kinds == ["waiting"]
    scene.declare("BOX", 12)
    assert scene.totals("A") == [12]


@ON_MEMORY
def test_refused_head_whose_correction_waits_is_released_by_its_reference(stage: Stage) -> None:
    scene = stage(tally.measured)
    scene.run(scene.broken(scene.count("A", 1)), scene.count("A", 2))
    assert scene.ask("edit", value=scene.count("A", 1, "BOX").value) == "failed_again"
    assert scene.kinds[1:] == ["held"]


def test_reference_table_is_read_whole_before_the_first_record(stage: Stage) -> None:
    scene = stage(tally.measured)
    for n in range(50):
        scene.cluster.append(scene.unit(f"U{n}", n + 1))
    scene.run(*[scene.count("A", 1, f"U{n}") for n in range(50)])
    assert scene.outcomes == {"accepted": 50}


def test_deleted_reference_row_is_missed_again(stage: Stage) -> None:
    scene = stage(tally.measured)
    scene.declare("BOX", 12)
    scene.run(scene.count("A", 1, "BOX"))
    scene.declare("BOX", None)
    scene.run(scene.count("A", 1, "BOX"))
    assert scene.outcomes == {"accepted": 1, "waiting": 1}


def test_receipt_tells_how_far_reference_tables_were_read(stage: Stage) -> None:
    scene = stage(tally.measured)
    scene.declare("BOX", 12)
    scene.run(scene.count("A", 1, "BOX"))
    (offsets,) = {r.references for r in scene.driver.receipts() if any(i.accepted for i in r.inputs)}
    assert [(one.topic, one.next_offset) for one in offsets] == [(tally.UNIT.name, 1)]


@ON_MEMORY
def test_quantity_of_a_unit_is_exact(stage: Stage) -> None:
    scene = stage(tally.measured)
    scene.declare("BOX", 12)
    scene.run(scene.count("A", 3, "BOX"))
    assert scene.driver.read(tally.TOTAL) == [Quantity(value=36, unit="EA")]
