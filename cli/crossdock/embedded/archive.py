"""The class archive that halves the start of the broker, made from what a first run loaded.

Invariant: an archive is used only with the very Java, class path and flags that it was made with; a run
that did not end cleanly leaves none.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crossdock.embedded.java import Java

_AHEAD_OF_TIME_CACHE = 25
"""From this Java on one flag records and writes the cache (JEP 514); before, a class-data archive."""


@dataclass(frozen=True, slots=True)
class ClassArchive:
    """One archive file and the flags that make or use it."""

    java: Java
    path: Path
    token: str

    @classmethod
    def of(cls, cache: Path, java: Java, classes: Sequence[Path], flags: Sequence[str]) -> ClassArchive:
        """The archive for this combination, whether it exists or not."""
        stat = java.path.stat()
        parts = [str(java.path), str(stat.st_size), str(stat.st_mtime_ns), *map(str, classes), *flags]
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
        return cls(java, cache / "archives" / f"kafka-{key}.archive", uuid.uuid4().hex[:8])

    @property
    def exists(self) -> bool:
        """Whether an earlier run has left it."""
        return self.path.exists()

    @property
    def fresh(self) -> Path:
        """Where a run writes it, until that run has ended well."""
        return self.path.with_suffix(f".{self.token}")

    def flags(self) -> list[str]:
        """JVM flags that use the archive, or that make one where there is none."""
        if self.exists:
            kind = "AOTCache" if self._is_ahead_of_time else "SharedArchiveFile"
            return [f"-XX:{kind}={self.path}"]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        kind = "AOTCacheOutput" if self._is_ahead_of_time else "ArchiveClassesAtExit"
        return [f"-XX:{kind}={self.fresh}"]

    def keep(self) -> None:
        """The run that made it ended well: from now on it is used."""
        if self.fresh.exists():
            self.fresh.replace(self.path)

    def discard(self) -> None:
        """The run that was to make it was killed: remove what it may have left."""
        for leftover in self.path.parent.glob(f"{self.fresh.name}*"):
            leftover.unlink(missing_ok=True)

    @property
    def _is_ahead_of_time(self) -> bool:
        return self.java.major >= _AHEAD_OF_TIME_CACHE
