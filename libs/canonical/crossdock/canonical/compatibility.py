"""Avro schema resolution as a question: why could this reader not read what that writer wrote?

Invariant: an empty answer means that every value of the writer's schema decodes under the reader's, with
the same meaning. Source: Apache Avro specification, "Schema Resolution"; stricter in one place: logical
types must agree, because a decimal read with another scale is another amount.
"""

from __future__ import annotations

from typing import Any, Final

from crossdock.canonical.avro.names import NAMED_KINDS, NormalSchema, Schema, matching_field, normal_schema

__all__ = ["Schema", "incompatibilities"]

_PROMOTIONS: Final = {
    "int": {"long", "float", "double"},
    "long": {"float", "double"},
    "float": {"double"},
    "string": {"bytes"},
    "bytes": {"string"},
}


def incompatibilities(reader: Schema, writer: Schema) -> list[str]:
    """Every reason why data of `writer` cannot be read with `reader`; empty = it can.

    Both are self-contained schemas. Raises SchemaInvalid (a ValueError) where one is no schema.
    """
    comparison = _Comparison(normal_schema(reader), normal_schema(writer))
    comparison.compare(comparison.reader.root, comparison.writer.root, "")
    return comparison.found


class _Comparison:
    """One walk over both schemas; pairs of records are compared once, so recursion ends."""

    def __init__(self, reader: NormalSchema, writer: NormalSchema) -> None:
        self.reader = reader
        self.writer = writer
        self.seen: set[tuple[str, str]] = set()
        self.found: list[str] = []

    def compare(self, reader: Schema, writer: Schema, path: str) -> None:
        """Record what keeps `reader` from reading `writer` at `path`."""
        read, written = self.reader.definition(reader), self.writer.definition(writer)
        if isinstance(written, list):
            for branch in written:
                self.compare(reader, branch, path)
        elif isinstance(read, list):
            self._into_union(read, writer, path)
        else:
            self._single(read, written, path)

    def _into_union(self, reader: list[Any], writer: Schema, path: str) -> None:
        for branch in reader:
            attempt = _Comparison(self.reader, self.writer)
            attempt.seen = set(self.seen)
            attempt.compare(branch, writer, path)
            if not attempt.found:
                return
        kind = _kind(self.writer.definition(writer))
        same = [branch for branch in reader if _kind(self.reader.definition(branch)) == kind]
        if len(same) == 1:
            self.compare(same[0], writer, path)  # says what differs inside
        else:
            self._report(path, f"no branch of the reader's union takes {kind}")

    def _single(self, reader: dict[str, Any], writer: dict[str, Any], path: str) -> None:
        kind = writer["type"]
        if reader["type"] != kind and reader["type"] not in _PROMOTIONS.get(kind, set()):
            self._report(path, f"{_name(writer)} cannot be read as {_name(reader)}")
        elif kind in NAMED_KINDS and not _same_name(reader, writer):
            self._report(path, f"{_name(writer)} became {_name(reader)}; a renamed type needs an alias")
        else:
            if _logical(reader) != _logical(writer):
                was, now = _logical(writer) or "no logical type", _logical(reader) or "no logical type"
                self._report(path, f"{was} became {now}")
            if reader["type"] == kind:
                self._inside(reader, writer, path)

    def _inside(self, reader: dict[str, Any], writer: dict[str, Any], path: str) -> None:
        match writer["type"]:
            case "record" | "error":
                self._records(reader, writer, path)
            case "enum":
                self._enums(reader, writer, path)
            case "fixed" if reader.get("size") != writer.get("size"):
                self._report(path, f"size {writer.get('size')} became {reader.get('size')}")
            case "array":
                self.compare(reader["items"], writer["items"], f"{path}[]")
            case "map":
                self.compare(reader["values"], writer["values"], f"{path}{{}}")

    def _records(self, reader: dict[str, Any], writer: dict[str, Any], path: str) -> None:
        pair = (reader["name"], writer["name"])
        if pair in self.seen:
            return
        self.seen.add(pair)
        written = {field["name"]: field for field in writer["fields"]}
        for field in reader["fields"]:
            match = matching_field(field, written)
            where = f"{path}.{field['name']}" if path else field["name"]
            if match is not None:
                self.compare(field["type"], match["type"], where)
            elif "default" not in field:
                self._report(
                    where, "the reader needs this field, the writer has none and there is no default"
                )

    def _enums(self, reader: dict[str, Any], writer: dict[str, Any], path: str) -> None:
        lost = [symbol for symbol in writer["symbols"] if symbol not in reader["symbols"]]
        if lost and "default" not in reader:
            self._report(path, f"symbols {', '.join(lost)} are unknown to the reader, which has no default")

    def _report(self, path: str, problem: str) -> None:
        self.found.append(f"{path or '(root)'}: {problem}")


def _kind(definition: dict[str, Any] | list[Any]) -> str:
    return "union" if isinstance(definition, list) else str(definition["type"])


def _name(definition: dict[str, Any]) -> str:
    return f"{definition['type']} {definition['name']}" if "name" in definition else str(definition["type"])


def _same_name(reader: dict[str, Any], writer: dict[str, Any]) -> bool:
    """Unqualified names count, as in the specification; the reader's aliases too."""
    own = {name.rpartition(".")[2] for name in (reader["name"], *reader["aliases"])}
    return str(writer["name"]).rpartition(".")[2] in own


def _logical(schema: dict[str, Any]) -> str:
    """Logical type with its parameters, empty text where there is none (a missing scale is 0)."""
    kind = schema.get("logicalType", "")
    return f"{kind}({schema.get('precision')},{schema.get('scale', 0)})" if kind == "decimal" else str(kind)
