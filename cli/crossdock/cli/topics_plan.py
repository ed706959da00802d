"""Which topics an installation needs and how they differ from what a broker has; pure.

Invariant: the plan follows from the declarations, the consumer groups and the partition count alone; a
difference that could lose or reorder records is never among those that are repaired unasked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crossdock.canonical.topics import TopicDeclaration

PARTITIONS: Final = 12
"""Partition count of an installation's topics (R1); embedded ones have 4."""

LARGE_RECORD_BYTES: Final = 2 * 1024 * 1024
"""Largest batch in topics that carry whole records with more around them (R20)."""

_DAY_MS: Final = 86_400_000
_LARGE = {"max.message.bytes": str(LARGE_RECORD_BYTES)}


class Purpose(StrEnum):
    """What a topic is for; the text under each member is its documentation."""

    DECLARED = "declared"
    """Declared in `schemas/topics`."""
    CHANGELOG = "changelog"
    """All state of a group (R11)."""
    REPLAY_LANE = "replay-lane"
    """Operator requests to a group (R21)."""
    WHAT_IF = "what-if"
    """Answers of dry runs."""
    DEAD_LETTERS = "dead-letters"
    """Evidence of rejected records of one input (R17)."""


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group: its name and the logical names of its inputs."""

    name: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedTopic:
    """A topic as it must be.

    Args:
        name: logical name, without the namespace.
        config: topic settings that are ours to decide.
        record: full name of the Avro record under `<topic>-value`; None where there is no one record.
        owner: who answers for it.
    """

    name: str
    purpose: Purpose
    partitions: int
    config: Mapping[str, str]
    owner: str
    record: str | None = None
    compatibility: str = "FULL_TRANSITIVE"


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as the broker has it; `config` has all its settings."""

    partitions: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundSchema:
    """Whether a subject's latest version is ours, its level, and why ours could not follow."""

    is_current: bool
    level: str | None
    obstacles: tuple[str, ...] = ()


class Aspect(StrEnum):
    """What differs."""

    MISSING = "missing"
    PARTITIONS = "partitions"
    CONFIG = "config"
    SCHEMA = "schema"
    COMPATIBILITY = "compatibility"


class Repair(StrEnum):
    """What `topics apply` does about a difference."""

    UNASKED = "unasked"
    """Repaired by `apply`."""
    ON_REQUEST = "on request"
    """It may delete records: only with `--execute`."""
    IMPOSSIBLE = "impossible"
    """No setting repairs it; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a topic is not as planned.

    Args:
        topic: logical name.
        setting: name of the topic setting, for `CONFIG`.
        expected, found: values as text; empty where there is none.
        advice: what to do, where the repair is not plain.
    """

    topic: str
    aspect: Aspect
    repair: Repair
    expected: str
    found: str = ""
    setting: str = ""
    advice: str = ""


def planned_topics(
    declarations: Mapping[str, TopicDeclaration], groups: Iterable[Group], partitions: int
) -> tuple[PlannedTopic, ...]:
    """Every topic of the installation, declared ones first, each once."""
    plan = [_declared(declaration, partitions) for declaration in declarations.values()]
    for group in groups:
        plan += _of_group(group, partitions)
    return tuple({topic.name: topic for topic in plan}.values())


def _declared(declaration: TopicDeclaration, partitions: int) -> PlannedTopic:
    config: dict[str, str] = {"cleanup.policy": declaration.cleanup}
    if declaration.retention_days is not None:
        config["retention.ms"] = str(declaration.retention_days * _DAY_MS)
    record = None if declaration.record == "bytes" else declaration.record
    return PlannedTopic(
        declaration.topic,
        Purpose.DECLARED,
        partitions,
        config,
        declaration.owner,
        record,
        declaration.compatibility,
    )


def _of_group(group: Group, partitions: int) -> list[PlannedTopic]:
    def topic(
        name: str, purpose: Purpose, config: Mapping[str, str], record: str | None = None
    ) -> PlannedTopic:
        return PlannedTopic(name, purpose, partitions, {**config, **_LARGE}, group.name, record)

    return [
        topic(f"{group.name}.changelog.v1", Purpose.CHANGELOG, {"cleanup.policy": "compact"}),
        topic(f"{group.name}.replay.v1", Purpose.REPLAY_LANE, _kept(days=90), "crossdock.ops.ReplayRequest"),
        topic(f"{group.name}.whatif.v1", Purpose.WHAT_IF, _kept(days=7), "crossdock.ops.DryRunResult"),
        *[topic(f"{name}.{group.name}.dlq", Purpose.DEAD_LETTERS, _kept(days=90)) for name in group.inputs],
    ]


def _kept(*, days: int) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(days * _DAY_MS)}


def topic_differences(plan: Sequence[PlannedTopic], found: Mapping[str, FoundTopic]) -> list[Difference]:
    """How the broker's topics differ from the plan, in the plan's order."""
    differences: list[Difference] = []
    for topic in plan:
        there = found.get(topic.name)
        if there is None:
            text = f"{topic.partitions} partitions"
            differences.append(Difference(topic.name, Aspect.MISSING, Repair.UNASKED, text))
            continue
        if there.partitions != topic.partitions:
            differences.append(_wrong_partitions(topic, there))
        differences += [
            _wrong_setting(topic.name, name, value, there.config.get(name, ""))
            for name, value in topic.config.items()
            if _normal(there.config.get(name, "")) != _normal(value)
        ]
    return differences


def schema_differences(plan: Sequence[PlannedTopic], found: Mapping[str, FoundSchema]) -> list[Difference]:
    """How the registry's subjects differ from the plan, in the plan's order."""
    differences: list[Difference] = []
    for topic in plan:
        if topic.record is None:
            continue
        there = found.get(topic.name, FoundSchema(is_current=False, level=None))
        if there.level != topic.compatibility:
            aspect, level = Aspect.COMPATIBILITY, there.level or ""
            differences.append(Difference(topic.name, aspect, Repair.UNASKED, topic.compatibility, level))
        if not there.is_current:
            differences.append(_wrong_schema(topic, there))
    return differences


def _wrong_schema(topic: PlannedTopic, there: FoundSchema) -> Difference:
    repair = Repair.IMPOSSIBLE if there.obstacles else Repair.UNASKED
    advice = "a breaking change needs a new topic: " + "; ".join(there.obstacles) if there.obstacles else ""
    return Difference(topic.name, Aspect.SCHEMA, repair, topic.record or "", advice=advice)


def _wrong_partitions(topic: PlannedTopic, there: FoundTopic) -> Difference:
    advice = "adding partitions would move keys: use another namespace, or --partitions with this number"
    counts = str(topic.partitions), str(there.partitions)
    return Difference(topic.name, Aspect.PARTITIONS, Repair.IMPOSSIBLE, *counts, advice=advice)


def _wrong_setting(topic: str, name: str, expected: str, found: str) -> Difference:
    loses = name == "cleanup.policy" or _is_less(expected, found)
    repair = Repair.ON_REQUEST if loses else Repair.UNASKED
    advice = "records may be deleted: repaired only with --execute" if loses else ""
    return Difference(topic, Aspect.CONFIG, repair, expected, found, name, advice)


def _is_less(expected: str, found: str) -> bool:
    """Whether a limit would become tighter; −1 means none."""
    if not (_is_number(expected) and _is_number(found)):
        return False
    return int(found) == -1 or -1 < int(expected) < int(found)


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _normal(value: str) -> str:
    """A list of policies in one order; anything else as it is."""
    return ",".join(sorted(part.strip() for part in value.split(",")))
