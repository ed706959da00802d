"""Calls of the client that may never return, given a deadline.

Invariant: the caller is back within the deadline whatever the client does; a call that hangs keeps its
own thread, which nothing waits for.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any


class BoundedCall:
    """One thread beside the worker for calls that block inside librdkafka.

    `send_offsets_to_transaction` was seen to hang for good after a kill -9 of the broker, in spite of
    its own timeout; the worker then goes on with a new producer, which fences the one that hangs.
    """

    def __init__(self) -> None:
        self._calls = self._start()

    def run(self, function: Callable[[], object], seconds: float) -> None:
        """Run the function. Raises what it raises, or TimeoutError after `seconds`."""
        answer: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
        self._calls.put((function, answer))
        try:
            error = answer.get(timeout=seconds)
        except queue.Empty:
            self._calls = self._start()
            raise TimeoutError(f"the Kafka client did not return within {seconds:g} s") from None
        if error is not None:
            raise error

    def close(self) -> None:
        """End the thread, unless a call hangs in it."""
        self._calls.put(None)

    @staticmethod
    def _start() -> queue.SimpleQueue[Any]:  # (function, answer), None to end
        calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=_serve, args=(calls,), name="kafka-calls", daemon=True).start()
        return calls


def _serve(calls: queue.SimpleQueue[Any]) -> None:
    while (call := calls.get()) is not None:
        function, answer = call
        try:
            function()
        except Exception as error:
            answer.put(error)
        else:
            answer.put(None)
        del call, function, answer  # a producer that was given up must not live on in here
