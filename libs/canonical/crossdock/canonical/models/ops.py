"""Records about the work itself: receipts, operator requests, their answers, dry runs.

Invariant: receipts of one (group, slot) are numbered without a gap, and each starts where the one
before it ended, so that anyone can add up what happened to every record (R26).
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from crossdock.canonical.models.base import PII, Canonical, Instant, Int, Long, OwnState, Text

Short = Annotated[str, Field(max_length=4_096)]
"""Text of a request: its answer repeats it, and must fit into the audit topic."""
ShortText = Annotated[Text, Field(max_length=4_096)]
"""The same, not empty."""


class ReceiptKind(OwnState):
    """Why a receipt was written."""

    UNKNOWN = "unknown"
    REGULAR = "regular"
    """One transaction."""
    GAP = "gap"
    """The position jumped: first start, operator reset, retention loss."""


class InputReceipt(Canonical):
    """Account of one input in one transaction: `visible` is the sum of the nine counts after it."""

    FULL_NAME: ClassVar[str] = "crossdock.ops.InputReceipt"

    topic: Text
    topic_id: str
    before: Long
    after: Long
    visible: Long
    accepted: Long = 0
    rerouted: Long = 0
    duplicate: Long = 0
    conflict: Long = 0
    superseded: Long = 0
    rejected: Long = 0
    held: Long = 0
    waiting: Long = 0
    answered: Long = 0


class ReferenceOffset(Canonical):
    """How far a reference table had been read; the sum over its partitions."""

    FULL_NAME: ClassVar[str] = "crossdock.ops.ReferenceOffset"

    topic: Text
    next_offset: Long


class Receipt(Canonical):
    """What one transaction did in one slot.

    open_entries = the open entries of the receipt before + opened − closed_accepted −
    closed_superseded − closed_discarded.
    """

    FULL_NAME: ClassVar[str] = "crossdock.ops.Receipt"

    group: Text
    slot: Int
    sequence: Long
    kind: ReceiptKind
    reason: str = ""
    inputs: tuple[InputReceipt, ...]
    opened: Long = 0
    closed_accepted: Long = 0
    closed_superseded: Long = 0
    closed_discarded: Long = 0
    rejected_again: Long = 0
    open_entries: Long = 0
    tie_broken: Long = 0
    emitted: Long = 0
    references: tuple[ReferenceOffset, ...] = ()
    code_version: str


class ReplayAction(OwnState):
    """What an operator may ask of a slot (R21)."""

    UNKNOWN = "unknown"
    RETRY = "retry"
    """Run today's code on the head of a hold."""
    EDIT = "edit"
    """The same with a new payload; identity and key stay."""
    DISCARD = "discard"
    """Close the entry without effect; a reason is needed."""
    RESUME = "resume"
    """Let a stopped slot go on."""
    DRY_RUN = "dry_run"
    """What a retry would do, on an overlay that is dropped."""


class ReplayRequest(Canonical):
    """An operator's request; `n` and `entry_id` must still be true when it is carried out."""

    FULL_NAME: ClassVar[str] = "crossdock.ops.ReplayRequest"

    request_id: ShortText
    job: ShortText
    action: ReplayAction
    group: ShortText
    slot: Int
    store: Short = ""
    key: Short = ""
    seq: Long = 0
    n: Int = 0
    entry_id: Short = ""
    value: Annotated[bytes | None, PII] = None
    plan_hash: Short = ""
    actor: ShortText
    reason: Short
    requested_at: Instant
    signature: Short = ""


class ReplayAnswer(OwnState):
    """What came of a request."""

    UNKNOWN = "unknown"
    DONE = "done"
    RESOLVED_BEFORE = "resolved_before"
    UNKNOWN_ENTRY = "unknown_entry"
    WRONG_SLOT = "wrong_slot"
    STALE = "stale"
    """The entry was tried since the operator looked."""
    NOT_HEAD = "not_head"
    """Others of its key wait before it."""
    PLAN_CHANGED = "plan_changed"
    """Today's outputs are not those of the dry run; nothing was done."""
    FAILED_AGAIN = "failed_again"
    REFUSED = "refused"
    """Signature, role or reason is not sufficient."""
    PLANNED = "planned"
    """A dry run; its result stands in the what-if topic."""


class AuditEntry(Canonical):
    """Answer to an operator's request: who, why, on what, with which result."""

    FULL_NAME: ClassVar[str] = "crossdock.ops.AuditEntry"

    key: Text
    request_id: Text
    job: Text
    action: ReplayAction
    actor: Text
    reason: str
    group: Text
    slot: Int
    store: str
    hold_key: str
    entry_id: str
    n: Int
    answer: ReplayAnswer
    code: str = ""
    detail: str = ""
    released: Long = 0
    at: Instant


class DryRunOutcome(OwnState):
    """How a retry would end."""

    UNKNOWN = "unknown"
    FIXED = "fixed"
    SAME_FAILURE = "same_failure"
    OTHER_FAILURE = "other_failure"
    SUPERSEDED = "superseded"
    RESOLVED_BEFORE = "resolved_before"
    UNKNOWN_ENTRY = "unknown_entry"
    STALE = "stale"
    NOT_HEAD = "not_head"


class DryRunEmit(Canonical):
    """One record that a retry would write."""

    FULL_NAME: ClassVar[str] = "crossdock.ops.DryRunEmit"

    topic: Text
    key: str
    value_json: Annotated[str, PII]


class DryRunResult(Canonical):
    """What a retry would do; `plan_hash` binds the retry to exactly these outputs."""

    FULL_NAME: ClassVar[str] = "crossdock.ops.DryRunResult"

    request_id: Text
    job: Text
    group: Text
    slot: Int
    store: str
    hold_key: str
    entry_id: str
    seq: Long
    n: Int
    result: DryRunOutcome
    code: str = ""
    detail: str = ""
    path: str = ""
    plan_hash: str = ""
    emits: tuple[DryRunEmit, ...] = ()
    followers: Long = 0
