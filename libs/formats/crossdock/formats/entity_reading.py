"""The head that every reported entity starts with, and the reading of entities other than orders.

Invariant: the digest of a reading depends on the content of its entities alone: where and when it was
captured, its revision and our own variances are left out, so the same facts twice are a duplicate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from crossdock.canonical.codec import encode_fields
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models import (
    BusinessTime,
    Change,
    Entity,
    Extension,
    Revision,
    RevisionKind,
    SourceRef,
    Variance,
    Via,
)
from crossdock.canonical.models.instances import trusted
from crossdock.canonical.reading import Reading, Warning
from crossdock.canonical.record import Record
from crossdock.formats.order_draft import RevisionMark

NO_REVISION: Final = RevisionMark(RevisionKind.NONE, "")
_NO_DIGEST: Final = "0" * 64
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_CONTENT: Final[dict[str, object]] = {
    "source": SourceRef(system="", account="", object_type="", object_id="", captured_at=_EPOCH),
    "revision": Revision(kind=RevisionKind.NONE, value="", captured_at=_EPOCH, content_sha256=_NO_DIGEST),
    "change": Change.UNKNOWN,
    "variances": (),
}


@dataclass(slots=True)
class Head:
    """What the source says about an entity as a whole.

    Args:
        segments: key segments behind the tenant, plain text; `join_key` encodes them.
        object_type: what the system calls the object.
        object_id: its id in that system.
        account: account or shop in that system; the partner of the record's key where empty.
    """

    segments: tuple[str, ...]
    system: str
    object_type: str
    object_id: str
    occurred: BusinessTime
    mapping_version: str
    change: Change = Change.CREATED
    mark: RevisionMark = NO_REVISION
    account: str = ""
    via: Via = Via.UNKNOWN
    variances: list[Variance] = field(default_factory=list)
    extensions: tuple[Extension, ...] = ()

    def fields(self, record: Record) -> dict[str, object]:
        """Values of the fields that every entity starts with; `reading_of_entities` fills in the digest."""
        tenant, partner = split_key(record.key or b"")[:2]
        return {
            "key": join_key(tenant, *self.segments),
            "tenant": tenant,
            "change": self.change,
            "revision": _revision(self.mark, record, _NO_DIGEST),
            "occurred": self.occurred,
            "source": SourceRef(
                system=self.system,
                account=self.account or partner,
                object_type=self.object_type,
                object_id=self.object_id,
                raw_topic=record.topic,
                raw_partition=record.partition,
                raw_offset=record.offset,
                captured_at=record.time,
                mapping_version=self.mapping_version,
                via=self.via,
            ),
            "variances": tuple(self.variances),
            "extensions": self.extensions,
        }


def reading_of_entities(
    entities: Sequence[Entity],
    record: Record,
    mark: RevisionMark = NO_REVISION,
    *,
    is_original: bool = False,
    warnings: Iterable[Warning] = (),
) -> Reading:
    """The Reading of one payload; `mark` orders it among the states of the payload's object.

    Each entity gets the digest of its own content; the reading's is that of all of them in order.
    """
    digests = [_digest(entity) for entity in entities]
    whole = digests[0] if len(digests) == 1 else hashlib.sha256(b"".join(digests)).digest()
    signed = tuple(_signed(entity, digest) for entity, digest in zip(entities, digests, strict=True))
    kept = tuple(dict.fromkeys(warnings))
    return Reading(signed, _revision(mark, record, whole.hex()), whole, is_original, (), kept)


def with_more(reading: Reading, more: Reading) -> Reading:
    """The reading of a payload that says more than its first entity: both readings' entities in order."""
    if not more.entities:
        return reading
    whole = hashlib.sha256(reading.digest + more.digest).digest()
    revision = trusted(Revision, reading.revision.__dict__ | {"content_sha256": whole.hex()})
    kept = tuple(dict.fromkeys(reading.warnings + more.warnings))
    return Reading(reading.entities + more.entities, revision, whole, reading.is_original, (), kept)


def _digest(entity: Entity) -> bytes:
    return hashlib.sha256(encode_fields(type(entity), entity.__dict__ | _NOT_CONTENT)).digest()


def _signed(entity: Entity, digest: bytes) -> Entity:
    revision = trusted(Revision, entity.revision.__dict__ | {"content_sha256": digest.hex()})
    return trusted(type(entity), entity.__dict__ | {"revision": revision})


def _revision(mark: RevisionMark, record: Record, digest: str) -> Revision:
    return Revision(kind=mark.kind, value=mark.value, captured_at=record.time, content_sha256=digest)
