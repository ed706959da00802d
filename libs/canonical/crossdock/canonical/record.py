"""A Kafka record as every part of Crossdock sees it, and the names of its headers.

Invariant: key, value and headers are the very bytes of the log; nothing here decodes or repairs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

Headers = tuple[tuple[str, bytes | None], ...]

CE_ID: Final = "ce_id"
CE_SOURCE: Final = "ce_source"
CE_TYPE: Final = "ce_type"
CE_SPECVERSION: Final = "ce_specversion"
CE_TIME: Final = "ce_time"
CE_TENANT: Final = "ce_tenant"
CE_CHANNEL: Final = "ce_channel"
CE_CORRELATION_ID: Final = "ce_correlationid"
CE_CAUSATION_ID: Final = "ce_causationid"
CONTENT_TYPE: Final = "content-type"
TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"
FORMAT: Final = "crossdock_format"
"""Name of the format module, where the sender knows it better than the partner profile."""
EVENT: Final = "crossdock_event"
"""What the channel called the event, e.g. Shopify's `orders/create` or a file's name."""
WRITER_SCHEMA: Final = "crossdock_schema"
"""Avro schema that a value framed for a registry was written with: who takes the record from its topic asks
the registry, so that reading stays a function of the record."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS_MIN: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_MS_MAX: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the log, or one about to be appended (`offset` −1)."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_ms: int = 0
    """CreateTime, milliseconds since the epoch, UTC."""

    def header(self, name: str) -> str | None:
        """Text of the last header with this name; None where absent, null or not UTF-8."""
        for key, value in reversed(self.headers):
            if key == name and value is not None:
                try:
                    return value.decode()
                except UnicodeDecodeError:
                    return None
        return None

    @property
    def coordinates(self) -> str:
        """`topic/partition/offset`: what `ce_causationid` of derived records holds."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def created_at(self) -> datetime:
        """CreateTime as a UTC instant; the nearest there is where a producer stated one outside of years."""
        return _EPOCH + timedelta(milliseconds=min(max(self.timestamp_ms, _MS_MIN), _MS_MAX))

    @property
    def time(self) -> datetime:
        """Business capture time: `ce_time` where it is a valid instant, else CreateTime (R14)."""
        text = self.header(CE_TIME)
        if text is not None:
            try:
                instant = datetime.fromisoformat(text)
                if instant.tzinfo is not None:
                    return instant.astimezone(UTC)
            except (ValueError, OverflowError):
                return self.created_at
        return self.created_at
