"""The embedded broker is a real one: transactions, durability through kill -9, one owner per directory."""

from __future__ import annotations

import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.cimpl import NewTopic

from crossdock.embedded.errors import AlreadyRunning, PortBusy
from crossdock.embedded.kafka import EmbeddedKafka
from tests.kit.waiting import wait_until

pytestmark = pytest.mark.broker


@pytest.fixture
def topic(kafka: EmbeddedKafka) -> str:
    name = f"embedded-{uuid.uuid4().hex[:8]}"
    admin = AdminClient(_client(kafka))
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(20)
    return name


def _client(kafka: EmbeddedKafka) -> dict[str, str | int | float | bool]:
    return {"bootstrap.servers": kafka.bootstrap_servers, "log_level": 0}


def _values(kafka: EmbeddedKafka, topic: str, isolation: str = "read_committed") -> list[bytes | None]:
    consumer = Consumer(
        {
            **_client(kafka),
            "group.id": "reader",
            "isolation.level": isolation,
            "enable.partition.eof": True,
            "enable.auto.commit": False,
        }
    )
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    try:
        return list(_until_the_end(consumer))
    finally:
        consumer.close()


def _until_the_end(consumer: Consumer) -> Iterator[bytes | None]:
    while True:
        message = consumer.poll(30)
        assert message is not None, "the broker is silent"
        error = message.error()
        if error is None:
            yield message.value()
        elif error.code() == KafkaError._PARTITION_EOF:
            return


def test_committed_records_are_read_and_aborted_ones_are_not(kafka: EmbeddedKafka, topic: str) -> None:
    producer = Producer({**_client(kafka), "transactional.id": topic})
    producer.init_transactions(30)
    for value, is_kept in ((b"kept", True), (b"dropped", False), (b"kept too", True)):
        producer.begin_transaction()
        producer.produce(topic, value)
        producer.flush(20)
        if is_kept:
            producer.commit_transaction(20)
        else:
            producer.abort_transaction(20)
    assert _values(kafka, topic) == [b"kept", b"kept too"]
    assert _values(kafka, topic, "read_uncommitted") == [b"kept", b"dropped", b"kept too"]


def test_acknowledged_records_survive_kill_and_restart(kafka: EmbeddedKafka, topic: str) -> None:
    producer = Producer({**_client(kafka), "enable.idempotence": True})
    acknowledged: list[bytes | None] = []
    before = kafka.bootstrap_servers, kafka.cluster_id
    for number in range(100):
        producer.produce(topic, b"%d" % number, on_delivery=lambda error, m: acknowledged.append(m.value()))
        if number == 50:
            producer.flush(20)
            kafka.kill()
            assert kafka.pid is None
            kafka.start()
    producer.flush(60)
    assert acknowledged == [b"%d" % number for number in range(100)]
    assert _values(kafka, topic) == acknowledged
    assert (kafka.bootstrap_servers, kafka.cluster_id) == before


def test_directory_has_one_owner_and_the_other_is_told_who(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning, match=r"in use by process \d+: stop it, or choose another"):
        EmbeddedKafka(kafka.data_dir).start()
    assert kafka.pid is not None


def test_port_that_is_taken_is_refused_before_anything_starts(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    taken = int(kafka.bootstrap_servers.rpartition(":")[2])
    second = EmbeddedKafka(tmp_path / "second", port=taken)
    with pytest.raises(PortBusy, match=str(taken)):
        second.start()
    assert second.pid is None


def test_broker_listens_on_the_loopback_interface_only(kafka: EmbeddedKafka) -> None:
    listeners = _setting(kafka, "listeners").split(",")
    assert len(listeners) == 2
    assert all("://127.0.0.1:" in listener for listener in listeners)


def test_broker_that_was_killed_does_not_move_to_another_port(tmp_path: Path) -> None:
    own = EmbeddedKafka(tmp_path)
    own.start()
    try:
        own.kill()
        host, _, port = own.bootstrap_servers.rpartition(":")
        with socket.create_server((host, int(port))), pytest.raises(PortBusy, match=port):
            own.start()
    finally:
        own.stop()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("offsets.retention.minutes", "5256000"),
        ("message.max.bytes", "2097152"),
        ("auto.create.topics.enable", "false"),
        ("group.initial.rebalance.delay.ms", "0"),
    ],
)
def test_broker_runs_with_what_crossdock_relies_on(kafka: EmbeddedKafka, name: str, value: str) -> None:
    assert _setting(kafka, name) == value


def _setting(kafka: EmbeddedKafka, name: str) -> str:
    resource = ConfigResource(ConfigResource.Type.BROKER, "1")
    admin = AdminClient(_client(kafka))
    return str(admin.describe_configs([resource])[resource].result(20)[name].value)


def test_broker_dies_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import sys, os, pathlib; from crossdock.embedded.kafka import EmbeddedKafka\n"
        "kafka = EmbeddedKafka(pathlib.Path(sys.argv[1])); kafka.start(); print(kafka.pid, flush=True)\n"
        "sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert parent.stdout is not None
        broker = int(parent.stdout.readline())
        assert _is_running(broker)
    finally:
        parent.kill()
        parent.communicate()
    wait_until(lambda: not _is_running(broker))


def _is_running(pid: int) -> bool:
    """A zombie, which nobody may be there to collect, does not run."""
    run = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return run.stdout.strip()[:1] not in ("", "Z")
