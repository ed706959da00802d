"""Events as Avro: the same rows as their JSON, whole files and framed values, and bytes that are neither."""

from __future__ import annotations

import base64
import io
import json
import zlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import StockMovement
from crossdock.canonical.reading import Reading
from crossdock.canonical.schemas import schema_root
from crossdock.cli.main import cli
from crossdock.formats.cdc.avro_events import container_events
from crossdock.formats.cdc.avro_json import untagged
from tests.kit.cdc_events import FORMATS, TRYTON, envelope, events_of, move, record, with_schema

SCALE = 3
DECIMAL = "org.apache.kafka.connect.data.Decimal"
DAYS = "io.debezium.time.Date"
NUMBER = {
    "type": "bytes",
    "scale": SCALE,
    "precision": 38,
    "connect.version": 1,
    "connect.parameters": {"scale": str(SCALE)},
    "connect.name": DECIMAL,
    "logicalType": "decimal",
}
COLUMNS: dict[str, Any] = {
    "id": "long",
    "product": "int",
    "quantity": NUMBER,
    "internal_quantity": NUMBER,
    "unit": "int",
    "from_location": "int",
    "to_location": "int",
    "state": "string",
    "shipment": ["null", "string"],
    "origin": ["null", "string"],
    "planned_date": ["null", {"type": "int", "connect.name": DAYS}],
    "effective_date": ["null", {"type": "int", "logicalType": "date"}],
    "create_date": {"type": "long", "connect.name": "io.debezium.time.MicroTimestamp"},
    "write_date": ["null", "long"],
}
SOURCE = {
    "version": "string",
    "connector": "string",
    "name": "string",
    "ts_ms": "long",
    "snapshot": ["null", "string"],
    "db": "string",
    "schema": "string",
    "table": "string",
    "txId": ["null", "long"],
    "lsn": ["null", "long"],
}


def _record(name: str, columns: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "record",
        "name": name,
        "fields": [{"name": one, "type": kind} for one, kind in columns.items()],
    }


SCHEMA = _record(
    "Envelope",
    {
        "before": ["null", _record("Value", COLUMNS)],
        "after": ["null", "Value"],
        "source": _record("Source", SOURCE),
        "transaction": ["null", _record("Block", {"id": "string"})],
        "op": "string",
        "ts_ms": ["null", "long"],
    },
) | {"namespace": "erp.public.stock_move", "connect.name": "erp.public.stock_move.Envelope"}
PARSED = fastavro.parse_schema(SCHEMA)


def unscaled(number: Decimal) -> bytes:
    """Two's complement of the unscaled number."""
    whole = int(number.scaleb(SCALE))
    return whole.to_bytes(whole.bit_length() // 8 + 1, "big", signed=True)


@st.composite
def moves(draw: Any) -> dict[str, Any]:
    """An envelope as Avro holds it: decimals as Decimal, dates as date."""
    number = st.decimals(0, 10**9, places=SCALE)
    row = move(
        id=draw(st.integers(1, 2**62)),
        quantity=draw(number),
        internal_quantity=draw(number),
        from_location=draw(st.sampled_from((2, 3, 5))),
        state=draw(st.sampled_from(("draft", "done", "cancelled"))),
        effective_date=draw(st.none() | st.dates(date(2001, 1, 2), date(2099, 1, 1))),
    )
    op = draw(st.sampled_from("crud"))
    before, after = (row, None) if op == "d" else (None, row)
    return envelope(op, "stock_move", before, after, draw(st.integers(0, 2**62)))


def as_json(event: dict[str, Any]) -> bytes:
    """The event as Connect's JSON converter writes it."""

    def plain(row: dict[str, Any] | None) -> dict[str, Any] | None:
        if row is None:
            return None
        numbers = {
            name: base64.b64encode(unscaled(row[name])).decode() for name in ("quantity", "internal_quantity")
        }
        day = row["effective_date"]
        days = None if day is None else (day - date(1970, 1, 1)).days
        return row | numbers | {"effective_date": days}

    fields = [
        {"field": name, "type": "bytes", "name": DECIMAL, "parameters": {"scale": str(SCALE)}}
        for name in ("quantity", "internal_quantity")
    ]
    days = [{"field": name, "type": "int32", "name": DAYS} for name in ("planned_date", "effective_date")]
    rows = {"before": plain(event["before"]), "after": plain(event["after"])}
    return json.dumps(with_schema(event | rows, fields + days)).encode()


def container(*events: dict[str, Any], codec: str = "null") -> bytes:
    """An object container file."""
    out = io.BytesIO()
    fastavro.writer(out, PARSED, events, codec=codec, sync_interval=200)
    return out.getvalue()


def body(event: dict[str, Any]) -> bytes:
    """An Avro body without schema."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, PARSED, event)
    return out.getvalue()


def entities(data: bytes) -> list[Any]:
    """What is read from a file, without what tells the bytes of its parts."""
    found = []
    for one in events_of(data, TRYTON):
        assert isinstance(one, Reading), one
        found += [
            entity.model_copy(
                update={
                    "revision": entity.revision.model_copy(update={"content_sha256": ""}),
                    "source": entity.source.model_copy(update={"digest": None}),
                }
            )
            for entity in one.entities
        ]
    return found


@settings(max_examples=60)
@given(st.lists(moves(), min_size=1, max_size=4), st.sampled_from(("null", "deflate")))
def test_avro_is_read_as_the_json_of_the_same_rows(events: list[dict[str, Any]], codec: str) -> None:
    expected = entities(b"\n".join(map(as_json, events)))
    assert len(expected) == len(events)
    assert entities(container(*events, codec=codec)) == expected


def tagged(value: Any, kind: Any) -> Any:
    """A value as Avro's JSON writes it under this type."""
    if isinstance(kind, list):
        (other,) = (one for one in kind if one != "null")
        name = other if isinstance(other, str) else other.get("name", other["type"])
        name = f"erp.public.stock_move.{name}" if name[0].isupper() else name
        return None if value is None else {name: tagged(value, other)}
    if kind == "Value":
        kind = _record("Value", COLUMNS)
    if isinstance(kind, dict) and kind["type"] == "record":
        return {one["name"]: tagged(value[one["name"]], one["type"]) for one in kind["fields"]}
    return value


def test_what_an_avro_console_prints_is_read_as_the_row_itself() -> None:
    event = envelope("u", "stock_move", move(state="assigned"), move(write_date=7), snapshot="false")
    printed = tagged(event, SCHEMA)
    assert printed["after"]["erp.public.stock_move.Value"]["shipment"] == {"string": "stock.shipment.out,226"}
    assert entities(json.dumps(printed).encode()) == entities(json.dumps(event).encode())
    assert len(entities(json.dumps(printed).encode())) == 1
    short = json.dumps(printed).replace("erp.public.stock_move.Value", "Value")
    assert entities(short.encode()) == entities(json.dumps(event).encode())
    flat = {"id": 912, "weight": {"bytes": "\x03\xe8"}, "__op": {"string": "c"}}
    assert untagged(flat) == {"id": 912, "weight": "A+g=", "__op": "c"}
    assert untagged({"a": {"b": {"string": "x"}}}) == {"a": {"b": {"string": "x"}}}


def test_a_framed_value_is_read_with_its_schema_and_refused_without() -> None:
    event = envelope("c", "stock_move", None, move(quantity=Decimal(3), internal_quantity=Decimal(3)))
    framed = record(b"\x00\x00\x00\x00\x07" + body(event), key=b"acme/erp-eu/stock_move:912")
    schema = (("crossdock_schema", json.dumps(SCHEMA).encode()),)
    form = FORMATS["debezium"]
    (entity,) = form.read(replace(framed, headers=schema), TRYTON).entities
    assert isinstance(entity, StockMovement)
    assert (entity.movement_id, entity.stock_quantity.value) == ("912", Decimal(3))
    assert form.key(replace(framed, headers=schema)) == "stock_move:912"
    assert form.key(framed) is None
    with pytest.raises(Rejected) as refused:
        form.read(framed, TRYTON)
    assert (refused.value.code, refused.value.path) == ("schema_unknown", "byte 0")
    assert "--schema FILE" in refused.value.detail
    other = (("crossdock_schema", b'{"type": "record"}'),)
    with pytest.raises(Rejected) as refused:
        form.read(replace(framed, headers=other), TRYTON)
    assert (refused.value.code, refused.value.path) == ("schema_unknown", "avro.schema")


EVENT = envelope("u", "stock_move", None, move(quantity=Decimal(1), internal_quantity=Decimal(1)))
FILE = container(EVENT, EVENT)


def test_a_container_that_is_cut_anywhere_is_refused_or_ends_between_blocks() -> None:
    codes = {_code(FILE[:end]) for end in range(4, len(FILE))}
    assert codes == {"envelope_broken", ""}


def _code(data: bytes) -> str:
    """Code of the refusal of a container with two events; empty where it is read, without the last one."""
    try:
        found = container_events(data)
    except Rejected as refusal:
        return refusal.code
    return "" if len(found) < 2 else "nothing was missed"


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        (FILE.replace(b'"record"', b'"rekord"'), "schema_unknown", "avro.schema"),
        (container(EVENT, codec="deflate").replace(b"deflate", b"snappyx"), "envelope_broken", "avro.codec"),
        (FILE[:-1] + b"!", "envelope_broken", "byte "),
        (FILE + b"\x02", "envelope_broken", f"byte {len(FILE)}"),
    ],
)
def test_damage_is_refused_with_its_place(data: bytes, code: str, path: str) -> None:
    with pytest.raises(Rejected) as refused:
        container_events(data)
    assert refused.value.code == code
    assert refused.value.path.startswith(path)


def _forged(schema: object, count: int, data: bytes, codec: str = "null") -> bytes:
    """A container whose only block claims this."""
    out = io.BytesIO()
    fastavro.writer(out, {"type": "record", "name": "Empty", "fields": []}, [], codec=codec)
    head = out.getvalue()
    text = json.dumps({"type": "record", "name": "Empty", "fields": []})
    start = head.index(b'{"')
    end = head.index(b"}", head.index(b"fields")) + 1
    assert json.loads(head[start:end]) == json.loads(text)
    said = json.dumps(schema).encode()
    head = head[: start - len(_long(end - start))] + _long(len(said)) + said + head[end:]
    return head + _long(count) + _long(len(data)) + data + head[-16:]


def _long(number: int) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, "long", number)
    return out.getvalue()


@pytest.mark.parametrize(
    ("schema", "count", "data", "code"),
    [
        ({"type": "record", "name": "E", "fields": []}, 2**50, b"", "output_too_large"),
        ({"type": "record", "name": "E", "fields": []}, -1, b"", "output_too_large"),
        ({"type": "array", "items": "null"}, 1, _long(2**50) + b"\x00", "schema_unknown"),
        (
            {"type": "record", "name": "E", "fields": [{"name": "e", "type": ["null", "E"]}]},
            1,
            b"\x02" * 100_000,
            "schema_unknown",
        ),
        ("bytes", 1, _long(-5) + b"abc", "envelope_broken"),
        ("bytes", 1, _long(2**40) + b"abc", "envelope_broken"),
        ("string", 1, b"\x02\xff", "envelope_broken"),
        ("long", 1, b"\xff" * 40, "envelope_broken"),
        (["null", "long"], 1, b"\x08", "envelope_broken"),
        ("int", 2, b"\x02", "envelope_broken"),
        ("int", 1, b"\x02\x02", "envelope_broken"),
        ("nothing", 1, b"\x02", "schema_unknown"),
    ],
)
def test_hostile_containers_are_refused(schema: object, count: int, data: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        container_events(_forged(schema, count, data))
    assert refused.value.code == code


def test_a_small_file_cannot_fill_the_memory() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(_long(2**27) + bytes(2**27)) + packer.flush()
    with pytest.raises(Rejected) as refused:
        container_events(_forged("bytes", 1, data, "deflate"))
    assert "unpacks to more than" in refused.value.detail


def test_try_reads_a_framed_value_and_recognises_a_container(tmp_path: Path) -> None:
    profile, schema = tmp_path / "profile.yaml", tmp_path / "value.avsc"
    profile.write_text((schema_root() / "examples/raw/debezium/profile.yaml").read_text(encoding="utf-8"))
    schema.write_text(json.dumps(SCHEMA), encoding="utf-8")
    framed = b"\x00\x00\x00\x00\x07" + body(EVENT)
    for data, options in ((framed, ["--schema", str(schema)]), (container(EVENT), ["--format", "auto"])):
        arguments = ["try", "--profile", str(profile), *options, "--json", "-"]
        result = CliRunner().invoke(cli, arguments, input=data)
        (event,) = json.loads(result.output)["events"]
        assert event["key"] == "acme/SKU-0001/erp-eu/912"
