"""Damaged documents: examples with some of their places changed at random.

Invariant: the damage is drawn by hypothesis alone, so that a failing document shrinks.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from crossdock.canonical.schemas import schema_root

Seed = tuple[str, Any]
"""A format's name and one of its example documents."""
Step = str | int
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        (
            *("1.5", "-3", "1,234.50", "NaN", "1e400", "(5)", "\x00", "\ufffd", "JPY", "9" * 80, "0.0000001"),
            *("9999-12-31T23:59:59-14:00", "2026-13-01T00:00:00Z", [], {}, [[]], [{}]),
            {"shop_money": {"amount": "1"}},
        )
    ),
)


def json_seeds(*formats: str) -> list[Seed]:
    """The JSON examples of these formats."""
    root: Path = schema_root() / "examples" / "raw"
    return [
        (path.parent.name, json.loads(path.read_text(encoding="utf-8")))
        for path in sorted(root.glob("*/*.json"))
        if path.parent.name in formats
    ]


def paths(node: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Every place below a node."""
    if path:
        yield path
    if isinstance(node, dict):
        for name, value in node.items():
            yield from paths(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from paths(value, (*path, index))


@st.composite
def damaged(draw: Any, seeds: Sequence[Seed]) -> tuple[str, bytes]:
    """A format's name, and an example of it with one to four places changed."""
    name, seed = draw(st.sampled_from(seeds))
    document = copy.deepcopy(seed)
    for _ in range(draw(st.integers(1, 4))):
        places = list(paths(document))
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        node = document
        for step in way:
            node = node[step]
        if draw(st.integers(0, 4)) == 0:
            del node[last]
        else:
            node[last] = copy.deepcopy(draw(JUNK))
    return name, json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
