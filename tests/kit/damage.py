"""Payloads with some places damaged: what a hostile or careless sender makes of a good one."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Step = str | int
JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**40, 1.5, 1e300, "", "x", "1.5", "-3", "1,234.50", "NaN", "1e400", "(5)"),
    *("\x00", "\ufffd", "JPY", "9" * 80, "0.0000001", "9999-12-31T23:59:59-14:00", "2026-13-01T00:00:00Z"),
    *("20260230", "+99:00", "12/31/2026 11:59:59 PM", [], {}, [[]], [{}], {"value": {}}),
)
"""What a place is replaced by."""


def _paths(node: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    if path:
        yield path
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _paths(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _paths(value, (*path, index))


def damaged_json(draw: Any, document: Any) -> bytes:
    """The document with one to four places replaced or removed, as JSON."""
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
            node[last] = copy.deepcopy(draw(st.sampled_from(JUNK)))
    return json.dumps(damaged, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def damaged_text(draw: Any, data: bytes) -> bytes:
    """The bytes with one to three slices removed, doubled or overwritten."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(len(data), start + draw(st.integers(1, 40)))
        piece = draw(st.sampled_from((b"", data[start:end] * 2, b"<x>", b"0", b"&#0;", b"</", b"\xff")))
        data = data[:start] + piece + data[end:]
    return data
