"""Debezium's events as changes: envelopes with and without schema, unwrapped rows, and what is no row.

Invariant: an event is a change of a row, or it is ignored for a stated reason; a truncate is never either
of them silently.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.record import Record
from crossdock.formats.cdc.avro_json import untagged
from crossdock.formats.cdc.batches import SERIAL, Carried
from crossdock.formats.cdc.change import Change, Ignored, Op
from crossdock.formats.cdc.column_types import column_types, row_struct
from crossdock.formats.cdc.positions import log_place, serial_of
from crossdock.formats.cdc.row_keys import key_of, named_object
from crossdock.formats.cdc.values import SOURCE_TIMES, instant_of
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, text

_OPS: Final = {"c": Op.CREATE, "u": Op.UPDATE, "d": Op.DELETE, "r": Op.SNAPSHOT, "t": Op.TRUNCATE}
_CLOCKS: Final = frozenset({"ts_ms", "ts_us", "ts_ns", "serverName"})
_ENVELOPE: Final = frozenset({"before", "after", "source"})
_MARKER: Final = frozenset({"ts_ms", "event_count"})
_ROW_MARKS: Final = "__"
TOMBSTONE: Final = Ignored(
    "tombstone_ignored", "a null value only tells Kafka to forget the row; its delete came before", "$"
)


def debezium_event(event: Carried, record: Record) -> Change | Ignored:
    """The change that an event tells. Raises Rejected."""
    if event.value is None:
        return TOMBSTONE
    schema, payload, path = _unwrapped(event)
    if payload is None:
        return TOMBSTONE
    payload = untagged(payload)
    inner = Carried(event.key, payload, path)
    if isinstance(payload.get("op"), str) and not _ENVELOPE.isdisjoint(payload):
        return _envelope(payload, schema, inner, record)
    return _no_row(payload, path) or _unwrapped_row(payload, schema, inner, record)


def _unwrapped(event: Carried) -> tuple[Node, Node | None, str]:
    """Schema and payload of an event; the event itself where it carries no schema."""
    root = event.value or {}
    payload = root.get("payload")
    if "payload" in root and set(root) <= {"schema", "payload"} and isinstance(payload, dict | None):
        return child(root, "schema"), payload, f"{event.path}.payload"
    return {}, root, event.path


def _no_row(payload: Node, path: str) -> Ignored | None:
    if "ddl" in payload or "tableChanges" in payload:
        return Ignored("schema_change_ignored", "a change of a table's definition holds no row", path)
    is_marker = payload.get("status") in ("BEGIN", "END") and "id" in payload
    if is_marker and not _MARKER.isdisjoint(payload):
        return Ignored("transaction_marker_ignored", "begin and end of a transaction hold no row", path)
    if payload and set(payload) <= _CLOCKS:
        return Ignored("heartbeat_ignored", "a heartbeat holds no row", path)
    return None


def _envelope(payload: Node, schema: Node, event: Carried, record: Record) -> Change | Ignored:
    word = str(payload["op"])
    if word == "m":
        return Ignored("logical_message_ignored", "a logical decoding message holds no row", event.path)
    if word not in _OPS:
        detail = "op is one of c, u, d, r, t, m"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"{event.path}.op")
    source, op = child(payload, "source"), _OPS[word]
    table = text(source, "table") or text(source, "collection") or named_object(record)[0]
    if table is None:
        detail = "neither the source block nor the record's key or topic names the table"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"{event.path}.source.table")
    before, after = _row(payload, "before", event.path), _row(payload, "after", event.path)
    is_snapshot = op is Op.SNAPSHOT or str(source.get("snapshot") or False).lower() != "false"
    return Change(
        system=text(source, "connector") or "debezium",
        database=text(source, "db") or "",
        schema=text(source, "schema") or "",
        table=table,
        op=op,
        key=key_of(event.key, record, table),
        before=before,
        after=after,
        lsn=_place(source, f"{event.path}.source"),
        serial=_serial(source, record, is_snapshot),
        at=instant_of(source, SOURCE_TIMES) or instant_of(payload, SOURCE_TIMES),
        transaction=_transaction(payload, source),
        is_snapshot=is_snapshot,
        types=column_types(row_struct(schema)),
        path=f"{event.path}.{'before' if after is None else 'after'}",
        server=text(source, "name") or "",
    )


def _transaction(payload: Node, source: Node) -> str | None:
    return text(child(payload, "transaction"), "id") or text(source, "txId") or text(source, "gtid")


def _row(payload: Node, name: str, path: str) -> Node | None:
    row = payload.get(name)
    if row is None or isinstance(row, dict):
        return row
    raise Rejected(RejectionCode.ENVELOPE_BROKEN, "a row is an object or null", f"{path}.{name}")


def _place(source: Node, path: str) -> str:
    place = log_place(source)
    if place is None:
        detail = (
            "the event names no place in the database's log (lsn, file and pos, commit_lsn, scn), so it "
            "cannot be ordered; unwrapped rows get it with add.fields=op,table,lsn,source.ts_ms"
        )
        raise Rejected(RejectionCode.FIELD_INVALID, detail, path)
    return place


def _serial(source: Node, record: Record, is_snapshot: bool) -> int:
    own = serial_of(source)
    if own is not None and not is_snapshot:
        return own
    number = record.header(SERIAL) if is_snapshot else None
    return int(number) if number and number.isascii() and number.isdigit() and len(number) < 10 else 0


def _unwrapped_row(payload: Node, schema: Node, event: Carried, record: Record) -> Change:
    """A row without its envelope, as ExtractNewRecordState leaves it; metadata stand beside its columns."""
    marks = _marks(payload)
    table = text(marks, "table") or named_object(record)[0]
    if table is None:
        detail = "an unwrapped row names its table with add.fields=op,table,lsn,source.ts_ms"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"{event.path}.__table")
    row = {name: value for name, value in payload.items() if not name.startswith(_ROW_MARKS)}
    op = _OPS.get(text(marks, "op") or "", Op.UPDATE)
    if text(marks, "deleted") == "true":
        op = Op.DELETE
    is_delete = op is Op.DELETE
    return Change(
        system=text(marks, "connector") or "debezium",
        database=text(marks, "db") or "",
        schema=text(marks, "schema") or "",
        table=table,
        op=op,
        key=key_of(event.key, record, table),
        before=row if is_delete else None,
        after=None if is_delete else row,
        lsn=_place(marks, event.path),
        serial=_serial(marks, record, op is Op.SNAPSHOT),
        at=instant_of(marks, SOURCE_TIMES) or instant_of(payload, SOURCE_TIMES, _ROW_MARKS),
        transaction=text(marks, "txId"),
        is_snapshot=op is Op.SNAPSHOT,
        types=column_types(schema),
        path=event.path,
    )


def _marks(payload: Node) -> Node:
    """Metadata fields without their prefix: `__lsn`, `__source_lsn` and `__source_ts_ms` alike."""
    found: Node = {}
    for name, value in payload.items():
        if name.startswith(_ROW_MARKS):
            found[name.removeprefix(_ROW_MARKS).removeprefix("source_")] = value
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in found.items()}
