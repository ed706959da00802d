"""A failed record holds back its own key, in order, and nothing else (R17, R18)."""

from __future__ import annotations

import pytest

from crossdock.streaming.testing import CRASH, CRASH_AFTER, LOSE_ANSWER, Fault
from tests.kit import tally
from tests.kit.scene import skus_of_one_slot
from tests.scenario.conftest import ON_MEMORY, ONE_ROW_ON_BROKER, Stage, tuned


def test_f4_poison_record_is_held_and_the_rest_flows(stage: Stage) -> None:
    scene = stage(tally.tally)
    poisoned, *others = skus_of_one_slot(scene, 4)
    scene.run(scene.count(poisoned, 1, "BAD"), *[scene.count(sku, n) for n in (1, 2, 3) for sku in others])
    assert scene.outcomes == {"accepted": 9, "rejected": 1}
    assert [scene.totals(sku) for sku in others] == [[1, 3, 6]] * 3
    assert scene.totals(poisoned) == []


def test_hold_covers_the_key_over_all_inputs_of_its_store(stage: Stage) -> None:
    scene = stage(tally.two_inputs)
    scene.run(scene.count("A", 1, "BAD"))
    scene.run(scene.count("A", 2, topic=tally.CORRECTION), scene.count("B", 3, topic=tally.CORRECTION))
    assert scene.outcomes == {"accepted": 1, "rejected": 1, "held": 1}
    assert scene.ask("discard") == "done"
    assert (scene.totals("A"), scene.totals("B")) == ([2], [3])


@ON_MEMORY
def test_followers_are_released_in_order_when_the_head_is_settled(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1, "BAD"), *[scene.count("A", n) for n in (2, 3, 4)])
    assert scene.ask("edit", value=scene.count("A", 1).value) == "done"
    assert scene.totals("A") == [1, 3, 6, 10]
    assert scene.entries == []
    assert scene.closed() == {"accepted": 4}


def test_released_key_is_free_again(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1, "BAD"), scene.count("A", 2))
    scene.ask("discard")
    scene.run(scene.count("A", 3))
    assert scene.outcomes == {"accepted": 1, "rejected": 1, "held": 1}
    assert scene.totals("A") == [2, 5]


def test_arrivals_during_a_drain_join_its_end(stage: Stage) -> None:
    scene = stage(tally.tally, tuned(drain_records=2))
    scene.run(scene.count("A", 1, "BAD"), *[scene.count("A", n) for n in range(2, 9)])
    request = scene.request("discard", scene.entries[0])
    arrivals = [scene.count("A", n) for n in range(9, 15)]
    scene.run(request, *arrivals[:3])
    scene.run(*arrivals[3:])
    expected = [sum(range(2, n + 1)) for n in range(2, 15)]
    assert scene.totals("A") == expected
    assert scene.entries == []


def test_follower_that_fails_becomes_the_new_head(stage: Stage) -> None:
    scene = stage(tally.tally)
    units = ["BAD", "EA", "WORSE", "EA", "EA"]
    scene.run(*[scene.count("A", n, unit) for n, unit in enumerate(units, 1)])
    assert scene.ask("discard") == "done"
    assert scene.totals("A") == [2]
    assert scene.kinds == ["rejected", "held", "held"]
    assert scene.entries[0].n == 1
    assert [letter.header("dlq.n") for letter in scene.driver.dead_letters(tally.COUNT)] == ["1", "1"]
    assert scene.ask("discard") == "done"
    assert scene.totals("A") == [2, 6, 11]
    assert scene.closed() == {"accepted": 3, "discarded": 2, "rejected_again": 1}


@ON_MEMORY
def test_drain_takes_turns_between_keys(stage: Stage) -> None:
    scene = stage(tally.tally, tuned(drain_records=4))
    one, other = skus_of_one_slot(scene, 2)
    scene.run(*[scene.count(sku, 1, "BAD") for sku in (one, other)])
    scene.run(*[scene.count(sku, n) for n in range(2, 22) for sku in (one, other)])
    heads = [entry for entry in scene.entries if entry.kind == "rejected"]
    scene.run(*[scene.request("discard", head) for head in heads])
    order = [record.key for record in scene.cluster.records(tally.TOTAL.name)]
    assert len(order) == 40
    assert {order[0], order[20]} == {f"acme/{sku}".encode() for sku in (one, other)} or len(
        set(order[:20])
    ) == 2


def test_latest_wins_holds_nothing_and_supersedes_the_older_on_retry(stage: Stage) -> None:
    scene = stage(tally.latest, facts={"ordered": frozenset()})
    scene.run(scene.count("A", 1), scene.count("A", 2, "BAD"), scene.count("A", 3))
    assert scene.outcomes == {"accepted": 2, "rejected": 1}
    assert scene.totals("A") == [1, 4]
    assert scene.ask("retry") == "done"
    assert scene.closed() == {"superseded": 1}
    assert scene.totals("A") == [1, 4]


@ON_MEMORY
def test_order_free_entries_are_settled_in_any_order(stage: Stage) -> None:
    scene = stage(tally.order_free)
    scene.run(
        scene.count("A", 1, "BAD"), scene.count("A", 2), scene.count("A", 4, "BAD"), scene.count("A", 8)
    )
    assert scene.outcomes == {"accepted": 2, "rejected": 2}
    first, second = scene.entries
    assert scene.ask("edit", second, value=scene.count("A", 4).value) == "done"
    assert scene.ask("edit", first, value=scene.count("A", 1).value) == "done"
    assert scene.totals("A") == [2, 10, 14, 15]


def test_f33_redelivery_of_a_refused_record_joins_its_hold_and_has_one_effect(stage: Stage) -> None:
    scene = stage(tally.marked)
    bad = scene.count("A", 1, "BAD")
    scene.run(bad, bad, bad)
    assert scene.outcomes == {"rejected": 1, "held": 2}
    head = scene.entries[0]
    scene.deploy(tally.marked_repaired)
    assert scene.ask("retry", head) == "done"
    assert scene.totals("A") == [1]
    assert scene.closed() == {"accepted": 1, "superseded": 2}


@ON_MEMORY
def test_f8_what_was_skipped_is_accounted_for_and_can_be_driven_again(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(*[scene.count(f"S{n}", n, "BAD" if n % 3 == 0 else "EA") for n in range(1, 13)])
    assert scene.outcomes == {"accepted": 8, "rejected": 4}
    assert sum(receipt.opened for receipt in scene.driver.receipts()) == 4
    kept = scene.entries
    scene.deploy(tally.repaired)
    assert [scene.ask("retry", entry) for entry in kept] == ["done"] * 4
    assert sorted(total for n in range(1, 13) for total in scene.totals(f"S{n}")) == list(range(1, 13))


@ONE_ROW_ON_BROKER
@pytest.mark.parametrize("fault", [CRASH, CRASH_AFTER, LOSE_ANSWER])
def test_hold_survives_the_end_of_its_worker(stage: Stage, fault: Fault) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1, "BAD"), scene.count("A", 2), fault, scene.count("A", 3))
    assert scene.outcomes == {"rejected": 1, "held": 2}
    scene.run(fault, scene.request("discard", scene.entries[0]))
    assert scene.totals("A") == [2, 5]
    assert scene.closed() == {"accepted": 2, "discarded": 1}
