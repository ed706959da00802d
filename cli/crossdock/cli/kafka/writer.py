"""One-off writes by a person: one transaction under a fixed name, so that two people cannot interleave.

Invariant: whoever opens a writer last owns the name; what an earlier owner has not committed by then is
gone, and its commit fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from confluent_kafka import KafkaError, KafkaException, Producer

from crossdock.canonical.keys import key_prefix, murmur2_partition
from crossdock.canonical.topics import Topic
from crossdock.cli.errors import CheckFailed
from crossdock.cli.kafka.log import CALL_SECONDS, KafkaLog
from crossdock.streaming.slot import Output

_FENCED = {KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED}
_OVERTAKEN = "someone else changed the same just now; nothing was written. Run it again."


class Writer:
    """Writes records in one transaction; a context manager.

    Open it before you read what the write depends on: then nobody else has written in between.

    Args:
        log: which Kafka.
        name: what the writes are about; the transactional id is made of it.
    """

    def __init__(self, log: KafkaLog, name: str) -> None:
        self._log = log
        self._producer = Producer(
            {
                **log.settings.client(),
                **log.quiet,
                "transactional.id": log.settings.topic(f"crossdock-cli-{name}"),
                "transaction.timeout.ms": 15_000,
            }
        )

    def __enter__(self) -> Self:
        """Take the name over. Raises EnvironmentTrouble where no broker answers."""
        self._log.ask(lambda: self._producer.init_transactions(CALL_SECONDS))
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Drop what was not sent."""
        self._producer.purge()

    def write(self, outputs: Iterable[Output]) -> None:
        """Write records, all or none. Raises CheckFailed where someone else wrote in between."""
        name = self._log.settings.topic
        try:
            self._producer.begin_transaction()
            for one in outputs:
                self._producer.produce(
                    name(one.topic), one.value, one.key, one.partition, headers=list(one.headers)
                )
            self._log.ask(lambda: self._producer.commit_transaction(CALL_SECONDS))
        except KafkaException as error:
            if error.args[0].code() in _FENCED:
                raise CheckFailed(_OVERTAKEN) from error
            raise


def addressed(log: KafkaLog, topic: Topic[Any], key: bytes) -> int:
    """Partition of a key in a topic."""
    return murmur2_partition(key_prefix(key, topic.partition_segments), len(log.partitions(topic.name)))
