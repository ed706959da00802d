"""Records that stand in the wrong partition, or have no usable key (R2, R18)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.canonical.record import Record
from tests.kit import tally
from tests.kit.scene import Scene
from tests.scenario.conftest import ON_MEMORY, ONE_ROW_ON_BROKER, Stage


def keyless(scene: Scene, **stated: object) -> Record:
    """A raw record without key."""
    return replace(scene.raw("A", "x", revision="1", **stated), key=None)


def test_keyless_raw_record_gets_the_key_of_its_content(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(keyless(scene, key="acme/A"))
    assert scene.outcomes == {"accepted": 1, "rerouted": 1}
    assert scene.contents("A") == ["x"]
    first, second = scene.cluster.records(tally.RAW.name)
    assert {first.key, second.key} == {None, b"acme/A"}


def test_rerouted_record_keeps_value_headers_and_time(stage: Stage) -> None:
    scene = stage(tally.raw)
    headers = (("ce_id", b"d-1"), ("x", b""), ("x", b"\xff\x00"), ("null", None))
    sent = replace(
        scene.misplaced(scene.raw("A", "x", revision="1")), headers=headers, timestamp_ms=1_234_567
    )
    scene.run(sent)
    copies = scene.cluster.records(tally.RAW.name)
    assert len(copies) == 2
    assert {(r.key, r.value, r.headers, r.timestamp_ms) for r in copies} == {
        (sent.key, sent.value, headers, 1_234_567)
    }


@ON_MEMORY
def test_keyless_record_without_key_in_its_content_is_alone(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(keyless(scene), keyless(scene), scene.raw("A", "y", revision="2"))
    assert scene.outcomes == {"accepted": 1, "rejected": 2}
    assert scene.codes(tally.RAW) == ["key_missing"] * 2
    assert scene.contents("A") == ["y"]


@ON_MEMORY
@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("refuse", "id_missing"),
        ({"path": "acme"}, "key_invalid"),
        ("acme", "key_invalid"),
        ("", "key_invalid"),
    ],
    ids=str,
)
def test_key_that_cannot_be_derived_makes_a_lone_entry(stage: Stage, key: object, code: str) -> None:
    scene = stage(tally.raw)
    scene.run(keyless(scene, key=key), scene.raw("A", "y", revision="2"))
    assert scene.outcomes == {"accepted": 1, "rejected": 1}
    assert scene.codes(tally.RAW) == [code]


@ON_MEMORY
def test_fault_while_a_key_is_derived_does_not_end_the_worker(stage: Stage) -> None:
    scene = stage(tally.raw, raises_faults=False)
    scene.run(keyless(scene, key={"no path": 1}), scene.raw("A", "y", revision="2"))
    assert scene.outcomes == {"accepted": 1, "rejected": 1}
    assert scene.codes(tally.RAW) == ["internal_error"]


def test_misplaced_canonical_record_is_refused_and_blocks_no_one(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.misplaced(scene.count("A", 1)), scene.count("A", 2), scene.count("A", 3))
    assert scene.outcomes == {"accepted": 2, "rejected": 1}
    assert scene.codes() == ["misrouted"]
    assert scene.totals("A") == [2, 5]
    assert scene.ask("discard") == "done"


@ONE_ROW_ON_BROKER
@pytest.mark.parametrize(
    ("key", "code"), [(None, "key_missing"), (b"", "key_invalid"), (b"acme", "key_invalid")], ids=str
)
def test_canonical_record_without_usable_key_is_refused_alone(
    stage: Stage, key: bytes | None, code: str
) -> None:
    scene = stage(tally.tally)
    scene.run(replace(scene.count("A", 1), key=key), scene.count("A", 2))
    assert scene.outcomes == {"accepted": 1, "rejected": 1}
    assert scene.codes() == [code]
    assert scene.ask("discard") == "done"


@ON_MEMORY
def test_key_that_is_no_text_is_a_key_all_the_same(stage: Stage) -> None:
    scene = stage(tally.tally, raises_faults=False)
    strange = scene.driver.record(tally.COUNT, "acme/\u00e9", None)
    scene.run(replace(strange, key=strange.key, value=scene.count("A", 1).value), scene.count("B", 1))
    assert scene.outcomes == {"accepted": 2}


@ON_MEMORY
def test_lone_entries_of_one_slot_are_settled_in_any_order(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(*[replace(scene.count("A", n), key=None) for n in range(4)])
    assert [scene.ask("discard", entry) for entry in reversed(scene.entries)] == ["done"] * 4
    assert scene.entries == []
