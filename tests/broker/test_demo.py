"""`crossdock demo` as a person runs it: a small morning, its verdict, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.waiting import wait_until

pytestmark = [pytest.mark.broker, pytest.mark.slow]
COMMAND = [
    sys.executable,
    "-c",
    "import sys; from crossdock.cli.main import run; sys.exit(run(sys.argv[1:]))",
]
_SECONDS = 240


class Demo:
    """A demo in a process of its own, with a directory of its own for temporary files."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        self._out = (directory / "out").open("w+")
        environment = {**os.environ, "TMPDIR": str(directory), "COLUMNS": "80", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [*COMMAND, "demo", *options], stdout=self._out, stderr=subprocess.STDOUT, env=environment
        )
        self.seen: set[int] = set()

    def printed(self) -> str:
        return (self.directory / "out").read_text(encoding="utf-8")

    def looks(self) -> str:
        """What was printed so far; remembers every process that it has started."""
        self.seen |= _descendants(self.process.pid)
        return self.printed()

    def left(self) -> list[str]:
        """Processes that go on running, and files that stayed."""
        running = [str(pid) for pid in sorted(self.seen & _parents().keys())]
        return running + [path.name for path in self.directory.iterdir() if path.name != "out"]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._out.close()


def _parents() -> dict[int, int]:
    """Every process and its parent."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, check=True, text=True).stdout
    return {int(pid): int(parent) for pid, parent in map(str.split, listed.splitlines())}


def _descendants(pid: int) -> set[int]:
    parents = _parents()
    found, before = {pid}, 0
    while len(found) > before:
        before = len(found)
        found |= {one for one, parent in parents.items() if parent in found}
    return found - {pid}


def test_a_small_morning_with_a_killed_worker_closes_its_accounts(tmp_path: Path) -> None:
    demo = Demo(tmp_path, "--orders", "200", "--kill", "--json")
    try:
        wait_until(lambda: demo.looks() is not None and demo.process.poll() is not None, seconds=_SECONDS)
        assert demo.process.returncode == 0, demo.printed()
        report = json.loads(demo.printed())
        assert report["holds"] is True
        assert {check["claim"]: check["detail"] for check in report["checks"] if not check["holds"]} == {}
        assert report["repair"]["done"] == report["repair"]["tried"] == report["repair"]["fixed"] > 0
        assert len(report["dead_letters"]) == report["broken"]["ways"] == 16
        assert all(figure["agrees"] for figure in report["figures"])
        assert len(demo.seen) >= 4
        assert demo.left() == []
    finally:
        demo.close()


def test_an_interrupted_demo_leaves_nothing(tmp_path: Path) -> None:
    demo = Demo(tmp_path, "--orders", "1000")
    try:
        wait_until(lambda: " sent · " in demo.looks(), lambda: _require_running(demo), seconds=_SECONDS)
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(60) == 130
        assert demo.printed().endswith("Interrupted.\n")
        assert demo.left() == []
    finally:
        demo.close()


def _require_running(demo: Demo) -> None:
    assert demo.process.poll() is None, demo.printed()
