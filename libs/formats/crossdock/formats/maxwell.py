"""Maxwell events: one row of a MySQL table each, with the old values of an update.

Invariant: a row is ordered by its binlog position where Maxwell writes it, else by (ts, xid, xoffset).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.cdc.batches import Carried, split_events
from crossdock.formats.cdc.change import Change, Ignored
from crossdock.formats.cdc.event_formats import event_name, read_event
from crossdock.formats.cdc.maxwell_events import maxwell_event
from crossdock.formats.debezium import ENTITIES
from crossdock.formats.declaration import Field, Format
from crossdock.formats.likeness import json_with


def key(record: Record) -> str | None:
    """`<table>:<primary key>` of an event, None where it names no row."""
    return event_name(record, _changes)


def split(record: Record, _: PartnerProfile) -> Reading:
    """The events of a file: an array, JSON lines, or keys and values as console tools print them."""
    return split_events(record, key)


def read(record: Record, profile: PartnerProfile) -> Reading:
    """The entities of one event. Raises Rejected."""
    return read_event(record, profile, _changes)


def _changes(event: Carried, record: Record) -> Sequence[Change | Ignored]:
    return [maxwell_event(event, record)]


FORMAT: Final = Format(
    name="maxwell",
    title="Maxwell event",
    content_types=("application/json",),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field("database, table", "the table mapping", "schemas/cdc, the file of the profile's adapter"),
        Field("primary_key_columns, record key", "source.object_id", "`pk.<column>` of the record's key"),
        Field("type", "change", "insert and bootstrap-insert created, update updated, delete deleted"),
        Field("data", "the entity's fields", "of a delete the row before"),
        Field("old", "–", "former values of the columns that changed"),
        Field("position", "position, revision", "binlog file and offset; with output_binlog_position=true"),
        Field("ts, xid, xoffset", "position, revision", "where there is no position"),
        Field("ts", "occurred", "seconds"),
    ),
    quirks=(
        "Without output_binlog_position the order is that of the commit's second, the transaction's number "
        "and the row's offset in it; the row that carries `commit` has no offset and is the last.",
        "A bootstrap's rows have no place in the log: without a position they are older than any row of the "
        "stream; after a repair by bootstrap, count up cdc.incarnation.",
        "Begin and end of a bootstrap, and statements on tables, make no entity, one warning each.",
        "`old` may name columns that `data` does not hold.",
        "MySQL's zero date `0000-00-00` is no date: none, with a warning.",
    ),
    entities=ENTITIES,
    key_rule="`<table>:<primary key>`; the entity's own key from the mapped columns",
    revision_rule="(incarnation, binlog file and offset, row's offset), else by ts, xid, xoffset",
    intake="cdc",
    needs=(),
    looks_like=json_with("database", "table", "type", "ts", "data", score=60, without=("isDdl", "pkNames")),
)
