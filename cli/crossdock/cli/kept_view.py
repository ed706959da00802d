"""How kept entries are shown: one by one, by cause, and whole.

Invariant: a list holds no payload; only `show` does, for the one entry that was asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import click

from crossdock.cli.kept import Kept
from crossdock.cli.kept_selection import channel_of, key_of, tenant_of
from crossdock.cli.output import age, instant, printable, printable_bytes
from crossdock.cli.record_view import RecordView

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHORT_ID = 12
"""Digits of an id that a table shows; any command takes them."""


def moment_of(microseconds: int) -> datetime | None:
    """An instant of a row; None where it is not set."""
    return _EPOCH + timedelta(microseconds=microseconds) if microseconds else None


def row_of(kept: Kept, now: datetime) -> dict[str, object]:
    """An entry as a row of a table, and as JSON without its payload."""
    entry = kept.entry
    since = moment_of(entry.first_us)
    return {
        "id": entry.entry_id,
        "kind": entry.kind,
        "code": entry.code or None,
        "key": key_of(kept),
        "source": entry.record.coordinates,
        "tries": entry.n,
        "behind": kept.followers,
        "age": age((now - since).total_seconds()) if since else None,
        "standing": kept.standing,
        "group": kept.group,
        "slot": kept.slot,
        "tenant": tenant_of(kept),
        "channel": channel_of(kept),
        "stage": entry.stage or None,
        "detail": entry.detail or _wait_of(kept) or None,
        "path": entry.path or None,
        "fingerprint": entry.fingerprint or None,
        "first_at": since and instant(since),
        "reference": entry.reference or None,
        "deadline": (due := moment_of(entry.deadline_us)) and instant(due),
    }


def _wait_of(kept: Kept) -> str:
    due = moment_of(kept.entry.deadline_us)
    return f"waits for {kept.entry.reference} until {instant(due)}" if due else ""


def short(row: Mapping[str, object]) -> dict[str, object]:
    """A row with its id cut for a table."""
    return {**row, "id": str(row["id"])[:SHORT_ID]}


def causes(kept: Iterable[Kept], now: datetime) -> list[dict[str, object]]:
    """Entries by cause (group, topic, code, fingerprint), the most frequent first."""
    by_cause: dict[tuple[str, str, str, str], list[Kept]] = defaultdict(list)
    for one in kept:
        entry = one.entry
        by_cause[one.group, entry.topic, entry.code or entry.kind, entry.fingerprint].append(one)
    rows = [_cause(cause, members, now) for cause, members in by_cause.items()]
    return sorted(rows, key=lambda row: (-int(str(row["count"])), str(row["code"])))


def _cause(cause: tuple[str, str, str, str], members: list[Kept], now: datetime) -> dict[str, object]:
    group, topic, code, fingerprint = cause
    oldest = min((one.entry.first_us for one in members if one.entry.first_us), default=0)
    since = moment_of(oldest)
    example = members[0]
    return {
        "code": code,
        "count": len(members),
        "behind": sum(one.followers for one in members),
        "oldest": age((now - since).total_seconds()) if since else None,
        "topic": topic,
        "group": group,
        "fingerprint": fingerprint,
        "channels": sorted({channel_of(one) for one in members}),
        "detail": example.entry.detail,
        "path": example.entry.path,
        "example": example.entry.entry_id,
        "examples": [one.entry.entry_id for one in members[:3]],
    }


def print_causes(rows: list[dict[str, object]]) -> None:
    """Print causes as short cards: what, how many, where, an example."""
    for row in rows:
        behind = f", {row['behind']} waiting behind" if row["behind"] else ""
        title = click.style(f"{row['count']:>6}  {row['code']}", bold=True)
        channels = printable(", ".join(str(channel) for channel in _list(row["channels"]) if channel))
        where = f" of {channels}" if channels else ""
        place = f"  at {row['path']}" if row["path"] else ""
        click.echo(f"{title}{behind}, oldest {row['oldest'] or '-'}")
        click.echo(printable(f"        {row['detail']}{place}"))
        click.echo(f"        {row['topic']}{where}, in {row['group']}")
        click.secho(f"        --fingerprint {row['fingerprint']}  e.g. {row['example']}", dim=True)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def print_entry(kept: Kept, view: RecordView, evidence: Mapping[str, str]) -> None:
    """Print one entry whole: what, why, the original record, what the dead letter adds."""
    row = row_of(kept, datetime.now(UTC))
    for name, value in row.items():
        if value not in (None, "", 0):
            click.echo(f"{name + ':':<13} {printable(str(value))}")
    for name, text in evidence.items():
        click.echo(f"{name + ':':<13} " + printable(text.rstrip(), kept="\n").replace("\n", "\n" + " " * 14))
    click.secho("headers:", bold=True)
    for header, content in kept.entry.headers:
        click.echo(f"  {printable(header)}: " + ("null" if content is None else printable_bytes(content)))
    click.secho("value:", bold=True)
    click.echo(view.pretty(kept.entry.record))
