"""What a worker tells about its work; telemetry listens in production, a list in tests.

Invariant: it is told only what was committed, and nothing that a record says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from crossdock.streaming.assignment import OwnedSlot


class Observer(Protocol):
    """Listens to one worker."""

    def committed(self, slots: Iterable[OwnedSlot], records: int, seconds: float) -> None:
        """One transaction was committed; accounts of the slots are still filled."""

    def changed(self, slots: Mapping[int, OwnedSlot], is_ready: bool) -> None:
        """Phases, holds or readiness changed."""

    def trouble(self, error: Exception) -> None:
        """Something of the world or of a slot went wrong; the worker goes on."""
