"""The accounts of a group, added up from its receipts (R26): chain, sums, holds, recount.

Invariant: pure; whatever is wrong is named with its slot and its place, and nothing wrong is summed away.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from crossdock.canonical.models.ops import InputReceipt, Receipt, ReceiptKind
from crossdock.streaming.admission import Intake
from crossdock.streaming.rows import Position

OUTCOMES: Final = tuple(one.value for one in Intake)
"""Intake outcomes as receipts count them."""


@dataclass(frozen=True)
class Problem:
    """Something that does not add up.

    Args:
        place: `topic/partition [from, to)` or `receipt n`.
    """

    group: str
    slot: int
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.group} slot {self.slot}, {self.place}: {self.text}"


@dataclass
class SlotAccount:
    """One slot's receipts in order, and what follows from them.

    Args:
        ends: offset that the chain has reached, by topic.
        counts: (topic, outcome) → records.
    """

    group: str
    slot: int
    receipts: list[Receipt] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    opened: int = 0
    closed: Counter[str] = field(default_factory=Counter)
    rejected_again: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def open_entries(self) -> int:
        """Entries that are open after the last receipt."""
        return self.receipts[-1].open_entries if self.receipts else 0

    @property
    def open_before(self) -> int:
        """Entries that were open before the first receipt that is still there."""
        if not self.receipts:
            return 0
        first = self.receipts[0]
        return first.open_entries - _opened_less_closed(first)

    def blame(self, place: str, text: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.group, self.slot, place, text))


def accounts_of(receipts: Iterable[Receipt]) -> dict[tuple[str, int], SlotAccount]:
    """Accounts by group and slot, each receipt checked against the one before it."""
    accounts: dict[tuple[str, int], SlotAccount] = {}
    for receipt in receipts:
        where = (receipt.group, receipt.slot)
        accounts.setdefault(where, SlotAccount(*where)).receipts.append(receipt)
    for account in accounts.values():
        account.receipts.sort(key=lambda receipt: receipt.sequence)
        _check_chain(account)
        _add_up(account)
    return accounts


def _check_chain(account: SlotAccount) -> None:
    for before, after in pairwise(account.receipts):
        if after.sequence == before.sequence:
            account.blame(f"receipt {after.sequence}", "there are two with this number")
        elif after.sequence != before.sequence + 1:
            place = f"receipts {before.sequence + 1} to {after.sequence - 1}"
            account.blame(
                place, f"missing: the chain is broken between {before.sequence} and {after.sequence}"
            )
        expected = before.open_entries + _opened_less_closed(after)
        if after.open_entries != expected:
            text = f"{after.open_entries} open entries, but opened − closed gives {expected}"
            account.blame(f"receipt {after.sequence}", text)


def _opened_less_closed(receipt: Receipt) -> int:
    return receipt.opened - receipt.closed_accepted - receipt.closed_superseded - receipt.closed_discarded


def _add_up(account: SlotAccount) -> None:
    for receipt in account.receipts:
        for one in receipt.inputs:
            _check_input(account, receipt, one)
            account.ends[one.topic] = one.after
            for outcome in OUTCOMES:
                account.counts[one.topic, outcome] += getattr(one, outcome)
        account.opened += receipt.opened
        account.rejected_again += receipt.rejected_again
        account.closed["accepted"] += receipt.closed_accepted
        account.closed["superseded"] += receipt.closed_superseded
        account.closed["discarded"] += receipt.closed_discarded


def _check_input(account: SlotAccount, receipt: Receipt, one: InputReceipt) -> None:
    place = f"receipt {receipt.sequence}, {one.topic}/{receipt.slot} [{one.before}, {one.after})"
    said = sum(getattr(one, outcome) for outcome in OUTCOMES)
    if said != one.visible:
        account.blame(place, f"{one.visible} records, but their outcomes add up to {said}")
    reached = account.ends.get(one.topic)
    if reached is not None and reached != one.before:
        account.blame(place, f"starts at {one.before}, but the receipt before it ended at {reached}")
    if one.after - one.before < one.visible:
        account.blame(place, f"{one.visible} records do not fit between these offsets")


def check_state(account: SlotAccount, position: Position, kept: int) -> None:
    """Compare the chain with the state of the slot, whose position row names its next receipt.

    Args:
        kept: how many entries stand in the hold store.
    """
    stated = position.open_entries
    if kept != stated:
        account.blame("hold store", f"{kept} entries are kept, but the position counts {stated}")
    last = next((one for one in account.receipts if one.sequence == position.sequence - 1), None)
    if last is None:
        account.blame(f"receipt {position.sequence - 1}", "missing: the state has gone on without it")
        return
    if last.open_entries != stated:
        text = f"{last.open_entries} open entries, but the state has {stated}"
        account.blame(f"receipt {last.sequence}", text)
    reached = _ends_at(account.receipts, position.sequence)
    for topic, (_, end) in position.inputs.items():
        if reached.get(topic, end) != end:
            text = f"the receipts end at {reached[topic]}, the position at {end}"
            account.blame(f"{topic}/{account.slot}", text)


def _ends_at(receipts: Sequence[Receipt], sequence: int) -> dict[str, int]:
    inputs = (one for receipt in receipts if receipt.sequence < sequence for one in receipt.inputs)
    return {one.topic: one.after for one in inputs}


def ranges_of(account: SlotAccount, topic: str) -> list[tuple[int, int, int, bool]]:
    """(from, to, records, is a jump) of each receipt that touches an input, in order."""
    return [
        (one.before, one.after, one.visible, receipt.kind is ReceiptKind.GAP)
        for receipt in account.receipts
        for one in receipt.inputs
        if one.topic == topic
    ]


def recount(account: SlotAccount, topic: str, first: int, offsets: Sequence[int]) -> tuple[int, int]:
    """Compare receipts with the records that the log still has; returns (recounted, not yet processed).

    Args:
        first: first offset that is still there; receipts that begin before it cannot be recounted.
        offsets: offsets of the committed records, ascending.
    """
    counted = 0
    for before, after, visible, is_jump in ranges_of(account, topic):
        if before < first or is_jump:
            continue
        found = bisect_left(offsets, after) - bisect_left(offsets, before)
        counted += found
        if found != visible:
            place = f"{topic}/{account.slot} [{before}, {after})"
            account.blame(place, f"the receipt counts {visible} records, the log holds {found}")
    return counted, len(offsets) - bisect_left(offsets, account.ends.get(topic, 0))


def jumps_of(account: SlotAccount) -> list[Receipt]:
    """Receipts that moved the chain over offsets without processing them."""
    return [receipt for receipt in account.receipts if receipt.kind is ReceiptKind.GAP]
