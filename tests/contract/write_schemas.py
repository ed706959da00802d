"""Writes `schemas/avro` from the canonical models, and the snapshot of a release.

    python -m tests.contract.write_schemas            after a change of a model
    python -m tests.contract.write_schemas 0.2.0      at a release

Invariant: it changes no schema whose model did not change; what it wrote is reviewed like code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from crossdock.canonical import models
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.models.field_types import OwnState
from crossdock.canonical.schemas import full_names, schema_file, schema_of, schema_root
from crossdock.canonical.topics import declarations
from tests.contract.derived_schema import derived_schema, drift, full_name

Named = type[Canonical] | type[OwnState]


def published() -> Iterator[Named]:
    """Records and enums of the canonical models that have a schema of their own."""
    for name in models.__all__:
        kind = getattr(models, name)
        is_record = isinstance(kind, type) and issubclass(kind, Canonical) and bool(kind.FULL_NAME)
        if is_record or (isinstance(kind, type) and issubclass(kind, OwnState) and kind is not OwnState):
            yield kind


def render(schema: dict[str, Any]) -> str:
    """JSON text with one field a line."""
    if "fields" not in schema:
        return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
    head = [f"  {json.dumps(name)}: {_text(value)}," for name, value in schema.items() if name != "fields"]
    fields = ",\n".join(f"    {_text(field)}" for field in schema["fields"])
    return "{\n" + "\n".join(head) + '\n  "fields": [\n' + fields + "\n  ]\n}\n"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def roots() -> list[str]:
    """Full names of the records that stand alone in a topic or a changelog, not inside another record."""
    used = {name for full in full_names() for name in _references(schema_file(full))}
    topics = {declaration.record for declaration in declarations().values()} - {"bytes"}
    return sorted(topics | (set(full_names()) - used))


def _references(schema: object) -> Iterator[str]:
    match schema:
        case list():
            for branch in schema:
                yield from _references(branch)
        case dict():
            for inner in [schema.get("items"), *(field["type"] for field in schema.get("fields", ()))]:
                yield from _references(inner)
        case str() if "." in schema:
            yield schema


def main(releases: list[str]) -> None:
    """Write what is missing or differs; with a release name also its snapshot."""
    root = schema_root()
    for kind in published():
        name, wanted = full_name(kind), derived_schema(kind)
        known = schema_file(name) if name in full_names() else None
        if known is None or drift(known, wanted):
            (root / "avro" / f"{name}.avsc").write_text(render(wanted), encoding="utf-8")
    schema_file.cache_clear()
    for release in releases:
        folder = root / "released" / release
        folder.mkdir(parents=True, exist_ok=True)
        for name in roots():
            text = json.dumps(schema_of(name), ensure_ascii=False, indent=1) + "\n"
            (folder / f"{name}.avsc").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
