"""Fetches the jars of Apache Kafka by locked coordinates and gives their class path.

Invariant: every jar on the class path has the SHA-256 of its line in `jars.lock`; nothing is resolved at
run time, so no other version and no unlisted jar can get in.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from crossdock.embedded.errors import JarMismatch, JarsUnavailable

Progress = Callable[[int, int], None]
"""Called with (jars ready, jars in total) while jars are being fetched; not where all are there."""

Fetch = Callable[["Jar", Path], Path]
"""Puts one jar somewhere below a directory and returns where; any exception means that it cannot."""

_THREADS = 8
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock: `set group artifact version classifier sha256`, `-` for no classifier."""

    purpose: str
    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    @property
    def name(self) -> str:
        """File name."""
        suffix = "" if self.classifier == "-" else f"-{self.classifier}"
        return f"{self.artifact}-{self.version}{suffix}.jar"


def read_lock(text: str) -> tuple[Jar, ...]:
    """Jars of a lock file, in its order. Raises ValueError naming the first malformed or doubled line."""
    jars: dict[str, Jar] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields or line.startswith("#"):
            continue
        if len(fields) != 6 or len(fields[5]) != 64 or not set(fields[5]) <= set("0123456789abcdef"):
            raise ValueError(f"line {number} is not `set group artifact version classifier sha256`")
        jar = Jar(*fields)
        if jar.name in jars:
            raise ValueError(f"line {number} locks {jar.name} a second time")
        jars[jar.name] = jar
    return tuple(jars.values())


def broker_jars() -> tuple[Jar, ...]:
    """The jars that a broker needs."""
    return read_lock(resources.files("crossdock.embedded").joinpath("jars.lock").read_text())


def fetch_with_jgo(jar: Jar, repository: Path) -> Path:
    """Download one jar as Maven lays it out below `repository`, or find it there already."""
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - optional and slow to import

    context = MavenContext(repo_cache=repository, resolver=PythonResolver(), timeout=60)
    classifier = {} if jar.classifier == "-" else {"classifier": jar.classifier}
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    return Path(component.artifact(**classifier).resolve())


def class_path(
    cache: Path,
    *,
    jars: tuple[Jar, ...] | None = None,
    progress: Progress | None = None,
    fetch: Fetch = fetch_with_jgo,
) -> list[Path]:
    """Verified jars in one directory below `cache`, fetching what is missing.

    Raises JarsUnavailable where a jar can neither be found nor fetched, JarMismatch where it is another.
    """
    wanted = broker_jars() if jars is None else jars
    directory = cache / "jars"
    directory.mkdir(parents=True, exist_ok=True)
    with _one_process_at_a_time(cache / "jars.busy"):
        return _Gathering(cache / "repository", directory, fetch, progress).run(wanted)


class _Gathering:
    """One pass over all jars; counts what is ready and what failed."""

    def __init__(self, repository: Path, directory: Path, fetch: Fetch, progress: Progress | None) -> None:
        self._repository = repository
        self._directory = directory
        self._fetch = fetch
        self._progress = progress or (lambda ready, total: None)
        self._is_fetching = False

    def run(self, jars: tuple[Jar, ...]) -> list[Path]:
        paths: list[Path] = []
        missing: dict[str, Exception] = {}
        with ThreadPoolExecutor(_THREADS) as pool:
            for jar, result in zip(jars, pool.map(self._attempt, jars), strict=True):
                if isinstance(result, JarMismatch):
                    raise result
                if isinstance(result, Exception):
                    missing[jar.name] = result
                    continue
                paths.append(result)
                if self._is_fetching:
                    self._progress(len(paths), len(jars))
        if missing:
            raise JarsUnavailable(list(missing), self._directory, _reason(next(iter(missing.values()))))
        return paths

    def _attempt(self, jar: Jar) -> Path | Exception:
        try:
            return self._ready(jar)
        except Exception as error:  # whatever a fetcher throws means the same: not there
            return error

    def _ready(self, jar: Jar) -> Path:
        target = self._directory / jar.name
        if target.exists() and _sha256(target) == jar.sha256:
            return target
        self._is_fetching = True
        source = self._verified(jar)
        _link(source, target)
        return target

    def _verified(self, jar: Jar) -> Path:
        source, found = self._fetched(jar)
        if found != jar.sha256:
            # A process that died while it downloaded leaves half a jar behind: once more from the start.
            source.unlink()
            source, found = self._fetched(jar)
        if found != jar.sha256:
            source.unlink()
            raise JarMismatch(jar.name, jar.sha256, found)
        return source

    def _fetched(self, jar: Jar) -> tuple[Path, str]:
        for attempt in range(_TRIES):
            try:
                path = self._fetch(jar, self._repository)
                return path, _sha256(path)
            except OSError:  # the network; requests' errors are OSErrors too
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("unreachable")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _link(source: Path, target: Path) -> None:
    # A new name and a rename: a running broker that has mapped the old file keeps it.
    fresh = target.with_suffix(f".{os.getpid()}")
    fresh.unlink(missing_ok=True)
    try:
        fresh.hardlink_to(source)
    except OSError:
        fresh.write_bytes(source.read_bytes())
    fresh.replace(target)


def _reason(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"the package {error.name} is not installed: pip install 'crossdock[embedded]'"
    return f"{type(error).__name__}: no connection" if isinstance(error, OSError) else type(error).__name__


@contextmanager
def _one_process_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
