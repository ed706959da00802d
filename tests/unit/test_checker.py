"""The checker sees each kind of damage to a log that was sound before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.canonical import codec
from crossdock.canonical.models.common import Quantity
from crossdock.canonical.models.ops import Receipt
from crossdock.canonical.record import CE_CAUSATION_ID, CE_ID, Record
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.testing import Driver
from tests.kit import checker, tally
from tests.kit.checker import RECEIPTS, Flow

FLOW = Flow("tally", (tally.COUNT.name,), (tally.TOTAL.name,), frozenset({tally.COUNT.name}), emits=1)
DEAD = f"{tally.COUNT.name}.tally.dlq"


class Log(dict[str, list[Record]]):
    """Records by topic."""

    def records(self, topic: str) -> list[Record]:
        return self.get(topic, [])


@pytest.fixture(scope="module")
def sound() -> Log:
    """The log of a run with accepted, rejected, held and released records."""
    driver = Driver(tally.tally, MemoryRegistry())
    counts = [
        ("A", 1, "EA"),
        ("A", 2, "EA"),
        ("B", 3, "EA"),
        ("B", 4, "BAD"),
        ("B", 5, "EA"),
        ("C", 6, "BAD"),
    ]
    for sku, value, unit in counts:
        driver.run(driver.record(tally.COUNT, f"acme/{sku}", Quantity(value=Decimal(value), unit=unit)))
    driver.request(driver.entries()[0], action="discard")
    topics = (tally.COUNT.name, tally.TOTAL.name, FLOW.lane, DEAD, RECEIPTS)
    return Log({topic: driver.cluster.records(topic) for topic in topics})


def test_sound_log_has_no_violation(sound: Log) -> None:
    assert checker.violations(sound, FLOW) == []
    assert len(sound[tally.TOTAL.name]) >= 3
    assert len(sound[DEAD]) == 2


Damage = Callable[[list[Record]], list[Record]]


def _header(record: Record, name: str, text: bytes) -> Record:
    return replace(record, headers=tuple((n, text if n == name else v) for n, v in record.headers))


def _receipt(index: int, **changes: object) -> Damage:
    def damage(records: list[Record]) -> list[Record]:
        value = records[index].value or b""
        receipt = codec.decode(Receipt, codec.unframe(value)[1]).model_copy(update=changes)
        return _at(records, index, replace(records[index], value=value[:5] + codec.encode(receipt)))

    return damage


def _miscounted(index: int, outcome: str) -> Damage:
    def damage(records: list[Record]) -> list[Record]:
        receipt = codec.decode(Receipt, codec.unframe(records[index].value or b"")[1])
        worse = receipt.inputs[0].model_copy(update={outcome: getattr(receipt.inputs[0], outcome) + 1})
        return _receipt(index, inputs=(worse,))(records)

    return damage


def _at(records: list[Record], index: int, record: Record) -> list[Record]:
    return [record if record is one else one for one in [*records[:index], record, *records[index + 1 :]]]


def _without(index: int, key: bytes | None = None) -> Damage:
    def damage(records: list[Record]) -> list[Record]:
        gone = [one for one in records if key in (None, one.key)][index]
        return [one for one in records if one is not gone]

    return damage


def _changed(index: int, change: Callable[[Record], Record]) -> Damage:
    return lambda records: _at(records, index, change(records[index]))


def _swapped(records: list[Record]) -> list[Record]:
    first, second = (index for index, one in enumerate(records) if one.key == b"acme/A")
    return _at(_at(records, first, records[second]), second, records[first])


LAST = -1
A_SLOT = b"tally/2"
TOTALS, COUNTS = tally.TOTAL.name, tally.COUNT.name
DAMAGES: list[tuple[str, str, Damage, str]] = [
    ("a record without outcome", COUNTS, lambda rs: [*rs, replace(rs[0], offset=10_000)], "I1"),
    ("a record that was counted but is not there", COUNTS, _without(0), "I1"),
    ("an outcome too many", RECEIPTS, _miscounted(LAST, "accepted"), "I1"),
    ("a lost receipt", RECEIPTS, _without(LAST, A_SLOT), "I1"),
    ("an entry that was opened by nothing", RECEIPTS, _receipt(LAST, opened=7), "I2"),
    ("an entry that vanished", RECEIPTS, _receipt(LAST, open_entries=9), "I2"),
    ("a lost dead letter", DEAD, _without(0), "I2"),
    ("a later record applied first", TOTALS, _swapped, "I4"),
    ("a dead letter with another value", DEAD, _changed(0, lambda r: replace(r, value=b"x")), "I6"),
    ("a dead letter with another time", DEAD, _changed(0, lambda r: replace(r, timestamp_ms=5)), "I6"),
    (
        "a dead letter with a header in front",
        DEAD,
        _changed(0, lambda r: replace(r, headers=(("a", b""), *r.headers))),
        "I6",
    ),
    ("a dead letter of nothing", DEAD, _changed(0, lambda r: _header(r, "dlq.src.offset", b"77")), "I6"),
    (
        "a dead letter with a bloated block",
        DEAD,
        _changed(0, lambda r: _header(r, "dlq.err.msg", b"x" * 8192)),
        "I6",
    ),
    (
        "an output of nothing",
        TOTALS,
        _changed(0, lambda r: _header(r, CE_CAUSATION_ID, b"test.count.v1/0/999")),
        "I7",
    ),
    ("an output beside the receipts", TOTALS, lambda rs: [*rs, _header(rs[0], CE_ID, b"other")], "I7"),
    ("a lost output", TOTALS, _without(0), "I8"),
    ("an input applied twice", TOTALS, lambda rs: [*rs, rs[0]], "I9"),
    ("a receipt that comes twice", RECEIPTS, lambda rs: [*rs, rs[LAST]], "I10"),
    ("a receipt lost in the middle", RECEIPTS, _without(1, A_SLOT), "I10"),
    ("a chain without a beginning", RECEIPTS, _without(0), "I10"),
]


@pytest.mark.parametrize(
    ("topic", "damage", "invariant"), [d[1:] for d in DAMAGES], ids=[d[0] for d in DAMAGES]
)
def test_damage_is_seen(sound: Log, topic: str, damage: Damage, invariant: str) -> None:
    hurt = Log({**sound, topic: damage(sound[topic])})
    assert invariant in {violation.invariant for violation in checker.violations(hurt, FLOW)}


def test_rest_that_was_not_read_yet_is_no_loss_where_the_flow_lags(sound: Log) -> None:
    more = Log({**sound, COUNTS: [*sound[COUNTS], replace(sound[COUNTS][0], offset=10_000)]})
    assert checker.violations(more, replace(FLOW, lags=True)) == []


def test_state_that_differs_from_the_fold_is_seen() -> None:
    assert [v.invariant for v in checker.state_violations({b"a": 1, b"b": 2}, {b"a": 1, b"c": 3})] == [
        "I5",
        "I5",
    ]


def test_damage_stops_a_test_with_the_first_violations(sound: Log) -> None:
    with pytest.raises(AssertionError, match="I8"):
        checker.assert_sound(Log({**sound, TOTALS: sound[TOTALS][1:]}), FLOW)
