"""Topics as the broker has them: read, created, set.

Invariant: names are logical here; nothing is ever deleted and no partition is ever added.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.cimpl import NewTopic

from crossdock.cli.errors import EnvironmentTrouble
from crossdock.cli.kafka.log import CALL_SECONDS, KafkaLog
from crossdock.cli.topics_plan import FoundTopic, PlannedTopic

_LOOK_SECONDS = 0.05
_BROKERS_DEFAULT = -1
"""Replication factor that leaves the choice to the broker."""


class Topics:
    """Questions and changes that concern topics."""

    def __init__(self, log: KafkaLog) -> None:
        self._log = log
        self._topic = log.settings.topic

    @property
    def _admin(self) -> AdminClient:
        return self._log.admin

    def found(self, names: Sequence[str]) -> dict[str, FoundTopic]:
        """Those of the topics that exist, with all their settings."""
        metadata = self._log.ask(lambda: self._admin.list_topics(timeout=CALL_SECONDS))
        present = [name for name in names if self._topic(name) in metadata.topics]
        settings = self._settings(present)
        return {
            name: FoundTopic(len(metadata.topics[self._topic(name)].partitions), settings[name])
            for name in present
        }

    def _settings(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        resources = {name: ConfigResource(ConfigResource.Type.TOPIC, self._topic(name)) for name in names}
        asked = list(resources.values())
        futures = self._log.ask(lambda: self._admin.describe_configs(asked, request_timeout=CALL_SECONDS))
        answers = {name: self._log.ask(futures[resource].result) for name, resource in resources.items()}
        return {
            name: {entry.name: entry.value or "" for entry in answer.values()}
            for name, answer in answers.items()
        }

    def create(self, plan: Sequence[PlannedTopic]) -> None:
        """Create topics and wait until clients see them; one that exists meanwhile is left as it is."""
        if not plan:
            return
        wanted = [
            NewTopic(self._topic(one.name), one.partitions, _BROKERS_DEFAULT, config=dict(one.config))
            for one in plan
        ]
        futures = self._log.ask(
            lambda: self._admin.create_topics(
                wanted, operation_timeout=CALL_SECONDS, request_timeout=CALL_SECONDS
            )
        )
        for future in futures.values():
            try:
                self._log.ask(future.result)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise
        self._await_visible({self._topic(one.name) for one in plan})

    def _await_visible(self, names: set[str]) -> None:
        self._await(lambda: names <= set(self._admin.list_topics(timeout=CALL_SECONDS).topics))

    def _await(self, is_true: Callable[[], bool]) -> None:
        """Wait until brokers show what the controller has accepted."""
        deadline = time.monotonic() + CALL_SECONDS
        pause = threading.Event()
        while not self._log.ask(is_true):
            if time.monotonic() > deadline:
                raise EnvironmentTrouble("the broker does not show its new topics yet: run it again.")
            pause.wait(_LOOK_SECONDS)

    def set(self, topic: str, settings: dict[str, str]) -> None:
        """Set some settings of a topic and wait until they hold; others stay as they are."""
        entries = [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
            for name, value in settings.items()
        ]
        resource = ConfigResource(ConfigResource.Type.TOPIC, self._topic(topic), incremental_configs=entries)
        futures = self._log.ask(
            lambda: self._admin.incremental_alter_configs([resource], request_timeout=CALL_SECONDS)
        )
        self._log.ask(futures[resource].result)
        self._await(lambda: settings.items() <= self._settings([topic])[topic].items())
