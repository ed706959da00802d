"""Files and batches of change events, cut into single ones that keep their own bytes.

Invariant: each event is read alone, a broken one takes no other with it (but for Avro containers, which have
no places between values), and one that came with its record's key keeps it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import Revision, RevisionKind
from crossdock.canonical.reading import Part, Reading
from crossdock.canonical.record import Record
from crossdock.formats.cdc.avro_events import CONTAINER, FRAME, container_events
from crossdock.formats.json_document import Node, exact_document
from crossdock.formats.order_limits import PARTS_MAX, too_many_parts

SERIAL: Final = "crossdock_serial"
"""Header with an event's number in its batch: snapshot rows share a place in the log."""
_KEY_SCHEMA: Final = b'.Key"'
"""How the name of a record key's schema ends."""
_BETWEEN: Final = re.compile(r"[\s,\x1e]*")
_LICENCE: Final = re.compile(r"\s*/\*.*?\*/", re.DOTALL)
_DECODER: Final = json.JSONDecoder()
_RECORD_FIELDS: Final = frozenset(
    {"key", "value", "payload", "topic", "partition", "offset", "headers", "timestamp", "timestampType"}
    | {"ts", "tstype", "broker"}
)
"""What tools that print records of a topic write beside its key and value."""
Expand = Callable[[bytes], list[bytes]]


@dataclass(frozen=True, slots=True)
class Carried:
    """An event with what a tool printed around it.

    Args:
        key: the record's key as JSON value or text; None where the tool printed none.
        value: the event: an object, or None for a tombstone.
        path: place of the event in the payload.
    """

    key: object
    value: Node | None
    path: str


def carried(root: Node) -> Carried:
    """The event of a payload, out of `{"key": …, "value": …}` where a tool wrapped it so.

    Raises Rejected ENVELOPE_BROKEN where the wrapped value is no object.
    """
    name = "value" if "value" in root else "payload"
    is_printed = "key" in root and name in root and set(root) <= _RECORD_FIELDS
    if not is_printed:
        return Carried(None, root, "$")
    value = _parsed(root[name])
    if value is not None and not isinstance(value, dict):
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, "the record's value is no JSON object", f"$.{name}")
    return Carried(_parsed(root["key"]), value, f"$.{name}")


def _parsed(value: object) -> object:
    """An object that stands as text, as tools print it; other text stays text."""
    if not isinstance(value, str):
        return value
    stripped = value.strip()
    if stripped == "null":
        return None
    return exact_document(stripped.encode("utf-8", "replace")).root if stripped.startswith("{") else value


def split_events(
    record: Record, key: Callable[[Record], str | None], expand: Expand | None = None
) -> Reading:
    """One part per event of a file: an array, JSON lines, or one after the other, with or without keys.

    The values of an Avro container become parts of JSON with their schema.

    Args:
        key: names an event; one without a name gets that of its content.
        expand: the single rows of an event that holds several.
    Raises Rejected ENVELOPE_BROKEN where there is none, OUTPUT_TOO_LARGE where they are too many.
    """
    data = record.value or b""
    events = list(_numbered(data, expand))
    if not events:
        raise Rejected(RejectionCode.ENVELOPE_BROKEN, "the file holds no event", "$")
    if len(events) > PARTS_MAX:
        raise too_many_parts("$")
    tenant, partner = split_key(record.key or b"")[:2]
    parts = []
    for number, event in events:
        alone = Record(record.topic, -1, -1, record.key, event, record.headers, record.timestamp_ms)
        name = key(alone) or f"change:sha256-{hashlib.sha256(event).hexdigest()}"
        parts.append(Part(join_key(tenant, partner, name), event, ((SERIAL, str(number)),)))
    digest = hashlib.sha256(data).digest()
    revision = Revision(
        kind=RevisionKind.NONE, value="", captured_at=record.time, content_sha256=digest.hex()
    )
    return Reading((), revision, digest, parts=tuple(parts))


def _numbered(data: bytes, expand: Expand | None) -> Iterator[tuple[int, bytes]]:
    """Events with their number in the batch, rows with their number in their event."""
    for number, event in enumerate(_with_keys(_events(data))):
        if expand is None:
            yield number, event
        else:
            yield from enumerate(expand(event))


def _with_keys(events: list[bytes]) -> Iterator[bytes]:
    """The events; one that is the key of a record, with its schema, belongs to the value on the next line."""
    pending = b""
    for event in events:
        if not pending and _KEY_SCHEMA in event and b'"op"' not in event:
            pending = event
        elif pending:
            yield b'{"key":%b,"value":%b}' % (pending, event)
            pending = b""
        else:
            yield event
    if pending:
        yield pending


def _events(data: bytes) -> list[bytes]:
    if data.startswith(FRAME):
        return [data]
    if data.startswith(CONTAINER):
        return container_events(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [line for line in data.splitlines() if line.strip()]
    licence = _LICENCE.match(text)  # samples of public projects begin with one
    text = text[licence.end() :] if licence else text
    try:
        return list(_values(text))
    except (ValueError, RecursionError):
        return [event for line in text.splitlines() if line.strip() for event in _of_line(line.strip())]


def _of_line(line: str) -> list[bytes]:
    """The events of one line; the line itself, to be refused when it is read, where it is broken."""
    try:
        return list(_values(line))
    except (ValueError, RecursionError):
        return [line.encode("utf-8", "replace")]


def _values(text: str) -> Iterator[bytes]:
    """The values that follow each other; one behind a tab belongs to the key before it.

    Raises ValueError where one is no JSON.
    """
    position, pending = _skip(text, 0), ""
    while position < len(text):
        _, end = _DECODER.raw_decode(text, position)
        value, following = text[position:end], _skip(text, end)
        gap = text[end:following]
        if pending:
            yield f'{{"key":{pending},"value":{value}}}'.encode()
            pending = ""
        elif "\t" in gap and "\n" not in gap:  # the console consumer prints key, tab, value
            pending = value
        elif value.startswith("["):
            yield from _elements(value)
        else:
            yield value.encode()
        position = following
    if pending:
        yield pending.encode()


def _elements(array: str) -> Iterator[bytes]:
    position, stop = _skip(array, 1), len(array) - 1
    while position < stop:
        _, end = _DECODER.raw_decode(array, position)
        yield array[position:end].encode()
        position = _skip(array, end)


def _skip(text: str, position: int) -> int:
    match = _BETWEEN.match(text, position)
    return match.end() if match else position


Place = tuple[int, int]
"""Start and end of a value in a text."""


def member_places(text: str) -> dict[str, Place]:
    """Where the values of an object's members stand. Raises ValueError, IndexError where it is none."""
    found: dict[str, Place] = {}
    position = _skip(text, 1)
    while text[position] != "}":
        name, end = _DECODER.raw_decode(text, position)
        start = _skip(text, text.index(":", end) + 1)
        _, stop = _DECODER.raw_decode(text, start)
        found[str(name)] = (start, stop)
        position = _skip(text, stop)
    return found


def elements(text: str, place: Place) -> list[str]:
    """The elements of the array that stands there, as they are written; none where it is no array."""
    array = text[slice(*place)]
    return [element.decode() for element in _elements(array)] if array.startswith("[") else []
