"""A worker that an exception ends leaves its crash journal open; one that is told to stop closes it (R22)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.models.common import Quantity
from crossdock.streaming.backend import Place
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.journal import Journals
from crossdock.streaming.testing import Driver, MemoryCluster
from tests.kit.tally import COUNT, tally


def running() -> tuple[Driver, MemoryCluster]:
    cluster = MemoryCluster(1)
    driver = Driver(tally, MemoryRegistry(), cluster)
    driver.run()
    return driver, cluster


def journals(cluster: MemoryCluster) -> Journals:
    committed = cluster.broker.group(tally.group).offsets[Place(tally.lane, 0)]
    return Journals.parse(committed.metadata)


def test_worker_that_an_exception_ends_leaves_its_journal_open() -> None:
    driver, cluster = running()
    cluster.append(driver.record(COUNT, "acme/A", Quantity(value=Decimal(1), unit="FAULT")))
    with pytest.raises(ZeroDivisionError):
        driver.workers[0].run(lambda: False, lambda seconds: None)
    assert journals(cluster).live.opened > 0


def test_worker_that_is_told_to_stop_closes_its_journal() -> None:
    driver, cluster = running()
    driver.workers[0].run(lambda: True, lambda seconds: None)
    assert journals(cluster).are_closed
