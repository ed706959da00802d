"""A real Kafka as the cluster of a scenario: own namespace, topics as a topology needs them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from crossdock.canonical.record import Record
from crossdock.canonical.topics import AUDIT_ENTRY, RECEIPT
from crossdock.streaming.backend import Backend, Place
from crossdock.streaming.backends.kafka import KafkaBackend
from crossdock.streaming.backends.kafka_reader import KafkaReader
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.topology import Topology

_COMPACT = {"cleanup.policy": "compact"}
_LARGE = {"max.message.bytes": str(2 * 1024 * 1024)}


def topics_of(topology: Topology) -> dict[str, dict[str, str]]:
    """Every topic that a topology touches, with its configuration."""
    inputs = [topic.name for topic in topology.inputs]
    own = [topology.lane, topology.whatif, *map(topology.dead_letters, inputs)]
    plain = [*inputs, *[topic.name for topic in topology.outputs], RECEIPT.name, AUDIT_ENTRY.name]
    references = [table.topic.name for table in topology.references]
    return {
        **dict.fromkeys(plain, {}),
        **dict.fromkeys(own, _LARGE),
        **dict.fromkeys(references, _COMPACT),
        topology.changelog: {**_COMPACT, **_LARGE},
    }


class KafkaCluster:
    """Topics of one topology under a fresh namespace on a running broker."""

    def __init__(self, bootstrap_servers: str, topology: Topology, partitions: int = 4) -> None:
        self.partitions = partitions
        self.settings = KafkaSettings(
            bootstrap_servers=bootstrap_servers, namespace=f"t{uuid.uuid4().hex[:10]}"
        )
        self._producer = Producer({**self.settings.client(), "linger.ms": 1, "log_level": 3})
        self._reader = KafkaReader(self.settings)
        self._seen: dict[Place, list[Record]] = {}
        admin = AdminClient({**self.settings.client(), "log_level": 3})
        wanted = [
            NewTopic(self.settings.topic(name), partitions, 1, config=config)
            for name, config in topics_of(topology).items()
        ]
        for future in admin.create_topics(wanted).values():
            future.result(20)
        self._probe = KafkaBackend(self.settings, "probe", 0)

    def append(self, record: Record) -> None:
        """Append a record and wait for its acknowledgement."""
        failures: list[object] = []

        def delivered(error: object, _message: Message) -> None:
            if error is not None:
                failures.append(error)

        self._producer.produce(
            self.settings.topic(record.topic),
            record.value,
            record.key,
            record.partition,
            delivered,
            timestamp=record.timestamp_ms,
            headers=list(record.headers),
        )
        assert self._producer.flush(20) == 0
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
        return KafkaBackend(self.settings, topology.group, ordinal, session_timeout_ms=6_000)

    def close(self) -> None:
        """Close the clients."""
        self._reader.close()
        self._probe.close()

    def _catch_up(self, topics: list[str]) -> None:
        places = [Place(topic, n) for topic in topics for n in range(self.partitions)]
        for place in places:
            if place not in self._seen:
                self._seen[place] = []
                self._reader.add(place, 0)
        behind = {place: self._probe.bounds(place)[1] for place in places}
        behind = {place: end for place, end in behind.items() if end > 0}
        while behind:
            for record in self._reader.read(0.05):
                self._seen[Place(record.topic, record.partition)].append(record)
            behind = {place: end for place, end in behind.items() if self._reader.position(place) < end}
