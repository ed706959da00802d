"""One service process of a stack: started, watched, restarted after a pause that grows.

Invariant: a process that ends because its configuration cannot work is not started again: it would end
the same way.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crossdock.embedded import processes
from crossdock.embedded.errors import StartFailed
from crossdock.embedded.ports import LOOPBACK

EXIT_CONFIGURATION: Final = 2
"""Exit code of every service whose settings are wrong."""

_PAUSE_SECONDS_MIN, _PAUSE_SECONDS_MAX = 0.5, 30.0
_STABLE_SECONDS = 60.0
"""After so long without ending, a process counts as healthy again and its pause starts anew."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to run one process.

    Args:
        label: its name among the others, for example `normalize-1`.
        module: what `python -m` runs.
        port: where it answers /readyz.
        environment: the whole environment.
        log: file that its output goes to.
    """

    label: str
    module: str
    port: int
    environment: Mapping[str, str]
    log: Path


class Child:
    """A process made by a recipe; every method is called from one thread."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = _PAUSE_SECONDS_MIN
        self._started_at = 0.0
        self._due_at: float | None = None

    @property
    def pid(self) -> int | None:
        """Process id; None while it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.recipe.port}"

    def start(self) -> None:
        """Start the process; it is not ready yet."""
        command = [sys.executable, "-m", self.recipe.module]
        self._process = processes.spawn(command, self.recipe.log, environment=self.recipe.environment)
        self._started_at = time.monotonic()
        self._due_at = None

    def is_ready(self) -> bool:
        """Whether /readyz answers 200 now."""
        connection = http.client.HTTPConnection(LOOPBACK, self.recipe.port, timeout=2.0)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def require_running(self) -> None:
        """Raises StartFailed, with the end of its log, where the process has ended."""
        if self.pid is None:
            raise self.not_ready()

    def not_ready(self) -> StartFailed:
        """What to raise when waiting for it is over."""
        return StartFailed(self.recipe.label, self.recipe.log, processes.tail(self.recipe.log))

    def tend(self) -> str | None:
        """Start it again where it ended and its pause is over; what happened, in words.

        Raises StartFailed where it ended with `EXIT_CONFIGURATION`.
        """
        if self._process is None or self._process.poll() is None:
            return None
        now = time.monotonic()
        if self._due_at is None:
            return self._plan_restart(now, self._process.returncode)
        if now < self._due_at:
            return None
        self.restarts += 1
        self.start()
        return f"{self.recipe.label} was started again"

    def _plan_restart(self, now: float, code: int) -> str:
        if code == EXIT_CONFIGURATION:
            self.require_running()
        if now - self._started_at > _STABLE_SECONDS:
            self._pause = _PAUSE_SECONDS_MIN
        self._due_at = now + self._pause
        text = f"{self.recipe.label} ended with {code}; it is started again in {self._pause:g} s"
        self._pause = min(self._pause * 2, _PAUSE_SECONDS_MAX)
        return f"{text} (log: {self.recipe.log})"

    def stop(self, deadline_seconds: float) -> bool:
        """SIGTERM, then SIGKILL after the deadline. True where it ended by itself."""
        process, self._process = self._process, None
        return process is None or processes.end(process, deadline_seconds)

    def kill(self) -> None:
        """SIGKILL; `tend` starts it again, as after any other end."""
        if self._process is not None:
            processes.kill(self._process)
