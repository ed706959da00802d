"""Kept entries: where they stand, which are meant, how they are grouped and planned."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crossdock.cli.deadletters_command import _as_options
from crossdock.cli.deadletters_desk import discard_plan
from crossdock.cli.kept import Kept, Standing, standing_of
from crossdock.cli.kept_selection import Selection, chosen
from crossdock.cli.kept_view import causes, row_of
from crossdock.streaming.rows import Entry, Head

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR_AGO_US = int(NOW.timestamp() - 3_600) * 1_000_000


def kept(number: int = 1, standing: Standing = Standing.HEAD, followers: int = 0, **fields: Any) -> Kept:
    """An entry of `acme/shop/order:<number>`."""
    key = f"acme/shop/order:{number}"
    known = {
        "entry_id": f"{number:032x}",
        "seq": 0,
        "kind": "rejected",
        "topic": "raw.channel.v1",
        "partition": 0,
        "offset": number,
        "timestamp_ms": HOUR_AGO_US // 1_000,
        "key": key.encode(),
        "value": b"{}",
        "headers": (),
        "n": 1,
        "code": "unit_unmapped",
        "fingerprint": "0f1896f9c8f72069",
        "first_us": HOUR_AGO_US,
    }
    return Kept("normalize", 0, "channel-objects", key, standing, followers, Entry(**{**known, **fields}))


@pytest.mark.parametrize(
    ("head", "seq", "standing"),
    [
        (Head("open", first=3, next=6, count=3), 3, Standing.HEAD),
        (Head("open", first=3, next=6, count=3), 4, Standing.FOLLOWER),
        (Head("draining", first=4, next=6, count=2), 4, Standing.HEAD),
        (Head("free", next=2, free=(1,)), 1, Standing.FREE),
        (Head("open", first=3, next=6, count=2, free=(4,)), 4, Standing.FREE),
    ],
)
def test_standing_follows_from_the_head_row(head: Head, seq: int, standing: Standing) -> None:
    assert standing_of(head, kept(seq=seq).entry) is standing


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [
        (Selection(), [1, 2, 3]),
        (Selection(code=("unit_unmapped",)), [1, 2]),
        (Selection(code=("unit_unmapped", "id_missing")), [1, 2, 3]),
        (Selection(key="acme/shop/order:2"), [2]),
        (Selection(key="acme/shop/*"), [1, 2, 3]),
        (Selection(key="acme/sho"), []),
        (Selection(topic="raw.document.v1"), []),
        (Selection(fingerprint="0f18"), [1, 2]),
        (Selection(tenant="acme", channel="shop"), [1, 2, 3]),
        (Selection(channel="other"), []),
        (Selection(group="other"), []),
        (Selection(id=(f"{3:032x}", f"{1:032x}")), [1, 3]),
        (Selection(code=("id_missing",), key="acme/shop/order:1"), []),
    ],
)
def test_conditions_must_all_hold(selection: Selection, numbers: list[int]) -> None:
    entries = [kept(1), kept(2), kept(3, code="id_missing", fingerprint="77")]
    assert [one.entry.offset for one in chosen(entries, selection)] == numbers


def test_tenant_and_channel_of_the_headers_win_over_the_key() -> None:
    headers = (("ce_tenant", b"beta"), ("ce_channel", b"pos"))
    assert Selection(tenant="beta", channel="pos").takes(kept(headers=headers))


def test_entry_without_a_key_is_found_under_its_holds() -> None:
    lone = replace(kept(key=None), key="_/raw.channel.v1/0/1")
    assert Selection(key="_/raw.channel.v1/0/1").takes(lone)


def test_a_group_alone_is_no_condition() -> None:
    assert Selection(group="normalize").is_empty
    assert not Selection(group="normalize", code=("x",)).is_empty


def test_conditions_are_printed_as_they_are_typed() -> None:
    selection = Selection(code=("a", "b"), key="acme/*")
    assert _as_options(selection) == "--code a --code b --key 'acme/*'"


def test_causes_are_counted_with_what_waits_behind_and_the_oldest_first() -> None:
    entries = [
        kept(1, followers=4),
        kept(2, first_us=HOUR_AGO_US - 86_400_000_000),
        kept(3, code="id_missing", fingerprint="77"),
    ]
    first, second = causes(entries, NOW)
    assert (first["code"], first["count"], first["behind"], first["oldest"]) == ("unit_unmapped", 2, 4, "1 d")
    assert first["examples"] == [f"{1:032x}", f"{2:032x}"]
    assert (second["code"], second["count"]) == ("id_missing", 1)


def test_row_holds_no_payload() -> None:
    row = row_of(kept(value=b"secret payload"), NOW)
    assert "secret payload" not in str(row)
    assert row["age"] == "1 h"


def test_discard_plan_names_exactly_these_entries_in_this_state() -> None:
    one, two = kept(1), kept(2)
    plan = discard_plan([one, two])
    assert plan == discard_plan([two, one])
    assert plan != discard_plan([one])
    assert plan != discard_plan([one, replace(two, entry=replace(two.entry, n=2))])
