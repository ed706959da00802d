"""One-off writes by a person: one transaction under a fixed name, so that two people cannot interleave.

Invariant: whoever opens a writer last owns the name; what an earlier owner has not committed by then is
gone, and its commit fails.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any, Final, Self

import click
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from crossdock.canonical.keys import key_prefix, murmur2_partition
from crossdock.canonical.topics import Topic
from crossdock.cli.errors import CheckFailed
from crossdock.cli.kafka.log import CALL_SECONDS, KafkaLog
from crossdock.streaming.slot import Output

_FENCED = {KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH, KafkaError.PRODUCER_FENCED}
_READABLE_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.02
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
        """Write records, all or none, and return when they can be read.

        Raises CheckFailed where someone else wrote in between.
        """
        name = self._log.settings.topic
        landed: dict[tuple[str, int], int] = {}

        def note(_: object, message: Message) -> None:
            topic, partition = message.topic(), message.partition()
            if topic is not None and partition is not None:
                landed[topic, partition] = message.offset() or 0

        try:
            self._producer.begin_transaction()
            for one in outputs:
                self._producer.produce(
                    name(one.topic),
                    one.value,
                    one.key,
                    one.partition,
                    headers=list(one.headers),
                    on_delivery=note,
                )
            self._log.ask(lambda: self._producer.commit_transaction(CALL_SECONDS))
        except KafkaException as error:
            if error.args[0].code() in _FENCED:
                raise CheckFailed(_OVERTAKEN) from error
            raise
        self._await_readable(landed)

    def _await_readable(self, landed: dict[tuple[str, int], int]) -> None:
        """Kafka acknowledges a commit before its marker stands in each partition: readers see it then."""
        deadline, pause = time.monotonic() + _READABLE_SECONDS, threading.Event()
        for (physical, partition), offset in landed.items():
            topic = self._log.settings.logical(physical)
            while self._log.bounds(topic, [partition])[partition][1] <= offset:
                if time.monotonic() > deadline:
                    place = f"{topic}/{partition}"
                    click.echo(
                        f"{place} is written, but its transaction stays open: 'crossdock doctor'", err=True
                    )
                    return
                pause.wait(_LOOK_SECONDS)


def addressed(log: KafkaLog, topic: Topic[Any], key: bytes) -> int:
    """Partition of a key in a topic."""
    return murmur2_partition(key_prefix(key, topic.partition_segments), len(log.partitions(topic.name)))
