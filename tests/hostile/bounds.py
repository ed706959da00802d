"""Bounds that hostile input may not break: memory by a ceiling on the process, time by pytest's watchdog.

Invariant: what allocates beyond the ceiling meets a MemoryError in its own frame, long before the machine
suffers; nothing here looks at a clock.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

WATCHDOG = pytest.mark.timeout(120, method="thread")
"""Ends the run with all stacks, even inside C code that never returns."""
_STATM = Path("/proc/self/statm")
_FREE_BYTES = 64 * 1024 * 1024
_BYTES_PER_INPUT_BYTE = 200


@contextmanager
def ceiling(input_bytes: int) -> Iterator[None]:
    """Lets the process grow by so much as an input of this size may need, where the system can tell."""
    if not _STATM.exists():
        yield
        return
    now = int(_STATM.read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = now + _FREE_BYTES + _BYTES_PER_INPUT_BYTE * input_bytes
    resource.setrlimit(
        resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
    )
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
