"""How records are shown: values decoded, figures untouched, nothing that acts on a terminal."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import click
import fastavro
import pytest
from click.testing import CliRunner

from crossdock.canonical.record import Record
from crossdock.cli.differences import MISSING, Difference, differences
from crossdock.cli.output import age, as_json, print_table, printable, printable_bytes
from crossdock.cli.record_view import RecordView, SchemaSource
from crossdock.cli.tail_command import card
from crossdock.cli.tail_format import read_format
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.errors import Retryable

SCHEMA = {
    "type": "record",
    "name": "crossdock.test.Thing",
    "fields": [
        {"name": "name", "type": "string"},
        {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 4}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    ],
}
THING = {"name": "é\x1b[31m", "amount": Decimal("12.3400"), "at": datetime(2026, 3, 1, 12, tzinfo=UTC)}


def framed(schema_id: int) -> bytes:
    body = io.BytesIO()
    fastavro.schemaless_writer(body, SCHEMA, THING)
    return b"\0" + schema_id.to_bytes(4, "big") + body.getvalue()


def record(value: bytes | None, key: bytes | None = b"acme/x/1") -> Record:
    headers = (("ce_id", b"7"), ("odd", None), ("raw", b"\xff\x07"))
    return Record("t.v1", 2, 41, key, value, headers, 1_772_366_400_123)


@pytest.fixture
def view() -> RecordView:
    registry = MemoryRegistry()
    registry.register("t.v1-value", json.dumps(SCHEMA))
    return RecordView(registry)


def test_framed_avro_is_decoded_with_exact_figures(view: RecordView) -> None:
    shown = view.shown(record(framed(1)))
    assert (shown.encoding, shown.schema) == ("avro", "crossdock.test.Thing")
    assert json.loads(as_json(shown.value)) == {
        "name": "é\x1b[31m",
        "amount": "12.3400",
        "at": "2026-03-01T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("value", "encoding", "trouble"),
    [
        (None, "tombstone", ""),
        (b"", "text", ""),
        (b"plain", "text", ""),
        (b"\xff\xfe", "bytes", ""),
        (b'{"a": 1}', "json", ""),
        (b'{"a": ', "text", ""),
        (b'{"a": "\\ud800"}', "text", ""),
        (b"[" * 100_000, "text", ""),
        (framed(9), "bytes", "schema id 9 is not in the registry"),
        (framed(1)[:-1], "bytes", "the bytes are no"),
        (framed(1) + b"\0", "bytes", "1 bytes are left over"),
        (b"\0\0\0\0\1", "bytes", "the bytes are no"),
    ],
)
def test_any_value_is_shown_and_says_how_it_was_read(
    view: RecordView, value: bytes | None, encoding: str, trouble: str
) -> None:
    shown = view.shown(record(value))
    assert shown.encoding == encoding
    assert trouble in shown.trouble
    assert json.loads(as_json(view.document(record(value))))["encoding"] == encoding
    assert printable(view.pretty(record(value)), kept="\n\t") == view.pretty(record(value))


def test_json_figures_are_shown_as_they_were_written(view: RecordView) -> None:
    value = b'{"price": 1.10, "id": 123456789012345678901234567890, "tiny": 1e-9}'
    expected = '{"price":1.10,"id":123456789012345678901234567890,"tiny":1e-9}'
    assert view.text(record(value)) == expected


def test_registry_that_does_not_answer_leaves_the_record_readable() -> None:
    class Silent(SchemaSource):
        def schema(self, schema_id: int) -> str:
            raise Retryable("no schema registry answers")

    shown = RecordView(Silent()).shown(record(framed(1)))
    assert (shown.encoding, shown.trouble) == ("bytes", "no schema registry answers")


def test_schema_is_asked_for_once() -> None:
    asked: list[int] = []

    class Counting(SchemaSource):
        def schema(self, schema_id: int) -> str:
            asked.append(schema_id)
            return json.dumps(SCHEMA)

    view = RecordView(Counting())
    assert [view.shown(record(framed(5))).encoding for _ in range(3)] == ["avro"] * 3
    assert asked == [5]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain é", "plain é"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a\u202eb", r"a\u202eb"),
        ("\x9b31m", r"\x9b31m"),
        ("two\nlines", r"two\nlines"),
    ],
)
def test_text_cannot_act_on_a_terminal(raw: str, shown: str) -> None:
    assert printable(raw) == shown


def test_json_cannot_act_on_a_terminal_and_says_the_same() -> None:
    said = {"sku": "\x1b[2J \x9b31m \x7f é"}
    shown = as_json(said)
    assert shown.decode().isprintable()
    assert json.loads(shown) == said


def test_name_of_a_header_cannot_act_on_a_terminal(view: RecordView) -> None:
    sent = replace(record(b"[]"), headers=(("\x1b[2J", b"1"),))
    assert read_format("%h", view)(sent) == r"\x1b[2J=1"
    assert r"  \x1b[2J: 1" in card(view, sent)


def test_bytes_that_are_no_text_are_escaped() -> None:
    assert printable_bytes(b"ok\xff\x00") == r"ok\xff\x00"


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("%t/%p/%o %k", "t.v1/2/41 acme/x/1"),
        ("%s|%S|%K|%T", "[1,2]|6|8|1772366400123"),
        (r"%s\n\t\x41%%", "[1,2]\n\tA%"),
        ("%h", r"ce_id=7,odd=NULL,raw=\xff\x07"),
        ("no tokens", "no tokens"),
    ],
)
def test_format_string_follows_kcat(view: RecordView, template: str, line: str) -> None:
    assert read_format(template, view)(record(b"[1, 2]")) == line


def test_missing_value_and_key_have_length_minus_one(view: RecordView) -> None:
    assert read_format("%S %K %k", view)(record(None, None)) == "-1 -1 "


@pytest.mark.parametrize("template", ["%q", "100%", "x\\"])
def test_unknown_token_is_refused_before_anything_is_read(view: RecordView, template: str) -> None:
    with pytest.raises(click.BadParameter):
        read_format(template, view)


def test_table_cuts_long_text_and_sets_numbers_right() -> None:
    @click.command()
    def show() -> None:
        print_table(("name", "count"), [("a" * 80, 5), ("b", 12), ("\x1b[31m", None)])

    lines = CliRunner().invoke(show).output.splitlines()
    assert lines[0] == "NAME" + " " * 58 + "COUNT"
    assert lines[1] == "a" * 59 + "…" + "      5"
    assert lines[3].startswith(r"\x1b[31m")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.9, "59 s"), (61, "1 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_age_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 1}}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [Difference("a.b", 1, 2)]),
        ({"a": [1, 2]}, {"a": [1]}, [Difference("a[1]", 2, MISSING)]),
        ({}, {"a": {"b": None}}, [Difference("a.b", MISSING, None)]),
        ({"a": {}}, {"a": []}, [Difference("a", {}, [])]),
    ],
)
def test_difference_names_each_leaf(before: object, after: object, found: list[Difference]) -> None:
    assert differences(before, after) == found
