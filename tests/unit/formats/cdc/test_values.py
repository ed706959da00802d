"""Numbers, times and texts of columns in every encoding that connectors use."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.formats.cdc.column_types import DECIMAL, ColumnType, column_types
from crossdock.formats.cdc.positions import log_place, serial_of
from crossdock.formats.cdc.values import decimal_of, flag_of, moment_of, text_of
from crossdock.formats.json_document import Boundless, Inexact

DIGITS_39 = "123456789012345678901234567890123456.789"
BYTES = ColumnType("bytes", DECIMAL, 3)


@pytest.mark.parametrize(
    ("value", "kind", "scale", "number"),
    [
        (None, None, None, None),
        (7, None, None, "7"),
        (2**70, None, None, str(2**70)),
        (Decimal("0.30000000000000004"), None, None, "0.30000000000000004"),
        ("9.99", None, None, "9.99"),
        (" -1.5E+3 ", None, None, "-1500"),
        (DIGITS_39, None, None, DIGITS_39),
        ({"scale": 2, "value": "A+c="}, None, None, "9.99"),
        ({"scale": -2, "value": "Cg=="}, None, None, "1000"),
        ("/w==", ColumnType("bytes", DECIMAL, 2), None, "-0.01"),
        ("SZYC0g==", BYTES, None, "1234567.890"),
        ("F8bjv9cP3ursQXFy3LpF", BYTES, None, "123456789012345678901234567890123.333"),
        ("1234", None, None, "1234"),
        ("1234", None, 2, "-26588.24"),
        ("1234", ColumnType("string"), 2, "1234"),
        ("12.50", ColumnType("string", DECIMAL, 2), None, "12.50"),
    ],
)
def test_a_number_is_what_its_digits_or_bytes_say(
    value: object, kind: ColumnType | None, scale: int | None, number: str | None
) -> None:
    found = decimal_of(value, "$", kind, scale=scale)
    assert found == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    "value",
    [
        *("NaN", "Infinity", "", "1,5", "A+c=", "0x10", "١", Boundless("1e999999999")),
        *(
            {"scale": 2},
            {"scale": "2", "value": "A+c="},
            {"scale": 2, "value": "!"},
            {"scale": 2, "value": ""},
        ),
        *([], True, Decimal("1e999999999"), {"scale": 10**6, "value": "AA=="}),
    ],
)
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(Rejected) as refused:
        decimal_of(value, "$.after.x")
    assert (refused.value.code, refused.value.path) == ("amount_unparsable", "$.after.x")


def test_a_float_is_never_taken_for_a_number() -> None:
    for read in (decimal_of, text_of):
        with pytest.raises(Inexact):
            read(0.1, "$")


MICRO, MILLI = "io.debezium.time.MicroTimestamp", "org.apache.kafka.connect.data.Timestamp"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECONDS = 1_795_262_400


@pytest.mark.parametrize(
    ("value", "name", "zone", "moment"),
    [
        (None, "", None, None),
        ("", "", None, None),
        ("0000-00-00 00:00:00", "", None, None),
        (20778, "io.debezium.time.Date", None, date(2026, 11, 21)),
        (20778, "org.apache.kafka.connect.data.Date", None, date(2026, 11, 21)),
        (20778, "", None, date(2026, 11, 21)),
        (-1, "io.debezium.time.Date", None, date(1969, 12, 31)),
        ("2026-11-21", "io.debezium.time.IsoDate", None, date(2026, 11, 21)),
        ("2026-11-21Z", "io.debezium.time.IsoDate", None, date(2026, 11, 21)),
        (SECONDS * 10**3, "io.debezium.time.Timestamp", "UTC", NOON),
        (SECONDS * 10**6, MICRO, "UTC", NOON),
        (SECONDS * 10**9, "io.debezium.time.NanoTimestamp", "UTC", NOON),
        (Decimal(SECONDS * 10**9), "", "UTC", NOON),
        (SECONDS * 10**6, "", "UTC", NOON),
        (SECONDS * 10**3, "", "UTC", NOON),
        (SECONDS, "", "UTC", NOON),
        (0, MILLI, "UTC", datetime(1970, 1, 1, tzinfo=UTC)),
        (1, MICRO, "UTC", datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
        (SECONDS * 10**6, MICRO, "Europe/Berlin", datetime(2026, 11, 21, 11, tzinfo=UTC)),
        ("2026-11-21T12:00:00Z", "io.debezium.time.ZonedTimestamp", None, NOON),
        ("2026-11-21T13:00:00.123456789+01:00", "", None, NOON.replace(microsecond=123_456)),
        ("2026-11-21 13:00:00", "", "Europe/Berlin", NOON),
    ],
)
def test_a_time_is_read_by_its_type_else_by_its_shape(
    value: object, name: str, zone: str | None, moment: datetime | date | None
) -> None:
    assert moment_of(value, "$", ColumnType("int64", name), zone=zone) == moment


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (SECONDS * 10**6, MICRO),
        ("2026-11-21T12:00:00", ""),
        (3_000_000, ""),
        (10**40, MICRO),
        ("21.11.2026", ""),
        ("2026-02-30", ""),
        (Decimal("1.5"), ""),
        (True, ""),
    ],
)
def test_a_time_without_zone_or_sense_is_refused(value: object, name: str) -> None:
    with pytest.raises(Rejected) as refused:
        moment_of(value, "$.after.at", ColumnType("", name), zone=None)
    assert (refused.value.code, refused.value.path) == ("time_invalid", "$.after.at")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (None, None),
        ("  ", None),
        (" x ", "x"),
        (7, "7"),
        (True, "true"),
        (Decimal("1E+2"), "100"),
        ({"scale": 0, "value": "Ag=="}, "2"),
    ],
)
def test_a_text_is_what_people_would_write(value: object, word: str | None) -> None:
    assert text_of(value, "$") == word


@pytest.mark.parametrize("value", [[], {"a": 1}, {}])
def test_a_list_or_an_object_is_no_text(value: object) -> None:
    with pytest.raises(Rejected):
        text_of(value, "$")


def test_flags_are_read_in_every_spelling() -> None:
    assert [flag_of(value, "$") for value in (True, 1, "t", "AQ==", None, 0, "FALSE", "AA==")] == [
        *(True, True, True, True),
        None,
        *(False, False, False),
    ]
    with pytest.raises(Rejected):
        flag_of("perhaps", "$")


@pytest.mark.parametrize(
    ("source", "place", "serial"),
    [
        ({"lsn": 60081072}, "00000000000060081072", None),
        ({"lsn": "0/394C3B0"}, "00000000000060081072", None),
        ({"lsn": "16/B374D848"}, "00000000097500059720", None),
        ({"file": "mysql-bin.000003", "pos": 154, "row": 2}, "0000000003:00000000000000000154", 2),
        ({"file": "", "pos": 0, "row": 0}, "0000000000:00000000000000000000", 0),
        (
            {
                "commit_lsn": "0000002C:00000B28:0005",
                "change_lsn": "0000002C:00000B28:0004",
                "event_serial_no": 1,
            },
            "0000002c:00000b28:0005:0000002c:00000b28:0004",
            1,
        ),
        (
            {"commit_lsn": "0000002c:00000b28:0005", "change_lsn": None},
            "0000002c:00000b28:0005:00000000:00000000:0000",
            None,
        ),
        ({"scn": "18446744073709551615", "ssn": 4}, "18446744073709551615", 4),
        ({"lsn": "x/y"}, None, None),
        ({"lsn": "-1"}, None, None),
        ({}, None, None),
    ],
)
def test_a_place_in_the_log_is_text_that_sorts(
    source: dict[str, object], place: str | None, serial: int | None
) -> None:
    assert log_place(source) == place
    assert serial_of(source) == serial


def test_places_sort_as_their_logs_run() -> None:
    lsn = [log_place({"lsn": one}) or "" for one in ("0/FFFFFFFF", "1/0", "A/0", "10/0")]
    files = [("bin.000009", 900), ("bin.000010", 4), ("bin.999999", 5), ("bin.1000000", 4)]
    binlog = [log_place({"file": file, "pos": pos}) or "" for file, pos in files]
    assert lsn == sorted(lsn)
    assert binlog == sorted(binlog)


def test_types_come_from_the_schema_block() -> None:
    fields = [
        {"field": "a", "type": "bytes", "name": DECIMAL, "parameters": {"scale": "2"}},
        {"field": "b", "type": "int32"},
        {"type": "int32"},
        {"field": "c", "type": "bytes", "name": DECIMAL, "parameters": {"scale": "many"}},
    ]
    assert column_types({"fields": fields}) == {
        "a": ColumnType("bytes", DECIMAL, 2),
        "b": ColumnType("int32"),
        "c": ColumnType("bytes", DECIMAL),
    }
