"""A real Kafka as the cluster of a scenario: own namespace, topics as a topology needs them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import (
    ConsumerGroupState,
    ConsumerGroupTopicPartitions,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.cimpl import NewTopic

from crossdock.canonical.record import Record
from crossdock.canonical.topics import AUDIT_ENTRY, RECEIPT, declarations
from crossdock.streaming.backend import Backend, Place
from crossdock.streaming.backends.kafka import KafkaBackend
from crossdock.streaming.backends.kafka_reader import KafkaReader
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.errors import Retryable
from crossdock.streaming.topology import Topology
from tests.kit.waiting import wait_until

_COMPACT = {"cleanup.policy": "compact"}
_LARGE = {"max.message.bytes": str(2 * 1024 * 1024)}
_QUIET = {"log_level": 0}
_CALL_S = 20
_TRIES = 50
SESSION_MS = 1_200
TRANSACTION_MS = 4_000


def topics_of(topology: Topology) -> dict[str, dict[str, str]]:
    """Every topic that a topology touches, with its configuration."""
    inputs = [topic.name for topic in topology.inputs]
    own = [topology.lane, topology.whatif, *map(topology.dead_letters, inputs)]
    plain = [*inputs, *[topic.name for topic in topology.outputs], RECEIPT.name, AUDIT_ENTRY.name]
    references = [table.topic.name for table in topology.references]
    return {
        **{name: _declared(name) for name in plain},
        **dict.fromkeys(own, _LARGE),
        **dict.fromkeys(references, _COMPACT),
        topology.changelog: {**_COMPACT, **_LARGE},
    }


def _declared(name: str) -> dict[str, str]:
    """How a declared topic is cleaned; those of tests alone are declared nowhere."""
    declaration = declarations().get(name)
    return {} if declaration is None else {"cleanup.policy": declaration.cleanup}


class KafkaCluster:
    """Topics of one topology under a fresh namespace on a running broker."""

    def __init__(self, bootstrap_servers: str, topology: Topology, partitions: int = 4) -> None:
        self.partitions = partitions
        self.worker_servers = bootstrap_servers
        """Where workers connect: a proxy, where a test puts one between."""
        self.settings = KafkaSettings(
            bootstrap_servers=bootstrap_servers, namespace=f"t{uuid.uuid4().hex[:10]}"
        )
        self._producer = Producer({**self.settings.client(), **_QUIET, "linger.ms": 1})
        self._admin = AdminClient({**self.settings.client(), **_QUIET})
        self._configs = topics_of(topology)
        self._create(self._configs)
        self._probe = KafkaBackend(self.settings, "probe", 0)
        self._reader = KafkaReader(self.settings)
        self._seen: dict[Place, list[Record]] = {}
        self._follow(self._configs)

    def append(self, record: Record) -> None:
        """Append a record and wait for its acknowledgement."""
        self.extend([record])

    def extend(self, records: Iterable[Record]) -> None:
        """Append records and wait for their acknowledgements."""
        failures: list[object] = []

        def delivered(error: object, _message: Message) -> None:
            if error is not None:
                failures.append(error)

        for record in records:
            self._producer.produce(
                self.settings.topic(record.topic),
                record.value,
                record.key,
                record.partition,
                delivered,
                timestamp=record.timestamp_ms,
                headers=list(record.headers),
            )
            self._producer.poll(0)
        assert self._producer.flush(_CALL_S) == 0
        assert not failures, failures

    def records(self, topic: str) -> list[Record]:
        """Committed records of a topic, partition by partition."""
        self._catch_up([topic])
        return [record for n in range(self.partitions) for record in self._seen[Place(topic, n)]]

    def ends(self, topics: Iterable[str]) -> Mapping[Place, int]:
        """Offset behind the last committed record of each partition that has one."""
        names = list(topics)
        self._catch_up(names)
        return {
            place: records[-1].offset + 1
            for place, records in self._seen.items()
            if records and place.topic in names
        }

    def backend(self, topology: Topology, ordinal: int) -> Backend:
        """A new member with a short session."""
        settings = self.settings.model_copy(update={"bootstrap_servers": self.worker_servers})
        return KafkaBackend(
            settings, topology.group, ordinal, session_timeout_ms=SESSION_MS, transaction_ms=TRANSACTION_MS
        )

    # -- what may happen to a cluster ---------------------------------------------------------
    def shrink(self, topic: str, bytes_max: int) -> None:
        """From now on a topic takes no larger records."""
        entry = ConfigEntry("max.message.bytes", str(bytes_max), incremental_operation=AlterConfigOpType.SET)
        name = self.settings.topic(topic)
        resource = ConfigResource(ConfigResource.Type.TOPIC, name, incremental_configs=[entry])
        _finish(self._admin.incremental_alter_configs([resource]))

    def shorten(self, place: Place, start: int) -> None:
        """Let retention take everything before an offset."""
        self._catch_up([place.topic])
        _finish(self._admin.delete_records([self._partition(place, start)]))

    def move_offset(self, topology: Topology, place: Place, offset: int) -> None:
        """Change what a group without members has committed."""
        moved = ConsumerGroupTopicPartitions(
            self.settings.topic(topology.group), [self._partition(place, offset)]
        )
        wait_until(lambda: _is_altered(self._admin.alter_consumer_group_offsets([moved])))

    def forget_offsets(self, topology: Topology) -> None:
        """Delete what a group without members has committed."""
        group = self.settings.topic(topology.group)
        wait_until(lambda: _is_done(self._admin.delete_consumer_groups([group])))

    def await_leave(self, topology: Topology) -> None:
        """Wait until the sessions of members that ended are over: static members do not leave."""
        group = self.settings.topic(topology.group)
        wait_until(lambda: _state(self._admin, group) is not ConsumerGroupState.STABLE)

    def replace_topic(self, topic: str) -> None:
        """Delete a topic and make it again, empty."""
        name = self.settings.topic(topic)
        for number in range(self.partitions):
            self._reader.remove(Place(topic, number))
        _finish(self._admin.delete_topics([name]))
        wait_until(lambda: name not in self._admin.list_topics(timeout=_CALL_S).topics)
        self._create({topic: self._configs[topic]})
        self._follow([topic])

    def close(self) -> None:
        """Delete the topics and close the clients."""
        self._reader.close()
        self._probe.close()
        _finish(self._admin.delete_topics([self.settings.topic(name) for name in self._configs]))

    # -- plumbing -----------------------------------------------------------------------------
    def _create(self, configs: Mapping[str, dict[str, str]]) -> None:
        wanted = [
            NewTopic(self.settings.topic(name), self.partitions, 1, config=config)
            for name, config in configs.items()
        ]
        _finish(self._admin.create_topics(wanted))

    def _follow(self, topics: Iterable[str]) -> None:
        for place in [Place(topic, number) for topic in topics for number in range(self.partitions)]:
            self._seen[place] = []
            self._reader.add(place, self._bounds(place)[0])

    def _bounds(self, place: Place) -> tuple[int, int]:
        """First offset and end; a partition that was just made or whose broker just started is waited for."""
        for _ in range(_TRIES):
            try:
                return self._probe.bounds(place)
            except Retryable:
                self._pull(0.1)
        return self._probe.bounds(place)

    def _partition(self, place: Place, offset: int) -> TopicPartition:
        return TopicPartition(self.settings.topic(place.topic), place.partition, offset)

    def _catch_up(self, topics: list[str]) -> None:
        places = [place for place in self._seen if place.topic in topics]
        ends = {place: self._bounds(place) for place in places}
        behind = self._behind({place: high for place, (low, high) in ends.items() if high > low})
        deadline = time.monotonic() + _CALL_S
        while behind:
            assert time.monotonic() < deadline, f"cannot be read to the end: {behind}"
            self._pull(0.05)
            behind = self._behind(behind)

    def _pull(self, timeout_s: float) -> None:
        for record in self._reader.read(timeout_s):
            self._seen[Place(record.topic, record.partition)].append(record)

    def _behind(self, ends: Mapping[Place, int]) -> dict[Place, int]:
        return {place: end for place, end in ends.items() if self._reader.position(place) < end}


def _finish(futures: Mapping[Any, Future[Any]]) -> None:  # whatever the admin call is about
    for future in futures.values():
        future.result(_CALL_S)


def _is_altered(futures: Mapping[Any, Future[ConsumerGroupTopicPartitions]]) -> bool:  # as in _finish
    try:
        changed = [future.result(_CALL_S).topic_partitions for future in futures.values()]
    except KafkaException:
        return False
    return all(one.error is None for partitions in changed for one in partitions or [])


def _state(admin: AdminClient, group: str) -> ConsumerGroupState:
    (future,) = admin.describe_consumer_groups([group]).values()
    return ConsumerGroupState(future.result(_CALL_S).state)


def _is_done(futures: Mapping[Any, Future[Any]]) -> bool:  # as in _finish
    try:
        _finish(futures)
    except KafkaException:
        return False
    return True
