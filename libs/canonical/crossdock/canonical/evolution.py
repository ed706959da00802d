"""Compatibility levels of a schema registry: which pairs of versions must understand each other.

Invariant: the answer depends on the schemas alone, so the built-in registry, the in-memory one and the
contract tests judge a new version alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from crossdock.canonical.compatibility import incompatibilities

Schema = dict[str, Any] | list[Any] | str
"""An Avro schema as parsed JSON."""


class Level(StrEnum):
    """The levels of the Confluent REST API."""

    NONE = "NONE"
    """Anything goes."""
    BACKWARD = "BACKWARD"
    """The new version reads what the latest one wrote."""
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    """The new version reads what any version wrote."""
    FORWARD = "FORWARD"
    """The latest version reads what the new one writes."""
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    """Every version reads what the new one writes."""
    FULL = "FULL"
    """Both, with the latest version."""
    FULL_TRANSITIVE = "FULL_TRANSITIVE"
    """Both, with every version."""

    @property
    def is_transitive(self) -> bool:
        """Whether all versions count, not only the latest."""
        return self.value.endswith("_TRANSITIVE")

    @property
    def is_backward(self) -> bool:
        """Whether the new version must read old data."""
        return self.value.startswith(("BACKWARD", "FULL"))

    @property
    def is_forward(self) -> bool:
        """Whether old versions must read new data."""
        return self.value.startswith(("FORWARD", "FULL"))


def obstacles(level: Level, candidate: Schema, versions: Sequence[Schema]) -> list[str]:
    """Why `candidate` may not follow `versions` (oldest first); empty where it may."""
    if level is Level.NONE:
        return []
    counted = versions if level.is_transitive else versions[-1:]
    found: list[str] = []
    for number, version in enumerate(counted, start=len(versions) - len(counted) + 1):
        if level.is_backward:
            found += [f"reading version {number}: {text}" for text in incompatibilities(candidate, version)]
        if level.is_forward:
            found += [f"read by version {number}: {text}" for text in incompatibilities(version, candidate)]
    return found
