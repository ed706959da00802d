"""Canal's flat messages as changes: several rows of one table in one message, all values as text.

Invariant: each row is a change of its own, numbered in its message; a row that was updated keeps the old
values that the message names.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.record import Record
from crossdock.formats.cdc.batches import SERIAL, Carried, elements, member_places
from crossdock.formats.cdc.change import Change, Ignored, Op
from crossdock.formats.cdc.debezium_events import TOMBSTONE
from crossdock.formats.cdc.positions import padded
from crossdock.formats.cdc.row_keys import key_of, row_key
from crossdock.formats.cdc.values import instant_of
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text

_OPS: Final = {
    "INSERT": Op.CREATE,
    "UPDATE": Op.UPDATE,
    "DELETE": Op.DELETE,
    "INIT": Op.SNAPSHOT,
    "INIT-INSERT": Op.SNAPSHOT,
    "TRUNCATE": Op.TRUNCATE,
}
_TIMES: Final = (("es", 1000), ("ts", 1000))


def canal_events(event: Carried, record: Record) -> list[Change | Ignored]:
    """The changes that a flat message tells. Raises Rejected."""
    message = event.value
    if message is None:
        return [TOMBSTONE]
    word = (text(message, "type") or "").upper()
    if message.get("isDdl") is True and word != "TRUNCATE":
        return [Ignored("schema_change_ignored", "a change of a table's definition holds no row", event.path)]
    if word.startswith("TIDB_"):
        return [Ignored("heartbeat_ignored", "a watermark holds no row", event.path)]
    op = _OPS.get(word)
    if op is None and (word and message.get("data") is None):
        return [Ignored("schema_change_ignored", "a statement without rows", event.path)]
    if op is None:
        detail = "type is INSERT, UPDATE, DELETE, INIT or a statement on a table"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"{event.path}.type")
    return list(_rows(message, op, event, record))


def _rows(message: Node, op: Op, event: Carried, record: Record) -> list[Change | Ignored]:
    table, path = text(message, "table"), event.path
    if table is None:
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, "the message names no table", f"{path}.table")
    rows = children(message, "data")
    if not rows and op is not Op.TRUNCATE:
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, "the message holds no row", f"{path}.data")
    names = message.get("pkNames")
    columns = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    old, lsn, first = message.get("old"), _place(message, path), _first(record)
    changes: list[Change | Ignored] = []
    for index, row in enumerate(rows or [{}]):
        changed = old[index] if isinstance(old, list) and index < len(old) else None
        before = row | changed if isinstance(changed, dict) else None
        changes.append(
            Change(
                system="mysql",
                database=text(message, "database") or "",
                schema="",
                table=table,
                op=op,
                key=row_key(row, columns) or key_of(event.key, record, table),
                before=row if op is Op.DELETE else before,
                after=None if op in (Op.DELETE, Op.TRUNCATE) else row,
                lsn=lsn,
                serial=first + index,
                at=instant_of(message, _TIMES),
                transaction=text(message, "gtid"),
                is_snapshot=op is Op.SNAPSHOT,
                path=f"{path}.data[{index}]",
            )
        )
    return changes


def _place(message: Node, path: str) -> str:
    commit = text(child(message, "_tidb"), "commitTs")  # TiCDC writes Canal's format with a true position
    moment = padded(commit or text(message, "es") or text(message, "ts") or "")
    if moment is None:
        detail = "the message states neither es nor ts, so it cannot be ordered"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.es")
    return f"{moment}:{padded(text(message, 'id') or '0') or padded('0')}"


def _first(record: Record) -> int:
    number = record.header(SERIAL) or ""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0


def single_rows(event: bytes) -> list[bytes]:
    """A message of several rows as messages of one row each, every value as it was written."""
    try:
        message = event.decode()
        places = member_places(message)
        rows = elements(message, places.get("data", (0, 0)))
        old = elements(message, places.get("old", (0, 0)))
    except (ValueError, IndexError, RecursionError):
        return [event]
    if len(rows) < 2:
        return [event]
    spans = sorted((places[name], name) for name in ("data", "old") if name in places)
    starts = [0, *(end for (_, end), _ in spans)]
    ends = [*(start for (start, _), _ in spans), len(message)]
    around = [message[start:end] for start, end in zip(starts, ends, strict=True)]
    values = {"data": [f"[{row}]" for row in rows], "old": [f"[{row}]" for row in old]}
    return [
        _joined(around, [values[name][index : index + 1] for _, name in spans]) for index in range(len(rows))
    ]


def _joined(around: list[str], values: list[list[str]]) -> bytes:
    """The message with one row, and its old values, in place of all."""
    parts = [around[0]]
    for value, text_behind in zip(values, around[1:], strict=True):
        parts += [value[0] if value else "null", text_behind]
    return "".join(parts).encode()
