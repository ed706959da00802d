"""The registry's rules: what may be registered, which id it gets, what may be deleted.

Invariant: one change at a time; a change is decided on the catalog as the log has it and is visible before
it is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from crossdock.canonical.evolution import Level, obstacles
from crossdock.registry import avro, entries, errors
from crossdock.registry.avro import AvroSchema
from crossdock.registry.catalog import Catalog
from crossdock.registry.entries import Reference, Version
from crossdock.registry.errors import Conflict, NotFound, RegistryError, Unprocessable
from crossdock.registry.log import SchemaLog

MODES: Final = ("READWRITE", "READONLY")
_VERSION_MAX = 2**31 - 1


class Registry:
    """All operations of the API.

    Args:
        default: compatibility level where none is set.
        refuse_hazards: refuse schemas with which a decoder can be crashed or made to loop.
    """

    def __init__(
        self,
        catalog: Catalog,
        log: SchemaLog,
        *,
        default: Level = Level.BACKWARD,
        refuse_hazards: bool = True,
    ) -> None:
        self.catalog = catalog
        self._log = log
        self._default = default
        self._refuse_hazards = refuse_hazards
        self._one_change = asyncio.Lock()

    def versions(self, subject: str, *, with_deleted: bool = False) -> list[Version]:
        """Versions of a subject. Raises NotFound (40401) where it has none."""
        found = self.catalog.versions(subject, with_deleted=with_deleted)
        if not found:
            raise errors.subject_not_found(subject)
        return found

    def version(self, subject: str, number: str, *, with_deleted: bool = False) -> Version:
        """One version by number or `latest`. Raises NotFound, Unprocessable (42202)."""
        wanted = version_number(number)
        found = self.versions(subject, with_deleted=with_deleted)
        if wanted is None:
            return found[-1]
        version = self.catalog.version(subject, wanted, with_deleted=with_deleted)
        if version is None:
            raise errors.version_not_found(number)
        return version

    def by_id(self, schema_id: int) -> Version:
        """A version with this id. Raises NotFound (40403)."""
        version = self.catalog.by_id(schema_id)
        if version is None:
            raise NotFound(errors.SCHEMA_NOT_FOUND, f"Schema {schema_id} not found")
        return version

    def level(self, subject: str | None) -> Level:
        """Level in force for a subject, or globally."""
        return self.catalog.level(subject) or self.catalog.level(None) or self._default

    def mode(self, subject: str | None) -> str:
        """Mode in force for a subject, or globally."""
        return self.catalog.mode(subject) or self.catalog.mode(None) or MODES[0]

    def lookup(
        self, subject: str, text: str, references: tuple[Reference, ...], *, with_deleted: bool
    ) -> Version:
        """The version of a subject that has this schema. Raises NotFound (40401, 40403)."""
        versions = self.versions(subject, with_deleted=with_deleted)
        schema = self._parse(text, references)
        for version in reversed(versions):
            if version.schema == schema.text and version.references == references:
                return version
        raise NotFound(errors.SCHEMA_NOT_FOUND, "Schema not found")

    async def register(self, subject: str, text: str, references: tuple[Reference, ...]) -> int:
        """Id of the schema under the subject; a new version where it is not there yet.

        Raises Unprocessable (42201), Conflict (409), StoreUnavailable.
        """
        async with self._one_change:
            schema = self._parse(text, references)
            versions = self.catalog.versions(subject)
            for version in versions:
                if version.schema == schema.text and version.references == references:
                    return version.id
            self._require_writable(subject)
            reasons = self._obstacles(subject, schema, versions)
            if reasons:
                raise Conflict(reasons)
            return await self._append_version(subject, schema, references)

    async def _append_version(
        self, subject: str, schema: AvroSchema, references: tuple[Reference, ...]
    ) -> int:
        known = self.catalog.id_of(schema.text, references)
        schema_id = known if known is not None else self.catalog.highest_id + 1
        numbers = [version.version for version in self.catalog.versions(subject, with_deleted=True)]
        version = Version(subject, max(numbers, default=0) + 1, schema_id, schema.text, references)
        await self._log.append(entries.version_key(subject, version.version), entries.encode_version(version))
        return schema_id

    def obstacles(
        self, subject: str, number: str | None, text: str, references: tuple[Reference, ...]
    ) -> list[str]:
        """Why a schema could not follow: one version, or for None those that the level counts.

        A subject without versions takes anything; a version that does not exist is NotFound (40402).
        """
        schema = self._parse(text, references)
        versions = self.catalog.versions(subject)
        if number is not None:
            versions = [self._to_compare(subject, number)] if versions or version_number(number) else []
        return self._obstacles(subject, schema, versions)

    def _to_compare(self, subject: str, number: str) -> Version:
        try:
            return self.version(subject, number)
        except NotFound:
            raise errors.version_not_found(number) from None

    async def delete_subject(self, subject: str, *, permanently: bool) -> list[int]:
        """Hide all versions, or remove hidden ones for good; the numbers of the versions.

        Raises NotFound (40401, 40404, 40405), Unprocessable (42206).
        """
        async with self._one_change:
            versions = self.versions(subject, with_deleted=True)
            _require_deletable(
                versions,
                permanently,
                NotFound(
                    errors.SUBJECT_SOFT_DELETED,
                    f"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently",
                ),
                NotFound(
                    errors.SUBJECT_NOT_SOFT_DELETED,
                    f"Subject '{subject}' was not deleted first before being permanently deleted",
                ),
            )
            chosen = versions if permanently else [version for version in versions if not version.is_deleted]
            await self._delete(chosen, permanently)
            return [version.version for version in chosen]

    async def delete_version(self, subject: str, number: str, *, permanently: bool) -> int:
        """Hide one version, or remove a hidden one for good; its number.

        Raises NotFound (40401, 40402, 40406, 40407), Unprocessable (42202, 42206).
        """
        async with self._one_change:
            version = self.version(subject, number, with_deleted=True)
            _require_deletable(
                [version],
                permanently,
                NotFound(
                    errors.VERSION_SOFT_DELETED,
                    f"Subject '{subject}' Version {number} was soft deleted. "
                    "Set permanent=true to delete permanently",
                ),
                NotFound(
                    errors.VERSION_NOT_SOFT_DELETED,
                    f"Subject '{subject}' Version {number} was not deleted "
                    "first before being permanently deleted",
                ),
            )
            await self._delete([version], permanently)
            return version.version

    async def _delete(self, versions: Sequence[Version], permanently: bool) -> None:
        for version in versions:
            self._require_writable(version.subject)
            if any(
                use.subject != version.subject
                for use in self.catalog.referrers(version.subject, version.version)
            ):
                text = f"References exist to the schema of '{version.subject}' version {version.version}"
                raise Unprocessable(errors.REFERENCE_EXISTS, text)
        if permanently:
            await self._log.claim()  # remembers the highest id, which may be removed now
        for version in versions:
            key = entries.version_key(version.subject, version.version)
            hidden = replace(version, is_deleted=True)
            await self._log.append(key, None if permanently else entries.encode_version(hidden))

    async def set_level(self, subject: str | None, level: str | None) -> Level:
        """Set (or for None remove) a level; the level that was set or removed.

        Raises Unprocessable (42203), NotFound (40408).
        """
        async with self._one_change:
            if level is None:
                removed = self.configured_level(subject)
                await self._log.append(entries.level_key(subject), None)
                return removed
            if level.upper() not in Level.__members__:
                names = ", ".join(Level)
                text = f"Invalid compatibility level. Valid values are {names}"
                raise Unprocessable(errors.INVALID_LEVEL, text)
            chosen = Level(level.upper())
            value = entries.encode_setting("compatibilityLevel", chosen)
            await self._log.append(entries.level_key(subject), value)
            return chosen

    def configured_level(self, subject: str | None) -> Level:
        """Level of a subject itself. Raises NotFound (40408) where only the global one applies."""
        level = self.catalog.level(subject)
        if level is None and subject is not None:
            text = f"Subject '{subject}' does not have subject-level compatibility configured"
            raise NotFound(errors.LEVEL_NOT_CONFIGURED, text)
        return level or self.level(None)

    async def set_mode(self, subject: str | None, mode: str) -> str:
        """Set a mode. Raises Unprocessable (42204)."""
        async with self._one_change:
            if mode not in MODES:
                raise Unprocessable(errors.INVALID_MODE, f"Invalid mode. Valid values are {', '.join(MODES)}")
            await self._log.append(entries.mode_key(subject), entries.encode_setting("mode", mode))
            return mode

    def _require_writable(self, subject: str) -> None:
        if self.mode(subject) == "READONLY":
            raise Unprocessable(errors.OPERATION_NOT_PERMITTED, f"Subject '{subject}' is in read-only mode")

    def _obstacles(self, subject: str, schema: AvroSchema, versions: Sequence[Version]) -> list[str]:
        level = self.level(subject)
        if level is Level.NONE:
            return []
        earlier = [self._parse(version.schema, version.references).whole for version in versions]
        return obstacles(level, schema.whole, earlier)

    def _parse(self, text: str, references: tuple[Reference, ...]) -> AvroSchema:
        return avro.parse(text, self._definitions(references), refuse_hazards=self._refuse_hazards)

    def _definitions(self, references: tuple[Reference, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for reference in references:
            version = self.catalog.version(reference.subject, reference.version, with_deleted=True)
            if version is None:
                text = f"reference {reference.name}: '{reference.subject}' has no version {reference.version}"
                raise Unprocessable(errors.INVALID_SCHEMA, f"Invalid schema: {text}")
            within = self._definitions(version.references)
            found |= within | dict(avro.parse(version.schema, within, refuse_hazards=False).names)
        return found


def version_number(text: str) -> int | None:
    """Number of a version; None for `latest` and -1. Raises Unprocessable (42202)."""
    if text in ("latest", "-1"):
        return None
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= _VERSION_MAX:
        return int(text)
    detail = (
        f"The specified version '{text[:40]}' is not a valid version id. Allowed values are between "
        '[1, 2^31-1] and the string "latest"'
    )
    raise Unprocessable(errors.INVALID_VERSION, detail)


def _require_deletable(
    versions: Sequence[Version], permanently: bool, hidden: RegistryError, visible: RegistryError
) -> None:
    is_hidden = all(version.is_deleted for version in versions)
    if is_hidden and not permanently:
        raise hidden
    if permanently and not is_hidden:
        raise visible
