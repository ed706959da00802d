"""A record as a person or a program wants to see it: value decoded where its bytes say how.

Invariant: showing a record never fails: what cannot be decoded is shown as escaped bytes with the reason;
figures are shown as they stand in the bytes, never through a float.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

import fastavro
import orjson

from crossdock.canonical.record import Record
from crossdock.cli.output import as_json, instant, printable, printable_bytes
from crossdock.streaming.errors import StreamingError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SchemaSource(Protocol):
    """What decoding needs of a registry."""

    def schema(self, schema_id: int) -> str:
        """Text of a schema. Raises KeyError for an unknown id."""


@dataclass(frozen=True)
class Shown:
    """A decoded value.

    Args:
        value: JSON-like data, or text.
        encoding: avro, json, text, bytes or tombstone.
        schema: full name of the Avro record; empty for other encodings.
        trouble: why framed Avro could not be decoded.
    """

    value: Any  # whatever the schema of the record says
    encoding: str
    schema: str = ""
    trouble: str = ""


class RecordView:
    """Decodes values of records, asking the registry once per schema.

    Args:
        registry: where schemas come from; None shows framed Avro as bytes.
    """

    def __init__(self, registry: SchemaSource | None) -> None:
        self._registry = registry
        self._schemas: dict[int, dict[str, Any] | str] = {}

    def shown(self, record: Record) -> Shown:
        """The value of a record, decoded."""
        value = record.value
        if value is None:
            return Shown(None, "tombstone")
        if value[:1] == b"\0" and len(value) >= 5:
            return self._avro(value)
        return _json(value) or _text(value)

    def _avro(self, value: bytes) -> Shown:
        schema_id = int.from_bytes(value[1:5], "big")
        schema = self._schema(schema_id)
        if isinstance(schema, str):
            return Shown(printable_bytes(value), "bytes", trouble=schema)
        try:
            return Shown(_decoded(value[5:], schema), "avro", str(schema["name"]))
        except (ValueError, TypeError, EOFError, LookupError, ArithmeticError) as error:
            trouble = f"the bytes are no {schema.get('name')} of schema id {schema_id}: {error}"
            return Shown(printable_bytes(value), "bytes", trouble=trouble)

    def _schema(self, schema_id: int) -> dict[str, Any] | str:
        """The schema of an id, or why it cannot be had."""
        if schema_id not in self._schemas:
            self._schemas[schema_id] = self._asked(schema_id)
        return self._schemas[schema_id]

    def _asked(self, schema_id: int) -> dict[str, Any] | str:
        if self._registry is None:
            return "no registry was asked"
        try:
            schema = json.loads(self._registry.schema(schema_id))
        except KeyError:
            return f"schema id {schema_id} is not in the registry"
        except StreamingError as error:
            return str(error)
        if not isinstance(schema, dict) or "name" not in schema:
            return f"schema id {schema_id} is no record"
        return cast(dict[str, Any], fastavro.parse_schema(schema))

    def document(self, record: Record) -> dict[str, Any]:
        """The whole record as one JSON document."""
        shown = self.shown(record)
        document = {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": moment(record),
            "key": None if record.key is None else printable_bytes(record.key),
            "headers": {name: text and printable_bytes(text) for name, text in record.headers},
            "encoding": shown.encoding,
            "schema": shown.schema or None,
            "value": shown.value,
        }
        return {**document, "trouble": shown.trouble} if shown.trouble else document

    def text(self, record: Record) -> str:
        """The value on one line, as `%s` of a format shows it."""
        shown = self.shown(record)
        if shown.encoding in {"avro", "json"}:
            return printable(as_json(shown.value).decode())
        return "" if shown.value is None else str(shown.value)

    def pretty(self, record: Record) -> str:
        """The value over several lines, indented."""
        shown = self.shown(record)
        if shown.encoding in {"avro", "json"}:
            return printable(as_json(shown.value, indent=True).decode(), kept="\n")
        if shown.encoding == "tombstone":
            return "(tombstone)"
        return f"({printable(shown.trouble)})\n{shown.value}" if shown.trouble else str(shown.value)


def moment(record: Record) -> str:
    """CreateTime of a record in UTC."""
    return instant(_EPOCH + timedelta(milliseconds=record.timestamp_ms))


def _decoded(body: bytes, schema: dict[str, Any]) -> object:
    """Datum of an Avro body, every byte of it consumed."""
    stream = io.BytesIO(body)
    datum = fastavro.schemaless_reader(stream, schema, None)
    if stream.tell() != len(body):
        raise ValueError(f"{len(body) - stream.tell()} bytes are left over")
    return datum


def _json(value: bytes) -> Shown | None:
    """JSON with its numbers untouched; None where it is no JSON object or list."""
    if value.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        document = json.loads(value, parse_float=_raw, parse_int=_raw, parse_constant=str)
        as_json(document)
    except (
        ValueError,
        TypeError,
        RecursionError,
    ):  # lone surrogates and deep nesting can be read, not written
        return None
    return Shown(document, "json")


def _raw(figure: str) -> object:
    return orjson.Fragment(figure.encode())


def _text(value: bytes) -> Shown:
    try:
        return Shown(printable(value.decode(), kept="\n\t"), "text")
    except UnicodeDecodeError:
        return Shown(printable_bytes(value), "bytes")
