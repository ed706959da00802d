"""Holds: keyed entries that keep a failed record, and those behind it, until they are settled.

Invariant: an entry is closed exactly once; entries of a key leave in the order in which they came,
order-free ones excepted; opened − closed = entries in the store (R17, R18).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from crossdock.canonical.record import Record
from crossdock.streaming import rows
from crossdock.streaming.rows import Entry, Head
from crossdock.streaming.slot import Scope, Slot


def head_of(slot: Slot, scope: Scope) -> Head | None:
    """The hold of a key, None where it has none."""
    return slot.read(Head, rows.head_key(*scope))


def entry_at(slot: Slot, scope: Scope, seq: int) -> Entry | None:
    """One entry of a key; None where it was closed."""
    return slot.read(Entry, rows.entry_key(*scope, seq)) if seq >= 0 else None


def open_ordered(slot: Slot, scope: Scope, head: Head | None, entry: Entry) -> None:
    """Append an entry that later records of the key wait for; the first one opens the hold."""
    head = head or Head()
    opened = head if head.blocks else replace(head, state="open", first=head.next)
    _append(slot, scope, replace(opened, count=opened.count + 1), entry)


def open_free(slot: Slot, scope: Scope, head: Head | None, entry: Entry) -> None:
    """Keep an entry beside the order: nothing waits for it."""
    head = head or Head()
    _append(slot, scope, replace(head, free=(*head.free, head.next)), entry)


def rewrite(slot: Slot, scope: Scope, entry: Entry) -> None:
    """Replace an entry by what became of it (refused again, waiting again); its followers wait on."""
    slot.write(rows.entry_key(*scope, entry.seq), entry)
    head = head_of(slot, scope)
    if head is not None and head.state == "draining" and entry.seq not in head.free:
        slot.write(rows.head_key(*scope), replace(head, state="open"))


def close(slot: Slot, scope: Scope, entry: Entry, disposition: str) -> None:
    """Remove one entry, which must be the oldest of its key or order-free; its followers then drain."""
    head = head_of(slot, scope)
    assert head is not None, "an entry always has a head row"
    slot.put(rows.entry_key(*scope, entry.seq), None)
    slot.account.closed[disposition] += 1
    slot.position.open_entries -= 1
    if entry.seq in head.free:
        _save(slot, scope, replace(head, free=tuple(seq for seq in head.free if seq != entry.seq)))
        return
    _save(slot, scope, replace(head, state="draining", first=entry.seq + 1, count=head.count - 1))


def followers(slot: Slot, scope: Scope, limit: int) -> Iterator[Entry]:
    """Up to `limit` ordered entries of a key, oldest first."""
    head = head_of(slot, scope)
    seq = head.first if head is not None else 0
    while limit > 0 and head is not None and seq < head.next:
        entry = None if seq in head.free else entry_at(slot, scope, seq)
        if entry is not None:
            limit -= 1
            yield entry
        seq += 1


def is_head(slot: Slot, scope: Scope, entry: Entry) -> bool:
    """Whether an entry may be settled now: it is order-free or the oldest of its key."""
    head = head_of(slot, scope)
    if head is None or entry.seq in head.free:
        return head is not None
    return next(followers(slot, scope, 1), entry).seq == entry.seq


def conflicts(slot: Slot, scope: Scope, record: Record) -> list[Entry]:
    """Conflicts about the object of a record, which its newer accepted revision settles."""
    head = head_of(slot, scope)
    entries = [entry_at(slot, scope, seq) for seq in (head.free if head is not None else ())]
    kept = [entry for entry in entries if entry is not None and entry.kind == "conflict"]
    return [entry for entry in kept if (entry.topic, entry.key) == (record.topic, record.key)]


def _append(slot: Slot, scope: Scope, head: Head, entry: Entry) -> None:
    slot.write(rows.entry_key(*scope, head.next), replace(entry, seq=head.next))
    slot.write(rows.head_key(*scope), replace(head, next=head.next + 1))
    slot.account.opened += 1
    slot.position.open_entries += 1


def _save(slot: Slot, scope: Scope, head: Head) -> None:
    if head.count == 0 and not head.free:
        slot.put(rows.head_key(*scope), None)
    else:
        slot.write(rows.head_key(*scope), replace(head, state="free") if head.count == 0 else head)
