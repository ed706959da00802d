"""Whether a broker gives what Crossdock relies on: it answers, it has transactions, it keeps positions.

Invariant: asking leaves no record behind; the one transaction that is opened is aborted empty.
"""

from __future__ import annotations

from dataclasses import dataclass

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin._config import ConfigResource

from crossdock.cli.kafka.log import CALL_SECONDS, KafkaLog

_METADATA_SECONDS = 5.0
_TRANSACTION_SECONDS = 15.0


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
