"""`/livez`, `/readyz` and `/metrics` of a worker, on a thread beside it.

Invariant: `/livez` says that the loop turned lately, never that Kafka is reachable: restarting a worker
does not repair a broker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry, generate_latest

Probe = Callable[[], bool]


def serve(
    host: str, port: int, registry: CollectorRegistry, is_live: Probe, is_ready: Probe
) -> ThreadingHTTPServer:
    """Start the server; `server_port` tells where, `shutdown()` ends it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, generate_latest(registry), "text/plain; version=0.0.4")
            elif self.path in ("/livez", "/readyz"):
                is_good = is_live() if self.path == "/livez" else is_ready()
                self._answer(200 if is_good else 503, b"ok\n" if is_good else b"not yet\n", "text/plain")
            else:
                self._answer(404, b"try /livez, /readyz or /metrics\n", "text/plain")

        def _answer(self, status: int, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of http.server
            """Probes are not worth a line each."""

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
