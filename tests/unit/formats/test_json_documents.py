"""Files of several JSON documents are cut apart; no byte of a document is lost."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from crossdock.formats.json_documents import json_documents


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"id":1}', [b'{"id":1}']),
        (b'\xef\xbb\xbf{"id":1}', [b'\xef\xbb\xbf{"id":1}']),
        (b'[{"id":1}, {"id":2}]', [b'{"id":1}', b'{"id":2}']),
        (b"[]", []),
        (b"", []),
        (b'{"orders":[{"id":1},{"id": 2 }]}', [b'{"id":1}', b'{"id": 2 }']),
        (b'{"meta":{"orders":[7]},"orders":[{"id":1}],"next":null}', [b'{"id":1}']),
        (b'{"id":1}\n{"id":2}\n\n{"id":3}\n', [b'{"id":1}', b'{"id":2}', b'{"id":3}']),
        (b'{"id":1}{"id":2}', [b'{"id":1}', b'{"id":2}']),
        (b'\x1e{"id":1}\n\x1e{"id":2}\n', [b'{"id":1}', b'{"id":2}']),
        (b'{"order":{"id":1}}', [b'{"order":{"id":1}}']),
        (b'{"line_items":[{"id":1}],"orders":[]}', [b'{"line_items":[{"id":1}],"orders":[]}']),
        (b'{"items":[{"id":1}],"lines":[{}]}', [b'{"items":[{"id":1}],"lines":[{}]}']),
        (b'{"id":1} {"id":', [b'{"id":1} {"id":']),
        (b'{"id":1}\r\n{"id":\n{"id":3}\n', [b'{"id":1}', b'{"id":', b'{"id":3}']),
        (b'{"id":1}\n\xff\n', [b'{"id":1}', b"\xff"]),
        (b'{\n"a":\n{"id":1}\n', [b'{\n"a":\n{"id":1}\n']),
        (b"\xff\xfe", [b"\xff\xfe"]),
        (b"[" * 100_000, [b"[" * 100_000]),
        ('[{"n":"é"}]'.encode(), ['{"n":"é"}'.encode()]),
        (b'[{"price":1.10000000000000000001}]', [b'{"price":1.10000000000000000001}']),
        (b'[{"orders":[{"id":1}, {"id":2}]},{"orders":[{"id":3}]}]', [b'{"id":1}', b'{"id":2}', b'{"id":3}']),
        (b'{"orders":[{"id":1}]}\n{"orders":[{"id":2}]}', [b'{"id":1}', b'{"id":2}']),
        (b'{"orders":[{"id":1}],"data":[],"items":[{"id":2}]}', [b'{"id":1}', b'{"id":2}']),
        (b'[{"orders":[]},{"id":1}]', [b'{"orders":[]}', b'{"id":1}']),
        (
            b'[{"note":"orders"},{"lines":[],"orders":[1]}]',
            [b'{"note":"orders"}', b'{"lines":[],"orders":[1]}'],
        ),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_each_document_keeps_its_own_bytes(data: bytes, expected: list[bytes]) -> None:
    assert json_documents(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"payload":{"Orders":[{"id":1},{"id":2}],"NextToken":"x"}}', [b'{"id":1}', b'{"id":2}']),
        (b'{"Orders":[{"id":1}]}', [b'{"id":1}']),
        (b'{"payload":{"Orders":[]}}', []),
        (b'{"payload":{"id":1}}', [b'{"payload":{"id":1}}']),
        (b'{"payload":[{"Orders":[]}]}', [b'{"payload":[{"Orders":[]}]}']),
        (b'{"payload":{"lines":[],"Orders":[{}]}}', [b'{"payload":{"lines":[],"Orders":[{}]}}']),
    ],
)
def test_a_list_may_stand_within_an_envelope(data: bytes, expected: list[bytes]) -> None:
    assert json_documents(data, ("Orders", "payload.Orders")) == expected


def test_an_object_beside_a_list_is_a_document_where_the_format_names_it() -> None:
    data = b'{"payout":{"id":1},"entries":[{"id":2},{"id":3}],"data":{"id":4}}'
    entries = [b'{"id":2}', b'{"id":3}']
    assert json_documents(data, ("payout", "entries", "data")) == [*entries, b'{"id":1}']
    assert json_documents(data, ("entries",)) == entries
    assert json_documents(b'{"payout":{"id":1}}', ("payout", "entries")) == [b'{"payout":{"id":1}}']


ORDERS = [{"id": 1}, {"id": 2}]
TEXT = json.dumps({"orders": ORDERS})
NOTE = {"Type": "Notification", "MessageId": "1", "Message": TEXT}


@pytest.mark.parametrize(
    "message",
    [
        {"version": "2.0", "headers": {}, "body": TEXT, "isBase64Encoded": False},
        {"headers": {}, "body": base64.b64encode(TEXT.encode()).decode(), "isBase64Encoded": True},
        {"message": {"data": base64.b64encode(TEXT.encode()).decode()}, "subscription": "s"},
        {"Records": [{"messageId": "1", "body": json.dumps(one)} for one in ORDERS]},
        {"Messages": [{"Body": json.dumps(NOTE)}]},
        {"Records": [{"EventSource": "aws:sns", "Sns": NOTE}]},
        NOTE,
    ],
)
def test_what_messages_hold_as_text_is_cut_apart_too(message: dict[str, Any]) -> None:
    assert [json.loads(one) for one in json_documents(json.dumps(message).encode())] == ORDERS


@pytest.mark.parametrize(
    "payload",
    [
        {"Message": "An error has occurred."},
        {"id": 1, "body": "a text", "message": {"data": 7}},
        {"body": "eyJ", "subscription": None},
        {"Records": [{"body": ""}]},
        ["body"],
    ],
)
def test_other_texts_leave_the_payload_as_it_came(payload: object) -> None:
    data = json.dumps(payload).encode()
    assert json_documents(data) == ([b'"body"'] if payload == ["body"] else [data])


def test_a_message_without_json_is_kept_beside_its_neighbours() -> None:
    data = json.dumps({"Records": [{"body": "no JSON"}, {"body": '{"id":1}'}]}).encode()
    assert json_documents(data) == [b'{"body": "no JSON"}', b'{"id":1}']
