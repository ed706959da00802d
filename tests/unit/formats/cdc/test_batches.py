"""Files of events are cut into single ones, in every way that tools print them."""

from __future__ import annotations

import json

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import StockMovement
from crossdock.canonical.reading import Reading
from crossdock.cli.trial import sniff
from tests.kit.cdc_events import FORMATS, TRYTON, envelope, events_of, lines, move, record, with_schema

ONE, TWO = (envelope("c", "stock_move", None, move(id=number), number) for number in (1, 2))
PLAIN = lines(ONE, TWO)


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN,
        json.dumps([ONE, TWO], indent=2).encode(),
        b"[" + json.dumps(ONE).encode() + b"]\n\n" + json.dumps(TWO, indent=1).encode(),
        b"/*\n * Licensed\n */\n" + PLAIN,
        lines({"key": {"id": 1}, "value": ONE}, {"key": {"id": 2}, "value": json.dumps(TWO)}),
        lines({"topic": "t", "partition": 0, "offset": 3, "key": '{"id":1}', "payload": json.dumps(ONE)})
        + lines({"topic": "t", "partition": 0, "offset": 4, "key": None, "payload": TWO}),
        b"".join(
            b'{"id":%d}\t%s\n' % (number, json.dumps(one).encode()) for number, one in ((1, ONE), (2, TWO))
        ),
        b'"1"\t' + json.dumps(ONE).encode() + b"\n" + b'"2"\t' + json.dumps(TWO).encode(),
    ],
)
def test_events_are_cut_however_they_are_printed(data: bytes) -> None:
    split = FORMATS["debezium"].split
    assert split is not None
    parts = split(record(data), TRYTON).parts
    assert [part.key for part in parts] == ["acme/erp-eu/stock_move:1", "acme/erp-eu/stock_move:2"]
    read = events_of(data, TRYTON)
    assert [one.entities[0].key for one in read if not isinstance(one, Rejected)] == [
        "acme/SKU-0001/erp-eu/1",
        "acme/SKU-0001/erp-eu/2",
    ]


def test_events_are_recognised_however_they_are_printed() -> None:
    for data in (PLAIN, json.dumps([ONE]).encode(), lines({"key": "1", "payload": json.dumps(ONE)})):
        assert sniff(data) == "debezium"


def test_a_broken_event_takes_no_other_with_it() -> None:
    data = b'{"id":1}\t' + lines(ONE) + b"{broken\n" + b"\n" + lines(TWO) + b'{"id":2}\tnull\n'
    outcomes = [
        one.code if isinstance(one, Rejected) else len(one.entities) for one in events_of(data, TRYTON)
    ]
    assert outcomes == [1, "envelope_broken", 1, 0]
    latin = PLAIN + b'{"op":"\xe9"}\n'
    outcomes = [
        one.code if isinstance(one, Rejected) else len(one.entities) for one in events_of(latin, TRYTON)
    ]
    assert outcomes == [1, 1, "encoding_invalid"]


def test_a_key_with_its_schema_belongs_to_the_value_below_it() -> None:
    key = {
        "schema": {
            "type": "struct",
            "fields": [{"field": "id", "type": "int32"}],
            "name": "erp.stock_move.Key",
        },
        "payload": {"id": 912},
    }
    gone = envelope("d", "stock_move", move(), None)
    text = "\n".join(json.dumps(one) for one in (key, with_schema(gone, []), key, None))
    first, second = events_of(text.encode(), TRYTON)
    assert isinstance(first, Reading)
    assert isinstance(second, Reading)
    (entity,) = first.entities
    assert isinstance(entity, StockMovement)
    assert (entity.movement_id, entity.change) == ("912", "deleted")
    assert [one.code for one in second.warnings] == ["tombstone_ignored"]
    (alone,) = events_of(json.dumps(key).encode(), TRYTON)
    assert isinstance(alone, Rejected)


@pytest.mark.parametrize("data", [b"", b"[]", b" \n"])
def test_a_file_without_events_is_refused(data: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        events_of(data, TRYTON)
    assert refused.value.code == "envelope_broken"


def test_a_value_framed_for_a_registry_stays_whole() -> None:
    (framed,) = events_of(b"\x00\x00\x00\x00\x07\n{}\n", TRYTON)
    assert isinstance(framed, Rejected)
    assert "JsonConverter" in framed.detail


def test_too_many_events_are_refused() -> None:
    with pytest.raises(Rejected) as refused:
        events_of(b"{}\n" * 5_001, TRYTON)
    assert refused.value.code == "output_too_large"


def test_the_same_file_is_cut_the_same_way_again() -> None:
    split = FORMATS["debezium"].split
    assert split is not None
    assert split(record(PLAIN), TRYTON) == split(record(PLAIN), TRYTON)
