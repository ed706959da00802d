"""Damaged Avro frames where canonical records are read: an input, the replay lane, a reference table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import cycle

import pytest

from crossdock.canonical import codec
from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order
from crossdock.canonical.models.base import Canonical
from crossdock.canonical.models.ops import AuditEntry, ReplayAction, ReplayRequest
from crossdock.canonical.record import Record
from crossdock.canonical.topics import AUDIT_ENTRY, ORDER, PARTNER_PROFILE, RAW_CHANNEL
from crossdock.normalize.topology import topology as normalize
from crossdock.streaming import Context, Step, Store, Topology, handle
from crossdock.streaming.assignment import Phase
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.errors import ConfigurationError
from crossdock.streaming.limits import Limits
from crossdock.streaming.surroundings import Tuning
from crossdock.streaming.testing import Driver, MemoryCluster
from tests.hostile.bounds import WATCHDOG, ceiling
from tests.hostile.cases import MARKERS, cases
from tests.hostile.frames import Frame, StrangeRegistry, damaged_bodies, frames
from tests.hostile.reading import versions
from tests.kit import checker
from tests.kit.examples import example
from tests.kit.scene import flow_of

pytestmark = WATCHDOG
LIMITS = Limits(rejections_in_row_max=1_000_000, window_records=1_000_000, window_rejected_percent_max=100)
ORDERS: Store[Order] = Store("orders", 3, Order)
PAID = Order.model_validate(example("sales.order.v1", "shop-paid").value)
REQUEST = ReplayRequest(
    request_id="r-1",
    job="job-1",
    action=ReplayAction.RETRY,
    group="normalize",
    slot=0,
    store="channel-objects",
    key="acme/shop/order:1",
    actor="operator-1",
    reason="Test Buyer Secret 7 called",
    requested_at=datetime(2026, 1, 5, tzinfo=UTC),
    signature="ü",
)
VERSION_KEY, VERSION = versions()[0]


def keep(_: Order | None, order: Order, __: Context) -> Step[Order]:
    return Step(order)


KEEPING = Topology("keeping", (handle(ORDER, ORDERS, keep),))


def driver_of(topology: Topology) -> tuple[Driver, StrangeRegistry]:
    registry = StrangeRegistry(MemoryRegistry())
    tuning = Tuning(idle_poll_s=0.02, tick_s=0.02, limits=LIMITS)
    driver = Driver(topology, registry, MemoryCluster(1), tuning=tuning, raises_faults=False)
    return driver, registry


def told(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if any(marker in text.casefold() for marker in MARKERS)]


def assert_alive(driver: Driver) -> None:
    assert driver.watcher.troubles == []
    assert {owned.phase for owned in driver.slots().values()} == {Phase.RUNNING}


def test_a_damaged_frame_on_a_canonical_topic_is_refused_with_its_code() -> None:
    driver, registry = driver_of(KEEPING)
    rows = frames(PAID, registry)
    with ceiling(sum(len(frame.value or b"") for frame in rows)):
        driver.run(*[driver.record(ORDER, f"acme/shop/{frame.name}", frame.value) for frame in rows])
    letters = driver.dead_letters(ORDER)
    found = {(r.key or b"").decode(): r.header("dlq.err.code") for r in letters}
    assert found == {f"acme/shop/{frame.name}": frame.code for frame in rows}
    assert told(str(letter.header("dlq.err.msg")) for letter in letters) == []
    assert [(letter.value) for letter in letters] == [frame.value for frame in rows]
    assert_alive(driver)


def test_every_damaged_byte_of_an_order_is_refused_or_read_as_a_valid_one() -> None:
    driver, _ = driver_of(KEEPING)
    prefix = driver.serde.serialize(PAID)[:5]
    values = [prefix + body for body in damaged_bodies(PAID)][:: max(1, len(codec.encode(PAID)) // 200)]
    driver.run(*[driver.record(ORDER, f"acme/shop/{n}", value) for n, value in enumerate(values)])
    assert set(driver.outcomes()) == {"accepted", "rejected"}
    assert sum(driver.outcomes().values()) == len(values)
    assert {letter.header("dlq.err.code") for letter in driver.dead_letters(ORDER)} == {"envelope_broken"}
    assert_alive(driver)
    checker.assert_sound(driver.cluster, flow_of(KEEPING, emits=0))


@pytest.mark.parametrize("model", [PAID, REQUEST, VERSION], ids=lambda model: type(model).__name__)
def test_every_damaged_byte_of_a_body_is_refused_or_a_valid_record(model: Canonical) -> None:
    found = Counter(_outcome(model, body) for body in damaged_bodies(model))
    assert set(found) == {"valid", "envelope_broken"}


def _outcome(model: Canonical, body: bytes) -> str:
    try:
        read = codec.decode(type(model), body)
    except Rejected as refusal:
        return "told" if told([refusal.detail]) else str(refusal.code)
    assert type(model).model_validate(read.model_dump()) == read
    return "valid"


def lane_records(driver: Driver, rows: Iterable[Frame]) -> list[Record]:
    """On the lane under strange keys and times, in turn."""
    lane = driver.topology.lane
    places = cycle(((b"acme/operator", 0), (None, 0), (b"\xff", 2**62), (b"", -(2**62))))
    pairs = zip(rows, places, strict=False)
    return [Record(lane, 0, -1, key, frame.value, (), time_ms) for frame, (key, time_ms) in pairs]


def test_a_damaged_request_on_the_replay_lane_is_answered_as_refused() -> None:
    driver, registry = driver_of(normalize)
    rows = frames(REQUEST, registry)
    with ceiling(sum(len(frame.value or b"") for frame in rows)):
        driver.run(*lane_records(driver, rows))
    answers: list[AuditEntry] = driver.read(AUDIT_ENTRY)
    assert [(str(one.answer), one.code) for one in answers] == [("refused", frame.code) for frame in rows]
    assert told(one.model_dump_json() for one in answers) == []
    assert_alive(driver)


def test_every_damaged_byte_of_a_request_is_answered_as_refused() -> None:
    driver, _ = driver_of(normalize)
    prefix = driver.serde.serialize(REQUEST)[:5]
    rows = [Frame("", prefix + body, "") for body in damaged_bodies(REQUEST)]
    driver.run(*lane_records(driver, rows))
    answers: list[AuditEntry] = driver.read(AUDIT_ENTRY)
    assert len(answers) == len(rows)
    assert {str(one.answer) for one in answers} == {"refused"}
    assert {one.code for one in answers} == {"envelope_broken", "unauthorized"}
    assert_alive(driver)


def good_order(driver: Driver) -> Record:
    case = next(case for case in cases() if case.name == "money/amounts/negative-zero")
    record = case.record
    return driver.record(RAW_CHANNEL, (record.key or b"").decode(), record.value)


def test_damaged_profile_rows_stop_the_worker_with_all_of_them_listed_until_they_are_replaced() -> None:
    driver, registry = driver_of(normalize)
    rows = [frame for frame in frames(VERSION, registry) if frame.value is not None]
    strange = [b"\xff", b"", b"acme/shop", b"acme/shop/one", b"acme/shop/2", b"other/shop/1", b"a/b/c/d"]
    value = driver.serde.serialize(VERSION)
    bad = [(f"acme/bad/{n}".encode(), frame.value) for n, frame in enumerate(rows)]
    bad += [(key, value) for key in strange]
    driver.cluster.append(driver.record(PARTNER_PROFILE, VERSION_KEY, VERSION))
    for key, content in bad:
        driver.cluster.append(Record(PARTNER_PROFILE.name, 0, -1, key, content))
    with pytest.raises(ConfigurationError) as stopped:
        driver.settle()
    assert len(stopped.value.problems) == len(bad)
    assert all(
        text.startswith("reference_unreadable: partner.profile.v1/0/") for text in stopped.value.problems
    )
    assert told(stopped.value.problems) == []
    driver.restart()
    for key, _ in bad:
        driver.cluster.append(Record(PARTNER_PROFILE.name, 0, -1, key, None))
    driver.run(good_order(driver))
    assert driver.outcomes() == {"accepted": 1}


def test_a_damaged_profile_row_stops_a_running_worker_before_it_decides_anything() -> None:
    driver, _ = driver_of(normalize)
    driver.cluster.append(driver.record(PARTNER_PROFILE, VERSION_KEY, VERSION))
    driver.run(good_order(driver))
    driver.cluster.append(Record(PARTNER_PROFILE.name, 0, -1, b"acme/shop/2", b"\0junk"))
    with pytest.raises(ConfigurationError, match="reference_unreadable"):
        driver.until(lambda: False)


def test_a_stored_profile_that_this_release_cannot_read_lets_records_wait() -> None:
    driver, _ = driver_of(normalize)
    later = VERSION.model_copy(update={"version": 2, "document": '{"tenant": "acme", "moods": ["Secret 7"]}'})
    driver.cluster.append(driver.record(PARTNER_PROFILE, VERSION_KEY, VERSION))
    driver.cluster.append(driver.record(PARTNER_PROFILE, "acme/shop/2", later))
    driver.run(good_order(driver))
    assert driver.outcomes() == {"waiting": 1}
    assert_alive(driver)
