"""Writers of Avro bodies, generated per record from its schema: straight from a model to bytes.

Invariant: a generated writer gives the bytes that the Avro specification prescribes for the schema; a
test compares them with fastavro's. Why generated: an order has some 450 values, and the generic way
(dump to a dict, look at the schema value by value) takes 8 times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from crossdock.canonical.avro.names import NormalSchema, Schema, normal_schema
from crossdock.canonical.avro.values import (
    KeptBytes,
    Memory,
    remembered_text,
    write_date,
    write_decimal,
    write_instant,
    write_long,
)

Writer = Callable[[dict[str, Any], bytearray], None]
"""Appends the bytes of a model, given its `__dict__`, to a buffer."""

REPEATED: Final = frozenset(
    {
        "account",
        "country",
        "currency",
        "issuer",
        "jurisdiction",
        "mapping_version",
        "object_type",
        "partner",
        "presentment_currency",
        "raw_topic",
        "sku",
        "system",
        "tenant",
        "topic",
        "unit",
        "zone",
    }
)
"""Text fields with few distinct values: their bytes are remembered. Never one with personal data."""
_INLINE_FIELDS_MAX: Final = 6


def compile_writer(schema: Schema) -> Writer:
    """Writer of the record at the root of a self-contained schema. Raises TypeError where it has none."""
    source = _WriterSource(normal_schema(schema))
    assert isinstance(source.normal.root, str)
    name = source.function(source.normal.root)
    scope = dict(source.scope)
    # Our own text, made from our own schema files.
    exec("\n".join(source.lines), scope)
    writer: Writer = scope[name]
    return writer


class _WriterSource:
    """Text of the writer functions of one schema, and the objects they use."""

    def __init__(self, normal: NormalSchema) -> None:
        self.normal = normal
        self.lines: list[str] = []
        self.functions: dict[str, str] = {}
        self.scope: dict[str, Any] = {  # whatever the generated text names
            "LONG": Memory(write_long),
            "TEXT": remembered_text(),
            "INSTANT": Memory(write_instant),
            "DATE": Memory(write_date),
        }

    def function(self, full_name: str) -> str:
        """Name of the function that writes a record; written first where it is new."""
        name = self.functions.get(full_name)
        if name is None:
            name = self.functions[full_name] = f"write_{full_name.replace('.', '_').replace('-', '_')}"
            body = self.record(self.normal.names[full_name], "d", 1)
            self.lines += [f"def {name}(d, out):", *body, ""]
        return name

    def record(self, record: dict[str, Any], values: str, depth: int) -> list[str]:
        """Lines that write the fields found in the dict named `values`."""
        lines: list[str] = []
        for field in record["fields"]:
            hint = field["name"] if not field.get("pii") else ""
            lines += self.value(field["type"], f"{values}[{field['name']!r}]", hint, depth)
        return lines

    def value(self, kind: Schema, value: str, hint: str, depth: int) -> list[str]:
        """Lines that write the value of the expression `value`."""
        pad = "    " * depth
        if isinstance(kind, list):
            return self._nullable(kind, value, hint, depth)
        definition = self.normal.definition(kind)
        assert isinstance(definition, dict)
        match definition["type"]:
            case "record":
                return self._nested(definition, value, depth)
            case "array":
                return self._array(definition, value, depth)
            case "string" if hint not in REPEATED:
                return [f"{pad}b = {value}.encode()", f"{pad}out += LONG[len(b)]; out += b"]
            case "bytes" if "logicalType" not in definition:
                return [f"{pad}b = {value}", f"{pad}out += LONG[len(b)]; out += b"]
        return [f"{pad}out += {self._plain(definition, value)}"]

    def _plain(self, definition: dict[str, Any], value: str) -> str:
        """Expression of the bytes of a value that is remembered or has few forms."""
        match definition["type"], definition.get("logicalType"):
            case "string", None:
                return f"TEXT[{value}]"
            case "boolean", None:
                return f"(b'\\1' if {value} else b'\\0')"
            case "enum", None:
                table = {symbol: write_long(i) for i, symbol in enumerate(definition["symbols"])}
                return f"{self.constant('ENUM', definition['name'], table)}[{value}._value_]"
            case "bytes", "decimal":
                precision, scale = definition["precision"], definition["scale"]
                memory = Memory(write_decimal(precision, scale))
                return f"{self.constant('DECIMAL', f'{precision}_{scale}', memory)}[{value}]"
            case "int" | "long", None:
                return f"LONG[{value}]"
            case "long", "timestamp-micros":
                return f"INSTANT[{value}]"
            case "int", "date":
                return f"DATE[{value}]"
        raise TypeError(f"no writer for the Avro type {definition}")

    def _nullable(self, union: list[Any], value: str, hint: str, depth: int) -> list[str]:
        pad = "    " * depth
        if len(union) != 2 or union[0] != {"type": "null"}:
            raise TypeError("the only union is [null, X]")
        name = f"v{depth}"
        return [
            f"{pad}{name} = {value}",
            f"{pad}if {name} is None: out += b'\\0'",
            f"{pad}else:",
            f"{pad}    out += b'\\2'",
            *self.value(union[1], name, hint, depth + 1),
        ]

    def _nested(self, record: dict[str, Any], value: str, depth: int) -> list[str]:
        pad = "    " * depth
        if not self._is_small(record):
            return [f"{pad}{self.function(record['name'])}({value}.__dict__, out)"]
        name = f"d{depth}"
        if self._has_decimal(record):
            return self._kept(record, value, depth)
        return [f"{pad}{name} = {value}.__dict__", *self.record(record, name, depth)]

    def _kept(self, record: dict[str, Any], value: str, depth: int) -> list[str]:
        """Lines that write an amount or quantity, whose instances are shared, once per instance."""
        pad, model = "    " * depth, f"m{depth}"
        kept = self.constant("KEPT", record["name"], KeptBytes())
        return [
            f"{pad}{model} = {value}",
            f"{pad}k = {kept}.get(id({model}))",
            f"{pad}if k is None:",
            f"{pad}    start, d{depth} = len(out), {model}.__dict__",
            *self.record(record, f"d{depth}", depth + 1),
            f"{pad}    {kept}.keep({model}, bytes(out[start:]))",
            f"{pad}else: out += k[1]",
        ]

    def _array(self, array: dict[str, Any], value: str, depth: int) -> list[str]:
        pad, items, item = "    " * depth, f"a{depth}", f"x{depth}"
        return [
            f"{pad}{items} = {value}",
            f"{pad}if {items}:",
            f"{pad}    out += LONG[len({items})]",
            f"{pad}    for {item} in {items}:",
            *self.value(array["items"], item, "", depth + 2),
            f"{pad}out += b'\\0'",
        ]

    def _is_small(self, record: dict[str, Any]) -> bool:
        """Whether the record is written in place: few fields, none of them a record, array or union."""
        definitions = [self.normal.definition(field["type"]) for field in record["fields"]]
        return len(definitions) <= _INLINE_FIELDS_MAX and all(
            isinstance(definition, dict) and definition["type"] not in ("record", "array")
            for definition in definitions
        )

    def _has_decimal(self, record: dict[str, Any]) -> bool:
        definitions = [self.normal.definition(field["type"]) for field in record["fields"]]
        return any(isinstance(one, dict) and one.get("logicalType") == "decimal" for one in definitions)

    def constant(self, prefix: str, key: str, value: object) -> str:
        """Name of an object in the scope of the generated code, shared per key."""
        name = f"{prefix}_{key.replace('.', '_')}"
        self.scope.setdefault(name, value)
        return name
