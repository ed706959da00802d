"""The embedded stack: in order up, kept alive, in order down, nothing left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.embedded.errors import AlreadyRunning, StartFailed
from crossdock.embedded.kafka import EmbeddedKafka
from crossdock.embedded.settings import inherited_environment
from crossdock.embedded.stack import Stack, running_stack
from crossdock.streaming.backends.settings import KafkaSettings
from tests.kit.waiting import wait_until

pytestmark = pytest.mark.broker


def _pids(facts: dict[str, object]) -> list[int]:
    processes = facts["processes"]
    assert isinstance(processes, list)
    return [int(process["pid"]) for process in processes]


def _runs(pid: int) -> bool:
    run = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return run.stdout.strip()[:1] not in ("", "Z")


def test_stack_starts_in_order_keeps_services_alive_and_leaves_nothing(tmp_path: Path) -> None:
    prepared: list[KafkaSettings] = []
    said: list[str] = []
    stack = Stack(tmp_path, prepared.append, services=(), ports={}, say=said.append)
    with stack:
        assert [settings.registry_url for settings in prepared] == [stack.url("registry")]
        facts = running_stack(tmp_path)
        assert facts is not None
        assert [process.name for process in stack.processes()] == ["kafka", "registry"]
        with pytest.raises(AlreadyRunning):
            Stack(tmp_path, prepared.append, services=(), ports={}).start()
        (registry,) = stack.children
        registry.kill()
        wait_until(lambda: registry.restarts == 1 and registry.is_ready(), stack.tend)
        assert any("registry ended with -9" in line for line in said)
        stack.kafka.kill()
        stack.tend()
        assert stack.kafka.pid is not None
        pids = _pids(stack.facts())
    assert not any(map(_runs, pids))
    assert running_stack(tmp_path) is None


def test_stack_that_cannot_start_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    stack = Stack(
        tmp_path,
        lambda _: None,
        services=(),
        ports={},
        environment={"CROSSDOCK_REGISTRY_COMPATIBILITY": "MOSTLY"},
    )
    with pytest.raises(StartFailed, match="CROSSDOCK_REGISTRY_COMPATIBILITY: Input should be"):
        stack.start()
    assert stack.kafka.pid is None
    assert running_stack(tmp_path) is None


def test_kafka_and_registry_that_run_elsewhere_are_used(
    kafka: EmbeddedKafka, registry: str, tmp_path: Path
) -> None:
    both = KafkaSettings(bootstrap_servers=kafka.bootstrap_servers, registry_url=registry, namespace="else")
    prepared: list[KafkaSettings] = []
    with Stack(tmp_path, prepared.append, elsewhere=both, services=(), ports={}) as stack:
        assert stack.processes() == []
        assert stack.environment["CROSSDOCK_REGISTRY_URL"] == registry
    only_kafka = KafkaSettings(bootstrap_servers=kafka.bootstrap_servers, namespace="alone")
    with Stack(tmp_path, prepared.append, elsewhere=only_kafka, services=(), ports={}) as stack:
        assert [process.name for process in stack.processes()] == ["registry"]
        stack.tend()
    assert [one.bootstrap_servers for one in prepared] == [kafka.bootstrap_servers] * 2
    assert [one.namespace for one in prepared] == ["else", "alone"]
    assert not (tmp_path / "kafka").exists()


def test_interrupt_drains_the_whole_stack_of_the_command(tmp_path: Path) -> None:
    program = "import sys; from crossdock.cli.main import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "up", "--json", "--free-ports", "--data-dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=inherited_environment())
    try:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        names = [row["name"] for row in facts["processes"]]
        assert names == ["kafka", "registry", "normalize", "ingest"]
        assert all(map(_runs, _pids(facts)))
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()
    assert not any(map(_runs, _pids(facts)))
