"""The intake on a real socket, on fakes: for requests that no well-behaved client sends.

Invariant: the server runs in its own thread and loop; the test speaks to it in raw bytes only.
"""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import orjson

from crossdock.ingest import service
from crossdock.ingest.server import Server, server
from crossdock.ingest.settings import IngestSettings
from crossdock.ingest.testing import Bench

PATIENCE_S = 10.0
"""How long a test waits for an answer before it fails; no test waits so long when all is well."""


@dataclass(frozen=True)
class RawAnswer:
    """What came back on the wire until the other side closed or the answer was whole."""

    received: bytes

    @property
    def statuses(self) -> list[int]:
        """Status of every answer on the connection, in order."""
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.received)]

    @property
    def code(self) -> str:
        """Code of the last problem document, empty where there is none."""
        _, _, body = self.received.rpartition(b"\r\n\r\n")
        return str(orjson.loads(body).get("code", "")) if body.startswith(b"{") else ""


@dataclass(frozen=True)
class IntakeServer:
    """A running server."""

    port: int
    bench: Bench

    def connect(self) -> socket.socket:
        """A new connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def talk(self, pieces: Sequence[bytes], *, is_half_closed: bool = False) -> RawAnswer:
        """Send the pieces on one connection and read until the server closes it or has answered."""
        with self.connect() as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
                if is_half_closed:
                    connection.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the server had heard enough; its answer may be there all the same
            return RawAnswer(read_answer(connection))


def read_answer(connection: socket.socket) -> bytes:
    """Everything until the end of the stream, or until one whole answer with a Content-Length."""
    received = b""
    while not _is_whole(received):
        try:
            piece = connection.recv(65_536)
        except ConnectionResetError:
            break
        if not piece:
            break
        received += piece
    return received


def _is_whole(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    if not found or b"connection: close" in head.lower():
        return False
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(lengths) and len(body) >= int(lengths[0].partition(b":")[2])


@contextmanager
def running(bench: Bench, settings: IngestSettings) -> Iterator[IntakeServer]:
    """The server until the block ends."""
    listener = service.listen("127.0.0.1", 0)
    web = server(bench.app(), settings)
    thread = threading.Thread(target=_serve, args=(web, listener))
    thread.start()
    try:
        yield IntakeServer(listener.getsockname()[1], bench)
    finally:
        web.should_exit = True
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def _serve(web: Server, listener: socket.socket) -> None:
    asyncio.run(web.serve(sockets=[listener]))
