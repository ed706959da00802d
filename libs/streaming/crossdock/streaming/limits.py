"""When a slot stops by itself instead of filling its dead letters (R19).

Invariant: counters live in the position row, so neither a restart nor a rebalance resets them; nothing
is dropped, and only an operator's `resume` lets the slot go on.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from crossdock.streaming.admission import Intake
from crossdock.streaming.rows import Position


class Limits(BaseModel):
    """How much failure of records is still the records' fault."""

    model_config = ConfigDict(frozen=True)

    rejections_in_row_max: int = Field(
        default=50,
        ge=1,
        description="Rejections without an accepted record between them before the slot stops.",
    )
    window_records: int = Field(
        default=1_000, ge=10, description="Records of the window for the share below."
    )
    window_rejected_percent_max: int = Field(
        default=30, ge=1, le=100, description="Share of a window that may be rejected, percent."
    )
    entries_per_key_max: int = Field(default=20_000, ge=1, description="Entries that one key may hold.")
    entries_max: int = Field(default=200_000, ge=1, description="Entries that one slot may hold.")


def count(position: Position, outcome: Intake, limits: Limits) -> None:
    """Count an intake outcome; sets the stop on the position where a limit is passed."""
    is_rejected = outcome is Intake.REJECTED
    if is_rejected:
        position.rejections_in_row += 1
    elif outcome in (Intake.ACCEPTED, Intake.DUPLICATE, Intake.SUPERSEDED):
        position.rejections_in_row = 0
    if position.window_seen >= limits.window_records:
        position.window_seen = position.window_rejected = 0
    position.window_seen += 1
    position.window_rejected += is_rejected
    code, detail = _passed(position, limits)
    if code:
        position.stopped_code, position.stopped_detail = code, detail


def _passed(position: Position, limits: Limits) -> tuple[str, str]:
    if position.rejections_in_row >= limits.rejections_in_row_max:
        return "rejections_in_row", f"{position.rejections_in_row} records in a row were rejected"
    if position.window_rejected * 100 > limits.window_records * limits.window_rejected_percent_max:
        share = f"{position.window_rejected} of the last {position.window_seen} records"
        return "rejection_share", f"{share} were rejected, more than {limits.window_rejected_percent_max} %"
    if position.open_entries > limits.entries_max:
        return "entries_per_slot", f"{position.open_entries} entries are held, more than {limits.entries_max}"
    return "", ""
