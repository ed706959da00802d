"""Folding the changes of a table gives the table: the proof that no row is lost, doubled or mixed up."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical.models import Entity, Product
from tests.kit.cdc_events import TUTORIAL, entities_of, envelope, lines
from tests.kit.cdc_histories import History, histories, of_canal, of_debezium, of_maxwell

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
SNAPSHOT = 34_078_720


def folded(entities: Iterable[Entity]) -> dict[str, str]:
    """Weight of each product that is left, by the highest revision of each key."""
    latest: dict[str, Entity] = {}
    for one in entities:
        if one.key not in latest or latest[one.key].revision.value < one.revision.value:
            latest[one.key] = one
    return {
        one.sku: next(field.value for field in one.extensions if field.name == "weight")
        for one in latest.values()
        if isinstance(one, Product) and one.status != "deleted"
    }


def row(number: int, weight: str) -> dict[str, object]:
    return {"id": number, "name": f"thing {number}", "description": "of a shelf", "weight": weight}


def sequence() -> list[dict[str, object]]:
    """9 snapshot rows, 2 inserts, 4 updates, 1 delete: as samples of connectors have them."""
    events = [
        envelope("r", "products", None, row(number, f"{number}.25"), SNAPSHOT, snapshot="true")
        for number in range(101, 110)
    ]
    changes = [
        ("u", (106, "106.25"), (106, "1.0")),
        ("u", (107, "107.25"), (107, "5.1")),
        ("c", None, (110, "0.2")),
        ("c", None, (111, "5.18")),
        ("u", (110, "0.2"), (110, "0.5")),
        ("u", (111, "5.18"), (111, "5.17")),
        ("d", (111, "5.17"), None),
    ]
    for step, (op, before, after) in enumerate(changes):
        rows = [None if one is None else row(*one) for one in (before, after)]
        events.append(envelope(op, "products", rows[0], rows[1], SNAPSHOT + 100 * (step + 1)))
    return events


EXPECTED = {str(number): f"{number}.25" for number in range(101, 110)} | {
    "106": "1.0",
    "107": "5.1",
    "110": "0.5",
}


def test_sixteen_events_leave_ten_rows() -> None:
    events = sequence()
    assert [event["op"] for event in events] == [*"rrrrrrrrruuccuud"]
    found = entities_of(lines(*events), TUTORIAL)
    assert len(found) == 16
    assert folded(found) == EXPECTED
    assert sorted(EXPECTED) == [str(number) for number in range(101, 111)]


@QUICK
@given(st.permutations(range(9, 16)), st.lists(st.integers(0, 15), max_size=10))
def test_any_order_with_redelivery_leaves_the_same_rows(order: list[int], again: list[int]) -> None:
    found = entities_of(lines(*sequence()), TUTORIAL)
    delivered = [*range(9), *order, *again]
    assert folded(found[number] for number in delivered) == EXPECTED


@pytest.mark.parametrize(
    ("form", "written"), [("debezium", of_debezium), ("canal", of_canal), ("maxwell", of_maxwell)]
)
@QUICK
@given(history=histories(), seed=st.randoms(use_true_random=False))
def test_any_history_in_any_order_leaves_its_rows(
    form: str, written: Callable[[History], bytes], history: History, seed: random.Random
) -> None:
    found = entities_of(written(history), TUTORIAL, form)
    delivered = found + found
    seed.shuffle(delivered)
    assert folded(delivered) == history.left


def test_canal_and_maxwell_leave_the_same_rows() -> None:
    head = {"database": "inventory", "table": "products"}
    canal = {"isDdl": False, "pkNames": ["id"], "old": None} | head
    snapshot = [
        {name: str(value) for name, value in row(number, f"{number}.25").items()}
        for number in range(101, 110)
    ]
    messages: list[dict[str, object]] = [canal | {"type": "INSERT", "data": snapshot, "es": 1000, "id": 1}]
    single: list[dict[str, object]] = [
        head | {"type": "bootstrap-insert", "ts": 1, "data": row(number, f"{number}.25")}
        for number in range(101, 110)
    ]
    words = {"u": ("UPDATE", "update"), "c": ("INSERT", "insert"), "d": ("DELETE", "delete")}
    for step, event in enumerate(sequence()[9:]):
        upper, lower = words[str(event["op"])]
        data = event["after"] or event["before"]
        messages.append(canal | {"type": upper, "data": [data], "es": 2000 + step, "id": step + 2})
        single.append(
            head | {"type": lower, "ts": 10 + step, "xid": 7000 + step, "commit": True, "data": data}
        )
    assert folded(entities_of(lines(*messages), TUTORIAL, "canal")) == EXPECTED
    assert folded(entities_of(lines(*single), TUTORIAL, "maxwell")) == EXPECTED
