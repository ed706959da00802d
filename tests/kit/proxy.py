"""A TCP proxy before a Kafka broker that swallows requests or answers of one kind (EndTxn, by default).

It rewrites the broker's port in answers, so clients keep coming through it. Invariant: everything that it
does not swallow passes unchanged and in order.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

END_TXN = 26
TXN_OFFSET_COMMIT = 28
_HOST = b"127.0.0.1"


@dataclass
class Proxy:
    """What it does now: `swallow` is empty, `requests` or `answers`; `seen` counts what was swallowed."""

    broker: tuple[str, int]
    api_key: int = END_TXN
    swallow: str = ""
    seen: int = 0
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _sockets: list[socket.socket] = field(default_factory=list)

    @property
    def bootstrap_servers(self) -> str:
        """Address for clients."""
        return f"127.0.0.1:{self._port}"

    @property
    def _port(self) -> int:
        return int(self._listener.getsockname()[1])

    def serve(self) -> None:
        """Accept connections until closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                upstream = socket.create_connection(self.broker)
                self._sockets += [client, upstream]
                swallowed: set[int] = set()
                for run in (self._requests, self._answers):
                    threading.Thread(target=run, args=(client, upstream, swallowed), daemon=True).start()

    def close(self) -> None:
        """Close every connection."""
        for one in [self._listener, *self._sockets]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _requests(self, client: socket.socket, upstream: socket.socket, swallowed: set[int]) -> None:
        for frame in _frames(client, upstream):
            api_key, _, correlation = struct.unpack(">hhi", frame[:8])
            is_chosen = api_key == self.api_key and bool(self.swallow)
            self.seen += is_chosen
            if is_chosen and self.swallow == "requests":
                continue
            if is_chosen:
                swallowed.add(correlation)
            _send(upstream, frame)

    def _answers(self, client: socket.socket, upstream: socket.socket, swallowed: set[int]) -> None:
        theirs = _HOST + struct.pack(">i", self.broker[1])
        ours = _HOST + struct.pack(">i", self._port)
        for frame in _frames(upstream, client):
            (correlation,) = struct.unpack(">i", frame[:4])
            if correlation in swallowed:
                swallowed.discard(correlation)
                continue
            _send(client, frame.replace(theirs, ours))


def _frames(source: socket.socket, other: socket.socket) -> Iterator[bytes]:
    """Length-prefixed frames; when the source ends, so does the other side."""
    with suppress(OSError):
        while (head := _exactly(source, 4)) and (body := _exactly(source, struct.unpack(">i", head)[0])):
            yield body
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)


def _exactly(source: socket.socket, size: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < size:
        piece = source.recv(size - len(pieces))
        if not piece:
            return b""
        pieces += piece
    return bytes(pieces)


def _send(target: socket.socket, frame: bytes) -> None:
    with suppress(OSError):
        target.sendall(struct.pack(">i", len(frame)) + frame)


@contextmanager
def proxy(bootstrap_servers: str) -> Iterator[Proxy]:
    """A proxy before a broker until the block ends."""
    host, _, port = bootstrap_servers.rpartition(":")
    running = Proxy((host, int(port)))
    threading.Thread(target=running.serve, daemon=True).start()
    try:
        yield running
    finally:
        running.close()
