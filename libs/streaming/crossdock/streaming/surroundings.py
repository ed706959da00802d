"""What a worker is given by its process: bounds, clocks, who listens and who judges requests.

Invariant: constant while the worker lives; steps never see any of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crossdock.canonical.keys import murmur2_partition
from crossdock.streaming.lane import Authorize
from crossdock.streaming.limits import Limits
from crossdock.streaming.observer import Observer


@dataclass(frozen=True, slots=True)
class Tuning:
    """Bounds of a worker's batches (R3).

    Args:
        drain_records: followers per slice, interleaved with live batches.
        record_seconds_max: a batch that lasts longer ends the process with a stack dump (R22).
    """

    batch_records: int = 500
    batch_bytes: int = 4 * 1024 * 1024
    drain_records: int = 100
    idle_poll_s: float = 0.05
    tick_s: float = 1.0
    record_seconds_max: int = 60
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a worker is given by its process; steps never see any of it.

    Args:
        now_us: wall clock, microseconds since the epoch.
        monotonic_s: clock for intervals, seconds.
        authorize: judges operator requests.
        partition_of: murmur2 partition of a key prefix.
        code_version: what receipts and dead letters say ran.
        raises_faults: let unexpected exceptions of steps through (tests).
    """

    now_us: Callable[[], int]
    monotonic_s: Callable[[], float]
    observer: Observer
    authorize: Authorize
    tuning: Tuning = field(default_factory=Tuning)
    partition_of: Callable[[bytes, int], int] = murmur2_partition
    code_version: str = ""
    raises_faults: bool = False
