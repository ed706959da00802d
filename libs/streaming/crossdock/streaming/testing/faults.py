"""What may go wrong between two inputs of a scenario, and a backend that lets it happen.

Invariant: a fault happens at most once, at the next transaction after it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crossdock.streaming.backend import Backend, Committed, Place
from crossdock.streaming.errors import Aborted, InDoubt
from crossdock.streaming.slot import Output


class Fault(StrEnum):
    """What may happen between two inputs."""

    CRASH = "crash"
    """The worker dies before the next commit; another takes over."""
    CRASH_AFTER = "crash_after"
    """The worker dies right after the next commit, before it knows."""
    LOSE_ANSWER = "lose_answer"
    """The next commit lands, but its answer does not."""
    ABORT = "abort"
    """The broker aborts the next transaction."""
    REDELIVER = "redeliver"
    """The last input is appended once more."""
    REBALANCE = "rebalance"
    """Another member joins; the next REBALANCE lets it leave."""


CRASH, CRASH_AFTER, LOSE_ANSWER = Fault.CRASH, Fault.CRASH_AFTER, Fault.LOSE_ANSWER
ABORT, REDELIVER, REBALANCE = Fault.ABORT, Fault.REDELIVER, Fault.REBALANCE


@dataclass(frozen=True, slots=True)
class ADVANCE:
    """Let the clock go on by this many seconds."""

    seconds: float


class Crash(BaseException):
    """The worker of a scenario dies here."""


class FaultyBackend:
    """A backend whose next transaction meets one fault; everything else is passed on."""

    def __init__(self, inner: Backend) -> None:
        self.inner = inner
        self.fault: Fault | None = None
        self.interlude: Callable[[], None] | None = None
        """What happens in the world between the next batch and its commit."""

    def __getattr__(self, name: str) -> Any:  # a plain pass-through of the Backend protocol
        return getattr(self.inner, name)

    def transact(
        self, outputs: Iterable[Output], positions: Mapping[Place, Committed], *, is_leaving: bool = False
    ) -> None:
        """One transaction, or its fault."""
        interlude, self.interlude = self.interlude, None
        if interlude is not None:
            interlude()
        fault, self.fault = self.fault, None
        if fault is Fault.CRASH:
            raise Crash
        if fault is Fault.ABORT:
            raise Aborted("the broker wants this transaction aborted")
        self.inner.transact(outputs, positions, is_leaving=is_leaving)
        if fault is Fault.CRASH_AFTER:
            raise Crash
        if fault is Fault.LOSE_ANSWER:
            raise InDoubt("the answer to the commit was lost")
