"""The one module of this package that imports a Kafka client: does a broker serve?

Invariant: an answer means that the broker takes requests, not only that its port is open.
"""

from __future__ import annotations

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient


def broker_answers(bootstrap_servers: str, timeout_seconds: float = 2.0) -> bool:
    """Whether the cluster's metadata lists a broker."""
    admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0, "reconnect.backoff.ms": 20})
    try:
        return bool(admin.list_topics(timeout=timeout_seconds).brokers)
    except KafkaException:
        return False
