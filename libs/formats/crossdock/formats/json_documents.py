"""A file of several JSON documents: an array, a wrapper around one, JSON lines, or one after the other.

Invariant: each document keeps its own bytes, none is lost: what cannot be cut apart is one document, and
is refused as such when it is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import Revision, RevisionKind
from crossdock.canonical.reading import Part, Reading
from crossdock.canonical.record import Record

_BETWEEN: Final = re.compile(r"[\s,\x1e]*")
_WRAPPERS: Final = frozenset({"orders", "data", "items"})
"""Names under which list answers of REST APIs hold their objects."""
_DECODER: Final = json.JSONDecoder()


def json_documents(data: bytes) -> list[bytes]:
    """The bytes of each document of a file, in order; a file of one is returned as it came."""
    try:
        text = data.decode("utf-8-sig")
        values = _values(text, 0, len(text))
        if len(values) == 1:
            values = _inner(text, *values[0])
    except (UnicodeDecodeError, ValueError, RecursionError):
        return [data]
    if values is None:
        return [data]
    return [text[start:end].encode() for start, end in values]


def _values(text: str, start: int, stop: int) -> list[tuple[int, int]]:
    """Places of the values that follow each other. Raises ValueError where one is no JSON."""
    places = []
    position = _skip(text, start)
    while position < stop:
        _, end = _DECODER.raw_decode(text, position)
        places.append((position, end))
        position = _skip(text, end)
    return places


def _skip(text: str, position: int) -> int:
    match = _BETWEEN.match(text, position)
    return match.end() if match else position


def _inner(text: str, start: int, end: int) -> list[tuple[int, int]] | None:
    """Places of the elements where the only value is an array, or an object that wraps one."""
    if text[start] == "[":
        return _values(text, start + 1, end - 1)
    if text[start] != "{":
        return None
    wrapped = json.loads(text[start:end])
    names = [name for name, value in wrapped.items() if name in _WRAPPERS and isinstance(value, list)]
    if len(names) != 1 or "line_items" in wrapped or "lines" in wrapped:
        return None
    opening = re.search(rf'"{names[0]}"\s*:\s*\[', text[start:end])
    if opening is None:
        return None
    inside = start + opening.end() - 1
    _, close = _DECODER.raw_decode(text, inside)
    return _values(text, inside + 1, close - 1)


def split_json(record: Record, key: Callable[[Record], str | None]) -> Reading:
    """One part per document of a file. Raises Rejected ENVELOPE_BROKEN where it holds none."""
    data = record.value or b""
    documents = json_documents(data)
    if not documents:
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, "the file holds no document", "$")
    tenant, partner = split_key(record.key or b"")[:2]
    parts = []
    for document in documents:
        alone = Record(record.topic, -1, -1, record.key, document, record.headers, record.timestamp_ms)
        name = key(alone) or f"order:sha256-{hashlib.sha256(document).hexdigest()}"
        parts.append(Part(join_key(tenant, partner, name), document))
    digest = hashlib.sha256(data).digest()
    revision = Revision(
        kind=RevisionKind.NONE, value="", captured_at=record.time, content_sha256=digest.hex()
    )
    return Reading((), revision, digest, parts=tuple(parts))
