"""A whole installation on this machine: Kafka (unless it runs elsewhere), registry, services as children.

Invariant: each process starts when what it needs answers, and ends before what it needs does; everything
that is said about the stack while it runs stands in its lock file, where other commands find it.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Final

from crossdock.embedded.child import Child, Recipe
from crossdock.embedded.jars import Progress
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.embedded.lock import DirectoryLock, description
from crossdock.embedded.ports import LOOPBACK, free_port
from crossdock.embedded.settings import EmbeddedSettings, inherited_environment
from crossdock.streaming.backends.settings import KafkaSettings

SERVICES: Final = ("registry", "normalize", "ingest")
"""All services in the order in which they start; they end the other way round."""

PARTITIONS: Final = 4
"""Partition count of the topics of an embedded installation (R1)."""

_PLAIN = {"CROSSDOCK_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT", "CROSSDOCK_KAFKA_SASL_MECHANISM": ""}
"""How the broker that is started here is spoken to, whatever other broker the environment is meant for."""
_READY_SECONDS = 60.0
_DRAIN_SECONDS = 25.0
_LOOK_SECONDS = 0.05
_LOCK = "stack.lock"
PREFERRED_PORTS: Final = {"kafka": 9092, "registry": 8081, "ingest": 8080}
"""Ports that are taken where they are free, so that commands find the stack without being told."""

Prepare = Callable[[KafkaSettings], None]
"""Makes topics and schemas on a running broker and registry."""

Say = Callable[[str], None]
"""Takes one line about what the stack is doing."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a running stack, as people and programs see it."""

    name: str
    pid: int | None
    url: str
    log: str


class Stack:
    """The installation on one data directory; a context manager that starts and stops it.

    Start, tend and stop it from one thread, the one that outlives it: the kernel ends children with the
    thread that started them.

    Args:
        data_dir: Kafka's data, log files, drop folders, operator key.
        prepare: called with the connection when broker and registry answer, before any other service starts.
        elsewhere: a Kafka to use in place of one that is started here; where its settings also name a
            registry, that one is used too.
        services: which of SERVICES run; the registry always does, where none is named.
        workers: processes of each topology service, by name; 1 where not named.
        environment: variables for the services besides the inherited ones.
        ports: where which process listens if that is free; any free port for one that is not named.
        settings: cache directory and Java.
        say: told what is going on.
        progress: told about Kafka's jars being fetched.
    """

    def __init__(  # noqa: PLR0913 - options by name, each with a default
        self,
        data_dir: Path,
        prepare: Prepare,
        *,
        elsewhere: KafkaSettings | None = None,
        services: Sequence[str] = SERVICES,
        workers: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        ports: Mapping[str, int] = PREFERRED_PORTS,
        settings: EmbeddedSettings | None = None,
        say: Say = lambda line: None,
        progress: Progress | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._prepare = prepare
        self._elsewhere = elsewhere
        self._services = [name for name in SERVICES if name in services and name != "registry"]
        self._workers = dict(workers or {})
        self._given = dict(environment or {})
        self._say = say
        self._lock = DirectoryLock(self.data_dir / _LOCK)
        self._pause = threading.Event()
        self.children: list[Child] = []
        self._ports = ports
        port = free_port(ports.get("kafka"))
        self.kafka = EmbeddedKafka(self.data_dir / "kafka", port=port, settings=settings, progress=progress)

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which a command or client reaches this stack; only while it runs."""
        return {
            "CROSSDOCK_BOOTSTRAP_SERVERS": self._bootstrap_servers,
            "CROSSDOCK_REGISTRY_URL": self._registry_url,
            "CROSSDOCK_NAMESPACE": self._namespace,
            "CROSSDOCK_OPERATOR_KEY": self._operator_key(),
        }

    @property
    def connection(self) -> KafkaSettings:
        """The same as settings."""
        found = {"registry_url": self._registry_url, "namespace": self._namespace}
        if self._elsewhere is not None:
            return self._elsewhere.model_copy(update=found)
        plain = KafkaSettings(kafka_security_protocol="PLAINTEXT", kafka_sasl_mechanism="")
        return plain.model_copy(update={**found, "bootstrap_servers": self._bootstrap_servers})

    @property
    def _bootstrap_servers(self) -> str:
        return self._elsewhere.bootstrap_servers if self._elsewhere else self.kafka.bootstrap_servers

    @property
    def _named_registry(self) -> str | None:
        is_named = self._elsewhere is not None and "registry_url" in self._elsewhere.model_fields_set
        return self._elsewhere.registry_url if self._elsewhere and is_named else None

    @property
    def _registry_url(self) -> str:
        return self._named_registry or self._child("registry").url

    @property
    def _namespace(self) -> str:
        default = self._elsewhere.namespace if self._elsewhere else ""
        return self._given.get("CROSSDOCK_NAMESPACE", default)

    @property
    def operator_key_file(self) -> Path:
        """File with the key that signs operator requests; made once per data directory."""
        return self.data_dir / "operator.key"

    def url(self, service: str) -> str:
        """Base URL of a service. Raises KeyError for one that does not run."""
        return self._child(service).url

    def processes(self) -> list[Process]:
        """All processes, in the order in which they started."""
        rows = [Process(c.recipe.label, c.pid, c.url, str(c.recipe.log)) for c in self.children]
        if self._elsewhere is not None:
            return rows
        return [Process("kafka", self.kafka.pid, self._bootstrap_servers, str(self.kafka.log)), *rows]

    def start(self) -> None:
        """Start everything and wait until it is ready.

        Raises EmbeddedError; then nothing is left running.
        """
        self._lock.acquire()
        try:
            if self._elsewhere is None:
                self._say("starting Apache Kafka")
                self.kafka.start()
            if self._named_registry is None:
                self._start(["registry"])
            self._say("creating topics and schemas")
            self._prepare(self.connection)
            self._start(self._services)
            self._lock.describe(self.facts())
        except BaseException:
            self.stop()
            raise

    def facts(self) -> dict[str, object]:
        """What runs where, as JSON."""
        rows = [asdict(process) for process in self.processes()]
        shown = {name: value for name, value in self.environment.items() if name != "CROSSDOCK_OPERATOR_KEY"}
        return {
            "data_dir": str(self.data_dir),
            "drop_root": str(self.data_dir / "drop"),
            "operator_key_file": str(self.operator_key_file),
            "environment": shown,
            "processes": rows,
        }

    def tend(self) -> None:
        """Start again what ended by itself; call it every half second or so.

        Raises EmbeddedError where that is of no use.
        """
        if self._elsewhere is None and self.kafka.pid is None:
            self._say("Apache Kafka ended; it is started again")
            self.kafka.start()
        for child in self.children:
            happened = child.tend()
            if happened is not None:
                self._say(happened)
                self._lock.describe(self.facts())

    def stop(self) -> None:
        """End everything, the last started first; what does not end in time is killed."""
        while self.children:
            child = self.children.pop()
            if not child.stop(_DRAIN_SECONDS):
                self._say(f"{child.recipe.label} did not end within {_DRAIN_SECONDS:g} s and was killed")
        self.kafka.stop()
        self._lock.release()

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, services: Sequence[str]) -> None:
        """Start services side by side and wait for all of them."""
        started = []
        for service in services:
            self._say(f"starting {service}")
            count = self._workers.get(service, 1) if _is_topology(service) else 1
            for ordinal in range(count):
                started.append(Child(self._recipe(service, ordinal, count)))
                self.children.append(started[-1])
                started[-1].start()
        for child in started:
            self._await_ready(child)

    def _await_ready(self, child: Child) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not child.is_ready():
            child.require_running()
            if time.monotonic() > deadline:
                raise child.not_ready()
            self._pause.wait(_LOOK_SECONDS)
        child.require_running()  # else it was somebody else who answered on its port

    def _recipe(self, service: str, ordinal: int, count: int) -> Recipe:
        taken = {child.recipe.port for child in self.children}
        port = free_port(self._ports.get(service), taken=taken)
        label = service if count == 1 else f"{service}-{ordinal}"
        log = self.data_dir / "logs" / f"{label}.log"
        return Recipe(
            label, f"crossdock.{_package(service)}", port, self._variables(service, ordinal, port), log
        )

    def _variables(self, service: str, ordinal: int, port: int) -> dict[str, str]:
        connection = {
            "CROSSDOCK_BOOTSTRAP_SERVERS": self._bootstrap_servers,
            "CROSSDOCK_NAMESPACE": self._namespace,
            **(_PLAIN if self._elsewhere is None else {}),
        }
        if service != "registry":
            connection |= self.environment | {"CROSSDOCK_INGEST_DROP_ROOT": str(self.data_dir / "drop")}
        return {**inherited_environment(), **connection, **self._given, **_listening(service, ordinal, port)}

    def _operator_key(self) -> str:
        stated = {**inherited_environment(), **self._given}.get("CROSSDOCK_OPERATOR_KEY")
        if stated:
            return stated
        with contextlib.suppress(FileExistsError):
            self.operator_key_file.touch(mode=0o600, exist_ok=False)
            self.operator_key_file.write_text(secrets.token_hex(32))
        return self.operator_key_file.read_text()

    def _child(self, service: str) -> Child:
        for child in self.children:
            if child.recipe.module == f"crossdock.{_package(service)}":
                return child
        raise KeyError(service)


def _listening(service: str, ordinal: int, port: int) -> dict[str, str]:
    """What is said to one process alone: where to listen, and which worker it is."""
    prefix = "HEALTH" if _is_topology(service) else service.upper().replace("-", "_")
    return {
        f"CROSSDOCK_{prefix}_HOST": LOOPBACK,
        f"CROSSDOCK_{prefix}_PORT": str(port),
        "CROSSDOCK_ORDINAL": str(ordinal),
    }


def running_stack(data_dir: Path) -> dict[str, object] | None:
    """The facts of the stack that runs on a data directory; None where none does."""
    return description(data_dir / _LOCK)


def _package(service: str) -> str:
    return service.replace("-", "_")


def _is_topology(service: str) -> bool:
    return find_spec(f"crossdock.{_package(service)}.topology") is not None
