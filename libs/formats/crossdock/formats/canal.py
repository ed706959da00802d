"""Canal flat messages: rows of MySQL tables as text, several in one message.

Invariant: each row is a change of its own, keyed by `pkNames` and ordered by (es, id, number of the row).
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.cdc.batches import split_events
from crossdock.formats.cdc.canal_events import canal_events, single_rows
from crossdock.formats.cdc.event_formats import event_name, read_event
from crossdock.formats.debezium import ENTITIES
from crossdock.formats.declaration import Field, Format
from crossdock.formats.likeness import json_with


def key(record: Record) -> str | None:
    """`<table>:<primary key>` of a message's first row, None where it names no row."""
    return event_name(record, canal_events)


def split(record: Record, _: PartnerProfile) -> Reading:
    """The rows of a file of messages, each as a message of its own."""
    return split_events(record, key, single_rows)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The entities of one message. Raises Rejected."""
    return read_event(record, profile, canal_events)


FORMAT: Final = Format(
    name="canal",
    title="Canal flat message",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("database, table", "the table mapping", "schemas/cdc, the file of the profile's adapter"),
        Field("pkNames", "source.object_id", "values from the row; else the record's key"),
        Field("type", "change", "INSERT and INIT created, UPDATE updated, DELETE deleted, TRUNCATE refused"),
        Field("data[]", "the entity's fields", "all values are text; of a delete the row before"),
        Field("old[]", "–", "former values of the columns that changed"),
        Field("es, id", "position, revision", "commit time in the binlog, then the message's number"),
        Field("_tidb.commitTs", "position, revision", "TiCDC's true position, in place of es"),
        Field("es, ts", "occurred"),
    ),
    quirks=(
        "One message holds several rows: each is cut out with its own old values and read alone.",
        "Canal states no place in the binlog: its order is that of `es`, then `id`, then the row's number. "
        "`id` starts again with the server, `es` has a grain of one second.",
        "Statements on tables have null data: no entity, one warning.",
        "MySQL's zero date `0000-00-00` is no date: none, with a warning.",
        "A truncate is refused, an alarm: it never means that everything is zero.",
    ),
    entities=ENTITIES,
    key_rule="`<table>:<primary key>` by `pkNames`; the entity's own key from the mapped columns",
    revision_rule="(incarnation, es and id, number of the row)",
    intake="cdc",
    needs=(),
    looks_like=json_with("isDdl", "database", "table", "type", "es", score=90),
)
