"""The one module of this process that imports a Kafka client.

Invariant: the producer is idempotent with acks=all and without transactions; the reader sees committed
records only, joins no group and commits nothing.
"""

from __future__ import annotations

from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from crossdock.ingest.settings import IngestSettings

__all__ = [
    "AIOKafkaConsumer",
    "AIOKafkaProducer",
    "KafkaError",
    "MessageSizeTooLargeError",
    "TopicPartition",
    "producer",
    "reader",
]

_CLIENT_ID: Final = "crossdock-ingest"
_REQUEST_BYTES_MAX: Final = 1_048_576
"""Kafka's own default for a record batch; raw records stay below it."""


def producer(settings: IngestSettings) -> AIOKafkaProducer:
    """An unstarted producer."""
    compression = settings.ingest_compression
    return AIOKafkaProducer(
        **settings.aiokafka(),
        client_id=_CLIENT_ID,
        acks="all",
        enable_idempotence=True,
        compression_type=None if compression == "none" else compression,
        linger_ms=settings.ingest_linger_ms,
        max_request_size=_REQUEST_BYTES_MAX,
        request_timeout_ms=settings.ingest_delivery_timeout_ms,
    )


def reader(settings: IngestSettings, topic: str) -> AIOKafkaConsumer:
    """An unstarted consumer of a whole topic (logical name), from its beginning and without a group."""
    return AIOKafkaConsumer(
        settings.topic(topic),
        **settings.aiokafka(),
        client_id=_CLIENT_ID,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=200,
    )
