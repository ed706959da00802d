"""What a refusal leaves behind: evidence byte for byte, and nothing that it must not say (R9, R17, R20)."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from crossdock.canonical.record import Headers, Record
from crossdock.streaming.testing import CRASH, CRASH_AFTER, LOSE_ANSWER, Fault
from tests.kit import tally
from tests.kit.scene import Scene, skus_of_one_slot
from tests.scenario.conftest import ON_MEMORY, ONE_ROW_ON_BROKER, Stage

STRANGE: tuple[Headers, ...] = (
    (),
    (("x", b""), ("x", None), ("x", b"\x00\xff"), ("", b"no name")),
    (("ce_id", b"\xff\xfe"), ("ce_time", b"\xff"), ("ce_tenant", b"\xff"), ("ce_channel", None)),
    (("dlq.id", b"someone's"), ("dlq.err.code", b"forged")),
    (("ce_id", b"i" * 20_000), ("ce_channel", b"c" * 20_000), ("ce_tenant", "ü".encode() * 9_000)),
    (("ce_time", b"0001-01-01T00:00:00+14:00"),),
    (("ce_time", b"9999-12-31T23:59:59-14:00"),),
    (("ce_time", b"now"), ("traceparent", b"\x00")),
)


@ONE_ROW_ON_BROKER
@pytest.mark.parametrize("headers", STRANGE, ids=lambda headers: str(headers)[:40])
def test_dead_letter_carries_the_source_byte_for_byte(stage: Stage, headers: Headers) -> None:
    scene = stage(tally.tally, raises_faults=False)
    source = replace(scene.count("A", 1, "BAD"), headers=headers, timestamp_ms=1_600_000_000_123)
    scene.run(source, scene.count("B", 1))
    (letter,) = scene.driver.dead_letters(tally.COUNT)
    assert (letter.key, letter.value, letter.timestamp_ms) == (source.key, source.value, 1_600_000_000_123)
    assert letter.headers[: len(headers)] == headers
    assert letter.partition == source.partition
    assert scene.codes() == ["field_invalid"]
    assert scene.outcomes == {"accepted": 1, "rejected": 1}


def test_strange_headers_do_not_keep_a_good_record_from_being_accepted(stage: Stage) -> None:
    scene = stage(tally.tally, raises_faults=False)
    scene.run(*[replace(scene.count("A", 1), headers=headers) for headers in STRANGE])
    assert scene.outcomes == {"accepted": len(STRANGE)}


@ON_MEMORY
def test_dead_letter_names_cause_place_and_attempt(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1, "BAD", headers=(("ce_id", b"d-1"), ("ce_channel", b"shop"))))
    (letter,) = scene.driver.dead_letters(tally.COUNT)
    (source,) = scene.cluster.records(tally.COUNT.name)
    block = {name.removeprefix("dlq."): letter.header(name) for name, _ in letter.headers}
    assert {name: block[name] for name in ("src.topic", "src.partition", "src.offset", "src.ts")} == {
        "src.topic": source.topic,
        "src.partition": str(source.partition),
        "src.offset": str(source.offset),
        "src.ts": str(source.timestamp_ms),
    }
    assert {
        name: block[name] for name in ("v", "n", "attempts", "stage", "err.code", "err.class", "err.msg")
    } == {
        "v": "1",
        "n": "1",
        "attempts": "1",
        "stage": "step",
        "err.code": "field_invalid",
        "err.class": "Rejected",
        "err.msg": "the unit is BAD (at $.unit)",
    }
    assert (block["group"], block["svc.version"], block["event_id"], block["channel"]) == (
        "tally", "test", "d-1", "shop"
    )  # fmt: skip
    assert len(block["id"] or "") == 32
    assert block["id"] == scene.head.entry_id


@ON_MEMORY
def test_equal_causes_have_equal_fingerprints(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1, "BAD"), scene.count("B", 2, "BAD"), scene.count("C", 3, "WORSE"))
    prints = [letter.header("dlq.err.fp") for letter in scene.driver.dead_letters(tally.COUNT)]
    assert len(prints) == 3
    assert len(set(prints)) == 2


@ON_MEMORY
def test_fault_of_ours_is_kept_with_stack_and_without_values(stage: Stage) -> None:
    scene = stage(tally.tally, raises_faults=False)
    scene.run(scene.count("A", 424_242, "FAULT"), scene.count("B", 434_343, "FAULT"), scene.count("C", 1))
    assert scene.codes() == ["internal_error"] * 2
    letters = scene.driver.dead_letters(tally.COUNT)
    assert {letter.header("dlq.err.class") for letter in letters} == {"ZeroDivisionError"}
    assert all("add_count" in (letter.header("dlq.err.stack") or "") for letter in letters)
    assert len({letter.header("dlq.err.fp") for letter in letters}) == 1
    said = b"".join(value or b"" for letter in letters for name, value in letter.headers if name != "dlq.len")
    assert b"secret" not in said
    assert b"424242" not in said
    assert b"434343" not in said
    assert scene.outcomes == {"accepted": 1, "rejected": 2}


def test_oversize_output_is_the_fault_of_its_record_alone(stage: Stage) -> None:
    scene = stage(tally.tally)
    huge, *others = skus_of_one_slot(scene, 4)
    scene.run(
        scene.count(others[0], 1), scene.count(huge, 1, "HUGE"), *[scene.count(sku, 2) for sku in others]
    )
    assert scene.outcomes == {"accepted": 4, "rejected": 1}
    assert scene.codes() == ["output_too_large"]
    assert [letter.header("dlq.stage") for letter in scene.driver.dead_letters(tally.COUNT)] == ["encode"]
    assert scene.totals(huge) == []


# ---- what the broker itself refuses ------------------------------------------------------------------------


def wide(scene: Scene, sku: str, bytes_: int = 60_000) -> Record:
    """A raw record whose output is larger than a shrunken topic takes, compressed too."""
    return scene.raw(sku, Random(1).randbytes(bytes_ // 2).hex(), revision="1")


def shrunken(stage: Stage) -> Scene:
    """A scene whose output topic takes no more than 20 kB."""
    scene = stage(tally.raw)
    scene.cluster.shrink(tally.READ.name, 20_000)
    return scene


def test_output_that_the_broker_refuses_is_the_fault_of_its_record_alone(stage: Stage) -> None:
    scene = shrunken(stage)
    scene.run(scene.raw("A", "a", revision="1"), wide(scene, "B"), scene.raw("C", "c", revision="1"))
    assert scene.outcomes == {"accepted": 2, "rejected": 1}
    assert scene.codes(tally.RAW) == ["output_too_large"]
    assert (scene.contents("A"), scene.contents("B"), scene.contents("C")) == (["a"], [], ["c"])


def test_follower_whose_output_the_broker_refuses_becomes_the_head(stage: Stage) -> None:
    scene = shrunken(stage)
    scene.run(scene.broken(wide(scene, "A")), wide(scene, "A"), scene.raw("A", "a", revision="2"))
    assert scene.ask("discard") == "done"
    assert scene.kinds == ["rejected", "held"]
    assert scene.codes(tally.RAW) == ["envelope_broken", "output_too_large"]
    assert scene.ask("discard") == "done"
    assert scene.contents("A") == ["a"]


def test_retry_whose_output_the_broker_refuses_is_answered(stage: Stage) -> None:
    scene = shrunken(stage)
    scene.run(scene.broken(wide(scene, "A")), scene.raw("A", "a", revision="2"))
    assert scene.ask("edit", value=wide(scene, "A").value) == "failed_again"
    assert scene.codes(tally.RAW) == ["envelope_broken", "output_too_large"]
    assert scene.kinds == ["rejected", "held"]
    scene.run(scene.raw("B", "b", revision="1"))
    assert scene.contents("B") == ["b"]


@ON_MEMORY
def test_record_that_cannot_be_rerouted_is_refused_alone(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.cluster.append(scene.misplaced(wide(scene, "A")))
    scene.cluster.shrink(tally.RAW.name, 20_000)
    scene.run(scene.raw("A", "a", revision="2"))
    assert scene.outcomes == {"accepted": 1, "rejected": 1}
    assert scene.ask("discard") == "done"


def test_slot_stops_where_its_dead_letter_cannot_be_written(stage: Stage) -> None:
    scene = stage(tally.raw)
    letters = scene.topology.dead_letters(tally.RAW.name)
    scene.cluster.shrink(letters, 20_000)
    good = scene.raw("A", "a", revision="1")
    bad = replace(good, value=b"{" + Random(1).randbytes(60_000))
    scene.run(good, bad, scene.raw("A", "b", revision="2"), scene.raw("A", "c", revision="3"))
    assert scene.stops == ["dead_letter_refused"]
    assert scene.contents("A") == ["a"]
    scene.cluster.shrink(letters, 2_000_000)
    scene.run(scene.driver.request_record(None, slot=good.partition, action="resume"))
    assert scene.kinds == ["rejected", "held", "held"]
    assert scene.outcomes == {"accepted": 1, "rejected": 1, "held": 2}


@ONE_ROW_ON_BROKER
@pytest.mark.parametrize("fault", [CRASH, CRASH_AFTER, LOSE_ANSWER])
def test_refusal_leaves_one_dead_letter_whatever_happens_to_its_worker(stage: Stage, fault: Fault) -> None:
    scene = stage(tally.tally)
    scene.run(fault, scene.count("A", 1, "BAD"))
    assert len(scene.driver.dead_letters(tally.COUNT)) == 1
    assert scene.kinds == ["rejected"]
