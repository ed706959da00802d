"""The log that holds the registry's records, and one in memory with the same behaviour.

Invariant: `append` returns only after the record is durable and applied, so whoever was answered reads
his own write.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from crossdock.registry import entries
from crossdock.registry.catalog import Catalog
from crossdock.registry.entries import Key


class SchemaLog(Protocol):
    """Where records are appended and read back from."""

    @property
    def blindness(self) -> str | None:
        """Why the catalog may lack something; None where it is complete."""

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written now, blindness included; None where it can."""

    async def start(self) -> None:
        """Begin to read; returns at once."""

    async def append(self, key: Key, value: bytes | None) -> None:
        """Append a record and wait until it is applied. Raises StoreUnavailable."""

    async def claim(self) -> None:
        """Append a claim that remembers the highest id."""

    async def stop(self) -> None:
        """Stop reading and close."""


class MemoryLog:
    """A log that lives as long as the process; `records` may be given to a successor, as a restart would.

    Args:
        catalog: what the records are applied to.
        records: records of a predecessor, in order.
    """

    def __init__(self, catalog: Catalog, records: list[tuple[bytes, bytes | None]] | None = None) -> None:
        self._catalog = catalog
        self.records = records if records is not None else []
        self.blindness: str | None = None
        self.trouble: str | None = None

    async def start(self) -> None:
        """See SchemaLog."""
        apply = applier(self._catalog)
        for key, value in self.records:
            apply(key, value)

    async def append(self, key: Key, value: bytes | None) -> None:
        """See SchemaLog."""
        self.records.append((entries.encode_key(key), value))
        applier(self._catalog)(entries.encode_key(key), value)

    async def claim(self) -> None:
        """See SchemaLog."""
        await self.append(entries.CLAIM, entries.encode_claim("memory", self._catalog.highest_id))

    async def stop(self) -> None:
        """See SchemaLog."""


def applier(catalog: Catalog) -> Callable[[bytes, bytes | None], None]:
    """Function that applies raw records to a catalog; records that mean nothing here are passed over."""

    def apply(raw: bytes, value: bytes | None) -> None:
        key = entries.decode_key(raw)
        if key == entries.CLAIM:
            catalog.raise_highest_id(entries.decode_claim(value)[1])
        elif key is not None:
            catalog.apply(key, value)

    return apply
