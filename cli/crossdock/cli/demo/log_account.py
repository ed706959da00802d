"""The account of a morning, counted from the records in the log alone.

Invariant: no figure comes from a receipt, a metric or a counter of the product; each input record is given
one outcome by what can be seen of it: moved, refused, kept back, published, equal to the state in force, or
older.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from crossdock.canonical import record as names
from crossdock.canonical.keys import key_prefix, murmur2_partition
from crossdock.canonical.models.sales import Order
from crossdock.canonical.record import Record
from crossdock.canonical.topics import ORDER, RAW_CHANNEL, RAW_DOCUMENT, RAW_TRANSACTION_SET, Topic
from crossdock.streaming import rows
from crossdock.streaming.dead_letters import PREFIX
from crossdock.streaming.serde import Serde
from crossdock.testbed.expectation import Account

GROUP: Final = "normalize"
INPUTS: Final[tuple[Topic[bytes], ...]] = (RAW_CHANNEL, RAW_DOCUMENT, RAW_TRANSACTION_SET)

ReadTopic = Callable[[str], Iterable[Record]]
"""Every committed record of a topic, each partition in order."""


@dataclass(frozen=True, slots=True)
class LogAccount:
    """What the log says.

    Args:
        account: to compare with what must have happened.
        latencies_ms: from the capture of a payload to its canonical order in the log, sorted; orders that
            came out of a hold are left out.
    """

    account: Account
    latencies_ms: list[int]


@dataclass(slots=True)
class _Traces:
    """What other topics show of input records, by their coordinates."""

    orders: list[tuple[Record, Order]] = field(default_factory=list)
    published: set[str] = field(default_factory=set)
    refused: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """First dead letter: its code, and whether it is a conflict."""
    held: set[str] = field(default_factory=set)
    open_entries: int = 0


def account_of(read: ReadTopic, serde: Serde, partitions: int) -> LogAccount:
    """Count the log of an installation."""
    traces = _traces(read, serde)
    account = Account(open_entries=traces.open_entries)
    for topic in INPUTS:
        _count_inputs(account, topic, list(read(topic.name)), traces, partitions)
    for _, order in traces.orders:
        channel = order.key.split("/")[1]
        account.orders[channel] += 1
        account.with_variance[channel] += bool(order.variances)
        account.value[order.currency] += order.computed.total.amount
    return LogAccount(account, _latencies(traces))


def _traces(read: ReadTopic, serde: Serde) -> _Traces:
    traces = _Traces()
    for record in read(ORDER.name):
        traces.orders.append((record, serde.deserialize(Order, record.value)))
        traces.published.add(record.header(names.CE_CAUSATION_ID) or "")
    for record in read(RAW_TRANSACTION_SET.name):
        traces.published.add(record.header(names.CE_CAUSATION_ID) or "")
    for topic in INPUTS:
        for record in read(f"{topic.name}.{GROUP}.dlq"):
            _take_dead_letter(traces, record)
    _take_changelog(traces, read(f"{GROUP}.changelog.v1"), serde)
    return traces


def _take_dead_letter(traces: _Traces, record: Record) -> None:
    said = {name: record.header(PREFIX + name) or "" for name in ("src.topic", "src.partition", "src.offset")}
    code = record.header(f"{PREFIX}err.code") or ""
    is_conflict = record.header(f"{PREFIX}err.class") == "Conflict"
    traces.refused.setdefault("/".join(said.values()), (code, is_conflict))


def _take_changelog(traces: _Traces, records: Iterable[Record], serde: Serde) -> None:
    """Entries that ever joined a hold, and how many entries are still there."""
    present: set[bytes] = set()
    for record in records:
        key = record.key or b""
        if key[:1] != rows.ENTRY:
            continue
        if record.value is None:
            present.discard(key)
            continue
        present.add(key)
        entry = serde.read_row(rows.Entry, record.value)
        if entry.kind == "held":
            traces.held.add(entry.record.coordinates)
    traces.open_entries = len(present)


def _count_inputs(
    account: Account, topic: Topic[bytes], records: Sequence[Record], traces: _Traces, partitions: int
) -> None:
    in_force: dict[bytes | None, bytes] = {}
    for record in records:
        place, content = record.coordinates, _content(record)
        channel = _channel(record)
        outcome = "superseded"
        if _is_misplaced(record, topic, partitions):
            outcome = "rerouted"
        elif place in traces.refused:
            code, is_conflict = traces.refused[place]
            outcome = "conflict" if is_conflict else "rejected"
            account.rejected[channel, code] += 1
        elif place in traces.held:
            outcome = "held"
        elif place in traces.published:
            outcome = "accepted"
            in_force[record.key] = content
        elif in_force.get(record.key) == content:
            outcome = "duplicate"
        account.intake[channel, topic.name, outcome] += 1


def _channel(record: Record) -> str:
    """From the key; a keyless record says in its payload, or nowhere, whose it is."""
    return (record.key or b"/pos-partner").split(b"/")[1].decode()


def _is_misplaced(record: Record, topic: Topic[bytes], partitions: int) -> bool:
    if record.key is None:
        return False
    prefix = key_prefix(record.key, topic.partition_segments)
    return murmur2_partition(prefix, partitions) != record.partition


def _content(record: Record) -> bytes:
    """The payload; of a transaction set, what stands between its BEG and its trailer."""
    value = record.value or b""
    if record.topic != RAW_TRANSACTION_SET.name:
        return value
    start = value.find(b"BEG*")
    end = value.rfind(b"SE*")
    return value[start:end]


def _latencies(traces: _Traces) -> list[int]:
    delayed = traces.held | traces.refused.keys()
    found = []
    for record, _ in traces.orders:
        if record.header(names.CE_CAUSATION_ID) not in delayed:
            captured_ms = record.time.timestamp() * 1000
            found.append(max(0, round(record.timestamp_ms - captured_ms)))
    return sorted(found)
