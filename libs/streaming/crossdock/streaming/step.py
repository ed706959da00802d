"""What a step returns: the next state and the records to emit.

Invariant: a Step is a value; nothing happens until the runtime has committed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from crossdock.canonical.topics import Topic

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Emit:
    """One record to write; build it with `emit`, which checks value and topic against each other.

    Args:
        topic: where to; must be declared in the handler's `emits`.
        key: full key of the record.
        value: the canonical model, or bytes for a raw topic.
        discriminator: tells apart records of one topic and key within one step (R15).
        headers: extra headers, text values.
    """

    topic: Topic[Any]  # the pairing with `value` is checked in `emit`
    key: str
    value: object
    discriminator: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def emit(
    topic: Topic[T], key: str, value: T, *, discriminator: str = "", headers: tuple[tuple[str, str], ...] = ()
) -> Emit:
    """An Emit whose value fits its topic."""
    return Emit(topic, key, value, discriminator, headers)


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """Outcome of a step: the state that replaces the old one (None deletes it), and what to emit."""

    state: S | None
    emits: tuple[Emit, ...] = ()
