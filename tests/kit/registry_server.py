"""The registry on a log in memory: its application called in process, or served over HTTP by a thread."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette

from crossdock.canonical.evolution import Level
from crossdock.registry.app import application
from crossdock.registry.catalog import Catalog
from crossdock.registry.log import MemoryLog
from crossdock.registry.service import Registry

Records = list[tuple[bytes, bytes | None]]


@dataclass(frozen=True)
class Reply:
    """Status, decoded body and content type of an answer."""

    status: int
    body: Any
    content_type: str


class RegistryCaller:
    """A registry in process: each call is one ASGI request on a loop that lives as long as the registry.

    Args:
        records: its log, in memory; a second registry may continue the first one's.
    """

    def __init__(self, runner: asyncio.Runner, records: Records | None = None, **options: Any) -> None:
        catalog = Catalog()
        self.log = MemoryLog(catalog, records)
        self.application = application(Registry(catalog, self.log, **options), self.log)
        self._runner = runner
        runner.run(self.log.start())

    def call(self, method: str, path: str, body: object = None) -> Reply:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self._runner.run(_request(self.application, method, path, content))

    def register(self, subject: str, *fields: str | dict[str, Any]) -> Reply:
        return self.call("POST", f"/subjects/{subject}/versions", {"schema": record(*fields)})


@contextmanager
def registry(records: Records | None = None, **options: Any) -> Iterator[RegistryCaller]:
    """A registry in process until the block ends."""
    with asyncio.Runner() as runner:
        yield RegistryCaller(runner, records, **options)


async def _request(app: Starlette, method: str, path: str, content: bytes) -> Reply:
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"registry"), (b"content-type", b"application/json")],
        "scheme": "http",
        "server": ("registry", 80),
        "client": ("client", 1),
    }
    sent: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    answer = b"".join(message.get("body", b"") for message in sent)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], json.loads(answer or b"null"), headers["content-type"])


def record(*fields: str | dict[str, Any], name: str = "Order") -> str:
    """Text of a record schema; a plain name is a required text field, `name?` an optional one."""
    rows = [_field(field) for field in fields]
    return json.dumps({"type": "record", "name": name, "namespace": "shop", "fields": rows})


def _field(field: str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(field, dict):
        return field
    if field.endswith("?"):
        return {"name": field[:-1], "type": ["null", "string"], "default": None}
    return {"name": field, "type": "string"}


@contextmanager
def served_registry(level: Level = Level.BACKWARD) -> Iterator[str]:
    """The URL of a registry that is served over HTTP until the block ends."""
    catalog = Catalog()
    log = MemoryLog(catalog)
    app = application(Registry(catalog, log, default=level), log)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
