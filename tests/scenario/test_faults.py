"""Trouble of the world: nothing is lost, done twice, or made a dead letter (R3–R8, F28, F32)."""

from __future__ import annotations

import pytest

from crossdock.canonical.record import Record
from crossdock.streaming import rows
from crossdock.streaming.testing import CRASH, CRASH_AFTER, LOSE_ANSWER, REBALANCE, Fault
from tests.kit import tally
from tests.kit.flaky import FlakyRegistry
from tests.kit.scene import Scene
from tests.scenario.conftest import ON_MEMORY, Stage, tuned

FAULTS = pytest.mark.parametrize("fault", [CRASH, CRASH_AFTER, LOSE_ANSWER])


@FAULTS
def test_each_record_has_one_effect_whatever_happens_to_its_worker(stage: Stage, fault: Fault) -> None:
    scene = stage(tally.tally)
    for n in range(1, 4):
        scene.run(fault, scene.count("A", n), scene.count("B", n))
    assert (scene.totals("A"), scene.totals("B")) == ([1, 3, 6], [1, 3, 6])
    assert scene.outcomes == {"accepted": 6}


@ON_MEMORY
@FAULTS
def test_f32_work_of_a_dead_worker_is_taken_over_without_help(stage: Stage, fault: Fault) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1, "BAD"), scene.count("A", 2))
    scene.run(fault, scene.request("discard", scene.head), scene.count("A", 3))
    assert scene.totals("A") == [2, 5]
    assert scene.entries == []


def test_f28_rebalance_loses_no_batch(stage: Stage) -> None:
    scene = stage(tally.tally, tuned(batch_records=3))
    skus = [f"S{n}" for n in range(8)]
    for _ in range(2):
        records = [scene.count(sku, 1) for sku in skus for _ in range(3)]
        for record in records:
            scene.cluster.append(record)
        scene.run(REBALANCE)
        for record in records:
            scene.cluster.append(record)
        scene.run(REBALANCE)
    assert {sku: scene.totals(sku)[-1] for sku in skus} == dict.fromkeys(skus, 12)
    assert scene.outcomes == {"accepted": 96}


def test_f9_outcome_is_told_per_record_not_per_batch(stage: Stage) -> None:
    scene = stage(tally.marked)
    scene.run(
        scene.count("A", 2),
        scene.count("A", 2),
        scene.count("A", 1),
        scene.count("A", 2, "KG"),
        scene.count("B", 1, "BAD"),
        scene.count("B", 2),
        scene.count("C", 9),
    )
    assert scene.outcomes == {
        "accepted": 2,
        "duplicate": 1,
        "superseded": 1,
        "conflict": 1,
        "rejected": 1,
        "held": 1,
    }
    assert sum(one.visible for receipt in scene.driver.receipts() for one in receipt.inputs) == 7


def test_registry_that_is_away_for_a_while_delays_and_loses_nothing(stage: Stage) -> None:
    registry = FlakyRegistry()
    scene = stage(tally.tally, registry=registry)
    scene.run(scene.count("A", 1))
    stranger = scene.stranger()
    registry.failures = 3
    scene.run(scene.count("A", 2), stranger, scene.count("B", 3), scene.count("A", 4))
    assert registry.failures == 0
    assert (scene.totals("A"), scene.totals("B")) == ([1, 3, 7], [3])
    assert scene.outcomes == {"accepted": 4, "rejected": 1}
    assert scene.codes() == ["schema_unknown"]


def test_unreadable_state_stops_its_slot_and_is_nobodys_dead_letter(stage: Stage) -> None:
    scene = stage(tally.tally, facts={"lags": True})
    scene.run(scene.count("A", 1))
    scene.spoil(rows.state_key("totals", b"acme/A"), scene.count("A", 1).partition)
    same, *_ = [
        sku for sku in map(str, range(99)) if scene.count(sku, 1).partition == scene.count("A", 1).partition
    ]
    scene.run(scene.count(same, 1), scene.count("A", 2), scene.count(same, 1))
    assert scene.stops == ["state_unreadable"]
    assert scene.codes() == []
    assert scene.totals(same) == [1]
    assert scene.totals("A") == [1]


@ON_MEMORY
def test_unreadable_state_that_a_drain_meets_stops_its_slot(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1), scene.count("A", 2, "BAD"), scene.count("A", 3))
    slot = scene.count("A", 1).partition
    head = scene.head
    scene.spoil(rows.state_key("totals", b"acme/A"), slot)
    scene.run(scene.request("discard", head))
    scene.driver.until(lambda: scene.stops == ["state_unreadable"])
    assert scene.kinds == ["held"]
    assert scene.totals("A") == [1]


@ON_MEMORY
def test_unreadable_state_that_a_request_meets_is_answered(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1), scene.count("A", 2, "BAD"), scene.count("B", 3, "BAD"))
    slot = scene.count("A", 1).partition
    entries = {entry.key: entry for entry in scene.entries}
    scene.spoil(rows.state_key("totals", b"acme/A"), slot)
    request = scene.driver.request(entries[b"acme/A"], action="edit", value=scene.count("A", 2).value)
    assert (request.answer, request.code) == ("refused", "state_unreadable")
    assert scene.ask("discard", entries[b"acme/B"]) == "done"


@ON_MEMORY
def test_record_with_unknown_framing_is_refused_and_kept(stage: Stage) -> None:
    scene = stage(tally.tally)
    values = [b"", b"\x00", b"\x01\x00\x00\x00\x01", b"\x00\x00\x00\x00\x01", b"\x00\xff\xff\xff\xff{}", None]
    scene.run(*[scene.with_value(f"S{n}", value) for n, value in enumerate(values)])
    assert scene.outcomes == {"rejected": len(values)}
    assert set(scene.codes()) == {"envelope_broken", "schema_unknown"}


@ON_MEMORY
def test_value_with_bytes_left_over_is_refused(stage: Stage) -> None:
    scene = stage(tally.tally)
    good = scene.count("A", 1).value or b""
    scene.run(scene.with_value("A", good + b"\x00"))
    assert scene.codes() == ["envelope_broken"]


def test_worker_that_ends_in_good_order_is_followed_without_delay_or_loss(stage: Stage) -> None:
    scene = stage(tally.tally)
    for n in range(1, 4):
        scene.run(scene.count("A", n))
        scene.driver.restart()
    scene.run(scene.count("A", 4))
    assert scene.totals("A") == [1, 3, 6, 10]


def lane_noise(scene: Scene, number: int) -> list[Record]:
    """Requests that change nothing."""
    return [scene.request("dry_run", scene.head) for _ in range(number)]


@ON_MEMORY
def test_requests_and_records_in_one_batch_do_not_disturb_each_other(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1, "BAD"))
    noise = lane_noise(scene, 5)
    scene.run(*noise, *[scene.count("B", n) for n in range(1, 6)], *lane_noise(scene, 5))
    assert scene.totals("B") == [1, 3, 6, 10, 15]
    assert scene.kinds == ["rejected"]
