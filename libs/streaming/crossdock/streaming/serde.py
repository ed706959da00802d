"""Bytes of topics and changelog rows: Avro behind the Confluent prefix framing.

Invariant: what was written with any registered version of a schema can be read; unreadable input is
`Rejected`, unreadable state is `SlotStopped` (R11).
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, TypeVar

import fastavro

from crossdock.canonical import codec
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.schemas import record_name
from crossdock.streaming import rows
from crossdock.streaming.errors import SlotStopped

M = TypeVar("M", bound=Canonical)
T = TypeVar("T")

_BOUND_BYTES = 2 * 1024 * 1024


class Registry(Protocol):
    """The two calls of a schema registry that reading and writing need."""

    def register(self, subject: str, schema: str) -> int:
        """Id of the schema under the subject, registering it where new."""

    def schema(self, schema_id: int) -> str:
        """Text of a schema. Raises KeyError for an unknown id."""


def _header_datum(entry: rows.Entry) -> dict[str, Any]:
    return {
        **{name: getattr(entry, name) for name in rows.Entry.__slots__ if name != "headers"},
        "headers": [{"name": name, "value": value} for name, value in entry.headers],
    }


def _entry_of(datum: dict[str, Any]) -> rows.Entry:
    headers = tuple((header["name"], header["value"]) for header in datum.pop("headers"))
    return rows.Entry(headers=headers, **datum)


def _position_datum(position: rows.Position) -> dict[str, Any]:
    inputs = [{"topic": t, "topic_id": i, "next_offset": o} for t, (i, o) in position.inputs.items()]
    return {**{name: getattr(position, name) for name in rows.Position.__slots__}, "inputs": inputs}


def _position_of(datum: dict[str, Any]) -> rows.Position:
    inputs = {row["topic"]: (row["topic_id"], row["next_offset"]) for row in datum.pop("inputs")}
    return rows.Position(inputs=inputs, **datum)


def _plain(row: Any) -> dict[str, Any]:  # any of the flat row dataclasses
    return {name: getattr(row, name) for name in row.__slots__}


def _tupled(kind: Callable[..., T]) -> Callable[[dict[str, Any]], T]:
    return lambda datum: kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in datum.items()})


class Serde:
    """Serializes canonical models and changelog rows for one process.

    Args:
        registry: where schema ids come from; asked once per schema.
    """

    _ROWS: ClassVar[dict[type, tuple[str, Callable[[Any], dict[str, Any]], Callable[[Any], Any]]]] = {
        rows.Mark: ("crossdock.runtime.Mark", _plain, _tupled(rows.Mark)),
        rows.Head: ("crossdock.runtime.HoldHead", _plain, _tupled(rows.Head)),
        rows.Entry: ("crossdock.runtime.HoldEntry", _header_datum, _entry_of),
        rows.Position: ("crossdock.runtime.Position", _position_datum, _position_of),
        rows.Manifest: ("crossdock.runtime.Manifest", _plain, _tupled(rows.Manifest)),
        rows.Resolved: ("crossdock.runtime.Resolved", _plain, _tupled(rows.Resolved)),
    }

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._prefixes: dict[str, bytes] = {}
        self._schemas: dict[str, Any] = {}
        self._row_schemas: dict[int, Any] = {}
        self._writers: dict[int, tuple[str, Any]] = {}

    def register(self, full_name: str, subject: str) -> None:
        """Make sure a record's current schema is registered; its id frames what is written."""
        schema_id = self._registry.register(subject, json.dumps(codec.schema_of(full_name)))
        self._prefixes[full_name] = codec.frame(schema_id, b"")
        # What this process writes it can read back, whether the registry answers then or not.
        self._writers[schema_id] = full_name, self._parsed(full_name)

    def serialize(self, model: Canonical) -> bytes:
        """Framed Avro of a canonical model."""
        return self._prefix(type(model).FULL_NAME) + codec.encode(model)

    def deserialize(self, record: type[M], value: bytes | None) -> M:
        """Model of a framed value. Raises Rejected (envelope_broken, schema_unknown)."""
        if value is None:
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, "the value is null, a record was expected")
        schema_id, body = codec.unframe(value)
        name, schema = self._writer(schema_id)
        if name != record.FULL_NAME:
            detail = f"schema id {schema_id} is {name}, expected {record.FULL_NAME}"
            raise Rejected(RejectionCode.SCHEMA_UNKNOWN, detail)
        return codec.decode(record, body, schema)

    def read_state(self, kind: type[M], value: bytes) -> M:
        """A state row. Raises SlotStopped where it cannot be read (R11)."""
        try:
            return self.deserialize(kind, value)
        except Rejected as rejected:
            detail = f"a state row of {kind.FULL_NAME} cannot be read: {rejected.detail}"
            raise SlotStopped("state_unreadable", detail) from rejected

    def write_row(self, row: object) -> bytes:
        """Framed Avro of a changelog row."""
        name, to_datum, _ = self._ROWS[type(row)]
        out = io.BytesIO()
        out.write(self._prefix(name))
        fastavro.schemaless_writer(out, self._parsed(name), to_datum(row))
        return out.getvalue()

    def read_row(self, kind: type[T], value: bytes) -> T:
        """A changelog row. Raises SlotStopped where it cannot be read: state is never skipped."""
        name, _, of_datum = self._ROWS[kind]
        try:
            schema_id, body = codec.unframe(value)
            writer = self._row_schemas.get(schema_id)
            if writer is None:
                writer = self._row_schemas[schema_id] = fastavro.parse_schema(self._writer(schema_id)[1])
            row: T = of_datum(fastavro.schemaless_reader(io.BytesIO(body), writer, self._parsed(name)))
        except (Rejected, ValueError, TypeError, EOFError, KeyError, IndexError) as error:
            raise SlotStopped("state_unreadable", f"a {name} row cannot be read: {error}") from error
        return row

    def _prefix(self, full_name: str) -> bytes:
        prefix = self._prefixes.get(full_name)
        if prefix is None:
            self.register(full_name, full_name)
            prefix = self._prefixes[full_name]
        return prefix

    def _parsed(self, full_name: str) -> Any:  # fastavro's parsed schema
        schema = self._schemas.get(full_name)
        if schema is None:
            schema = self._schemas[full_name] = fastavro.parse_schema(codec.schema_of(full_name))
        return schema

    def _writer(self, schema_id: int) -> tuple[str, Any]:
        known = self._writers.get(schema_id)
        if known is None:
            try:
                schema = json.loads(self._registry.schema(schema_id))
                name = record_name(schema)
            except (KeyError, ValueError) as error:
                detail = f"schema id {schema_id} is not in the registry, or is there no Avro record"
                raise Rejected(RejectionCode.SCHEMA_UNKNOWN, detail) from error
            known = self._writers[schema_id] = (name, schema)
        return known
