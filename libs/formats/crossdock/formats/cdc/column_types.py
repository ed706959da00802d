"""Types of columns as the `schema` block of Kafka Connect names them.

Invariant: what an event says of its own encoding wins over what a mapping declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text

DECIMAL: Final = "org.apache.kafka.connect.data.Decimal"
DAYS: Final = frozenset({"io.debezium.time.Date", "org.apache.kafka.connect.data.Date"})
"""Days since 1970-01-01."""
TICKS_PER_SECOND: Final[Mapping[str, int]] = {
    "io.debezium.time.Timestamp": 10**3,
    "org.apache.kafka.connect.data.Timestamp": 10**3,
    "io.debezium.time.MicroTimestamp": 10**6,
    "io.debezium.time.NanoTimestamp": 10**9,
}
"""Times without a zone: ticks since 1970-01-01T00:00 of the database's own wall clock."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """How one column is encoded.

    Args:
        kind: Connect's type, e.g. int64, bytes, string.
        name: semantic type, e.g. io.debezium.time.Date; empty where there is none.
        scale: decimals of an unscaled number; None where the type has none.
    """

    kind: str
    name: str = ""
    scale: int | None = None


def column_types(struct: Node) -> dict[str, ColumnType]:
    """Types of a struct's fields by column name."""
    return {name: _type(field) for field in children(struct, "fields") if (name := text(field, "field"))}


def row_struct(schema: Node) -> Node:
    """The struct that describes the row in the schema of an envelope."""
    for field in children(schema, "fields"):
        if field.get("field") in ("after", "before") and field.get("fields"):
            return field
    return {}


def _type(field: Node) -> ColumnType:
    scale = text(child(field, "parameters"), "scale") or ""
    is_whole = scale.removeprefix("-").isascii() and scale.removeprefix("-").isdigit() and len(scale) <= 4
    return ColumnType(text(field, "type") or "", text(field, "name") or "", int(scale) if is_whole else None)
