"""Configuration of the one broker: `server.properties` and its logging.

Invariant: every listener is on the loopback interface, and data never expires because a group was idle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crossdock.embedded.ports import LOOPBACK

MESSAGE_BYTES_MAX: Final = 2 * 1024 * 1024
"""Largest record batch that the broker takes (R20)."""

OFFSETS_RETENTION_MINUTES: Final = 5_256_000
"""Ten years: positions of an idle group must not vanish, or a slot would stop (R8)."""

_FOR_ONE_NODE = {
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "default.replication.factor": "1",
    "num.partitions": "4",
    "auto.create.topics.enable": "false",
}
# Quick to notice members and brokers that went: what production wants slow, development wants at once.
_QUICK = {
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "group.consumer.min.session.timeout.ms": "1000",
    "group.consumer.min.heartbeat.interval.ms": "1000",
    "group.consumer.heartbeat.interval.ms": "1000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    "broker.heartbeat.interval.ms": "250",
    "broker.session.timeout.ms": "1500",
}
_SMALL = {
    "num.network.threads": "2",
    "num.io.threads": "4",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "log.segment.bytes": "67108864",
    "log.index.size.max.bytes": "1048576",
}
LIMITS: Final = {
    "message.max.bytes": str(MESSAGE_BYTES_MAX),
    "replica.fetch.max.bytes": str(MESSAGE_BYTES_MAX),
    "offsets.retention.minutes": str(OFFSETS_RETENTION_MINUTES),
}
"""What other parts rely on, wherever the broker runs."""

LOGGING: Final = """\
status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = ${sys:crossdock.log}
appender.file.filePattern = ${sys:crossdock.log}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
"""
"""log4j2 configuration; the file's name comes as the system property `crossdock.log`."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """The two ports of the broker, on the loopback interface.

    Args:
        client: where clients connect.
        controller: where the broker talks to its own controller.
    """

    client: int
    controller: int

    @property
    def bootstrap_servers(self) -> str:
        """Address for clients."""
        return f"{LOOPBACK}:{self.client}"


def server_properties(listeners: Listeners, logs: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """All broker settings; `extra` wins."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{listeners.controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{listeners.client},CONTROLLER://{LOOPBACK}:{listeners.controller}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{listeners.client}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(logs),
        **_FOR_ONE_NODE,
        **_QUICK,
        **_SMALL,
        **LIMITS,
        **extra,
    }


def render(properties: Mapping[str, str]) -> str:
    """Text of a Java properties file; backslashes are its only special character in our values."""
    return "".join(f"{name}={value}\n".replace("\\", "\\\\") for name, value in properties.items())
