"""Chooses TCP ports on the loopback interface.

Invariant: a chosen port lies outside the range from which the kernel takes ports for outgoing
connections; a client that keeps dialling a dead broker cannot connect to itself there and keep the port.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Collection
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
_LOW, _HIGH = 20_000, 32_000
_RANGE_FILE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether something accepts connections on the port now."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def free_port(preferred: int | None = None, *, taken: Collection[int] = ()) -> int:
    """The preferred port where it is free, else any free one outside the kernel's own range."""
    if preferred is not None and preferred not in taken and is_free(preferred):
        return preferred
    low, high = _own_range()
    for port in random.sample(range(low, high), high - low):
        if port not in taken and is_free(port):
            return port
    raise OSError(f"no free port between {low} and {high} on {LOOPBACK}")


def _own_range() -> tuple[int, int]:
    try:
        first = int(_RANGE_FILE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return _LOW, _HIGH
    return (_LOW, min(_HIGH, first)) if first > _LOW + 1000 else (_LOW, _HIGH)
