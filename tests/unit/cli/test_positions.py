"""Offsets, instants and durations as people type them, and where a reset moves a group."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click
import pytest

from crossdock.canonical.record import Record
from crossdock.cli.group_reset import Bounds, Verb, move, read_scope, read_verb
from crossdock.cli.moments import milliseconds, read_duration, read_instant
from crossdock.cli.tail_command import Selection
from crossdock.cli.tail_offsets import Span, read_span

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_MS = 1_772_366_400_000


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01T13:00:00+01:00", NOON),
        ("2026-03-01T12:00", NOON),
        ("2026-03-01", NOON - timedelta(hours=12)),
        (str(NOON_MS), NOON),
    ],
)
def test_instant_without_zone_is_utc(text: str, moment: datetime) -> None:
    assert read_instant(text) == moment
    assert milliseconds(moment) // 1000 == int(moment.timestamp())


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("PT1H30M", timedelta(minutes=90)),
        ("P2DT3S", timedelta(days=2, seconds=3)),
    ],
)
def test_duration_is_iso_or_short(text: str, duration: timedelta) -> None:
    assert read_duration(text) == duration


@pytest.mark.parametrize("text", ["", "P", "PT", "1w", "-5m", "P1M", "soon"])
def test_unreadable_duration_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        read_duration(text)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "-1"])
def test_unreadable_instant_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        read_instant(text)


@pytest.mark.parametrize(
    ("texts", "span"),
    [
        ((), Span("-10", None)),
        (("beginning",), Span("beginning", None)),
        (("-3",), Span("-3", None)),
        (("42",), Span("42", None)),
        ((f"s@{NOON_MS}", "e@2026-03-01T12:00:01Z"), Span(f"s@{NOON_MS}", NOON_MS + 1000)),
        (("e@2026-03-01T12:00:00Z",), Span("beginning", NOON_MS)),
    ],
)
def test_offset_option_has_kcats_forms(texts: tuple[str, ...], span: Span) -> None:
    assert read_span(texts) == span


@pytest.mark.parametrize("texts", [("first",), ("1", "2"), ("e@1", "e@2"), ("s@later",), ("--1",)])
def test_unreadable_offset_is_refused(texts: tuple[str, ...]) -> None:
    with pytest.raises(click.BadParameter):
        read_span(texts)


@pytest.mark.parametrize(
    ("selection", "key", "timestamp_ms", "is_taken"),
    [
        (Selection(Span()), None, 0, True),
        (Selection(Span(), key="a/b"), b"a/b", 0, True),
        (Selection(Span(), key="a/b"), b"a/bc", 0, False),
        (Selection(Span(), key="a/*"), b"a/bc", 0, True),
        (Selection(Span(), key="a/*"), None, 0, False),
        (Selection(Span(until_ms=5)), b"x", 4, True),
        (Selection(Span(until_ms=5)), b"x", 5, False),
    ],
)
def test_selection_takes_by_key_and_time(
    selection: Selection, key: bytes | None, timestamp_ms: int, is_taken: bool
) -> None:
    assert selection.takes(Record("t", 0, 0, key, b"", (), timestamp_ms)) is is_taken


NONE: dict[str, object] = {
    "to_earliest": False,
    "to_latest": False,
    "to_current": False,
    "to_offset": None,
    "shift_by": None,
    "to_datetime": None,
    "by_duration": None,
}


@pytest.mark.parametrize(
    ("said", "verb"),
    [
        ({"to_earliest": True}, Verb("earliest")),
        ({"to_latest": True}, Verb("latest")),
        ({"to_current": True}, Verb("current")),
        ({"to_offset": 7}, Verb("offset", 7)),
        ({"to_offset": 0}, Verb("offset", 0)),
        ({"shift_by": -7}, Verb("shift", -7)),
        ({"to_datetime": "2026-03-01T12:00:00Z"}, Verb("moment", NOON_MS)),
        ({"by_duration": "PT1H"}, Verb("moment", NOON_MS - 3_600_000)),
    ],
)
def test_verb_is_read_from_exactly_one_option(said: dict[str, Any], verb: Verb) -> None:
    assert read_verb({**NONE, **said}, NOON) == verb


@pytest.mark.parametrize(
    "said", [{}, {"to_earliest": True, "to_latest": True}, {"to_offset": 0, "shift_by": 1}]
)
def test_no_verb_or_two_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(click.UsageError, match="exactly one"):
        read_verb({**NONE, **said}, NOON)


BOUNDS = Bounds(current=50, first=10, end=100, at_moment=70)


@pytest.mark.parametrize(
    ("verb", "new", "is_noted"),
    [
        (Verb("earliest"), 10, False),
        (Verb("latest"), 100, False),
        (Verb("current"), 50, False),
        (Verb("offset", 60), 60, False),
        (Verb("offset", 5), 10, True),
        (Verb("shift", -20), 30, False),
        (Verb("shift", 500), 100, True),
        (Verb("moment", NOON_MS), 70, False),
    ],
)
def test_move_stays_within_the_partition(verb: Verb, new: int, is_noted: bool) -> None:
    planned = move("t", 0, verb, BOUNDS)
    assert (planned.new, bool(planned.note)) == (new, is_noted)


def test_group_without_a_position_counts_from_the_first_record() -> None:
    assert move("t", 0, Verb("shift", 5), Bounds(None, 10, 100)).new == 15


def test_scope_names_topics_and_partitions() -> None:
    assert read_scope(("a", "b:0,2", "b:3")) == {"a": [], "b": [0, 2, 3]}
    with pytest.raises(click.BadParameter):
        read_scope(("b:x",))
