"""The worker: poll → decode → admit → step → encode → commit, for every slot that it owns (R3–R8).

This is the hot path of every topology. Invariant: what a batch staged is committed together with its
offsets in one transaction, or dropped and read again.
"""

from __future__ import annotations

import faulthandler
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from crossdock.canonical.record import Record
from crossdock.canonical.topics import AUDIT_ENTRY, RECEIPT
from crossdock.streaming import limits, receipts, rows
from crossdock.streaming.admission import Intake
from crossdock.streaming.assignment import Assignment, OwnedSlot, Phase
from crossdock.streaming.backend import Backend, Committed, Place
from crossdock.streaming.engine import Engine
from crossdock.streaming.errors import Aborted, ConfigurationError, InDoubt, OutputRefused, Retryable, SlotStopped
from crossdock.streaming.identity import Installation
from crossdock.streaming.journal import TRIES_MAX, Journal
from crossdock.streaming.lane import Authorize, Lane
from crossdock.streaming.limits import Limits
from crossdock.streaming.references import References
from crossdock.streaming.serde import Serde
from crossdock.streaming.settling import Settling
from crossdock.streaming.slot import Output, Slot
from crossdock.streaming.topology import Topology


class Observer(Protocol):
    """Told what happened, after it was committed; telemetry implements it."""

    def committed(self, slots: Iterable[OwnedSlot], records: int, seconds: float) -> None:
        """One transaction was committed; accounts of the slots are still filled."""

    def changed(self, slots: Mapping[int, OwnedSlot], is_ready: bool) -> None:
        """Phases, holds or readiness changed."""

    def trouble(self, error: Exception) -> None:
        """Something of the world or of a slot went wrong; the worker goes on."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """Bounds of a worker's batches (R3).

    Args:
        drain_records: followers per slice, interleaved with live batches.
        record_seconds_max: a batch that lasts longer ends the process with a stack dump (R22).
    """

    batch_records: int = 500
    batch_bytes: int = 4 * 1024 * 1024
    drain_records: int = 100
    idle_poll_s: float = 0.05
    tick_s: float = 1.0
    record_seconds_max: int = 60
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Clock:
    """Time of the shell: steps never see it."""

    now_us: Callable[[], int]
    monotonic_s: Callable[[], float]


class Worker:
    """One member of a topology's group.

    Args:
        backend: its clients; the worker closes it.
        service, code_version: what receipts and dead letters say ran.
        authorize: judges operator requests.
    """

    def __init__(
        self,
        topology: Topology,
        backend: Backend,
        serde: Serde,
        *,
        clock: Clock,
        observer: Observer,
        authorize: Authorize,
        tuning: Tuning | None = None,
        service: str = "",
        code_version: str = "",
        partition_of: Callable[[bytes, int], int] | None = None,
        raises_faults: bool = False,
    ) -> None:
        self._topology = topology
        self._backend = backend
        self._serde = serde
        self._clock = clock
        self._observer = observer
        self._tuning = tuning or Tuning()
        reader = backend.reader()
        self._reader = reader
        self._references = References(topology, backend, serde, reader)
        self.assignment = Assignment(topology, backend, serde, reader)
        installation = _installation(topology, backend, self.assignment.inputs, service or topology.group, code_version)
        if partition_of is not None:
            installation = _with_partitioner(installation, partition_of)
        self._installation = installation
        self.assignment.use(installation.topic_ids)
        self._engine = Engine(
            topology,
            serde,
            installation,
            self._references.views,
            clock.now_us,
            entries_per_key_max=self._tuning.limits.entries_per_key_max,
            raises_faults=raises_faults,
        )
        self._settling = Settling(self._engine)
        self._lane = Lane(self._engine, self._settling, serde, authorize)
        self.scope_of = self._engine.scope_of
        self._needs_producer = True
        self._is_joined = False
        self._next_tick_s = 0.0
        self._next_sweep_s = 0.0

    # -- the loop -----------------------------------------------------------------------------
    def run(self, until: Callable[[], bool], pause: Callable[[float], object]) -> None:
        """Turn until told to stop, then leave in good order. Trouble of the world is waited out."""
        backoff_s = 0.1
        try:
            while not until():
                try:
                    self.turn()
                    backoff_s = 0.1
                except Retryable as error:
                    self._observer.trouble(error)
                    self._observer.changed(self.assignment.slots, False)
                    pause(backoff_s)
                    backoff_s = min(5.0, backoff_s * 2)
        finally:
            self.close()

    def turn(self) -> None:
        """One turn of the loop: a batch at most, then what is due."""
        if self._needs_producer:
            self._recover()
        if not self._is_joined:
            self._references.load()
            self._backend.subscribe(self.assignment.inputs, self._on_revoke)
            self._is_joined = True
        records = self._backend.poll(self._tuning.batch_records, self._poll_s())
        self._take_assignment()
        if self._is_restoring():
            self.assignment.begin()
            self._take_log(0.02)
            self._open_restored()
        if records:
            self._batch(records)
        self._drain()
        self._tick()

    def close(self) -> None:
        """Close journals, leave the group, close the clients."""
        try:
            self._on_revoke([p for n in self.assignment.slots for p in self.assignment.places(n)], False)
        finally:
            self._reader.close()
            self._backend.close()

    @property
    def is_ready(self) -> bool:
        """Assigned, restored, reference tables loaded, producer in order."""
        slots = self.assignment.slots.values()
        return self._is_joined and not self._needs_producer and all(s.phase is not Phase.RESTORING for s in slots)

    def _poll_s(self) -> float:
        has_work = self._is_restoring() or any(
            owned.slot.draining for owned in self.assignment.slots.values() if owned.phase is Phase.RUNNING
        )
        return 0.0 if has_work else self._tuning.idle_poll_s

    def _is_restoring(self) -> bool:
        return any(owned.phase is Phase.RESTORING for owned in self.assignment.slots.values())

    # -- assignment ---------------------------------------------------------------------------
    def _take_assignment(self) -> None:
        changes = self._backend.take_rebalance()
        if changes.assigned:
            self.assignment.add(changes.assigned)
            self._observer.changed(self.assignment.slots, False)
        for place in changes.out_of_range:
            if place.partition in self.assignment.slots:
                detail = f"the position in {place.topic} is no longer in the log"
                self._break(self.assignment.slots[place.partition], SlotStopped("offset_out_of_range", detail))

    def _take_log(self, timeout_s: float) -> None:
        records = self._reader.read(timeout_s)
        changelog = self._topology.changelog
        self.assignment.take(record for record in records if record.topic == changelog)
        self._references.take(record for record in records if record.topic != changelog)

    def _open_restored(self) -> None:
        for owned in self.assignment.ready():
            try:
                before, gap = self.assignment.prove(owned)
                self._open(owned, before, gap)
            except SlotStopped as stopped:
                self._break(owned, stopped)
            except Retryable:
                self.assignment.restart()
                raise
        self._observer.changed(self.assignment.slots, self.is_ready)

    def _open(self, owned: OwnedSlot, before: Mapping[str, int], gap: str) -> None:
        """Commit the journal (and, on a first start, the explicit start offsets), then read on."""
        slot = owned.slot
        outputs: list[Output] = []
        if gap:
            stores = tuple(dict.fromkeys(handler.store.name for handler in self._topology.handlers))
            partitions = self._installation.partitions[self._topology.lane]
            slot.write(rows.MANIFEST_KEY, rows.Manifest(self.assignment.inputs, stores, partitions))
            receipt = receipts.gap_receipt(
                self._topology.group, slot, before, gap, self._installation.code_version
            )
            outputs = [self._receipt_output(slot, self._serde.serialize(receipt)), *self._position(slot)]
        self._transact(outputs, self._all_positions(owned))
        slot.commit()
        self._seek(owned, self.assignment.places(owned.number))
        owned.phase = Phase.STOPPED if slot.position.stopped_code else Phase.RUNNING
        self._backend.resume(self._readable(owned))
        if owned.phase is Phase.RUNNING and self._settling.release(slot, None):
            self._commit([owned], 0)

    def _readable(self, owned: OwnedSlot) -> list[Place]:
        places = self.assignment.places(owned.number)
        return places if owned.phase is Phase.RUNNING else places[-1:]

    def _break(self, owned: OwnedSlot, stopped: SlotStopped) -> None:
        owned.phase, owned.broken = Phase.BROKEN, str(stopped)
        self._backend.pause(self.assignment.places(owned.number))
        self._observer.trouble(stopped)

    def _on_revoke(self, places: list[Place], is_lost: bool) -> None:
        numbers = {place.partition for place in places} & set(self.assignment.slots)
        opened = [self.assignment.slots[number] for number in numbers]
        opened = [owned for owned in opened if owned.phase in (Phase.RUNNING, Phase.STOPPED) and owned.journal.opened]
        try:
            if opened and not is_lost and not self._needs_producer:
                lanes = {self.assignment.lane(owned.number): owned.slot for owned in opened}
                positions = {
                    place: Committed(slot.position.inputs[place.topic][1], Journal().text())
                    for place, slot in lanes.items()
                }
                self._backend.transact([], positions, is_leaving=True)
        except Retryable as error:
            self._needs_producer = True
            self._observer.trouble(error)
        finally:
            self.assignment.remove(places)

    # -- batches ------------------------------------------------------------------------------
    def _batch(self, records: list[Record]) -> None:
        usual: dict[int, list[Record]] = defaultdict(list)
        cautious: dict[int, list[Record]] = defaultdict(list)
        for record in records:
            owned = self.assignment.slots.get(record.partition)
            if owned is not None and owned.phase in (Phase.RUNNING, Phase.STOPPED):
                (cautious if owned.journal.is_cautious else usual)[record.partition].append(record)
        faulthandler.dump_traceback_later(self._tuning.record_seconds_max, exit=True)
        try:
            for chunk in self._chunks(usual):
                self._together(chunk)
            for number, queue in cautious.items():
                self._one_by_one(self.assignment.slots[number], queue)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def _chunks(self, queues: dict[int, list[Record]]) -> Iterator[dict[int, list[Record]]]:
        """The batch in pieces of at most `batch_bytes`."""
        chunk: dict[int, list[Record]] = defaultdict(list)
        size = 0
        for number, queue in queues.items():
            for record in queue:
                size += len(record.value or b"")
                if size > self._tuning.batch_bytes and chunk:
                    yield chunk
                    chunk, size = defaultdict(list), len(record.value or b"")
                chunk[number].append(record)
        if chunk:
            yield chunk

    def _together(self, queues: dict[int, list[Record]]) -> None:
        touched = [self.assignment.slots[number] for number in queues if number in self.assignment.slots]
        done = 0
        for owned in touched:
            done += self._process(owned, queues[owned.number])
        try:
            self._commit(touched, done)
        except OutputRefused as error:
            self._observer.trouble(error)
            for owned in touched:
                self._singly(owned, queues[owned.number])

    def _process(self, owned: OwnedSlot, queue: Iterable[Record]) -> int:
        """Stage the records of one slot, up to where it stops."""
        slot = owned.slot
        lane, engine = self._topology.lane, self._engine
        done = 0
        for record in queue:
            is_request = record.topic == lane
            if slot.position.stopped_code and not is_request:
                continue
            if record.offset < slot.position.inputs[record.topic][1]:
                continue
            try:
                outcome = self._lane.process(slot, record) if is_request else engine.process(slot, record)
            except SlotStopped as stopped:
                slot.position.stopped_code, slot.position.stopped_detail = stopped.code, stopped.detail
                continue
            limits.count(slot.position, outcome, self._tuning.limits)
            done += 1
        return done

    def _singly(self, owned: OwnedSlot, queue: Iterable[Record]) -> None:
        """Run a batch again record by record: the one that is refused alone is the record's fault (R9)."""
        for record in queue:
            self._process(owned, [record])
            try:
                self._commit([owned], 1)
            except OutputRefused as error:
                self._engine.refuse_output(owned.slot, record, str(error))
                limits.count(owned.slot.position, Intake.REJECTED, self._tuning.limits)
                self._commit([owned], 1)

    def _one_by_one(self, owned: OwnedSlot, queue: Iterable[Record]) -> None:
        """Try records alone, each announced in the journal before it is touched (R22)."""
        for record in queue:
            if not owned.journal.is_cautious:
                self._together({owned.number: [record]})
                continue
            owned.journal = owned.journal.trying(record.topic, record.offset)
            if owned.journal.tries >= TRIES_MAX and record.topic != self._topology.lane:
                self._engine.quarantine(owned.slot, record)
            else:
                self._transact([], self._lane_position(owned))
                self._process(owned, [record])
            self._commit([owned], 1)

    # -- commit -------------------------------------------------------------------------------
    def _commit(self, touched: list[OwnedSlot], records: int) -> None:
        """One transaction for all that is staged; afterwards it is the state."""
        touched = [owned for owned in touched if not owned.slot.account.is_empty or owned.slot.has_stop_changed]
        if not touched:
            return
        started = self._clock.monotonic_s()
        outputs = (output for owned in touched for output in self._outputs(owned.slot))
        positions: dict[Place, Committed] = {}
        for owned in touched:
            positions |= self._touched_positions(owned)
        self._transact(outputs, positions)
        self._observer.committed(touched, records, self._clock.monotonic_s() - started)
        for owned in touched:
            owned.slot.commit()
            owned.journal = Journal()
            self._follow_stop(owned)

    def _outputs(self, slot: Slot) -> Iterator[Output]:
        yield from slot.outputs
        receipt = receipts.receipt_of(
            self._topology.group, slot, self._references.offsets, self._installation.code_version
        )
        yield self._receipt_output(slot, self._serde.serialize(receipt))
        yield from self._position(slot)

    def _position(self, slot: Slot) -> Iterator[Output]:
        """The staged rows and the position row, for the changelog."""
        position = slot.position
        position.sequence += 1
        slot.write(rows.POSITION_KEY, position)
        changelog, number = self._topology.changelog, slot.number
        for row_key, value in slot.staged():
            yield Output(changelog, number, row_key, value)

    def _receipt_output(self, slot: Slot, value: bytes) -> Output:
        return Output(RECEIPT.name, slot.number, receipts.receipt_key(self._topology.group, slot.number), value)

    def _transact(self, outputs: Iterable[Output], positions: Mapping[Place, Committed]) -> None:
        try:
            self._backend.transact(outputs, positions)
        except Aborted as error:
            self._abort()
            if not isinstance(error, OutputRefused):
                self._rewind()
            raise
        except InDoubt:
            self._needs_producer = True
            raise

    def _abort(self) -> None:
        try:
            self._backend.abort()
        except InDoubt:
            self._needs_producer = True
            raise
        for owned in self.assignment.slots.values():
            owned.slot.abort()

    def _rewind(self) -> None:
        """An abort does not rewind the consumer: seek every input back to what is committed."""
        for owned in self.assignment.slots.values():
            if owned.phase in (Phase.RUNNING, Phase.STOPPED):
                self._seek(owned, self.assignment.places(owned.number))

    def _seek(self, owned: OwnedSlot, places: Iterable[Place]) -> None:
        for place in places:
            self._backend.seek(place, owned.slot.position.inputs[place.topic][1])

    def _recover(self) -> None:
        self._backend.recycle()
        self.assignment.restart()
        self._needs_producer = False

    def _touched_positions(self, owned: OwnedSlot) -> dict[Place, Committed]:
        inputs = owned.slot.position.inputs
        places = {topic for topic, _ in owned.slot.account.intake}
        positions = {Place(t, owned.number): Committed(inputs[t][1], "") for t in places}
        lane = self.assignment.lane(owned.number)
        positions[lane] = Committed(inputs[lane.topic][1], Journal().text())
        return positions

    def _all_positions(self, owned: OwnedSlot) -> dict[Place, Committed]:
        inputs = owned.slot.position.inputs
        positions = {Place(t, owned.number): Committed(offset, "") for t, (_, offset) in inputs.items()}
        return positions | self._lane_position(owned)

    def _lane_position(self, owned: OwnedSlot) -> dict[Place, Committed]:
        lane = self.assignment.lane(owned.number)
        return {lane: Committed(owned.slot.position.inputs[lane.topic][1], owned.journal.text())}

    def _follow_stop(self, owned: OwnedSlot) -> None:
        """Pause or resume the inputs where the committed position says the slot stopped or may go on."""
        is_stopped = bool(owned.slot.position.stopped_code)
        if is_stopped == (owned.phase is Phase.STOPPED):
            return
        owned.phase = Phase.STOPPED if is_stopped else Phase.RUNNING
        inputs = self.assignment.places(owned.number)[:-1]
        if is_stopped:
            self._backend.pause(inputs)
            position = owned.slot.position
            self._observer.trouble(SlotStopped(position.stopped_code, position.stopped_detail))
        self._seek(owned, inputs)
        if not is_stopped:
            self._backend.resume(inputs)
        self._observer.changed(self.assignment.slots, self.is_ready)

    # -- what is due --------------------------------------------------------------------------
    def _running(self) -> list[OwnedSlot]:
        return [owned for owned in self.assignment.slots.values() if owned.phase is Phase.RUNNING]

    def _drain(self) -> None:
        touched = [owned for owned in self._running() if owned.slot.draining]
        for owned in touched:
            self._settling.drain(owned.slot, self._tuning.drain_records)
        self._settle(touched)

    def _tick(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s < self._next_tick_s:
            return
        self._next_tick_s = now_s + self._tuning.tick_s
        if not self._is_restoring():
            self._take_log(0.0)
        changed = self._references.take_changed()
        is_sweep = now_s >= self._next_sweep_s
        self._next_sweep_s = now_s + 3600.0 if is_sweep else self._next_sweep_s
        now_us = self._clock.now_us()
        touched = self._running()
        for owned in touched:
            if changed:
                self._settling.release(owned.slot, changed)
            self._settling.expire(owned.slot, now_us)
            if is_sweep:
                self._settling.forget(owned.slot, now_us)
        self._settle(touched)

    def _settle(self, touched: list[OwnedSlot]) -> None:
        """Commit settled entries; where the broker refuses an output, nothing is settled now."""
        try:
            self._commit(touched, 0)
        except OutputRefused as error:
            self._observer.trouble(error)


def _installation(
    topology: Topology, backend: Backend, inputs: tuple[str, ...], service: str, code_version: str
) -> Installation:
    """Ask the broker for ids and counts; refuses inputs that do not share one partition count (R1)."""
    own = [topology.changelog, topology.whatif, *map(topology.dead_letters, inputs[:-1])]
    outputs = [topic.name for topic in topology.outputs]
    named = dict.fromkeys([*inputs, *own, *outputs, RECEIPT.name, AUDIT_ENTRY.name])
    partitions = backend.partitions(named)
    expected = partitions[topology.lane]
    co_partitioned = [*inputs, *own, RECEIPT.name]
    unequal = [f"{name} has {partitions[name]} partitions" for name in co_partitioned if partitions[name] != expected]
    if unequal:
        raise ConfigurationError([*unequal, f"all inputs and own topics of {topology.group} need {expected}"])
    return Installation(backend.cluster_id, backend.topic_ids(named), partitions, service, code_version)


def _with_partitioner(installation: Installation, partition_of: Callable[[bytes, int], int]) -> Installation:
    return replace(installation, partition_of=partition_of)

