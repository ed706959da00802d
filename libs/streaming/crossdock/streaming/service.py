"""Runs a topology as a process: settings, signals, telemetry, health, worker.

Invariant: SIGTERM ends it after the batch in hand is committed or aborted; a second one ends it at once.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from importlib.metadata import version

import structlog
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from crossdock.streaming.backends.kafka import KafkaBackend
from crossdock.streaming.backends.kafka_partitioner import partition_of
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.errors import ConfigurationError, Fenced, Retryable
from crossdock.streaming.health import serve
from crossdock.streaming.runtime import Worker
from crossdock.streaming.serde import Serde
from crossdock.streaming.settings import WorkerSettings
from crossdock.streaming.signing import authorizer
from crossdock.streaming.surroundings import Surroundings, Tuning
from crossdock.streaming.telemetry import Telemetry, configure_logging, tracer_of
from crossdock.streaming.topology import Topology

_LIVE_S = 90.0
EXIT_CONFIGURATION = 2
EXIT_FENCED = 4


def run(topology: Topology, settings_type: type[WorkerSettings]) -> int:
    """Run a worker of the topology until SIGTERM or SIGINT; the exit code is returned.

    0 ended in good order, 2 the configuration cannot work (all problems on standard error),
    4 another worker took over this ordinal.
    """
    try:
        settings = settings_type()
    except ValidationError as error:
        problems = [f"{_variable(settings_type, e['loc'])}: {e['msg']}" for e in error.errors()]
        print(ConfigurationError(problems), file=sys.stderr)  # noqa: T201 - before logging is configured
        return EXIT_CONFIGURATION
    configure_logging(settings.log_level)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(stopping))
    log = structlog.get_logger().bind(group=topology.group, ordinal=settings.ordinal)
    try:
        _work(topology, settings, stopping)
    except ConfigurationError as error:
        log.error("configuration", problems=error.problems)
        return EXIT_CONFIGURATION
    except Fenced as error:
        log.error("fenced", detail=str(error))
        return EXIT_FENCED
    log.info("ended")
    return 0


def _work(topology: Topology, settings: WorkerSettings, stopping: threading.Event) -> None:
    registry = CollectorRegistry()
    telemetry = Telemetry(topology.group, registry, tracer_of(topology.group, settings.otlp_endpoint))
    turned_at = [time.monotonic()]
    server = serve(
        settings.health_host,
        settings.health_port,
        registry,
        lambda: time.monotonic() - turned_at[0] < _LIVE_S,
        lambda: telemetry.is_ready,
    )
    if settings.health_port_file is not None:
        settings.health_port_file.write_text(str(server.server_port))

    def until() -> bool:
        turned_at[0] = time.monotonic()
        return stopping.is_set()

    try:
        worker = _patiently(topology, settings, telemetry, stopping)
        if worker is not None:
            worker.run(until, stopping.wait)
    finally:
        server.shutdown()


def _patiently(
    topology: Topology, settings: WorkerSettings, telemetry: Telemetry, stopping: threading.Event
) -> Worker | None:
    """A worker, as soon as broker and registry can be reached; None when told to stop before."""
    while not stopping.is_set():
        try:
            return worker_of(topology, settings, telemetry)
        except Retryable as error:
            telemetry.trouble(error)
            stopping.wait(1.0)
    return None


def worker_of(topology: Topology, settings: WorkerSettings, telemetry: Telemetry) -> Worker:
    """A worker on Kafka. Raises ConfigurationError, Retryable."""
    return Worker(
        topology,
        KafkaBackend(
            settings, topology.group, settings.ordinal, session_timeout_ms=settings.session_timeout_ms
        ),
        Serde(RegistryClient(settings.registry_url)),
        Surroundings(
            now_us=lambda: time.time_ns() // 1_000,
            monotonic_s=time.monotonic,
            observer=telemetry,
            authorize=authorizer(settings.operator_key.get_secret_value()),
            tuning=Tuning(limits=settings.limits, record_seconds_max=settings.record_seconds_max),
            partition_of=partition_of,
            code_version=version("crossdock-streaming"),
        ),
    )


def _stop(stopping: threading.Event) -> None:
    if stopping.is_set():
        raise KeyboardInterrupt
    stopping.set()


def _variable(settings_type: type[WorkerSettings], location: tuple[int | str, ...]) -> str:
    prefix = settings_type.model_config.get("env_prefix") or ""
    return prefix + "__".join(str(part) for part in location).upper()
