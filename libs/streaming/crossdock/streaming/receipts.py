"""Receipts: one per slot and transaction, chained and adding up (R26).

Invariant: `before` of a receipt is `after` of the one with the number before it; `visible` is the sum
of the outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.canonical.models.ops import InputReceipt, Receipt, ReceiptKind, ReferenceOffset
from crossdock.streaming.slot import Slot


def receipt_key(group: str, slot: int) -> bytes:
    """Key of a receipt: `group/slot`."""
    return f"{group}/{slot}".encode()


def receipt_of(group: str, slot: Slot, references: Mapping[str, int], code_version: str) -> Receipt:
    """The receipt of the slot's open transaction; its number is the position's sequence."""
    account = slot.account
    touched: dict[str, dict[str, Any]] = {}
    for (topic, outcome), number in account.intake.items():
        counts = touched.setdefault(topic, {"visible": 0})
        counts[outcome.value] = number
        counts["visible"] += number
    inputs = tuple(_input(slot, topic, counts) for topic, counts in touched.items())
    return Receipt(
        group=group,
        slot=slot.number,
        sequence=slot.position.sequence,
        kind=ReceiptKind.REGULAR,
        inputs=inputs,
        opened=account.opened,
        closed_accepted=account.closed["accepted"],
        closed_superseded=account.closed["superseded"],
        closed_discarded=account.closed["discarded"],
        rejected_again=account.rejected_again,
        open_entries=slot.position.open_entries,
        tie_broken=account.tie_broken,
        emitted=account.emitted,
        references=tuple(ReferenceOffset(topic=t, next_offset=o) for t, o in references.items()),
        code_version=code_version,
    )


def gap_receipt(group: str, slot: Slot, before: Mapping[str, int], reason: str, code_version: str) -> Receipt:
    """A receipt that moves the chain over offsets which were never processed."""
    inputs = tuple(
        InputReceipt(topic=topic, topic_id=topic_id, before=before.get(topic, 0), after=offset, visible=0)
        for topic, (topic_id, offset) in slot.position.inputs.items()
        if before.get(topic, -1) != offset
    )
    return Receipt(
        group=group,
        slot=slot.number,
        sequence=slot.position.sequence,
        kind=ReceiptKind.GAP,
        reason=reason,
        inputs=inputs,
        open_entries=slot.position.open_entries,
        code_version=code_version,
    )


def _input(slot: Slot, topic: str, counts: dict[str, int]) -> InputReceipt:
    topic_id, after = slot.position.inputs[topic]
    return InputReceipt(
        topic=topic, topic_id=topic_id, before=slot.account.before[topic], after=after, **counts
    )
