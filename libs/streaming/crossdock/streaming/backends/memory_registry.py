"""A schema registry without a process, for tests and for `crossdock try`.

Invariant: it answers as the built-in registry does, for both judge by `crossdock.canonical.evolution`.
"""

from __future__ import annotations

import json

from crossdock.canonical.evolution import Level, obstacles
from crossdock.streaming.backends.registry import RegisteredSchema, SchemaRefused


class MemoryRegistry:
    """See `registry.Registry` for the methods.

    Args:
        default: compatibility level where none is set for a subject.
    """

    def __init__(self, default: Level = Level.BACKWARD) -> None:
        self._default = default
        self._levels: dict[str, Level] = {}
        self._texts: list[str] = []
        self._versions: dict[str, list[str]] = {}

    def register(self, subject: str, schema: str) -> int:
        """See Registry."""
        text = _canonical(schema)
        versions = self._versions.setdefault(subject, [])
        if text not in versions:
            problems = self.check(subject, schema)
            if problems:
                raise SchemaRefused(409, "; ".join(problems))
            versions.append(text)
        if text not in self._texts:
            self._texts.append(text)
        return self._texts.index(text) + 1

    def schema(self, schema_id: int) -> str:
        """See Registry."""
        if not 1 <= schema_id <= len(self._texts):
            raise KeyError(schema_id)
        return self._texts[schema_id - 1]

    def latest(self, subject: str) -> RegisteredSchema | None:
        """See Registry."""
        versions = self._versions.get(subject)
        if not versions:
            return None
        return RegisteredSchema(subject, len(versions), self._texts.index(versions[-1]) + 1, versions[-1])

    def compatibility(self, subject: str, level: str) -> None:
        """See Registry."""
        try:
            self._levels[subject] = Level(level)
        except ValueError:
            raise SchemaRefused(42203, f"Invalid compatibility level {level}") from None

    def level(self, subject: str) -> str | None:
        """See Registry."""
        return self._levels.get(subject)

    def check(self, subject: str, schema: str) -> list[str]:
        """See Registry."""
        versions = [json.loads(text) for text in self._versions.get(subject, [])]
        return obstacles(self._levels.get(subject, self._default), json.loads(schema), versions)


def _canonical(schema: str) -> str:
    return json.dumps(json.loads(schema), separators=(",", ":"))
