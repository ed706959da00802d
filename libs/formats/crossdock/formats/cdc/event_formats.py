"""The three steps of a format of change events: naming the row, cutting a batch, reading one event.

Invariant: naming never raises, and reads the same words as reading does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import WRITER_SCHEMA, Record
from crossdock.formats.cdc.avro_events import CONTAINER, FRAME, container_events, framed_event
from crossdock.formats.cdc.batches import Carried, carried
from crossdock.formats.cdc.change import Change, Ignored
from crossdock.formats.cdc.change_reading import reading_of_changes
from crossdock.formats.cdc.debezium_events import TOMBSTONE
from crossdock.formats.cdc.row_keys import key_of, named_object, object_name, row_key
from crossdock.formats.json_document import Document, read_document

ToChanges = Callable[[Carried, Record], Sequence[Change | Ignored]]
"""The changes that one event tells; raises Rejected."""
_USUAL_KEY = ("id",)


def event_name(record: Record, to_changes: ToChanges) -> str | None:
    """`<table>:<primary key>` of an event's first row; None where it names none."""
    if _is_null(record):
        return _tombstone_name(None, record)
    try:
        return read_document(_json(record), lambda document: _name(document, record, to_changes))
    except Rejected:
        return None


def _name(document: Document, record: Record, to_changes: ToChanges) -> str | None:
    event = carried(document.root)
    first = to_changes(event, record)[0]
    if isinstance(first, Ignored):
        return _tombstone_name(event.key, record) if first is TOMBSTONE else None
    row = first.after if first.after is not None else first.before
    return object_name(first.table, first.key or row_key(row, _USUAL_KEY))


def _tombstone_name(key: object, record: Record) -> str | None:
    table = named_object(record)[0] or ""
    return object_name(table, key_of(key, record, table))


def read_event(record: Record, profile: PartnerProfile, to_changes: ToChanges) -> Reading:
    """The entities of one event. Raises Rejected."""
    if _is_null(record):
        return reading_of_changes([TOMBSTONE], record, profile, [])

    def reading(document: Document) -> Reading:
        changes = to_changes(carried(document.root), record)
        return reading_of_changes(changes, record, profile, document.warnings)

    return read_document(_json(record), reading)


def _json(record: Record) -> bytes:
    """The event as JSON, whatever it came as. Raises Rejected."""
    value = record.value or b""
    if value.startswith(CONTAINER):
        events = container_events(value)
        if len(events) != 1:
            detail = f"one event is read at a time, and the container has {len(events)}"
            raise Rejected(RejectionCode.ENVELOPE_BROKEN, detail, "byte 0")
        return events[0]
    if not value.startswith(FRAME):
        return value
    schema = record.header(WRITER_SCHEMA)
    if schema is None:
        detail = (
            "the value is framed for a schema registry, which a format cannot ask: give the writer's Avro "
            f"schema in the header {WRITER_SCHEMA} (`crossdock try --schema FILE`), or set value.converter "
            "to org.apache.kafka.connect.json.JsonConverter"
        )
        raise Rejected(RejectionCode.SCHEMA_UNKNOWN, detail, "byte 0")
    return framed_event(value, schema)


def _is_null(record: Record) -> bool:
    return record.value is None or record.value.strip() == b"null"
