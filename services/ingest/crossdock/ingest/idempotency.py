"""Marks of the ingest API's idempotency keys: same key and document, same answer.

Invariant: a mark stands for a record that is on its way or acknowledged; a failed delivery leaves no
mark, so a repetition is delivered (F31). The marks are this process's memory, bounded in number and
age: they spare the log most repetitions, but the guarantee is the consumers' duplicate marks, because
a repetition carries the same key, `ce_id` and bytes through whichever process it enters.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from crossdock.ingest.problems import ProblemCode, Refused
from crossdock.ingest.producer import Coordinates

IdempotencyKey = tuple[str, str, str]
"""Tenant, channel, and the key as the sender chose it."""


@dataclass(slots=True)
class Mark:
    """One used key: what it stood for, and the record that it becomes or became."""

    fingerprint: bytes
    expires_at: float
    delivery: asyncio.Task[Coordinates] | Coordinates

    async def coordinates(self) -> Coordinates:
        """The record's place, waiting for it where the delivery is under way; raises what that raises."""
        if isinstance(self.delivery, Coordinates):
            return self.delivery
        return await asyncio.shield(self.delivery)


@dataclass(frozen=True, slots=True)
class Answer:
    """The record's coordinates, and whether an earlier request wrote it."""

    coordinates: Coordinates
    is_repetition: bool


class IdempotencyMarks:
    """The keys of the last `window_s` seconds, at most `marks_max`, the oldest forgotten first.

    Args:
        marks_max: how many keys are remembered.
        window_s: for how many seconds each.
        clock: monotonic seconds.
    """

    def __init__(self, marks_max: int, window_s: float, clock: Callable[[], float]) -> None:
        self._marks_max = marks_max
        self._window_s = window_s
        self._clock = clock
        self._marks: OrderedDict[IdempotencyKey, Mark] = OrderedDict()

    def __len__(self) -> int:
        return len(self._marks)

    async def once(
        self,
        key: IdempotencyKey,
        fingerprint: bytes,
        deliver: Callable[[], Coroutine[None, None, Coordinates]],
    ) -> Answer:
        """Deliver, or answer with what the same key delivered before, waiting for it where it is under way.

        Raises:
            Refused: idempotency_conflict where the key stood for another fingerprint; whatever
                `deliver` raises, and then no mark remains.
        """
        self._forget_expired()
        mark = self._marks.get(key)
        if mark is not None and mark.fingerprint != fingerprint:
            raise Refused(
                ProblemCode.IDEMPOTENCY_CONFLICT,
                "The key was used before for another document.",
                field="Idempotency-Key",
            )
        if mark is not None:
            return Answer(await mark.coordinates(), is_repetition=True)
        mark = Mark(fingerprint, self._clock() + self._window_s, asyncio.create_task(deliver()))
        self._remember(key, mark)
        try:
            mark.delivery = await mark.coordinates()
        except Exception:
            self._forget(key, mark)
            raise
        return Answer(mark.delivery, is_repetition=False)

    def _remember(self, key: IdempotencyKey, mark: Mark) -> None:
        self._marks[key] = mark
        if len(self._marks) > self._marks_max:
            self._marks.popitem(last=False)

    def _forget(self, key: IdempotencyKey, mark: Mark) -> None:
        if self._marks.get(key) is mark:
            del self._marks[key]

    def _forget_expired(self) -> None:
        now = self._clock()
        while self._marks and next(iter(self._marks.values())).expires_at <= now:
            self._marks.popitem(last=False)
