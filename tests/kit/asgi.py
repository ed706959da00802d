"""Calls an ASGI application without a server: a request in, the whole answer out.

Invariant: the application sees the very bytes and chunks that the test gives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.applications import Starlette

Chunk = bytes | Callable[[], Awaitable[None]] | None
"""Bytes of the body, something to wait for before the next, or None for a client that goes away."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        """Code of a problem document, empty for others."""
        is_problem = self.headers.get("content-type") == "application/problem+json"
        return str(self.json["code"]) if is_problem else ""


@dataclass(frozen=True)
class Call:
    """One request."""

    path: str
    chunks: Sequence[Chunk] = (b"",)
    headers: Sequence[tuple[str, str]] = ()
    method: str = "POST"

    async def to(self, app: Starlette) -> Answer:
        """Send it and wait for the answer."""
        pending = list(self.chunks)
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            while pending:
                chunk = pending.pop(0)
                if chunk is None:
                    break
                if isinstance(chunk, bytes):
                    return {"type": "http.request", "body": chunk, "more_body": bool(pending)}
                await chunk()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(self._scope(), receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        body = b"".join(message.get("body", b"") for message in sent if message is not start)
        return Answer(start["status"], headers, body)

    def _scope(self) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }


def answer(app: Starlette, call: Call) -> Answer:
    """The answer to one request."""
    return asyncio.run(call.to(app))


def post(app: Starlette, path: str, body: bytes, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """The answer to a POST whose body comes in one piece."""
    stated = [("Content-Length", str(len(body))), *headers]
    return answer(app, Call(path, (body,), stated))


def get(app: Starlette, path: str) -> Answer:
    """The answer to a GET."""
    return answer(app, Call(path, method="GET"))
