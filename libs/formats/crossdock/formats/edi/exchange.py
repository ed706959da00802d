"""Exchange events: what was exchanged with a partner, and how it was told.

Invariant: an event names the record that told of it, and the very bytes by digest and size.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from crossdock.canonical.models import DeliveryStatus, ExchangeDirection, ExchangeEvent, ExchangeFinding
from crossdock.canonical.reading import Reading, Warning
from crossdock.canonical.record import Record

_FINDINGS_MAX: Final = 200
"""More findings than this are counted, not listed: the event must stay small."""


def exchange_fields(
    direction: ExchangeDirection, record: Record, value: bytes, names: Sequence[str]
) -> dict[str, object]:
    """What every event states.

    Args:
        direction: inbound, or outbound where a partner answers what we sent.
        record: what told of the exchange.
        value: the bytes that were exchanged; of an answer, the answer's.
        names: tenant and partner.
    """
    return {
        "tenant": names[0],
        "partner": names[1],
        "direction": direction,
        "sha256": hashlib.sha256(value).hexdigest(),
        "size_bytes": len(value),
        "delivery": DeliveryStatus.DELIVERED,
        "occurred": record.time,
        "raw_topic": record.topic,
        "raw_partition": record.partition,
        "raw_offset": record.offset,
    }


def with_events(reading: Reading, events: Iterable[ExchangeEvent]) -> Reading:
    """The reading with exchange events as its entities."""
    return replace(reading, entities=tuple(events))  # type: ignore[arg-type]  # has no revision


def listed(findings: list[Warning]) -> tuple[ExchangeFinding, ...]:
    """Findings as an event lists them: those beyond a limit are counted by their codes."""
    rows = [
        ExchangeFinding(code=finding.code, detail=finding.detail, path=finding.path)
        for finding in findings[:_FINDINGS_MAX]
    ]
    rest = Counter(finding.code for finding in findings[_FINDINGS_MAX:])
    rows += [ExchangeFinding(code=code, detail=f"{count} more of these") for code, count in rest.items()]
    return tuple(rows)
