"""`crossdock tail`: the records of a topic, decoded.

Invariant: looking changes nothing: no group is joined, no offset is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import click

from crossdock.canonical.record import Record
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.output import as_json, json_option, printable, printable_bytes
from crossdock.cli.record_view import RecordView, SchemaSource, moment
from crossdock.cli.settings import Connection, pass_connection
from crossdock.cli.tail_format import read_format
from crossdock.cli.tail_offsets import Span, read_span, starts_of
from crossdock.streaming.backend import Place


@dataclass(frozen=True)
class Selection:
    """Which records are shown.

    Args:
        span: from where, until when.
        partitions: only these; empty for all.
        key: only records with this key, or, where it ends in `*`, with keys that begin so.
        stops_at_end: end with the last record that is there now.
    """

    span: Span
    partitions: tuple[int, ...] = ()
    key: str = ""
    stops_at_end: bool = False

    def takes(self, record: Record) -> bool:
        """Whether a record is shown."""
        if self.span.until_ms is not None and record.timestamp_ms >= self.span.until_ms:
            return False
        key = (record.key or b"").decode("utf-8", errors="replace")
        if self.key.endswith("*"):
            return key.startswith(self.key[:-1])
        return not self.key or key == self.key


@click.command("tail", short_help="Show the records of a topic, decoded.")
@click.argument("topic")
@click.option("-o", "offsets", multiple=True, metavar="OFFSET", help="Where to start and stop; see below.")
@click.option("-c", "count", type=click.IntRange(min=1), help="Stop after so many records.")
@click.option("-e", "stops_at_end", is_flag=True, help="Stop at the present end instead of waiting for more.")
@click.option("-p", "partitions", type=int, multiple=True, help="Only this partition; may be repeated.")
@click.option("-k", "key", default="", help="Only records with this key; 'acme/*' for keys that begin so.")
@click.option("-f", "template", metavar="FORMAT", help=r"Format as in kcat: '%t/%p/%o %k: %s\n'.")
@click.option("--uncommitted", is_flag=True, help="Also show records of open and aborted transactions.")
@json_option
@pass_connection
def tail(
    connection: Connection,
    *,
    topic: str,
    offsets: tuple[str, ...],
    count: int | None,
    stops_at_end: bool,
    partitions: tuple[int, ...],
    key: str,
    template: str | None,
    uncommitted: bool,
    is_json: bool,
) -> None:
    """Show the records of a topic, decoded.

    Framed Avro is decoded with the schema of its id, JSON is shown as it stands, other bytes are escaped.

    \b
    OFFSET   beginning · end · 42 · -10 (the last ten of each partition, the default)
             s@TIME (from) · e@TIME (until); TIME is ISO 8601 or milliseconds
    FORMAT   %s value  %k key  %h headers  %t topic  %p partition  %o offset
             %T timestamp  %S %K lengths  %j the record as JSON  \\n \\t \\xNN
    """
    if template is not None and is_json:
        raise click.UsageError("-f and --json exclude each other.")
    span = read_span(offsets)
    selection = Selection(span, partitions, key, stops_at_end or span.until_ms is not None)
    view = RecordView(_registry(connection))
    show = read_format(template, view) if template is not None else _shower(view, is_json=is_json)
    log = KafkaLog(connection, sees_uncommitted=uncommitted)
    for record in islice(_selected(log, topic, selection), count):
        click.echo(show(record), nl=template is None)


def _registry(connection: Connection) -> SchemaSource:
    from crossdock.streaming.backends.registry import RegistryClient  # noqa: PLC0415 - slow to import, help needs none

    return RegistryClient(connection.settings.registry_url, tries=2)


def _shower(view: RecordView, *, is_json: bool) -> Callable[[Record], str]:
    if is_json:
        return lambda record: as_json(view.document(record)).decode()
    return lambda record: card(view, record)


def card(view: RecordView, record: Record) -> str:
    """A record for a person: coordinates and key, headers, value."""
    key = "(no key)" if record.key is None else printable_bytes(record.key)
    lines = [f"{click.style(record.coordinates, fg='cyan')}  {moment(record)}  {click.style(key, bold=True)}"]
    for name, value in record.headers:
        text = "null" if value is None else printable_bytes(value)
        lines.append(click.style(f"  {printable(name)}: {text}", dim=True))
    return "\n".join([*lines, view.pretty(record), ""])


def _selected(log: KafkaLog, topic: str, selection: Selection) -> Iterator[Record]:
    known = log.partitions(topic)
    unknown = sorted(set(selection.partitions) - set(known))
    if unknown:
        raise click.UsageError(
            f"{topic} has partitions 0 to {len(known) - 1}, not {', '.join(map(str, unknown))}."
        )
    starts = starts_of(log, topic, selection.span, list(selection.partitions) or known)
    if selection.stops_at_end:
        records: Iterator[Record | None] = iter(log.read(topic, starts))
    else:
        records = log.follow({Place(topic, one): offset for one, offset in starts.items()})
    return (record for record in records if record is not None and selection.takes(record))
