"""A registry that is away for a number of calls."""

from __future__ import annotations

from crossdock.streaming.backends.memory_registry import MemoryRegistry
from crossdock.streaming.backends.registry import RegistryUnavailable


class FlakyRegistry(MemoryRegistry):
    """Fails the next `failures` reads."""

    failures = 0

    def schema(self, schema_id: int) -> str:
        """A schema, unless the registry is away."""
        if self.failures:
            self.failures -= 1
            raise RegistryUnavailable("no schema registry answers")
        return super().schema(schema_id)
