"""Payloads of declarative mappings as documents: JSON and XML objects, or groups of rows.

Invariant: every row and every element is in exactly one document; a row that does not fit its columns is
refused with its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models.mapping import MappingCondition, MappingSection
from crossdock.formats.declarative.compiler import chosen, steps_of
from crossdock.formats.declarative.grouping import LINE, gathered
from crossdock.formats.json_document import Node, exact_document
from crossdock.formats.json_documents import json_documents
from crossdock.formats.xml_document import xml_document

_DELIMITERS: Final = {"csv": ",", "tsv": "\t"}


def source_documents(spec: MappingSection, data: bytes) -> list[Node]:
    """The documents of a payload, in order. Raises Rejected ENVELOPE_BROKEN, ENCODING_INVALID."""
    if spec.source in ("json", "xml"):
        return _objects(spec, data)
    text = _behind(spec.skip_lines, _decoded(spec, data))
    read = _fixed(spec, text) if spec.source == "fixed" else _delimited(spec, text)
    rows = list(read)
    _require_columns(spec, rows)
    rows = [row for row in rows if spec.keep is None or _holds(spec.keep, row)]
    if not rows:
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, "the file holds no row", "line 1")
    return gathered(rows, spec.group_by)


def _objects(spec: MappingSection, data: bytes) -> list[Node]:
    if spec.documents is None:
        return [_root(spec, one) for one in whole_documents(spec, data)]
    root = _root(spec, _unlisted(data))
    value: object = root
    for step in steps_of(spec.documents)[1]:
        if isinstance(step, tuple):
            value = chosen(value, *step)
        elif isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    listed = value if isinstance(value, list) else [value]
    found = [one for one in listed if isinstance(one, dict)]
    if not found:
        detail = "the mapping's `documents` names no list of objects in this payload"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, spec.documents)
    return found


def whole_documents(spec: MappingSection, data: bytes) -> list[bytes]:
    """Where `documents` names no list: the bytes of each JSON value of a file, an array or JSON lines."""
    return json_documents(data, (), ()) if spec.source == "json" else [data]


def _root(spec: MappingSection, data: bytes) -> Node:
    return (exact_document if spec.source == "json" else xml_document)(data).root


def _unlisted(data: bytes) -> bytes:
    """A bare JSON array stands under the path `$[*]`, which is read as the member of an object."""
    return b'{"":' + data + b"}" if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[") else data


def _decoded(spec: MappingSection, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig" if spec.encoding == "utf-8" else spec.encoding)
    except UnicodeDecodeError as error:
        detail = f"byte {error.start} is not {spec.encoding}; set `encoding` of the mapping"
        raise Rejected(RejectionCode.ENCODING_INVALID, detail, f"byte {error.start}") from error


def _behind(lines: int, text: str) -> str:
    """The text without its first lines."""
    start = 0
    for _ in range(lines):
        start = text.find("\n", start) + 1
        if not start:
            return ""
    return text[start:]


def _require_columns(spec: MappingSection, rows: list[Node]) -> None:
    """Columns that decide which rows belong together: without them every row would be one document's."""
    needed = [*spec.group_by, *([_column(spec.keep)] if spec.keep else [])]
    missing = [column for column in needed if rows and not any(column in row for row in rows)]
    if missing:
        detail = f"no column is called so, which group_by or keep of the mapping names: {', '.join(missing)}"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"line {spec.skip_lines + 1}")


def _column(condition: MappingCondition) -> str:
    return condition.path.removeprefix("$.")


def _holds(condition: MappingCondition, row: Node) -> bool:
    """Whether a row's column meets the condition."""
    found = str(row.get(_column(condition)) or "").strip() or None
    if condition.is_present is not None:
        return (found is not None) is condition.is_present
    if condition.equals is not None:
        return found == condition.equals
    if condition.one_of is not None:
        return found in condition.one_of
    return found not in (condition.not_one_of or ())


def _delimited(spec: MappingSection, text: str) -> Iterator[Node]:
    delimiter = spec.delimiter or _DELIMITERS[spec.source]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = list(spec.names)
    cells: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [cell.strip() for cell in cells]
                _require_distinct(names, spec.skip_lines + reader.line_num)
                continue
            yield _row(names, cells, spec.skip_lines + reader.line_num)
        if 0 < len(cells) < len(names) and not text.endswith(("\n", "\r")):
            detail = f"the last row has {len(cells)} of {len(names)} cells and no line end: it is cut off"
            place = f"line {spec.skip_lines + reader.line_num}"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, place)
    except csv.Error as error:
        raise Rejected(
            RejectionCode.ENVELOPE_BROKEN,
            f"not {spec.source}: {error}",
            f"line {spec.skip_lines + reader.line_num}",
        ) from None


def _require_distinct(names: list[str], line: int) -> None:
    doubled = [name for name in dict.fromkeys(names) if names.count(name) > 1 and name]
    if doubled:
        detail = f"{len(doubled)} column name(s) stand twice in the header"
        raise Rejected(RejectionCode.DUPLICATE_FIELD, detail, f"line {line}")


def _row(names: list[str], cells: list[str], line: int) -> Node:
    if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
        detail = f"the row has {len(cells)} cells, the header has {len(names)}"
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, f"line {line}")
    row: Node = dict(zip(names, cells, strict=False))
    row[LINE] = line
    return row


def _fixed(spec: MappingSection, text: str) -> Iterator[Node]:
    for number, line in enumerate(text.splitlines(), spec.skip_lines + 1):
        if line.strip():
            row: Node = {name: line[first - 1 : last] for name, (first, last) in spec.columns.items()}
            row[LINE] = number
            yield row
