"""Receipts form one chain per slot and add up; a slot that contradicts the broker stands still (R8, R26)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crossdock.canonical.models.common import Quantity
from crossdock.canonical.models.ops import ReceiptKind
from crossdock.streaming.backend import Place
from crossdock.streaming.testing import CRASH, CRASH_AFTER, LOSE_ANSWER, REBALANCE
from crossdock.streaming.topology import Store, Topology, handle
from tests.kit import checker, tally
from tests.kit.scene import Scene, flow_of
from tests.scenario.conftest import ON_MEMORY, ONE_ROW_ON_BROKER, Stage


@ON_MEMORY
def test_first_receipt_of_a_slot_is_a_gap_that_says_why(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1))
    first = [receipt for receipt in scene.driver.receipts() if receipt.sequence == 0]
    assert len(first) == scene.cluster.partitions
    assert {receipt.kind for receipt in first} == {ReceiptKind.GAP}
    assert {receipt.reason for receipt in first} == {"first start of test.count.v1, tally.replay.v1"}


def test_chain_goes_on_over_crashes_doubt_and_rebalances(stage: Stage) -> None:
    scene = stage(tally.tally)
    for fault in (CRASH, CRASH_AFTER, LOSE_ANSWER):
        scene.run(fault, *[scene.count(sku, 1) for sku in "ABCD"])
    scene.run(REBALANCE, *[scene.count(sku, 1) for sku in "ABCD"], REBALANCE)
    scene.driver.restart()
    scene.run(*[scene.count(sku, 1) for sku in "ABCD"])
    assert {sku: scene.totals(sku) for sku in "ABCD"} == {sku: [1, 2, 3, 4, 5] for sku in "ABCD"}
    numbers: dict[int, list[int]] = {}
    for receipt in scene.driver.receipts():
        numbers.setdefault(receipt.slot, []).append(receipt.sequence)
    assert all(chain == list(range(len(chain))) for chain in numbers.values())


@ON_MEMORY
def test_receipt_names_the_code_that_ran(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1))
    assert {receipt.code_version for receipt in scene.driver.receipts()} == {"test"}


def test_group_that_starts_on_an_old_log_reads_it_from_its_beginning(stage: Stage) -> None:
    scene = stage(tally.tally)
    for n in range(3):
        scene.cluster.append(scene.count("A", n))
    scene.run()
    assert scene.outcomes == {"accepted": 3}


def test_group_that_starts_on_a_shortened_log_says_where_it_begins(stage: Stage) -> None:
    scene = stage(tally.tally, facts={"lags": True})
    records = [scene.count("A", n) for n in range(1, 4)]
    for record in records:
        scene.cluster.append(record)
    scene.cluster.shorten(Place(tally.COUNT.name, records[0].partition), 2)
    scene.run()
    assert scene.totals("A") == [3]
    starts = [i.after for r in scene.driver.receipts() if r.kind is ReceiptKind.GAP for i in r.inputs]
    assert 2 in starts


# ---- contradictions ---------------------------------------------------------------------------------------


def running(stage: Stage, topology: Topology = tally.two_inputs) -> tuple[Scene, int]:
    """A scene in which a count was accepted, its worker ended, and the slot of that count."""
    scene = stage(topology, is_checked=False)
    count = scene.count("A", 1)
    scene.run(count, scene.count("A", 2))
    scene.driver.restart()
    return scene, count.partition


def goes_on_elsewhere(scene: Scene, slot: int) -> bool:
    """Whether another slot still works."""
    other = next(sku for sku in map(str, range(99)) if scene.count(sku, 1).partition != slot)
    scene.run(scene.count(other, 4))
    return scene.totals(other) == [4]


Damage = Callable[[Scene, int], None]


def moved(topic: str, offset: int) -> Damage:
    """The committed offset of the slot's partition of a topic is another one."""
    return lambda scene, slot: scene.cluster.move_offset(scene.topology, Place(topic, slot), offset)


def shortened(scene: Scene, slot: int) -> None:
    """Two more records come, and retention takes them before they are read."""
    for n in (3, 4):
        scene.cluster.append(scene.count("A", n))
    scene.cluster.shorten(Place(tally.COUNT.name, slot), 4)


ONE_SLOT: list[tuple[str, Damage, str]] = [
    ("log shortened beyond the position", shortened, "offset_out_of_range"),
    ("offset moved back", moved(tally.COUNT.name, 1), "position_mismatch"),
    ("offset moved on", moved(tally.COUNT.name, 9), "position_mismatch"),
    ("offset of an idle input moved", moved(tally.CORRECTION.name, 3), "position_mismatch"),
    ("offset of the lane moved", moved(tally.two_inputs.lane, 3), "position_mismatch"),
]
ALL_SLOTS: list[tuple[str, Damage, str]] = [
    ("offsets gone", lambda scene, _: scene.cluster.forget_offsets(scene.topology), "position_mismatch"),
    (
        "state gone",
        lambda scene, _: scene.cluster.replace_topic(scene.topology.changelog),
        "position_mismatch",
    ),
    ("input made again", lambda scene, _: scene.cluster.replace_topic(tally.COUNT.name), "topic_replaced"),
]


def stands_still(scene: Scene, slot: int) -> str:
    """Why a slot is broken, once it is."""
    scene.driver.until(lambda: slot in scene.driver.slots() and bool(scene.driver.slots()[slot].broken))
    return scene.driver.slots()[slot].broken.split(":")[0]


@ONE_ROW_ON_BROKER
@pytest.mark.parametrize(("damage", "code"), [r[1:] for r in ONE_SLOT], ids=[r[0] for r in ONE_SLOT])
def test_slot_that_contradicts_the_broker_stands_still_alone(stage: Stage, damage: Damage, code: str) -> None:
    scene, slot = running(stage)
    damage(scene, slot)
    scene.cluster.append(scene.count("A", 5))
    assert stands_still(scene, slot) == code
    assert scene.totals("A") == [1, 3]
    assert goes_on_elsewhere(scene, slot)


@pytest.mark.parametrize(("damage", "code"), [r[1:] for r in ALL_SLOTS], ids=[r[0] for r in ALL_SLOTS])
def test_group_that_contradicts_the_broker_stands_still(stage: Stage, damage: Damage, code: str) -> None:
    scene, slot = running(stage)
    damage(scene, slot)
    scene.cluster.append(scene.count("A", 5))
    assert stands_still(scene, slot) == code
    assert scene.totals("A") == [1, 3]


OTHER_STORE = Store("others", 2, Quantity)
SMALLER: list[tuple[str, Topology]] = [
    ("an input is gone", Topology("two-inputs", tally.two_inputs.handlers[:1])),
    (
        "a store is gone",
        Topology(
            "two-inputs",
            (
                handle(tally.COUNT, OTHER_STORE, tally.add_count, emits=(tally.TOTAL,)),
                handle(tally.CORRECTION, OTHER_STORE, tally.add_count, emits=(tally.TOTAL,)),
            ),
        ),
    ),
]


@ONE_ROW_ON_BROKER
@pytest.mark.parametrize("smaller", [row[1] for row in SMALLER], ids=[row[0] for row in SMALLER])
def test_store_or_input_may_not_vanish_silently(stage: Stage, smaller: Topology) -> None:
    scene, slot = running(stage)
    scene.deploy(smaller, is_full_stop=True)
    scene.run(scene.count("A", 5))
    assert scene.driver.slots()[slot].broken.split(":")[0] == "manifest_mismatch"
    assert scene.totals("A") == [1, 3]


def test_new_input_of_a_group_starts_at_the_beginning_with_a_receipt(stage: Stage) -> None:
    smaller = Topology("two-inputs", tally.two_inputs.handlers[:1])
    scene = stage(tally.two_inputs)
    scene.deploy(smaller)
    scene.run(scene.count("A", 1))
    assert all(worker.is_ready for worker in scene.driver.workers.values())
    scene.cluster.append(scene.count("A", 5, topic=tally.CORRECTION))
    scene.deploy(tally.two_inputs, is_full_stop=True)
    assert scene.totals("A") == [1, 6]
    reasons = {receipt.reason for receipt in scene.driver.receipts() if receipt.sequence}
    assert "first start of test.correction.v1" in reasons


@ON_MEMORY
def test_state_is_the_fold_of_the_inputs(stage: Stage) -> None:
    scene = stage(tally.tally)
    counts = [(sku, value) for value in (3, 1, 4, 1, 5) for sku in "ABC"]
    scene.run(*[scene.count(sku, value) for sku, value in counts])
    expected: dict[bytes, object] = {f"acme/{sku}".encode(): 14 for sku in "ABC"}
    actual = checker.final_state(scene.cluster, tally.TOTAL.name, scene.total_of)
    assert checker.state_violations(actual, expected) == []
    assert checker.violations(scene.cluster, flow_of(tally.tally)) == []
