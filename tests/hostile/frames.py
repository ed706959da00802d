"""Frames of `frames.yaml` for any canonical record, and every damage of one byte of its body."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.canonical import codec
from crossdock.canonical.documents import load_document
from crossdock.canonical.models.base import Canonical

_TABLE = Path(__file__).parent / "frames.yaml"
_SHAPES: dict[str, str] = {
    "primitive": '"bytes"',
    "union": '["null", "string"]',
    "enum": '{"type": "enum", "name": "@NAME@", "namespace": "@SPACE@", "symbols": ["A"]}',
    "nameless": '{"type": "record", "fields": []}',
    "json-schema": '{"type": "object", "properties": {"name": {"type": "string"}}}',
    "protobuf": 'syntax = "proto3"; message Order { string name = 1; }',
    "other": '{"type": "record", "name": "Stranger", "namespace": "crossdock.ops", "fields": []}',
    "namesake": """{"type": "record", "name": "@NAME@", "namespace": "@SPACE@",
        "fields": [{"name": "buyer", "type": "string"}]}""",
    "recursive": """{"type": "record", "name": "@NAME@", "namespace": "@SPACE@",
        "fields": [{"name": "next", "type": ["null", "@NAME@"], "default": null}]}""",
    "zero-width": """{"type": "record", "name": "@NAME@", "namespace": "@SPACE@",
        "fields": [{"name": "list", "type": {"type": "array", "items": "null"}}]}""",
}
"""What registries hold beside our schemas; NAME and SPACE are those of the record that is expected."""


class StrangeRegistry:
    """A registry in which others have registered what they like; the texts of ours come first.

    Args:
        ours: a registry of our own schemas.
    """

    _FIRST = 5_000

    def __init__(self, ours: Any) -> None:  # a MemoryRegistry; only two of its methods are used
        self._ours = ours
        self._strange: list[str] = []

    def register(self, subject: str, schema: str) -> int:
        """As the registry of ours."""
        found: int = self._ours.register(subject, schema)
        return found

    def schema(self, schema_id: int) -> str:
        """Text of any schema. Raises KeyError."""
        if self._FIRST <= schema_id < self._FIRST + len(self._strange):
            return self._strange[schema_id - self._FIRST]
        found: str = self._ours.schema(schema_id)
        return found

    def add(self, shape: str, full_name: str) -> int:
        """Id of a strange schema that poses as this record."""
        space, _, name = full_name.rpartition(".")
        self._strange.append(_SHAPES[shape].replace("@NAME@", name).replace("@SPACE@", space))
        return self._FIRST + len(self._strange) - 1


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame and the code of its refusal."""

    name: str
    value: bytes | None
    code: str


def frames(model: Canonical, registry: StrangeRegistry) -> list[Frame]:
    """Every row of the table for this record."""
    rows: Any = load_document(_TABLE.read_text(encoding="utf-8"))
    return [Frame(row["name"], _value(row, model, registry), row["expect"]) for row in rows]


def _value(row: dict[str, Any], model: Canonical, registry: StrangeRegistry) -> bytes | None:
    if "value" in row:
        return None if row["value"] is None else str(row["value"]).encode("latin-1")
    times = row.get("times", 1)
    body = codec.encode(model)[: row.get("cut")]
    if "body" in row:
        body = row["body"].encode("latin-1") * times
    body += row.get("append", "").encode("latin-1") * times
    return codec.frame(_schema_id(row["schema"], model, registry), body)


def _schema_id(shape: str, model: Canonical, registry: StrangeRegistry) -> int:
    if shape == "own":
        return registry.register(model.FULL_NAME, json.dumps(codec.schema_of(model.FULL_NAME)))
    return registry.add(shape, model.FULL_NAME)


def damaged_bodies(model: Canonical) -> Iterator[bytes]:
    """The body with each byte in turn made negative, large, continued and endless, and cut there."""
    body = codec.encode(model)
    for place in range(len(body)):
        yield body[:place]
        for byte in (b"\x01", b"\x7f", b"\x80", b"\xff"):
            yield body[:place] + byte + body[place + 1 :]
