"""A service as a value: which step handles which topic, on which state, emitting where.

Invariant: everything that a service reads, keeps and writes is in its Topology; wiring a step to the
wrong event, state or topic does not type-check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models.common import Revision
from crossdock.canonical.reading import Reading
from crossdock.canonical.record import Record
from crossdock.canonical.topics import Topic
from crossdock.streaming.context import Context, ReferenceTable
from crossdock.streaming.errors import ConfigurationError
from crossdock.streaming.step import Emit, Step

S = TypeVar("S")
E = TypeVar("E")


class Ordering(StrEnum):
    """What a rejected record does to later ones of its key (R18)."""

    ORDERED = "ordered"
    """Later records of the key wait behind it and are released in order."""
    LATEST_WINS = "latest_wins"
    """Nothing waits; when it is retried, an older revision is superseded."""
    ORDER_FREE = "order_free"
    """Nothing waits; records of the key are independent of each other."""


@dataclass(frozen=True, slots=True)
class Store(Generic[S]):
    """Keyed state of a topology; its key is also the scope of holds.

    Args:
        name: stable name; it is part of every row in the changelog.
        segments: how many leading key segments choose the row, at least the topic's partition segments.
        state: model of the rows, or None where only duplicate marks are kept.
    """

    name: str
    segments: int
    state: type[S] | None = None


@dataclass(frozen=True, slots=True)
class Marking:
    """What admission compares: order among versions of one object, and its content."""

    revision: Revision
    digest: bytes
    is_original: bool = False


@dataclass(frozen=True, slots=True)
class Handler:
    """One line of a topology; made by `handle` or `translate`, which check the types."""

    topic: Topic[Any]
    store: Store[Any]
    name: str
    emits: tuple[Topic[Any], ...]
    ordering: Ordering
    step: Callable[[Any, Any, Context], Step[Any]] | None = None
    marking: Callable[[Any], Marking] | None = None
    read: Callable[[Record, Context], Reading] | None = None
    key: Callable[[Record], str | None] | None = None
    conflict_code: RejectionCode = RejectionCode.CONTENT_CONFLICT


def handle(  # noqa: PLR0913 - three say what, the others are named options
    topic: Topic[E],
    store: Store[S],
    step: Callable[[S | None, E, Context], Step[S]],
    *,
    emits: tuple[Topic[Any], ...] = (),
    ordering: Ordering = Ordering.ORDERED,
    marking: Callable[[E], Marking] | None = None,
) -> Handler:
    """Handle decoded events of a topic with a pure step.

    Args:
        marking: revision and content digest of an event; without it every record reaches the step,
            which then must itself be idempotent.
    """
    return Handler(topic, store, step.__name__, emits, ordering, step=step, marking=marking)


def translate(  # noqa: PLR0913 - three say what, the others are named options
    topic: Topic[bytes],
    store: Store[None],
    read: Callable[[Record, Context], Reading],
    *,
    emits: tuple[Topic[Any], ...],
    key: Callable[[Record], str | None] | None = None,
    ordering: Ordering = Ordering.ORDERED,
    conflict_code: RejectionCode = RejectionCode.CONTENT_CONFLICT,
) -> Handler:
    """Turn raw records into canonical entities, each emitted to the declared topic of its type.

    Args:
        key: full key of a record that a stranger produced without one; None where it has none.
        conflict_code: how the same version with other content is refused.
    """
    return Handler(
        topic, store, read.__name__, emits, ordering, read=read, key=key, conflict_code=conflict_code
    )


@dataclass(frozen=True, slots=True)
class Topology:
    """All handlers of one consumer group (R1).

    Raises ConfigurationError, listing every problem, where handlers contradict each other.
    """

    group: str
    handlers: tuple[Handler, ...]
    references: tuple[ReferenceTable[Any, Any], ...] = ()

    def __post_init__(self) -> None:
        handlers = self.handlers
        problems = [*_doubled_topics(handlers), *_bad_scopes(handlers), *_clashing_stores(handlers)]
        if problems:
            raise ConfigurationError(problems)

    @property
    def inputs(self) -> tuple[Topic[Any], ...]:
        """Topics that the group reads, without its replay lane."""
        return tuple(handler.topic for handler in self.handlers)

    @property
    def outputs(self) -> tuple[Topic[Any], ...]:
        """Topics that any step may emit to, in order of first mention."""
        return tuple(dict.fromkeys(topic for handler in self.handlers for topic in handler.emits))

    @property
    def changelog(self) -> str:
        """Logical name of the compacted topic that carries all state of the group (R11)."""
        return f"{self.group}.changelog.v1"

    @property
    def lane(self) -> str:
        """Logical name of the replay lane (R21)."""
        return f"{self.group}.replay.v1"

    @property
    def whatif(self) -> str:
        """Logical name of the topic that answers dry runs."""
        return f"{self.group}.whatif.v1"

    def dead_letters(self, topic: str) -> str:
        """Logical name of the dead letter topic of one input (R17)."""
        return f"{topic}.{self.group}.dlq"

    def describe(self) -> str:
        """One line a handler: `topic -> step[store] -> topics`."""
        lines = [f"{self.group}"]
        for handler in self.handlers:
            targets = ", ".join(topic.name for topic in handler.emits) or "-"
            lines.append(f"  {handler.topic.name} -> {handler.name}[{handler.store.name}] -> {targets}")
        lines += [f"  reference {table.topic.name}" for table in self.references]
        return "\n".join(lines)


def emit_entities(handler: Handler, reading: Reading) -> tuple[Emit, ...]:
    """Where the entities and parts of a reading go: to the handler's topic of their type."""
    by_type = {topic.record: topic for topic in handler.emits}
    entities = [Emit(by_type[type(entity)], entity.key, entity) for entity in reading.entities]
    parts = [Emit(by_type[bytes], part.key, part.value, headers=part.headers) for part in reading.parts]
    return (*entities, *parts)


def _doubled_topics(handlers: tuple[Handler, ...]) -> list[str]:
    names = [handler.topic.name for handler in handlers]
    doubled = {name for name in names if names.count(name) > 1}
    return [f"two handlers read {name}: one topic has one handler" for name in sorted(doubled)]


def _bad_scopes(handlers: tuple[Handler, ...]) -> list[str]:
    return [
        f"{handler.name}: store {handler.store.name} is keyed by {handler.store.segments} segments, "
        f"but {handler.topic.name} is partitioned by {handler.topic.partition_segments}"
        for handler in handlers
        if handler.store.segments < handler.topic.partition_segments
    ]


def _clashing_stores(handlers: tuple[Handler, ...]) -> list[str]:
    seen: dict[str, Store[Any]] = {}
    problems = []
    for handler in handlers:
        first = seen.setdefault(handler.store.name, handler.store)
        if first != handler.store:
            problems.append(f"store {handler.store.name} is declared twice with different key or state")
    return problems
