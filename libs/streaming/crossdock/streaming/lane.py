"""The replay lane: an operator's request is a record, its answer another (R21).

Invariant: each request gets one answer; an entry is settled by at most one request, and only in the
state (n) and with the outputs (plan) that the operator saw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from crossdock.canonical.keys import join_key, key_prefix
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.models.ops import (
    AuditEntry,
    DryRunEmit,
    DryRunOutcome,
    DryRunResult,
    ReplayAction,
    ReplayAnswer,
    ReplayRequest,
)
from crossdock.canonical.record import Record
from crossdock.canonical.topics import AUDIT_ENTRY
from crossdock.streaming import holds, rows
from crossdock.streaming.admission import Intake
from crossdock.streaming.dead_letters import output_refused
from crossdock.streaming.engine import Engine
from crossdock.streaming.errors import OutputRefused, Rejected, SlotStopped, StreamingError
from crossdock.streaming.identity import Stamper
from crossdock.streaming.serde import Serde
from crossdock.streaming.settling import Settling, Trial
from crossdock.streaming.slot import Output, Scope, Slot

Authorize = Callable[[ReplayRequest], str]
"""Why a request is refused; empty text where it may go ahead."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """Content of an audit entry."""

    answer: ReplayAnswer
    code: str = ""
    detail: str = ""
    n: int = 0
    released: int = 0


_TRIES = (ReplayAction.RETRY, ReplayAction.EDIT)
_SHOWN_BYTES = 512 * 1024
"""What a dry run shows of all its outputs; its record must fit into the what-if topic."""
_FOUND_NOT: dict[ReplayAnswer, DryRunOutcome] = {
    ReplayAnswer.RESOLVED_BEFORE: DryRunOutcome.RESOLVED_BEFORE,
    ReplayAnswer.STALE: DryRunOutcome.STALE,
    ReplayAnswer.NOT_HEAD: DryRunOutcome.NOT_HEAD,
}


class Lane:
    """Carries out the requests of one topology's replay lane."""

    def __init__(self, engine: Engine, settling: Settling, serde: Serde, authorize: Authorize) -> None:
        self._engine = engine
        self._settling = settling
        self._serde = serde
        self._authorize = authorize

    def process(self, slot: Slot, record: Record) -> Intake:
        """Carry out one request and stage its answer."""
        request = self._read(slot, record)
        if isinstance(request, Rejected):
            return self.refuse(slot, record, str(request.code), request.detail)
        before = slot.staged_size
        try:
            answer = self._answer(slot, record, request)
        except StreamingError:
            raise
        except Exception as error:
            rejected, _ = self._engine.fault(error)
            if slot.staged_size != before:
                raise SlotStopped("lane_fault", rejected.detail) from error
            return self.refuse(slot, record, str(rejected.code), rejected.detail)
        return self._close(slot, record, request, answer)

    def refuse(self, slot: Slot, record: Record, code: str, detail: str) -> Intake:
        """Answer a request that is not, or cannot be, carried out."""
        request = self._read(slot, record)
        if isinstance(request, Rejected):
            request = _unreadable(self._engine.topology.group, slot.number, record)
        return self._close(slot, record, request, _Answer(ReplayAnswer.REFUSED, code, detail))

    def refuse_output(self, slot: Slot, record: Record, error: OutputRefused) -> Intake:
        """Answer a request whose outputs the broker refused; what it tried has failed again (R9)."""
        request = self._read(slot, record)
        found = _Answer(ReplayAnswer.REFUSED) if isinstance(request, Rejected) else self._find(slot, request)
        rejected, cause = output_refused(error)
        if isinstance(request, Rejected) or isinstance(found, _Answer) or request.action not in _TRIES:
            return self.refuse(slot, record, str(rejected.code), rejected.detail)
        cause.job = request.job
        self._engine.refuse_again(slot, _scope(request), found, rejected, cause)
        answer = _Answer(ReplayAnswer.FAILED_AGAIN, str(rejected.code), rejected.detail, found.n + 1)
        return self._close(slot, record, request, answer)

    def _read(self, slot: Slot, record: Record) -> ReplayRequest | Rejected:
        try:
            return self._serde.deserialize(ReplayRequest, record.value)
        except Rejected as rejected:
            return rejected

    def _close(self, slot: Slot, record: Record, request: ReplayRequest, answer: _Answer) -> Intake:
        self._audit(slot, record, request, answer)
        slot.take(record, Intake.ANSWERED)
        return Intake.ANSWERED

    def _answer(self, slot: Slot, record: Record, request: ReplayRequest) -> _Answer:
        refusal = self._authorize(request)
        if refusal:
            return _Answer(ReplayAnswer.REFUSED, "unauthorized", refusal)
        if request.slot != slot.number or request.group != self._engine.topology.group:
            return _Answer(ReplayAnswer.WRONG_SLOT)
        if request.action is ReplayAction.RESUME:
            return _resume(slot)
        found = self._find(slot, request)
        if request.action is ReplayAction.DRY_RUN:
            return self._dry_run(slot, record, request, found)
        return found if isinstance(found, _Answer) else self._carry_out(slot, request, found)

    def _find(self, slot: Slot, request: ReplayRequest) -> rows.Entry | _Answer:
        scope = _scope(request)
        entry = holds.entry_at(slot, scope, request.seq)
        if entry is None or entry.entry_id != request.entry_id:
            known = slot.get(rows.resolved_key(request.entry_id)) is not None
            return _Answer(ReplayAnswer.RESOLVED_BEFORE if known else ReplayAnswer.UNKNOWN_ENTRY)
        if entry.n != request.n:
            return _Answer(ReplayAnswer.STALE, n=entry.n, detail=f"refused {entry.n} times by now")
        if not holds.is_head(slot, scope, entry):
            return _Answer(ReplayAnswer.NOT_HEAD, n=entry.n)
        return entry

    def _carry_out(self, slot: Slot, request: ReplayRequest, entry: rows.Entry) -> _Answer:
        scope = _scope(request)
        if request.action is ReplayAction.DISCARD:
            return self._discard(slot, scope, entry, request)
        if request.action not in _TRIES:
            return _Answer(ReplayAnswer.REFUSED, "action_unknown", "this version does not know the action")
        is_edit = request.action is ReplayAction.EDIT
        if is_edit and request.value is None:
            return _Answer(ReplayAnswer.REFUSED, "value_missing", "an edit needs the new payload")
        if is_edit and self._engine.states_other_key(entry.record, request.value):
            return _Answer(
                ReplayAnswer.REFUSED, "key_changed", "an edit may not change the key of the record"
            )
        trial = self._settling.trial(slot, scope, entry, request.value if is_edit else None)
        if request.plan_hash and request.plan_hash != trial.plan_hash:
            detail = "the outputs differ from the dry run's"
            return _Answer(ReplayAnswer.PLAN_CHANGED, n=entry.n, detail=detail)
        is_kept = is_edit and trial.waiting is not None  # what waits is the edited payload, which is not kept
        if not is_kept and self._settling.carry_out(slot, scope, entry, trial, request.job):
            return _Answer(ReplayAnswer.DONE, n=entry.n, released=_count(slot, scope))
        code = str(trial.rejected.code) if trial.rejected is not None else "waiting"
        detail = trial.rejected.detail if trial.rejected is not None else "it waits for a reference row"
        return _Answer(ReplayAnswer.FAILED_AGAIN, code, detail, entry.n + (trial.rejected is not None))

    def _discard(self, slot: Slot, scope: Scope, entry: rows.Entry, request: ReplayRequest) -> _Answer:
        if not request.reason.strip():
            return _Answer(ReplayAnswer.REFUSED, "reason_missing", "a discard needs a reason", entry.n)
        self._engine.settle(slot, scope, entry, "discarded", request.job)
        return _Answer(ReplayAnswer.DONE, n=entry.n, released=_count(slot, scope))

    def _dry_run(
        self, slot: Slot, record: Record, request: ReplayRequest, found: rows.Entry | _Answer
    ) -> _Answer:
        if isinstance(found, _Answer):
            missing = _FOUND_NOT.get(found.answer, DryRunOutcome.UNKNOWN_ENTRY)
            self._whatif(slot, record, _result(request, missing, Trial(), ()))
            return found
        scope = _scope(request)
        trial = self._settling.trial(slot, scope, found, request.value)
        outputs = trial.evaluation.outputs if trial.evaluation is not None else []
        emits = tuple(self._shown(output, _SHOWN_BYTES // len(outputs)) for output in outputs)
        behind = max(0, _count(slot, scope) - 1)
        result = _result(request, _outcome(found, trial), trial, emits)
        self._whatif(slot, record, result.model_copy(update={"followers": behind}))
        return _Answer(ReplayAnswer.PLANNED, n=found.n)

    def _shown(self, output: Output, bytes_max: int) -> DryRunEmit:
        topic = next(topic for topic in self._engine.topology.outputs if topic.name == output.topic)
        if issubclass(topic.record, Canonical):
            shown = self._serde.deserialize(topic.record, output.value).model_dump_json()
        else:
            shown = '"' + (output.value or b"").hex() + '"'
        if len(shown) > bytes_max:
            shown = f'"{len(shown)} characters, too many to show"'
        return DryRunEmit(topic=output.topic, key=(output.key or b"").decode(), value_json=shown)

    def _whatif(self, slot: Slot, record: Record, result: DryRunResult) -> None:
        topic = self._engine.topology.whatif
        headers = Stamper(self._engine.installation, self._engine.topology.group, record).stamp(
            "whatif", DryRunResult.FULL_NAME.encode()
        )
        value = self._serde.serialize(result)
        slot.outputs.append(Output(topic, slot.number, result.entry_id.encode(), value, headers))

    def _audit(self, slot: Slot, record: Record, request: ReplayRequest, answer: _Answer) -> None:
        tenant = request.key.partition("/")[0] or "_"
        entry = AuditEntry(
            key=join_key(tenant, request.actor),
            request_id=request.request_id,
            job=request.job,
            action=request.action,
            actor=request.actor,
            reason=request.reason,
            group=request.group,
            slot=slot.number,
            store=request.store,
            hold_key=request.key,
            entry_id=request.entry_id,
            n=answer.n,
            answer=answer.answer,
            code=answer.code,
            detail=answer.detail,
            released=answer.released,
            at=datetime.fromtimestamp(self._engine.now_us() / 1e6, UTC),
        )
        installation = self._engine.installation
        headers = Stamper(installation, self._engine.topology.group, record).stamp(
            "audit", AuditEntry.FULL_NAME.encode()
        )
        key = entry.key.encode()
        prefix = key_prefix(key, AUDIT_ENTRY.partition_segments)
        partition = installation.partition_of(prefix, installation.partitions[AUDIT_ENTRY.name])
        slot.outputs.append(Output(AUDIT_ENTRY.name, partition, key, self._serde.serialize(entry), headers))


def _scope(request: ReplayRequest) -> Scope:
    return request.store, request.key.encode()


def _resume(slot: Slot) -> _Answer:
    if not slot.position.stopped_code:
        return _Answer(ReplayAnswer.RESOLVED_BEFORE, detail="the slot is running")
    slot.position.stopped_code = slot.position.stopped_detail = ""
    slot.position.rejections_in_row = slot.position.window_seen = slot.position.window_rejected = 0
    return _Answer(ReplayAnswer.DONE)


def _count(slot: Slot, scope: Scope) -> int:
    head = holds.head_of(slot, scope)
    return head.count if head is not None else 0


def _outcome(entry: rows.Entry, trial: Trial) -> DryRunOutcome:
    if trial.evaluation is not None:
        is_accepted = trial.evaluation.verdict.outcome is Intake.ACCEPTED
        return DryRunOutcome.FIXED if is_accepted else DryRunOutcome.SUPERSEDED
    is_same = trial.rejected is not None and str(trial.rejected.code) == entry.code
    return DryRunOutcome.SAME_FAILURE if is_same else DryRunOutcome.OTHER_FAILURE


def _result(
    request: ReplayRequest, outcome: DryRunOutcome, trial: Trial, emits: tuple[DryRunEmit, ...]
) -> DryRunResult:
    rejected = trial.rejected
    return DryRunResult(
        request_id=request.request_id,
        job=request.job,
        group=request.group,
        slot=request.slot,
        store=request.store,
        hold_key=request.key,
        entry_id=request.entry_id,
        seq=request.seq,
        n=request.n,
        result=outcome,
        code=str(rejected.code) if rejected is not None else "",
        detail=rejected.detail if rejected is not None else "",
        path=rejected.path if rejected is not None else "",
        plan_hash=trial.plan_hash,
        emits=emits,
    )


def _unreadable(group: str, slot: int, record: Record) -> ReplayRequest:
    return ReplayRequest(
        request_id=record.coordinates,
        job="unreadable",
        action=ReplayAction.UNKNOWN,
        group=group,
        slot=slot,
        actor="unknown",
        reason="",
        requested_at=record.created_at,
    )
