"""Rows of a group's changelog: their keys, and their values as plain dataclasses.

Invariant: a row's first key byte tells its kind; every row of one (store, key) lives in the slot that
owns the key, so state, holds and positions move with their partition (R11).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical.record import Headers, Record

STATE: Final = b"s"
MARK: Final = b"m"
HEAD: Final = b"h"
ENTRY: Final = b"e"
RESOLVED: Final = b"r"
POSITION_KEY: Final = b"p"
MANIFEST_KEY: Final = b"x"
LONE_STORE: Final = "_"
"""Scope of entries that block no one: keyless and misrouted records (R18)."""


def state_key(store: str, key: bytes) -> bytes:
    """Key of a state row."""
    return STATE + store.encode() + b"\0" + key


def mark_key(topic: str, key: bytes) -> bytes:
    """Key of a duplicate mark; marks are per topic and full record key."""
    return MARK + topic.encode() + b"\0" + key


def head_key(store: str, key: bytes) -> bytes:
    """Key of the head row of a hold."""
    return HEAD + store.encode() + b"\0" + key


def entry_key(store: str, key: bytes, seq: int) -> bytes:
    """Key of one held entry; `seq` sorts as bytes."""
    return ENTRY + store.encode() + b"\0" + key + b"\0" + seq.to_bytes(8, "big")


def resolved_key(entry_id: str) -> bytes:
    """Key of the marker that an entry was closed, kept 90 days."""
    return RESOLVED + entry_id.encode()


def scope_of(row_key: bytes) -> tuple[str, bytes]:
    """(store, key) of a HEAD row."""
    store, _, key = row_key[1:].partition(b"\0")
    return store.decode(), key


@dataclass(frozen=True, slots=True)
class Mark:
    """Last accepted version of one object (R16)."""

    kind: str
    value: str
    captured_us: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """State of the hold on one key.

    Args:
        state: `free` (only order-free entries), `open` or `draining`.
        first: sequence number of the oldest ordered entry.
        next: sequence number that the next entry gets.
        count: how many ordered entries there are.
        free: sequence numbers of order-free entries (conflicts, entries of order-free handlers).
    """

    state: str = "free"
    first: int = 0
    next: int = 0
    count: int = 0
    free: tuple[int, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether later records of the key must join."""
        return self.state != "free"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record that is kept back, with its original bytes.

    Args:
        entry_id: 32 hex digits of sha256(cluster, topic id, partition, offset, group).
        kind: rejected, held, conflict or waiting.
        n: how many times it was refused, 0 while it only waits for others; compare-and-set of R21.
        first_us, last_us: wall clock of the first and latest refusal, microseconds.
        reference, deadline_us: what a waiting entry waits for and until when.
    """

    entry_id: str
    seq: int
    kind: str
    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    n: int = 0
    code: str = ""
    detail: str = ""
    path: str = ""
    stage: str = ""
    fingerprint: str = ""
    first_us: int = 0
    last_us: int = 0
    reference: str = ""
    deadline_us: int = 0

    @property
    def record(self) -> Record:
        """The kept record, as it stood in its topic."""
        return Record(
            self.topic, self.partition, self.offset, self.key, self.value, self.headers, self.timestamp_ms
        )


@dataclass(slots=True)
class Position:
    """Where a slot stands; must equal the committed offsets on assignment (R8), and the limits (R19)."""

    inputs: dict[str, tuple[str, int]] = field(default_factory=dict)
    """topic -> (topic id, next offset)."""
    sequence: int = 0
    """Number of the next receipt."""
    open_entries: int = 0
    rejections_in_row: int = 0
    window_seen: int = 0
    window_rejected: int = 0
    stopped_code: str = ""
    stopped_detail: str = ""

    def copy(self) -> Position:
        """A copy that can be changed without touching this one."""
        return Position(
            dict(self.inputs),
            self.sequence,
            self.open_entries,
            self.rejections_in_row,
            self.window_seen,
            self.window_rejected,
            self.stopped_code,
            self.stopped_detail,
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the group consisted of when it last ran: a store or input may not vanish silently (R11)."""

    inputs: tuple[str, ...]
    stores: tuple[str, ...]
    partitions: int


@dataclass(frozen=True, slots=True)
class Resolved:
    """How and when an entry was closed; `job` is the operator's, empty for the runtime's own doing."""

    disposition: str
    at_us: int
    job: str = ""
