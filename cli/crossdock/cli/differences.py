"""Differences of two JSON documents, field by field.

Invariant: equal documents have none; each difference names one leaf by its path.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from crossdock.cli.output import printable


@dataclass(frozen=True)
class Difference:
    """A leaf that differs; `missing` marks a side that does not have it."""

    path: str
    before: object
    after: object


MISSING = "—"
"""Stands for a leaf that one side does not have."""


def differences(before: object, after: object) -> list[Difference]:
    """Leaves in which two documents differ, in the order of the documents."""
    old, new = dict(_leaves(before, "")), dict(_leaves(after, ""))
    paths = dict.fromkeys([*new, *old])
    pairs = ((path, old.get(path, MISSING), new.get(path, MISSING)) for path in paths)
    return [Difference(path, one, other) for path, one, other in pairs if one != other]


def _leaves(node: Any, path: str) -> Iterator[tuple[str, object]]:  # any JSON
    if isinstance(node, dict) and node:
        for name, value in node.items():
            yield from _leaves(value, f"{path}.{name}" if path else str(name))
    elif isinstance(node, list) and node:
        for number, value in enumerate(node):
            yield from _leaves(value, f"{path}[{number}]")
    elif path:
        yield path, node


def show_differences(found: list[Difference], indent: str = "  ") -> None:
    """Print them as `- old` and `+ new` lines, coloured at a terminal."""
    for one in found:
        if one.before != MISSING:
            click.secho(f"{indent}- {printable(one.path)}: {_text(one.before)}", fg="red")
        if one.after != MISSING:
            click.secho(f"{indent}+ {printable(one.path)}: {_text(one.after)}", fg="green")


def _text(value: object) -> str:
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
