"""Rows that belong together, as one object.

Invariant: every row stands in exactly one group; groups and their rows keep the order of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crossdock.canonical.models.mapping import MappingSection
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import children

ROWS: Final = "rows"
"""Member of a group that holds all its rows; the columns of the first stand beside it."""
LINE: Final = "@line"
"""Member of a row: its line in the file, from 1."""


def gathered(rows: Iterable[Node], columns: tuple[str, ...]) -> list[Node]:
    """One object per group of rows with equal values in these columns; without columns one per row."""
    groups: dict[object, list[Node]] = {}
    for number, row in enumerate(rows):
        name = tuple(_text(row, column) for column in columns) if columns else number
        groups.setdefault(name, []).append(row)
    return [{**group[0], ROWS: group} for group in groups.values()]


def head_columns(spec: MappingSection) -> list[str]:
    """Columns that fields of a whole document come from."""
    paths: dict[str, None] = {}
    for rule in spec.fields.values():
        paths |= dict.fromkeys([rule.path or "", *(rule.first_of or ()), *(rule.all_of or ())])
    names = (path.removeprefix("$.") for path in paths)
    return [name for name in names if name and "." not in name and "[" not in name]


def differing(group: Node, columns: Iterable[str]) -> list[str]:
    """Columns of which a later row states another value than the first row, which stands for all."""
    rows = children(group, ROWS)
    return [
        column
        for column in columns
        if any(_text(row, column) not in ("", _text(rows[0], column)) for row in rows[1:])
    ]


def _text(row: Node, column: str) -> str:
    return str(row.get(column) or "").strip()
