"""A file of several JSON documents: an array, a wrapper around one, JSON lines, messages, or pages of these.

Invariant: each document keeps its own bytes, none is lost: what cannot be cut apart is one document, and
is refused as such when it is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import Revision, RevisionKind
from crossdock.canonical.reading import Part, Reading
from crossdock.canonical.record import Record
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts
from crossdock.formats.queue_messages import queue_messages

_BETWEEN: Final = re.compile(r"[\s,\x1e]*")
_BLANKS: Final = re.compile(r"\s*")
LISTS: Final = frozenset({"orders", "data", "items"})
"""Names under which list answers of REST APIs hold their objects."""
ORDER_ARRAYS: Final = ("line_items", "lines")
"""Names under which orders hold their lines."""
_DECODER: Final = json.JSONDecoder()


Place = tuple[int, int]
"""Start and end of a value in the text."""


def json_documents(
    data: bytes, wrappers: Collection[str] = LISTS, own_arrays: Collection[str] = ORDER_ARRAYS
) -> list[bytes]:
    """The bytes of each document of a file, in order; a file of one is returned as it came.

    Args:
        wrappers: names under which an object holds the list of documents; `a.b` where it is held by the
            object under `a`.
        own_arrays: names of arrays that a single document has itself, so that it is no wrapper.

    Raises Rejected OUTPUT_TOO_LARGE where they are too many.
    """
    try:
        text = data.decode("utf-8-sig")
        places = _values(text, 0, len(text))
        messages = queue_messages(text) if len(places) == 1 else []
        if messages:
            return _flat(json_documents(message, wrappers, own_arrays) for message in messages)
        lists = _lists_of(text, *places[0], wrappers, own_arrays) if len(places) == 1 else []
        if lists:
            places = _elements(text, lists)
        elif len(places) == 1:
            return [data]
        places = list(_unpaged(text, places, wrappers, own_arrays))
        if len(places) > PARTS_MAX:
            raise too_many_parts("$")
    except (UnicodeDecodeError, ValueError, RecursionError):
        return _lines(data) or [data]
    return [text[start:end].encode() for start, end in places]


def _flat(lists: Iterable[list[bytes]]) -> list[bytes]:
    found = [document for documents in lists for document in documents]
    if len(found) > PARTS_MAX:
        raise too_many_parts("$")
    return found


def _unpaged(
    text: str, places: Sequence[Place], wrappers: Collection[str], own_arrays: Collection[str]
) -> Iterator[Place]:
    """The documents of a list: a page in it stands for what it holds, an empty one for itself."""
    names = [f'"{name.rpartition(".")[2]}"' for name in wrappers]
    for start, end in places:
        is_likely = text[start] == "{" and any(text.find(name, start, end) >= 0 for name in names)
        lists = _lists_of(text, start, end, wrappers, own_arrays) if is_likely else []
        yield from _elements(text, lists) or [(start, end)]


def _lines(data: bytes) -> list[bytes]:
    """The lines of a file of JSON lines some of which are broken; none where it is no such file.

    At least half of its lines are objects: in a broken document over several lines hardly any is.
    """
    lines = [line for line in map(bytes.strip, data.removeprefix(BOM_UTF8).split(b"\n")) if line]
    if len(lines) < 2 or 2 * sum(map(_is_object, lines)) < len(lines):
        return []
    if len(lines) > PARTS_MAX:
        raise too_many_parts("$")
    return lines


def _is_object(line: bytes) -> bool:
    try:
        return line.startswith(b"{") and isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _values(text: str, start: int, stop: int) -> list[Place]:
    """Places of the values that follow each other.

    Raises ValueError where one is no JSON, Rejected where they are too many.
    """
    places = []
    position = _skip(text, start)
    while position < stop:
        _, end = _DECODER.raw_decode(text, position)
        places.append((position, end))
        if len(places) > PARTS_MAX:
            raise too_many_parts("$")
        position = _skip(text, end)
    return places


def _elements(text: str, lists: Sequence[Place]) -> list[Place]:
    """Places of the values that arrays hold, one array after the other; an object stands for itself."""
    return [
        place
        for start, end in lists
        for place in (_values(text, start + 1, end - 1) if text[start] == "[" else [(start, end)])
    ]


def list_elements(text: str, names: Sequence[str]) -> list[Place]:
    """Places of the values of the list that stands under these members, outermost first.

    Raises ValueError or KeyError where there is none, Rejected where they are too many.
    """
    start, end = _skip(text, 0), len(text)
    for name in names:
        start, end = _members(text, start)[name]
    return _elements(text, [(start, end)])


def _skip(text: str, position: int) -> int:
    match = _BETWEEN.match(text, position)
    return match.end() if match else position


def _lists_of(
    text: str, start: int, end: int, wrappers: Collection[str], own_arrays: Collection[str]
) -> list[Place]:
    """Places of the arrays that a value is, or that it wraps, and of objects beside them that a format names
    as documents too; none for a single document."""
    if text[start] == "[":
        return [(start, end)]
    if text[start] != "{":
        return []
    members = _members(text, start)
    if any(name in members for name in own_arrays):
        return []
    arrays = [place for name, place in members.items() if name in wrappers and text[place[0]] == "["]
    if arrays:
        named = [place for name, place in members.items() if name in wrappers and name not in LISTS]
        return [*arrays, *(place for place in named if text[place[0]] == "{")]
    held = [name.partition(".")[::2] for name in wrappers if "." in name]
    for outer in dict.fromkeys(outer for outer, _ in held if outer in members):
        inner = frozenset(name for holder, name in held if holder == outer)
        found = _lists_of(text, *members[outer], inner, own_arrays) if text[members[outer][0]] == "{" else []
        if found:
            return found
    return []


def _members(text: str, start: int) -> dict[str, Place]:
    """Place of each member's value of the object that starts there."""
    members = {}
    position = _skip(text, start + 1)
    while text[position] != "}":
        name, end = _DECODER.raw_decode(text, position)
        opening = _BLANKS.match(text, text.index(":", end) + 1)
        value = opening.end() if opening else end
        _, end = _DECODER.raw_decode(text, value)
        members[str(name)] = (value, end)
        position = _skip(text, end)
    return members


def split_json(
    record: Record,
    key: Callable[[Record], str | None],
    *,
    kind: str = "order",
    wrappers: Collection[str] = LISTS,
    own_arrays: Collection[str] = ORDER_ARRAYS,
) -> Reading:
    """One part per document of a file; `kind` names those whose identity cannot be read.

    Raises Rejected ENVELOPE_BROKEN where it holds none.
    """
    return split_documents(record, json_documents(record.value or b"", wrappers, own_arrays), key, kind)


def split_documents(
    record: Record, documents: Sequence[bytes], key: Callable[[Record], str | None], kind: str
) -> Reading:
    """One part per document that was cut out of the record. Raises Rejected ENVELOPE_BROKEN for none."""
    if not documents:
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, "the file holds no document", "$")
    tenant, partner = split_key(record.key or b"")[:2]
    parts = []
    for document in documents:
        alone = Record(record.topic, -1, -1, record.key, document, record.headers, record.timestamp_ms)
        name = key(alone) or f"{kind}:sha256-{hashlib.sha256(document).hexdigest()}"
        parts.append(Part(join_key(tenant, partner, name), document))
    digest = hashlib.sha256(record.value or b"").digest()
    revision = Revision(
        kind=RevisionKind.NONE, value="", captured_at=record.time, content_sha256=digest.hex()
    )
    return Reading((), revision, digest, parts=tuple(parts))
