"""Avro schema resolution as a question: why could this reader not read what that writer wrote?

Invariant: an empty answer means that every value of the writer's schema decodes under the reader's, with
the same meaning. Source: Apache Avro specification, "Schema Resolution"; stricter in one place: logical
types must agree, because a decimal read with another scale is another amount.
"""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any] | list[Any] | str
"""An Avro schema as parsed JSON, self-contained: each named type is defined where it stands first."""

_PROMOTIONS: Final = {
    "int": {"long", "float", "double"},
    "long": {"float", "double"},
    "float": {"double"},
    "string": {"bytes"},
    "bytes": {"string"},
}
_NAMED: Final = {"record", "error", "enum", "fixed"}


def incompatibilities(reader: Schema, writer: Schema) -> list[str]:
    """Every reason why data of `writer` cannot be read with `reader`; empty = it can."""
    comparison = _Comparison(_names(reader), _names(writer))
    comparison.compare(reader, writer, "")
    return comparison.found


class _Comparison:
    """One walk over both schemas; pairs of named types are compared once, so recursion ends."""

    def __init__(
        self, reader_names: dict[str, dict[str, Any]], writer_names: dict[str, dict[str, Any]]
    ) -> None:
        self.reader_names = reader_names
        self.writer_names = writer_names
        self.seen: set[tuple[str, str]] = set()
        self.found: list[str] = []

    def compare(self, reader: Schema, writer: Schema, path: str) -> None:
        """Record what keeps `reader` from reading `writer` at `path`."""
        reader, writer = _definition(reader, self.reader_names), _definition(writer, self.writer_names)
        if isinstance(writer, list):
            for branch in writer:
                self.compare(reader, branch, path)
        elif isinstance(reader, list):
            self._into_union(reader, writer, path)
        else:
            self._single(reader, writer, path)

    def _into_union(self, reader: list[Any], writer: dict[str, Any], path: str) -> None:
        for branch in reader:
            attempt = _Comparison(self.reader_names, self.writer_names)
            attempt.seen = set(self.seen)
            attempt.compare(branch, writer, path)
            if not attempt.found:
                return
        same = [branch for branch in reader if _kind(branch, self.reader_names) == writer["type"]]
        if len(same) == 1:
            self.compare(same[0], writer, path)  # says what differs inside
        else:
            self._report(path, f"no branch of the reader's union takes {_name(writer)}")

    def _single(self, reader: dict[str, Any], writer: dict[str, Any], path: str) -> None:
        kind = writer["type"]
        if reader["type"] != kind:
            if reader["type"] not in _PROMOTIONS.get(kind, set()):
                self._report(path, f"{_name(writer)} cannot be read as {_name(reader)}")
            elif _logical(reader) != _logical(writer):
                self._report(path, f"logical type {_logical(writer)} became {_logical(reader)}")
        elif kind in _NAMED and not _same_name(reader, writer):
            self._report(path, f"{_name(writer)} became {_name(reader)}; a renamed type needs an alias")
        else:
            self._same_kind(reader, writer, path)

    def _same_kind(self, reader: dict[str, Any], writer: dict[str, Any], path: str) -> None:
        if _logical(reader) != _logical(writer):
            self._report(path, f"logical type {_logical(writer)} became {_logical(reader)}")
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
        pair = (_name(reader), _name(writer))
        if pair in self.seen:
            return
        self.seen.add(pair)
        written = {field["name"]: field for field in writer["fields"]}
        for field in reader["fields"]:
            names = [field["name"], *field.get("aliases", [])]
            match = next((written[name] for name in names if name in written), None)
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


def _names(schema: Schema) -> dict[str, dict[str, Any]]:
    """Definitions of all named types of a schema by full name, namespaces resolved on the way."""
    names: dict[str, dict[str, Any]] = {}
    _collect(schema, "", names)
    return names


def _collect(schema: Schema, namespace: str, names: dict[str, dict[str, Any]]) -> None:
    if isinstance(schema, list):
        for branch in schema:
            _collect(branch, namespace, names)
    elif isinstance(schema, dict):
        if isinstance(schema["type"], dict | list):
            _collect(schema["type"], namespace, names)
        elif schema["type"] in _NAMED:
            full = _full_name(schema["name"], schema.get("namespace", namespace))
            names[full] = schema
            if "." not in schema["name"]:
                names.setdefault(schema["name"], schema)  # references inside the namespace may be short
            namespace = full.rpartition(".")[0]
        for inner in _children(schema):
            _collect(inner, namespace, names)


def _children(schema: dict[str, Any]) -> list[Schema]:
    children = [schema[name] for name in ("items", "values") if name in schema]
    return children + [field["type"] for field in schema.get("fields", ())]


def _full_name(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _definition(schema: Schema, names: dict[str, dict[str, Any]]) -> dict[str, Any] | list[Any]:
    """The schema with references and wrappers resolved: a union, or a dict with a plain type name."""
    while not isinstance(schema, list):
        kind = schema if isinstance(schema, str) else schema["type"]
        if isinstance(kind, dict | list):
            schema = kind
        elif kind in names:
            return names[kind]
        else:
            return {"type": kind} if isinstance(schema, str) else schema
    return schema


def _kind(schema: Schema, names: dict[str, dict[str, Any]]) -> str:
    definition = _definition(schema, names)
    return "union" if isinstance(definition, list) else str(definition["type"])


def _name(schema: dict[str, Any]) -> str:
    if schema["type"] not in _NAMED:
        return str(schema["type"])
    return f"{schema['type']} {_full_name(schema['name'], schema.get('namespace', ''))}"


def _same_name(reader: dict[str, Any], writer: dict[str, Any]) -> bool:
    """Unqualified names count, as in the specification; the reader's aliases too."""
    own = {name.rpartition(".")[2] for name in (reader["name"], *reader.get("aliases", []))}
    return str(writer["name"]).rpartition(".")[2] in own


def _logical(schema: dict[str, Any]) -> str:
    """Logical type with its parameters, empty text where there is none (a missing scale is 0)."""
    kind = schema.get("logicalType", "")
    return f"{kind}({schema.get('precision')},{schema.get('scale', 0)})" if kind == "decimal" else str(kind)
