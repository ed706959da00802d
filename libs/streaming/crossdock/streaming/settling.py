"""Settling entries: retries, edits, discards, drains, released and expired waits (R18, R21).

Invariant: an entry runs through the very same life as a live record, and leaves its key's hold only
as accepted, superseded or discarded; a failing one stays in place with one more refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from crossdock.streaming import holds, rows
from crossdock.streaming.admission import Intake, microseconds
from crossdock.streaming.dead_letters import Cause
from crossdock.streaming.engine import Engine, Evaluation
from crossdock.streaming.errors import Rejected, RejectionCode, StreamingError, Waiting
from crossdock.streaming.slot import Scope, Slot

MARKER_DAYS = 90
_DAY_US = 86_400_000_000
Due = tuple[Scope, rows.Entry]


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

    # -- what is due --------------------------------------------------------------------------
    def notice(self, slot: Slot, changed: Iterable[str] | None) -> None:
        """Mark waits as due: those past their deadline, and those whose reference changed (None: all)."""
        names, now_us = None if changed is None else set(changed), self._engine.now_us()
        for row_key, entry in slot.waits.items():
            if names is None or entry.deadline_us <= now_us or _is_named(entry.reference, names):
                slot.due[row_key] = None

    def due(self, slot: Slot, limit: int) -> list[Due]:
        """Up to `limit` entries to be tried now: followers of draining keys in turn, then waits."""
        scopes = sorted(slot.draining)[:limit]
        share = max(1, limit // max(1, len(scopes)))
        found: list[Due] = [(s, entry) for s in scopes for entry in holds.followers(slot, s, share)]
        waits = [slot.waits[row_key] for row_key in islice(slot.due, limit - len(found))]
        return [*found, *[(self._engine.scope_of(entry.record), entry) for entry in waits]]

    def settle(self, slot: Slot, due: Due) -> None:
        """Try one entry that was due; nothing where it is no longer there, or others come first."""
        scope, known = due
        entry = holds.entry_at(slot, scope, known.seq)
        if entry is None or entry.entry_id != known.entry_id or not holds.is_head(slot, scope, entry):
            return
        trial = self.trial(slot, scope, entry)
        if trial.waiting is not None and entry.kind == "waiting":
            if entry.deadline_us > self._engine.now_us():
                return
            detail = f"{entry.reference} did not come before the deadline; apply it, then retry"
            rejected = Rejected(RejectionCode.REFERENCE_TIMEOUT, detail)
            trial = Trial(rejected=rejected, cause=Cause("Waiting", stage="step"))
        self.carry_out(slot, scope, entry, trial)

    def done(self, slot: Slot, due: Iterable[Due]) -> None:
        """What was due has been tried, and that is committed."""
        for scope, entry in due:
            slot.due.pop(rows.entry_key(*scope, entry.seq), None)

    def refuse(self, slot: Slot, due: Due, rejected: Rejected, cause: Cause) -> None:
        """Refuse one entry that was due for what came of trying it."""
        scope, entry = due
        self._engine.refuse_again(slot, scope, entry, rejected, cause)

    def forget(self, slot: Slot) -> int:
        """Drop markers of entries that were settled more than 90 days ago; walks the whole store."""
        oldest = self._engine.now_us() - MARKER_DAYS * _DAY_US
        markers = [(key, slot.read(rows.Resolved, key)) for key, _ in slot.scan(rows.RESOLVED)]
        stale = [key for key, marker in markers if marker is not None and marker.at_us < oldest]
        for key in stale:
            slot.put(key, None)
        return len(stale)

    # -- one entry ----------------------------------------------------------------------------
    def trial(self, slot: Slot, scope: Scope, entry: rows.Entry, value: bytes | None = None) -> Trial:
        """What today's code makes of an entry, or of an edited payload in its place; stages nothing."""
        record = entry.record if value is None else replace(entry.record, value=value)
        if scope[0] == rows.LONE_STORE:
            reason = "it has no usable key; produce it again with the right one, then discard this entry"
            rejected = Rejected(RejectionCode(entry.code), reason)
            return Trial(rejected=rejected, cause=Cause("Rejected", stage=entry.stage))
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
        """Stage what a trial of the entry found; True where the entry is settled."""
        if trial.evaluation is not None:
            is_accepted = trial.evaluation.verdict.outcome is Intake.ACCEPTED
            self._engine.settle(slot, scope, entry, "accepted" if is_accepted else "superseded", job)
            self._engine.apply(slot, entry.record, scope, trial.evaluation)
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


def _is_named(reference: str, changed: set[str]) -> bool:
    return any(name == reference or name.startswith(reference + "/") for name in changed)
