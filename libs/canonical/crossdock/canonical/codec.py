"""Canonical records as bytes: Avro bodies, and the prefix framing of schema registries.

Invariant: `decode(type(m), encode(m)) == m`; bytes that are not exactly one valid record are Rejected
(`envelope_broken`), and no input makes decoding raise anything else or run on.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, TypeVar

from crossdock.canonical.avro.reader import Reader, compile_reader
from crossdock.canonical.avro.values import Broken
from crossdock.canonical.avro.writer import Writer, compile_writer
from crossdock.canonical.compatibility import incompatibilities
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models.field_types import Canonical
from crossdock.canonical.schema_rules import schema_hazards
from crossdock.canonical.schemas import Schema, schema_of

__all__ = ["BODY_BYTES_MAX", "decode", "encode", "encode_fields", "frame", "schema_of", "unframe"]

M = TypeVar("M", bound=Canonical)

BODY_BYTES_MAX: Final = 2 * 1024 * 1024
"""Largest body that is decoded; no topic takes larger records."""

_PREFIX_BYTES: Final = 5
_READERS_MAX: Final = 256
_readers: dict[tuple[type[Canonical], int], tuple[Schema, Reader]] = {}


def encode(model: Canonical) -> bytes:
    """Avro body of a model, without framing, under its own schema."""
    return encode_fields(type(model), model.__dict__)


def encode_fields(model_type: type[Canonical], values: dict[str, Any]) -> bytes:
    """Avro body of a model with these valid fields: what `encode` gives, without making the model."""
    out = bytearray()
    _writer(model_type.FULL_NAME)(values, out)
    return bytes(out)


def decode(model_type: type[M], body: bytes, writer_schema: Schema | None = None) -> M:
    """Model of an Avro body written with `writer_schema` (our own where None).

    Pass the same schema object again for records of the same writer: its reader is found by identity.
    Raises Rejected ENVELOPE_BROKEN, RECORD_TOO_LARGE, or SCHEMA_UNKNOWN where the schemas do not agree.
    """
    read = _own_reader(model_type) if writer_schema is None else _reader(model_type, writer_schema)
    if len(body) > BODY_BYTES_MAX:
        detail = f"a body of {len(body)} bytes is above {BODY_BYTES_MAX}"
        raise Rejected(RejectionCode.RECORD_TOO_LARGE, detail)
    try:
        model, end = read(body, 0)
    except (ValueError, IndexError, KeyError) as error:
        raise _broken(model_type, _reason(error)) from None
    if end != len(body):
        reason = "bytes are left over" if end < len(body) else "the bytes end too early"
        raise _broken(model_type, reason)
    found: M = model
    return found


def frame(schema_id: int, body: bytes) -> bytes:
    """Confluent framing: a zero byte, the schema id as 4 bytes big endian, the body."""
    return b"\x00" + schema_id.to_bytes(4, "big") + body


def unframe(value: bytes) -> tuple[int, bytes]:
    """(schema id, body) of a framed value. Raises Rejected ENVELOPE_BROKEN."""
    if len(value) < _PREFIX_BYTES or value[0] != 0:
        detail = "a value starts with a zero byte and a schema id of 4 bytes; this one does not"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail)
    return int.from_bytes(value[1:_PREFIX_BYTES], "big"), value[_PREFIX_BYTES:]


@cache
def _writer(full_name: str) -> Writer:
    return compile_writer(schema_of(full_name))


@cache
def _own_reader(model_type: type[Canonical]) -> Reader:
    schema = schema_of(model_type.FULL_NAME)
    return compile_reader(model_type, schema, schema)


def _reader(model_type: type[Canonical], writer_schema: Schema) -> Reader:
    """Reader for a writer's schema, found by the identity of the schema object, which is kept alive."""
    known = _readers.get((model_type, id(writer_schema)))
    if known is None:
        own = schema_of(model_type.FULL_NAME)
        _refuse(own, writer_schema)
        known = (writer_schema, compile_reader(model_type, own, writer_schema))
        if len(_readers) >= _READERS_MAX:
            _readers.clear()
        _readers[model_type, id(writer_schema)] = known
    return known[1]


def _refuse(own: Schema, writer_schema: Schema) -> None:
    """Raises Rejected SCHEMA_UNKNOWN where the writer's schema cannot or must not be read."""
    try:
        problems = schema_hazards(writer_schema) or incompatibilities(own, writer_schema)
    except ValueError as error:
        problems = [str(error)]
    if problems:
        detail = f"the writer's schema cannot be read as {own['namespace']}.{own['name']}: {problems[0]}"
        raise Rejected(RejectionCode.SCHEMA_UNKNOWN, detail)


def _broken(model_type: type[Canonical], reason: str) -> Rejected:
    return Rejected(RejectionCode.ENVELOPE_BROKEN, f"no valid {model_type.FULL_NAME}: {reason}")


def _reason(error: Exception) -> str:
    """What was wrong, without the values of the record."""
    match error:
        case Broken():
            return str(error)
        case UnicodeDecodeError():
            return "text is not valid UTF-8"
        case IndexError():
            return "the bytes end too early"
        case KeyError():
            return "an enum, boolean or currency has no such value"
    return "a value is out of range"
