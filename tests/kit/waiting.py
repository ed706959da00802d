"""Waiting for a condition, with a deadline that fails the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_LOOK_SECONDS = 0.02


def wait_until(
    is_true: Callable[[], object], require: Callable[[], object] = lambda: None, *, seconds: float = 30
) -> None:
    """Look until the condition holds; `require` may raise what makes waiting useless."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not is_true():
        require()
        assert time.monotonic() < deadline, f"not within {seconds} s: {is_true}"
        pause.wait(_LOOK_SECONDS)
