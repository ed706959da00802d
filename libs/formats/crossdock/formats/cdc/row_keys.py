"""Which row an event is about: `<table>:<primary key>`, from the record's key or the event's own words.

Invariant: one row has one name, whatever wraps its key, so all its changes meet under one record key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote, unquote

from crossdock.canonical.errors import Rejected
from crossdock.canonical.keys import split_key
from crossdock.canonical.record import Record
from crossdock.formats.cdc.column_types import column_types
from crossdock.formats.cdc.values import text_of
from crossdock.formats.json_document import Node, exact_document
from crossdock.formats.json_fields import child

_SAFE: Final = ":~-._ "
_FILE: Final = "file-"
_NAME_CHARACTERS_MAX: Final = 400


def object_name(table: str, key: Mapping[str, str]) -> str | None:
    """`stock_move:912`, or `line:order=7,position=2` where the key has several columns; None without one."""
    if not key or not table:
        return None
    if len(key) == 1:
        name = f"{table}:{quote(next(iter(key.values())), safe=_SAFE)}"
    else:
        pairs = sorted(key.items())
        words = ",".join(f"{quote(name, safe=_SAFE)}={quote(value, safe=_SAFE)}" for name, value in pairs)
        name = f"{table}:{words}"
    return name if len(name) <= _NAME_CHARACTERS_MAX else None


def key_of(printed: object, record: Record, table: str) -> dict[str, str]:
    """Columns of the primary key: as printed beside the event, else as the record's own key says.

    A single column that only a record's name tells has the name "" (the mapping knows it). The name of a row
    of another table tells nothing.
    """
    if printed is not None:
        return _columns(printed)
    raw = record.key or b""
    if raw.lstrip().startswith(b"{"):
        try:
            return _columns(exact_document(raw).root)
        except Rejected:
            return {}
    named, key = named_object(record)
    return _of_name(key) if named == table else {}


def _columns(key: object) -> dict[str, str]:
    """Columns of a key in JSON, with or without schema; a lone value is a column without a name."""
    types = {}
    if isinstance(key, dict) and set(key) == {"schema", "payload"}:
        types = column_types(child(key, "schema"))
        key = key["payload"]
    if not isinstance(key, dict):
        return {"": str(key)} if isinstance(key, str | int) and not isinstance(key, bool) else {}
    found = {}
    if "table" in key and "database" in key:  # Maxwell's keys: {"database": …, "table": …, "pk.id": 7}
        key = {name.removeprefix("pk."): one for name, one in key.items() if name.startswith("pk.")}
    for name, value in key.items():
        if name == "__dbz__physicalTableIdentifier":
            continue  # Debezium's router of sharded tables adds the table to the key
        word = _text(value, types.get(name))
        if word is None:
            return {}
        found[name] = word
    return found


def _text(value: object, kind: object) -> str | None:
    try:
        return text_of(value, "key", kind)  # type: ignore[arg-type]  # a ColumnType or None
    except Rejected:
        return None


def named_object(record: Record) -> tuple[str | None, str]:
    """Table and key text of a record that Crossdock named, else the table of a topic of Debezium's."""
    raw = record.key or b""
    if not raw.lstrip().startswith(b"{"):
        try:
            segments = split_key(raw)
        except UnicodeDecodeError:
            segments = ()
        table, colon, key = segments[2].partition(":") if len(segments) == 3 else ("", "", "")
        if colon and table and table != "change":
            return table, key
    *server, table = record.topic.split(".")
    is_ours = table.startswith("v") and table[1:].isdigit()
    return (table if len(server) >= 2 and not is_ours else None), ""


def _of_name(key: str) -> dict[str, str]:
    if not key:
        return {}
    pairs = [pair.partition("=") for pair in key.split(",")]
    if all(mark for _, mark, _ in pairs):
        return {unquote(name): unquote(value) for name, _, value in pairs}
    return {"": unquote(key)}


def row_key(row: Node | None, columns: Iterable[str]) -> dict[str, str]:
    """Values of these columns of a row; empty where one is missing."""
    found = {}
    for name in columns:
        word = _text((row or {}).get(name), None)
        if word is None:
            return {}
        found[name] = word
    return found
