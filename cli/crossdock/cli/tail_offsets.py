"""Where `crossdock tail` starts and stops: kcat's `-o` habits.

    beginning · end · 42 (offset) · -10 (the last ten of each partition) · s@TIME (from) · e@TIME (until)

Invariant: whatever is asked for, the start lies within what the partition still holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import click

from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.moments import milliseconds, read_instant

_HELP = "write beginning, end, 42, -10, s@2026-03-01T12:00:00Z or e@2026-03-01T13:00:00Z"


@dataclass(frozen=True)
class Span:
    """What is read: a start, and the timestamp before which reading stops.

    Args:
        start: `beginning`, `end`, an offset, a negative count, or `s@TIME`.
        until_ms: records from this CreateTime on are not shown; None for no limit.
    """

    start: str = "-10"
    until_ms: int | None = None


def read_span(texts: tuple[str, ...]) -> Span:
    """The span that one or two `-o` options say. Raises BadParameter."""
    starts = [text for text in texts if not text.startswith("e@")]
    ends = [text for text in texts if text.startswith("e@")]
    if len(starts) > 1 or len(ends) > 1:
        raise click.BadParameter(f"one start and one end at most: {_HELP}", param_hint="-o")
    for text in starts:
        if not re.fullmatch(r"beginning|end|-?\d+|s@.+", text):
            raise click.BadParameter(f"'{text}' is no offset: {_HELP}", param_hint="-o")
        if text.startswith("s@"):
            read_instant(text[2:])
    until = milliseconds(read_instant(ends[0][2:])) if ends else None
    default = "beginning" if ends else Span.start
    return Span(starts[0] if starts else default, until)


def starts_of(log: KafkaLog, topic: str, span: Span, partitions: list[int]) -> dict[int, int]:
    """First offset to read of each partition."""
    bounds = log.bounds(topic, partitions)
    if span.start.startswith("s@"):
        return log.at(topic, milliseconds(read_instant(span.start[2:])), partitions)
    return {one: _start(span.start, first, end) for one, (first, end) in bounds.items()}


def _start(start: str, first: int, end: int) -> int:
    if start in {"beginning", "end"}:
        return first if start == "beginning" else end
    wanted = end + int(start) if start.startswith("-") else int(start)
    return min(max(wanted, first), end)
