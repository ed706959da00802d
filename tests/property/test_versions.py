"""Any order of versions with redelivery, crash and rebalance ends at the highest revision (I5, R16)."""

from __future__ import annotations

import random
from itertools import zip_longest
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.record import Record
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.limits import Limits
from crossdock.streaming.surroundings import Tuning
from crossdock.streaming.testing import ABORT, CRASH, CRASH_AFTER, LOSE_ANSWER, REBALANCE, Fault
from tests.kit import checker, tally
from tests.kit.lab import MemoryLab
from tests.kit.scene import Scene, flow_of
from tests.property.test_holds_and_faults import merged

FAULTS = st.sampled_from([None, None, CRASH, CRASH_AFTER, LOSE_ANSWER, ABORT, REBALANCE])
VERSIONS = st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 6)), min_size=1, max_size=14)
PATIENT = Limits(rejections_in_row_max=10_000, window_rejected_percent_max=100)
TUNING = Tuning(tick_s=0.02, batch_records=3, drain_records=2, limits=PATIENT)


def scene_of(topology: Any, seed: int = 0) -> Scene:  # any Topology
    """A scene whose polls mix partitions in any order."""
    lab = MemoryLab(2)
    lab.broker.merge = lambda queues: merged(queues, random.Random(seed))
    return Scene(lab, MemoryRegistry(), topology, TUNING)


def run(scene: Scene, records: list[Record], faults: list[Fault | None]) -> None:
    """Feed records in small groups, with a fault before some; end without faults."""
    for record, fault in zip_longest(records, faults[: len(records)]):
        scene.run(*([] if fault is None else [fault]), record)
    scene.run()


@settings(max_examples=25)
@given(VERSIONS, st.lists(FAULTS, max_size=14), st.integers(0, 99))
def test_highest_revision_wins_in_any_order(
    versions: list[tuple[str, int]], faults: list[Fault | None], seed: int
) -> None:
    scene = scene_of(tally.raw, seed)
    run(scene, [scene.raw(sku, f"v{n}", revision=f"{n}") for sku, n in versions], faults)
    for sku in {sku for sku, _ in versions}:
        mine = [n for one, n in versions if one == sku]
        rising = [n for number, n in enumerate(mine) if n > max(mine[:number], default=0)]
        assert scene.contents(sku) == [f"v{n}" for n in rising]
    scene.close()


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["EA", "EA", "BAD"])), min_size=1, max_size=12),
    st.lists(FAULTS, max_size=12),
    st.randoms(use_true_random=False),
)
def test_retries_in_any_order_never_bring_an_older_version_back(
    versions: list[tuple[int, str]], faults: list[Fault | None], choice: random.Random
) -> None:
    scene = scene_of(tally.latest)
    run(scene, [scene.count("A", n, unit) for n, unit in versions], faults)
    kept = [entry for entry in scene.entries if entry.kind == "rejected"]
    choice.shuffle(kept)
    for entry in kept:
        value = int(scene.total_of(entry.record))
        scene.ask("edit", entry, value=scene.count("A", value).value)
    marks = [int(text) for text in applied_revisions(scene)]
    assert marks == sorted(marks)
    assert [entry for entry in scene.entries if entry.kind != "conflict"] == []
    scene.facts = {"ordered": frozenset()}
    scene.close()


def applied_revisions(scene: Scene) -> list[int]:
    """What each total added to the one before it: the revision that was applied."""
    totals = scene.totals("A")
    return [after - before for before, after in zip([0, *totals], totals, strict=False)]


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.sampled_from(["EA", "BOX", "CASE"])), min_size=1, max_size=12
    ),
    st.lists(FAULTS, max_size=12),
    st.permutations(["BOX", "CASE"]),
)
def test_what_waited_is_added_once_its_unit_is_declared(
    counts: list[tuple[str, str]], faults: list[Fault | None], order: list[str]
) -> None:
    pieces = {"EA": 1, "BOX": 10, "CASE": 100}
    for topology in (tally.measured, tally.measured_free):
        scene = scene_of(topology)
        run(scene, [scene.count(sku, 1, unit) for sku, unit in counts], faults)
        for unit in order:
            scene.declare(unit, pieces[unit])
        for late in [entry for entry in scene.entries if entry.kind == "rejected"]:
            scene.ask("retry", late)  # its deadline passed while the worker was restarted again and again
        assert scene.entries == []
        for sku in {sku for sku, _ in counts}:
            assert scene.totals(sku)[-1] == sum(pieces[unit] for one, unit in counts if one == sku)
        scene.facts = {} if topology is tally.measured else {"ordered": frozenset()}
        scene.close()


@settings(max_examples=20)
@given(VERSIONS, st.lists(FAULTS, max_size=14), st.integers(0, 99))
def test_same_inputs_make_the_same_outputs_with_the_same_ids_whatever_happens(
    versions: list[tuple[str, int]], faults: list[Fault | None], seed: int
) -> None:
    calm, stormy = scene_of(tally.marked), scene_of(tally.marked, seed)
    for scene in (calm, stormy):
        records = [scene.count(sku, n) for sku, n in versions]
        run(scene, records, [] if scene is calm else faults)
    told = [
        sorted((r.key or b"", r.value or b"", r.header("ce_id") or "") for r in outputs(scene))
        for scene in (calm, stormy)
    ]
    assert told[0] == told[1]
    assert checker.violations(stormy.cluster, flow_of(tally.marked)) == []


def outputs(scene: Scene) -> list[Record]:
    """Every total."""
    return scene.cluster.records(tally.TOTAL.name)
