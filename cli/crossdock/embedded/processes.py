"""Child processes of an embedded installation.

Invariant: a child runs in a session of its own, so a Ctrl-C at the terminal reaches only the parent, which
decides the order; it writes to a log file only; it dies with its parent (see `leash`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")


def spawn(
    command: Sequence[str | Path], log: Path, *, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a program on a leash, its output appended to `log`.

    Call it from a thread that lives as long as the child should: the kernel ends the child with that thread.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    program = [os.fspath(part) for part in command]
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *program],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes], deadline_seconds: float) -> bool:
    """Ask a child to end and wait; kill it after the deadline. True where it ended by itself."""
    if process.poll() is not None:
        return True
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(deadline_seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        return False
    return True


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a child and whatever it started, and wait."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log file; empty where there is none."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
