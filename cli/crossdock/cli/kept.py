"""What a group keeps back: the entries of its holds, read from its changelog (R17: the hold is the truth).

Invariant: entries are those of a committed state of each slot: a changelog partition is read in order up
to its last stable offset, and every transaction of a slot stands there as one block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from crossdock.cli.kafka.log import KafkaLog
from crossdock.streaming import rows
from crossdock.streaming.serde import Serde
from crossdock.streaming.topology import Topology

_SEQUENCE_BYTES = 8


class Standing(StrEnum):
    """Where an entry stands in its key."""

    HEAD = "head"
    """The oldest of its key: it can be settled, the others follow."""
    FREE = "free"
    """Beside the order: it can be settled, nothing waits for it."""
    FOLLOWER = "follower"
    """It waits for older entries of its key."""


@dataclass(frozen=True)
class Kept:
    """One entry and where it stands.

    Args:
        followers: how many entries of its key wait behind it (only behind a head).
    """

    group: str
    slot: int
    store: str
    key: str
    standing: Standing
    followers: int
    entry: rows.Entry

    @property
    def can_be_settled(self) -> bool:
        """Whether a request about it can be carried out now."""
        return self.standing is not Standing.FOLLOWER


@dataclass
class SlotRows:
    """The rows of one slot that concern holds."""

    heads: dict[tuple[str, bytes], rows.Head] = field(default_factory=dict)
    entries: dict[tuple[str, bytes], list[rows.Entry]] = field(default_factory=dict)
    position: rows.Position | None = None

    @property
    def count(self) -> int:
        """How many entries are kept."""
        return sum(map(len, self.entries.values()))


def read_slots(log: KafkaLog, serde: Serde, group: str) -> dict[int, SlotRows]:
    """Rows of every slot of a group. Raises UsageError where the group has no changelog."""
    latest: dict[tuple[int, bytes], bytes] = {}
    changelog = f"{group}.changelog.v1"
    slots = {number: SlotRows() for number in log.partitions(changelog)}
    for record in log.read(changelog):
        key = record.key or b""
        if key[:1] in (rows.ENTRY, rows.HEAD, rows.POSITION_KEY):
            if record.value is None:
                latest.pop((record.partition, key), None)
            else:
                latest[record.partition, key] = record.value
    for (number, key), value in latest.items():
        _take(slots[number], key, value, serde)
    return slots


def _take(slot: SlotRows, key: bytes, value: bytes, serde: Serde) -> None:
    if key == rows.POSITION_KEY:
        slot.position = serde.read_row(rows.Position, value)
    elif key[:1] == rows.HEAD:
        slot.heads[rows.scope_of(key)] = serde.read_row(rows.Head, value)
    else:
        scope = rows.scope_of(key[: -_SEQUENCE_BYTES - 1])
        slot.entries.setdefault(scope, []).append(serde.read_row(rows.Entry, value))


def read_kept(log: KafkaLog, serde: Serde, topologies: Iterable[Topology]) -> list[Kept]:
    """All entries of the groups that exist, oldest first."""
    found: list[Kept] = []
    for topology in topologies:
        if log.has(topology.changelog):
            for number, slot in read_slots(log, serde, topology.group).items():
                found += _kept(topology.group, number, slot)
    return sorted(
        found, key=lambda kept: (kept.entry.first_us or kept.entry.timestamp_ms * 1_000, kept.entry.offset)
    )


def _kept(group: str, number: int, slot: SlotRows) -> Iterable[Kept]:
    for (store, raw_key), entries in slot.entries.items():
        head = slot.heads.get((store, raw_key), rows.Head())
        key = raw_key.decode(errors="backslashreplace")
        for entry in entries:
            standing = standing_of(head, entry)
            followers = max(0, head.count - 1) if standing is Standing.HEAD else 0
            yield Kept(group, number, store, key, standing, followers, entry)


def standing_of(head: rows.Head, entry: rows.Entry) -> Standing:
    """Where an entry of a hold stands."""
    if entry.seq in head.free:
        return Standing.FREE
    return Standing.HEAD if entry.seq == head.first else Standing.FOLLOWER
