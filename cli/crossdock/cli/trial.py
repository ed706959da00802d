"""Running documents through normalize's own functions, without a broker.

Invariant: nothing is decided here; keys, headers and records are those that ingest would write, and the
reading is that of `crossdock.normalize.domain`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crossdock.canonical.errors import Rejected
from crossdock.canonical.keys import join_key
from crossdock.canonical.models import Entity, ExchangeEvent, PartnerProfile, PartnerProfileVersion
from crossdock.canonical.profiles import Profiles, document_of
from crossdock.canonical.reading import Reading, Warning
from crossdock.canonical.record import CE_TIME, EVENT, FORMAT, WRITER_SCHEMA, Record
from crossdock.canonical.topics import (
    ENTITIES,
    PARTNER_EXCHANGE,
    RAW_DOCUMENT,
    RAW_TRANSACTION_SET,
)
from crossdock.formats.declaration import RAW_TOPICS
from crossdock.formats.queue_messages import first_message
from crossdock.formats.refusals import RejectedForAll
from crossdock.formats.registry import FORMATS, Format
from crossdock.normalize.domain import read_channel_record, read_transaction_set, split_document

_FROM_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Refusal:
    """One problem of one document; `document` counts from 1."""

    document: int
    code: str
    detail: str
    path: str


@dataclass
class Result:
    """What became of all documents of a file."""

    entities: list[Entity] = field(default_factory=list)
    exchanges: list[ExchangeEvent] = field(default_factory=list)
    rejections: list[Refusal] = field(default_factory=list)
    accepted: int = 0
    """How many documents were read; one may give several entities, or only an exchange event."""
    warnings: list[tuple[int, Warning]] = field(default_factory=list)
    """With the number of the document; 0 is the file as a whole."""

    def document(self) -> dict[str, Any]:
        """The answer as JSON: field names of the canonical model, decimals as text."""
        return {
            "outcome": "rejected" if self.rejections else "accepted",
            "events": [_event(ENTITIES[type(one)].name, one) for one in self.entities],
            "exchanges": [_event(PARTNER_EXCHANGE.name, exchange) for exchange in self.exchanges],
            "variances": [
                {"key": one.key, **variance.model_dump(mode="json")}
                for one in self.entities
                for variance in one.variances
            ],
            "rejections": [
                {"code": one.code, "detail": one.detail, "path": one.path, "document": one.document}
                for one in self.rejections
            ],
            "warnings": [
                {"code": one.code, "detail": one.detail, "path": one.path, "document": number}
                for number, one in self.warnings
            ],
        }


def _event(topic: str, entity: Entity | ExchangeEvent) -> dict[str, Any]:
    return {"topic": topic, "key": entity.key, "value": entity.model_dump(mode="json")}


def sniff(data: bytes) -> str:
    """Name of the format that a payload, or the first message in it, looks like.

    Raises LookupError where it looks like none.
    """
    looked_at = first_message(data)
    likenesses = {
        name: form.looks_like(looked_at) for name, form in FORMATS.items() if form.looks_like is not None
    }
    best = max(likenesses.values(), default=0)
    found = sorted(name for name, likeness in likenesses.items() if likeness == best)
    if best <= 0:
        raise LookupError("the payload looks like no known format")
    if len(found) > 1:
        raise LookupError(f"the payload may be {' or '.join(found)}")
    return found[0]


class Trial:
    """One partner's profile, ready to read payloads.

    Args:
        format_name: format that reads them, whatever the profile says.
        event: what the channel calls the event.
        schema: Avro schema that framed values were written with.
        captured_at: capture time of the records, aware.
    """

    def __init__(
        self,
        profile: PartnerProfile,
        format_name: str,
        *,
        captured_at: datetime,
        event: str | None = None,
        schema: bytes | None = None,
    ) -> None:
        self._owner = (profile.tenant, profile.partner)
        self._form: Format = FORMATS[format_name]
        self._profiles = _profiles_of(profile)
        headers = [
            (CE_TIME, captured_at.astimezone(UTC).isoformat().encode()),
            (FORMAT, format_name.encode()),
        ]
        if event is not None:
            headers.append((EVENT, event.encode()))
        if schema is not None:
            headers.append((WRITER_SCHEMA, schema))
        self._headers = tuple(headers)
        self._result = Result()

    def run(self, data: bytes) -> Result:
        """What normalize makes of each document of the payload."""
        for number, reading in enumerate(self._readings(data), 1):
            if isinstance(reading, Rejected):
                self._result.rejections += _refusals(number, reading)
                continue
            self._result.warnings += [(number, one) for one in reading.warnings]
            self._result.accepted += 1
            self._take(reading)
        return self._result

    def _take(self, reading: Reading) -> None:
        """Entities; exchange events (of a file, or of an acknowledgement in it) stand by themselves."""
        carried: tuple[object, ...] = reading.entities
        self._result.entities += [one for one in carried if isinstance(one, Entity)]
        self._result.exchanges += [one for one in carried if isinstance(one, ExchangeEvent)]

    def _readings(self, data: bytes) -> Iterator[Reading | Rejected]:
        """A file of documents is split first, as normalize does it; a single object is read as it is."""
        if self._form.split is None:
            yield self._read_whole(data)
            return
        whole = self._record(RAW_DOCUMENT.name, f"file-{hashlib.sha256(data).hexdigest()[:16]}", data)
        try:
            split = split_document(whole, self._profiles)
        except Rejected as refusal:
            yield refusal
            return
        self._take(split)
        self._result.warnings += [(0, one) for one in split.warnings]
        for part in split.parts:
            yield self._read(part.key, part.value, dict(part.headers), is_single=len(split.parts) == 1)

    def _read_whole(self, data: bytes) -> Reading | Rejected:
        """A payload of a format that knows no documents: one object, under the key that ingest gives it."""
        content = f"sha256-{hashlib.sha256(data).hexdigest()}"
        name = self._form.key(self._record("", content, data)) or content
        return self._read(join_key(*self._owner, name), data, {}, is_single=True)

    def _read(
        self, key: str, value: bytes, headers: dict[str, str], *, is_single: bool
    ) -> Reading | Rejected:
        added = tuple((name, text.encode()) for name, text in headers.items())
        topic = RAW_TOPICS.get(self._form.intake, RAW_TRANSACTION_SET)
        is_object = is_single and topic not in (RAW_DOCUMENT, RAW_TRANSACTION_SET)
        topic = topic if is_object else RAW_TRANSACTION_SET
        record = Record(topic.name, -1, -1, key.encode(), value, self._headers + added)
        try:
            return (read_channel_record if is_object else read_transaction_set)(record, self._profiles)
        except Rejected as refusal:
            return refusal

    def _record(self, topic: str, name: str, value: bytes) -> Record:
        return Record(topic, -1, -1, join_key(*self._owner, name).encode(), value, self._headers)


def _refusals(number: int, refusal: Rejected) -> list[Refusal]:
    if isinstance(refusal, RejectedForAll):
        return [Refusal(number, refusal.code, text, path) for path, text in refusal.problems]
    return [Refusal(number, refusal.code, refusal.detail, refusal.path)]


def _profiles_of(profile: PartnerProfile) -> Profiles:
    document = document_of(profile)
    version = PartnerProfileVersion(
        tenant=profile.tenant,
        partner=profile.partner,
        version=1,
        effective_from=_FROM_EVER,
        document=document,
        sha256=hashlib.sha256(document.encode()).hexdigest(),
        applied_by="crossdock try",
        reason="trial",
    )
    profiles = Profiles()
    profiles.apply(join_key(profile.tenant, profile.partner, "1"), version)
    return profiles
