"""Each quirk and each refusal of Canal's and Maxwell's events."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.formats.cdc.canal_events import single_rows
from tests.kit.cdc_events import (
    FORMATS,
    TUTORIAL,
    changed,
    codes,
    entities_of,
    entity,
    events_of,
    lines,
    reading,
    record,
    refusal,
)


def canal(**fields: object) -> dict[str, Any]:
    return {
        "database": "inventory",
        "table": "products",
        "type": "INSERT",
        "isDdl": False,
        "pkNames": ["id"],
        "data": [{"id": "1", "name": "lamp", "weight": "0.750"}],
        "old": None,
        "es": 1_789_373_515_000,
        "ts": 1_789_373_515_477,
        "id": 3,
    } | fields


def maxwell(**fields: object) -> dict[str, Any]:
    return {
        "database": "inventory",
        "table": "products",
        "type": "insert",
        "ts": 1_789_373_515,
        "xid": 7125,
        "commit": True,
        "data": {"id": 1, "name": "lamp", "weight": 0.75},
        "primary_key_columns": ["id"],
    } | fields


ROWS = [{"id": "1", "weight": "1"}, {"id": "2", "weight": "2.0"}]


def test_a_message_of_several_rows_is_read_whole_or_cut() -> None:
    message = canal(type="UPDATE", data=ROWS, old=[{"weight": "9"}, {"name": None}])
    whole = reading(message, TUTORIAL, form="canal").entities
    cut = entities_of(lines(message), TUTORIAL, "canal")
    assert [one.key for one in whole] == ["acme/1", "acme/2"]
    assert [one.revision for one in cut] == [one.revision for one in whole]
    assert [one.revision.value[-10:] for one in cut] == ["0000000000", "0000000001"]


def test_a_cut_row_keeps_every_value_as_it_was_written() -> None:
    message = b'{ "old":[{"w":1.50},{}] ,"x":12345678901234567890.10,"data":[ {"w": 1.0e2},\n{"w":"]"}]}'
    assert single_rows(message) == [
        b'{ "old":[{"w":1.50}] ,"x":12345678901234567890.10,"data":[{"w": 1.0e2}]}',
        b'{ "old":[{}] ,"x":12345678901234567890.10,"data":[{"w":"]"}]}',
    ]
    for whole in (b'{"data":[{}]}', b"[", b'{"data":null}', b"\xff", b"{}", b'{"data":[{},{}'):
        assert single_rows(whole) == [whole]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"isDdl": True, "type": "CREATE", "data": None}, "schema_change_ignored"),
        ({"type": "QUERY", "data": None}, "schema_change_ignored"),
        ({"type": "TIDB_WATERMARK", "data": None}, "heartbeat_ignored"),
    ],
)
def test_what_is_no_row_of_canal_is_counted(fields: dict[str, object], code: str) -> None:
    found = reading(canal(**fields), TUTORIAL, form="canal")
    assert (found.entities, codes(found)) == ((), [code])


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"type": None}, "envelope_broken", "$.type"),
        ({"type": "MERGE"}, "envelope_broken", "$.type"),
        ({"table": None}, "envelope_broken", "$.table"),
        ({"data": []}, "envelope_broken", "$.data"),
        ({"es": None, "ts": None}, "field_invalid", "$.es"),
        ({"type": "TRUNCATE", "isDdl": True, "data": None}, "control_total_mismatch", "$.data[0]"),
        ({"data": [{"name": "x"}], "pkNames": None}, "field_invalid", "$.data[0]"),
    ],
)
def test_a_broken_message_of_canal_is_refused(fields: dict[str, object], code: str, path: str) -> None:
    refused = refusal(canal(**fields), TUTORIAL, form="canal")
    assert (refused.code, refused.path) == (code, path)


def test_canal_tells_an_update_by_its_old_values_and_a_delete_by_its_row() -> None:
    same = canal(type="UPDATE", old=[{"note": "x"}])
    assert codes(reading(same, TUTORIAL, form="canal")) == ["row_unchanged"]
    gone = entity(canal(type="DELETE"), TUTORIAL, form="canal")
    assert (gone.change, gone.key) == ("deleted", "acme/1")
    assert [one.value for one in gone.extensions] == ["lamp", "0.750"]


def test_canal_rows_are_ordered_by_second_message_and_row() -> None:
    early = entity(canal(id=9), TUTORIAL, form="canal")
    late = entity(canal(es=1_789_373_516_000, id=1), TUTORIAL, form="canal")
    assert early.revision.value < late.revision.value
    ticdc = entity(canal(_tidb={"commitTs": 447_984_123}), TUTORIAL, form="canal")
    assert ticdc.revision.value == "0001/00000000000447984123:00000000000000000003/0000000000"


def test_mysqls_zero_date_is_no_date() -> None:
    order = {"order_number": "1", "order_date": "0000-00-00", "product_id": "1", "quantity": "2"}
    found = reading(
        canal(table="orders", pkNames=["order_number"], data=[order]),
        changed(TUTORIAL, zone="Europe/Berlin"),
        form="canal",
    )
    assert codes(found) == ["item_unmapped", "date_missing"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type": "bootstrap-start", "data": {}}, "bootstrap_marker_ignored"),
        ({"type": "bootstrap-complete", "data": {}}, "bootstrap_marker_ignored"),
        ({"type": "table-create", "data": None}, "schema_change_ignored"),
        ({"type": "database-drop", "table": None}, "schema_change_ignored"),
        ({"type": "heartbeat"}, "heartbeat_ignored"),
    ],
)
def test_what_is_no_row_of_maxwell_is_counted(fields: dict[str, object], code: str) -> None:
    found = reading(maxwell(**fields), TUTORIAL, form="maxwell")
    assert (found.entities, codes(found)) == ((), [code])


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"type": "upsert"}, "envelope_broken", "$.type"),
        ({"data": None}, "envelope_broken", "$.type"),
        ({"table": None}, "envelope_broken", "$.type"),
        ({"ts": None}, "field_invalid", "$.position"),
    ],
)
def test_a_broken_event_of_maxwell_is_refused(fields: dict[str, object], code: str, path: str) -> None:
    refused = refusal(maxwell(**fields), TUTORIAL, form="maxwell")
    assert (refused.code, refused.path) == (code, path)


@pytest.mark.parametrize(
    ("fields", "revision"),
    [
        ({"xoffset": 2, "commit": None}, "0001/1789373515:00000000000000007125/0000000002"),
        ({}, "0001/1789373515:00000000000000007125/2147483647"),
        ({"position": "master.000012:3456"}, "0001/0000000012:00000000000000003456/2147483647"),
        (
            {"type": "bootstrap-insert", "xid": None, "commit": None},
            "0001/0000000000:00000000001789373515/0000000000",
        ),
    ],
)
def test_maxwell_rows_are_ordered_by_position_else_by_transaction(
    fields: dict[str, object], revision: str
) -> None:
    assert entity(maxwell(**fields), TUTORIAL, form="maxwell").revision.value == revision


def test_maxwell_reads_old_values_that_the_row_does_not_hold() -> None:
    event = maxwell(type="update", old={"backup_date": "2017-02-08 02:00:05", "name": "lamp"})
    assert codes(reading(event, TUTORIAL, form="maxwell")) == ["row_unchanged"]
    event["old"] = {"name": "candle"}
    assert entity(event, TUTORIAL, form="maxwell").change == "updated"


@pytest.mark.parametrize(
    ("form", "payload", "key", "name"),
    [
        ("canal", canal(), b"acme/demo/file-1", "products:1"),
        ("canal", canal(pkNames=None), b"acme/demo/file-1", "products:1"),
        ("canal", canal(isDdl=True), b"acme/demo/file-1", None),
        ("maxwell", maxwell(), b"acme/demo/file-1", "products:1"),
        (
            "maxwell",
            maxwell(primary_key_columns=None, data={"no": 5}),
            b'{"database":"inventory","table":"products","pk.no":5}',
            "products:5",
        ),
        ("maxwell", b"{", b"acme/demo/file-1", None),
    ],
)
def test_a_row_is_named_by_its_primary_key(form: str, payload: object, key: bytes, name: str | None) -> None:
    assert FORMATS[form].key(record(payload, key=key)) == name


def test_a_broken_line_takes_no_other_with_it() -> None:
    data = lines(maxwell()) + b'{"broken\n' + lines(maxwell(data={"id": 2}))
    outcomes = events_of(data, TUTORIAL, "maxwell")
    assert [getattr(one, "code", "read") for one in outcomes] == ["read", "envelope_broken", "read"]
