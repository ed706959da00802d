"""From assigned to running: a slot restores its rows, proves its position, opens its journal (R8, R10).

Invariant: a slot processes its first record only when its rows are those of every committed
transaction of all former owners, and its position row equals the committed offsets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crossdock.canonical.record import Record
from crossdock.streaming import rows
from crossdock.streaming.backend import Backend, Committed, LogReader, Place
from crossdock.streaming.errors import Retryable, SlotStopped
from crossdock.streaming.identity import Installation
from crossdock.streaming.journal import Journals
from crossdock.streaming.serde import Serde
from crossdock.streaming.slot import Slot
from crossdock.streaming.topology import Topology


class Phase(StrEnum):
    """Where an owned slot is in its life."""

    RESTORING = "restoring"
    RUNNING = "running"
    STOPPED = "stopped"
    """Only its lane is read, until an operator resumes it."""
    BROKEN = "broken"
    """Its state contradicts the broker; nothing is read (alarm)."""


@dataclass(slots=True)
class OwnedSlot:
    """One slot of mine."""

    slot: Slot
    phase: Phase = Phase.RESTORING
    target: int | None = None
    """Changelog offset to restore to; None until it is known."""
    committed: Mapping[Place, Committed | None] = field(default_factory=dict)
    """What the group had committed, stable, before `target` was taken (R10)."""
    journals: Journals = field(default_factory=Journals)
    is_announced: bool = False
    """Its journals are committed: before the first work after an assignment, never without work (R22)."""
    wary_left: dict[str, int] = field(default_factory=dict)
    """Input topic → how many of its records are still tried alone."""
    following: Record | None = None
    """The record that is tried alone after the present one: the same commit announces it."""
    is_wary: bool = False
    """Kept entries are tried alone, until none is due."""
    is_behind: bool = False
    """Records of the last poll were passed over: they must be read again."""
    broken: str = ""

    def is_wary_of(self, queue: Iterable[Record]) -> bool:
        """Whether any of these records must be tried alone."""
        return any(record.topic in self.wary_left for record in queue)

    def tried_alone(self, topic: str) -> None:
        """Count a record that was tried alone."""
        left = self.wary_left.pop(topic, 0) - 1
        if left > 0:
            self.wary_left[topic] = left

    @property
    def number(self) -> int:
        """Slot number."""
        return self.slot.number


class Assignment:
    """Brings the slots of one worker from assigned to restored.

    Args:
        inputs: topics whose partition n belongs to slot n, the lane last.
    """

    def __init__(self, topology: Topology, backend: Backend, serde: Serde, reader: LogReader) -> None:
        self._topology = topology
        self._backend = backend
        self._serde = serde
        self._reader = reader
        self._topic_ids: Mapping[str, str] = {}
        self._partitions = 0
        self.inputs = (*[topic.name for topic in topology.inputs], topology.lane)
        self.slots: dict[int, OwnedSlot] = {}
        self._mine: set[Place] = set()
        self.rows_restored = 0

    def use(self, installation: Installation) -> None:
        """Topic ids and partition count of the inputs, as the broker has them now."""
        self._topic_ids = installation.topic_ids
        self._partitions = installation.partitions[self._topology.lane]

    def places(self, number: int) -> list[Place]:
        """The partitions of a slot, the lane last."""
        return [Place(topic, number) for topic in self.inputs]

    def lane(self, number: int) -> Place:
        """The lane partition of a slot."""
        return Place(self._topology.lane, number)

    def add(self, places: Iterable[Place]) -> None:
        """Partitions became mine; a slot begins to restore once it has all of its own (R1)."""
        self._mine.update(places)
        for number in {place.partition for place in self._mine}:
            if number not in self.slots and all(place in self._mine for place in self.places(number)):
                self.slots[number] = OwnedSlot(Slot(number, self._serde))

    @property
    def is_whole(self) -> bool:
        """Whether each of my partitions belongs to a slot that is mine as a whole.

        After a change of a group's inputs it stays False until all its members have ended for a session:
        the broker gives a static member that comes back its former partitions.
        """
        return all(place.partition in self.slots for place in self._mine)

    def remove(self, places: Iterable[Place]) -> None:
        """Partitions are no longer mine: their slots end, whatever they were doing."""
        gone = set(places)
        self._mine -= gone
        for number in {place.partition for place in gone} & set(self.slots):
            self._drop(number)

    def restart(self) -> None:
        """Forget all state and restore it again: after an in-doubt commit nothing local decides (R7)."""
        for number in list(self.slots):
            self._backend.pause(self.places(number))
            self._drop(number)
            self.slots[number] = OwnedSlot(Slot(number, self._serde))

    def take(self, records: Iterable[Record]) -> None:
        """Apply changelog rows to the slots that restore."""
        for record in records:
            owned = self.slots.get(record.partition)
            if owned is not None and record.key is not None:
                owned.slot.restore(record.key, record.value)
                self.rows_restored += 1

    def ready(self) -> list[OwnedSlot]:
        """Slots whose changelog is read to the mark; they are no longer read after this call."""
        done = [
            owned
            for owned in self.slots.values()
            if owned.phase is Phase.RESTORING and self._is_restored(owned)
        ]
        for owned in done:
            if owned.target:
                self._reader.remove(Place(self._topology.changelog, owned.number))
                owned.target = 0
        return done

    def prove(self, owned: OwnedSlot) -> tuple[Mapping[str, int], str]:
        """Compare the position row with the committed offsets and set the journal.

        Returns the offsets that the chain jumps from and the reason of the gap, empty where it goes on.
        Raises SlotStopped where one exists without the other, or they differ.
        """
        owned.slot.restored()
        committed = owned.committed
        lane = committed[self.lane(owned.number)]
        owned.journals = Journals.parse(lane.metadata if lane is not None else "").reopened()
        self._check_manifest(owned.slot)
        before: dict[str, int] = {}
        fresh: list[str] = []
        for topic in self.inputs:
            self._prove_input(owned.slot, topic, committed[Place(topic, owned.number)], before, fresh)
        return before, f"first start of {', '.join(fresh)}" if fresh else ""

    def _prove_input(
        self, slot: Slot, topic: str, committed: Committed | None, before: dict[str, int], fresh: list[str]
    ) -> None:
        known = slot.position.inputs.get(topic)
        topic_id = self._topic_ids[topic]
        if known is None and committed is None:
            slot.position.inputs[topic] = (topic_id, self._backend.bounds(Place(topic, slot.number))[0])
            fresh.append(topic)
            return
        if known is not None and known[0] != topic_id:
            raise SlotStopped("topic_replaced", f"{topic} was deleted and made again since the slot last ran")
        if known is None or committed is None or known[1] != committed.offset:
            said = "nothing" if committed is None else str(committed.offset)
            row = "nothing" if known is None else str(known[1])
            raise SlotStopped(
                "position_mismatch", f"{topic}/{slot.number}: state says {row}, the group says {said}"
            )
        before[topic] = known[1]

    def _check_manifest(self, slot: Slot) -> None:
        manifest = slot.read(rows.Manifest, rows.MANIFEST_KEY)
        if manifest is None:
            return
        stores = {handler.store.name for handler in self._topology.handlers}
        lost = [*(set(manifest.inputs) - set(self.inputs)), *(set(manifest.stores) - stores)]
        if lost:
            raise SlotStopped("manifest_mismatch", f"no longer declared: {', '.join(sorted(lost))}")
        if manifest.partitions != self._partitions:
            detail = (
                f"the topics had {manifest.partitions} partitions, now {self._partitions}: keys have moved"
            )
            raise SlotStopped("manifest_mismatch", detail)

    def begin(self) -> None:
        """Start to read the changelog of slots that have not begun. Raises Retryable.

        Committed offsets come first, and stable: a transaction of the former owner that could still
        land has landed then, so its rows stand below the mark that is taken afterwards (R10).
        """
        new = {n: o for n, o in self.slots.items() if o.phase is Phase.RESTORING and o.target is None}
        if not new:
            return
        try:
            committed = self._backend.committed([p for number in new for p in self.places(number)])
        except Retryable:
            return  # a dead owner's transaction is still open: the other slots go on meanwhile
        for number, owned in new.items():
            owned.committed = committed
            place = Place(self._topology.changelog, number)
            low, high = self._backend.bounds(place)
            if high > low:
                self._reader.add(place, low)
            owned.target = high if high > low else 0

    def _drop(self, number: int) -> None:
        owned = self.slots.pop(number)
        if owned.phase is Phase.RESTORING and owned.target:
            self._reader.remove(Place(self._topology.changelog, number))

    def _is_restored(self, owned: OwnedSlot) -> bool:
        if not owned.target:
            return owned.target == 0
        return self._reader.position(Place(self._topology.changelog, owned.number)) >= owned.target
