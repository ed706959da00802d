"""Canonical records as bytes: Avro bodies, and the prefix framing of schema registries.

Invariant: `decode(type(m), encode(m)) == m`; bytes that are not exactly one valid record are Rejected
(`envelope_broken`), and no input makes decoding raise anything else or run on.
"""

from __future__ import annotations

import io
from functools import cache
from typing import Any, Final, TypeVar

import fastavro
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models.field_types import Canonical
from crossdock.canonical.schemas import Schema, schema_of

__all__ = ["decode", "encode", "frame", "schema_of", "unframe"]

M = TypeVar("M", bound=Canonical)

_PREFIX_BYTES: Final = 5


@cache
def _parsed(full_name: str) -> Any:
    return fastavro.parse_schema(schema_of(full_name))


def encode(model: Canonical) -> bytes:
    """Avro body of a model, without framing."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, _parsed(model.FULL_NAME), model.model_dump())
    return out.getvalue()


def decode(model_type: type[M], body: bytes, writer_schema: Schema | None = None) -> M:
    """Model of an Avro body written with `writer_schema` (our own where None).

    Raises Rejected ENVELOPE_BROKEN or SCHEMA_UNKNOWN.
    """
    stream = io.BytesIO(body)
    own = _parsed(model_type.FULL_NAME)
    try:
        datum = fastavro.schemaless_reader(stream, writer_schema or own, own)
        if stream.tell() != len(body):
            raise ValueError("bytes are left over")
        return model_type.model_validate(datum)
    except (ValueError, TypeError, EOFError, IndexError, KeyError, OverflowError) as error:
        detail = f"no valid {model_type.FULL_NAME}: {type(error).__name__}"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail) from None


def frame(schema_id: int, body: bytes) -> bytes:
    """Confluent framing: a zero byte, the schema id as 4 bytes big endian, the body."""
    return b"\x00" + schema_id.to_bytes(4, "big") + body


def unframe(value: bytes) -> tuple[int, bytes]:
    """(schema id, body) of a framed value. Raises Rejected ENVELOPE_BROKEN."""
    if len(value) < _PREFIX_BYTES or value[0] != 0:
        raise Rejected(
            RejectionCode.ENVELOPE_BROKEN,
            "a value starts with a zero byte and a 4-byte schema id; this one does not",
        )
    return int.from_bytes(value[1:_PREFIX_BYTES], "big"), value[_PREFIX_BYTES:]
