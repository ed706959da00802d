"""XML payloads read like JSON ones: an element is an object, a leaf is text, a repeated element a list.

Invariant: no document type, entity, processing outside of the bytes or unbounded nesting is ever followed: a
payload that defines or uses an entity is refused; a document type that is only named (cXML) is passed over,
never fetched. Namespaces are dropped, order among siblings of one name is kept.

    <a id="1"><b>2</b><b>3</b><c/></a>   is   {"a": {"@id": "1", "b": ["2", "3"], "c": ""}}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.formats.json_document import Document, Node

DEPTH_MAX: Final = 64
"""Deepest nesting that is read."""
TEXT: Final = "#text"
"""Name of the text of an element that has attributes or elements beside it."""
_BLANKS: Final = b"\xef\xbb\xbf \t\r\n"
_OPENINGS: Final = (b"<", b"\xff\xfe<\0", b"\xfe\xff\0<")
"""First bytes in UTF-8 and its kin, and in UTF-16 with its byte order mark."""


def is_xml(data: bytes | None) -> bool:
    """Whether a payload begins like XML, after blanks and a byte order mark."""
    return bool(data) and (data or b"").lstrip(_BLANKS).startswith(_OPENINGS)


def xml_document(data: bytes) -> Document:
    """The document; its root has one member, the root element.

    Raises Rejected ENVELOPE_BROKEN where it is not well-formed, too deep or defines or uses an entity.
    """
    return Document(_Reader().read(data.lstrip(_BLANKS)), is_exact=True)


def xml_of(name: str, value: object) -> bytes:
    """The element of this name that `xml_document` reads as this value; the elements of a list follow each
    other."""
    return "".join(_rendered(name, value)).encode()


def _rendered(name: str, value: object) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _rendered(name, one)
        return
    node = value if isinstance(value, dict) else {TEXT: value}
    attributes = "".join(
        f" {key[1:]}={quoteattr(str(said))}" for key, said in node.items() if key.startswith("@")
    )
    yield f"<{name}{attributes}>"
    for key, inner in node.items():
        if key == TEXT:
            yield escape(str(inner))
        elif not key.startswith("@"):
            yield from _rendered(key, inner)
    yield f"</{name}>"


class _Reader:
    """Builds nodes from expat's events; one instance per payload."""

    def __init__(self) -> None:
        self._stack: list[tuple[str, Node, list[str]]] = [("", {}, [])]
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.SkippedEntityHandler = self._entity

    def read(self, data: bytes) -> Node:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            place = f"line {error.lineno} column {error.offset + 1}"
            detail = f"not XML: {expat.ErrorString(error.code)}"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, place) from error
        except (LookupError, ValueError) as error:  # an encoding that Python does not know
            detail = "the XML declares an unknown character encoding; send UTF-8"
            raise Rejected(RejectionCode.ENCODING_INVALID, detail, "line 1 column 1") from error
        return self._stack[0][1]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._stack) > DEPTH_MAX:
            raise self._refusal(f"elements are nested more than {DEPTH_MAX} deep")
        node: Node = {
            f"@{_local(attribute)}": value
            for attribute, value in attributes.items()
            if not attribute.startswith("xmlns")
        }
        self._stack.append((_local(name), node, []))

    def _end(self, _: str) -> None:
        name, node, texts = self._stack.pop()
        text = "".join(texts).strip()
        value: object = node
        if not node:
            value = text
        elif text:
            node[TEXT] = text
        _add(self._stack[-1][1], name, value)

    def _characters(self, text: str) -> None:
        self._stack[-1][2].append(text)

    def _doctype(self, _name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
        if has_subset:
            raise self._refusal("the payload defines a document type; send the document alone")

    def _entity(self, *_: object) -> None:
        raise self._refusal("the payload uses an entity that only its document type defines; send the text")

    def _refusal(self, detail: str) -> Rejected:
        place = f"line {self._parser.CurrentLineNumber} column {self._parser.CurrentColumnNumber + 1}"
        return Rejected(RejectionCode.ENVELOPE_BROKEN, detail, place)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _add(parent: Node, name: str, value: object) -> None:
    if name not in parent:
        parent[name] = value
        return
    earlier = parent[name]
    if isinstance(earlier, list):
        earlier.append(value)
    else:
        parent[name] = [earlier, value]
