"""Random histories of a small table, written down as each tool would capture them.

A history knows the rows that are left in the end; that is what its events must fold to.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.kit.cdc_events import envelope, lines

Row = dict[str, Any]
WORDS = {"c": ("INSERT", "insert"), "u": ("UPDATE", "update"), "d": ("DELETE", "delete")}


@dataclass(slots=True)
class Step:
    """One change of one row."""

    op: str
    before: Row | None
    after: Row | None


@dataclass(slots=True)
class History:
    """Changes in the order of the log, and the weights that are left by product."""

    steps: list[Step]
    left: dict[str, str]


@st.composite
def histories(draw: Any) -> History:
    """Up to 25 changes of up to six rows."""
    rows: dict[int, Row] = {}
    steps = []
    for _ in range(draw(st.integers(1, 25))):
        number = draw(st.integers(1, 6))
        before = rows.get(number)
        if before is not None and draw(st.integers(0, 3)) == 0:
            del rows[number]
            steps.append(Step("d", before, None))
            continue
        weight = f"{draw(st.integers(0, 10**12))}.{draw(st.integers(0, 999)):03}"
        after = {"id": number, "name": draw(st.sampled_from(("lamp", "", None, 'a "b"\\'))), "weight": weight}
        rows[number] = after
        steps.append(Step("c" if before is None else "u", before, after))
    return History(steps, {str(number): row["weight"] for number, row in rows.items()})


def of_debezium(history: History) -> bytes:
    """An envelope per change, with the record's key."""
    events = []
    for place, step in enumerate(history.steps):
        number = (step.after or step.before or {})["id"]
        event = envelope(step.op, "products", step.before, step.after, 1000 + place)
        events.append({"key": {"id": number}, "value": event})
    return lines(*events)


def _runs(history: History) -> Iterator[list[Step]]:
    """Neighbours with one kind of change: one statement changed several rows."""
    for _, run in itertools.groupby(history.steps, key=lambda step: step.op):
        yield list(run)


def _old(step: Step) -> Row:
    """The former values of what an update changed."""
    before, after = step.before or {}, step.after or {}
    return {name: value for name, value in before.items() if after[name] != value}


def _text(row: Row | None) -> Row:
    return {name: None if value is None else str(value) for name, value in (row or {}).items()}


def of_canal(history: History) -> bytes:
    """A message per statement, all values as text."""
    head = {"database": "inventory", "table": "products", "isDdl": False, "pkNames": ["id"]}
    messages = [
        head
        | {
            "type": WORDS[run[0].op][0],
            "data": [_text(step.after or step.before) for step in run],
            "old": [_text(_old(step)) for step in run] if run[0].op == "u" else None,
            "es": 1_789_373_515_000,
            "id": number,
        }
        for number, run in enumerate(_runs(history))
    ]
    return lines(*messages)


def of_maxwell(history: History) -> bytes:
    """An event per change, one transaction per statement."""
    head = {"database": "inventory", "table": "products", "ts": 1_789_373_515, "primary_key_columns": ["id"]}
    events = []
    for number, run in enumerate(_runs(history)):
        for place, step in enumerate(run):
            event = head | {
                "type": WORDS[step.op][1],
                "xid": 7000 + number,
                "data": step.after or step.before,
            }
            event |= {"commit": True} if place == len(run) - 1 else {"xoffset": place}
            events.append(event | ({"old": _old(step)} if step.op == "u" else {}))
    return lines(*events)
