"""Maxwell's events as changes: one row each, old values beside the new row.

Invariant: a row is ordered by its binlog position where Maxwell writes it, and by transaction and offset in
it where not; what tells of tables or of a bootstrap's begin and end is ignored for a stated reason.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.record import Record
from crossdock.formats.cdc.batches import Carried
from crossdock.formats.cdc.change import Change, Ignored, Op
from crossdock.formats.cdc.debezium_events import TOMBSTONE
from crossdock.formats.cdc.positions import file_number, padded
from crossdock.formats.cdc.row_keys import key_of, row_key
from crossdock.formats.cdc.values import instant_of
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import text

_OPS: Final = {
    "insert": Op.CREATE,
    "update": Op.UPDATE,
    "delete": Op.DELETE,
    "bootstrap-insert": Op.SNAPSHOT,
}
_LAST_OF_TRANSACTION: Final = 2**31 - 1
"""The row that carries `commit` has no xoffset."""
_TIMES: Final = (("ts", 1), ("ts_ms", 1000))


def maxwell_event(event: Carried, record: Record) -> Change | Ignored:
    """The change that an event tells. Raises Rejected."""
    message = event.value
    if message is None:
        return TOMBSTONE
    word, path = text(message, "type") or "", event.path
    if word in ("bootstrap-start", "bootstrap-complete"):
        return Ignored("bootstrap_marker_ignored", "begin and end of a bootstrap hold no row", path)
    if word.startswith(("table-", "database-")) or word == "ddl":
        return Ignored("schema_change_ignored", "a change of a table's definition holds no row", path)
    if word == "heartbeat":
        return Ignored("heartbeat_ignored", "a heartbeat holds no row", path)
    table, row = text(message, "table"), message.get("data")
    if word not in _OPS or table is None or not isinstance(row, dict):
        detail = "an event has table, data and a type: insert, update, delete, bootstrap-insert"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"{path}.type")
    return _change(message, _OPS[word], Carried(event.key, row, path), record)


def _change(message: Node, op: Op, event: Carried, record: Record) -> Change:
    row, old, table = event.value or {}, message.get("old"), text(message, "table") or ""
    before = row | old if isinstance(old, dict) else None
    return Change(
        system="mysql",
        database=text(message, "database") or "",
        schema="",
        table=table,
        op=op,
        key=_key(message, row) or key_of(event.key, record, table),
        before=row if op is Op.DELETE else before,
        after=None if op is Op.DELETE else row,
        lsn=_place(message, op, event.path),
        serial=_serial(message),
        at=instant_of(message, _TIMES),
        transaction=text(message, "xid") or text(message, "gtid"),
        is_snapshot=op is Op.SNAPSHOT,
        path=f"{event.path}.data",
    )


def _key(message: Node, row: Node) -> dict[str, str]:
    columns = message.get("primary_key_columns")
    return row_key(row, [str(name) for name in columns]) if isinstance(columns, list) else {}


def _place(message: Node, op: Op, path: str) -> str:
    file, _, position = (text(message, "position") or "").rpartition(":")
    place = padded(position)
    if place is not None:
        return f"{file_number(file)}:{place}"
    moment = padded(text(message, "ts") or "", 10)
    if moment is None:
        detail = "the event states neither position nor ts; set output_binlog_position=true"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.position")
    if op is Op.SNAPSHOT:  # older than whatever the stream says: its rows are read from the table itself
        return f"{padded('0', 10)}:{padded(moment)}"
    return f"{moment}:{padded(text(message, 'xid') or '0') or padded('0')}"


def _serial(message: Node) -> int:
    offset = padded(text(message, "xoffset") or "", 9)
    if offset is not None:
        return int(offset)
    return _LAST_OF_TRANSACTION if message.get("commit") is True else 0
