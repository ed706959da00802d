"""Fixtures that all tests share: one real Kafka and one registry on it, started when first asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from crossdock.embedded.child import Child, Recipe
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.embedded.ports import free_port
from crossdock.embedded.settings import inherited_environment
from tests.kit.waiting import wait_until


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A running broker; tests keep apart by namespaces of their own. A test that kills it starts it again."""
    directory = tmp_path_factory.mktemp("kafka")
    with EmbeddedKafka(directory) as running:
        yield running
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def registry(kafka: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of the registry service, a process of its own on the broker."""
    child = registry_child(kafka, tmp_path_factory)
    child.start()
    try:
        wait_until(child.is_ready, child.require_running)
        yield child.url
    finally:
        child.stop(10)


def registry_child(
    kafka: EmbeddedKafka, tmp_path_factory: pytest.TempPathFactory, namespace: str = ""
) -> Child:
    """The registry as a process that is not started yet."""
    port = free_port()
    environment = {
        **inherited_environment(),
        "CROSSDOCK_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "CROSSDOCK_NAMESPACE": namespace,
        "CROSSDOCK_REGISTRY_PORT": str(port),
    }
    log = tmp_path_factory.mktemp("registry") / "registry.log"
    return Child(Recipe("registry", "crossdock.registry", port, environment, log))
