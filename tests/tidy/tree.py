"""The tracked files of the repository, as the tidy rules see them.

Invariant: a rule sees exactly what a clone holds, so nothing that is ignored by git can fail it.
"""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
CODE_ROOTS = ("libs", "services", "cli", "testbed")
"""Where product code lives."""


@dataclass(frozen=True)
class Source:
    """One file: its path from the root of the repository and its text."""

    path: str
    text: str

    @property
    def pure_path(self) -> PurePosixPath:
        return PurePosixPath(self.path)

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    @property
    def is_product(self) -> bool:
        return self.is_python and self.path.split("/")[0] in CODE_ROOTS

    @property
    def is_test(self) -> bool:
        return self.is_python and self.path.startswith("tests/")

    @property
    def module(self) -> tuple[str, ...]:
        """Dotted parts from `crossdock` on; empty outside the namespace."""
        parts = self.pure_path.with_suffix("").parts
        return parts[parts.index("crossdock") :] if "crossdock" in parts else ()

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)


@cache
def tracked_paths() -> tuple[str, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    return tuple(sorted(path for path in listed.split("\0") if path and (ROOT / path).is_file()))


@cache
def sources() -> tuple[Source, ...]:
    """Every tracked text file; files that are not UTF-8 are samples of bad encodings and left out."""
    found = []
    for path in tracked_paths():
        try:
            found.append(Source(path, (ROOT / path).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return tuple(found)
