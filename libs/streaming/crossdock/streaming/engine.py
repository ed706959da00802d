"""The life of a record: decode → admit → step → encode, staged on a slot (runtime §2).

Invariant: each input record gets exactly one intake outcome, and what it stages (state, mark, hold,
outputs, dead letter) is complete or absent. The engine does no I/O; the worker commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crossdock.canonical.keys import key_prefix
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.record import Headers, Record
from crossdock.canonical.topics import Topic
from crossdock.streaming import dead_letters, holds, rows
from crossdock.streaming.admission import Intake, Verdict, judge, mark_of, microseconds
from crossdock.streaming.context import Context
from crossdock.streaming.dead_letters import Cause
from crossdock.streaming.errors import Rejected, RejectionCode, SlotStopped, StreamingError, Waiting
from crossdock.streaming.identity import Installation, Stamper, entry_id, fingerprint
from crossdock.streaming.serde import Serde
from crossdock.streaming.slot import Output, Scope, Slot
from crossdock.streaming.step import Emit
from crossdock.streaming.topology import Handler, Marking, Ordering, Topology, emit_entities

RECORD_BYTES_MAX = 1_000_000
"""Largest key + value + headers of an output in an own topic (R9)."""
KEY_BYTES_MAX = 4_096
"""Longest key: it stands in the rows and requests of its holds."""
_KEY_RULE = f"in UTF-8, at most {KEY_BYTES_MAX} bytes"

_ACCEPTED = Verdict(Intake.ACCEPTED, False)


@dataclass(slots=True)
class Evaluation:
    """What a record would do; nothing is staged yet."""

    verdict: Verdict
    mark: tuple[bytes, bytes] | None = None
    state: tuple[bytes, bytes | None] | None = None
    outputs: list[Output] = field(default_factory=list)

    @property
    def plan_hash(self) -> str:
        """Hash of the expected emits: a retry runs only while it is the same (R21)."""
        digest = hashlib.sha256(self.verdict.outcome.encode())
        for output in self.outputs:
            for piece in (output.topic.encode(), output.key or b"", output.value or b""):
                digest.update(len(piece).to_bytes(4, "big") + piece)
        return digest.hexdigest()


class Engine:
    """Runs the records of one topology through their life.

    Args:
        installation: cluster, topic ids, partition counts.
        references: topic name → view of each reference table of the topology.
        now_us: wall clock in microseconds, only for the times of refusals.
        raises_faults: let unexpected exceptions through (tests) instead of rejecting as `internal_error`.
    """

    def __init__(  # noqa: PLR0913 - made once, by the worker
        self,
        topology: Topology,
        serde: Serde,
        installation: Installation,
        references: Mapping[str, Any],
        now_us: Callable[[], int],
        *,
        entries_per_key_max: int = 20_000,
        raises_faults: bool = False,
    ) -> None:
        self.topology = topology
        self.installation = installation
        self.now_us = now_us
        self._serde = serde
        self._references = references
        self._entries_per_key_max = entries_per_key_max
        self._raises_faults = raises_faults
        self._handlers = {handler.topic.name: handler for handler in topology.handlers}
        self._stage = "decode"

    def handler_of(self, topic: str) -> Handler:
        """The handler of an input topic. Raises KeyError for any other."""
        return self._handlers[topic]

    def scope_of(self, record: Record) -> Scope:
        """Store and key that a kept record belongs to; its own where it has no usable key."""
        handler, key = self._handlers[record.topic], record.key
        try:
            if key is not None and self._partition(handler.topic, key) == record.partition:
                return handler.store.name, key_prefix(key, handler.store.segments)
        except ValueError:
            pass
        return _lone(record)

    def states_other_key(self, record: Record, value: bytes | None) -> bool:
        """Whether another payload in a record's place would belong to another key (R21)."""
        stated = self._stated_key(replace(record, value=value))
        return stated is not None and stated not in (record.key, self._stated_key(record))

    def _stated_key(self, record: Record) -> bytes | None:
        handler = self._handlers[record.topic]
        try:
            key = handler.key(record) if handler.key is not None else None
        except Exception:
            return None
        return None if key is None else key.encode()

    # -- intake -------------------------------------------------------------------------------
    def process(self, slot: Slot, record: Record) -> Intake:
        """Give one input record its outcome and stage what follows from it."""
        outcome = self._intake(slot, self._handlers[record.topic], record)
        slot.take(record, outcome)
        return outcome

    def refuse(self, slot: Slot, record: Record, rejected: Rejected, cause: Cause) -> Intake:
        """Reject a record for what came of processing it."""
        self._refuse(slot, self.scope_of(record), record, rejected, cause)
        slot.take(record, Intake.REJECTED)
        return Intake.REJECTED

    def _intake(self, slot: Slot, handler: Handler, record: Record) -> Intake:
        self._stage = "admit"
        key = record.key
        if key is None:
            return self._keyless(slot, handler, record)
        try:
            if self._partition(handler.topic, key) != record.partition:
                return self._misrouted(slot, handler, record)
            scope = (handler.store.name, key_prefix(key, handler.store.segments))
        except ValueError:
            rule = f"the key needs {handler.store.segments} segments separated by '/', {_KEY_RULE}"
            return self._refuse_key(slot, record, RejectionCode.KEY_INVALID, rule)
        if handler.ordering is Ordering.ORDERED:
            head = holds.head_of(slot, scope)
            if head is not None and head.blocks:
                self._check_room(scope, head.count)
                holds.open_ordered(slot, scope, head, self._entry(record, "held"))
                return Intake.HELD
        return self._attempt(slot, handler, record, scope)

    def _attempt(self, slot: Slot, handler: Handler, record: Record, scope: Scope) -> Intake:
        try:
            evaluation = self.evaluate(slot, handler, record, scope)
        except Rejected as rejected:
            return self._refuse(slot, scope, record, rejected, Cause("Rejected"))
        except Waiting as waiting:
            return self._wait(slot, scope, record, waiting)
        except StreamingError:
            raise
        except Exception as error:
            return self._refuse(slot, scope, record, *self.fault(error))
        if evaluation.verdict.outcome is Intake.CONFLICT:
            return self._conflict(slot, scope, record)
        self.apply(slot, record, scope, evaluation)
        return evaluation.verdict.outcome

    # -- evaluation: reads the slot, stages nothing ----------------------------------------------
    def evaluate(self, slot: Slot, handler: Handler, record: Record, scope: Scope) -> Evaluation:
        """What a record would do now. Raises Rejected or Waiting."""
        self._stage = "decode"
        context = Context(record.time, record, self._references)
        if handler.read is not None:
            reading = handler.read(record, context)
            event: Any = reading
            marking: Marking | None = Marking(reading.revision, reading.digest, reading.is_original)
        else:
            event = self._serde.deserialize(handler.topic.record, record.value)
            marking = handler.marking(event) if handler.marking is not None else None
        self._stage = "admit"
        verdict, mark = self._judge(slot, record, marking)
        if verdict.outcome is not Intake.ACCEPTED:
            return Evaluation(verdict, mark)
        self._stage = "step"
        if handler.step is None:
            state, emits = None, emit_entities(handler, event)
        else:
            state, emits = self._step(slot, handler, scope, event, context)
        self._stage = "encode"
        return Evaluation(verdict, mark, state, self._encode(handler, record, emits))

    def _judge(
        self, slot: Slot, record: Record, marking: Marking | None
    ) -> tuple[Verdict, tuple[bytes, bytes] | None]:
        if marking is None:
            return _ACCEPTED, None
        assert record.key is not None, "a record that reaches admission has a key"
        row_key = rows.mark_key(record.topic, record.key)
        new = mark_of(marking)
        verdict = judge(slot.read(rows.Mark, row_key), new, marking.is_original)
        return verdict, (row_key, self._serde.write_row(new)) if verdict.advances else None

    def _step(
        self, slot: Slot, handler: Handler, scope: Scope, event: object, context: Context
    ) -> tuple[tuple[bytes, bytes | None], tuple[Emit, ...]]:
        assert handler.step is not None, "only handlers with a step get here"
        row_key = rows.state_key(*scope)
        value = slot.get(row_key)
        kind = handler.store.state
        state = None if value is None or kind is None else self._serde.read_state(kind, value)
        result = handler.step(state, event, context)
        row = None if result.state is None else self._serde.serialize(result.state)
        return (row_key, row), result.emits

    def _encode(self, handler: Handler, record: Record, emits: tuple[Emit, ...]) -> list[Output]:
        stamper = Stamper(self.installation, self.topology.group, record)
        outputs = []
        seen: dict[str, int] = {}
        for one in emits:
            assert one.topic in handler.emits, f"{handler.name} does not declare {one.topic.name}"
            name = f"{handler.name}/{one.topic.name}/{one.key}/{one.discriminator}"
            ordinal = seen[name] = seen.get(name, -1) + 1
            outputs.append(self._output(one, stamper, f"{name}/{ordinal}"))
        return outputs

    def _output(self, one: Emit, stamper: Stamper, name: str) -> Output:
        extra = tuple((header, text.encode()) for header, text in one.headers)
        if isinstance(one.value, Canonical):
            value = self._serde.serialize(one.value)
            change = getattr(one.value, "change", "")
            ce_type = f"{type(one.value).FULL_NAME}.{change}" if change else type(one.value).FULL_NAME
        else:
            assert isinstance(one.value, bytes), f"{one.topic.name} carries bytes or canonical models"
            value, ce_type = one.value, "crossdock.raw.Derived"
        key = one.key.encode()
        headers = stamper.stamp(name, ce_type.encode(), extra)
        _check_size(one.topic.name, key, value, headers)
        return Output(one.topic.name, self._partition(one.topic, key), key, value, headers)

    def apply(self, slot: Slot, record: Record, scope: Scope, evaluation: Evaluation) -> None:
        """Stage an evaluation that was not a conflict."""
        if evaluation.mark is not None:
            slot.put(*evaluation.mark)
        if evaluation.verdict.is_tie_broken:
            slot.account.tie_broken += 1
        if evaluation.state is not None:
            slot.put(*evaluation.state)
        if evaluation.outputs:
            slot.outputs += evaluation.outputs
            slot.account.emitted += len(evaluation.outputs)
        if evaluation.verdict.outcome is Intake.ACCEPTED:
            for entry in holds.conflicts(slot, scope, record):
                self.settle(slot, scope, entry, "superseded", "")

    # -- refusals -----------------------------------------------------------------------------
    def refuse_again(
        self, slot: Slot, scope: Scope, entry: rows.Entry, rejected: Rejected, cause: Cause
    ) -> None:
        """An entry was tried and failed: it stays, counted once more, with a dead letter of its own."""
        is_conflict = entry.kind == "conflict" and cause.error_class == "Conflict"
        kind = "conflict" if is_conflict else "rejected"
        again = self._blame(replace(entry, kind=kind, n=entry.n + 1), rejected, cause)
        holds.rewrite(slot, scope, again)
        slot.account.rejected_again += 1
        self._dead_letter(slot, again, cause)

    def settle(self, slot: Slot, scope: Scope, entry: rows.Entry, disposition: str, job: str) -> None:
        """Close an entry and remember how."""
        holds.close(slot, scope, entry, disposition)
        slot.write(rows.resolved_key(entry.entry_id), rows.Resolved(disposition, self.now_us(), job))

    def fault(self, error: Exception) -> tuple[Rejected, Cause]:
        """An unexpected exception as a refusal: ours, with stack and fingerprint."""
        if self._raises_faults:
            raise error
        return dead_letters.fault_of(error)

    def _refuse(self, slot: Slot, scope: Scope, record: Record, rejected: Rejected, cause: Cause) -> Intake:
        entry = self._blame(self._entry(record, "rejected", n=1), rejected, cause)
        self._open(slot, scope, entry)
        self._dead_letter(slot, entry, cause)
        return Intake.REJECTED

    def _conflict(self, slot: Slot, scope: Scope, record: Record) -> Intake:
        code = self._handlers[record.topic].conflict_code
        detail = "the same version is already accepted with other content; discard one of them"
        rejected = Rejected(code, detail)
        cause = Cause("Conflict")
        entry = self._blame(self._entry(record, "conflict", n=1), rejected, cause)
        self._open_free(slot, scope, entry)
        self._dead_letter(slot, entry, cause)
        return Intake.CONFLICT

    def _wait(self, slot: Slot, scope: Scope, record: Record, waiting: Waiting) -> Intake:
        entry = replace(
            self._entry(record, "waiting"),
            reference=waiting.reference,
            deadline_us=microseconds(waiting.deadline),
        )
        self._open(slot, scope, entry)
        return Intake.WAITING

    def _open(self, slot: Slot, scope: Scope, entry: rows.Entry) -> None:
        if self._handlers[entry.topic].ordering is Ordering.ORDERED or scope[0] == rows.LONE_STORE:
            holds.open_ordered(slot, scope, holds.head_of(slot, scope), entry)
        else:
            self._open_free(slot, scope, entry)

    def _open_free(self, slot: Slot, scope: Scope, entry: rows.Entry) -> None:
        head = holds.head_of(slot, scope)
        self._check_room(scope, len(head.free) if head is not None else 0)
        holds.open_free(slot, scope, head, entry)

    def _check_room(self, scope: Scope, entries: int) -> None:
        if entries >= self._entries_per_key_max:
            detail = f"one key of store {scope[0]} has {entries} entries; settle it, then resume"
            raise SlotStopped("entries_per_key", detail)

    def _entry(self, record: Record, kind: str, n: int = 0) -> rows.Entry:
        return rows.Entry(
            entry_id=entry_id(self.installation, self.topology.group, record),
            seq=0,
            kind=kind,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            timestamp_ms=record.timestamp_ms,
            key=record.key,
            value=record.value,
            headers=record.headers,
            n=n,
        )

    def _blame(self, entry: rows.Entry, rejected: Rejected, cause: Cause) -> rows.Entry:
        now, stage = self.now_us(), cause.stage or self._stage
        return replace(
            entry,
            code=str(rejected.code),
            detail=rejected.detail,
            path=rejected.path,
            stage=stage,
            fingerprint=fingerprint(rejected.code, stage, rejected.path, rejected.detail),
            first_us=entry.first_us or now,
            last_us=now,
        )

    def _dead_letter(self, slot: Slot, entry: rows.Entry, cause: Cause) -> None:
        headers = dead_letters.headers_of(self.installation, self.topology.group, entry, cause)
        topic = self.topology.dead_letters(entry.topic)
        slot.outputs.append(Output(topic, slot.number, entry.key, entry.value, headers, entry.timestamp_ms))

    # -- routing ------------------------------------------------------------------------------
    def _keyless(self, slot: Slot, handler: Handler, record: Record) -> Intake:
        try:
            key = handler.key(record) if handler.key is not None else None
        except Rejected as rejected:
            return self._refuse(slot, _lone(record), record, rejected, Cause("Rejected"))
        except Exception as error:
            return self._refuse(slot, _lone(record), record, *self.fault(error))
        if key is None:
            rule = f"a record of {record.topic} needs a key; none could be derived from its content"
            return self._refuse_key(slot, record, RejectionCode.KEY_MISSING, rule)
        return self._reroute(slot, handler, record, key.encode())

    def _misrouted(self, slot: Slot, handler: Handler, record: Record) -> Intake:
        if handler.read is not None and record.key is not None:
            return self._reroute(slot, handler, record, record.key)
        rule = "the partition is not murmur2 of the key prefix; its producer must use that partitioner"
        return self._refuse_key(slot, record, RejectionCode.MISROUTED, rule)

    def _reroute(self, slot: Slot, handler: Handler, record: Record, key: bytes) -> Intake:
        try:
            partition = self._partition(handler.topic, key)
        except ValueError:
            rule = f"the key needs {handler.topic.partition_segments} segments separated by '/', {_KEY_RULE}"
            return self._refuse_key(slot, record, RejectionCode.KEY_INVALID, rule)
        slot.outputs.append(
            Output(record.topic, partition, key, record.value, record.headers, record.timestamp_ms)
        )
        return Intake.REROUTED

    def _refuse_key(self, slot: Slot, record: Record, code: RejectionCode, rule: str) -> Intake:
        return self._refuse(slot, _lone(record), record, Rejected(code, rule, "key"), Cause())

    def _partition(self, topic: Topic[Any], key: bytes) -> int:
        """Raises ValueError for a key of too few segments, too long, or no text that a request can name."""
        if len(key) > KEY_BYTES_MAX or (not key.isascii() and not key.decode()):
            raise ValueError("too long")
        prefix = key_prefix(key, topic.partition_segments)
        return self.installation.partition_of(prefix, self.installation.partitions[topic.name])


def _lone(record: Record) -> Scope:
    return rows.LONE_STORE, f"_/{record.coordinates}".encode()


def _check_size(topic: str, key: bytes, value: bytes, headers: Headers) -> None:
    size = len(key) + len(value) + sum(len(name) + len(text or b"") for name, text in headers)
    if size > RECORD_BYTES_MAX or len(key) > KEY_BYTES_MAX:
        bound = f"at most {RECORD_BYTES_MAX} are allowed, {KEY_BYTES_MAX} of them in its key"
        detail = f"the record for {topic} has {size} bytes; {bound}"
        raise Rejected(RejectionCode.OUTPUT_TOO_LARGE, detail)
