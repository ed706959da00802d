"""Reads Kafka partitions outside any group: restore and reference tables (R3, R10).

Invariant: only committed records are handed out, and a position grows to the last stable offset even
where nothing but control records is left.
"""

from __future__ import annotations

from operator import methodcaller
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, TopicPartition

from crossdock.canonical.record import Headers, Record
from crossdock.streaming.backend import Place
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.errors import Retryable

QUIET: Final = {"log_level": 0}
"""librdkafka prints to standard error by itself; what matters reaches the log as trouble."""


HEADERS_UNREADABLE: Final = ("crossdock_headers", b"unreadable: the name of a header is not UTF-8")
"""Stands for all headers of a message that the client cannot hand out; key and value are as they came."""
_headers = methodcaller("headers")


def headers_of(message: Any) -> Headers:  # as in record_of
    """Headers of a message. One whose name is no UTF-8 would end the worker, again at each start.

    The client then returns a broken list with its exception still set, which the interpreter's fast way of
    calling methods does not notice: a later access would crash. `methodcaller` goes the way that checks.
    """
    try:
        return tuple(_headers(message) or ())
    except (SystemError, UnicodeDecodeError):
        return (HEADERS_UNREADABLE,)


def record_of(message: Any, logical: str) -> Record:  # the stubs allow None where a message has none
    """A delivered message as a record of a logical topic."""
    return Record(
        logical,
        message.partition(),
        message.offset(),
        message.key(),
        message.value(),
        headers_of(message),
        message.timestamp()[1],
    )


class KafkaReader:
    """A group-less consumer that is assigned by hand."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._positions: dict[Place, int] = {}
        self._trouble = ""
        self._consumer = Consumer(
            {
                **settings.client(),
                **QUIET,
                "group.id": settings.topic("reader"),
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "error",
                "fetch.queue.backoff.ms": 10,
                "queued.max.messages.kbytes": 16384,
                "fetch.wait.max.ms": 20,
                "allow.auto.create.topics": False,
            }
        )

    def add(self, place: Place, offset: int) -> None:
        """Start to read a partition from an offset."""
        topic = self._settings.topic(place.topic)
        self._consumer.incremental_assign([TopicPartition(topic, place.partition, offset)])

    def remove(self, place: Place) -> None:
        """Stop to read a partition."""
        topic = self._settings.topic(place.topic)
        self._positions.pop(place, None)
        self._consumer.incremental_unassign([TopicPartition(topic, place.partition)])

    def read(self, timeout_s: float) -> list[Record]:
        """Up to 5,000 records of any assigned partition. Raises Retryable; what was read before is kept."""
        if self._trouble:
            trouble, self._trouble = self._trouble, ""
            raise Retryable(trouble)
        first = self._consumer.poll(timeout_s)
        if first is None:
            return []
        logical = self._settings.logical
        records = []
        messages: list[Any] = [first, *self._consumer.consume(4_999, 0.001)]  # as in _record
        for message in messages:
            error = message.error()
            place = Place(logical(message.topic() or ""), message.partition())
            if error is None:
                records.append(record_of(message, place.topic))
                self._positions[place] = message.offset() + 1
            elif error.code() == KafkaError._PARTITION_EOF:
                self._positions[place] = message.offset()
            elif error.code() == KafkaError._AUTO_OFFSET_RESET:
                self._trouble = f"reading {place.topic}/{place.partition}: {error.str()}"
        return records

    def position(self, place: Place) -> int:
        """Next offset to be read; −1 while nothing was fetched."""
        return self._positions.get(place, -1)

    def close(self) -> None:
        """Close the consumer."""
        self._consumer.close()
