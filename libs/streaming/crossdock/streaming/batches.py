"""Batches: live records and kept entries, staged on their slots and committed (R3, R9, R19, R22).

Invariant: a record that is passed over is read again, and nothing of its slot's inputs behind it is
processed before; what the broker refuses is laid to the one record or entry that makes it.
"""

from __future__ import annotations

import faulthandler
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import zip_longest

from crossdock.canonical.record import Record
from crossdock.streaming import limits
from crossdock.streaming.admission import Intake
from crossdock.streaming.assignment import OwnedSlot, Phase
from crossdock.streaming.commit import Committer
from crossdock.streaming.dead_letters import crashed, output_refused
from crossdock.streaming.engine import Engine
from crossdock.streaming.errors import OutputRefused, SlotStopped
from crossdock.streaming.journal import Journal, Journals
from crossdock.streaming.lane import Lane
from crossdock.streaming.settling import Due, Settling
from crossdock.streaming.surroundings import Surroundings

Work = list[tuple[OwnedSlot, list[Record]]]


class Batches:
    """Processes what a poll brought, and what is due among the kept entries."""

    def __init__(
        self, engine: Engine, lane: Lane, settling: Settling, committer: Committer, around: Surroundings
    ) -> None:
        self._engine = engine
        self._lane = lane
        self._lane_topic = engine.topology.lane
        self._settling = settling
        self._committer = committer
        self._around = around
        self._limits = around.tuning.limits
        self._tried: dict[tuple[int, str, str], int] = {}
        self._announced: dict[tuple[int, str], int] = {}
        """(slot, topic) → offset of the live record whose try the broker knows of."""

    # -- live records -------------------------------------------------------------------------
    def take(self, slots: Mapping[int, OwnedSlot], records: list[Record]) -> None:
        """Give each record of a poll its outcome, as far as its slot goes on."""
        queues: dict[int, list[Record]] = defaultdict(list)
        for record in records:
            owned = slots.get(record.partition)
            if owned is not None and owned.phase in (Phase.RUNNING, Phase.STOPPED):
                owned.is_behind = False
                queues[record.partition].append(record)
        touched = [slots[number] for number in queues]
        self._announce(touched)
        wary = {owned.number for owned in touched if owned.is_wary_of(queues[owned.number])}
        for chunk in self._chunks({n: queue for n, queue in queues.items() if n not in wary}):
            self._together([(slots[number], queue) for number, queue in chunk.items()])
        for number in wary:
            self._one_by_one(slots[number], queues[number])
        for owned in touched:
            if owned.is_behind:
                self._committer.reread(owned)

    def _announce(self, slots: Iterable[OwnedSlot]) -> None:
        """Before the first work of a slot since its assignment: say so; be wary after deaths (R22)."""
        fresh = [owned for owned in slots if not owned.is_announced]
        if not fresh:
            return
        self._committer.announce(fresh)
        reach = self._around.tuning.batch_records  # no batch that killed was longer
        for owned in fresh:
            owned.is_announced = True
            owned.is_wary = owned.journals.kept.is_cautious
            if owned.journals.live.is_cautious:
                owned.wary_left = dict.fromkeys(owned.slot.position.inputs, reach)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """An endless decode or step ends the process with a stack dump (R22); a slow broker never does."""
        faulthandler.dump_traceback_later(self._around.tuning.record_seconds_max, exit=True)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()

    def _chunks(self, queues: dict[int, list[Record]]) -> Iterator[dict[int, list[Record]]]:
        """The batch in pieces of at most `batch_bytes`."""
        chunk: dict[int, list[Record]] = defaultdict(list)
        size = 0
        for number, queue in queues.items():
            for record in queue:
                size += len(record.value or b"")
                if size > self._around.tuning.batch_bytes and chunk:
                    yield chunk
                    chunk, size = defaultdict(list), len(record.value or b"")
                chunk[number].append(record)
        if chunk:
            yield chunk

    def _together(self, work: Work) -> None:
        with self._watched():
            done = sum([self._process(owned, queue) for owned, queue in work])
        try:
            self.commit([owned for owned, _ in work], done)
        except OutputRefused as error:
            self._around.observer.trouble(error)
            for owned, queue in work:
                self._singly(owned, queue)

    def _process(self, owned: OwnedSlot, queue: list[Record]) -> int:
        """Stage the records of one slot, up to where it stops; records already processed are skipped."""
        slot, engine, lane, bounds = owned.slot, self._engine, self._lane_topic, self._limits
        done = 0
        for number, record in enumerate(queue):
            if self._is_passed_over(owned, record):
                continue
            try:
                is_request = record.topic == lane
                outcome = self._lane.process(slot, record) if is_request else engine.process(slot, record)
            except SlotStopped as stopped:
                done = self._stop_at(owned, queue, number, stopped)
                continue
            limits.count(slot.position, outcome, bounds)
            done += 1
        return done

    def _is_passed_over(self, owned: OwnedSlot, record: Record) -> bool:
        position = owned.slot.position
        if record.offset < position.inputs[record.topic][1]:
            return True
        if record.topic == self._lane_topic:
            return False
        owned.is_behind = owned.is_behind or bool(position.stopped_code)
        return owned.is_behind

    def _stop_at(self, owned: OwnedSlot, queue: list[Record], number: int, stopped: SlotStopped) -> int:
        """A record cannot be judged: what it staged is dropped, what stands before it is staged again."""
        slot, record = owned.slot, queue[number]
        slot.abort()
        done = self._process(owned, queue[:number])
        if record.topic == self._lane_topic:
            self._lane.refuse(slot, record, stopped.code, stopped.detail)
            done += 1
        else:
            owned.is_behind = True
        slot.stop(stopped)
        return done

    def _singly(self, owned: OwnedSlot, queue: Iterable[Record]) -> None:
        """Run a batch again record by record: the one that is refused alone is the record's fault (R9)."""
        for record in queue:
            with self._watched():
                done = self._process(owned, [record])
            try:
                self.commit([owned], done)
            except OutputRefused as error:
                self._around.observer.trouble(error)
                self._instead(owned, partial(self._refuse, owned, record, error))

    def _refuse(self, owned: OwnedSlot, record: Record, error: OutputRefused) -> None:
        if record.topic == self._lane_topic:
            self._lane.refuse_output(owned.slot, record, error)
        else:
            self._engine.refuse(owned.slot, record, *output_refused(error))
            limits.count(owned.slot.position, Intake.REJECTED, self._limits)

    def _one_by_one(self, owned: OwnedSlot, queue: Sequence[Record]) -> None:
        """Try records alone, each announced in the journal before it is touched (R22).

        The commit of one announces the next, so that only the first costs a transaction more.
        """
        for record, following in zip_longest(queue, queue[1:]):
            if not self._is_passed_over(owned, record):
                owned.following = following
                owned.tried_alone(record.topic)
                if not self._tries_again(owned, "live", record.topic, record.offset):
                    self._instead(owned, partial(self._quarantine, owned, record))
                    continue
                self._announce_try(owned, record)
            self._together([(owned, [record])])

    def _announce_try(self, owned: OwnedSlot, record: Record) -> None:
        place = owned.number, record.topic
        if self._announced.get(place) != record.offset:
            self._committer.announce([owned])
            self._announced[place] = record.offset

    def _tries_again(self, owned: OwnedSlot, field: str, topic: str, offset: int) -> bool:
        """Note a try; False where it would be one too many.

        A try that trouble of the world ended, in this very process, is not counted again.
        """
        journal: Journal = getattr(owned.journals, field)
        is_counted = self._tried.get((owned.number, field, topic)) == offset and topic in journal.tries
        self._tried[owned.number, field, topic] = offset
        if not is_counted:
            journal = journal.trying(topic, offset)
            owned.journals = replace(owned.journals, **{field: journal})
        return not journal.is_exhausted(topic, offset)

    def _quarantine(self, owned: OwnedSlot, record: Record) -> None:
        rejected, cause = crashed()
        if record.topic == self._lane_topic:
            self._lane.refuse(owned.slot, record, str(rejected.code), rejected.detail)
        else:
            self._engine.refuse(owned.slot, record, rejected, cause)
            limits.count(owned.slot.position, Intake.REJECTED, self._limits)

    def _instead(self, owned: OwnedSlot, stage: Callable[[], object], *, is_live: bool = True) -> None:
        """Commit a refusal in place of what failed; where not even that can be written, the slot stops."""
        try:
            stage()
            self.commit([owned], int(is_live), is_live=is_live)
        except OutputRefused as error:
            stopped = SlotStopped("dead_letter_refused", str(error))
        except SlotStopped as error:
            stopped = error
        else:
            return
        owned.slot.abort()
        owned.slot.stop(stopped)
        owned.is_behind = True
        self.commit([owned], 0, is_live=is_live)

    # -- kept entries -------------------------------------------------------------------------
    def settle(self, slots: Iterable[OwnedSlot]) -> None:
        """Try a slice of what is due in each slot; alone where a former try ended the worker."""
        work = [(owned, self._settling.due(owned.slot, self._around.tuning.drain_records)) for owned in slots]
        for owned, due in work:
            owned.is_wary = owned.is_wary and bool(due)
        work = [(owned, due) for owned, due in work if due]
        if not work:
            return
        self._announce(owned for owned, _ in work)
        for owned, due in work:
            if owned.is_wary:
                self._cautiously(owned, due[0])
        self._settle([(owned, due) for owned, due in work if not owned.is_wary])

    def attempt(self, owned: OwnedSlot, stage: Callable[[], object]) -> None:
        """Stage something outside a batch; where state cannot be read, the slot stops instead."""
        try:
            with self._watched():
                stage()
        except SlotStopped as stopped:
            owned.slot.abort()
            owned.slot.stop(stopped)

    def _stage(self, owned: OwnedSlot, due: list[Due]) -> None:
        for one in due:
            self._settling.settle(owned.slot, one)

    def _settle(self, work: list[tuple[OwnedSlot, list[Due]]]) -> None:
        for owned, due in work:
            self.attempt(owned, partial(self._stage, owned, due))
        try:
            self.commit([owned for owned, _ in work], 0, is_live=False)
        except OutputRefused as error:
            self._around.observer.trouble(error)
            for owned, due in work:
                for one in due:
                    self._alone(owned, one)
        for owned, due in work:
            self._settling.done(owned.slot, due)

    def _alone(self, owned: OwnedSlot, due: Due) -> None:
        try:
            self.attempt(owned, partial(self._settling.settle, owned.slot, due))
            self.commit([owned], 0, is_live=False)
        except OutputRefused as error:
            refuse = partial(self._settling.refuse, owned.slot, due, *output_refused(error))
            self._instead(owned, refuse, is_live=False)

    def _cautiously(self, owned: OwnedSlot, due: Due) -> None:
        _, entry = due
        if self._tries_again(owned, "kept", entry.topic, entry.offset):
            self._committer.announce([owned])
            self._alone(owned, due)
        else:
            refuse = partial(self._settling.refuse, owned.slot, due, *crashed())
            self._instead(owned, refuse, is_live=False)
        self._settling.done(owned.slot, [due])

    # -- commit -------------------------------------------------------------------------------
    def commit(self, touched: Iterable[OwnedSlot], records: int, *, is_live: bool = True) -> None:
        """One transaction for all that is staged; afterwards it is the state."""
        slots = [owned for owned in touched if owned.slot.has_staged]
        if not slots:
            return
        succeeded = {owned.number: self._succeeded(owned, is_live) for owned in slots}
        started_s = self._around.monotonic_s()
        self._committer.commit(slots, succeeded)
        self._around.observer.committed(slots, records, self._around.monotonic_s() - started_s)
        try:
            for owned in slots:
                owned.slot.commit()
                owned.journals = succeeded[owned.number]
                self._note_following(owned)
                if self._committer.follow_stop(owned):
                    self._tell_stop(owned)
        except Exception:
            self._committer.needs_producer = True  # it is committed: what is in memory must follow (R7)
            raise

    def _succeeded(self, owned: OwnedSlot, is_live: bool) -> Journals:
        journals = owned.journals
        if is_live:
            inputs = owned.slot.position.inputs
            live = journals.live.succeeded({t: o for t, (_, o) in inputs.items()})
            if (following := self._following(owned)) is not None:
                live = live.trying(following.topic, following.offset)
            return replace(journals, live=live)
        tried = {t: self._tried.get((owned.number, "kept", t), -1) + 1 for t in journals.kept.tries}
        return replace(journals, kept=journals.kept.succeeded(tried))

    def _following(self, owned: OwnedSlot) -> Record | None:
        """The record that is about to be tried alone; None where the slot stops or it was processed."""
        record, position = owned.following, owned.slot.position
        if record is None or position.stopped_code or record.offset < position.inputs[record.topic][1]:
            return None
        return record

    def _note_following(self, owned: OwnedSlot) -> None:
        record = self._following(owned)
        owned.following = None
        if record is not None and owned.journals.live.tries.get(record.topic, (-1, 0))[0] == record.offset:
            self._tried[owned.number, "live", record.topic] = record.offset
            self._announced[owned.number, record.topic] = record.offset

    def _tell_stop(self, owned: OwnedSlot) -> None:
        position = owned.slot.position
        if position.stopped_code:
            self._around.observer.trouble(SlotStopped(position.stopped_code, position.stopped_detail))
        else:
            self._settling.notice(owned.slot, None)
