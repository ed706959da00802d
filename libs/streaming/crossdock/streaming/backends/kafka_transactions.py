"""Transactions of one worker: one producer with a fixed identity, made anew after any doubt (R3, R6).

Invariant: a call into the client ends within its time; what it leaves behind is committed, abortable,
refused for what it is, or in doubt, and the error says which.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from functools import partial
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicPartition

from crossdock.streaming.backends.bounded_call import BoundedCall
from crossdock.streaming.backends.kafka_reader import QUIET
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.streaming.errors import Aborted, InDoubt, OutputRefused, Retryable
from crossdock.streaming.slot import Output

TRANSACTION_MS: Final = 15_000
_CALL_S = 10.0
_GRACE_S = 2.0
"""How long a call may outlast its own timeout before the producer is given up."""
_SLOW_COMMIT_S = 10.0
"""A commit that lasted as long as the socket timeout may have been retried silently: recycle after it."""
_REFUSED = (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_RECORD, KafkaError.INVALID_MSG)


class Transactions:
    """The transactional producer of one worker.

    Args:
        identity: `transactional.id`, the same for every producer of this ordinal.
        transaction_ms: after this long the broker aborts what a dead worker left open.
    """

    def __init__(self, settings: KafkaSettings, identity: str, transaction_ms: int) -> None:
        self._settings = settings
        self._identity = identity
        self._transaction_ms = transaction_ms
        self.producer: Producer | None = None
        self.bounded = BoundedCall()
        self._failures: list[KafkaError] = []
        self._is_open = False
        self._is_worn = False

    def run(self, outputs: Iterable[Output], offsets: list[TopicPartition], metadata: object) -> None:
        """Produce and commit one transaction. Raises Aborted, OutputRefused, InDoubt."""
        producer = self.producer
        if producer is None:
            raise InDoubt("there is no producer")
        started = time.monotonic()
        self._failures.clear()
        commit_s = self._transaction_ms / 1000
        try:
            producer.begin_transaction()
            self._is_open = True
            self._produce(producer, outputs)
            send = partial(producer.send_offsets_to_transaction, offsets, metadata, _CALL_S)
            self.bounded.run(send, _CALL_S + _GRACE_S)
            self.bounded.run(partial(producer.commit_transaction, commit_s), commit_s + _GRACE_S)
        except TimeoutError as error:
            raise InDoubt(str(error)) from error
        except KafkaException as error:
            raise self._classified(producer, error) from error
        self._is_open = False
        if time.monotonic() - started > _SLOW_COMMIT_S:
            self._drop()

    def abort(self) -> None:
        """Abort the open transaction. Raises InDoubt.

        Where a record was refused, a new producer does it: the old one would repair its sequence numbers
        behind our back, and refuse the next transactions while it does (seen).
        """
        if self.producer is None or not self._is_open:
            return
        try:
            if self._is_worn:
                self.recycle()
                return
            self.bounded.run(partial(self.producer.abort_transaction, _CALL_S), _CALL_S + _GRACE_S)
        except (TimeoutError, Retryable) as error:
            raise InDoubt(str(error)) from error
        except KafkaException as error:
            raise InDoubt(f"abort: {error.args[0].str()}") from error
        finally:
            self._is_open = False

    def recycle(self) -> None:
        """A new producer of the same identity; it fences every older one. Raises Retryable."""
        self._drop()
        producer = Producer(
            {
                **self._settings.client(),
                **QUIET,
                "transactional.id": self._identity,
                "transaction.timeout.ms": self._transaction_ms,
                "socket.timeout.ms": min(10_000, self._transaction_ms),
                "linger.ms": 5,
                "retry.backoff.ms": 10,  # while the last transaction's markers are written; 100 was the p99
                "compression.type": "lz4",
                "message.max.bytes": 2 * 1024 * 1024,
                "queue.buffering.max.messages": 200_000,
                "sticky.partitioning.linger.ms": 0,
            }
        )
        try:
            producer.init_transactions(_CALL_S)
        except KafkaException as error:
            raise Retryable(f"init_transactions: {error.args[0].str()}") from error
        self.producer = producer

    def close(self) -> None:
        """Give the producer up."""
        self._drop()
        self.bounded.close()

    def _produce(self, producer: Producer, outputs: Iterable[Output]) -> None:
        name = self._settings.topic
        names: dict[str, str] = {}
        for one in outputs:
            topic = names.get(one.topic) or names.setdefault(one.topic, name(one.topic))
            while True:
                try:
                    if one.timestamp_ms is None:
                        producer.produce(
                            topic,
                            one.value,
                            one.key,
                            one.partition,
                            self._delivered,
                            headers=list(one.headers),
                        )
                    else:
                        producer.produce(
                            topic, one.value, one.key, one.partition, self._delivered,
                            timestamp=one.timestamp_ms, headers=list(one.headers),
                        )  # fmt: skip
                except BufferError:
                    producer.poll(0.05)
                else:
                    break

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failures.append(error)

    def _classified(self, producer: Producer, error: KafkaException) -> Exception:
        """Abortable, refused for what it is, or in doubt: fatal errors and all timeouts are (R6)."""
        cause = error.args[0]
        with contextlib.suppress(KafkaException):
            producer.poll(0.1)  # what a refused record says may still be under way
        refusals = [one.str() for one in [*self._failures, cause] if one.code() in _REFUSED]
        self._is_worn = bool(refusals or self._failures)
        if refusals:
            return OutputRefused(refusals[0])
        if cause.txn_requires_abort() and not cause.fatal():
            return Aborted(cause.str())
        return InDoubt(f"{cause.name()}: {cause.str()}")

    def _drop(self) -> None:
        producer, self.producer = self.producer, None
        self._is_open = self._is_worn = False
        if producer is not None:
            with contextlib.suppress(KafkaException):  # a fatal error is told once more here
                producer.purge()
                producer.poll(0)
