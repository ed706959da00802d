"""Each record gets exactly one intake outcome, and the receipts say which (runtime §2, I1)."""

from __future__ import annotations

from crossdock.streaming.testing import REDELIVER
from tests.kit import tally
from tests.scenario.conftest import Stage


def test_each_count_of_a_topology_without_marks_is_accepted(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1), scene.count("B", 5), scene.count("A", 2))
    assert scene.outcomes == {"accepted": 3}
    assert scene.totals("A") == [1, 3]
    assert scene.totals("B") == [5]


def test_redelivered_record_changes_nothing(stage: Stage) -> None:
    scene = stage(tally.marked)
    scene.run(scene.count("A", 1), REDELIVER, REDELIVER, scene.count("A", 2), REDELIVER)
    assert scene.outcomes == {"accepted": 2, "duplicate": 3}
    assert scene.totals("A") == [1, 3]


def test_older_revision_is_superseded(stage: Stage) -> None:
    scene = stage(tally.marked)
    scene.run(scene.count("A", 5), scene.count("A", 3))
    assert scene.outcomes == {"accepted": 1, "superseded": 1}
    assert scene.totals("A") == [5]


def test_same_revision_with_other_content_is_a_conflict_beside_the_order(stage: Stage) -> None:
    scene = stage(tally.marked)
    scene.run(scene.count("A", 5), scene.count("A", 5, "KG"), scene.count("A", 6))
    assert scene.outcomes == {"accepted": 2, "conflict": 1}
    assert scene.codes() == ["content_conflict"]
    assert scene.totals("A") == [5, 11]


def test_refused_record_opens_a_hold_that_later_ones_of_its_key_join(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1), scene.count("A", 2, "BAD"), scene.count("A", 3), scene.count("B", 4))
    assert scene.outcomes == {"accepted": 2, "rejected": 1, "held": 1}
    assert scene.kinds == ["rejected", "held"]
    assert scene.codes() == ["field_invalid"]
    assert (scene.totals("A"), scene.totals("B")) == ([1], [4])


def test_record_without_its_reference_waits(stage: Stage) -> None:
    scene = stage(tally.measured)
    scene.run(scene.count("A", 1, "BOX"), scene.count("A", 2), scene.count("B", 3))
    assert scene.outcomes == {"accepted": 1, "held": 1, "waiting": 1}
    assert scene.kinds == ["waiting", "held"]
    assert scene.entries[0].reference == "test.unit.v1:acme/BOX"
    assert scene.codes() == []


def test_misplaced_raw_record_is_rerouted(stage: Stage) -> None:
    scene = stage(tally.raw)
    right = scene.raw("A", "x", revision="1")
    scene.run(scene.misplaced(right))
    assert scene.outcomes == {"accepted": 1, "rerouted": 1}
    assert scene.contents("A") == ["x"]


def test_emitted_records_tell_their_source(stage: Stage) -> None:
    scene = stage(tally.tally)
    scene.run(scene.count("A", 1, headers=(("ce_id", b"delivery-7"), ("traceparent", b"00-1-2-01"))))
    (total,) = scene.cluster.records(tally.TOTAL.name)
    (source,) = scene.cluster.records(tally.COUNT.name)
    assert total.header("ce_causationid") == source.coordinates
    assert total.header("ce_correlationid") == "delivery-7"
    assert total.header("ce_time") == "2026-01-01T00:00:00.000000+00:00"
    assert total.header("ce_tenant") == "acme"
    assert total.header("ce_type") == "crossdock.common.Quantity"
    assert total.header("traceparent") == "00-1-2-01"
