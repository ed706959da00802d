"""Instants and durations as people type them: ISO 8601, milliseconds since the epoch, `15m`.

Invariant: a time without a zone is UTC, as in Kafka's own tools; a refusal shows an example.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO_DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_SHORT_DURATION = re.compile(r"(?P<count>\d+)(?P<unit>[smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_instant(text: str) -> datetime:
    """An instant in UTC. Raises BadParameter."""
    if text.isdigit():
        return _EPOCH + timedelta(milliseconds=int(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"'{text}' is no time: write 2026-03-01T12:00:00Z or milliseconds") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_duration(text: str) -> timedelta:
    """A positive duration. Raises BadParameter."""
    if match := _SHORT_DURATION.fullmatch(text):
        return timedelta(**{_UNITS[match["unit"]]: int(match["count"])})
    match = _ISO_DURATION.fullmatch(text)
    parts = {name: int(count) for name, count in match.groupdict().items() if count} if match else {}
    if not parts:
        raise click.BadParameter(f"'{text}' is no duration: write PT1H30M, P2D or 90m")
    return timedelta(**parts)


def milliseconds(moment: datetime) -> int:
    """Milliseconds since the epoch, as Kafka's timestamps count."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)
