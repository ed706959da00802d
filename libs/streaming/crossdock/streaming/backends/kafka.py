"""The Kafka backend: confluent-kafka, one consumer, one transactional producer (R3, R5, R6).

Invariant: a transaction always carries positions and the group metadata of the poll that delivered its
batch, so a member that lost its partitions cannot commit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from crossdock.canonical.record import Record
from crossdock.streaming.backend import Committed, Place, Rebalance, Revoke
from crossdock.streaming.backends.kafka_reader import QUIET, KafkaReader, record_of
from crossdock.streaming.backends.kafka_transactions import TRANSACTION_MS, Transactions
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.errors import ConfigurationError, Fenced, Retryable
from crossdock.streaming.slot import Output

_CALL_S = 10.0
_STABLE_S = 0.3
"""Committed offsets are unstable while a dead owner's transaction is open; other slots go on meanwhile."""


class KafkaBackend:
    """One worker's clients.

    Args:
        group: logical consumer group; `ordinal` makes member and transactional id fixed.
        session_timeout_ms: after this long without a heartbeat the partitions move on.
        transaction_ms: after this long the broker aborts what a dead worker left open.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        group: str,
        ordinal: int,
        *,
        session_timeout_ms: int = 10_000,
        transaction_ms: int = TRANSACTION_MS,
    ) -> None:
        self._settings = settings
        self._group = settings.topic(group)
        self._member = f"{self._group}-{ordinal}"
        self._session_timeout_ms = session_timeout_ms
        self._transactions = Transactions(settings, self._member, transaction_ms)
        self._admin = AdminClient({**settings.client(), **QUIET})
        self._rebalance = Rebalance()
        self._generation = 0
        self._metadata: object = None
        self._topics: Sequence[str] = ()
        self._must_join_again = False
        self._revoke: Revoke = lambda places, is_lost: None
        self._consumer = self._make_consumer()
        self.cluster_id = str(self._call(lambda: self._admin.describe_cluster().result(_CALL_S).cluster_id))

    # -- topics -------------------------------------------------------------------------------
    def topic_ids(self, topics: Iterable[str]) -> Mapping[str, str]:
        """Topic ids by logical name."""
        return {name: str(description.topic_id) for name, description in self._describe(topics).items()}

    def partitions(self, topics: Iterable[str]) -> Mapping[str, int]:
        """Partition counts by logical name."""
        return {name: len(description.partitions) for name, description in self._describe(topics).items()}

    def _describe(self, topics: Iterable[str]) -> dict[str, Any]:
        physical = {self._settings.topic(name): name for name in topics}
        futures = self._admin.describe_topics(TopicCollection(list(physical)), request_timeout=_CALL_S)
        found, missing = {}, []
        for topic, future in futures.items():
            try:
                found[physical[topic]] = future.result(_CALL_S)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                    raise Retryable(f"describing {topic}: {error.args[0].str()}") from error
                missing.append(f"topic {topic} does not exist; run `crossdock topics apply`")
        if missing:
            raise ConfigurationError(missing)
        return found

    # -- consuming ----------------------------------------------------------------------------
    def subscribe(self, topics: Sequence[str], on_revoke: Revoke) -> None:
        """Join the group on these inputs."""
        self._topics, self._revoke = topics, on_revoke
        self._consumer.subscribe(
            [self._settings.topic(name) for name in topics],
            on_assign=self._on_assign,
            on_revoke=lambda consumer, partitions: self._forget(consumer, partitions, False),
            on_lost=lambda consumer, partitions: self._forget(consumer, partitions, True),
        )

    def poll(self, records_max: int, timeout_s: float) -> list[Record]:
        """A batch of one generation: after a rebalance everything is read again from what is committed."""
        if self._must_join_again:
            self._must_join_again = False
            self._consumer.unsubscribe()
            self.subscribe(self._topics, self._revoke)
        generation = self._generation
        messages: list[Any] = [self._call(lambda: self._consumer.poll(timeout_s))]
        if records_max > 1 and messages[0] is not None:
            messages += self._call(lambda: self._consumer.consume(records_max - 1, 0.001))
        self._metadata = self._consumer.consumer_group_metadata()
        good = [message for message in messages if message is not None and self._is_good(message)]
        if generation != self._generation:
            return []
        logical = self._settings.logical
        names: dict[str, str] = {}
        return [
            record_of(message, names.get(topic := message.topic()) or names.setdefault(topic, logical(topic)))
            for message in good
        ]

    def take_rebalance(self) -> Rebalance:
        """Changes since the last call."""
        changes, self._rebalance = self._rebalance, Rebalance()
        return changes

    def pause(self, places: Iterable[Place]) -> None:
        """Hold back records of assigned partitions."""
        self._call(lambda: self._consumer.pause(self._partitions(places)))

    def resume(self, places: Iterable[Place]) -> None:
        """Hand out records of assigned partitions again.

        The question after it only wakes the client's thread, which, where it fetches nothing else, looks
        after a resumed partition once in a second (measured).
        """
        resumed = self._partitions(places)
        self._call(lambda: self._consumer.resume(resumed))
        with contextlib.suppress(KafkaException):
            self._consumer.get_watermark_offsets(resumed[0], _STABLE_S)

    def seek(self, place: Place, offset: int) -> None:
        """Continue an assigned partition at an offset."""
        topic = self._settings.topic(place.topic)
        self._call(lambda: self._consumer.seek(TopicPartition(topic, place.partition, offset)))

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Only assign, paused (R4): the worker seeks before it resumes.

        Where a partition is assigned at must be a number, and in the log: the answer to the question where
        a log ends can come after the seek and undo it, and a partition that was out of range once cannot
        be sought any more (both seen).
        """
        self._generation += 1
        try:
            for partition in partitions:
                partition.offset = consumer.get_watermark_offsets(partition, _CALL_S)[1]
        except KafkaException:
            self._must_join_again = True
            consumer.assign([])
            return
        consumer.assign(partitions)
        consumer.pause(partitions)
        self._rebalance.assigned += self._places(partitions)

    def _forget(self, consumer: Consumer, partitions: list[TopicPartition], is_lost: bool) -> None:
        places = self._places(partitions)
        self._revoke(places, is_lost)
        self._generation += 1
        self._rebalance.assigned = [place for place in self._rebalance.assigned if place not in places]
        consumer.unassign()

    def _is_good(self, message: Any) -> bool:  # as in _record
        error = message.error()
        if error is None:
            return True
        if error.fatal() or error.code() in (KafkaError._FATAL, KafkaError._FENCED):
            raise Fenced(f"{self._member}: {error.str()}")
        if error.code() == KafkaError._AUTO_OFFSET_RESET:
            place = Place(self._settings.logical(message.topic()), message.partition())
            self._rebalance.out_of_range.append(place)
        return False

    # -- transactions -------------------------------------------------------------------------
    def transact(
        self, outputs: Iterable[Output], positions: Mapping[Place, Committed], *, is_leaving: bool = False
    ) -> None:
        """Produce and commit one transaction."""
        assert positions, "a transaction without positions is fenced by nothing (R5)"
        metadata = self._consumer.consumer_group_metadata() if is_leaving else self._metadata
        self._transactions.run(outputs, self._offsets(positions), metadata)

    def abort(self) -> None:
        """Abort the open transaction."""
        self._transactions.abort()

    def recycle(self) -> None:
        """A new producer of the same transactional id."""
        self._transactions.recycle()

    # -- positions and logs -------------------------------------------------------------------
    def committed(self, places: Iterable[Place]) -> Mapping[Place, Committed | None]:
        """Stable committed positions."""
        wanted = self._partitions(places)
        found = self._call(lambda: self._consumer.committed(wanted, timeout=_STABLE_S))
        for one in found:
            if one.error is not None:
                raise Retryable(f"committed offset of {one.topic}/{one.partition}: {one.error.str()}")
        return {
            self._place(one): None if one.offset < 0 else Committed(one.offset, one.metadata or "")
            for one in found
        }

    def bounds(self, place: Place) -> tuple[int, int]:
        """First offset and high watermark, uncommitted transactions included."""
        partition = TopicPartition(self._settings.topic(place.topic), place.partition)

        def offset(spec: OffsetSpec) -> int:
            futures = self._admin.list_offsets(
                {partition: spec}, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=_CALL_S
            )
            return int(next(iter(futures.values())).result(_CALL_S).offset)

        low, high = OffsetSpec.earliest(), OffsetSpec.latest()  # type: ignore[no-untyped-call]  # no stubs
        try:
            return offset(low), offset(high)
        except KafkaException as error:
            # A restarted broker has a new leader epoch, and the admin client does not ask for it by itself.
            self._call(lambda: self._admin.list_topics(partition.topic, timeout=_CALL_S))
            raise Retryable(f"bounds of {partition.topic}: {error.args[0].str()}") from error

    def reader(self) -> KafkaReader:
        """A reader beside the group."""
        return KafkaReader(self._settings)

    def close(self) -> None:
        """Leave the group and close the clients."""
        self._transactions.close()
        self._consumer.close()

    # -- plumbing -----------------------------------------------------------------------------
    def _make_consumer(self) -> Consumer:
        return Consumer(
            {
                **self._settings.client(),
                **QUIET,
                "group.id": self._group,
                "group.instance.id": self._member,
                "partition.assignment.strategy": "range",
                "session.timeout.ms": self._session_timeout_ms,
                "heartbeat.interval.ms": max(200, self._session_timeout_ms // 10),
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": "error",
                "fetch.queue.backoff.ms": 10,
                "queued.max.messages.kbytes": 16384,
                "fetch.wait.max.ms": 100,
                "allow.auto.create.topics": False,
            }
        )

    def _call(self, function: Callable[[], Any]) -> Any:  # whatever the client call returns
        try:
            return function()
        except KafkaException as error:
            raise Retryable(error.args[0].str()) from error
        except TimeoutError as error:
            raise Retryable("the broker did not answer in time") from error

    def _offsets(self, positions: Mapping[Place, Committed]) -> list[TopicPartition]:
        return [
            TopicPartition(
                self._settings.topic(place.topic), place.partition, position.offset, position.metadata
            )
            for place, position in positions.items()
        ]

    def _partitions(self, places: Iterable[Place]) -> list[TopicPartition]:
        return [TopicPartition(self._settings.topic(place.topic), place.partition) for place in places]

    def _places(self, partitions: Iterable[TopicPartition]) -> list[Place]:
        return [self._place(partition) for partition in partitions]

    def _place(self, partition: TopicPartition) -> Place:
        return Place(self._settings.logical(partition.topic), partition.partition)
