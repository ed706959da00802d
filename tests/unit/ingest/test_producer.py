"""The producer's promise against a client that misbehaves in each way that Kafka's client can."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    TopicAuthorizationFailedError,
)
from aiokafka.structs import RecordMetadata, TopicPartition

from crossdock.canonical.keys import murmur2_partition
from crossdock.ingest.producer import BrokerUnavailable, Coordinates, KafkaProducer, RecordTooLarge
from crossdock.ingest.raw_record import RawRecord

RECORD = RawRecord("raw.channel.v1", 3, b"acme/shop/order:1", b"body", (("ce_id", b"1"),))
T = TypeVar("T")


@dataclass
class Client:
    """Stands where aiokafka's producer stands; does what the test tells it."""

    start_error: Exception | None = None
    send_error: Exception | None = None
    outcome: Exception | str | None = None
    """What the acknowledgement is: an error, success (None), or `never`."""
    metadata_error: Exception | None = None
    sent: list[tuple[str, int, bytes]] = field(default_factory=list)
    acknowledgements: list[asyncio.Future[Any]] = field(default_factory=list)
    is_stopped: bool = False

    @property
    def client(self) -> Client:
        return self

    async def start(self) -> None:
        if self.start_error:
            raise self.start_error

    async def stop(self) -> None:
        self.is_stopped = True

    async def close(self) -> None:
        self.is_stopped = True

    async def fetch_all_metadata(self) -> None:
        if self.metadata_error:
            raise self.metadata_error

    async def partitions_for(self, topic: str) -> set[int]:
        return set(range(12))

    async def send(
        self, topic: str, value: bytes, key: bytes, partition: int, headers: object
    ) -> asyncio.Future[Any]:
        if not isinstance(headers, list):
            raise TypeError("Expected list")  # as aiokafka's C extension has it
        if self.send_error:
            raise self.send_error
        self.sent.append((topic, partition, value))
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.acknowledgements.append(future)
        if isinstance(self.outcome, Exception):
            future.set_exception(self.outcome)
        elif self.outcome is None:
            place = TopicPartition(topic, partition)
            future.set_result(RecordMetadata(topic, partition, place, 41, 0, 0, 0))
        return future


class Stage:
    """A producer under supervision on a list of clients, the last of which is used again and again."""

    def __init__(self, *clients: Client, timeout_s: float = 0.02) -> None:
        self.clients = list(clients)
        self.made: list[Client] = []
        self.producer = KafkaProducer(self._connect, lambda topic: f"eu.{topic}", timeout_s)

    def _connect(self) -> Any:  # a Client, where aiokafka's is expected
        client = self.clients.pop(0) if len(self.clients) > 1 else self.clients[0]
        self.made.append(client)
        return client

    def play(self, scenario: Callable[[Stage], Awaitable[T]]) -> T:
        """Run a scenario beside the supervisor."""

        async def run() -> T:
            supervisor = asyncio.create_task(self.producer.supervise())
            try:
                return await asyncio.wait_for(asyncio.ensure_future(scenario(self)), 10)
            finally:
                supervisor.cancel()
                await asyncio.wait([supervisor])

        return asyncio.run(run())

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the loop turn until the condition holds."""
        idle = asyncio.get_running_loop().create_future()
        while not condition():
            await asyncio.wait([idle], timeout=0.001)

    async def available(self) -> None:
        await self.until(lambda: self.producer.is_available)


async def delivered(stage: Stage) -> Coordinates:
    await stage.available()
    return await stage.producer.deliver(RECORD)


def test_acknowledged_record_has_its_coordinates_in_the_partition_of_its_key() -> None:
    partition = murmur2_partition(RECORD.key, 12)
    stage = Stage(Client())
    assert stage.play(delivered) == Coordinates("eu.raw.channel.v1", partition, 41)
    assert stage.made[0].sent == [("eu.raw.channel.v1", partition, b"body")]


def test_nothing_is_sent_before_kafka_answered_once() -> None:
    async def scenario(stage: Stage) -> None:
        with pytest.raises(BrokerUnavailable):
            await stage.producer.deliver(RECORD)

    client = Client(start_error=KafkaConnectionError())
    Stage(client).play(scenario)
    assert client.sent == []


def test_broker_that_comes_later_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossdock.ingest.producer._RECONNECT_S", 0.001)
    broken = Client(start_error=KafkaConnectionError())
    stage = Stage(broken, broken, Client())
    assert stage.play(delivered).offset == 41
    assert broken.is_stopped


def test_acknowledgement_that_does_not_come_is_a_refusal_within_the_timeout() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.available()
        with pytest.raises(BrokerUnavailable):
            await stage.producer.deliver(RECORD)
        assert stage.producer.abandoned_bytes == RECORD.size

    client = Client(outcome="never", metadata_error=KafkaConnectionError())
    Stage(client).play(scenario)


def test_late_acknowledgement_frees_the_bytes() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.available()
        for outcome in (RuntimeError("late failure"), None):
            with pytest.raises(BrokerUnavailable):
                await stage.producer.deliver(RECORD)
            acknowledgement = stage.made[0].acknowledgements[-1]
            if outcome:
                acknowledgement.set_exception(outcome)
            else:
                acknowledgement.set_result(None)
            await stage.until(lambda: stage.producer.abandoned_bytes == 0)
            await stage.available()

    Stage(Client(outcome="never")).play(scenario)


def test_after_a_timeout_kafka_is_asked_before_the_next_record_is_sent() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.available()
        client = stage.made[0]
        client.outcome, client.metadata_error = "never", KafkaConnectionError()
        for _ in range(3):
            with pytest.raises(BrokerUnavailable):
                await stage.producer.deliver(RECORD)
        assert len(client.sent) == 1
        client.outcome, client.metadata_error = None, None
        stage.producer._trouble.set()  # the supervisor would look again by itself after a second
        await stage.available()
        assert (await stage.producer.deliver(RECORD)).offset == 41

    Stage(Client()).play(scenario)


def test_client_whose_batch_failed_is_replaced_because_its_sequence_has_a_gap() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.available()
        with pytest.raises(BrokerUnavailable):
            await stage.producer.deliver(RECORD)
        assert (await delivered(stage)).offset == 41
        assert len(stage.made) == 2
        await stage.until(lambda: stage.made[0].is_stopped)

    Stage(Client(outcome=OutOfOrderSequenceNumber()), Client()).play(scenario)


def test_missing_permission_is_the_worlds_trouble_and_not_the_senders() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.available()
        with pytest.raises(BrokerUnavailable):
            await stage.producer.deliver(RECORD)

    Stage(Client(outcome=TopicAuthorizationFailedError("raw.channel.v1"))).play(scenario)


@pytest.mark.parametrize("is_broker", [False, True])
def test_record_refused_for_its_size_is_told_apart(is_broker: bool) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.available()
        with pytest.raises(RecordTooLarge):
            await stage.producer.deliver(RECORD)
        await stage.available()
        assert (len(stage.made) == 2) is is_broker

    error = MessageSizeTooLargeError()
    first = Client(outcome=error) if is_broker else Client(send_error=error)
    Stage(first, Client()).play(scenario)


def test_stop_closes_the_client() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.available()
        await stage.producer.stop()
        with pytest.raises(BrokerUnavailable):
            await stage.producer.deliver(RECORD)

    client = Client()
    Stage(client).play(scenario)
    assert client.is_stopped


def test_client_that_kafka_stops_answering_is_replaced_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossdock.ingest.producer._RECONNECT_S", 0.001)
    monkeypatch.setattr("crossdock.ingest.producer._PROBE_EVERY_S", 0.001)

    async def scenario(stage: Stage) -> None:
        await stage.available()
        stage.made[0].metadata_error = KafkaConnectionError()
        await stage.until(lambda: len(stage.made) == 2)
        assert (await delivered(stage)).offset == 41
        await stage.until(lambda: stage.made[0].is_stopped)

    Stage(Client(), Client()).play(scenario)
