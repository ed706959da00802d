"""Failures of comparable systems, by number, in the scope of ingest and normalize: how records come and go.

`docs/reference/failures.md` lists them. Here run the real topology and the real formats; what a broker
must guarantee runs on a real one, too, and the log is added up when a scenario ends.
"""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest

from crossdock.canonical.models import Change, PaymentStatus
from crossdock.canonical.record import Record
from crossdock.canonical.topics import RAW_CHANNEL, RAW_DOCUMENT, RAW_TRANSACTION_SET
from crossdock.normalize.topology import topology
from crossdock.streaming.backend import Place
from crossdock.streaming.testing import ABORT, CRASH, CRASH_AFTER, LOSE_ANSWER, REBALANCE, Fault
from tests.kit.shop_reading import without
from tests.kit.shopify_documents import line, order
from tests.kit.trade import Trade, purchase_orders
from tests.kit.woo_documents import woo_order
from tests.scenario.conftest import Stage, tuned

MEMORY = pytest.mark.parametrize("stage", ["memory"], indirect=True)
FAULTS = (CRASH, CRASH_AFTER, LOSE_ANSWER, ABORT)


@pytest.fixture
def trade(stage: Stage) -> Trade:
    """All partners, on memory and on the real broker; MEMORY leaves the latter out."""
    opened = Trade(stage(topology, tuned(batch_records=20), facts={"emits": None}))
    opened.open()
    return opened


def state(trade: Trade, second: int, status: str, number: int = 1, event: str = "orders/updated") -> Record:
    """One state of a Shopify order, last touched at a second of the same minute."""
    document = order(id=number, financial_status=status, updated_at=f"2026-02-01T08:00:{second:02d}+01:00")
    return trade.webhook("shop", document, event)


# ---- order of arrival -------------------------------------------------------------------------------------


@MEMORY
def test_paid_before_created_makes_the_order_and_the_late_event_is_outdated(trade: Trade) -> None:
    """F1: the later state opens the order; what comes late is superseded, never an error."""
    trade.run(state(trade, 9, "paid", event="orders/paid"), state(trade, 1, "pending", event="orders/create"))
    assert trade.outcomes == {"accepted": 1, "superseded": 1}
    assert [one.payment.status for one in trade.orders] == [PaymentStatus.PAID]
    trade.run(state(trade, 10, "refunded"))
    assert trade.latest["shop/1"].payment.status == PaymentStatus.REFUNDED
    assert trade.kept == []


@MEMORY
@pytest.mark.parametrize(("purpose", "change"), [("05", Change.UPDATED), ("01", Change.CANCELLED)])
def test_replacement_or_cancellation_before_its_order_stands(
    trade: Trade, purpose: str, change: Change
) -> None:
    """F1: a 05 or 01 before its 00 is the order; the older 00 that follows does not undo it."""
    trade.run(trade.dropped("dist", purchase_orders("P1", purpose=purpose, control=56, lines=3)))
    trade.run(trade.dropped("dist", purchase_orders("P1", control=55, lines=2)))
    assert [(one.change, one.line_count) for one in trade.orders] == [(change, 3)]
    assert trade.outcomes == {"accepted": 3, "superseded": 1}


@MEMORY
def test_orders_before_their_partner_wait_and_come_by_themselves(stage: Stage) -> None:
    """F1: an order whose partner is not set up yet waits; the profile releases it, in order."""
    trade = Trade(stage(topology, facts={"emits": None}))
    trade.open("dist")
    trade.run(state(trade, 1, "pending"), state(trade, 2, "paid"))
    assert (trade.outcomes, trade.orders) == ({"held": 1, "waiting": 1}, [])
    trade.open("shop")
    assert [one.payment.status for one in trade.orders] == [PaymentStatus.PENDING, PaymentStatus.PAID]
    assert trade.kept == []


@MEMORY
@pytest.mark.parametrize("sequence", list(permutations(range(3))), ids=str)
def test_log_that_is_produced_again_in_another_order_changes_nothing(
    trade: Trade, sequence: tuple[int, ...]
) -> None:
    """F29: after doubled and reordered deliveries each order stands at its latest state, told once."""
    statuses = ("pending", "authorized", "paid")
    states = [state(trade, n, statuses[n]) for n in sequence]
    trade.run(*states)
    told = [one.revision.value for one in trade.orders]
    assert told == sorted(set(told))
    trade.run(*reversed(states), *states, *[state(trade, n, statuses[n]) for n in reversed(sequence)])
    assert trade.latest["shop/1"].payment.status == PaymentStatus.PAID
    assert [one.revision.value for one in trade.orders] == told


# ---- twins ------------------------------------------------------------------------------------------------


def test_twenty_deliveries_of_one_order_make_one_order(trade: Trade) -> None:
    """F2: the same order by many webhooks, whatever their delivery ids, is one canonical order."""
    document = order(id=7)
    trade.run(*[trade.webhook("shop", document, delivery_id=f"d-{n}") for n in range(20)])
    assert trade.outcomes == {"accepted": 1, "duplicate": 19}
    assert [one.order_id for one in trade.orders] == ["7"]


@MEMORY
@pytest.mark.parametrize("fault", FAULTS)
def test_mark_and_order_are_kept_together_or_not_at_all(trade: Trade, fault: Fault) -> None:
    """F31: a worker that dies around its commit leaves both the order and its mark, or neither."""
    delivery = trade.webhook("shop", order(id=7))
    trade.run(fault, delivery, delivery)
    assert [one.order_id for one in trade.orders] == ["7"]
    assert trade.outcomes == {"accepted": 1, "duplicate": 1}


@MEMORY
@pytest.mark.parametrize("fault", FAULTS)
def test_file_of_a_killed_worker_is_finished_by_the_next(trade: Trade, fault: Fault) -> None:
    """F32: nothing stays started; a file that was being split is split once, its orders come once."""
    file = trade.dropped("dist", purchase_orders("P1", "P2", "P3"))
    trade.run(fault, file, fault, trade.dropped("dist", purchase_orders("P4", control=56)))
    assert sorted(one.order_id for one in trade.orders) == ["P1", "P2", "P3", "P4"]
    assert trade.outcomes == {"accepted": 6}
    assert trade.kept == []


def test_repetitions_of_a_refused_order_join_it_and_one_order_comes_of_them(trade: Trade) -> None:
    """F33: what failed still owns its identity; four deliveries become one order when the cause is mended."""
    document = without(woo_order(id=9), "currency")
    trade.run(*[trade.webhook("woo", document, delivery_id=f"d-{n}") for n in range(4)])
    assert trade.kept == [("rejected", "currency_missing"), *[("held", None)] * 3]
    trade.correct("woo", "money: {", "money: {currency: USD, ")
    assert trade.retry() == ["done"]
    assert [one.order_id for one in trade.orders] == ["9"]
    assert trade.scene.closed() == {"accepted": 1, "superseded": 3}


@MEMORY
def test_file_that_is_dropped_again_is_not_split_again_while_its_orders_are_refused(trade: Trade) -> None:
    """F33: the mark of a file covers its refused orders; dropping it again makes no twins."""
    file = purchase_orders("P1", "P2", unit="ZZ")
    trade.run(trade.dropped("dist", file), trade.dropped("dist", file, "again.x12"))
    assert trade.outcomes == {"accepted": 1, "duplicate": 1, "rejected": 2}
    trade.correct("dist", "units: {", "units: {ZZ: {unit: EA, factor: 24}, ")
    assert trade.retry() == ["done", "done"]
    assert sorted(one.order_id for one in trade.orders) == ["P1", "P2"]


# ---- one bad among many -----------------------------------------------------------------------------------


@MEMORY
def test_deleted_product_and_unreadable_order_stop_nobody_else(trade: Trade) -> None:
    """F4: a line without product is an unknown article; an order that cannot be read is held alone."""
    history = [trade.webhook("shop", order(id=number)) for number in range(1, 31)]
    history[10] = trade.webhook("shop", order(line(sku="", product_id=None, variant_id=None), id=11))
    history[20] = trade.webhook("shop", order(line(quantity="many"), id=21))
    trade.run(*history)
    assert trade.outcomes == {"accepted": 29, "rejected": 1}
    assert set(trade.latest) == {f"shop/{number}" for number in range(1, 31) if number != 21}
    (deleted,) = trade.latest["shop/11"].lines
    assert (deleted.sku, deleted.resolution.value) == (None, "unknown")
    assert trade.kept == [("rejected", "amount_unparsable")]


@MEMORY
def test_what_was_skipped_is_counted_named_and_comes_after_the_correction(trade: Trade) -> None:
    """F8: the cursor moves past refused orders, but they stay open, by cause, until they are accepted."""
    good, bad = [f"G{n}" for n in range(6)], [f"B{n}" for n in range(4)]
    trade.run(trade.dropped("dist", purchase_orders(*good)))
    trade.run(trade.dropped("dist", purchase_orders(*bad, unit="ZZ", control=56)))
    assert trade.outcomes == {"accepted": 8, "rejected": 4}
    receipts = trade.scene.driver.receipts()
    assert sum(receipt.opened for receipt in receipts) == len(trade.kept) == 4
    assert Counter(code for _, code in trade.kept) == {"unit_unmapped": 4}
    trade.correct("dist", "units: {", "units: {ZZ: {unit: EA, factor: 24}, ")
    assert trade.retry() == ["done"] * 4
    assert sorted(one.order_id for one in trade.orders) == sorted(good + bad)
    assert trade.scene.closed() == {"accepted": 4}


@MEMORY
def test_file_is_accepted_and_each_of_its_orders_has_its_own_outcome(trade: Trade) -> None:
    """F9: the outcome is per record: one bad order of a file shows beside the good ones."""
    broken = purchase_orders("P1", "P2", "P3").replace(b"PO1*2*2*EA", b"PO1*2**EA", 1)
    trade.run(trade.dropped("dist", broken))
    told = Counter[tuple[str, str]]()
    for one in (one for receipt in trade.scene.driver.receipts() for one in receipt.inputs):
        told[one.topic, "accepted"] += one.accepted
        told[one.topic, "rejected"] += one.rejected
    assert +told == {
        (RAW_DOCUMENT.name, "accepted"): 1,
        (RAW_TRANSACTION_SET.name, "accepted"): 2,
        (RAW_TRANSACTION_SET.name, "rejected"): 1,
    }
    assert sorted(one.order_id for one in trade.orders) == ["P2", "P3"]


# ---- crashes, rebalances, gaps ----------------------------------------------------------------------------


def test_rebalances_in_the_middle_of_batches_lose_and_double_no_order(trade: Trade) -> None:
    """F28: members join and leave while batches are open; each delivery is counted, each order there once."""
    numbers = range(1, 61)
    for record in [trade.webhook("shop", order(id=number)) for number in numbers]:
        trade.scene.cluster.append(record)
    trade.run(REBALANCE)
    for record in [trade.webhook("shop", order(id=number)) for number in numbers]:
        trade.scene.cluster.append(record)
    trade.run(REBALANCE, CRASH, trade.webhook("woo", woo_order()))
    assert sorted(int(one.order_id) for one in trade.orders if one.source.account == "shop") == [*numbers]
    assert trade.outcomes == {"accepted": 61, "duplicate": 60}


def test_position_and_orders_move_in_one_transaction(trade: Trade) -> None:
    """F27: the input's position is committed with the orders or not at all: none is lost, none doubled."""
    for number, fault in enumerate(FAULTS, 1):
        trade.run(fault, trade.webhook("shop", order(id=number)))
    assert sorted(one.order_id for one in trade.orders) == [*"1234"]
    inputs = [one for receipt in trade.scene.driver.receipts() for one in receipt.inputs]
    seen = sum(one.visible for one in inputs if one.topic == RAW_CHANNEL.name)
    assert (seen, len(trade.scene.cluster.records(RAW_CHANNEL.name))) == (4, 4)


@MEMORY
def test_records_that_retention_took_unread_stop_the_slot_and_are_never_skipped(stage: Stage) -> None:
    """F27: a gap in the log is found before anything is read past it; the slot stops and says so."""
    scene = stage(topology, facts={"emits": None, "lags": True}, is_checked=False)
    trade = Trade(scene)
    trade.open()
    first = trade.webhook("shop", order(id=1))
    trade.run(first)
    scene.driver.restart()
    for _ in range(3):
        scene.cluster.append(first)
    scene.cluster.shorten(Place(RAW_CHANNEL.name, first.partition), 3)
    trade.run()
    slots = scene.driver.slots()
    scene.driver.until(lambda: any(owned.broken for owned in slots.values()))
    assert [owned.broken.split(":")[0] for owned in slots.values() if owned.broken] == ["offset_out_of_range"]
    assert trade.outcomes == {"accepted": 1}
