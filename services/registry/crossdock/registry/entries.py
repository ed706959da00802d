"""Records of the `_schemas` topic, in the layout that Confluent's registry writes too.

Invariant: one key per fact (a version, a level, a mode), so compaction keeps exactly the current state;
a topic moves from one implementation to the other unchanged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reference:
    """A named type that a schema takes from a version of another subject."""

    name: str
    subject: str
    version: int

    def document(self) -> dict[str, object]:
        """JSON object of the API and of the log."""
        return {"name": self.name, "subject": self.subject, "version": self.version}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a subject.

    Args:
        schema: text of the Avro schema, compact JSON.
        is_deleted: softly deleted: hidden, but its id still resolves.
    """

    subject: str
    version: int
    id: int
    schema: str
    references: tuple[Reference, ...] = ()
    is_deleted: bool = False

    def document(self) -> dict[str, object]:
        """JSON object of the API; the schema type is left out, as Confluent does for Avro."""
        shown: dict[str, object] = {"subject": self.subject, "version": self.version, "id": self.id}
        if self.references:
            shown["references"] = [reference.document() for reference in self.references]
        return {**shown, "schema": self.schema}


Key = tuple[str, str | None, int]
"""(keytype, subject or None for the global setting, version or 0)."""

CLAIM: Key = ("NOOP", None, 0)
"""Key of the record by which a process makes itself the writer."""


def version_key(subject: str, version: int) -> Key:
    """Key of a version."""
    return ("SCHEMA", subject, version)


def level_key(subject: str | None) -> Key:
    """Key of a compatibility level."""
    return ("CONFIG", subject, 0)


def mode_key(subject: str | None) -> Key:
    """Key of a mode."""
    return ("MODE", subject, 0)


def encode_key(key: Key) -> bytes:
    """Bytes of a key; equal keys give equal bytes, or compaction would keep both."""
    kind, subject, version = key
    if kind == "SCHEMA":
        return _dump({"keytype": kind, "subject": subject, "version": version, "magic": 1})
    if kind == "NOOP":
        return _dump({"keytype": kind, "magic": 0})
    return _dump({"keytype": kind, "subject": subject, "magic": 0})


def decode_key(data: bytes) -> Key | None:
    """Key of a record; None for kinds that mean nothing here."""
    key = _load(data)
    kind = key.get("keytype")
    if kind == "NOOP":
        return CLAIM
    if kind not in ("SCHEMA", "CONFIG", "MODE"):
        return None
    return (kind, key.get("subject"), int(key.get("version", 0)) if kind == "SCHEMA" else 0)


def encode_version(version: Version) -> bytes:
    """Value of a version's record."""
    document = {**version.document(), "deleted": version.is_deleted}
    return _dump(document)


def decode_version(data: bytes) -> Version | None:
    """A version; None where it is not Avro, which this registry does not serve."""
    value = _load(data)
    if value.get("schemaType", "AVRO") != "AVRO":
        return None
    references = tuple(
        Reference(str(row["name"]), str(row["subject"]), int(row["version"]))
        for row in value.get("references") or []
    )
    return Version(
        str(value["subject"]),
        int(value["version"]),
        int(value["id"]),
        str(value["schema"]),
        references,
        bool(value.get("deleted", False)),
    )


def encode_setting(name: str, value: str) -> bytes:
    """Value of a level (`compatibilityLevel`) or mode (`mode`) record."""
    return _dump({name: value})


def decode_setting(data: bytes, name: str) -> str | None:
    """The text of a level or mode record."""
    value = _load(data).get(name)
    return value if isinstance(value, str) else None


def encode_claim(writer: str, highest_id: int) -> bytes:
    """Value of a claim; it remembers the highest id, which a deleted schema must not give back."""
    return _dump({"writer": writer, "highest_id": highest_id})


def decode_claim(data: bytes | None) -> tuple[str | None, int]:
    """(writer, highest id) of a claim; (None, 0) for the empty NOOP of other implementations."""
    value = _load(data) if data else {}
    return value.get("writer"), int(value.get("highest_id", 0))


def _dump(document: dict[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _load(data: bytes) -> dict[str, Any]:  # decode seam
    document = json.loads(data)
    return document if isinstance(document, dict) else {}
