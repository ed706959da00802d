"""Typed handles of the topics, and the declarations in `schemas/topics` that they must match.

Invariant: a handle's name, record and partition segments equal its declaration (contract test).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Topic(Generic[T]):
    """A topic that code produces to or reads from.

    Args:
        name: logical name, `<domain>.<entity>.v<major>`, without the installation's namespace.
        record: pydantic model of its Avro record, or `bytes` for raw topics.
        partition_segments: how many leading key segments choose the partition.
    """

    name: str
    record: type[T]
    partition_segments: int
