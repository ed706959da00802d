"""The registry's log on a compacted Kafka topic of one partition.

Invariant: one writer. A process claims the topic before it writes; each record names its writer; everyone
who reads the log passes over a record of a writer that had been replaced by then, and the current writer
restates the fact that such a record stands in the way of. A replaced process only reads from then on.
"""

from __future__ import annotations

import asyncio
import uuid

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from crossdock.registry import entries
from crossdock.registry.catalog import Catalog
from crossdock.registry.entries import Key
from crossdock.registry.errors import STORE_FAILED, STORE_TIMED_OUT, StoreUnavailable
from crossdock.registry.log import applier
from crossdock.streaming.backends.settings import KafkaSettings

_WRITER = "writer"
_APPEND_SECONDS = 10.0
_RETRY_SECONDS = 0.5

logger = structlog.get_logger()


class WrongTopic(Exception):
    """The topic exists and would lose schemas; it must be repaired or another one named."""


class KafkaLog:
    """See SchemaLog.

    Args:
        topic: name of the topic; created (compacted, one partition) where missing.
        catalog: what the records are applied to.
    """

    def __init__(self, kafka: KafkaSettings, topic: str, catalog: Catalog) -> None:
        self._client = kafka.aiokafka()
        self._topic = topic
        self._catalog = catalog
        self._apply = applier(catalog)
        self._writer = uuid.uuid4().hex
        self._current: str | None = None
        self._applied = 0
        self._progress = asyncio.Condition()
        self._is_current = False
        self._producer: AIOKafkaProducer | None = None
        self._consumer: AIOKafkaConsumer | None = None
        self._task: asyncio.Task[None] | None = None
        self._in_the_way: set[Key] = set()

    @property
    def blindness(self) -> str | None:
        """See SchemaLog."""
        if self._task is not None and self._task.done():
            return "reading the log failed; the process must be restarted"
        return None if self._is_current else "the log is not read to its end yet"

    @property
    def trouble(self) -> str | None:
        """See SchemaLog."""
        if self.blindness is None and self._current != self._writer:
            return "another registry has taken over this log; this one only reads"
        return self.blindness

    async def start(self) -> None:
        """See SchemaLog."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(_report)

    async def wait(self) -> None:
        """Until reading fails; raises what it failed with."""
        assert self._task is not None
        await asyncio.shield(self._task)

    async def append(self, key: Key, value: bytes | None) -> None:
        """See SchemaLog."""
        if self.trouble is not None:
            raise StoreUnavailable(STORE_FAILED, f"Error in the backend data store: {self.trouble}")
        await self._append(key, value)
        if self._current != self._writer:
            raise StoreUnavailable(STORE_FAILED, f"Error in the backend data store: {self.trouble}")

    async def claim(self) -> None:
        """See SchemaLog; a process that was replaced does not take the log back."""
        await self.append(entries.CLAIM, self._claim())

    def _claim(self) -> bytes:
        return entries.encode_claim(self._writer, self._catalog.highest_id)

    async def stop(self) -> None:
        """See SchemaLog."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for client in (self._producer, self._consumer):
            if client is not None:
                await client.stop()

    async def _run(self) -> None:
        await self._connect()
        both = asyncio.gather(self._read(), self._claim_at_end())
        try:
            await both
        finally:
            both.cancel()

    async def _connect(self) -> None:
        while True:
            try:
                await self._ensure_topic()
                self._producer = AIOKafkaProducer(**self._client, acks="all", enable_idempotence=True)
                await self._producer.start()
                # No group and no automatic reset: a log that was cut off ends the process, loudly.
                self._consumer = AIOKafkaConsumer(**self._client, auto_offset_reset="none", group_id=None)
                await self._consumer.start()
                return
            except (KafkaError, OSError) as error:
                await self._close()
                if isinstance(error, KafkaError) and not error.retriable:
                    raise
                logger.warning("broker_not_reachable", error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _close(self) -> None:
        for client in (self._producer, self._consumer):
            if client is not None:
                await client.stop()
        self._producer = self._consumer = None

    async def _ensure_topic(self) -> None:
        admin = AIOKafkaAdminClient(**self._client)
        await admin.start()
        try:
            topic = NewTopic(self._topic, 1, 1, topic_configs={"cleanup.policy": "compact"})
            topic.replication_factor = -1  # the broker's default; the constructor does not take it
            answer = await admin.create_topics([topic])
            code = answer.topic_errors[0][1]
            if code not in (0, TopicAlreadyExistsError.errno):
                raise KafkaError(f"creating {self._topic} failed with error code {code}")
            await _require_compacted(admin, self._topic)
        finally:
            await admin.close()

    async def _read(self) -> None:
        assert self._consumer is not None
        partition = TopicPartition(self._topic, 0)
        self._consumer.assign([partition])
        await self._consumer.seek_to_beginning(partition)
        while True:
            batches = await self._consumer.getmany(partition, timeout_ms=500)
            for record in batches.get(partition, ()):
                self._take(record.key, record.value, dict(record.headers).get(_WRITER))
            await self._move(await self._consumer.position(partition))
            await self._restate()

    def _take(self, raw: bytes | None, value: bytes | None, header: bytes | None) -> None:
        if raw is None:
            return
        key = entries.decode_key(raw)
        writer = header.decode() if header is not None else None
        if key == entries.CLAIM:
            self._current = entries.decode_claim(value)[0] or self._current
        elif None not in (key, writer, self._current) and writer != self._current:
            if key is not None and self._current == self._writer:
                self._in_the_way.add(key)
            return
        self._apply(raw, value)

    async def _move(self, position: int) -> None:
        async with self._progress:
            self._applied = position
            self._progress.notify_all()

    async def _restate(self) -> None:
        """Write over what a replaced writer still managed to append: compaction keeps the later record."""
        while self._in_the_way and self._producer is not None:
            key = self._in_the_way.pop()
            await self._send(key, self._catalog.value(key))

    async def _claim_at_end(self) -> None:
        assert self._consumer is not None
        partition = TopicPartition(self._topic, 0)
        end = (await self._consumer.end_offsets([partition]))[partition]
        async with self._progress:
            await self._progress.wait_for(lambda: self._applied >= end)
        while not self._is_current:
            try:
                await self._append(entries.CLAIM, self._claim())
                self._is_current = True
            except StoreUnavailable as error:
                logger.warning("claim_not_written", error=error.message)
        logger.info("registry_ready", topic=self._topic, subjects=len(self._catalog.subjects()))

    async def _append(self, key: Key, value: bytes | None) -> None:
        try:
            async with asyncio.timeout(_APPEND_SECONDS):
                offset = await self._send(key, value)
                async with self._progress:
                    await self._progress.wait_for(lambda: self._applied > offset)
        except TimeoutError:
            raise StoreUnavailable(STORE_TIMED_OUT, "Operation timed out") from None
        except KafkaError as error:
            text = f"Error in the backend data store: {type(error).__name__}"
            raise StoreUnavailable(STORE_FAILED, text) from None

    async def _send(self, key: Key, value: bytes | None) -> int:
        assert self._producer is not None
        headers = [(_WRITER, self._writer.encode())]
        sent = await self._producer.send_and_wait(
            self._topic, value, key=entries.encode_key(key), partition=0, headers=headers
        )
        return int(sent.offset)


async def _require_compacted(admin: AIOKafkaAdminClient, topic: str) -> None:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    for answer in answers:
        for resource in answer.resources:
            settings = {row[0]: row[1] for row in resource[4]}
            policy = settings.get("cleanup.policy", "compact")
            if policy != "compact":
                raise WrongTopic(
                    f"{topic} has cleanup.policy={policy} and would lose schemas. Set it to compact, or name "
                    "another topic in CROSSDOCK_REGISTRY_TOPIC."
                )


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error("registry_log_failed", error=str(task.exception()))
