"""Lengths that are capped; branches and parameters are ruff's (C901, PLR0913), whose `noqa` is their ratchet.

Invariant: what is measured is what a reader counts on the screen: the docstring is part of a function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.tidy.tree import Source

FUNCTION_LINES = 40
FILE_LINES = 400
TOPOLOGY_LINES = 120
DUNDER_MAIN_LINES = 15

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: Source) -> Iterator[tuple[str, Function]]:
    """Every function with its qualified name."""
    yield from _functions(source.tree, "")


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield prefix + child.name, child
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def lines_of(function: Function) -> int:
    """Lines from `def` to the end, without decorators: click's options are data, not logic."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def lines_of_code(source: Source) -> int:
    """Lines that hold code: without blank lines, comments and docstrings, which nobody should save on."""
    lone_texts: set[int] = set()
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lone_texts.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code = (line.strip() for number, line in enumerate(source.lines, 1) if number not in lone_texts)
    return sum(bool(line) and not line.startswith("#") for line in code)
