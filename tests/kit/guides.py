"""Runs the console blocks of Markdown guides in one shell and compares what they print.

A block ```console holds `$ command` lines (`> ` continues one) and what each prints. In the expected text
`…` stands for anything within a line, a line `…` for any lines, and blanks are compared as one. Ids
(`plan-…`, eight and more hexadecimal digits) are learned where they first show and put into later commands.

Invariant: every command of a block runs, and must succeed unless the next one is `echo $?`.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 20.0
"""How long a command that only looks is repeated until it prints what the guide shows."""
SILENCE_S = 60.0
_MARK = "\x1e"
_ONLY_LOOKS = re.compile(
    r"crossdock (tail|audit|doctor|describe|dead-letters (list|groups|show)|groups (list|describe)|"
    r"partners (list|show)|topics (check|list)|"
    r"(dead-letters (retry|edit|discard)|groups resume)(?!.*--execute))\b|"
    r"curl -s \S+/(metrics|livez|readyz)\b|(ls|find|cat) "
)
_ID = re.compile(r"\b(?:plan|discard)-[0-9a-f]+\b|\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{8,}\b")


@dataclass(frozen=True)
class Step:
    """One command of a guide, with what it should print."""

    line: int
    command: str
    expected: tuple[str, ...]


def steps_of(text: str) -> list[Step]:
    """The commands of all console blocks, in order."""
    steps: list[Step] = []
    is_inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            is_inside = line == "```console"
        elif is_inside and line.startswith("$ "):
            steps.append(Step(number, line[2:], ()))
        elif is_inside and line.startswith("> ") and not steps[-1].expected:
            steps[-1] = Step(steps[-1].line, f"{steps[-1].command}\n{line[2:]}", ())
        elif is_inside:
            steps[-1] = Step(steps[-1].line, steps[-1].command, (*steps[-1].expected, line))
    return steps


def shell_lines(text: str) -> Iterator[tuple[int, str]]:
    """Commands of all other blocks of a shell: they are for reading, but must be right."""
    language = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            language = line[3:] if not language else ""
        elif language == "sh" and line.strip():
            yield number, line


def anchors(text: str) -> set[str]:
    """Anchors of the headings of a page, as renderers make them."""
    headings = [line.lstrip("#").strip().lower() for line in text.splitlines() if re.match("#+ ", line)]
    return {re.sub(r"[^\w -]", "", heading).replace(" ", "-") for heading in headings}


# ---- comparing -------------------------------------------------------------------------------------------


@dataclass
class Names:
    """What stands in a guide → what it is called in this run."""

    known: dict[str, str] = field(default_factory=dict)

    def into_run(self, text: str) -> str:
        """A command as it must be given here."""
        for written in sorted(self.known, key=len, reverse=True):
            text = text.replace(written, self.known[written])
        return text

    def into_guide(self, text: str) -> str:
        """An output as the guide would show it."""
        for written, here in self.known.items():
            text = text.replace(here, written)
        return text

    def learn(self, written: Sequence[str], here: Sequence[str]) -> None:
        """Take over the ids of a line; one that is known stays what it is."""
        for one, other in zip(written, here, strict=True):
            self.known.setdefault(one, other)


def difference(expected: tuple[str, ...], actual: list[str], names: Names) -> str:
    """The first expected line that is not there, or line that is not expected; empty where all is well."""
    place, may_skip = 0, False
    for line in expected:
        if line.strip() == "…":
            may_skip = True
            continue
        found = _find(line, actual, place, may_skip=may_skip)
        if found is None:
            return (
                f"expected: {line}\n  instead: {actual[place] if place < len(actual) else '(nothing more)'}"
            )
        names.learn(_ID.findall(line), found[1].groups())
        place, may_skip = found[0] + 1, False
    return "" if may_skip or place == len(actual) else f"not expected: {actual[place]}"


def _find(line: str, actual: list[str], place: int, *, may_skip: bool) -> tuple[int, re.Match[str]] | None:
    pattern = _pattern(line)
    last = len(actual) if may_skip else min(place + 1, len(actual))
    matches = ((number, pattern.fullmatch(_blanks(actual[number]))) for number in range(place, last))
    return next(((number, match) for number, match in matches if match), None)


def _pattern(line: str) -> re.Pattern[str]:
    """The line as it may be printed: `…` is anything, each id is a group."""
    parts = re.split(rf"({_ID.pattern}|…)", _blanks(line).replace(" …", "…"))
    escaped = [re.escape(text) for text in parts[::2]]
    joints = [".*" if joint == "…" else r"([\w-]+)" for joint in parts[1::2]]
    return re.compile("".join(text + joint for text, joint in zip(escaped, [*joints, ""], strict=True)))


def _blanks(line: str) -> str:
    return " ".join(line.split())


# ---- running ---------------------------------------------------------------------------------------------


class Shell:
    """One bash that all steps run in."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._code = 0

    def run(self, command: str) -> tuple[int, str]:
        """Exit code and output of a command; its standard input is empty."""
        script = self._folder / ".step"
        script.write_text(f"(exit {self._code})\n{command}\n")
        assert self._process.stdin is not None
        self._process.stdin.write(f'. ./.step </dev/null; printf "{_MARK}%d{_MARK}" $?\n'.encode())
        self._process.stdin.flush()
        output, _, code = self._read().rpartition(_MARK)[0].rpartition(_MARK)
        self._code = int(code)
        return self._code, output

    def environment(self) -> dict[str, str]:
        """What the steps so far have exported."""
        pairs = self.run("env -0")[1].split("\0")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _read(self) -> str:
        assert self._process.stdout is not None
        read = b""
        while read.count(_MARK.encode()) < 2:
            ready, _, _ = select.select([self._process.stdout], [], [], SILENCE_S)
            assert ready, f"no output for {SILENCE_S} s after: {read.decode(errors='replace')[-500:]}"
            part = os.read(self._process.stdout.fileno(), 65_536)
            assert part, f"the shell ended: {read.decode(errors='replace')[-500:]}"
            read += part
        return read.decode()


def play(step: Step, shell: Shell, names: Names, *, may_fail: bool = False) -> str:
    """What is wrong with a step, empty where nothing is; one that only looks is repeated for a while."""
    command = names.into_run(step.command)
    deadline = time.monotonic() + (PATIENCE_S if _ONLY_LOOKS.match(step.command) else 0)
    while True:
        code, output = shell.run(command)
        lines = [line.rstrip() for line in names.into_guide(output).splitlines() if line.strip()]
        wrong = difference(tuple(line for line in step.expected if line.strip()), lines, names)
        if code and not may_fail:
            wrong = f"exit code {code}; {wrong or output}"
        if not wrong or time.monotonic() > deadline:
            return f"$ {step.command}\n  {wrong}\n  printed:\n{output}" if wrong else ""
        select.select([], [], [], 0.2)
