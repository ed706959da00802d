"""Looks at the log while the morning is played: what has come in, what has come out, how fast.

Invariant: it only reads; what it has seen is a prefix of the committed log.
"""

from __future__ import annotations

import threading
import time
from bisect import insort
from collections import Counter
from collections.abc import Callable, Sequence

from crossdock.canonical.models.ops import Receipt
from crossdock.canonical.record import Record
from crossdock.canonical.topics import ORDER, RECEIPT
from crossdock.cli.accounts import OUTCOMES
from crossdock.cli.demo.log_account import INPUTS
from crossdock.cli.kafka.log import KafkaLog
from crossdock.streaming.backend import Place
from crossdock.streaming.serde import Serde

_DEAD_LETTERS = "rejected", "conflict"


class Watch:
    """A thread that follows raw records, canonical orders and receipts; a context manager.

    Args:
        log: its own connection, shared with nobody.
    """

    def __init__(self, log: KafkaLog, serde: Serde) -> None:
        self._log = log
        self._serde = serde
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="watch", daemon=True)
        self._error: Exception | None = None
        self.raw: Counter[str] = Counter()
        """Raw records that are in the log, by topic."""
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """(topic, outcome) as receipts count them."""
        self.orders = 0
        self._first_ms = self._last_ms = 0
        self.latencies_ms: list[int] = []
        """From the capture of a payload to its canonical order, sorted."""

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    @property
    def orders_per_second(self) -> float:
        """From the first canonical order to the last one."""
        return self.orders * 1000 / max(1, self._last_ms - self._first_ms)

    @property
    def dead_letters(self) -> int:
        """Records that were rejected or contradict an accepted one."""
        return sum(self.outcomes[topic.name, name] for topic in INPUTS for name in _DEAD_LETTERS)

    @property
    def waiting(self) -> int:
        """Records that are kept behind a rejected one."""
        return sum(self.outcomes[topic.name, "held"] for topic in INPUTS)

    def count(self, outcome: str) -> int:
        """Records with this outcome, over all topics."""
        return sum(self.outcomes[topic.name, outcome] for topic in INPUTS)

    def is_caught_up(self, topic: str, at_least: int) -> bool:
        """Whether so many records came into a topic, and each has got its outcome. Raises what broke it."""
        if self._error is not None:
            raise self._error
        done = sum(self.outcomes[topic, outcome] for outcome in OUTCOMES)
        return self.raw[topic] >= at_least and done >= self.raw[topic]

    def _follow(self) -> None:
        names = [*(topic.name for topic in INPUTS), ORDER.name, RECEIPT.name]
        try:
            starts = {Place(name, number): 0 for name in names for number in self._log.partitions(name)}
            for record in self._log.follow(starts):
                if record is not None:
                    self._take(record)
                if self._is_over.is_set():
                    return
        except Exception as error:  # told to who asks next
            self._error = error

    def _take(self, record: Record) -> None:
        if record.topic == RECEIPT.name:
            receipt = self._serde.deserialize(Receipt, record.value)
            for one in receipt.inputs:
                for outcome in OUTCOMES:
                    self.outcomes[one.topic, outcome] += getattr(one, outcome)
        elif record.topic == ORDER.name:
            self.orders += 1
            captured_ms = record.time.timestamp() * 1000
            insort(self.latencies_ms, max(0, round(record.timestamp_ms - captured_ms)))
            self._first_ms = min(self._first_ms or record.timestamp_ms, record.timestamp_ms)
            self._last_ms = max(self._last_ms, record.timestamp_ms)
        else:
            self.raw[record.topic] += 1


def share(sorted_values: Sequence[float], percent: int) -> float:
    """The value that so many percent of the values do not exceed; 0 where there are none."""
    if not sorted_values:
        return 0
    return sorted_values[min(len(sorted_values) - 1, len(sorted_values) * percent // 100)]


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition came true in time."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.05)
    return True
