"""Where a reset moves a group: the verbs of kafka-consumer-groups, as one pure function.

Invariant: a new offset lies within what the partition holds; one that had to be moved there says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from crossdock.cli.moments import milliseconds, read_duration, read_instant


@dataclass(frozen=True)
class Verb:
    """Where to: exactly one of the ways to say it.

    Args:
        name: earliest, latest, current, offset, shift or moment.
        number: offset, shift or milliseconds since the epoch; 0 where the verb needs none.
    """

    name: str
    number: int = 0


@dataclass(frozen=True)
class Bounds:
    """What is known of one partition: committed offset (None where there is none), first, end, and the
    first offset at the verb's moment."""

    current: int | None
    first: int
    end: int
    at_moment: int = 0


@dataclass(frozen=True)
class Move:
    """The planned move of one partition."""

    topic: str
    partition: int
    current: int | None
    new: int
    note: str = ""


def read_verb(options: dict[str, object], now: datetime) -> Verb:
    """The verb that the options say. Raises UsageError unless it is exactly one."""
    said = {name: value for name, value in options.items() if value is not None and value is not False}
    if len(said) != 1:
        verbs = ", ".join("--" + name.replace("_", "-") for name in options)
        raise click.UsageError(f"say where to with exactly one of {verbs}.")
    name, value = next(iter(said.items()))
    if name == "to_datetime":
        return Verb("moment", milliseconds(read_instant(str(value))))
    if name == "by_duration":
        return Verb("moment", milliseconds(now - _positive(read_duration(str(value)))))
    if isinstance(value, bool):
        return Verb(name.removeprefix("to_"))
    assert isinstance(value, int), "click has converted it"
    return Verb("shift" if name == "shift_by" else "offset", value)


def _positive(duration: timedelta) -> timedelta:
    return abs(duration)


def move(topic: str, partition: int, verb: Verb, bounds: Bounds) -> Move:
    """The move of one partition under a verb."""
    wanted = _wanted(verb, bounds)
    new = min(max(wanted, bounds.first), bounds.end)
    note = "" if new == wanted else f"{wanted} is outside {bounds.first}..{bounds.end}"
    return Move(topic, partition, bounds.current, new, note)


def _wanted(verb: Verb, bounds: Bounds) -> int:
    current = bounds.first if bounds.current is None else bounds.current
    match verb.name:
        case "earliest":
            return bounds.first
        case "latest":
            return bounds.end
        case "current":
            return current
        case "offset":
            return verb.number
        case "shift":
            return current + verb.number
        case _:
            return bounds.at_moment


def read_scope(texts: tuple[str, ...]) -> dict[str, list[int]]:
    """Topics and partitions (none: all) of `--topic` options, `name` or `name:0,2`. Raises BadParameter."""
    scope: dict[str, list[int]] = {}
    for text in texts:
        topic, _, numbers = text.partition(":")
        parts = [one.strip() for one in numbers.split(",")] if numbers else []
        if not all(one.isdigit() for one in parts):
            raise click.BadParameter(f"'{text}': write topic or topic:0,2", param_hint="--topic")
        scope.setdefault(topic, []).extend(int(one) for one in parts)
    return scope
