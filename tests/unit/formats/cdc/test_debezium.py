"""Each quirk and each refusal of Debezium's events."""

from __future__ import annotations

import base64
import json
from decimal import Decimal

import pytest

from crossdock.canonical.models import PartnerProfile
from tests.kit.cdc_events import (
    FORMATS,
    TRYTON,
    changed,
    codes,
    entities_of,
    entity,
    envelope,
    lines,
    move,
    reading,
    record,
    refusal,
    told,
    with_schema,
)

GONE = "__debezium_unavailable_value"
CONNECT_KEY = {
    "schema": {"type": "struct", "fields": [{"field": "id", "type": "int32"}]},
    "payload": {"id": 912},
}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (None, "tombstone_ignored"),
        (b"null", "tombstone_ignored"),
        ({"key": {"id": 912}, "value": None}, "tombstone_ignored"),
        ({"schema": None, "payload": None}, "tombstone_ignored"),
        ({"source": {}, "ts_ms": 1, "databaseName": "x", "ddl": "ALTER TABLE x"}, "schema_change_ignored"),
        ({"status": "BEGIN", "id": "571:53195829", "ts_ms": 1}, "transaction_marker_ignored"),
        ({"status": "END", "id": "571:53195832", "event_count": 2}, "transaction_marker_ignored"),
        ({"ts_ms": 1_795_289_527_000}, "heartbeat_ignored"),
        ({"op": "m", "source": {"lsn": 1}, "message": {"prefix": "x"}}, "logical_message_ignored"),
    ],
)
def test_what_is_no_row_makes_no_entity_and_is_counted(payload: object, code: str) -> None:
    found = reading(payload)
    assert (found.entities, codes(found)) == ((), [code])


@pytest.mark.parametrize("profile", [TRYTON, changed(TRYTON, cdc=None)])
def test_a_truncate_is_an_alarm_and_never_zero(profile: PartnerProfile) -> None:
    refused = refusal(envelope("t", "stock_move", None, None), profile)
    assert (refused.code, refused.path) == ("control_total_mismatch", "$.before")
    assert "nothing is set to zero" in refused.detail


def test_a_table_outside_of_the_profile_is_ignored_and_one_without_mapping_refused() -> None:
    event = envelope("c", "ir_model_log", None, {"id": 1})
    assert codes(reading(event)) == ["table_not_captured"]
    assert codes(reading(envelope("t", "ir_model_log", None, None))) == ["table_not_captured"]
    refused = refusal(event, changed(TRYTON, cdc=None))
    assert (refused.code, refused.path) == ("field_invalid", "$.after")
    assert "ir_model_log" in refused.detail
    assert "stock_move" in refused.detail
    assert refusal(envelope("c", "lot", None, {"id": 1})).code == "field_invalid"


def test_a_table_may_be_named_with_its_schema_or_database() -> None:
    line = {"id": 445, "sale": 55, "type": "line", "product": 1, "quantity": 2, "unit": 1}
    assert entity(envelope("c", "sale_line", None, line)).erp_id == "sale.line,445"
    for name in ("public.stock_move", "tryton.public.stock_move", "erp.public.stock_move"):
        only = changed(TRYTON, cdc={"tables": [name]})
        assert entity(envelope("c", "stock_move", None, move()), only).movement_id == "912"
    other = changed(TRYTON, cdc={"tables": ["archive.stock_move"]})
    assert codes(reading(envelope("c", "stock_move", None, move()), other)) == ["table_not_captured"]


def test_an_unknown_adapter_is_refused() -> None:
    refused = refusal(envelope("c", "stock_move", None, move()), changed(TRYTON, adapter="../secret"))
    assert (refused.code, refused.path) == ("format_unknown", "adapter")
    assert "tryton" in refused.detail


def test_an_update_that_only_touches_unmapped_columns_makes_no_entity() -> None:
    event = envelope("u", "stock_move", move(), move(write_date=1_795_289_529_000_001))
    assert codes(reading(event)) == ["row_unchanged"]
    alone = envelope("u", "stock_move", None, move(write_date=1))
    assert entity(alone).change == "updated"


def test_a_row_that_moves_to_another_item_is_deleted_under_the_former_one() -> None:
    found = reading(envelope("u", "stock_move", move(), move(product=2)))
    assert [(one.key, one.change, getattr(one, "effect", "")) for one in found.entities] == [
        ("acme/SKU-0001/erp-eu/912", "deleted", "none"),
        ("acme/2/erp-eu/912", "updated", "demand"),
    ]


@pytest.mark.parametrize("before", [None, {"id": 912}, {"id": 912, "product": None, "state": None}])
def test_a_delete_without_its_row_is_refused_with_the_fix(before: object) -> None:
    refused = refusal(envelope("d", "stock_move", before, None))
    assert (refused.code, refused.path) == ("id_missing", "$.before")
    assert "REPLICA IDENTITY FULL" in refused.detail


@pytest.mark.parametrize(
    "payload",
    [
        {"key": {"id": 7}, "value": envelope("d", "party_party", None, None)},
        {"key": '{"id": 7}', "value": envelope("d", "party_party", None, None)},
        {"key": {"schema": {}, "payload": {"id": 7}}, "value": envelope("d", "party_party", None, None)},
        {
            "topic": "t",
            "offset": 1,
            "key": "7",
            "payload": json.dumps(envelope("d", "party_party", None, None)),
        },
    ],
)
def test_a_delete_with_both_rows_null_takes_its_key_from_the_record(payload: object) -> None:
    gone = entity(payload)
    assert (gone.key, gone.change) == ("acme/erp-eu/7", "deleted")
    assert entity(envelope("d", "party_party", None, None), key=b"acme/erp-eu/party_party:7").key == gone.key


def test_a_deleted_movement_has_no_effect_any_more() -> None:
    gone = entity(envelope("d", "stock_move", move(state="done"), None))
    assert (gone.change, gone.state, gone.state_raw, gone.effect) == ("deleted", "deleted", "done", "none")


@pytest.mark.parametrize(
    "value", [GONE, base64.b64encode(GONE.encode()).decode(), {GONE: GONE}, [GONE], json.dumps({GONE: GONE})]
)
def test_a_value_that_the_log_does_not_repeat_is_kept_refused_or_left_out(value: object) -> None:
    event = envelope("u", "stock_move", move(quantity=1.0, origin="sale.line,9"), move(origin=value))
    assert entity(event).origin_ref == "sale.line,9"
    refused = refusal(envelope("u", "stock_move", None, move(origin=value)))
    assert (refused.code, refused.path) == ("field_invalid", "$.after.origin")
    assert "REPLICA IDENTITY FULL" in refused.detail
    kept = reading(envelope("u", "stock_move", None, move(shipment=value)))
    assert codes(kept) == ["value_unavailable"]
    assert kept.entities[0].extensions == ()
    unmapped = reading(envelope("u", "stock_move", None, move(note=value)))
    assert [(one.code, one.path) for one in unmapped.warnings] == [("value_unavailable", "$.after.note")]
    known = reading(envelope("u", "stock_move", move(note="x", state="other"), move(note=value)))
    assert codes(known) == []


def test_lists_and_objects_of_a_row_are_not_taken_for_placeholders() -> None:
    event = envelope("u", "stock_move", None, move(a=[{}], b=[[]], c={"k": 1}, d=[1], e=[None]))
    assert codes(reading(event)) == []


def test_snapshot_rows_are_ordered_by_their_number_in_the_batch() -> None:
    rows = [
        envelope("r", "stock_move", None, move(id=number), 60_078_900, snapshot="true")
        for number in (1, 2, 3)
    ]
    found = entities_of(lines(*rows), TRYTON)
    assert [one.revision.value for one in found] == [
        f"0002/00000000000060078900/000000000{number}" for number in (0, 1, 2)
    ]
    assert {one.change for one in found} == {"created"}


def test_clocks_order_nothing() -> None:
    early, late = (
        entity(envelope("u", "stock_move", None, move(), lsn, ts_ms=ts))
        for lsn, ts in ((9, 2000), (10, 1000))
    )
    assert early.revision.value < late.revision.value
    assert early.occurred.instant > late.occurred.instant


def test_the_envelopes_clock_stands_in_for_a_source_without_one() -> None:
    event = envelope("c", "stock_move", None, move(), ts_ms=0)
    assert entity(event).occurred.instant.isoformat() == "2026-11-21T19:32:07+00:00"


@pytest.mark.parametrize("lsn", [None, "x"])
def test_an_event_without_a_place_in_the_log_is_refused(lsn: object) -> None:
    refused = refusal(envelope("c", "stock_move", None, move(), lsn))
    assert (refused.code, refused.path) == ("field_invalid", "$.source")
    assert "cannot be ordered" in refused.detail


@pytest.mark.parametrize(
    ("payload", "code", "path"),
    [
        (b"", "envelope_broken", "line 1 column 1"),
        (b"{", "envelope_broken", "line 1 column 2"),
        (b"\xff{}", "encoding_invalid", "byte 0"),
        (b"\x00\x00\x00\x00\x07\n\x02", "schema_unknown", "byte 0"),
        ({"op": "x", "after": {}}, "envelope_broken", "$.op"),
        ({"op": "c", "after": [], "source": {"table": "stock_move", "lsn": 1}}, "envelope_broken", "$.after"),
        ({"key": {"id": 1}, "value": 7}, "envelope_broken", "$.value"),
        ({"op": "c", "after": {"id": 1}, "source": {"lsn": 1}}, "envelope_broken", "$.source.table"),
        ({"id": 1004, "first_name": "x"}, "envelope_broken", "$.__table"),
    ],
)
def test_a_broken_envelope_is_refused_with_its_place(payload: object, code: str, path: str) -> None:
    refused = refusal(payload)
    assert (refused.code, refused.path) == (code, path)


def test_an_unwrapped_row_says_beside_its_columns_what_happened() -> None:
    marks = {"__op": "c", "__table": "stock_move", "__lsn": 77, "__source_ts_ms": 1_795_289_526_396}
    one = entity(move() | marks)
    assert (one.change, one.position.lsn, one.effect) == ("created", "00000000000000000077", "demand")
    assert one.occurred.instant.isoformat() == "2026-11-21T19:32:06.396000+00:00"
    prefixed = {"__source_lsn": "0/4D", "__source_table": "stock_move", "__deleted": "true"}
    gone = entity(move() | prefixed)
    assert (gone.change, gone.position.lsn) == ("deleted", "00000000000000000077")
    assert refusal(move() | {"__table": "stock_move"}).code == "field_invalid"


def test_an_unwrapped_row_with_schema_has_its_types() -> None:
    row = {"id": 9, "state": "draft", "untaxed_amount_cache": "A+c=", "__table": "sale_sale", "__lsn": 1}
    fields = [
        {
            "field": "untaxed_amount_cache",
            "type": "bytes",
            "name": "org.apache.kafka.connect.data.Decimal",
            "parameters": {"scale": "2"},
        }
    ]
    one = entity({"schema": {"type": "struct", "fields": fields}, "payload": row})
    assert one.totals.net.amount == Decimal("9.99")


@pytest.mark.parametrize(
    ("key", "topic", "name"),
    [
        (b'{"id":912}', "erp.public.stock_move", "stock_move:912"),
        (json.dumps(CONNECT_KEY).encode(), "erp.public.stock_move", "stock_move:912"),
        (b'{"order":7,"line":"a,b=c"}', "erp.public.lines", "stock_move:line=a%2Cb%3Dc,order=7"),
        (b'{"id":null}', "erp.public.stock_move", "stock_move:912"),
        (b"{broken", "erp.public.stock_move", "stock_move:912"),
        (b"acme/erp-eu/stock_move:5", "raw.transaction-set.v1", "stock_move:5"),
    ],
)
def test_a_row_is_named_by_the_records_key_else_by_its_id(key: bytes, topic: str, name: str) -> None:
    named = FORMATS["debezium"].key(record(envelope("c", "stock_move", None, move()), key=key, topic=topic))
    assert named == name


@pytest.mark.parametrize("value", [None, b"null"])
def test_a_tombstone_is_named_by_its_topic_and_key(value: bytes | None) -> None:
    key = FORMATS["debezium"].key
    assert key(record(value, key=b'{"id":912}', topic="erp.public.stock_move")) == "stock_move:912"
    assert key(record(value, key=b"\xff", topic="raw.channel.v1")) is None


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b"\xff", {"ts_ms": 1}, {"op": "c", "source": 1}])
def test_naming_never_raises(payload: object) -> None:
    assert FORMATS["debezium"].key(record(payload)) is None


def test_a_composite_key_in_a_records_name_is_found_again() -> None:
    named = reading(
        envelope("d", "party_party", None, None), key=b"acme/erp-eu/party_party%3Aid%3D7%2Clang%3Dde"
    )
    assert named.entities[0].source.object_id == "7"


def test_a_payload_may_come_without_its_schema() -> None:
    assert entity({"payload": envelope("c", "stock_move", None, move())}).movement_id == "912"


@pytest.mark.parametrize(
    ("fields", "lsn"),
    [
        (
            {"connector": "mysql", "file": "mysql-bin.000003", "pos": 154, "row": 0},
            "0000000003:00000000000000000154",
        ),
        ({"connector": "sqlserver", "commit_lsn": "2C:B28:5", "change_lsn": "2C:B28:4"}, "2c:b28:5:2c:b28:4"),
        ({"connector": "oracle", "scn": "2125003", "commit_scn": "2125010"}, "00000000000002125003"),
    ],
)
def test_each_database_is_ordered_by_its_own_log(fields: dict[str, object], lsn: str) -> None:
    event = envelope("c", "stock_move", None, move(), None, **fields)
    assert entity(event).position.lsn == lsn


def test_types_of_the_schema_win_over_shapes() -> None:
    fields = [{"field": "effective_date", "type": "int64", "name": "io.debezium.time.MicroTimestamp"}]
    event = with_schema(envelope("c", "stock_move", None, move(effective_date=86_400_000_000)), fields)
    assert entity(event).effective_date.date.isoformat() == "1970-01-02"


def test_mysql_writes_day_zero_for_no_date() -> None:
    event = envelope("c", "stock_move", None, move(effective_date=0, planned_date=0), connector="mysql")
    one, warned = told(event)
    assert (one.effective_date, warned) == (None, ["date_missing", "date_missing"])


def test_a_quantity_of_a_floating_column_is_rounded_with_a_warning() -> None:
    data = json.dumps(envelope("c", "stock_move", None, move())).replace(
        '"internal_quantity": 3.0', '"internal_quantity": 0.30000000000000004'
    )
    one, warned = told(data.encode())
    assert (one.stock_quantity.value, warned) == (Decimal("0.3"), ["quantity_rounded"])


@pytest.mark.parametrize("quantity", [10**39, "-1", "1" * 39, {"scale": 0, "value": "/w=="}])
def test_a_quantity_that_cannot_be_is_refused(quantity: object) -> None:
    event = envelope("c", "stock_move", None, move(internal_quantity=quantity, quantity=None))
    assert refusal(event).code in ("field_invalid", "amount_unparsable")


def test_a_unit_is_never_made_up() -> None:
    refused = refusal(envelope("c", "stock_move", None, move(unit=9)))
    assert (refused.code, refused.path) == ("unit_unmapped", "$.after")
    assert refusal(envelope("c", "stock_move", None, move(unit=None))).code == "field_invalid"


def test_an_item_without_alias_keeps_the_erps_number_with_a_warning() -> None:
    found = reading(envelope("c", "stock_move", None, move(product=4)))
    assert (found.entities[0].key, codes(found)) == ("acme/4/erp-eu/912", ["item_unmapped"])


def test_a_day_needs_a_zone() -> None:
    one, warned = told(envelope("c", "stock_move", None, move()), changed(TRYTON, zone=None))
    assert (one.effective_date, warned) == (None, ["zone_missing"])


def test_a_state_that_the_mapping_does_not_know_is_kept_as_said() -> None:
    one, warned = told(envelope("c", "stock_move", None, move(state="frozen")))
    assert (one.state, one.state_raw, one.effect) == ("unknown", "frozen", "unknown")
    assert warned == ["status_unknown", "effect_unknown"]


def test_the_incarnation_is_the_profiles() -> None:
    restored = changed(TRYTON, cdc={"tables": ["stock_move"], "incarnation": 3})
    event = envelope("c", "stock_move", None, move())
    assert entity(event, restored).revision.value > entity(event).revision.value
    assert entity(event, changed(TRYTON, cdc=None)).position.incarnation == 1


def test_the_digest_is_of_the_content_alone() -> None:
    one, other = (reading(envelope("u", "stock_move", None, move(), lsn, ts_ms=1000)) for lsn in (5, 6))
    assert one.entities[0].revision.value != other.entities[0].revision.value
    assert entity(envelope("u", "stock_move", None, move(state="done"))).revision.content_sha256 != (
        one.entities[0].revision.content_sha256
    )
