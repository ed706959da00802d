"""The replay lane: every request gets one answer, and only what the operator saw is done (R21)."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from crossdock.canonical.models.ops import AuditEntry, DryRunResult, ReplayRequest
from crossdock.canonical.record import Record
from crossdock.streaming.signing import sign
from crossdock.streaming.testing import (
    ADVANCE,
    CRASH,
    CRASH_AFTER,
    LOSE_ANSWER,
    REDELIVER,
    Fault,
)
from tests.kit import tally
from tests.kit.scene import Scene
from tests.scenario.conftest import ON_MEMORY, ONE_ROW_ON_BROKER, Stage

DAYS_90_S = 90 * 86_400


def held(stage: Stage) -> Scene:
    """A scene with a refused record and one that waits behind it."""
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1), scene.count("A", 2, "BAD"), scene.count("A", 3))
    return scene


def dry_runs(scene: Scene) -> list[DryRunResult]:
    """Every dry run's result."""
    records = scene.cluster.records(scene.topology.whatif)
    return [scene.driver.serde.deserialize(DryRunResult, record.value) for record in records]


def answer(scene: Scene, action: str, **fields: object) -> AuditEntry:
    """The whole answer to a request about the head."""
    return scene.driver.request(scene.head, action=action, **fields)


def test_retry_under_corrected_code_is_done_and_releases(stage: Stage) -> None:
    scene = held(stage)
    scene.deploy(tally.repaired)
    done = answer(scene, "retry")
    assert (done.answer, done.released, done.actor, done.reason) == ("done", 1, "operator-1", "a test")
    assert scene.totals("A") == [1, 3, 6]


def test_retry_in_vain_has_failed_again_with_one_more_dead_letter(stage: Stage) -> None:
    scene = held(stage)
    failed = answer(scene, "retry")
    assert (failed.answer, failed.code, failed.n) == ("failed_again", "field_invalid", 2)
    letters = scene.driver.dead_letters(tally.COUNT)
    assert [letter.header("dlq.n") for letter in letters] == ["1", "2"]
    assert [letter.header("dlq.replay.job") for letter in letters] == ["", "job-1"]
    assert scene.kinds == ["rejected", "held"]


def test_edit_keeps_the_identity_of_the_event(stage: Stage) -> None:
    scene = held(stage)
    source = scene.head.record
    assert scene.ask("edit", value=scene.count("A", 10).value) == "done"
    edited = scene.cluster.records(tally.TOTAL.name)[1]
    assert edited.header("ce_causationid") == source.coordinates
    assert scene.totals("A") == [1, 11, 14]


@ON_MEMORY
@pytest.mark.parametrize("value", [b"not avro", b"", b"\x00\x00\x00\x00\x63x"])
def test_edit_that_cannot_be_decoded_has_failed_again(stage: Stage, value: bytes) -> None:
    scene = held(stage)
    assert scene.ask("edit", value=value) == "failed_again"
    assert scene.head.record.value == scene.count("A", 2, "BAD").value


@ON_MEMORY
def test_edit_may_not_change_the_key_that_the_payload_states(stage: Stage) -> None:
    scene = stage(tally.raw)
    scene.run(scene.raw("A", "x", revision="1", kind="nonsense", key="acme/A"))
    other = scene.raw("A", "x", revision="1", key="acme/B").value
    assert (answer(scene, "edit", value=other).answer, scene.kinds) == ("refused", ["rejected"])
    same = scene.raw("A", "x", revision="1", key="acme/A").value
    assert scene.ask("edit", value=same) == "done"


def test_discard_closes_without_effect_and_releases(stage: Stage) -> None:
    scene = held(stage)
    assert scene.ask("discard", reason="sent by mistake") == "done"
    assert scene.totals("A") == [1, 4]
    assert scene.closed() == {"accepted": 1, "discarded": 1}


@ONE_ROW_ON_BROKER
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"action": "discard", "reason": " "}, ("refused", "reason_missing")),
        ({"action": "edit"}, ("refused", "value_missing")),
        ({"action": "unknown"}, ("refused", "action_unknown")),
        ({"action": "retry", "n": 0}, ("stale", "")),
        ({"action": "retry", "n": 9}, ("stale", "")),
        ({"action": "retry", "seq": 5}, ("unknown_entry", "")),
        ({"action": "retry", "seq": -1}, ("unknown_entry", "")),
        ({"action": "retry", "entry_id": "0" * 32}, ("unknown_entry", "")),
        ({"action": "retry", "key": "acme/Z"}, ("unknown_entry", "")),
        ({"action": "retry", "store": "other"}, ("unknown_entry", "")),
        ({"action": "retry", "group": "other"}, ("wrong_slot", "")),
        ({"action": "retry", "plan_hash": "0" * 64}, ("plan_changed", "")),
        ({"action": "resume"}, ("resolved_before", "")),
    ],
    ids=str,
)
def test_request_that_does_not_fit_is_answered_and_changes_nothing(
    stage: Stage, fields: dict[str, object], expected: tuple[str, str]
) -> None:
    scene = held(stage)
    given = scene.driver.request(scene.head, **fields)
    assert (given.answer, given.code) == expected
    assert scene.kinds == ["rejected", "held"]
    assert scene.closed() == {}


@ON_MEMORY
def test_request_in_another_slot_is_answered_there(stage: Stage) -> None:
    scene = held(stage)
    lost = scene.misplaced(scene.request("retry", scene.head))
    scene.run(lost)
    assert [entry.answer for entry in audits(scene)] == ["wrong_slot"]


def audits(scene: Scene) -> list[AuditEntry]:
    """Every answer."""
    records = scene.cluster.records("ops.audit.v1")
    return [scene.driver.serde.deserialize(AuditEntry, record.value) for record in records]


@ON_MEMORY
def test_follower_cannot_be_settled_before_its_head(stage: Stage) -> None:
    scene = held(stage)
    follower = scene.entries[1]
    assert [scene.ask(action, follower) for action in ("retry", "discard", "dry_run")] == ["not_head"] * 3
    assert scene.kinds == ["rejected", "held"]


def test_second_request_for_one_entry_finds_it_resolved(stage: Stage) -> None:
    scene = held(stage)
    head = scene.head
    scene.run(scene.request("discard", head), REDELIVER, scene.request("retry", head))
    assert [entry.answer for entry in audits(scene)] == ["done", "resolved_before", "resolved_before"]
    assert scene.closed() == {"accepted": 1, "discarded": 1}


@ON_MEMORY
def test_second_retry_of_what_failed_meanwhile_is_stale(stage: Stage) -> None:
    scene = held(stage)
    scene.run(scene.request("retry", scene.head), REDELIVER)
    assert [entry.answer for entry in audits(scene)] == ["failed_again", "stale"]
    assert audits(scene)[1].n == 2


@ON_MEMORY
def test_marker_of_a_settled_entry_is_kept_90_days(stage: Stage) -> None:
    scene = held(stage)
    head = scene.head
    scene.ask("discard", head)
    scene.run(ADVANCE(DAYS_90_S - 3_600), scene.count("B", 1))
    assert scene.ask("retry", head) == "resolved_before"
    scene.run(ADVANCE(2 * 3_600), scene.count("B", 1))
    scene.driver.until(lambda: not any(list(o.slot.scan(b"r")) for o in scene.driver.slots().values()))
    assert scene.ask("retry", head) == "unknown_entry"


@ON_MEMORY
@pytest.mark.parametrize("spoil", ["actor", "value", "n", "signature", "script"])
def test_request_that_was_changed_after_signing_is_refused(stage: Stage, spoil: str) -> None:
    scene = held(stage)
    record = scene.request("discard", scene.head)
    request = scene.driver.serde.deserialize(ReplayRequest, record.value)
    changes: dict[str, dict[str, object]] = {
        "actor": {"actor": "someone"},
        "value": {"value": b"x"},
        "n": {"n": 7},
        "signature": {"signature": ""},
        "script": {"signature": "ééé"},
    }
    spoiled = request.model_copy(update=changes[spoil])
    given = scene.driver.send(spoiled)
    assert (given.answer, given.code) == ("refused", "unauthorized")
    assert scene.driver.send(sign(spoiled, "another key")).answer == "refused"
    assert scene.kinds == ["rejected", "held"]


@ON_MEMORY
@pytest.mark.parametrize("value", [None, b"", b"garbage"])
def test_unreadable_request_is_refused_on_the_record(stage: Stage, value: bytes | None) -> None:
    scene = held(stage)
    scene.run(replace(scene.request("retry", scene.head), value=value))
    assert [(entry.answer, entry.code) for entry in audits(scene)] == [("refused", "envelope_broken")]


def test_dry_run_shows_what_a_retry_would_do_and_does_nothing(stage: Stage) -> None:
    scene = held(stage)
    scene.deploy(tally.repaired)
    assert scene.ask("dry_run") == "planned"
    (plan,) = dry_runs(scene)
    assert (plan.result, plan.followers) == ("fixed", 1)
    assert [(e.topic, e.key, orjson.loads(e.value_json)) for e in plan.emits] == [
        (tally.TOTAL.name, "acme/A", {"value": "3.000000", "unit": "EA"})
    ]
    assert scene.totals("A") == [1]
    assert scene.kinds == ["rejected", "held"]
    assert scene.ask("retry", plan_hash=plan.plan_hash) == "done"
    assert scene.totals("A") == [1, 3, 6]


@ON_MEMORY
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((2, "BAD"), "same_failure"),
        ((2, "WORSE"), "same_failure"),
        (None, "other_failure"),
        ((9, "EA"), "fixed"),
    ],
)
def test_dry_run_of_an_edit_compares_the_failure(
    stage: Stage, value: tuple[int, str] | None, expected: str
) -> None:
    scene = held(stage)
    payload = scene.count("A", *value).value if value is not None else b"broken"
    scene.ask("dry_run", value=payload)
    assert [plan.result for plan in dry_runs(scene)] == [expected]


@ON_MEMORY
def test_dry_run_of_a_superseded_version_says_so(stage: Stage) -> None:
    scene = stage(tally.latest)
    scene.run(scene.count("A", 1, "BAD"), scene.count("A", 2))
    scene.ask("dry_run")
    assert [plan.result for plan in dry_runs(scene)] == ["superseded"]


@ON_MEMORY
@pytest.mark.parametrize(
    ("fields", "expected"),
    [({"n": 5}, "stale"), ({"seq": 9}, "unknown_entry"), ({"entry_id": "f" * 32}, "unknown_entry")],
)
def test_dry_run_of_what_is_not_there_says_so(stage: Stage, fields: dict[str, object], expected: str) -> None:
    scene = held(stage)
    answer(scene, "dry_run", **fields)
    assert [plan.result for plan in dry_runs(scene)] == [expected]


def test_retry_is_not_done_where_its_outputs_differ_from_the_plan(stage: Stage) -> None:
    scene = held(stage)
    scene.deploy(tally.repaired)
    scene.ask("dry_run")
    (plan,) = dry_runs(scene)
    scene.deploy(tally.repaired_otherwise)
    assert scene.ask("retry", plan_hash=plan.plan_hash) == "plan_changed"
    assert scene.kinds == ["rejected", "held"]
    assert scene.closed() == {}


def test_dry_run_of_what_is_too_large_to_show_is_answered(stage: Stage) -> None:
    scene = stage(tally.raw, facts={"emits": None})
    scene.run(scene.raw("A", "x", revision="1", kind="nonsense"))
    large = scene.raw("A", "x" * 700_000, revision="1", parts=3)
    assert scene.ask("dry_run", value=large.value) == "planned"
    assert scene.ask("edit", value=large.value) == "done"
    assert len(scene.contents("A")) == 3


@ONE_ROW_ON_BROKER
@pytest.mark.parametrize("fault", [CRASH, CRASH_AFTER, LOSE_ANSWER])
def test_request_is_carried_out_once_whatever_happens_to_its_worker(stage: Stage, fault: Fault) -> None:
    scene = held(stage)
    scene.run(fault, scene.request("edit", scene.head, value=scene.count("A", 2).value))
    assert scene.totals("A") == [1, 3, 6]
    assert [entry.answer for entry in audits(scene)] == ["done"]


@ON_MEMORY
def test_lone_entry_is_only_ever_discarded(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(replace(scene.count("A", 1), key=None))
    assert scene.ask("retry") == "failed_again"
    assert scene.ask("edit", value=scene.count("A", 1).value) == "failed_again"
    assert scene.ask("discard") == "done"
    assert scene.entries == []


@ON_MEMORY
def test_answer_is_keyed_by_tenant_and_actor(stage: Stage) -> None:
    scene = held(stage)
    answer(scene, "retry", actor="operator/7")
    (record,) = scene.cluster.records("ops.audit.v1")
    assert record.key == b"acme/operator%2F7"


@ON_MEMORY
def test_requests_are_not_counted_as_input_of_the_business(stage: Stage) -> None:
    scene = held(stage)
    answer(scene, "retry")
    assert sum(one.answered for receipt in scene.driver.receipts() for one in receipt.inputs) == 1
    assert scene.outcomes == {"accepted": 1, "rejected": 1, "held": 1}


def test_record_of_nobody_in_the_lane_is_answered(stage: Stage) -> None:
    scene = held(stage)
    scene.run(Record(scene.topology.lane, 0, -1, None, b"\x00\x00\x00\x00\x01"))
    assert [entry.answer for entry in audits(scene)] == ["refused"]
