"""The test kit for topologies: a driver on memory or on a real broker, and the faults it can meet."""

from crossdock.streaming.testing.driver import OPERATOR_KEY, Cluster, Driver, MemoryCluster, Watcher
from crossdock.streaming.testing.faults import (
    ABORT,
    ADVANCE,
    CRASH,
    CRASH_AFTER,
    LOSE_ANSWER,
    REBALANCE,
    REDELIVER,
    Crash,
    Fault,
    FaultyBackend,
)

__all__ = [
    "ABORT",
    "ADVANCE",
    "CRASH",
    "CRASH_AFTER",
    "LOSE_ANSWER",
    "OPERATOR_KEY",
    "REBALANCE",
    "REDELIVER",
    "Cluster",
    "Crash",
    "Driver",
    "Fault",
    "FaultyBackend",
    "MemoryCluster",
    "Watcher",
]
