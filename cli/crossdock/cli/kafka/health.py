"""Whether a broker gives what Crossdock relies on: it answers, it has transactions, it keeps positions.

Invariant: asking leaves no record behind; the one transaction that is opened is aborted empty.

A broker that is killed in the moment after it acknowledged a commit may forget to write the transaction's
marker (Apache Kafka 4.3.1, one node: 7 of 44 such kills). It then counts the transaction as done, and whoever
reads committed records waits before it for ever; only Kafka's own `kafka-transactions.sh abort` ends it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from confluent_kafka import IsolationLevel, KafkaException, Producer, TopicPartition
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._listoffsets import OffsetSpec

from crossdock.cli.kafka.log import CALL_SECONDS, KafkaLog

_METADATA_SECONDS = 5.0
_TRANSACTION_SECONDS = 15.0
_OPEN_SECONDS = 3.0
"""A transaction of Crossdock is open for less than a second."""
Open = dict[tuple[str, int], int]
"""(physical topic, partition) → offset of the first record of an open transaction."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that answered."""

    cluster_id: str
    brokers: tuple[int, ...]
    topics: int


class BrokerHealth:
    """Questions to one broker."""

    def __init__(self, log: KafkaLog) -> None:
        self._log = log

    def cluster(self) -> Cluster:
        """Who answers. Raises EnvironmentTrouble where nobody does."""
        metadata = self._log.ask(lambda: self._log.admin.list_topics(timeout=_METADATA_SECONDS))
        return Cluster(str(metadata.cluster_id), tuple(sorted(metadata.brokers)), len(metadata.topics))

    def setting(self, broker: int, name: str) -> str | None:
        """One setting of a broker; None where it must not or cannot be read."""
        resource = ConfigResource(ConfigResource.Type.BROKER, str(broker))
        try:
            futures = self._log.admin.describe_configs([resource], request_timeout=CALL_SECONDS)
            entry = futures[resource].result().get(name)
        except KafkaException:
            return None
        return entry.value if entry is not None else None

    def transaction_problem(self) -> str | None:
        """Why a transaction cannot be opened; None where it can."""
        properties = {
            **self._log.settings.client(),
            **self._log.quiet,
            "transactional.id": self._log.settings.topic("crossdock-doctor"),
        }
        producer = Producer(properties)
        try:
            producer.init_transactions(_TRANSACTION_SECONDS)
            producer.begin_transaction()
            producer.abort_transaction(_TRANSACTION_SECONDS)
        except KafkaException as error:
            return str(error.args[0].str())
        return None

    def hanging(self, topics: Iterable[str]) -> Open:
        """Where a transaction was open for some seconds; empty, and at once, where none is open."""
        log = self._log
        places = [
            TopicPartition(log.settings.topic(topic), one)
            for topic in topics
            for one in log.partitions(topic)
        ]
        first = self._open(places)
        if not first:
            return {}
        threading.Event().wait(_OPEN_SECONDS)
        again = self._open([TopicPartition(topic, partition) for topic, partition in first])
        return {place: offset for place, offset in first.items() if again.get(place) == offset}

    def _open(self, places: list[TopicPartition]) -> Open:
        stable = self._ends(places, IsolationLevel.READ_COMMITTED)
        high = self._ends(places, IsolationLevel.READ_UNCOMMITTED)
        return {place: offset for place, offset in stable.items() if offset < high.get(place, 0)}

    def _ends(self, places: list[TopicPartition], isolation: IsolationLevel) -> Open:
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # no stubs
        wanted = dict.fromkeys(places, latest)
        futures = self._log.admin.list_offsets(
            wanted, isolation_level=isolation, request_timeout=CALL_SECONDS
        )
        found: Open = {}
        for place, future in futures.items():
            try:
                found[place.topic, place.partition] = future.result(CALL_SECONDS).offset
            except KafkaException:
                continue  # a partition without a leader is another check's matter
        return found
