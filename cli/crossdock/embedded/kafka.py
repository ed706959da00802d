"""A real Apache Kafka (KRaft, one node) as a child process.

Invariant: when `start` returns the broker answers; `stop` and `kill` leave no process; between two starts
of one directory every acknowledged record stays.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final

from crossdock.embedded import formatting, processes
from crossdock.embedded.archive import ClassArchive
from crossdock.embedded.broker import broker_answers
from crossdock.embedded.errors import PortBusy, StartFailed
from crossdock.embedded.jars import Progress, class_path
from crossdock.embedded.java import Java, find_java
from crossdock.embedded.lock import DirectoryLock
from crossdock.embedded.ports import answers, free_port, is_free
from crossdock.embedded.properties import LOGGING, Listeners, render, server_properties
from crossdock.embedded.settings import EmbeddedSettings

VERSION: Final = "4.3.1"

DEVELOPMENT_FLAGS: Final = ("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Small and quick to start. For measuring throughput give the default JIT and a larger heap instead."""

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_ARCHIVE_SECONDS = 120.0
_PAUSE_SECONDS = 0.02


class EmbeddedKafka:
    """One broker on one directory; a context manager that starts and stops it.

    Args:
        data_dir: everything that the broker writes; created where missing.
        port: where clients connect. Without it the port of the last time, else a free one.
        properties: broker settings to add or replace.
        jvm_flags: flags of the Java process.
        settings: cache directory and Java; from the environment by default.
        progress: told about jars being fetched, on a first start.
    """

    def __init__(  # noqa: PLR0913 - options by name, each with a default
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        properties: Mapping[str, str] | None = None,
        jvm_flags: tuple[str, ...] = DEVELOPMENT_FLAGS,
        settings: EmbeddedSettings | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._port = port
        self._extra = dict(properties or {})
        self._jvm_flags = jvm_flags
        self._settings = settings or EmbeddedSettings()
        self._progress = progress
        self._lock = DirectoryLock(self.data_dir / "instance.lock")
        self._process: subprocess.Popen[bytes] | None = None
        self._runtime: tuple[Java, list[Path]] | None = None
        self._listeners: Listeners | None = None
        self._archive: ClassArchive | None = None

    @property
    def bootstrap_servers(self) -> str:
        """Address for clients; the same across `kill` and `start`. Only after the first start."""
        if self._listeners is None:
            raise RuntimeError("the broker was never started: its port is not chosen yet")
        return self._listeners.bootstrap_servers

    @property
    def pid(self) -> int | None:
        """Process id of the running broker; None while there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def cluster_id(self) -> str:
        """Id of the cluster in this directory."""
        return formatting.cluster_id(self._logs)

    @property
    def log(self) -> Path:
        """Log file of the broker (warnings and errors)."""
        return self.data_dir / "kafka.log"

    @property
    def console(self) -> Path:
        """What the Java process itself printed."""
        return self.data_dir / "console.log"

    def start(self) -> None:
        """Start the broker and wait until it answers; nothing where it runs.

        Raises EmbeddedError: no jars or Java, the directory or a given port is in use, or it did not start.
        """
        if self.pid is not None:
            return
        self._lock.acquire()
        try:
            self._prepare()
            self._launch()
            self._await_answer()
        except BaseException:
            self.kill()
            self._lock.release()
            raise

    def stop(self) -> None:
        """Stop the broker in order (SIGTERM), by force after 30 s, and give the directory back.

        The first run of an installation writes its class archive now, which takes some seconds.
        """
        process, archive = self._process, self._archive
        if process is not None and archive is not None:
            trains = not archive.exists
            has_ended = processes.end(process, _ARCHIVE_SECONDS if trains else _STOP_SECONDS)
            if trains and has_ended:
                archive.keep()
        self.kill()
        self._lock.release()

    def kill(self) -> None:
        """Kill the broker without warning (SIGKILL); `start` runs it again on the same data and ports."""
        process, self._process = self._process, None
        if process is not None:
            processes.kill(process)
            atexit.unregister(self.kill)
        if self._archive is not None:
            self._archive.discard()

    def __enter__(self) -> EmbeddedKafka:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _logs(self) -> Path:
        return self.data_dir / "log"

    def _prepare(self) -> None:
        if self._runtime is None:
            java = find_java(self._settings.java, self._settings.java_home)
            self._runtime = java, class_path(self._settings.cache, progress=self._progress)
        if not formatting.is_formatted(self._logs):
            formatting.format_directory(
                self._logs,
                self._settings.cache / "format" / VERSION,
                [*self._java_command(), *self._jvm_flags],
            )
        self._listeners = self._choose_ports()
        (self.data_dir / "log4j2.properties").write_text(LOGGING)
        properties = server_properties(self._listeners, self._logs, self._extra)
        (self.data_dir / "server.properties").write_text(render(properties))

    def _choose_ports(self) -> Listeners:
        if self._listeners is not None:
            # Clients know the address: a restart elsewhere would leave them dialling whoever takes it.
            for port in (self._listeners.client, self._listeners.controller):
                _require_free(port)
            return self._listeners
        if self._port is not None:
            _require_free(self._port)
        remembered = _remembered(self.data_dir / "ports.json")
        client = self._port or free_port(remembered.client if remembered else None)
        controller = free_port(remembered.controller if remembered else None, taken={client})
        listeners = Listeners(client, controller)
        (self.data_dir / "ports.json").write_text(json.dumps({"client": client, "controller": controller}))
        return listeners

    def _launch(self) -> None:
        assert self._runtime is not None
        self._archive = ClassArchive.of(self._settings.cache, *self._runtime, self._jvm_flags)
        command = [
            *self._java_command(),
            *self._jvm_flags,
            *self._archive.flags(),
            f"-Dlog4j2.configurationFile={self.data_dir / 'log4j2.properties'}",
            f"-Dcrossdock.log={self.log}",
            "kafka.Kafka",
            str(self.data_dir / "server.properties"),
        ]
        self._process = processes.spawn(command, self.console)
        atexit.register(self.kill)
        self._lock.describe({"broker_pid": self._process.pid, "bootstrap_servers": self.bootstrap_servers})

    def _java_command(self) -> list[str]:
        assert self._runtime is not None
        java, classes = self._runtime
        return [str(java.path), "-cp", ":".join(map(str, classes))]

    def _await_answer(self) -> None:
        assert self._listeners is not None
        deadline = time.monotonic() + _START_SECONDS
        while not answers(self._listeners.client):
            self._await_end(deadline)
        while not broker_answers(self.bootstrap_servers):
            self._await_end(deadline)

    def _await_end(self, deadline: float) -> None:
        """Pause for a moment. Raises StartFailed where the process has ended or the deadline is past."""
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_PAUSE_SECONDS)
        if self.pid is None or time.monotonic() > deadline:
            tail = processes.tail(self.log) or processes.tail(self.console)
            raise StartFailed("Apache Kafka", self.log, tail)


def _require_free(port: int) -> None:
    if not is_free(port):
        raise PortBusy(port)


def _remembered(path: Path) -> Listeners | None:
    try:
        ports = json.loads(path.read_text())
        return Listeners(int(ports["client"]), int(ports["controller"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
