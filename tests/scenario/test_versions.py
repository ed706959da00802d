"""Versions of one object: whatever the order of arrival, the highest one wins (R16, F29)."""

from __future__ import annotations

from itertools import permutations

import pytest

from crossdock.streaming.testing import CRASH, CRASH_AFTER, LOSE_ANSWER, Fault
from tests.kit import tally
from tests.scenario.conftest import ON_MEMORY, ONE_ROW_ON_BROKER, Stage


@ONE_ROW_ON_BROKER
@pytest.mark.parametrize("order", list(permutations([1, 2, 3])), ids=str)
def test_f29_replayed_and_reordered_versions_end_at_the_highest(stage: Stage, order: tuple[int, ...]) -> None:
    scene = stage(tally.raw)
    versions = [scene.raw("A", f"v{n}", revision=f"{n}") for n in order]
    scene.run(*versions, *versions[::-1])
    assert scene.contents("A")[-1] == "v3"
    assert scene.contents("A") == sorted(scene.contents("A"))


def test_f2_parallel_deliveries_of_one_document_make_one(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(*[scene.raw("A", "one", revision="1") for _ in range(20)])
    assert scene.outcomes == {"accepted": 1, "duplicate": 19}
    assert scene.contents("A") == ["one"]


@ON_MEMORY
def test_f1_later_state_that_comes_first_is_not_terminal(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(scene.raw("A", "paid", revision="2"), scene.raw("A", "created", revision="1"))
    assert scene.outcomes == {"accepted": 1, "superseded": 1}
    scene.run(scene.raw("A", "shipped", revision="3"))
    assert scene.contents("A") == ["paid", "shipped"]


@ONE_ROW_ON_BROKER
@pytest.mark.parametrize("fault", [CRASH, CRASH_AFTER, LOSE_ANSWER])
def test_f31_mark_is_kept_exactly_when_the_effect_is(stage: Stage, fault: Fault) -> None:
    scene = stage(tally.raw)
    version = scene.raw("A", "one", revision="1")
    scene.run(fault, version, version)
    assert scene.contents("A") == ["one"]
    assert scene.outcomes == {"accepted": 1, "duplicate": 1}


def test_conflict_is_closed_by_a_newer_revision(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(scene.raw("A", "one", revision="1"), scene.raw("A", "other", revision="1"))
    assert scene.kinds == ["conflict"]
    scene.run(scene.raw("A", "two", revision="2"))
    assert scene.entries == []
    assert scene.closed() == {"superseded": 1}
    assert scene.contents("A") == ["one", "two"]


@ON_MEMORY
def test_conflict_that_was_retried_in_vain_is_still_closed_by_a_newer_revision(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(scene.raw("A", "one", revision="1"), scene.raw("A", "other", revision="1"))
    assert scene.ask("retry") == "failed_again"
    scene.run(scene.raw("A", "two", revision="2"))
    assert scene.entries == []


@ON_MEMORY
def test_conflict_is_not_closed_by_another_object_of_its_store_key(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(scene.raw("A/red", "one", revision="1"), scene.raw("A/red", "other", revision="1"))
    scene.run(scene.raw("A/blue", "two", revision="2"))
    assert scene.kinds == ["conflict"]


@ON_MEMORY
def test_conflict_that_is_edited_to_a_newer_revision_is_closed_once(stage: Stage) -> None:
    scene = stage(tally.raw, facts={"ordered": frozenset()})
    scene.run(scene.raw("A", "one", revision="1"), scene.raw("A", "other", revision="1"))
    assert scene.ask("edit", value=scene.raw("A", "other", revision="2").value) == "done"
    assert scene.closed() == {"accepted": 1}
    assert scene.contents("A") == ["one", "other"]


@ON_MEMORY
def test_discarded_conflict_leaves_what_was_accepted(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(scene.raw("A", "one", revision="1"), scene.raw("A", "other", revision="1"))
    assert scene.ask("discard") == "done"
    assert scene.contents("A") == ["one"]


@ON_MEMORY
@pytest.mark.parametrize(("first", "second", "kept"), [(0, 1, "second"), (1, 0, "first")])
def test_tie_of_coarse_instants_is_broken_by_the_capture_and_counted(
    stage: Stage, first: int, second: int, kept: str
) -> None:
    scene = stage(tally.raw)
    instant = {"revision": "2026-01-01T00:00:00Z", "kind": "instant_coarse"}
    scene.run(scene.raw("A", "first", captured_s=first, **instant))
    scene.run(scene.raw("A", "second", captured_s=second, **instant))
    assert scene.contents("A")[-1] == kept
    assert sum(receipt.tie_broken for receipt in scene.driver.receipts()) == 1
    assert "conflict" not in scene.outcomes


def test_f6_echo_is_a_duplicate_that_still_outdates_what_lies_between(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(scene.raw("A", "ours", revision="1"), scene.raw("A", "ours", revision="5"))
    assert scene.outcomes == {"accepted": 1, "duplicate": 1}
    scene.run(scene.raw("A", "between", revision="3"))
    assert scene.outcomes == {"accepted": 1, "duplicate": 1, "superseded": 1}
    assert scene.contents("A") == ["ours"]


@ON_MEMORY
def test_second_original_document_with_other_content_is_a_conflict(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(scene.raw("A", "one", kind="none", original=True))
    scene.run(scene.raw("A", "two", kind="none", original=True))
    assert scene.outcomes == {"accepted": 1, "conflict": 1}


@ON_MEMORY
def test_row_of_a_position_that_was_read_twice_is_a_duplicate(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(scene.raw("A", "a", kind="position", revision="0001/05"))
    scene.run(scene.raw("A", "b", kind="position", revision="0001/05"))
    assert scene.outcomes == {"accepted": 1, "duplicate": 1}


@ON_MEMORY
def test_changed_rule_of_revisions_falls_back_to_capture_times(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(scene.raw("A", "old rule", revision="9", captured_s=10))
    scene.run(scene.raw("A", "new rule", kind="instant_fine", revision="2026", captured_s=20))
    scene.run(scene.raw("A", "stale", kind="counter", revision="99", captured_s=5))
    assert scene.outcomes == {"accepted": 2, "superseded": 1}
    assert scene.contents("A") == ["old rule", "new rule"]
