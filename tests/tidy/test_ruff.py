"""Ruff's configuration bites: branches, parameters, prints, naive times, docstrings, annotations."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.tidy.tree import ROOT

PRODUCT = "libs/formats/crossdock/formats/planted.py"
COMMAND = "cli/crossdock/cli/planted_command.py"
HEAD = '"""Planted."""\n\n'


def codes(path: str, text: str) -> set[str]:
    """Codes that ruff reports for a text that pretends to stand at a path."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--output-format=concise",
        "--stdin-filename",
        path,
        "-",
    ]
    done = subprocess.run(command, cwd=ROOT, input=HEAD + text, capture_output=True, text=True, check=False)
    return {line.split(": ")[1].split(" ")[0] for line in done.stdout.splitlines() if line.startswith(path)}


def function(parameters: str, body: str) -> str:
    return f'def planted({parameters}) -> None:\n    """Planted."""\n{body}'


@pytest.mark.parametrize(
    ("code", "path", "text"),
    [
        ("C901", PRODUCT, function("a: int", "    if a:\n        a += 1\n" * 8)),
        ("PLR0913", PRODUCT, function("a: int, b: int, c: int, d: int, e: int, f: int", "    return\n")),
        ("T201", PRODUCT, function("", "    print(1)\n")),
        ("DTZ005", PRODUCT, "from datetime import datetime\n\nNOW = datetime.now()\n"),
        ("D103", PRODUCT, "def planted() -> None:\n    return\n"),
        ("ANN201", PRODUCT, 'def planted():\n    """Planted."""\n'),
        ("RUF100", PRODUCT, "X = 1  # noqa: C901 - not needed\n"),
        ("E501", PRODUCT, f"# {'x' * 120}\n"),
    ],
)
def test_offender_is_reported(code: str, path: str, text: str) -> None:
    assert code in codes(path, text)


def test_seven_branches_and_five_parameters_pass() -> None:
    assert (
        codes(PRODUCT, function("a: int, b: int, c: int, d: int, e: int", "    if a:\n        a += 1\n" * 7))
        == set()
    )


def test_commands_take_as_many_options_as_they_have() -> None:
    assert (
        codes(COMMAND, function("*, a: int, b: int, c: int, d: int, e: int, f: int", "    return\n")) == set()
    )
