"""The ingest service as a process of its own on a real broker, and the log it writes, read independently.

Invariant: each installation has its own namespace, so tests on one broker do not see each other.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    IsolationLevel,
    KafkaError,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.cimpl import NewTopic

from crossdock.canonical.models.partner import PartnerProfile
from crossdock.canonical.profiles import profile_key, profile_version
from crossdock.canonical.record import Record
from crossdock.canonical.topics import PARTNER_PROFILE, RAW_CHANNEL, RAW_DOCUMENT
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.serde import Serde
from tests.kit.asgi import Answer
from tests.kit.intake import PROFILES, SECRETS
from tests.kit.waiting import wait_until

PARTITIONS = 4
Client = dict[str, str | int | float | bool]
_EFFECTIVE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Installation:
    """Topics and profiles under a fresh namespace; processes are started on it."""

    bootstrap_servers: str
    registry_url: str
    folder: Path
    namespace: str = field(default_factory=lambda: f"i{uuid.uuid4().hex[:10]}")

    def __post_init__(self) -> None:
        self._client: Client = {"bootstrap.servers": self.bootstrap_servers, "log_level": 0}
        self._serde = Serde(RegistryClient(self.registry_url))
        self._admin = AdminClient(self._client)
        wanted = [
            NewTopic(self.topic(RAW_CHANNEL.name), PARTITIONS, 1),
            NewTopic(self.topic(RAW_DOCUMENT.name), PARTITIONS, 1),
            NewTopic(self.topic(PARTNER_PROFILE.name), 2, 1, config={"cleanup.policy": "compact"}),
        ]
        for future in self._admin.create_topics(wanted).values():
            future.result(20)
        self.apply(PROFILES)

    def topic(self, logical: str) -> str:
        """Physical name."""
        return f"{self.namespace}.{logical}"

    def apply(self, profiles: Iterable[PartnerProfile], number: int = 1) -> None:
        """Write a version of each profile in one transaction, as the command line does, and see it end.

        A broker that is killed right after a commit may lose the transaction's marker for good, and with it
        everything behind (decision 25): tests that kill it wait for the marker.
        """
        self.begin(profiles, number).commit_transaction(20)
        wait_until(self._is_settled)

    def _is_settled(self) -> bool:
        place = TopicPartition(self.topic(PARTNER_PROFILE.name), 0)
        ends = set()
        for isolation in (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED):
            latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # no stubs
            (future,) = self._admin.list_offsets({place: latest}, isolation_level=isolation).values()
            ends.add(future.result(20).offset)
        return len(ends) == 1

    def begin(self, profiles: Iterable[PartnerProfile], number: int = 1) -> Producer:
        """The same, but the transaction is left open."""
        producer = Producer({**self._client, "transactional.id": f"{self.namespace}-profiles"})
        producer.init_transactions(20)
        producer.begin_transaction()
        for profile in profiles:
            version = profile_version(profile, number, _EFFECTIVE, applied_by="test", reason="test")
            key = profile_key(version.tenant, version.partner, version.version)
            producer.produce(
                self.topic(PARTNER_PROFILE.name), self._serde.serialize(version), key, partition=0
            )
        producer.flush(20)
        return producer

    def log(self, logical: str) -> list[Record]:
        """Every record of a topic, partition by partition, read without the service."""
        consumer = Consumer(
            {**self._client, "group.id": "reader", "enable.partition.eof": True, "enable.auto.commit": False}
        )
        topic = self.topic(logical)
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(PARTITIONS)])
        records: list[Record] = []
        ended = 0
        while ended < PARTITIONS:
            message = consumer.poll(20)
            assert message is not None, "the broker is silent"
            error = message.error()
            if error is not None:
                assert error.code() == KafkaError._PARTITION_EOF, error
                ended += 1
                continue
            records.append(_record(message))
        consumer.close()
        return records

    def process(self, **settings: str) -> IngestProcess:
        """A process that is not started; settings are `INGEST_*` names in lower case."""
        return IngestProcess(self, settings)


def _record(message: Message) -> Record:
    headers: Any = message.headers() or ()  # confluent-kafka types them too widely
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None
    assert partition is not None
    assert offset is not None
    return Record(topic, partition, offset, message.key(), message.value(), tuple(headers))


class IngestProcess:
    """One ingest process; the port stays the same across restarts."""

    def __init__(self, installation: Installation, settings: Mapping[str, str]) -> None:
        self._installation = installation
        self._settings = dict(settings)
        self._port_file = installation.folder / f"port-{uuid.uuid4().hex[:8]}"
        self.log = self._port_file.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self) -> None:
        """Start and wait until it listens; it may not be ready."""
        self._port_file.unlink(missing_ok=True)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "crossdock.ingest"],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until(self._listens, self._require_running)

    def start_ready(self) -> None:
        """Start and wait until it takes requests in."""
        self.start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until /readyz says 200."""
        self.until(lambda: self.get("/readyz").status == 200)

    def until(self, is_true: Callable[[], object]) -> None:
        """Wait for a condition, a minute at most; a failure shows what the process logged last."""
        try:
            wait_until(is_true, self._require_running, seconds=60)
        except AssertionError as error:
            told = self.log.read_text(errors="replace").splitlines()[-20:]
            error.add_note("\n".join([self.get("/readyz").body.decode(errors="replace"), *told]))
            raise

    def kill(self) -> None:
        """SIGKILL, and wait."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)

    def signal(self) -> None:
        """SIGTERM, without waiting."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Exit code, once it has ended."""
        assert self._process is not None
        return self._process.wait(40)

    def close(self) -> None:
        """End it, whatever its state."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def get(self, path: str) -> Answer:
        """The answer to a GET."""
        return self._ask("GET", path, None, ())

    def post(self, path: str, body: bytes, headers: Sequence[tuple[str, str]] = ()) -> Answer:
        """The answer to a POST; status 0 where the connection failed."""
        return self._ask("POST", path, body, headers)

    def events(self) -> list[str]:
        """Names of the events in its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [json.loads(line)["event"] for line in lines if line.startswith("{")]

    def _ask(self, method: str, path: str, body: bytes | None, headers: Sequence[tuple[str, str]]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, response.read())
        except (OSError, http.client.HTTPException):
            return Answer(0, {}, b"")
        finally:
            connection.close()

    def _listens(self) -> bool:
        text = self._port_file.read_text() if self._port_file.exists() else ""
        self.port = int(text or 0)
        if self.port:
            self._settings["port"] = text
        return bool(self.port)

    def _require_running(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(errors="replace")

    def _environment(self) -> dict[str, str]:
        own = {
            "CROSSDOCK_BOOTSTRAP_SERVERS": self._installation.bootstrap_servers,
            "CROSSDOCK_REGISTRY_URL": self._installation.registry_url,
            "CROSSDOCK_NAMESPACE": self._installation.namespace,
            "CROSSDOCK_INGEST_PORT": "0",
            "CROSSDOCK_INGEST_PORT_FILE": str(self._port_file),
            "CROSSDOCK_INGEST_DROP_POLL_MS": "20",
            "CROSSDOCK_INGEST_DROP_REST_MS": "20",
        }
        given = {f"CROSSDOCK_INGEST_{name.upper()}": value for name, value in self._settings.items()}
        return {**os.environ, **SECRETS, **own, **given}
