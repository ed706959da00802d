"""Reads and judges Avro schemas.

Invariant: a schema that gets past here is valid Avro and cannot make a decoder crash or loop: recursive
types overflow fastavro's stack, and arrays of items without bytes never end (a few bytes claim 2^40 items).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import fastavro
from fastavro.schema import SchemaParseException, UnknownType

from crossdock.registry.errors import INVALID_SCHEMA, Unprocessable

PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_NAMED = ("record", "enum", "fixed", "error")

Definitions = Mapping[str, Any]
"""Definition of each referenced type by its full name."""


@dataclass(frozen=True, slots=True)
class AvroSchema:
    """A valid schema.

    Args:
        text: compact JSON, as it is stored and answered; equal schemas have equal text.
        whole: the schema with the definitions of referenced types in place, for comparing versions.
        names: full names that it defines itself, each with its definition.
    """

    text: str
    whole: Any
    names: Definitions


def parse(text: str, definitions: Definitions, *, refuse_hazards: bool) -> AvroSchema:
    """Validate a schema. Raises Unprocessable (42201) naming the first fault."""
    try:
        document = json.loads(text)
        walk = _Walk(definitions)
        whole, _ = walk.schema(document, "", ())
        fastavro.parse_schema(whole, _force=True)
    except RecursionError:
        raise _invalid("it is nested too deeply") from None
    except (ValueError, KeyError, TypeError, AttributeError, SchemaParseException, UnknownType) as error:
        raise _invalid(f"{type(error).__name__}: {error}") from None
    if refuse_hazards and walk.hazards:
        raise _invalid("; ".join(walk.hazards))
    return AvroSchema(json.dumps(document, separators=(",", ":")), whole, walk.names)


def full_name(node: Mapping[str, Any], namespace: str) -> str:
    """Full name of a named type inside a namespace."""
    name = str(node["name"])
    space = node.get("namespace", namespace)
    return name if "." in name or not space else f"{space}.{name}"


def _invalid(reason: str) -> Unprocessable:
    return Unprocessable(INVALID_SCHEMA, f"Invalid schema: {reason}")


class _Walk:
    """One pass over a schema: puts referenced definitions in place and notes hazards.

    Each method returns the node and whether a value of it takes at least one byte.
    """

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._widths: dict[str, bool] = {}
        self.names: dict[str, Any] = {}
        self.hazards: list[str] = []

    def schema(self, node: Any, namespace: str, inside: tuple[str, ...]) -> tuple[Any, bool]:
        if isinstance(node, str):
            return self._name(node, namespace, inside)
        if isinstance(node, list):
            return [self.schema(branch, namespace, inside)[0] for branch in node], True
        if not isinstance(node, dict) or "type" not in node:
            raise ValueError("a schema is a name, a union or an object with `type`")
        return self._object(node, namespace, inside)

    def _name(self, name: str, namespace: str, inside: tuple[str, ...]) -> tuple[Any, bool]:
        if name in PRIMITIVES:
            return name, name != "null"
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        if full not in self.names and full not in self._definitions:
            full = name  # a name without dots may also mean the null namespace
        if full in inside:
            self.hazards.append(f"the type {full} contains itself, with which a decoder can be crashed")
        if full in self.names or full not in self._definitions:
            return full, self._widths.get(full, True)
        return self.schema(self._definitions[full], "", inside)

    def _object(self, node: dict[str, Any], namespace: str, inside: tuple[str, ...]) -> tuple[Any, bool]:
        kind = node["type"]
        if kind in _NAMED:
            return self._named(node, namespace, inside)
        if kind == "array":
            items, has_width = self.schema(node["items"], namespace, inside)
            if not has_width:
                self.hazards.append(
                    "an array has items without bytes, with which a decoder can be made to loop"
                )
            return {**node, "items": items}, True
        if kind == "map":
            return {**node, "values": self.schema(node["values"], namespace, inside)[0]}, True
        inner, has_width = self.schema(kind, namespace, inside)
        return {**node, "type": inner}, has_width

    def _named(self, node: dict[str, Any], namespace: str, inside: tuple[str, ...]) -> tuple[Any, bool]:
        full = full_name(node, namespace)
        self.names[full] = {**node, "name": full, "namespace": full.rpartition(".")[0]}
        if node["type"] in ("enum", "fixed"):
            self._widths[full] = node.get("size") != 0
            return self.names[full], self._widths[full]
        read = [
            self.schema(field["type"], full.rpartition(".")[0], (*inside, full)) for field in node["fields"]
        ]
        fields = [{**field, "type": kind} for field, (kind, _) in zip(node["fields"], read, strict=True)]
        self._widths[full] = any(has_width for _, has_width in read)
        return {**self.names[full], "fields": fields}, self._widths[full]
