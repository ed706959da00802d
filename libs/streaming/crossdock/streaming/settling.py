"""Settling entries: retries, edits, discards, drains, released and expired waits (R18, R21).

Invariant: an entry runs through the very same life as a live record, and leaves its key's hold only
as accepted, superseded or discarded; a failing one stays in place with one more refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from crossdock.streaming import holds, rows
from crossdock.streaming.admission import Intake, microseconds
from crossdock.streaming.dead_letters import Cause
from crossdock.streaming.engine import Engine, Evaluation
from crossdock.streaming.errors import Rejected, RejectionCode, StreamingError, Waiting
from crossdock.streaming.slot import Scope, Slot

MARKER_DAYS = 90
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Trial:
    """How an entry would fare now: an evaluation, a refusal, or a wait; exactly one is set."""

    evaluation: Evaluation | None = None
    rejected: Rejected | None = None
    waiting: Waiting | None = None
    cause: Cause | None = None

    @property
    def plan_hash(self) -> str:
        """Hash of the outcome, whatever it is."""
        if self.evaluation is not None:
            return self.evaluation.plan_hash
        return f"rejected:{self.rejected.code}" if self.rejected is not None else "waiting"


class Settling:
    """Settles entries of one topology's slots."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def trial(self, slot: Slot, scope: Scope, entry: rows.Entry, value: bytes | None = None) -> Trial:
        """What today's code makes of an entry, or of an edited payload in its place; stages nothing."""
        record = entry.record if value is None else replace(entry.record, value=value)
        if scope[0] == rows.LONE_STORE:
            reason = "it has no usable key; produce it again with the right one, then discard this entry"
            return Trial(rejected=Rejected(RejectionCode(entry.code), reason), cause=Cause("Rejected"))
        handler = self._engine.handler_of(entry.topic)
        try:
            evaluation = self._engine.evaluate(slot, handler, record, scope)
        except Rejected as rejected:
            return Trial(rejected=rejected, cause=Cause("Rejected"))
        except Waiting as waiting:
            return Trial(waiting=waiting)
        except StreamingError:
            raise
        except Exception as error:
            fault, cause = self._engine.fault(error)
            return Trial(rejected=fault, cause=cause)
        if evaluation.verdict.outcome is Intake.CONFLICT:
            reason = "the same version is accepted with other content; discard one of them"
            return Trial(rejected=Rejected(handler.conflict_code, reason), cause=Cause("Conflict"))
        return Trial(evaluation=evaluation)

    def carry_out(self, slot: Slot, scope: Scope, entry: rows.Entry, trial: Trial, job: str = "") -> bool:
        """Stage what a trial found; True where the entry is settled."""
        if trial.evaluation is not None:
            handler = self._engine.handler_of(entry.topic)
            self._engine.apply(slot, handler, entry.record, scope, trial.evaluation)
            is_accepted = trial.evaluation.verdict.outcome is Intake.ACCEPTED
            self._engine.settle(slot, scope, entry, "accepted" if is_accepted else "superseded", job)
            return True
        if trial.rejected is not None:
            cause = trial.cause or Cause()
            cause.job = job
            self._engine.refuse_again(slot, scope, entry, trial.rejected, cause)
        elif trial.waiting is not None and entry.kind != "waiting":
            reference, deadline_us = trial.waiting.reference, microseconds(trial.waiting.deadline)
            waiting = replace(entry, kind="waiting", reference=reference, deadline_us=deadline_us)
            holds.rewrite(slot, scope, waiting)
        return False

    def drain(self, slot: Slot, limit: int) -> int:
        """Run up to `limit` followers of draining keys; a failing one blocks its key again."""
        done = 0
        for scope in sorted(slot.draining):
            for entry in list(holds.followers(slot, scope, limit - done)):
                done += 1
                if not self.carry_out(slot, scope, entry, self.trial(slot, scope, entry)):
                    holds.block(slot, scope)
                    break
            if done >= limit:
                break
        return done

    def release(self, slot: Slot, changed: Iterable[str] | None) -> int:
        """Try entries whose reference changed (all of them for None); returns how many were settled."""
        names = None if changed is None else set(changed)
        due = [e for e in slot.waits.values() if names is None or _is_named(e.reference, names)]
        settled = 0
        for entry in sorted(due, key=lambda e: (e.topic, e.offset)):
            scope = self._scope(entry)
            if not holds.is_head(slot, scope, entry):
                continue
            trial = self.trial(slot, scope, entry)
            if trial.waiting is None:
                settled += self.carry_out(slot, scope, entry, trial)
        return settled

    def expire(self, slot: Slot, now_us: int) -> int:
        """Turn waits past their deadline into rejections."""
        due = [entry for entry in slot.waits.values() if entry.deadline_us <= now_us]
        for entry in due:
            detail = f"{entry.reference} did not come before the deadline; apply it, then retry"
            rejected = Rejected(RejectionCode.REFERENCE_TIMEOUT, detail)
            self._engine.refuse_again(slot, self._scope(entry), entry, rejected, Cause("Waiting"))
        return len(due)

    def forget(self, slot: Slot, now_us: int) -> int:
        """Drop markers of entries that were settled more than 90 days ago; walks the whole store."""
        oldest = now_us - MARKER_DAYS * _DAY_US
        markers = [(key, slot.read(rows.Resolved, key)) for key, _ in slot.scan(rows.RESOLVED)]
        stale = [key for key, marker in markers if marker is not None and marker.at_us < oldest]
        for key in stale:
            slot.put(key, None)
        return len(stale)

    def _scope(self, entry: rows.Entry) -> Scope:
        return self._engine.scope_of(entry.record)


def _is_named(reference: str, changed: set[str]) -> bool:
    return any(name == reference or name.startswith(reference + "/") for name in changed)
