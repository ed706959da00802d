"""JSON payloads: exact numbers, no silent last-wins key, stable refusals with a path."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.formats.json_document import Document, Inexact, exact_document, read_document
from crossdock.formats.json_fields import exact


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(Rejected) as refused:
        read_document(data, lambda document: document)
    return refused.value.code.value, refused.value.path


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        (b"", "envelope_broken", "line 1 column 1"),
        (b"  \n ", "envelope_broken", "line 2 column 2"),
        (b'{"a":', "envelope_broken", "line 1 column 6"),
        (b'{"a":1}x', "envelope_broken", "line 1 column 8"),
        (b'{"a":01}', "envelope_broken", "line 1 column 7"),
        (b"{'a':1}", "envelope_broken", "line 1 column 2"),
        (b'{"a":1,}', "envelope_broken", "line 1 column 8"),
        (b'{"a":"\x01"}', "envelope_broken", "line 1 column 7"),
        (b"[]", "envelope_broken", "$"),
        (b'[{"a":1}]', "envelope_broken", "$"),
        (b'"text"', "envelope_broken", "$"),
        (b"7", "envelope_broken", "$"),
        (b"null", "envelope_broken", "$"),
        (b'{"a":{"b":[1,NaN]}}', "envelope_broken", "$.a.b[1]"),
        (b'{"a":Infinity}', "envelope_broken", "$.a"),
        (b'{"a":-Infinity}', "envelope_broken", "$.a"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "envelope_broken", "$"),
        (b"[" * 100_000, "envelope_broken", "$"),
        (b'{"a":"\xff"}', "encoding_invalid", "byte 6"),
        (b'{"a":"\xed\xa0\x80"}', "encoding_invalid", "byte 6"),
        ('{"a":1}'.encode("utf-16"), "encoding_invalid", "byte 0"),
        (b'{"a":1,"a":2}', "duplicate_field", "$.a"),
        (b'{"x":[{"b":{"a":1,"a":"1"}}]}', "duplicate_field", "$.x[0].b.a"),
        (b'{"a":1,"\\u0061":2}', "duplicate_field", "$.a"),
        (b'{"a" : 1, "a" : 2}', "duplicate_field", "$.a"),
        (b'{"q":"\\u0022","a":1,"a":2}', "duplicate_field", "$.a"),
        (b'{"a":{"c":1},"a":{"c":2}}', "duplicate_field", "$.a"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_broken_document_is_refused_with_code_and_place(data: bytes, code: str, path: str) -> None:
    assert refusal(data) == (code, path)


@pytest.mark.parametrize(
    ("data", "warnings"),
    [
        (b'{"a":1}', []),
        (b'\xef\xbb\xbf{"a":1}', [("byte_order_mark", "$")]),
        (b'{"a":1,"a":1}', [("duplicate_field", "$.a")]),
        (b'{"a":"x\\ud83d"}', [("damaged_character", "$.a")]),
        (b'{"a":["\\udc00"]}', [("damaged_character", "$.a[0]")]),
        (b'{"a":"\\u0000"}', [("damaged_character", "$.a")]),
        (b'{"a":"\\ud83d\\ude00"}', []),
        (b'{"a":"\\\\u0000"}', []),
    ],
)
def test_what_can_be_read_is_read_with_a_warning(data: bytes, warnings: list[tuple[str, str]]) -> None:
    document = read_document(data, lambda document: document)
    assert [(one.code, one.path) for one in document.warnings] == warnings


def test_damaged_characters_become_the_replacement_character() -> None:
    assert read_document(b'{"a":"x\\ud83d\\u0000y"}', lambda document: document.root) == {
        "a": "x\ufffd\ufffdy"
    }


@pytest.mark.parametrize(
    "text",
    [
        "0.1",
        "1.10",
        "-0.0",
        "1e2",
        "12345678901234567890.123456789",
        "1e400",
        "123456789012345678901234567890",
    ],
)
def test_a_number_that_matters_is_exact(text: str) -> None:
    data = f'{{"a":{text}}}'.encode()
    found = read_document(data, lambda document: exact(document.root["a"]))
    assert Decimal(str(found)) == Decimal(text)
    assert not isinstance(found, bool | str)


@pytest.mark.parametrize("text", ["1e9999999999999999999999", "9" * 6000])
def test_a_number_beyond_all_bounds_does_not_end_the_parser(text: str) -> None:
    document = exact_document(f'{{"a":{text}}}'.encode())
    assert isinstance(document.root["a"], str)


def test_the_fast_parse_is_kept_where_no_float_is_asked_for() -> None:
    runs: list[bool] = []

    def mapping(document: Document) -> object:
        runs.append(document.is_exact)
        return document.root["text"]

    assert read_document(b'{"text":"1.5","rate":0.06}', mapping) == "1.5"
    assert runs == [False]


def test_a_float_that_is_asked_for_runs_the_mapping_again_exactly() -> None:
    runs: list[bool] = []

    def mapping(document: Document) -> object:
        runs.append(document.is_exact)
        return exact(document.root["price"])

    assert read_document(b'{"price":13.5}', mapping) == Decimal("13.5")
    assert runs == [False, True]


def test_an_exact_document_never_asks_to_be_read_again() -> None:
    with pytest.raises(Inexact):
        exact(0.5)
    document = exact_document(json.dumps({"a": [0.5, {"b": 1e3}]}).encode())
    assert document.root == {"a": [Decimal("0.5"), {"b": Decimal("1000.0")}]}
