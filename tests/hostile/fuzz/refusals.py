"""What every target asks of a refusal, and the record that it reads.

Invariant: a refusal tells nothing personal and can be kept.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.errors import Rejected
from crossdock.canonical.record import Record
from tests.hostile.cases import CAPTURED_MS

_PERSONAL: Final = ("secret 7", "secret street", "@example.com", "555-010-7777")
"""Markers that no code or count can look like, for damage moves them into any field."""


def record_of(partner: str, data: bytes, topic: str = "raw.channel.v1") -> Record:
    """A record of a partner with these bytes."""
    return Record(topic, 0, 7, f"acme/{partner}/order:sha256-fuzz".encode(), data, (), CAPTURED_MS)


def told(refusal: Rejected) -> str:
    """Code of a refusal that tells nothing personal and can be kept."""
    text = f"{refusal.detail} {refusal.path}"
    assert not any(marker in text.casefold() for marker in _PERSONAL), text
    text.encode()
    return str(refusal.code)
