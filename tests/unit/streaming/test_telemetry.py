"""What the metrics say follows what the slots are."""

from __future__ import annotations

from decimal import Decimal

from opentelemetry.trace import NoOpTracer
from prometheus_client import CollectorRegistry

from crossdock.canonical.models.common import Quantity
from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.telemetry import Telemetry
from crossdock.streaming.testing import Driver, MemoryCluster
from tests.kit.tally import COUNT, tally


class Metrics(Telemetry):
    """The telemetry of a worker, with its samples to look at; the driver asks for `troubles`."""

    def __init__(self) -> None:
        self.samples = CollectorRegistry()
        self.troubles: list[Exception] = []
        super().__init__(tally.group, self.samples, NoOpTracer())

    def value(self, name: str, **labels: str) -> float | None:
        """One sample, None where there is none."""
        return self.samples.get_sample_value(name, {"group": tally.group, **labels})

    def phases(self) -> dict[str, float]:
        """Slots by phase, the empty phases left out."""
        names = ("restoring", "running", "stopped", "broken")
        counts = {name: self.value("crossdock_slots", phase=name) or 0.0 for name in names}
        return {name: count for name, count in counts.items() if count}


def observed(partitions: int) -> tuple[Driver, Metrics]:
    driver, metrics = Driver(tally, MemoryRegistry(), MemoryCluster(partitions)), Metrics()
    driver.watcher = metrics  # type: ignore[assignment]  # an observer with `troubles`
    return driver, metrics


def count(driver: Driver, key: str, unit: str = "EA") -> None:
    driver.run(driver.record(COUNT, key, Quantity(value=Decimal(1), unit=unit)))


def test_slot_that_stops_is_counted_as_stopped() -> None:
    driver, metrics = observed(1)
    count(driver, "acme/A")
    assert metrics.phases() == {"running": 1.0}
    for number in range(200):
        count(driver, f"acme/B{number}", "BAD")
        if metrics.phases() == {"stopped": 1.0}:
            break
    assert metrics.phases() == {"stopped": 1.0}


def test_slots_that_were_given_up_leave_no_open_entries_behind() -> None:
    driver, metrics = observed(2)
    for number in range(8):
        count(driver, f"acme/A{number}", "BAD")
    slots = driver.workers[0].assignment.slots
    shown = {n: metrics.value("crossdock_open_entries", slot=str(n)) for n in slots}
    assert shown == {n: float(owned.slot.position.open_entries) for n, owned in slots.items()}
    assert sum(filter(None, shown.values())) == 8
    kept = {0: slots[0]}
    metrics.changed(kept, is_ready=True)
    assert metrics.value("crossdock_open_entries", slot="0") == shown[0]
    assert metrics.value("crossdock_open_entries", slot="1") is None
