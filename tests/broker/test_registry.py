"""The registry's log on a real broker: what was answered is kept, and there is one writer."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.cimpl import NewTopic

from crossdock.embedded.child import Child
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.embedded.processes import tail
from crossdock.registry import entries
from crossdock.registry.catalog import Catalog
from crossdock.registry.log import applier
from crossdock.streaming.backends.registry import RegistryClient
from tests.conftest import registry_child
from tests.kit.registry_server import record
from tests.kit.waiting import wait_until

pytestmark = pytest.mark.broker

Start = Callable[[], Child]


@pytest.fixture
def namespace() -> str:
    return f"r{uuid.uuid4().hex[:8]}"


@pytest.fixture
def start(kafka: EmbeddedKafka, namespace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts registries on one log; all are ended with the test."""
    started: list[Child] = []

    def start_one() -> Child:
        child = registry_child(kafka, tmp_path_factory, namespace)
        started.append(child)
        child.start()
        wait_until(child.is_ready, child.require_running)
        return child

    yield start_one
    for child in started:
        child.stop(10)


def _status(child: Child, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", child.recipe.port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_schemas_ids_and_levels_survive_kills_of_registry_and_broker(
    kafka: EmbeddedKafka, start: Start
) -> None:
    child = start()
    client = RegistryClient(child.url)
    client.compatibility("a-value", "FULL_TRANSITIVE")
    ids = [client.register("a-value", record("id")), client.register("a-value", record("id", "name?"))]
    kafka.kill()
    child.kill()
    kafka.start()
    again = RegistryClient(start().url)
    latest = again.latest("a-value")
    assert latest is not None
    assert (latest.version, latest.id) == (2, ids[1])
    assert json.loads(again.schema(ids[0])) == json.loads(record("id"))
    assert again.level("a-value") == "FULL_TRANSITIVE"
    assert again.register("b-value", record("other")) == max(ids) + 1


def test_registry_serves_on_while_the_broker_restarts(kafka: EmbeddedKafka, start: Start) -> None:
    client = RegistryClient(start().url)
    first = client.register("a-value", record("id"))
    kafka.kill()
    assert RegistryClient(client_url(client)).schema(first)
    kafka.start()
    assert client.register("b-value", record("other")) == first + 1


def client_url(client: RegistryClient) -> str:
    endpoint = client._endpoints[0]
    return f"http://{endpoint.host}:{endpoint.port}"


def test_second_registry_takes_over_and_the_first_only_reads(start: Start) -> None:
    first = start()
    schema_id = RegistryClient(first.url).register("a-value", record("id"))
    second = start()
    wait_until(lambda: not first.is_ready())
    assert "taken over" in _status(first, "/readyz")[1]
    assert _status(first, f"/schemas/ids/{schema_id}")[0] == 200
    later = RegistryClient(second.url).register("b-value", record("other"))
    assert later == schema_id + 1
    wait_until(lambda: _status(first, f"/schemas/ids/{later}")[0] == 200)


def test_record_of_a_replaced_writer_changes_nothing_for_good(
    kafka: EmbeddedKafka, start: Start, namespace: str
) -> None:
    child = start()
    client = RegistryClient(child.url)
    client.compatibility("a-value", "FULL")
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "log_level": 0})
    for key, value in (
        (entries.level_key("a-value"), entries.encode_setting("compatibilityLevel", "NONE")),
        (entries.level_key("b-value"), entries.encode_setting("compatibilityLevel", "NONE")),
    ):
        topic = f"{namespace}._schemas"
        producer.produce(topic, value, entries.encode_key(key), headers=[("writer", b"replaced")])
    assert producer.flush(20) == 0
    client.compatibility("c-value", "FULL")  # applied behind them
    assert (client.level("a-value"), client.level("b-value")) == ("FULL", None)
    catalog = Catalog()
    apply = applier(catalog)

    def is_restated() -> bool:
        for key, value in _compacted(kafka, f"{namespace}._schemas").items():
            apply(key, value)
        return (catalog.level("a-value"), catalog.level("b-value")) == ("FULL", None)

    wait_until(is_restated)  # what compaction will keep holds for readers who never see the old claims
    child.kill()
    successor = RegistryClient(start().url)
    assert (successor.level("a-value"), successor.level("b-value")) == ("FULL", None)


def _compacted(kafka: EmbeddedKafka, topic: str) -> dict[bytes, bytes | None]:
    consumer = Consumer(
        {
            "bootstrap.servers": kafka.bootstrap_servers,
            "group.id": "compacted",
            "enable.partition.eof": True,
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    last: dict[bytes, bytes | None] = {}
    while True:
        message = consumer.poll(30)
        assert message is not None, "the broker is silent"
        if message.error() is not None:
            consumer.close()
            return last
        last[message.key() or b""] = message.value()


def test_topic_that_would_lose_schemas_is_refused(
    kafka: EmbeddedKafka, namespace: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers, "log_level": 0})
    topic = f"{namespace}._schemas"
    admin.create_topics([NewTopic(topic, 1, 1, config={"cleanup.policy": "delete"})])[topic].result(20)
    child = registry_child(kafka, tmp_path_factory, namespace)
    child.start()
    wait_until(lambda: child.pid is None)
    assert "cleanup.policy=delete" in tail(child.recipe.log)
    assert "CROSSDOCK_REGISTRY_TOPIC" in tail(child.recipe.log)


def test_log_is_created_compacted_with_one_partition(
    kafka: EmbeddedKafka, start: Start, namespace: str
) -> None:
    start()
    topic = f"{namespace}._schemas"
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers, "log_level": 0})
    assert len(admin.list_topics(topic, 20).topics[topic].partitions) == 1
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    assert admin.describe_configs([resource])[resource].result(20)["cleanup.policy"].value == "compact"
