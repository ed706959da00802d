"""Which topics an installation has, and what is said and done about differences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.canonical.topics import TopicDeclaration, declarations
from crossdock.cli.topics_plan import (
    Aspect,
    FoundSchema,
    FoundTopic,
    Group,
    PlannedTopic,
    Purpose,
    Repair,
    planned_topics,
    schema_differences,
    topic_differences,
)

DAY_MS = 86_400_000
GROUP = Group("normalize", ("raw.channel.v1", "raw.document.v1"))
DECLARATIONS = {
    name: TopicDeclaration(
        topic=name,
        owner="ingest",
        description="x",
        key="tenant/channel/object",
        partition_segments=3,
        group="O",
        record=record,
        compatibility="FULL_TRANSITIVE" if record != "bytes" else "NONE",
        producers=("ingest",),
        consumers=("normalize",),
        cleanup=cleanup,
        retention_days=days,
        pii=False,
        private=False,
    )
    for name, record, cleanup, days in (
        ("raw.channel.v1", "bytes", "delete", 30),
        ("sales.order.v1", "crossdock.sales.Order", "compact,delete", 400),
        ("partner.profile.v1", "crossdock.partner.PartnerProfileVersion", "compact", None),
    )
}
PLAN = planned_topics(DECLARATIONS, [GROUP], 4)
BY_NAME = {topic.name: topic for topic in PLAN}


def _found(plan: tuple[PlannedTopic, ...] = PLAN) -> dict[str, FoundTopic]:
    return {topic.name: FoundTopic(topic.partitions, {**topic.config, "other": "x"}) for topic in plan}


EXPECTED = [
    ("raw.channel.v1", Purpose.DECLARED, {"cleanup.policy": "delete", "retention.ms": 30}, None),
    (
        "sales.order.v1",
        Purpose.DECLARED,
        {"cleanup.policy": "compact,delete", "retention.ms": 400},
        "crossdock.sales.Order",
    ),
    (
        "partner.profile.v1",
        Purpose.DECLARED,
        {"cleanup.policy": "compact"},
        "crossdock.partner.PartnerProfileVersion",
    ),
    ("normalize.changelog.v1", Purpose.CHANGELOG, {"cleanup.policy": "compact"}, None),
    (
        "normalize.replay.v1",
        Purpose.REPLAY_LANE,
        {"cleanup.policy": "delete", "retention.ms": 90},
        "crossdock.ops.ReplayRequest",
    ),
    (
        "normalize.whatif.v1",
        Purpose.WHAT_IF,
        {"cleanup.policy": "delete", "retention.ms": 7},
        "crossdock.ops.DryRunResult",
    ),
    (
        "raw.channel.v1.normalize.dlq",
        Purpose.DEAD_LETTERS,
        {"cleanup.policy": "delete", "retention.ms": 90},
        None,
    ),
    (
        "raw.document.v1.normalize.dlq",
        Purpose.DEAD_LETTERS,
        {"cleanup.policy": "delete", "retention.ms": 90},
        None,
    ),
]


@pytest.mark.parametrize(("name", "purpose", "config", "record"), EXPECTED)
def test_topic_is_planned_as_designed(
    name: str, purpose: Purpose, config: dict[str, str | int], record: str | None
) -> None:
    topic = BY_NAME[name]
    wanted = {
        setting: str(value * DAY_MS) if isinstance(value, int) else value for setting, value in config.items()
    }
    if purpose is not Purpose.DECLARED:
        wanted["max.message.bytes"] = "2097152"
    assert (topic.purpose, topic.record, topic.partitions) == (purpose, record, 4)
    assert topic.config == wanted


def test_plan_holds_exactly_these_topics() -> None:
    assert [topic.name for topic in PLAN] == [name for name, *_ in EXPECTED]


def test_every_declared_topic_is_planned_with_one_partition_count() -> None:
    plan = planned_topics(declarations(), [], 12)
    assert {topic.name for topic in plan} == set(declarations())
    assert {topic.partitions for topic in plan} == {12}


def test_topic_shared_by_two_groups_is_planned_once() -> None:
    plan = planned_topics(DECLARATIONS, [GROUP, GROUP], 4)
    assert len(plan) == len(PLAN)


def test_installation_as_planned_has_no_differences() -> None:
    assert topic_differences(PLAN, _found()) == []


def test_order_of_cleanup_policies_means_nothing() -> None:
    found = _found()
    there = found["sales.order.v1"]
    found["sales.order.v1"] = replace(there, config={**there.config, "cleanup.policy": "delete, compact"})
    assert topic_differences(PLAN, found) == []


def test_missing_topic_is_created_unasked() -> None:
    found = _found()
    del found["normalize.replay.v1"]
    (difference,) = topic_differences(PLAN, found)
    assert (difference.topic, difference.aspect, difference.repair) == (
        "normalize.replay.v1",
        Aspect.MISSING,
        Repair.UNASKED,
    )


@pytest.mark.parametrize("partitions", [1, 5])
def test_wrong_partition_count_is_never_repaired(partitions: int) -> None:
    found = _found()
    found["raw.channel.v1"] = replace(found["raw.channel.v1"], partitions=partitions)
    (difference,) = topic_differences(PLAN, found)
    assert (difference.aspect, difference.repair) == (Aspect.PARTITIONS, Repair.IMPOSSIBLE)
    assert "would move keys" in difference.advice


@pytest.mark.parametrize(
    ("setting", "value", "repair"),
    [
        ("retention.ms", str(31 * DAY_MS), Repair.ON_REQUEST),
        ("retention.ms", "-1", Repair.ON_REQUEST),
        ("retention.ms", str(7 * DAY_MS), Repair.UNASKED),
        ("cleanup.policy", "compact", Repair.ON_REQUEST),
        ("cleanup.policy", "", Repair.ON_REQUEST),
    ],
)
def test_change_that_may_delete_records_waits_for_a_request(setting: str, value: str, repair: Repair) -> None:
    found = _found()
    there = found["raw.channel.v1"]
    found["raw.channel.v1"] = replace(there, config={**there.config, setting: value})
    (difference,) = topic_differences(PLAN, found)
    assert (difference.aspect, difference.setting, difference.found) == (Aspect.CONFIG, setting, value)
    assert difference.repair is repair
    assert difference.expected == BY_NAME["raw.channel.v1"].config[setting]


def _schemas(order: FoundSchema | None = None) -> dict[str, FoundSchema]:
    good = FoundSchema(is_current=True, level="FULL_TRANSITIVE")
    found = {topic.name: good for topic in PLAN if topic.record is not None}
    return {**found, "sales.order.v1": order or good}


def test_registry_as_planned_has_no_differences() -> None:
    assert schema_differences(PLAN, _schemas()) == []


def test_unregistered_subject_gets_level_and_schema() -> None:
    found = _schemas()
    del found["sales.order.v1"]
    differences = schema_differences(PLAN, found)
    assert [(one.aspect, one.expected, one.repair) for one in differences] == [
        (Aspect.COMPATIBILITY, "FULL_TRANSITIVE", Repair.UNASKED),
        (Aspect.SCHEMA, "crossdock.sales.Order", Repair.UNASKED),
    ]


def test_weaker_level_is_a_difference() -> None:
    (difference,) = schema_differences(PLAN, _schemas(FoundSchema(is_current=True, level="BACKWARD")))
    assert (difference.aspect, difference.found) == (Aspect.COMPATIBILITY, "BACKWARD")


def test_breaking_schema_is_never_registered() -> None:
    there = FoundSchema(is_current=False, level="FULL_TRANSITIVE", obstacles=("field gone",))
    (difference,) = schema_differences(PLAN, _schemas(there))
    assert (difference.aspect, difference.repair) == (Aspect.SCHEMA, Repair.IMPOSSIBLE)
    assert "field gone" in difference.advice
