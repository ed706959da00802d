"""The accounts of a group: each way in which receipts may fail to add up is found and named."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.canonical.models.ops import InputReceipt, Receipt, ReceiptKind
from crossdock.cli.accounts import SlotAccount, accounts_of, check_state, jumps_of, recount
from crossdock.streaming.rows import Position

TOPIC = "raw.channel.v1"


def part(before: int, after: int, **counts: int) -> InputReceipt:
    """A receipt of one input; `visible` is the sum of the counts unless it is given."""
    visible = counts.pop("visible", sum(counts.values()))
    return InputReceipt(topic=TOPIC, topic_id="id", before=before, after=after, visible=visible, **counts)


def receipt(sequence: int, *inputs: InputReceipt, **figures: Any) -> Receipt:
    fields = {"kind": ReceiptKind.REGULAR, "group": "normalize", "slot": 2, "code_version": "1", **figures}
    return Receipt(sequence=sequence, inputs=inputs, **fields)


START = receipt(0, part(0, 0), kind=ReceiptKind.GAP, reason="first start")
FIRST = receipt(1, part(0, 10, accepted=7, rejected=2, held=1), opened=3, open_entries=3)
SECOND = receipt(2, part(10, 12, accepted=2), closed_accepted=1, closed_discarded=1, open_entries=1)
POSITION = Position({TOPIC: ("id", 12)}, sequence=3, open_entries=1)
CHAIN = (START, FIRST, SECOND)


def account_of(*receipts: Receipt) -> SlotAccount:
    return accounts_of(receipts)["normalize", 2]


def test_sound_chain_adds_up() -> None:
    account = account_of(*reversed(CHAIN))
    check_state(account, POSITION, kept=1)
    assert account.problems == []
    assert dict(account.counts)[TOPIC, "accepted"] == 9
    assert (account.opened, account.closed.total(), account.open_entries) == (3, 2, 1)
    assert recount(account, TOPIC, 0, range(12)) == (12, 0)
    assert account.problems == []
    assert jumps_of(account) == [START]


@pytest.mark.parametrize(
    ("receipts", "place", "text"),
    [
        ((START, SECOND), "receipts 1 to 1", "missing"),
        ((*CHAIN, SECOND), "receipt 2", "two with this number"),
        ((START, FIRST, receipt(2, part(11, 12, accepted=1), open_entries=3)), "[11, 12)", "ended at 10"),
        ((START, receipt(1, part(0, 10, accepted=7, visible=9))), "[0, 10)", "add up to 7"),
        ((START, receipt(1, part(0, 3, accepted=4))), "[0, 3)", "do not fit"),
        ((START, receipt(1, part(0, 1, rejected=1), opened=1)), "receipt 1", "opened − closed gives 1"),
    ],
)
def test_receipts_that_do_not_add_up_are_named(receipts: tuple[Receipt, ...], place: str, text: str) -> None:
    said = [str(problem) for problem in account_of(*receipts).problems]
    assert any(one.startswith("normalize slot 2, ") and place in one and text in one for one in said), said


@pytest.mark.parametrize(
    ("position", "kept", "place", "text"),
    [
        (POSITION, 2, "hold store", "2 entries are kept, but the position counts 1"),
        (Position({TOPIC: ("id", 12)}, sequence=3, open_entries=2), 2, "receipt 2", "the state has 2"),
        (
            Position({TOPIC: ("id", 13)}, sequence=3, open_entries=1),
            1,
            TOPIC,
            "end at 12, the position at 13",
        ),
        (Position({TOPIC: ("id", 12)}, sequence=9, open_entries=1), 1, "receipt 8", "gone on without it"),
    ],
)
def test_state_that_differs_from_the_chain_is_named(
    position: Position, kept: int, place: str, text: str
) -> None:
    account = account_of(*CHAIN)
    check_state(account, position, kept)
    assert any(place in one.place and text in one.text for one in account.problems), account.problems


def test_state_is_compared_with_the_receipt_of_its_own_transaction() -> None:
    later = receipt(3, part(12, 20, accepted=8), opened=5, open_entries=6)
    account = account_of(*CHAIN, later)
    check_state(account, POSITION, kept=1)
    assert account.problems == []


def test_record_that_vanished_or_appeared_is_found_in_its_range() -> None:
    account = account_of(*CHAIN)
    recount(account, TOPIC, 0, [*range(11), 11, 12])
    assert account.problems == []
    recount(account, TOPIC, 0, [0, 1, 2, *range(4, 12)])
    assert "[0, 10)" in account.problems[0].place
    assert "counts 10 records, the log holds 9" in account.problems[0].text


def test_ranges_that_retention_has_touched_are_not_recounted() -> None:
    account = account_of(*CHAIN)
    assert recount(account, TOPIC, 4, range(4, 12)) == (2, 0)
    assert account.problems == []


def test_records_behind_the_chain_wait_to_be_processed() -> None:
    assert recount(account_of(*CHAIN), TOPIC, 0, range(15)) == (12, 3)


def test_entries_from_before_the_oldest_receipt_are_counted_in() -> None:
    account = account_of(receipt(7, part(50, 51, accepted=1), closed_accepted=1, open_entries=4))
    assert (account.open_before, account.open_entries, account.problems) == (5, 4, [])
