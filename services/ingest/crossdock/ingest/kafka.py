"""The one module of this process that imports a Kafka client.

Invariant: the producer is idempotent with acks=all and without transactions; the reader sees committed
records only, joins no group and commits nothing.
"""

from __future__ import annotations

from ssl import SSLContext
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.helpers import create_ssl_context

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

_REQUEST_BYTES_MAX: Final = 1_048_576
"""Kafka's own default for a record batch; raw records stay below it."""


def producer(settings: IngestSettings) -> AIOKafkaProducer:
    """An unstarted producer."""
    compression = settings.ingest_compression
    return AIOKafkaProducer(
        **_connection(settings),
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
        **_connection(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=200,
    )


def _connection(settings: IngestSettings) -> dict[str, str | SSLContext | None]:
    is_sasl = settings.kafka_security_protocol.startswith("SASL")
    options: dict[str, str | SSLContext | None] = {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": "crossdock-ingest",
        "security_protocol": settings.kafka_security_protocol,
        "sasl_mechanism": (settings.kafka_sasl_mechanism or "PLAIN") if is_sasl else "PLAIN",
        "sasl_plain_username": settings.kafka_sasl_username if is_sasl else None,
        "sasl_plain_password": settings.kafka_sasl_password.get_secret_value() if is_sasl else None,
    }
    if settings.kafka_security_protocol.endswith("SSL"):
        options["ssl_context"] = create_ssl_context(cafile=settings.kafka_ssl_ca_location or None)
    return options
