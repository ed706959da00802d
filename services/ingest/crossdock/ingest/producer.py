"""Where raw records leave the process: an idempotent Kafka producer that says when it cannot deliver.

Invariant: `deliver` returns only coordinates that the broker acknowledged from all in-sync replicas, or
raises within the delivery timeout. A record whose acknowledgement came too late may still be in the log:
the sender repeats it, and the consumers' duplicate marks recognise it.

Not used: aiokafka's transactions, which commit although a send failed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from crossdock.canonical.keys import key_prefix, murmur2_partition
from crossdock.ingest.kafka import AIOKafkaProducer, KafkaError, MessageSizeTooLargeError
from crossdock.ingest.raw_record import RawRecord

_RECONNECT_S: Final = 1.0
_PROBE_EVERY_S: Final = 5.0
_PROBE_TIMEOUT_S: Final = 3.0
_PROBES_MISSED_MAX: Final = 3
"""A client that Kafka does not answer so often is replaced: its view of the cluster may never recover."""
_CLOSE_TIMEOUT_S: Final = 5.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where a record stands in the log; the topic's name includes the namespace."""

    topic: str
    partition: int
    offset: int


class BrokerUnavailable(Exception):
    """Kafka did not acknowledge in time, or is known not to answer; the same record may be sent again."""


class RecordTooLarge(Exception):
    """The client or the broker refuses the record for its size; sending it again is useless."""


class Producer(Protocol):
    """What the endpoints and the drop folder need of a producer."""

    @property
    def is_available(self) -> bool:
        """False while Kafka is known not to answer; requests are then refused at once."""

    @property
    def abandoned_bytes(self) -> int:
        """Bytes that still wait for Kafka although nobody waits for their answer any more."""

    async def deliver(self, record: RawRecord) -> Coordinates:
        """Append the record. Raises BrokerUnavailable or RecordTooLarge."""


class KafkaProducer:
    """The producer of a running service.

    Args:
        connect: makes an unstarted client; called again when the old one can no longer be used.
        topic_name: from logical to physical topic name.
        timeout_s: how long `deliver` waits for the acknowledgement.
    """

    def __init__(
        self, connect: Callable[[], AIOKafkaProducer], topic_name: Callable[[str], str], timeout_s: float
    ) -> None:
        self._connect = connect
        self._topic_name = topic_name
        self._timeout_s = timeout_s
        self._client: AIOKafkaProducer | None = None
        self._is_answering = False
        self._abandoned_bytes = 0
        self._trouble = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def is_available(self) -> bool:
        """False while Kafka is known not to answer."""
        return self._is_answering

    @property
    def abandoned_bytes(self) -> int:
        """Bytes that still wait for Kafka after their `deliver` gave up."""
        return self._abandoned_bytes

    async def deliver(self, record: RawRecord) -> Coordinates:
        """Append the record and wait for the acknowledgement. Raises BrokerUnavailable, RecordTooLarge."""
        client = self._client
        if client is None or not self._is_answering:
            raise BrokerUnavailable
        acknowledgement: asyncio.Future[Any] | None = None  # aiokafka is untyped; Any ends two lines below
        try:
            async with asyncio.timeout(self._timeout_s):
                acknowledgement = await self._append(client, record)
                metadata = await asyncio.shield(acknowledgement)
        except TimeoutError:
            self._give_up(acknowledgement, record)
            raise BrokerUnavailable from None
        except MessageSizeTooLargeError as error:
            if acknowledgement is not None:
                self._replace(client, type(error).__name__)
            raise RecordTooLarge from None
        except KafkaError as error:
            self._replace(client, type(error).__name__)
            raise BrokerUnavailable from None
        return Coordinates(metadata.topic, metadata.partition, metadata.offset)

    async def _append(self, client: AIOKafkaProducer, record: RawRecord) -> asyncio.Future[Any]:
        topic = self._topic_name(record.topic)
        partitions = await client.partitions_for(topic)
        partition = murmur2_partition(key_prefix(record.key, record.partition_segments), len(partitions))
        acknowledgement: asyncio.Future[Any] = await client.send(
            topic, record.value, record.key, partition, headers=list(record.headers)
        )
        return acknowledgement

    def _give_up(self, acknowledgement: asyncio.Future[Any] | None, record: RawRecord) -> None:
        _log.warning("delivery_timed_out", topic=record.topic, is_sent=acknowledgement is not None)
        self._is_answering = False
        self._trouble.set()
        if acknowledgement is not None and not acknowledgement.done():
            size = record.size
            self._abandoned_bytes += size
            acknowledgement.add_done_callback(lambda done: self._settle(done, size))

    def _settle(self, acknowledgement: asyncio.Future[Any], size: int) -> None:
        self._abandoned_bytes -= size
        if not acknowledgement.cancelled():
            acknowledgement.exception()  # nobody else will fetch it

    def _replace(self, client: AIOKafkaProducer, reason: str) -> None:
        """Drop a client whose batch failed: its sequence numbers have a gap, so later batches would too."""
        if self._client is not client:
            return
        _log.warning("producer_replaced", error=reason)
        self._client = None
        self._is_answering = False
        self._trouble.set()
        closing = asyncio.create_task(_close(client))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def supervise(self) -> None:
        """Connect, watch and reconnect until cancelled; the service runs it beside the server."""
        missed = 0
        while True:
            is_answering = await self._probe(self._client) if self._client else await self._start()
            missed = 0 if is_answering else missed + 1
            if self._client is not None and missed >= _PROBES_MISSED_MAX:
                self._replace(self._client, "no answer")
                missed = 0
            if is_answering != self._is_answering:
                _log.info("producer_state", is_available=is_answering)
            self._is_answering = is_answering
            self._trouble.clear()
            try:
                async with asyncio.timeout(_PROBE_EVERY_S if is_answering else _RECONNECT_S):
                    await self._trouble.wait()
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Flush what is under way and close, within a bounded time."""
        client, self._client, self._is_answering = self._client, None, False
        if client is not None:
            await _close(client)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _start(self) -> bool:
        client = self._connect()
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT_S):
                await client.start()
        except (KafkaError, OSError, TimeoutError) as error:
            _log.warning("broker_unreachable", error=type(error).__name__)
            await _close(client)
            return False
        self._client = client
        return True

    async def _probe(self, client: AIOKafkaProducer) -> bool:
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT_S):
                await client.client.fetch_all_metadata()
        except (KafkaError, OSError, TimeoutError):
            return False
        return self._client is client


async def _close(client: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            await client.stop()
    except (KafkaError, TimeoutError) as error:
        _log.warning("producer_not_flushed", error=type(error).__name__)
        await client.client.close()
