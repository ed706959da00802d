"""Makes an installation's topics and schemas, or says how they differ from what they must be.

Invariant: running it again changes nothing; what could lose records is done only when asked for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crossdock.canonical.schemas import schema_of
from crossdock.canonical.topics import declarations
from crossdock.cli.describe_command import services
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.kafka.topics import Topics
from crossdock.cli.settings import Connection
from crossdock.cli.topics_plan import (
    PARTITIONS,
    Aspect,
    Difference,
    FoundSchema,
    Group,
    PlannedTopic,
    Repair,
    planned_topics,
    schema_differences,
    topic_differences,
)
from crossdock.streaming.backends.registry import Registry, RegistryClient
from crossdock.streaming.backends.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class Applied:
    """What was repaired, and what was left."""

    repaired: tuple[Difference, ...]
    left: tuple[Difference, ...]


def installed_groups() -> list[Group]:
    """The consumer groups of all installed topologies."""
    topologies = [topology for found in services().values() for topology in found]
    return [Group(one.group, tuple(topic.name for topic in one.inputs)) for one in topologies]


class Installation:
    """The topics and schemas of one namespace on one broker and registry.

    Args:
        connection: which broker, registry and namespace.
        partitions: partition count; without it that of the declared topics that exist, else 12.
        registry: by default the one that the connection names.
        groups: by default those of all installed topologies.
    """

    def __init__(
        self,
        connection: Connection,
        partitions: int | None = None,
        *,
        registry: Registry | None = None,
        groups: Iterable[Group] | None = None,
    ) -> None:
        self._settings = connection.settings
        self._topics = Topics(KafkaLog(connection))
        self._registry = registry or RegistryClient(self._settings.registry_url)
        count = partitions or self._present_count() or PARTITIONS
        self.plan = planned_topics(declarations(), installed_groups() if groups is None else groups, count)

    def _present_count(self) -> int | None:
        counts = Counter(topic.partitions for topic in self._topics.found(list(declarations())).values())
        return counts.most_common(1)[0][0] if counts else None

    def differences(self) -> list[Difference]:
        """Everything that is not as planned."""
        return [*self._topic_differences(), *schema_differences(self.plan, self._found_schemas())]

    def present(self) -> set[str]:
        """Logical names of the planned topics that exist."""
        return set(self._topics.found([topic.name for topic in self.plan]))

    def apply(self, *, accepts_loss: bool = False) -> Applied:
        """Repair what can be repaired; with `accepts_loss` also what may delete records."""
        differences = self._topic_differences()
        repaired = [one for one in differences if _is_repaired(one, accepts_loss=accepts_loss)]
        self._repair_topics(repaired)
        about_schemas = schema_differences(self.plan, self._found_schemas())
        repairable = [one for one in about_schemas if _is_repaired(one, accepts_loss=accepts_loss)]
        self._repair_schemas(repairable)
        done = [*repaired, *repairable]
        return Applied(tuple(done), tuple(one for one in (*differences, *about_schemas) if one not in done))

    def _topic_differences(self) -> list[Difference]:
        return topic_differences(self.plan, self._topics.found([topic.name for topic in self.plan]))

    def _repair_topics(self, differences: Sequence[Difference]) -> None:
        missing = {one.topic for one in differences if one.aspect is Aspect.MISSING}
        self._topics.create([topic for topic in self.plan if topic.name in missing])
        settings: dict[str, dict[str, str]] = {}
        for one in differences:
            if one.aspect is Aspect.CONFIG:
                settings.setdefault(one.topic, {})[one.setting] = one.expected
        for name, changes in settings.items():
            self._topics.set(name, changes)

    def _repair_schemas(self, differences: Sequence[Difference]) -> None:
        for one in differences:
            subject = self._subject(one.topic)
            if one.aspect is Aspect.COMPATIBILITY:
                self._registry.compatibility(subject, one.expected)
            else:
                self._registry.register(subject, json.dumps(schema_of(one.expected)))

    def _found_schemas(self) -> dict[str, FoundSchema]:
        return {topic.name: self._found_schema(topic) for topic in self.plan if topic.record is not None}

    def _found_schema(self, topic: PlannedTopic) -> FoundSchema:
        assert topic.record is not None
        subject, wanted = self._subject(topic.name), schema_of(topic.record)
        level, latest = self._registry.level(subject), self._registry.latest(subject)
        if latest is None:
            return FoundSchema(is_current=False, level=level)
        if json.loads(latest.schema) == wanted:
            return FoundSchema(is_current=True, level=level)
        obstacles = tuple(self._registry.check(subject, json.dumps(wanted)))
        return FoundSchema(is_current=False, level=level, obstacles=obstacles)

    def _subject(self, topic: str) -> str:
        return f"{self._settings.topic(topic)}-value"


def apply_topics(settings: KafkaSettings, partitions: int | None = None) -> Applied:
    """Make all topics and schemas of an installation; see `Installation` and its `apply`."""
    stated = {name: getattr(settings, name) for name in KafkaSettings.model_fields}
    stated["kafka_sasl_password"] = settings.kafka_sasl_password.get_secret_value()
    connection = Connection(stated)
    return Installation(connection, partitions).apply()


def _is_repaired(difference: Difference, *, accepts_loss: bool) -> bool:
    if difference.repair is Repair.ON_REQUEST:
        return accepts_loss
    return difference.repair is Repair.UNASKED
