"""The worker: poll → decode → admit → step → encode → commit, for every slot that it owns (R3–R8).

This is the loop of every topology: `turn` polls and hands the records to `batches.py`, which stages each
on its slot (decode, admit, step, encode: `engine.py`) and commits. Invariant: what a batch staged is
committed together with its offsets in one transaction, or dropped and read again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from crossdock.canonical.topics import AUDIT_ENTRY, RECEIPT
from crossdock.streaming.assignment import Assignment, OwnedSlot, Phase
from crossdock.streaming.backend import Backend, Place
from crossdock.streaming.batches import Batches
from crossdock.streaming.commit import Books, Committer
from crossdock.streaming.engine import Engine
from crossdock.streaming.errors import ConfigurationError, Retryable, SlotStopped
from crossdock.streaming.identity import Installation
from crossdock.streaming.lane import Lane
from crossdock.streaming.references import References
from crossdock.streaming.serde import Serde
from crossdock.streaming.settling import Settling
from crossdock.streaming.surroundings import Surroundings, Tuning
from crossdock.streaming.topology import Topology

__all__ = ["Surroundings", "Tuning", "Worker"]

_SWEEP_S = 3600.0
_BACKOFF_S = 0.1
_STALLED_S = 60.0


class Worker:
    """One member of a topology's group; it closes its backend."""

    def __init__(self, topology: Topology, backend: Backend, serde: Serde, around: Surroundings) -> None:
        self._topology = topology
        self._backend = backend
        self._around = around
        self._observer = around.observer
        self._reader = backend.reader()
        self.references = References(topology, backend, serde, self._reader)
        self.assignment = Assignment(topology, backend, serde, self._reader)
        installation = _installation(topology, backend, self.assignment.inputs, around)
        self.assignment.use(installation)
        self._committer = Committer(
            backend, self.assignment, serde, Books(topology, installation, self.references.offsets)
        )
        self.engine = Engine(
            topology,
            serde,
            installation,
            self.references.views,
            around.now_us,
            entries_per_key_max=around.tuning.limits.entries_per_key_max,
            raises_faults=around.raises_faults,
        )
        self._settling = Settling(self.engine)
        lane = Lane(self.engine, self._settling, serde, around.authorize)
        self._batches = Batches(self.engine, lane, self._settling, self._committer, around)
        self._is_joined = False
        self._is_dying = False
        self._next_tick_s = 0.0
        self._next_sweep_s = 0.0
        self._progress = (0, False)
        self._stalled_at_s = 0.0
        self._told: tuple[bool, dict[int, Phase]] = (False, {})

    # -- the loop -----------------------------------------------------------------------------
    def run(self, until: Callable[[], bool], pause: Callable[[float], object]) -> None:
        """Turn until told to stop, then leave in good order. Trouble of the world is waited out."""
        backoff_s = _BACKOFF_S
        try:
            while not until():
                try:
                    self.turn()
                    backoff_s = _BACKOFF_S
                except Retryable as error:
                    self._observer.trouble(error)
                    self._tell(is_ready=False)
                    pause(backoff_s)
                    backoff_s = min(5.0, backoff_s * 2)
        except BaseException:
            self._is_dying = True  # the journals stay open: what ends a worker counts, however it ends it
            raise
        finally:
            self.close()

    def turn(self) -> None:
        """One turn of the loop: a batch at most, then what is due. Raises Retryable, Fenced."""
        self._committer.prepare()
        try:
            self._turn()
        except Retryable:
            self._committer.forsake()
            raise

    def _turn(self) -> None:
        if not self._is_joined:
            self.references.load()
            self._backend.subscribe(self.assignment.inputs, self._on_revoke)
            self._is_joined = True
        records = self._backend.poll(self._around.tuning.batch_records, self._poll_s())
        self._take_assignment()
        if records:
            self._batches.take(self.assignment.slots, records)
        if self._is_restoring():
            self._restore()
        self._batches.settle(self._running())
        self._tick()
        self._tell(self.is_ready)

    def _tell(self, is_ready: bool) -> None:
        """Phases and readiness, where they are not what was told last."""
        slots = self.assignment.slots
        state = is_ready, {number: owned.phase for number, owned in slots.items()}
        if state != self._told:
            self._told = state
            self._observer.changed(slots, is_ready)

    def close(self) -> None:
        """Close journals, leave the group, close the clients."""
        try:
            self._on_revoke([p for n in self.assignment.slots for p in self.assignment.places(n)], False)
        finally:
            self._reader.close()
            self._backend.close()

    @property
    def is_ready(self) -> bool:
        """Assigned, each slot whole and restored, reference tables loaded, producer in order."""
        is_able = self._is_joined and not self._committer.needs_producer
        return is_able and self.assignment.is_whole and not self._is_restoring()

    def _poll_s(self) -> float:
        has_due = any(owned.slot.draining or owned.slot.due for owned in self._running())
        return 0.0 if has_due or self._is_restoring() else self._around.tuning.idle_poll_s

    def _is_restoring(self) -> bool:
        return any(owned.phase is Phase.RESTORING for owned in self.assignment.slots.values())

    def _running(self) -> list[OwnedSlot]:
        return [owned for owned in self.assignment.slots.values() if owned.phase is Phase.RUNNING]

    # -- assignment ---------------------------------------------------------------------------
    def _take_assignment(self) -> None:
        changes = self._backend.take_rebalance()
        if changes.assigned:
            self.assignment.add(changes.assigned)
            self._tell(is_ready=False)
        for place in changes.out_of_range:
            owned = self.assignment.slots.get(place.partition)
            if owned is not None and owned.phase in (Phase.RUNNING, Phase.STOPPED):
                detail = f"the position in {place.topic} is no longer in the log"
                self._break(owned, SlotStopped("offset_out_of_range", detail))

    def _restore(self) -> None:
        """A step of restoring; where the group's offsets are not stable yet, running slots go on."""
        try:
            self.assignment.begin()
        except Retryable as error:
            self._observer.trouble(error)
        self._take_log(0.02)
        self._open_restored()

    def _take_log(self, timeout_s: float) -> None:
        records = self._reader.read(timeout_s)
        changelog = self._topology.changelog
        self.assignment.take(record for record in records if record.topic == changelog)
        self.references.take(record for record in records if record.topic != changelog)

    def _open_restored(self) -> None:
        ready = self.assignment.ready()
        opened: list[Place] = []
        for owned in ready:
            try:
                before, gap = self.assignment.prove(owned)
            except SlotStopped as stopped:
                self._break(owned, stopped)
                continue
            try:
                self._committer.open(owned, before, gap)
                opened += self._start(owned)
            except Retryable:
                self.assignment.restart()
                raise
        if opened:
            self._backend.resume(opened)

    def _start(self, owned: OwnedSlot) -> list[Place]:
        """Seek the proven position; returns what is to be read on: of a stopped slot its lane only."""
        places = self.assignment.places(owned.number)
        self._committer.seek(owned, places)
        is_stopped = bool(owned.slot.position.stopped_code)
        owned.phase = Phase.STOPPED if is_stopped else Phase.RUNNING
        self._settling.notice(owned.slot, None)
        return places[-1:] if is_stopped else places

    def _break(self, owned: OwnedSlot, stopped: SlotStopped) -> None:
        owned.phase, owned.broken = Phase.BROKEN, str(stopped)
        self._backend.pause(self.assignment.places(owned.number))
        self._observer.trouble(stopped)

    def _on_revoke(self, places: list[Place], is_lost: bool) -> None:
        numbers = {place.partition for place in places} & set(self.assignment.slots)
        opened = [self.assignment.slots[number] for number in numbers]
        is_open = (Phase.RUNNING, Phase.STOPPED)
        opened = [owned for owned in opened if owned.phase in is_open and owned.is_announced]
        try:
            if not is_lost and not self._is_dying:
                self._committer.leave(opened)
        except Retryable as error:
            self._observer.trouble(error)
        finally:
            self.assignment.remove(places)

    # -- what is due --------------------------------------------------------------------------
    def _tick(self) -> None:
        now_s = self._around.monotonic_s()
        if now_s < self._next_tick_s:
            return
        self._next_tick_s = now_s + self._around.tuning.tick_s
        self._take_log(0.0)
        changed = self.references.take_changed()
        for owned in self._running():
            self._settling.notice(owned.slot, changed)
        if now_s >= self._next_sweep_s:
            self._next_sweep_s = now_s + _SWEEP_S
            self._sweep()
        self._watch_restore(now_s)

    def _sweep(self) -> None:
        touched = self._running()
        for owned in touched:
            self._batches.attempt(owned, partial(self._settling.forget, owned.slot))
        self._batches.commit(touched, 0, is_live=False)

    def _watch_restore(self, now_s: float) -> None:
        """A restore without progress is no secret: something below the mark stays open (R10)."""
        progress = self.assignment.rows_restored, self._is_restoring()
        if progress != self._progress or not progress[1]:
            self._progress, self._stalled_at_s = progress, now_s + _STALLED_S
        elif now_s >= self._stalled_at_s:
            self._stalled_at_s = now_s + _STALLED_S
            detail = f"no row was restored for {_STALLED_S:.0f} s; a transaction below the mark may be open"
            self._observer.trouble(SlotStopped("restore_stalled", detail))


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
