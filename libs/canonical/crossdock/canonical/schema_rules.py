"""What a schema may look like here: rules for our own schemas, and hazards in anybody's.

Invariant: a schema without hazards cannot make a reader recurse without end or loop without consuming
bytes; one that obeys all rules can evolve under FULL_TRANSITIVE (canonical-model §1.10).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crossdock.canonical.avro.names import NormalSchema, Schema, normal_schema


def schema_hazards(schema: Schema) -> list[str]:
    """Recursive types, and array or map items of zero bytes: hostile bytes could crash or hang a reader."""
    normal = normal_schema(schema)
    problems = [f"{name}: the type contains itself" for name in normal.names if _contains(normal, name, name)]
    if problems:
        return problems
    empty: dict[str, bool] = {}
    return [
        f"{path}: items take no bytes, so a few bytes can claim any number of them"
        for path, kind in _walk(normal)
        if isinstance(kind, dict) and kind["type"] == "array" and _is_empty(normal, kind["items"], empty)
    ]


def schema_problems(schema: Schema) -> list[str]:
    """Hazards, and every deviation from our own rules; empty = the schema may be published."""
    hazards = schema_hazards(schema)
    if hazards:
        return hazards
    normal = normal_schema(schema)
    return [f"{path}: {problem}" for path, kind in _walk(normal) for problem in _rules(kind)]


def _rules(kind: dict[str, Any] | list[Any]) -> Iterator[str]:
    if isinstance(kind, list):
        if len(kind) != 2 or kind[0] != {"type": "null"}:
            yield "the only union is [null, X]"
        return
    match kind["type"]:
        case "map":
            yield "maps are not used; an array of named records evolves better"
        case "float" | "double":
            yield "floats are not used; money and quantities are decimals"
        case "enum" if kind.get("default") != "unknown" or "unknown" not in kind["symbols"]:
            yield "an enum has a symbol `unknown`, which is its default"
        case "record":
            yield from _field_rules(kind)
    if kind["type"] in ("record", "enum") and not kind.get("doc"):
        yield "doc is missing"


def _field_rules(record: dict[str, Any]) -> Iterator[str]:
    for field in record["fields"]:
        if not field.get("doc"):
            yield f"field {field['name']} has no doc"
        if isinstance(field["type"], list) and field.get("default", "") is not None:
            yield f"field {field['name']} may be null, so its default is null"
        if not isinstance(field.get("pii", False), bool):
            yield f"field {field['name']}: pii is true or false"


def _walk(normal: NormalSchema) -> Iterator[tuple[str, dict[str, Any] | list[Any]]]:
    """Every type that stands somewhere in the schema, with its place; named types once."""
    if not isinstance(normal.root, str):
        yield from _within(normal.root, "(root)")
    for name, definition in normal.names.items():
        yield name, definition
        for field in definition.get("fields", ()):
            yield from _within(field["type"], f"{name}.{field['name']}")


def _within(kind: Schema, path: str) -> Iterator[tuple[str, dict[str, Any] | list[Any]]]:
    if isinstance(kind, str):
        return
    yield path, kind
    for inner in _parts(kind):
        yield from _within(inner, path)


def _parts(kind: dict[str, Any] | list[Any]) -> list[Schema]:
    if isinstance(kind, list):
        return kind
    return [kind[part] for part in ("items", "values") if part in kind]


def _contains(normal: NormalSchema, outer: str, searched: str) -> bool:
    """Whether values of `outer` may hold values of `searched`, at any depth."""
    seen: set[str] = set()
    waiting: list[Schema] = [field["type"] for field in normal.names[outer].get("fields", ())]
    while waiting:
        kind = waiting.pop()
        if kind == searched:
            return True
        if isinstance(kind, str) and kind not in seen:
            seen.add(kind)
            waiting += [field["type"] for field in normal.names[kind].get("fields", ())]
        elif not isinstance(kind, str):
            waiting += _parts(kind)
    return False


def _is_empty(normal: NormalSchema, kind: Schema, known: dict[str, bool]) -> bool:
    """Whether a value of the type takes no bytes; only asked where no type contains itself."""
    if isinstance(kind, list):
        return False
    if isinstance(kind, str):
        if kind not in known:
            known[kind] = _is_empty(normal, normal.names[kind], known)
        return known[kind]
    match kind["type"]:
        case "null":
            return True
        case "fixed":
            return not kind["size"]
        case "record" | "error":
            return all(_is_empty(normal, field["type"], known) for field in kind["fields"])
    return False
