"""One small installation for tests of the command line: topics, a normalize worker, the command itself."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from confluent_kafka import Producer

from crossdock.canonical.keys import murmur2_partition
from crossdock.canonical.topics import RAW_CHANNEL
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.kept import read_slots
from crossdock.cli.main import cli
from crossdock.cli.settings import Connection
from crossdock.embedded.child import Child, Recipe
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.embedded.ports import free_port
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.serde import Serde
from tests.kit.waiting import wait_until

OPERATOR_KEY = "test-operator-key"
PARTITIONS = 2
PROFILE = """\
tenant: acme
partner: portal
kind: channel
format: canonical_json
channel: {commitment: requested, fulfilled_by: seller, zone: Europe/Berlin, revision: counter}
money: {currency: EUR, amounts: major_text, tax_mode: exclusive, rounding: per_line_half_up}
"""


def order(number: int, *, unit: str = "EA", revision: int = 1, quantity: int = 2) -> bytes:
    """An order in our own JSON; a unit that no profile knows makes it a dead letter."""
    per = {"value": "1", "unit": unit}
    line = {
        "line_id": "1",
        "sku": "SKU-1",
        "identifiers": [{"scheme": "sku", "value": "SKU-1", "issuer": "acme"}],
        "ordered": {"value": str(quantity), "unit": unit},
        "unit_price": {"amount": "10.00", "currency": "EUR", "per": per},
    }
    document = {
        "order_id": str(number),
        "placed": "2026-03-01T10:00:00+01:00",
        "revision": {"kind": "counter", "value": str(revision)},
        "payment": {"status": "paid"},
        "lines": [line],
    }
    return json.dumps(document).encode()


@dataclass(frozen=True)
class Installation:
    """A namespace of its own on the shared broker, with a running worker of normalize."""

    bootstrap_servers: str
    registry_url: str
    namespace: str

    def run(self, *arguments: str, key: str = OPERATOR_KEY) -> Result:
        """Run the command with the global options of this installation."""
        options = {
            "--bootstrap-servers": self.bootstrap_servers,
            "--registry-url": self.registry_url,
            "--namespace": self.namespace,
        }
        flat = [word for option in options.items() for word in option]
        return CliRunner().invoke(cli, [*flat, *arguments], env={"CROSSDOCK_OPERATOR_KEY": key})

    def json(self, *arguments: str) -> Any:  # whatever the command answers
        """Run the command with --json; it must succeed."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    @property
    def connection(self) -> Connection:
        """The same as global options."""
        values = {"bootstrap_servers": self.bootstrap_servers, "registry_url": self.registry_url}
        return Connection({**values, "namespace": self.namespace})

    def produce(self, *orders: tuple[str, bytes]) -> None:
        """Append raw orders by (object id, payload) and wait until the worker has taken them all."""
        producer = Producer({**self.connection.settings.client(), "log_level": 0})
        topic = self.connection.settings.topic(RAW_CHANNEL.name)
        for name, payload in orders:
            key = f"acme/portal/order:{name}".encode()
            producer.produce(topic, payload, key, murmur2_partition(key, PARTITIONS))
        assert producer.flush(20) == 0
        wait_until(self._has_caught_up)

    def _has_caught_up(self) -> bool:
        log = KafkaLog(self.connection)
        slots = read_slots(log, Serde(RegistryClient(self.registry_url)), "normalize")
        ends = {number: end for number, (_, end) in log.bounds(RAW_CHANNEL.name).items()}
        return all(
            slot.position is not None and slot.position.inputs[RAW_CHANNEL.name][1] >= ends[number]
            for number, slot in slots.items()
        )


@contextmanager
def installation(kafka: EmbeddedKafka, registry_url: str, directory: Path) -> Iterator[Installation]:
    """A fresh installation until the block ends."""
    made = Installation(kafka.bootstrap_servers, registry_url, f"cli-{uuid.uuid4().hex[:8]}")
    applied = made.run("topics", "apply", "--partitions", str(PARTITIONS))
    assert applied.exit_code == 0, applied.output
    (directory / "portal.yaml").write_text(PROFILE)
    assert made.run("partners", "apply", str(directory / "portal.yaml")).exit_code == 0
    worker = _worker(made, directory / "normalize.log")
    worker.start()
    try:
        wait_until(worker.is_ready, worker.require_running)
        yield made
    finally:
        worker.stop(10)


def _worker(made: Installation, log: Path) -> Child:
    port = free_port()
    environment = {
        "CROSSDOCK_BOOTSTRAP_SERVERS": made.bootstrap_servers,
        "CROSSDOCK_REGISTRY_URL": made.registry_url,
        "CROSSDOCK_NAMESPACE": made.namespace,
        "CROSSDOCK_OPERATOR_KEY": OPERATOR_KEY,
        "CROSSDOCK_HEALTH_PORT": str(port),
    }
    return Child(Recipe("normalize", "crossdock.normalize", port, environment, log))
