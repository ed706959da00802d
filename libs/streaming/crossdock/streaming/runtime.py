"""The worker: poll → decode → admit → step → encode → commit, for every slot that it owns (R3–R8).

This is the hot path of every topology: `turn` polls, `_process` hands each record to the engine
(decode, admit, step, encode), `_commit` commits. Invariant: what a batch staged is committed together
with its offsets in one transaction, or dropped and read again.
"""

from __future__ import annotations

import faulthandler
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from crossdock.canonical.keys import murmur2_partition
from crossdock.canonical.record import Record
from crossdock.canonical.topics import AUDIT_ENTRY, RECEIPT
from crossdock.streaming import limits
from crossdock.streaming.admission import Intake
from crossdock.streaming.assignment import Assignment, OwnedSlot, Phase
from crossdock.streaming.backend import Backend, Place
from crossdock.streaming.commit import Books, Committer
from crossdock.streaming.engine import Engine
from crossdock.streaming.errors import ConfigurationError, OutputRefused, Retryable, SlotStopped
from crossdock.streaming.identity import Installation
from crossdock.streaming.journal import TRIES_MAX, Journal
from crossdock.streaming.lane import Authorize, Lane
from crossdock.streaming.limits import Limits
from crossdock.streaming.observer import Observer
from crossdock.streaming.references import References
from crossdock.streaming.serde import Serde
from crossdock.streaming.settling import Settling
from crossdock.streaming.topology import Topology

_SWEEP_S = 3600.0


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
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a worker is given by its process; steps never see any of it.

    Args:
        now_us: wall clock, microseconds since the epoch.
        monotonic_s: clock for intervals, seconds.
        authorize: judges operator requests.
        partition_of: murmur2 partition of a key prefix.
        code_version: what receipts and dead letters say ran.
        raises_faults: let unexpected exceptions of steps through (tests).
    """

    now_us: Callable[[], int]
    monotonic_s: Callable[[], float]
    observer: Observer
    authorize: Authorize
    tuning: Tuning = field(default_factory=Tuning)
    partition_of: Callable[[bytes, int], int] = murmur2_partition
    code_version: str = ""
    raises_faults: bool = False


class Worker:
    """One member of a topology's group; it closes its backend."""

    def __init__(self, topology: Topology, backend: Backend, serde: Serde, around: Surroundings) -> None:
        self._topology = topology
        self._backend = backend
        self._around = around
        self._observer = around.observer
        self._tuning = around.tuning
        self._reader = backend.reader()
        self._references = References(topology, backend, serde, self._reader)
        self.assignment = Assignment(topology, backend, serde, self._reader)
        installation = _installation(topology, backend, self.assignment.inputs, around)
        self.assignment.use(installation.topic_ids)
        self._committer = Committer(
            backend, self.assignment, serde, Books(topology, installation, self._references.offsets)
        )
        self.engine = Engine(
            topology,
            serde,
            installation,
            self._references.views,
            around.now_us,
            entries_per_key_max=self._tuning.limits.entries_per_key_max,
            raises_faults=around.raises_faults,
        )
        self._settling = Settling(self.engine)
        self._lane = Lane(self.engine, self._settling, serde, around.authorize)
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
        if self._committer.needs_producer:
            self._committer.recover()
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
        is_able = self._is_joined and not self._committer.needs_producer
        return is_able and not self._is_restoring()

    def _poll_s(self) -> float:
        has_work = self._is_restoring() or any(owned.slot.draining for owned in self._running())
        return 0.0 if has_work else self._tuning.idle_poll_s

    def _is_restoring(self) -> bool:
        return any(owned.phase is Phase.RESTORING for owned in self.assignment.slots.values())

    def _running(self) -> list[OwnedSlot]:
        return [owned for owned in self.assignment.slots.values() if owned.phase is Phase.RUNNING]

    # -- assignment ---------------------------------------------------------------------------
    def _take_assignment(self) -> None:
        changes = self._backend.take_rebalance()
        if changes.assigned:
            self.assignment.add(changes.assigned)
            self._observer.changed(self.assignment.slots, False)
        for place in changes.out_of_range:
            if place.partition in self.assignment.slots:
                detail = f"the position in {place.topic} is no longer in the log"
                owned = self.assignment.slots[place.partition]
                self._break(owned, SlotStopped("offset_out_of_range", detail))

    def _take_log(self, timeout_s: float) -> None:
        records = self._reader.read(timeout_s)
        changelog = self._topology.changelog
        self.assignment.take(record for record in records if record.topic == changelog)
        self._references.take(record for record in records if record.topic != changelog)

    def _open_restored(self) -> None:
        for owned in self.assignment.ready():
            try:
                before, gap = self.assignment.prove(owned)
                self._committer.open(owned, before, gap)
                self._start(owned)
            except SlotStopped as stopped:
                self._break(owned, stopped)
            except Retryable:
                self.assignment.restart()
                raise
        self._observer.changed(self.assignment.slots, self.is_ready)

    def _start(self, owned: OwnedSlot) -> None:
        """Read on from the proven position; a stopped slot reads its lane only."""
        places = self.assignment.places(owned.number)
        self._committer.seek(owned, places)
        is_stopped = bool(owned.slot.position.stopped_code)
        owned.phase = Phase.STOPPED if is_stopped else Phase.RUNNING
        self._backend.resume(places[-1:] if is_stopped else places)
        if not is_stopped:
            self._settling.release(owned.slot, None)
            self._settle([owned])

    def _break(self, owned: OwnedSlot, stopped: SlotStopped) -> None:
        owned.phase, owned.broken = Phase.BROKEN, str(stopped)
        self._backend.pause(self.assignment.places(owned.number))
        self._observer.trouble(stopped)

    def _on_revoke(self, places: list[Place], is_lost: bool) -> None:
        numbers = {place.partition for place in places} & set(self.assignment.slots)
        opened = [self.assignment.slots[number] for number in numbers]
        opened = [o for o in opened if o.phase in (Phase.RUNNING, Phase.STOPPED) and o.journal.opened]
        try:
            if not is_lost:
                self._committer.leave(opened)
        except Retryable as error:
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
        touched = [self.assignment.slots[number] for number in queues]
        done = sum([self._process(owned, queues[owned.number]) for owned in touched])
        try:
            self._commit(touched, done)
        except OutputRefused as error:
            self._observer.trouble(error)
            for owned in touched:
                self._singly(owned, queues[owned.number])

    def _process(self, owned: OwnedSlot, queue: Iterable[Record]) -> int:
        """Stage the records of one slot, up to where it stops; records already processed are skipped."""
        slot, position = owned.slot, owned.slot.position
        lane, engine, bounds = self._topology.lane, self.engine, self._tuning.limits
        done = 0
        for record in queue:
            is_request = record.topic == lane
            if (position.stopped_code and not is_request) or record.offset < position.inputs[record.topic][1]:
                continue
            try:
                outcome = self._lane.process(slot, record) if is_request else engine.process(slot, record)
            except SlotStopped as stopped:
                position.stopped_code, position.stopped_detail = stopped.code, stopped.detail
                continue
            limits.count(position, outcome, bounds)
            done += 1
        return done

    def _singly(self, owned: OwnedSlot, queue: Iterable[Record]) -> None:
        """Run a batch again record by record: the one that is refused alone is the record's fault (R9)."""
        for record in queue:
            self._process(owned, [record])
            try:
                self._commit([owned], 1)
            except OutputRefused as error:
                self.engine.refuse_output(owned.slot, record, str(error))
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
                self.engine.quarantine(owned.slot, record)
                self._commit([owned], 1)
            else:
                self._committer.announce(owned)
                self._together({owned.number: [record]})

    def _commit(self, touched: list[OwnedSlot], records: int) -> None:
        """One transaction for all that is staged; afterwards it is the state."""
        touched = [owned for owned in touched if owned.slot.has_staged]
        if not touched:
            return
        started_s = self._around.monotonic_s()
        self._committer.commit(touched)
        self._observer.committed(touched, records, self._around.monotonic_s() - started_s)
        for owned in touched:
            owned.slot.commit()
            owned.journal = Journal()
            self._follow_stop(owned)

    def _follow_stop(self, owned: OwnedSlot) -> None:
        """Pause or resume the inputs where the committed position says the slot stopped or may go on."""
        position = owned.slot.position
        is_stopped = bool(position.stopped_code)
        if is_stopped == (owned.phase is Phase.STOPPED):
            return
        owned.phase = Phase.STOPPED if is_stopped else Phase.RUNNING
        inputs = self.assignment.places(owned.number)[:-1]
        if is_stopped:
            self._backend.pause(inputs)
            self._observer.trouble(SlotStopped(position.stopped_code, position.stopped_detail))
        self._committer.seek(owned, inputs)
        if not is_stopped:
            self._backend.resume(inputs)
        self._observer.changed(self.assignment.slots, self.is_ready)

    # -- what is due --------------------------------------------------------------------------
    def _drain(self) -> None:
        touched = [owned for owned in self._running() if owned.slot.draining]
        for owned in touched:
            self._settling.drain(owned.slot, self._tuning.drain_records)
        self._settle(touched)

    def _tick(self) -> None:
        now_s = self._around.monotonic_s()
        if now_s < self._next_tick_s:
            return
        self._next_tick_s = now_s + self._tuning.tick_s
        if not self._is_restoring():
            self._take_log(0.0)
        changed = self._references.take_changed()
        is_sweep = now_s >= self._next_sweep_s
        self._next_sweep_s = now_s + _SWEEP_S if is_sweep else self._next_sweep_s
        touched = self._running()
        for owned in touched:
            if changed:
                self._settling.release(owned.slot, changed)
            self._settling.expire(owned.slot, self._around.now_us())
            if is_sweep:
                self._settling.forget(owned.slot, self._around.now_us())
        self._settle(touched)

    def _settle(self, touched: list[OwnedSlot]) -> None:
        """Commit settled entries; where the broker refuses an output, nothing is settled now."""
        try:
            self._commit(touched, 0)
        except OutputRefused as error:
            self._observer.trouble(error)


def _installation(
    topology: Topology, backend: Backend, inputs: tuple[str, ...], around: Surroundings
) -> Installation:
    """Ask the broker for ids and counts; refuses inputs that do not share one partition count (R1)."""
    own = [topology.changelog, topology.whatif, *map(topology.dead_letters, inputs[:-1])]
    outputs = [topic.name for topic in topology.outputs]
    named = dict.fromkeys([*inputs, *own, *outputs, RECEIPT.name, AUDIT_ENTRY.name])
    partitions = backend.partitions(named)
    expected = partitions[topology.lane]
    unequal = [
        f"{name} has {partitions[name]} partitions"
        for name in [*inputs, *own, RECEIPT.name]
        if partitions[name] != expected
    ]
    if unequal:
        raise ConfigurationError([*unequal, f"inputs and own topics of {topology.group} need {expected}"])
    return Installation(
        backend.cluster_id,
        backend.topic_ids(named),
        partitions,
        topology.group,
        around.code_version,
        around.partition_of,
    )
