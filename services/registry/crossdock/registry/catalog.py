"""What the log says: subjects, versions, ids, levels, modes.

Invariant: the catalog is a fold of the log's records and of nothing else; applying the same records again
gives the same catalog, and no id is ever given to a second schema.
"""

from __future__ import annotations

from typing import TypeVar

from crossdock.canonical.evolution import Level
from crossdock.registry import entries
from crossdock.registry.entries import Key, Reference, Version

T = TypeVar("T")


class Catalog:
    """State of the registry."""

    def __init__(self) -> None:
        self._versions: dict[str, dict[int, Version]] = {}
        self._by_id: dict[int, Version] = {}
        self._levels: dict[str | None, Level] = {}
        self._modes: dict[str | None, str] = {}
        self._highest_id = 0

    @property
    def highest_id(self) -> int:
        """Highest id ever given."""
        return self._highest_id

    def raise_highest_id(self, schema_id: int) -> None:
        """Never give an id up to this one again."""
        self._highest_id = max(self._highest_id, schema_id)

    def apply(self, key: Key, value: bytes | None) -> None:
        """Take one record of the log; None is a tombstone."""
        kind, subject, number = key
        if kind == "SCHEMA" and subject is not None:
            self._apply_version(subject, number, value)
        elif kind == "CONFIG":
            level = entries.decode_setting(value, "compatibilityLevel") if value else None
            _set(self._levels, subject, Level(level) if level and level in Level.__members__ else None)
        elif kind == "MODE":
            _set(self._modes, subject, entries.decode_setting(value, "mode") if value else None)

    def value(self, key: Key) -> bytes | None:
        """The record that would restate the current fact of a key; None for a tombstone."""
        kind, subject, number = key
        if kind == "SCHEMA":
            version = self._versions.get(subject or "", {}).get(number)
            return entries.encode_version(version) if version else None
        if kind == "CONFIG":
            level = self._levels.get(subject)
            return entries.encode_setting("compatibilityLevel", level) if level else None
        mode = self._modes.get(subject)
        return entries.encode_setting("mode", mode) if mode else None

    def _apply_version(self, subject: str, number: int, value: bytes | None) -> None:
        if value is None:
            self._versions.get(subject, {}).pop(number, None)
            return
        version = entries.decode_version(value)
        if version is None:
            return
        self._versions.setdefault(subject, {})[number] = version
        self._by_id.setdefault(version.id, version)
        self.raise_highest_id(version.id)

    def subjects(self, *, with_deleted: bool = False) -> list[str]:
        """Names of the subjects that have a version, sorted."""
        return sorted(name for name in self._versions if self.versions(name, with_deleted=with_deleted))

    def versions(self, subject: str, *, with_deleted: bool = False) -> list[Version]:
        """Versions of a subject, oldest first."""
        found = self._versions.get(subject, {})
        return [found[number] for number in sorted(found) if with_deleted or not found[number].is_deleted]

    def version(self, subject: str, number: int, *, with_deleted: bool = False) -> Version | None:
        """One version; None where it does not exist or is deleted."""
        found = self._versions.get(subject, {}).get(number)
        return None if found is None or (found.is_deleted and not with_deleted) else found

    def by_id(self, schema_id: int) -> Version | None:
        """A version with this id, deleted or not; all of them have the same schema."""
        return self._by_id.get(schema_id)

    def uses(self, schema_id: int, *, with_deleted: bool = False) -> list[Version]:
        """All versions of all subjects with this id, by subject and version."""
        return [
            version
            for subject in sorted(self._versions)
            for version in self.versions(subject, with_deleted=with_deleted)
            if version.id == schema_id
        ]

    def referrers(self, subject: str, number: int) -> list[Version]:
        """Versions, deleted ones left out, whose schema takes a type from this one."""
        return [
            version
            for name in sorted(self._versions)
            for version in self.versions(name)
            if any((row.subject, row.version) == (subject, number) for row in version.references)
        ]

    def id_of(self, schema: str, references: tuple[Reference, ...]) -> int | None:
        """Id that this very schema got anywhere, deleted or not; None where it is new."""
        for schema_id, version in self._by_id.items():
            if version.schema == schema and version.references == references:
                return schema_id
        return None

    def level(self, subject: str | None) -> Level | None:
        """Level set for a subject, or globally for None; None where not set."""
        return self._levels.get(subject)

    def mode(self, subject: str | None) -> str | None:
        """Mode set for a subject, or globally for None; None where not set."""
        return self._modes.get(subject)


def _set(table: dict[str | None, T], subject: str | None, value: T | None) -> None:
    if value is None:
        table.pop(subject, None)
    else:
        table[subject] = value
