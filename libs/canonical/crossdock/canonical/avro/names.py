"""Avro schemas in normal form: named types apart, references by full name.

Invariant: in normal form a type is a full name found in `names`, a union (list), or a dict whose `type` is
a plain type name; namespaces and short references are resolved as the Avro specification says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

Schema = dict[str, Any] | list[Any] | str
"""An Avro schema as parsed JSON."""

NAMED_KINDS: Final = frozenset({"record", "error", "enum", "fixed"})
PRIMITIVES: Final = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})


class SchemaInvalid(ValueError):
    """The JSON is no Avro schema; the message names the place."""


@dataclass(slots=True)
class NormalSchema:
    """A schema with its named types apart."""

    root: Schema = "null"
    names: dict[str, dict[str, Any]] = field(default_factory=dict)

    def definition(self, schema: Schema) -> dict[str, Any] | list[Any]:
        """What a type in normal form is: its definition, or the union itself."""
        return self.names[schema] if isinstance(schema, str) else schema


def normal_schema(schema: Schema) -> NormalSchema:
    """Normal form of a self-contained schema. Raises SchemaInvalid."""
    normal = NormalSchema()
    try:
        normal.root = _normal(schema, "", normal.names)
    except (KeyError, TypeError, AttributeError) as error:
        raise SchemaInvalid(f"no Avro schema: {type(error).__name__} {error}") from None
    except RecursionError:
        raise SchemaInvalid("the schema is nested too deep") from None
    return normal


def _normal(schema: Schema, namespace: str, names: dict[str, dict[str, Any]]) -> Schema:
    if isinstance(schema, list):
        return [_normal(branch, namespace, names) for branch in schema]
    if isinstance(schema, str):
        return _reference(schema, namespace, names)
    kind = schema["type"]
    if not isinstance(kind, str):
        return _normal(kind, namespace, names)
    if kind in NAMED_KINDS:
        return _define(schema, namespace, names)
    if kind in ("array", "map"):
        inner = "items" if kind == "array" else "values"
        return {"type": kind, inner: _normal(schema[inner], namespace, names)}
    if kind in PRIMITIVES:
        return schema
    return _reference(kind, namespace, names)


def _reference(name: str, namespace: str, names: dict[str, dict[str, Any]]) -> Schema:
    if name in PRIMITIVES:
        return {"type": name}
    full = full_name(name, namespace)
    if full not in names and name not in names:
        raise SchemaInvalid(f"type {name} is not defined before it is used")
    return full if full in names else name


def _define(schema: dict[str, Any], namespace: str, names: dict[str, dict[str, Any]]) -> str:
    full = full_name(schema["name"], schema.get("namespace", namespace))
    if full in names:
        raise SchemaInvalid(f"type {full} is defined twice")
    inner = full.rpartition(".")[0]
    aliases = [full_name(alias, inner) for alias in schema.get("aliases", ())]
    definition = names[full] = {**schema, "name": full, "aliases": aliases}
    if schema["type"] in ("record", "error"):
        definition["fields"] = [
            {**part, "type": _normal(part["type"], inner, names)} for part in schema["fields"]
        ]
    return full


def full_name(name: str, namespace: str) -> str:
    """Full name of a type: its own where it has dots, else in the namespace."""
    return name if "." in name or not namespace else f"{namespace}.{name}"


def matching_field(reader: dict[str, Any], written: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The writer's field that a reader's field takes: by name, else by one of the reader's aliases."""
    names = (reader["name"], *reader.get("aliases", ()))
    return next((written[name] for name in names if name in written), None)
