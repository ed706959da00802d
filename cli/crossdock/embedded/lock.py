"""One owner per data directory.

Invariant: the lock is the kernel's (`flock`) and vanishes with its holder; the text in the file is for
people and for other commands that look for the running installation.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import IO

from crossdock.embedded.errors import AlreadyRunning


class DirectoryLock:
    """Exclusive use of a directory, from `acquire` to `release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take it. Raises AlreadyRunning, naming the process that holds it."""
        if self._file is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = _pid(self._path)
            file.close()
            raise AlreadyRunning(self._path.parent, pid) from None
        self._file = file
        self.describe({})

    def describe(self, facts: dict[str, object]) -> None:
        """Write what runs here, beside the holder's process id."""
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(json.dumps({"pid": os.getpid(), **facts}))
            self._file.flush()

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None


def description(path: Path) -> dict[str, object] | None:
    """What the holder of the lock file wrote; None where nobody holds it."""
    try:
        file = path.open("r+")
    except OSError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return _read(path)
    return None


def _read(path: Path) -> dict[str, object] | None:
    try:
        facts = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) else None


def _pid(path: Path) -> int | None:
    pid = (_read(path) or {}).get("pid")
    return pid if isinstance(pid, int) else None
