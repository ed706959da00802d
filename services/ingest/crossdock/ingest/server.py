"""uvicorn with deadlines for slow clients, problem documents for malformed HTTP, and our own signals.

Invariant: a connection that does not deliver a request's head, or does not stop sending after its answer,
is closed after the deadline, however slowly it drips; bodies have their own deadline in the intake.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from crossdock.ingest.problems import PROBLEM_CONTENT_TYPE, ProblemCode, Refused
from crossdock.ingest.settings import IngestSettings

_HEAD_BYTES_MAX: Final = 32 * 1024
_KEEP_ALIVE_S: Final = 75
"""Longer than the 60 s of common proxies, so that they, not we, close idle connections."""


def _closing_answer(refused: Refused, reason: str) -> bytes:
    body = refused.document()
    fields = {"content-type": PROBLEM_CONTENT_TYPE, "content-length": str(len(body)), "connection": "close"}
    lines = [f"{name}: {value}" for name, value in (fields | refused.headers()).items()]
    return "\r\n".join([f"HTTP/1.1 {refused.status} {reason}", *lines, "", ""]).encode() + body


_MALFORMED: Final = _closing_answer(
    Refused(ProblemCode.REQUEST_MALFORMED, "The request is not valid HTTP/1.1."), "Bad Request"
)
_CROWDED: Final = _closing_answer(
    Refused(ProblemCode.OVERLOADED, "Too many connections are open.", retry_after_s=1), "Service Unavailable"
)


class DeadlineProtocol(H11Protocol):
    """One connection; subclasses made by `protocol` set the deadline."""

    head_timeout_s: float = 10.0
    connections_max: int = 2_000
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the deadline for the first head."""
        super().connection_made(cast(asyncio.Transport, transport))  # uvicorn serves streams only
        if len(self.connections) > self.connections_max:
            self.transport.write(_CROWDED)
            self.transport.close()
        self._deadline = self.loop.call_later(self.head_timeout_s, self.transport.close)

    def data_received(self, data: bytes) -> None:
        """Take bytes in, and note whether the client still owes us something."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Go on to the next request, whose head has its own deadline."""
        super().on_response_complete()
        self._cancel()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP with a problem document."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # else an answer is on its way
            self.transport.write(_MALFORMED)
        self.transport.close()

    def _watch(self) -> None:
        theirs, ours = self.conn.their_state, self.conn.our_state
        is_owing_head = theirs is h11.IDLE and bool(self.conn.trailing_data[0])
        is_owing = is_owing_head or (theirs is h11.SEND_BODY and ours is h11.DONE)
        if not is_owing:
            self._cancel()
        elif self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(self.head_timeout_s, self.transport.close)

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def protocol(settings: IngestSettings) -> type[DeadlineProtocol]:
    """The protocol class with these limits; uvicorn makes the instances."""
    limits = {
        "head_timeout_s": settings.ingest_header_timeout_s,
        "connections_max": settings.ingest_connections_max,
    }
    return type("ConfiguredProtocol", (DeadlineProtocol,), limits)


class Server(uvicorn.Server):
    """uvicorn without its signal handlers: the service decides when to drain."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    @property
    def port(self) -> int:
        """The port that is listened on; only while started."""
        return int(self.servers[0].sockets[0].getsockname()[1])


def server(app: Starlette, settings: IngestSettings) -> Server:
    """A server that has not started."""
    return Server(
        uvicorn.Config(
            app,
            host=settings.ingest_host,
            port=settings.ingest_port,
            http=protocol(settings),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=int(settings.ingest_drain_timeout_s) or 1,
            h11_max_incomplete_event_size=_HEAD_BYTES_MAX,
        )
    )
