"""Commits: outputs, dead letters, changelog rows, position, receipt and offsets in one transaction.

Invariant: a transaction carries a position of each slot that it touches (R5); after an abort every
input stands again where the committed state says (R6); after doubt nothing local decides (R7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crossdock.canonical.topics import RECEIPT
from crossdock.streaming import receipts, rows
from crossdock.streaming.assignment import Assignment, OwnedSlot, Phase
from crossdock.streaming.backend import Backend, Committed, Place
from crossdock.streaming.errors import Aborted, InDoubt
from crossdock.streaming.identity import Installation
from crossdock.streaming.journal import Journals
from crossdock.streaming.serde import Serde
from crossdock.streaming.slot import Output, Slot
from crossdock.streaming.topology import Topology


@dataclass(frozen=True, slots=True)
class Books:
    """What a receipt says besides the account: who, on which reference rows, with which code."""

    topology: Topology
    installation: Installation
    references: Mapping[str, int]


class Committer:
    """Commits what slots have staged, with one producer."""

    def __init__(self, backend: Backend, assignment: Assignment, serde: Serde, books: Books) -> None:
        self._backend = backend
        self._assignment = assignment
        self._serde = serde
        self._books = books
        self.needs_producer = True
        self._must_rewind = False

    def prepare(self) -> None:
        """Before a turn: read again what trouble left unread; after doubt, all state too (R6, R7)."""
        if self.needs_producer:
            self._backend.recycle()
            self._assignment.restart()
            self.needs_producer = False
        elif self._must_rewind:
            for owned in self._assignment.slots.values():
                if owned.phase in (Phase.RUNNING, Phase.STOPPED):
                    self.seek(owned, self._assignment.places(owned.number))
        self._must_rewind = False

    def forsake(self) -> None:
        """A turn ended in trouble: what it staged is dropped, what it polled is read again."""
        self._drop_staged()
        self._must_rewind = True

    def commit(self, touched: Iterable[OwnedSlot], succeeded: Mapping[int, Journals]) -> None:
        """Commit what the slots staged, with their journals; afterwards it is their state."""
        slots = list(touched)
        positions: dict[Place, Committed] = {}
        for owned in slots:
            positions |= self._touched_positions(owned, succeeded[owned.number])
        self.transact((output for owned in slots for output in self._outputs(owned.slot)), positions)

    def open(self, owned: OwnedSlot, before: Mapping[str, int], gap: str) -> None:
        """On a first start of any input: commit its explicit start offset, a gap receipt, the manifest."""
        if not gap:
            return
        slot, topology = owned.slot, self._books.topology
        stores = tuple(dict.fromkeys(handler.store.name for handler in topology.handlers))
        partitions = self._books.installation.partitions[topology.lane]
        slot.write(rows.MANIFEST_KEY, rows.Manifest(self._assignment.inputs, stores, partitions))
        version = self._books.installation.code_version
        receipt = receipts.gap_receipt(topology.group, slot, before, gap, version)
        outputs = [self._receipt(slot, self._serde.serialize(receipt)), *self._rows(slot)]
        inputs = slot.position.inputs
        positions = {Place(t, owned.number): Committed(offset, "") for t, (_, offset) in inputs.items()}
        self.transact(outputs, positions | self._lane_position(owned, owned.journals))
        owned.is_announced = True
        slot.commit()

    def announce(self, announced: Iterable[OwnedSlot]) -> None:
        """Commit journals alone: slots begin to work, or a record is about to be tried (R22)."""
        positions: dict[Place, Committed] = {}
        for owned in announced:
            positions |= self._lane_position(owned, owned.journals)
        self.transact([], positions)

    def leave(self, given_up: Iterable[OwnedSlot]) -> None:
        """Close the journals of slots that are given up in good order."""
        positions: dict[Place, Committed] = {}
        for owned in given_up:
            positions |= self._lane_position(owned, Journals())
        if positions and not self.needs_producer:
            self.transact([], positions, is_leaving=True)

    def transact(
        self, outputs: Iterable[Output], positions: Mapping[Place, Committed], *, is_leaving: bool = False
    ) -> None:
        """One transaction. Raises what the backend raises, after putting things right for the next one."""
        try:
            self._backend.transact(outputs, positions, is_leaving=is_leaving)
        except Aborted:
            self._abort()
            raise
        except InDoubt:
            self.needs_producer = True
            raise

    def seek(self, owned: OwnedSlot, places: Iterable[Place]) -> None:
        """Read inputs of a slot on from its committed position."""
        for place in places:
            self._backend.seek(place, owned.slot.position.inputs[place.topic][1])

    def follow_stop(self, owned: OwnedSlot) -> bool:
        """Hold back the inputs of a slot that stopped, hand them out where it goes on; True if it changed."""
        is_stopped = bool(owned.slot.position.stopped_code)
        if is_stopped == (owned.phase is Phase.STOPPED):
            return False
        owned.phase = Phase.STOPPED if is_stopped else Phase.RUNNING
        inputs = self._assignment.places(owned.number)[:-1]
        (self._backend.pause if is_stopped else self._backend.resume)(inputs)
        return True

    def reread(self, owned: OwnedSlot) -> None:
        """Read a slot's inputs again from where it stands: records of the last poll were passed over."""
        self.seek(owned, self._assignment.places(owned.number)[:-1])
        owned.is_behind = False

    def _abort(self) -> None:
        try:
            self._backend.abort()
        except InDoubt:
            self.needs_producer = True
            raise
        self._drop_staged()

    def _drop_staged(self) -> None:
        for owned in self._assignment.slots.values():
            owned.slot.abort()

    def _outputs(self, slot: Slot) -> Iterator[Output]:
        yield from slot.outputs
        books = self._books
        receipt = receipts.receipt_of(
            books.topology.group, slot, books.references, books.installation.code_version
        )
        yield self._receipt(slot, self._serde.serialize(receipt))
        yield from self._rows(slot)

    def _rows(self, slot: Slot) -> Iterator[Output]:
        """The staged rows and the position row, for the changelog."""
        slot.position.sequence += 1
        slot.write(rows.POSITION_KEY, slot.position)
        changelog, number = self._books.topology.changelog, slot.number
        for row_key, value in slot.staged():
            yield Output(changelog, number, row_key, value)

    def _receipt(self, slot: Slot, value: bytes) -> Output:
        key = receipts.receipt_key(self._books.topology.group, slot.number)
        return Output(RECEIPT.name, slot.number, key, value)

    def _touched_positions(self, owned: OwnedSlot, journals: Journals) -> dict[Place, Committed]:
        inputs = owned.slot.position.inputs
        topics = {topic for topic, _ in owned.slot.account.intake}
        positions = {Place(topic, owned.number): Committed(inputs[topic][1], "") for topic in topics}
        return positions | self._lane_position(owned, journals)

    def _lane_position(self, owned: OwnedSlot, journals: Journals) -> dict[Place, Committed]:
        lane = self._assignment.lane(owned.number)
        return {lane: Committed(owned.slot.position.inputs[lane.topic][1], journals.text())}
