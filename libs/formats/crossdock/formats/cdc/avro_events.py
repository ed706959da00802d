"""Change events written as Avro, as the JSON with schema that Kafka Connect writes of the same rows.

Invariant: no value is interpreted here: bytes become base64, numbers keep their digits, and the schema says
how to read them, so that Avro and JSON are read by the same words; hostile bytes are refused in bounded
time and memory.
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import fastavro
from fastavro.schema import SchemaParseException

from crossdock.canonical.avro.names import NormalSchema, Schema, normal_schema
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.schema_rules import schema_hazards
from crossdock.formats.cdc.column_types import DECIMAL
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts

CONTAINER: Final = b"Obj\x01"
"""How an Avro object container file begins."""
FRAME: Final = b"\x00"
"""First byte of a value whose schema is kept in a registry; JSON never begins so."""
_FRAME_BYTES: Final = 5
_EVENTS_BYTES_MAX: Final = 64 * 1024 * 1024
"""Of one container: blocks unpacked, and events written out, so that no small file fills the memory."""
_HEADER: Final = fastavro.parse_schema(
    {
        "type": "record",
        "name": "Header",
        "fields": [
            {"name": "magic", "type": {"type": "fixed", "name": "Magic", "size": 4}},
            {"name": "meta", "type": {"type": "map", "values": "bytes"}},
            {"name": "sync", "type": {"type": "fixed", "name": "Sync", "size": 16}},
        ],
    }
)
_BLOCK: Final = fastavro.parse_schema(
    {
        "type": "record",
        "name": "Block",
        "fields": [
            {"name": "count", "type": "long"},
            {"name": "data", "type": "bytes"},
            {"name": "sync", "type": {"type": "fixed", "name": "Sync", "size": 16}},
        ],
    }
)
_CONNECT_TYPES: Final = {
    "int": "int32",
    "long": "int64",
    "fixed": "bytes",
    "enum": "string",
    "record": "struct",
}
_LOGICAL_NAMES: Final = {
    "decimal": DECIMAL,
    "date": "org.apache.kafka.connect.data.Date",
    "timestamp-millis": "org.apache.kafka.connect.data.Timestamp",
    "local-timestamp-millis": "org.apache.kafka.connect.data.Timestamp",
    "timestamp-micros": "io.debezium.time.MicroTimestamp",
    "local-timestamp-micros": "io.debezium.time.MicroTimestamp",
}
"""Avro's own words for types that carry no name of Connect's."""


def container_events(data: bytes) -> list[bytes]:
    """The events of an Avro object container file, each as JSON with its schema.

    Raises Rejected: ENVELOPE_BROKEN, SCHEMA_UNKNOWN, RECORD_TOO_LARGE, OUTPUT_TOO_LARGE.
    """
    source = io.BytesIO(data)
    header = _value(source, _HEADER, "file header")
    schema = _schema(header["meta"].get("avro.schema", b""))
    codec = header["meta"].get("avro.codec", b"null")
    events: list[bytes] = []
    size = 0
    while source.tell() < len(data):
        place = f"byte {source.tell()}"
        block = _value(source, _BLOCK, place)
        if block["sync"] != header["sync"]:
            raise _broken("the block does not end with the file's sync marker", place)
        if not 0 <= block["count"] <= PARTS_MAX - len(events):
            raise too_many_parts("$")
        for event in _block_events(_unpacked(block["data"], codec, place), block["count"], schema, place):
            size += len(event)
            if size > _EVENTS_BYTES_MAX:
                detail = f"the events take more than {_EVENTS_BYTES_MAX} bytes; send them in several files"
                raise Rejected(RejectionCode.RECORD_TOO_LARGE, detail, place)
            events.append(event)
    return events


def framed_event(value: bytes, schema_text: str) -> bytes:
    """The event of a value framed for a registry, as JSON with its schema.

    Args:
        value: zero byte, schema id of four bytes, Avro body.
        schema_text: the writer's schema, as the registry tells it.
    Raises Rejected ENVELOPE_BROKEN, SCHEMA_UNKNOWN.
    """
    (event,) = _block_events(value[_FRAME_BYTES:], 1, _schema(schema_text.encode()), f"byte {_FRAME_BYTES}")
    return event


@dataclass(frozen=True)
class _Writer:
    """The schema that events were written with: how their bytes are read, and its text as Connect says it."""

    parsed: Schema
    connect: str


_NO_SCHEMA: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError, SchemaParseException)
"""What JSON that is no schema makes of the code that takes it for one."""


@lru_cache(maxsize=256)
def _schema(text: bytes) -> _Writer:
    """Raises Rejected SCHEMA_UNKNOWN for what is no schema, or one that hostile bytes could exploit."""
    try:
        schema = json.loads(text)
        problems = schema_hazards(schema)
        normal = normal_schema(schema)
        physical = json.loads(text, object_pairs_hook=_without_logical_types)
        writer = _Writer(fastavro.parse_schema(physical), json.dumps(_connect_type(normal.root, normal)))
    except _NO_SCHEMA as error:
        detail = f"the writer's schema is no Avro schema ({type(error).__name__})"
        raise Rejected(RejectionCode.SCHEMA_UNKNOWN, detail, "avro.schema") from None
    if problems:
        detail = "a type of the writer's schema contains itself, or items of it take no bytes"
        raise Rejected(RejectionCode.SCHEMA_UNKNOWN, detail, "avro.schema")
    return writer


def _without_logical_types(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Values are read as they are stored: days as a count, decimals as bytes."""
    return {name: value for name, value in pairs if name != "logicalType"}


def _connect_type(kind: Schema, normal: NormalSchema) -> dict[str, Any]:
    """A type as the schema block of Connect's JSON describes it."""
    if isinstance(kind, list):
        branches = [one for one in kind if one != {"type": "null"}]
        return {} if len(branches) != 1 else _connect_type(branches[0], normal) | {"optional": True}
    definition = normal.definition(kind)
    assert isinstance(definition, dict)
    name = str(definition["type"])
    found: dict[str, Any] = {"type": _CONNECT_TYPES.get(name, name)}
    said = definition.get("connect.name") or _LOGICAL_NAMES.get(str(definition.get("logicalType")))
    if said:
        found["name"] = said
    parameters = definition.get("connect.parameters")
    scale = parameters.get("scale") if isinstance(parameters, dict) else definition.get("scale")
    if scale is not None or said == DECIMAL:
        found["parameters"] = {"scale": str(scale or 0)}
    if name == "record":
        found["fields"] = [
            _connect_type(part["type"], normal) | {"field": part["name"]} for part in definition["fields"]
        ]
    return found


def _unpacked(data: bytes, codec: bytes, place: str) -> bytes:
    if codec in (b"null", b""):
        return data
    if codec != b"deflate":
        raise _broken("the codec of the file is neither null nor deflate", "avro.codec")
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = unpacker.decompress(data, _EVENTS_BYTES_MAX)
    except zlib.error:
        raise _broken("the block cannot be unpacked", place) from None
    if not unpacker.eof:
        detail = f"the block is cut off, or unpacks to more than {_EVENTS_BYTES_MAX} bytes"
        raise _broken(detail, place)
    return found


def _block_events(data: bytes, count: int, writer: _Writer, place: str) -> Iterator[bytes]:
    source = io.BytesIO(data)
    for _ in range(count):
        payload = _value(source, writer.parsed, place)
        yield f'{{"schema":{writer.connect},"payload":{json.dumps(payload, default=_base64)}}}'.encode()
    if source.tell() != len(data):
        raise _broken("bytes are left over behind the last value", place)


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError


def _value(source: io.BytesIO, schema: Schema, place: str) -> Any:
    """One value. Raises Rejected ENVELOPE_BROKEN whatever the bytes are."""
    try:
        return fastavro.schemaless_reader(source, schema, None)
    except (EOFError, ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError):
        raise _broken("the bytes are no value of the writer's schema", place) from None


def _broken(detail: str, place: str) -> Rejected:
    return Rejected(RejectionCode.ENVELOPE_BROKEN, detail, place)
