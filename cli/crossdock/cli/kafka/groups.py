"""Consumer groups as the broker knows them: members, committed positions, lag.

Invariant: names are logical here; only this module and KafkaLog know the namespace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import click
from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, TopicPartition

from crossdock.cli.group_reset import Move
from crossdock.cli.kafka.log import CALL_SECONDS, KafkaLog


@dataclass(frozen=True)
class Group:
    """A group and its members: (member id, client id, host, partitions as (topic, partition))."""

    name: str
    state: str
    members: tuple[tuple[str, str, str, frozenset[tuple[str, int]]], ...] = ()

    @property
    def is_stopped(self) -> bool:
        """Whether no member holds a partition."""
        return self.state.lower() in {"empty", "dead"}

    def owner(self, topic: str, partition: int) -> tuple[str, str]:
        """Member and host that hold a partition; empty where nobody does."""
        for member, _, host, places in self.members:
            if (topic, partition) in places:
                return member, host
        return "", ""


@dataclass(frozen=True)
class Standing:
    """A group's committed position in one partition."""

    topic: str
    partition: int
    offset: int
    metadata: str


class Groups:
    """Questions and the one change that concern consumer groups."""

    def __init__(self, log: KafkaLog) -> None:
        self._log = log
        self._settings = log.settings

    def names(self) -> list[tuple[str, str]]:
        """(logical name, state) of this installation's groups, sorted."""
        self._log.topics()  # asks for metadata: listing groups alone reports an absent broker as no groups
        admin = self._log.admin
        listed = self._log.ask(lambda: admin.list_consumer_groups(request_timeout=CALL_SECONDS).result())
        prefix = self._settings.topic("")
        return sorted(
            (self._settings.logical(one.group_id), _state(one.state))
            for one in listed.valid
            if one.group_id.startswith(prefix)
        )

    def describe(self, name: str) -> Group:
        """A group with its members. Raises UsageError for one that the broker does not know."""
        known = dict(self.names())
        if name not in known:
            listed = ", ".join(known) or "none"
            raise click.UsageError(f"group {name} does not exist; there are: {listed}.")
        group_id = self._settings.topic(name)
        future = self._log.admin.describe_consumer_groups([group_id], request_timeout=CALL_SECONDS)[group_id]
        found = self._log.ask(future.result)
        members = tuple(
            (one.member_id, one.client_id, one.host, self._places(one.assignment.topic_partitions))
            for one in found.members
        )
        return Group(name, _state(found.state), members)

    def _places(self, partitions: Iterable[TopicPartition]) -> frozenset[tuple[str, int]]:
        return frozenset((self._settings.logical(one.topic), one.partition) for one in partitions)

    def standings(self, name: str) -> list[Standing]:
        """Committed positions, by topic and partition."""
        group_id = self._settings.topic(name)
        request = [ConsumerGroupTopicPartitions(group_id)]
        futures = self._log.admin.list_consumer_group_offsets(request, request_timeout=CALL_SECONDS)
        found = self._log.ask(futures[group_id].result)
        rows = [
            Standing(self._settings.logical(one.topic), one.partition, one.offset, one.metadata or "")
            for one in found.topic_partitions
            if one.offset >= 0
        ]
        return sorted(rows, key=lambda row: (row.topic, row.partition))

    def apply(self, name: str, moves: Iterable[Move]) -> None:
        """Commit new positions for a group that has no members."""
        group_id = self._settings.topic(name)
        places = [TopicPartition(self._settings.topic(one.topic), one.partition, one.new) for one in moves]
        request = [ConsumerGroupTopicPartitions(group_id, places)]
        futures = self._log.admin.alter_consumer_group_offsets(request, request_timeout=CALL_SECONDS)
        self._log.ask(futures[group_id].result)

    def is_topology(self, name: str) -> bool:
        """Whether a Crossdock topology runs under this name: it has a changelog."""
        return self._log.has(f"{name}.changelog.v1")


def _state(state: ConsumerGroupState | None) -> str:
    return "unknown" if state is None else state.name.lower()
