"""Debezium change events of Postgres, MySQL, MariaDB, SQL Server, Db2 and Oracle, as JSON or Avro.

Invariant: a row is keyed by its table and primary key and ordered by its place in the database's log; what
it means is said by the table mapping of the profile's adapter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossdock.canonical.models import (
    Customer,
    ErpDocument,
    Invoice,
    PartnerProfile,
    PriceProposal,
    Product,
    StockMovement,
    StockSnapshot,
)
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.formats.cdc.batches import Carried, split_events
from crossdock.formats.cdc.change import Change, Ignored
from crossdock.formats.cdc.debezium_events import debezium_event
from crossdock.formats.cdc.event_formats import event_name, read_event
from crossdock.formats.declaration import Field, Format
from crossdock.formats.likeness import json_with, most, text_with

ENTITIES: Final = (StockMovement, StockSnapshot, ErpDocument, Invoice, Product, Customer, PriceProposal)
"""What rows may become, by the table mapping."""


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
    return [debezium_event(event, record)]


FORMAT: Final = Format(
    name="debezium",
    title="Debezium change event",
    content_types=("application/json", "application/avro"),
    key=key,
    read=read,
    split=split,
    field_table=(
        Field(
            "source.db, schema, table", "the table mapping", "schemas/cdc, the file of the profile's adapter"
        ),
        Field("record key, else the row's key columns", "source.object_id", "with or without schema wrapper"),
        Field("op, __op, __deleted", "change", "c and r created, u updated, d deleted, t refused"),
        Field("after", "the entity's fields", "of a delete: before"),
        Field("before", "–", "tells what an update left alone; stands in for values that are not repeated"),
        Field("source.lsn", "position, revision", "Postgres, number or X/Y"),
        Field(
            "source.file, pos, row", "position, revision", "MySQL, MariaDB: the counter of the file's name"
        ),
        Field("source.commit_lsn, change_lsn, event_serial_no", "position, revision", "SQL Server, Db2"),
        Field("source.scn", "position, revision", "Oracle"),
        Field("cdc.incarnation of the profile", "position.incarnation", "1 where it is not stated"),
        Field("source.ts_us, ts_ns, ts_ms, ts_usec, ts_sec", "occurred", "never orders anything"),
        Field("schema, payload", "–", "column types: what the event says of itself wins over the mapping"),
    ),
    quirks=(
        "A batch is an array, JSON lines, `key⇥value` lines, a key with its schema above its value, or "
        "records as kcat prints them: cut into events, a broken one takes no other with it.",
        "Avro is read as the JSON with schema of the same rows: container files as they are, values framed "
        "for a registry with the writer's schema in the header `crossdock_schema` (`try --schema FILE`); "
        "Protobuf and framed JSON Schema are refused.",
        'Avro\'s console consumer prints a value of a union under its type, {"string": "x"}: read as it is.',
        "Decimals come as base64 with a scale in the schema, as {scale, value}, as text or as numbers, with "
        "any count of digits: read exactly; bytes without a schema need `encoding: base64` in the mapping.",
        "Days, milliseconds, microseconds, nanoseconds and ISO text stand in one row: read by the schema, "
        "else by magnitude within 2000 to 2099; a time without offset takes the mapping's or the profile's "
        "zone.",
        "`before` is null unless whole rows are logged; a delete with both null takes its key from the "
        "record, and is refused with the fix where its entity's key needs more than that.",
        "`__debezium_unavailable_value` (text, base64, {k: k}, [k]) stands for a value that the log does "
        "not repeat: taken from before, else refused where the mapping uses it, left out with a warning "
        "where it is only kept.",
        "Snapshot rows share a place in the log: they are ordered by their number in the batch.",
        "A truncate is refused, an alarm: it never means that everything is zero.",
        "Tombstones, schema changes, transaction markers, heartbeats and logical messages hold no row: no "
        "entity, one warning each.",
        "Rows unwrapped by ExtractNewRecordState need add.fields=op,table,lsn,source.ts_ms; without a place "
        "in the log they are refused.",
        "A table outside of cdc.tables is ignored with a warning, for connectors capture more than we read "
        "and a refusal would hold its keys for ever; a table inside that has no mapping is refused.",
        "An update that leaves every mapped column as it was, as its own before shows, makes no entity.",
        "An update that moves a row under another key also reports the old key as deleted, where before is "
        "whole.",
    ),
    entities=ENTITIES,
    key_rule="`<table>:<primary key>` from the record's key; the entity's own key from the mapped columns",
    revision_rule="(incarnation, place in the log, serial); equal is a duplicate, clocks order nothing",
    intake="cdc",
    needs=(),
    looks_like=most(
        json_with("before", "after", "op", "source", score=90),
        json_with("before\\", "after\\", "op\\", score=80),  # as text in a printed record
        json_with("__op", score=70),
        json_with("__deleted", score=70),
        json_with("ddl", "databaseName", score=60),
        text_with('"before"', '"after"', '"op"', opening="Obj\x01", score=90),
    ),
)
