"""Service processes: kept alive, told apart, ended in time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crossdock.embedded import processes
from crossdock.embedded.child import Child, Recipe
from crossdock.embedded.errors import StartFailed
from crossdock.embedded.ports import free_port
from crossdock.embedded.settings import inherited_environment
from tests.kit.waiting import wait_until

SERVER = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def _child(tmp_path: Path, program: str) -> Child:
    (tmp_path / "service_under_test.py").write_text(program)
    port = free_port()
    environment = {**inherited_environment(), "PYTHONPATH": str(tmp_path), "PORT": str(port)}
    return Child(Recipe("service", "service_under_test", port, environment, tmp_path / "service.log"))


def _tended(child: Child) -> list[str]:
    happened: list[str] = []

    def tend() -> bool:
        text = child.tend()
        if text is not None:
            happened.append(text)
        return child.restarts > 0

    wait_until(tend)
    return happened


def test_killed_service_is_started_again_after_a_pause(tmp_path: Path) -> None:
    child = _child(tmp_path, SERVER)
    child.start()
    try:
        wait_until(child.is_ready, child.require_running)
        first = child.pid
        assert child.tend() is None
        child.kill()
        assert not child.is_ready()
        announced, restarted = _tended(child)
        assert "ended with -9" in announced
        assert "0.5 s" in announced
        assert "started again" in restarted
        wait_until(child.is_ready, child.require_running)
        assert child.pid not in (None, first)
    finally:
        assert child.stop(10)
    assert child.pid is None


def test_pause_grows_with_each_end(tmp_path: Path) -> None:
    child = _child(tmp_path, "raise SystemExit(1)")
    child.start()
    pauses: list[str] = []

    def tend() -> bool:
        text = child.tend()
        if text is not None and "ended with 1" in text:
            pauses.append(text.partition(" in ")[2].split()[0])
        return len(pauses) == 2

    wait_until(tend)
    assert pauses == ["0.5", "1"]
    child.stop(1)


def test_service_that_cannot_work_as_configured_is_not_started_again(tmp_path: Path) -> None:
    child = _child(tmp_path, "import sys; print('CROSSDOCK_PORT: not a number'); sys.exit(2)")
    child.start()
    wait_until(lambda: child.pid is None)
    with pytest.raises(StartFailed, match="CROSSDOCK_PORT: not a number"):
        child.tend()


def test_service_that_ignores_the_signal_is_killed_after_the_deadline(tmp_path: Path) -> None:
    program = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SERVER}"
    child = _child(tmp_path, program)
    child.start()
    wait_until(child.is_ready, child.require_running)
    assert not child.stop(0.2)
    assert child.pid is None


def test_log_keeps_what_earlier_processes_wrote(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for text in ("first", "second"):
        processes.spawn([sys.executable, "-c", f"print('{text}')"], log).wait(20)
    assert processes.tail(log) == "first\nsecond"
    assert processes.tail(log, 1) == "second"
    assert processes.tail(tmp_path / "none") == ""
