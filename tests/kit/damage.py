"""Payloads with some places damaged: what a hostile or careless sender makes of a good one."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from crossdock.canonical.schemas import schema_root

Step = str | int
Seed = tuple[str, Any]
"""A format's name and one of its example documents."""
JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**40, 1.5, 1e300, "", "x", "1.5", "-3", "1,234.50", "NaN", "1e400", "(5)"),
    *("\x00", "\ufffd", "JPY", "9" * 80, "0.0000001", "9999-12-31T23:59:59-14:00", "2026-13-01T00:00:00Z"),
    *("20260230", "+99:00", "12/31/2026 11:59:59 PM", [], {}, [[]], [{}], {"value": {}}),
)
"""What a place is replaced by."""


_ANYTHING = st.one_of(
    st.sampled_from(JUNK),
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
)


def json_seeds(*formats: str) -> list[Seed]:
    """The JSON examples of these formats."""
    root: Path = schema_root() / "examples" / "raw"
    return [
        (path.parent.name, json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(root.glob("*/*.json"))
        if path.parent.name in formats
    ]


@st.composite
def damaged(draw: Any, seeds: Sequence[Seed]) -> tuple[str, bytes]:
    """A format's name, and an example of it with one to four places changed to anything."""
    name, seed = draw(st.sampled_from(seeds))
    return name, damaged_json(draw, seed, _ANYTHING)


def _paths(node: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    if path:
        yield path
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _paths(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _paths(value, (*path, index))


def damaged_json(draw: Any, document: Any, junk: st.SearchStrategy[Any] | None = None) -> bytes:
    """The document with one to four places removed or replaced by `junk` (else by one of JUNK), as JSON."""
    damaged = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 4))):
        places = list(_paths(damaged))
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        node: Any = damaged
        for step in way:
            node = node[step]
        if draw(st.integers(0, 4)) == 0:
            del node[last]
        else:
            node[last] = copy.deepcopy(draw(st.sampled_from(JUNK) if junk is None else junk))
    return json.dumps(damaged, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def damaged_text(draw: Any, data: bytes) -> bytes:
    """The bytes with one to three slices removed, doubled or overwritten."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(len(data), start + draw(st.integers(1, 40)))
        piece = draw(st.sampled_from((b"", data[start:end] * 2, b"<x>", b"0", b"&#0;", b"</", b"\xff")))
        data = data[:start] + piece + data[end:]
    return data
