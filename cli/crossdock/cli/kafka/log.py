"""Reading the log: bounded and endless, from any offset.

Invariant: reading never joins a group and never moves anyone's position; when no broker answers, a person
reads which one was asked and what to do.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from difflib import get_close_matches
from functools import cached_property
from typing import TypeVar, cast

import click
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from crossdock.canonical.record import Record
from crossdock.cli.errors import EnvironmentTrouble
from crossdock.cli.settings import Connection
from crossdock.streaming.backend import Place
from crossdock.streaming.backends.kafka_reader import record_of

T = TypeVar("T")

CALL_SECONDS = 10.0
_METADATA_SECONDS = 5.0
_KNOCK_SECONDS = 3.0
_SILENCE_SECONDS = 20.0
"""A bounded read that hears nothing for so long gives up: the broker is gone."""
_BATCH = 500
_UNREACHABLE = {
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._RESOLVE,
    KafkaError._TIMED_OUT,
    KafkaError._AUTHENTICATION,
    KafkaError._SSL,
}


class KafkaLog:
    """A reader of the log, as one command uses it.

    Args:
        connection: which Kafka; topic names given to the methods are logical, without the namespace.
        sees_uncommitted: also show records of open and aborted transactions.
    """

    def __init__(self, connection: Connection, *, sees_uncommitted: bool = False) -> None:
        self.settings = connection.settings
        self._isolation = "read_uncommitted" if sees_uncommitted else "read_committed"
        self.quiet = {} if connection.is_debugging else {"log_level": 0}

    @cached_property
    def admin(self) -> AdminClient:
        """The admin client; calls on it go through `ask`."""
        return AdminClient({**self.settings.client(), **self.quiet})

    def ask(self, call: Callable[[], T]) -> T:
        """The result of a client call. Raises EnvironmentTrouble where no broker answers."""
        try:
            return call()
        except KafkaException as error:
            cause = error.args[0]
            if cause.code() in _UNREACHABLE:
                raise self._unreachable(cause.str()) from error
            raise

    def _unreachable(self, detail: str) -> EnvironmentTrouble:
        return EnvironmentTrouble(
            f"no Kafka answers at {self.settings.bootstrap_servers} ({detail}). Start one with "
            "'crossdock up', or name another with --bootstrap-servers or CROSSDOCK_BOOTSTRAP_SERVERS."
        )

    # -- topics ----------------------------------------------------------------------------------------
    @cached_property
    def _topics(self) -> Mapping[str, int]:
        self._knock()
        metadata = self.ask(lambda: self.admin.list_topics(timeout=_METADATA_SECONDS))
        return {name: len(topic.partitions) for name, topic in metadata.topics.items()}

    def _knock(self) -> None:
        """Find out at once whether anything listens; the client itself would try for seconds."""
        refusals = []
        for address in self.settings.bootstrap_servers.split(","):
            host, _, port = address.strip().rpartition(":")
            try:
                socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_SECONDS).close()
            except (OSError, ValueError) as error:
                refusals.append(f"{address.strip()}: {error}")
            else:
                return
        raise self._unreachable("; ".join(refusals))

    def topics(self) -> list[str]:
        """Logical names of this installation's topics, sorted."""
        prefix = self.settings.topic("")
        return sorted(self.settings.logical(name) for name in self._topics if name.startswith(prefix))

    def has(self, topic: str) -> bool:
        """Whether the topic exists."""
        return self.settings.topic(topic) in self._topics

    def partitions(self, topic: str) -> list[int]:
        """Partition numbers. Raises UsageError for a topic that does not exist."""
        if not self.has(topic):
            near = get_close_matches(topic, self.topics(), n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else "'crossdock topics list' shows all."
            raise click.UsageError(f"topic {topic} does not exist. {hint}")
        return list(range(self._topics[self.settings.topic(topic)]))

    # -- offsets ---------------------------------------------------------------------------------------
    def bounds(self, topic: str, partitions: Sequence[int] | None = None) -> dict[int, tuple[int, int]]:
        """First offset that is there and the one behind the last committed record, by partition."""
        wanted = self.partitions(topic) if partitions is None else partitions
        places = [TopicPartition(self.settings.topic(topic), one) for one in wanted]
        with closing(self._consumer()) as consumer:
            return {place.partition: self._bounds(consumer, place) for place in places}

    def _bounds(self, consumer: Consumer, place: TopicPartition) -> tuple[int, int]:
        found = self.ask(lambda: consumer.get_watermark_offsets(place, timeout=CALL_SECONDS))
        if found is None:
            raise self._unreachable("no answer about offsets")
        return found

    def at(self, topic: str, moment_ms: int, partitions: Sequence[int]) -> dict[int, int]:
        """First offset whose CreateTime is not before the moment; the end where there is none."""
        name = self.settings.topic(topic)
        places = [TopicPartition(name, one, moment_ms) for one in partitions]
        with closing(self._consumer()) as consumer:
            found = self.ask(lambda: consumer.offsets_for_times(places, timeout=CALL_SECONDS))
            return {
                place.partition: place.offset if place.offset >= 0 else self._bounds(consumer, place)[1]
                for place in found
            }

    # -- reading ---------------------------------------------------------------------------------------
    def follow(self, starts: Mapping[Place, int]) -> Iterator[Record | None]:
        """Records from the given offsets on, for ever; None now and then while there are none."""
        with closing(self._consumer()) as consumer:
            consumer.assign(self._places(starts))
            while True:
                message = consumer.poll(0.2)
                yield self._record(message) if message is not None and self._is_record(message) else None

    def read(self, topic: str, starts: Mapping[int, int] | None = None) -> Iterator[Record]:
        """Records of the partitions up to their present ends; from their beginnings where no start is given.

        The end is the last stable offset: what an open transaction wrote is not waited for.
        """
        if starts is None:
            starts = {partition: first for partition, (first, _) in self.bounds(topic).items()}
        with closing(self._consumer()) as consumer:
            consumer.assign(self._places({Place(topic, one): offset for one, offset in starts.items()}))
            unfinished = set(starts)
            while unfinished:
                for message in self._next(consumer):
                    if self._is_record(message):
                        if message.partition() in unfinished:
                            yield self._record(message)
                    elif not self._is_trouble(message):
                        unfinished.discard(cast(int, message.partition()))

    def _places(self, starts: Mapping[Place, int]) -> list[TopicPartition]:
        name = self.settings.topic
        return [TopicPartition(name(one.topic), one.partition, offset) for one, offset in starts.items()]

    def _next(self, consumer: Consumer) -> list[Message]:
        """The next records and ends of partitions, at least one."""
        deadline = time.monotonic() + _SILENCE_SECONDS
        while time.monotonic() < deadline:
            message = consumer.poll(0.5)
            if message is not None and not self._is_trouble(message):
                return [message, *consumer.consume(_BATCH - 1, 0.005)]
        raise self._unreachable(f"silent for {_SILENCE_SECONDS:.0f} s")

    def _is_trouble(self, message: Message) -> bool:
        """Whether the message only says that a broker cannot be reached at the moment."""
        error = message.error()
        return error is not None and error.code() in _UNREACHABLE

    def _is_record(self, message: Message) -> bool:
        error = message.error()
        if error is None:
            return True
        if error.code() == KafkaError._PARTITION_EOF or error.code() in _UNREACHABLE:
            return False
        raise KafkaException(error)

    def _record(self, message: Message) -> Record:
        return record_of(message, self.settings.logical(message.topic() or ""))

    def _consumer(self) -> Consumer:
        return Consumer(
            {
                **self.settings.client(),
                **self.quiet,
                "group.id": self.settings.topic("crossdock-cli"),
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "isolation.level": self._isolation,
                "allow.auto.create.topics": False,
                "fetch.wait.max.ms": 50,
                "fetch.queue.backoff.ms": 10,
            }
        )
