"""A partner's own producer, as a stranger runs it: librdkafka with its defaults.

Invariant: the partition is left to the client, whose default partitioner (CRC32) is not Kafka's (murmur2);
what was handed over is acknowledged, or `finish` says that it is not.
"""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from crossdock.streaming.backends.settings import KafkaSettings

_FLUSH_SECONDS = 30.0


class StrangersProducer:
    """Produces into one topic.

    Args:
        settings: which Kafka.
        topic: logical name of the topic.
    """

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        self._topic = settings.topic(topic)
        self._producer = Producer({**settings.client(), "enable.idempotence": True, "log_level": 0})
        self._failure: KafkaError | None = None

    def produce(self, key: bytes | None, value: bytes) -> None:
        """Hand one record over."""
        self._producer.produce(self._topic, value, key, on_delivery=self._delivered)
        self._producer.poll(0)

    def finish(self) -> None:
        """Wait for the acknowledgements. Raises KafkaException where one is missing."""
        left = self._producer.flush(_FLUSH_SECONDS)
        if self._failure is not None or left:
            raise KafkaException(self._failure or KafkaError(KafkaError._TIMED_OUT))

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        self._failure = self._failure or error
