"""The Avro schemas of `schemas/avro`: where they are, and one self-contained schema per record.

Invariant: a full name has one file, and what `schema_of` returns depends on these files alone.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
"""A record or enum schema as parsed JSON."""


@cache
def schema_root() -> Path:
    """The `schemas` directory: package data of an installed wheel, else the repository's.

    Raises FileNotFoundError where neither is there: a broken installation.
    """
    here = Path(__file__).resolve().parent
    places = [here / "schemas", *(parent / "schemas" for parent in here.parents)]
    for place in places:
        if (place / "avro").is_dir():
            return place
    raise FileNotFoundError("no schemas beside crossdock.canonical: the installation is incomplete")


def full_names() -> list[str]:
    """Full names of all schemas, sorted."""
    return sorted(path.name.removesuffix(".avsc") for path in (schema_root() / "avro").glob("*.avsc"))


@cache
def schema_file(full_name: str) -> Schema:
    """One schema as its file has it, references by full name. Raises KeyError for an unknown name."""
    try:
        text = (schema_root() / "avro" / f"{full_name}.avsc").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KeyError(f"no schema {full_name}") from None
    schema: Schema = json.loads(text)
    return schema


@cache
def schema_of(full_name: str) -> Schema:
    """Self-contained schema: each named type is defined where it is used first. Raises KeyError.

    The result is shared: do not change it.
    """
    inlined: Schema = _inline(full_name, set())
    return inlined


def _inline(schema: Any, defined: set[str]) -> Any:  # any JSON that stands in a type's place
    if isinstance(schema, list):
        return [_inline(branch, defined) for branch in schema]
    if isinstance(schema, str):
        if "." not in schema or schema in defined:
            return schema
        defined.add(schema)
        return _inline(schema_file(schema), defined)
    inner = {name: _inline(schema[name], defined) for name in ("items", "values") if name in schema}
    if "fields" in schema:
        inner["fields"] = [field | {"type": _inline(field["type"], defined)} for field in schema["fields"]]
    return schema | inner


def record_name(schema: object) -> str:
    """Full name of a record's schema, whatever a registry may hold. Raises ValueError for anything else."""
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise ValueError("no schema of an Avro record")
    name, namespace = schema.get("name"), schema.get("namespace")
    if not isinstance(name, str):
        raise ValueError("a record without a name")
    return name if "." in name or not isinstance(namespace, str) else f"{namespace}.{name}"
