"""The container files, as far as they can be judged without Docker: structure, pins, ports, settings."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from crossdock.cli.run_command import runnable_services
from crossdock.embedded.properties import LIMITS
from tests.tidy.tree import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("crossdock:")}
RUN = {name: service for name, service in OURS.items() if service["command"][0] == "run"}
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
KEYS = {
    *("image", "build", "command", "environment", "ports", "volumes", "depends_on", "healthcheck"),
    *("restart", "stop_grace_period", "read_only", "cap_drop", "security_opt", "tmpfs"),
}


def _instructions() -> list[tuple[str, str]]:
    text = re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE).replace("\\\n", " ")
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line]


def _settings(service: str) -> type[BaseSettings]:
    module = import_module(f"crossdock.{service.replace('-', '_')}.settings")
    (found,) = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseSettings) and value.__module__ == module.__name__
    ]
    return found


def test_every_service_of_the_stack_has_a_container() -> None:
    assert set(RUN) == set(runnable_services())
    for name, service in RUN.items():
        assert service["command"] == ["run", name]


def test_services_use_only_keys_of_the_compose_format() -> None:
    assert set(COMPOSE) <= {"name", "services", "volumes", "x-crossdock", "x-connection"}
    for service in SERVICES.values():
        assert set(service) <= KEYS


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned(name: str) -> None:
    assert re.fullmatch(r"[a-z/]+:\d+\.\d+\.\d+", SERVICES[name]["image"])


def test_kafka_is_the_version_that_is_tested() -> None:
    from crossdock.embedded.kafka import VERSION  # noqa: PLC0415 - the one thing needed of a large module

    assert SERVICES["kafka"]["image"] == f"apache/kafka:{VERSION}"


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_the_loopback_interface_only(name: str) -> None:
    for port in SERVICES[name].get("ports", ()):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


@pytest.mark.parametrize("name", RUN)
def test_environment_is_what_the_settings_know_and_accept(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = _settings(name)
    environment = {key: str(value) for key, value in RUN[name]["environment"].items()}
    values = {key: re.sub(r"\$\{\w+:-(\w*)\}", r"\1", value) for key, value in environment.items()}
    known = {f"CROSSDOCK_{field.upper()}" for field in kind.model_fields}
    shared = {"CROSSDOCK_OPERATOR_KEY"}  # one block for all; the registry and ingest need no key
    assert set(environment) - shared <= known
    for key, value in values.items():
        monkeypatch.setenv(key, value)
    settings = kind()
    for key, value in values.items():
        field = key.removeprefix("CROSSDOCK_").lower()
        if field in kind.model_fields and value and "key" not in field:
            assert str(getattr(settings, field)) == value


@pytest.mark.parametrize("name", RUN)
def test_service_listens_where_its_port_and_health_check_are(name: str) -> None:
    environment = RUN[name]["environment"]
    (port,) = [str(value) for key, value in environment.items() if key.endswith("_PORT")]
    (host,) = [value for key, value in environment.items() if key.endswith("_HOST")]
    assert host == "0.0.0.0"
    assert [published.rpartition(":")[2] for published in RUN[name]["ports"]] == [port]
    assert f"127.0.0.1:{port}/readyz" in RUN[name]["healthcheck"]["test"][-1]


def test_services_start_after_what_they_need() -> None:
    needs = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    assert needs["registry"] == {"kafka": {"condition": "service_healthy"}}
    assert needs["topics"] == {"registry": {"condition": "service_healthy"}}
    for name in set(RUN) - {"registry"}:
        assert needs[name] == {"topics": {"condition": "service_completed_successfully"}}
    for found in needs.values():
        assert set(found) <= {name for name, service in SERVICES.items()}


def test_broker_in_a_container_has_the_limits_of_the_embedded_one() -> None:
    environment = SERVICES["kafka"]["environment"]
    for name, value in LIMITS.items():
        assert str(environment[f"KAFKA_{name.upper().replace('.', '_')}"]) == value
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_named_volumes_are_declared_and_used() -> None:
    used = {
        volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())
    }
    assert used == set(COMPOSE["volumes"])


def test_containers_of_ours_have_no_rights_they_do_not_need() -> None:
    for service in OURS.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_image_is_built_in_stages_and_runs_as_an_ordinary_user() -> None:
    steps = _instructions()
    bases = [rest.split()[0] for kind, rest in steps if kind == "FROM"]
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.\d+-slim-[a-z]+", base) for base in bases)
    last = steps[[kind for kind, _ in steps].index("FROM", 1) :]
    assert ("USER", "10001") in last
    assert not [rest for kind, rest in last if kind == "RUN" and "pip" in rest]
    assert {kind for kind, _ in steps}.isdisjoint({"ADD", "VOLUME", "EXPOSE"})


def test_image_installs_only_what_is_locked() -> None:
    installs = [part for _, rest in _instructions() for part in rest.split("&&") if "pip install" in part]
    assert installs
    for command in installs:
        assert "--require-hashes" in command or "--no-deps" in command


def test_everything_that_is_copied_exists_and_is_let_in() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [
        part
        for kind, rest in _instructions()
        if kind == "COPY" and "--from" not in rest
        for part in rest.split()[:-1]
    ]
    assert copied
    for path in copied:
        assert (ROOT / path).exists()
        assert f"!{path}" in ignored
