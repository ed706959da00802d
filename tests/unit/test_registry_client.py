"""The registry client: one behaviour over HTTP and in memory, and what it does when servers fail."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crossdock.canonical.evolution import Level
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.backends.registry import (
    Registry,
    RegistryClient,
    RegistryUnavailable,
    SchemaRefused,
)
from crossdock.streaming.errors import Retryable
from tests.kit.registry_server import record, served_registry

ONE, TWO, BREAKING = record("id"), record("id", "name?"), record("id", "name")


@pytest.fixture(params=["http", "memory"])
def registry(request: pytest.FixtureRequest) -> Iterator[Registry]:
    if request.param == "memory":
        yield MemoryRegistry()
        return
    with served_registry() as url:
        yield RegistryClient(url)


def test_registry_keeps_versions_ids_and_levels(registry: Registry) -> None:
    assert registry.latest("a/b c-value") is None
    assert registry.level("a/b c-value") is None
    one = registry.register("a-value", ONE)
    assert registry.register("a-value", ONE) == one == registry.register("b-value", ONE)
    two = registry.register("a-value", TWO)
    assert two != one
    latest = registry.latest("a-value")
    assert latest is not None
    assert (latest.subject, latest.version, latest.id) == ("a-value", 2, two)
    assert json.loads(latest.schema) == json.loads(registry.schema(two)) == json.loads(TWO)
    registry.compatibility("a-value", "FULL_TRANSITIVE")
    assert registry.level("a-value") == "FULL_TRANSITIVE"


def test_incompatible_schema_is_refused_with_the_reason(registry: Registry) -> None:
    assert registry.check("a-value", BREAKING) == []
    registry.register("a-value", ONE)
    assert registry.check("a-value", TWO) == []
    assert any("name" in text for text in registry.check("a-value", BREAKING))
    with pytest.raises(SchemaRefused) as refused:
        registry.register("a-value", BREAKING)
    assert refused.value.code == 409
    registry.compatibility("a-value", "NONE")
    assert registry.check("a-value", BREAKING) == []


def test_unknown_id_is_a_key_error(registry: Registry) -> None:
    with pytest.raises(KeyError):
        registry.schema(99)


def test_unknown_level_is_refused(registry: Registry) -> None:
    with pytest.raises(SchemaRefused) as refused:
        registry.compatibility("a-value", "MOSTLY")
    assert refused.value.code == 42203


def test_default_level_can_be_chosen() -> None:
    registry = MemoryRegistry(Level.NONE)
    registry.register("a", ONE)
    assert registry.register("a", BREAKING) == 2


@dataclass
class Scripted:
    """An HTTP server that answers from a list and remembers what it was asked."""

    port: int = 0
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def scripted(*answers: tuple[int, bytes]) -> Iterator[Scripted]:
    script = Scripted(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script.asked.append((self.path, self.headers.get("Authorization")))
            status, body = script.answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


SCHEMA = (200, b'{"schema": "\\"string\\""}')
BUSY = (503, b"busy")


def test_schema_is_asked_for_once() -> None:
    with scripted(SCHEMA) as server:
        client = RegistryClient(server.url)
        assert [client.schema(7) for _ in range(3)] == ['"string"'] * 3
        assert len(server.asked) == 1


def test_busy_server_is_asked_again_after_growing_pauses() -> None:
    pauses: list[float] = []
    with scripted(BUSY, BUSY, SCHEMA) as server:
        assert RegistryClient(server.url, pause=pauses.append).schema(7) == '"string"'
    assert pauses == [0.1, 0.2]


def test_tries_are_bounded_and_the_error_is_the_worlds() -> None:
    pauses: list[float] = []
    with scripted(*[BUSY] * 3) as server, pytest.raises(RegistryUnavailable, match="503") as raised:
        RegistryClient(server.url, tries=3, pause=pauses.append).schema(7)
    assert isinstance(raised.value, Retryable)
    assert len(pauses) == 2


def test_answer_that_is_no_json_counts_as_no_answer() -> None:
    with scripted((200, b"<html>"), SCHEMA) as server:
        assert RegistryClient(server.url, pause=lambda _: None).schema(7) == '"string"'


def test_second_url_answers_when_the_first_is_down() -> None:
    with scripted(SCHEMA) as server:
        client = RegistryClient(f"http://127.0.0.1:1, {server.url}", tries=1)
        assert client.schema(7) == '"string"'


def test_credentials_of_the_url_are_sent_and_never_shown() -> None:
    with scripted((401, b'{"error_code": 40101, "message": "no"}'), BUSY) as server:
        url = f"http://buyer:s%40cret@127.0.0.1:{server.port}/registry/"
        client = RegistryClient(url, tries=1)
        with pytest.raises(SchemaRefused) as refused:
            client.subjects()
        with pytest.raises(RegistryUnavailable) as unavailable:
            client.subjects()
    assert server.asked[0] == ("/registry/subjects", "Basic " + base64.b64encode(b"buyer:s@cret").decode())
    assert "cret" not in str(refused.value) + str(unavailable.value)


@pytest.mark.parametrize("url", ["", " , ", "127.0.0.1:8081", "ftp://host", "http://"])
def test_url_that_cannot_work_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        RegistryClient(url)
