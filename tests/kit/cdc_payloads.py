"""Generated changes of Tryton's stock moves, each with the facts it must yield.

The encodings that connectors choose between are drawn at random for each column; none changes a fact.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.kit.cdc_events import envelope, with_schema

EPOCH = date(1970, 1, 1)
STOCK = {3, 5}
"""The storage locations of the profile; 2 and 4 are none."""
UNITS = {1: 1, 2: 12}
STATES = {
    "draft": "planned",
    "assigned": "assigned",
    "done": "done",
    "cancelled": "cancelled",
    "staging": "planned",
}
OPS = {"c": "created", "r": "created", "u": "updated", "d": "deleted"}


@dataclass(slots=True)
class MoveFacts:
    """An event and everything that must be read from it."""

    payload: bytes
    key: bytes
    movement_id: str
    sku: str
    quantity: Decimal
    state: str
    effect: str
    change: str
    position: tuple[str, int]
    committed: datetime
    effective: date | None
    differs: bool


def unscaled(number: Decimal, scale: int) -> str:
    """Base64 of the unscaled number, two's complement, as Connect writes decimals."""
    whole = int(number.scaleb(scale))
    return base64.b64encode(whole.to_bytes(whole.bit_length() // 8 + 1, "big", signed=True)).decode()


def effect_of(state: str, op: str, source: int, target: int) -> str:
    """The effect by the table of canonical-model §3.6, written out."""
    if op == "d" or state in ("cancelled", "staging"):
        return "none"
    leaves, enters = source in STOCK and target not in STOCK, source not in STOCK and target in STOCK
    if state != "done":
        return "demand" if leaves else "none"
    return "on_hand_out" if leaves else "on_hand_in" if enters else "transfer" if source in STOCK else "none"


def _number(draw: Any, number: Decimal, name: str, fields: list[dict[str, Any]]) -> Any:
    """A column's value in one of the encodings, with its type added to the schema where it needs one."""
    way = draw(st.sampled_from(("number", "text", "variable", "bytes")))
    if way == "variable":
        return {"scale": 3, "value": unscaled(number, 3)}
    if way == "bytes":
        kind = {
            "type": "bytes",
            "name": "org.apache.kafka.connect.data.Decimal",
            "parameters": {"scale": "3"},
        }
        fields.append({"field": name, **kind})
        return unscaled(number, 3)
    return str(number) if way == "text" else _Raw(f"{number:f}")


class _Raw(str):
    """A number that goes into the JSON as it is written."""

    __slots__ = ()


def _day(draw: Any, day: date, name: str, fields: list[dict[str, Any]]) -> Any:
    days = (day - EPOCH).days
    midnight = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    way = draw(st.sampled_from(("days", "typed_days", "text", "text_z", "zoned")))
    if way == "typed_days":
        fields.append({"field": name, "type": "int32", "name": "io.debezium.time.Date"})
    return {"text": day.isoformat(), "text_z": f"{day.isoformat()}Z", "zoned": midnight.isoformat()}.get(
        way, days
    )


def _plain(payload: dict[str, Any]) -> str:
    """JSON with raw numbers as written."""
    marks: dict[str, str] = {}

    def mark(node: Any) -> Any:
        if isinstance(node, _Raw):
            marks[f'"@{len(marks)}@"'] = str(node)
            return f"@{len(marks) - 1}@"
        if isinstance(node, dict):
            return {name: mark(value) for name, value in node.items()}
        return [mark(value) for value in node] if isinstance(node, list) else node

    text = json.dumps(mark(payload))
    for name, number in marks.items():
        text = text.replace(name, number)
    return text


@dataclass(slots=True)
class _Move:
    """What happens, before it is written down."""

    number: int
    product: int
    unit: int
    moved: Decimal
    stated: Decimal
    source: int
    target: int
    state: str
    op: str
    day: date | None
    lsn: int
    committed: datetime


def _drawn(draw: Any) -> _Move:
    unit = draw(st.sampled_from((1, 2)))
    moved = Decimal(draw(st.integers(0, 10**7))).scaleb(-draw(st.integers(0, 3)))
    place = st.sampled_from((2, 3, 4, 5))
    return _Move(
        number=draw(st.integers(1, 2**70)),
        product=draw(st.integers(1, 3)),
        unit=unit,
        moved=moved,
        stated=moved * UNITS[unit] + draw(st.sampled_from((0, 0, 1))),
        source=draw(place),
        target=draw(place),
        state=draw(st.sampled_from(sorted(STATES))),
        op=draw(st.sampled_from(sorted(OPS))),
        day=draw(st.none() | st.dates(date(2001, 1, 2), date(2099, 1, 1))),
        lsn=draw(st.integers(0, 2**64 - 1)),
        committed=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=draw(st.integers(0, 10**10))),
    )


def _row(draw: Any, move: _Move, fields: list[dict[str, Any]]) -> dict[str, Any]:
    row = {
        "id": move.number,
        "product": move.product,
        "quantity": _number(draw, move.moved, "quantity", fields),
        "internal_quantity": _number(draw, move.stated, "internal_quantity", fields),
        "unit": move.unit,
        "from_location": move.source,
        "to_location": move.target,
        "state": move.state,
        "origin": "sale.line,445",
        "effective_date": None if move.day is None else _day(draw, move.day, "effective_date", fields),
        "unknown_column": draw(st.sampled_from((None, [], {}, "x", 1.5))),
    }
    return dict(draw(st.permutations(list(row.items()))))


def _written(draw: Any, move: _Move) -> bytes:
    fields: list[dict[str, Any]] = []
    row, is_delete = _row(draw, move, fields), move.op == "d"
    has_before = is_delete or (move.op == "u" and draw(st.booleans()))
    before = row if is_delete else row | {"state": "other"} if has_before else None
    place = f"{move.lsn >> 32:X}/{move.lsn & 0xFFFFFFFF:X}" if draw(st.booleans()) else move.lsn
    event = envelope(move.op, "stock_move", before, None if is_delete else row, place)
    event["source"]["ts_ms"] = int(move.committed.timestamp() * 1000)
    event["source"]["snapshot"] = "true" if move.op == "r" else "false"
    if fields or draw(st.booleans()):
        event = with_schema(event, fields)
    text = _plain(event)
    if draw(st.booleans()):
        text = json.dumps({"key": {"id": move.number}, "value": "@"}).replace('"@"', text)
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode()


@st.composite
def stock_moves(draw: Any) -> MoveFacts:
    """One change of a stock move in any encoding."""
    move = _drawn(draw)
    is_delete = move.op == "d"
    return MoveFacts(
        payload=_written(draw, move),
        key=b"acme/erp-eu/stock_move:%d" % move.number,
        movement_id=str(move.number),
        sku="SKU-0001" if move.product == 1 else str(move.product),
        quantity=move.stated,
        state="deleted" if is_delete else STATES[move.state],
        effect=effect_of(move.state, move.op, move.source, move.target),
        change="cancelled" if move.state == "cancelled" and not is_delete else OPS[move.op],
        position=(str(move.lsn).zfill(20), 0),
        committed=move.committed,
        effective=move.day,
        differs=move.stated != move.moved * UNITS[move.unit],
    )
