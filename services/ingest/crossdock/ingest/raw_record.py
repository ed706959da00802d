"""From an arrival to the raw record that keeps it: key, headers, original bytes.

Invariant: the value is the arrival's body byte for byte, and the same arrival gives the same record;
the key names the business object where the format can tell, else the content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from crossdock.canonical import record as names
from crossdock.canonical.errors import Rejected
from crossdock.canonical.keys import join_key
from crossdock.canonical.record import Headers, Record
from crossdock.canonical.topics import Topic
from crossdock.formats.registry import Format

RAW_RECEIVED: Final = "crossdock.raw.Received"
"""`ce_type` of every raw record that ingest writes."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One document as it came in.

    Args:
        tenant, channel: whose it is; for files the channel is the partner.
        kind: what the endpoint calls it; first half of the key where the format knows no object.
        body: the original bytes.
        content_type: as stated, printable ASCII.
        captured_at: instant of the intake, UTC.
        delivery_id: the channel's id of this delivery, empty where it has none.
        event: the channel's name of the event, or the file's name.
        stated_format: the format that the sender stated, empty where it did not.
        trace: W3C `traceparent` and `tracestate` to pass on.
    """

    tenant: str
    channel: str
    kind: str
    body: bytes
    content_type: str
    captured_at: datetime
    delivery_id: str = ""
    event: str = ""
    stated_format: str = ""
    trace: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record about to be appended; `topic` is the logical name, without the namespace."""

    topic: str
    partition_segments: int
    key: bytes
    value: bytes
    headers: Headers

    @property
    def size(self) -> int:
        """Bytes of key, value and headers, as the size limit counts them."""
        headers = sum(len(name) + len(value or b"") for name, value in self.headers)
        return len(self.key) + len(self.value) + headers

    def header(self, name: str) -> str:
        """Text of a header, empty where absent."""
        return next((value.decode() for key, value in self.headers if key == name and value), "")


class Recorder:
    """Makes raw records.

    Args:
        formats: format modules by name.
        on_key_fault: told when a format's key() failed in a way that it should not; the document is
            kept under its content all the same.
    """

    def __init__(
        self, formats: Mapping[str, Format], on_key_fault: Callable[[Arrival, Exception], None]
    ) -> None:
        self._formats = formats
        self._on_key_fault = on_key_fault

    def format_named(self, name: str | None) -> Format | None:
        """The format of that name, None where there is none."""
        return self._formats.get(name or "")

    def record(self, arrival: Arrival, topic: Topic[bytes], wire_format: Format | None) -> RawRecord:
        """The record of an arrival; a body that the format cannot read is kept all the same."""
        try:
            return raw_record(arrival, topic, wire_format)
        except Exception as fault:
            self._on_key_fault(arrival, fault)
            return raw_record(arrival, topic, None)


def raw_record(arrival: Arrival, topic: Topic[bytes], wire_format: Format | None) -> RawRecord:
    """The record of an arrival; what the format rejects is kept under its content."""
    digest = hashlib.sha256(arrival.body).hexdigest()
    headers = _headers(arrival, arrival.delivery_id or digest)
    segment = _object_segment(arrival, topic, headers, wire_format)
    key = join_key(arrival.tenant, arrival.channel, segment or f"{arrival.kind}:sha256-{digest}")
    return RawRecord(topic.name, topic.partition_segments, key.encode(), arrival.body, headers)


def _object_segment(
    arrival: Arrival, topic: Topic[bytes], headers: Headers, wire_format: Format | None
) -> str | None:
    if wire_format is None:
        return None
    captured_ms = int(arrival.captured_at.timestamp() * 1000)
    owner = join_key(arrival.tenant, arrival.channel).encode()
    record = Record(topic.name, -1, -1, owner, arrival.body, headers, captured_ms)
    try:
        return wire_format.key(record)
    except Rejected:
        return None  # normalize refuses it with the same code and keeps the bytes as a dead letter


def _headers(arrival: Arrival, delivery_id: str) -> Headers:
    time = arrival.captured_at.astimezone(UTC).isoformat(timespec="microseconds")
    pairs = [
        (names.CE_ID, delivery_id),
        (names.CE_SOURCE, "/ingest/" + join_key(arrival.tenant, arrival.channel)),
        (names.CE_TYPE, RAW_RECEIVED),
        (names.CE_SPECVERSION, "1.0"),
        (names.CE_TIME, time),
        (names.CE_TENANT, arrival.tenant),
        (names.CE_CHANNEL, arrival.channel),
        (names.CE_CORRELATION_ID, delivery_id),
        (names.CONTENT_TYPE, arrival.content_type),
        (names.EVENT, arrival.event),
        (names.FORMAT, arrival.stated_format),
        *arrival.trace,
    ]
    return tuple([(name, value.encode()) for name, value in pairs if value])
