"""Small topologies for tests of the runtime: counted stock per SKU, and raw counts without state.

`test.count.v1` carries Quantity, whose unit says what the step does with it; `raw.count.v1` carries JSON
`{"revision": "1", "content": "x", …}`. Invariant: the total of a SKU is the sum of its accepted counts.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from crossdock.canonical.errors import Rejected, RejectionCode, Waiting
from crossdock.canonical.models.common import Quantity, Revision, RevisionKind
from crossdock.canonical.reading import Part, Reading
from crossdock.canonical.record import Record
from crossdock.canonical.topics import Topic
from crossdock.streaming.context import Context, ReferenceTable
from crossdock.streaming.step import Emit, Step, emit
from crossdock.streaming.testing import Crash
from crossdock.streaming.topology import Marking, Ordering, Store, Topology, handle, translate

COUNT = Topic("test.count.v1", Quantity, 2)
CORRECTION = Topic("test.correction.v1", Quantity, 2)
TOTAL = Topic("test.total.v1", Quantity, 2)
UNIT = Topic("test.unit.v1", Quantity, 1)
RAW = Topic("raw.count.v1", bytes, 2)
READ = Topic("test.read.v1", bytes, 2)

TOTALS = Store("totals", 2, Quantity)
OBJECTS: Store[None] = Store("objects", 2)

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE_S = 60
"""How long a count waits for its unit."""


deaths: list[str] = []
"""Records that ended a worker of this process, in order."""


class Units:
    """Units that were declared: unit → pieces."""

    def __init__(self) -> None:
        self.pieces: dict[str, Decimal] = {}

    def apply(self, key: str, row: Quantity | None) -> None:
        """Take over one row."""
        if row is None:
            self.pieces.pop(key, None)
        else:
            self.pieces[key] = row.value


UNITS = ReferenceTable(UNIT, Units)
BROKEN_UNITS = ("BAD", "WORSE")


def add_count(state: Quantity | None, event: Quantity, context: Context) -> Step[Quantity]:
    """Add a count to the total of its SKU; some units are refused, or are a fault of ours."""
    if event.unit in BROKEN_UNITS:
        raise Rejected(RejectionCode.FIELD_INVALID, f"the unit is {event.unit}", "$.unit")
    if event.unit == "PILL":
        deaths.append(context.record.coordinates)
        raise Crash
    if event.unit == "EXIT":
        os._exit(9)
    while event.unit == "LOOP":
        pass
    if event.unit == "FAULT":
        raise ZeroDivisionError(f"secret value {event.value}")
    total = Quantity(value=event.value + (state.value if state is not None else Decimal(0)), unit="EA")
    key = (context.record.key or b"").decode()
    return Step(total, (emit(TOTAL, key, total), *_huge(event, key)))


def add_any_count(state: Quantity | None, event: Quantity, context: Context) -> Step[Quantity]:
    """The same in a corrected version, which reads `BAD` too."""
    unit = "EA" if event.unit == "BAD" else event.unit
    return add_count(state, Quantity(value=event.value, unit=unit), context)


def add_double(state: Quantity | None, event: Quantity, context: Context) -> Step[Quantity]:
    """The same in a version that counts `BAD` twice."""
    value = 2 * event.value if event.unit == "BAD" else event.value
    return add_any_count(state, Quantity(value=value, unit=event.unit), context)


def _huge(event: Quantity, key: str) -> tuple[Emit, ...]:
    if event.unit != "HUGE":
        return ()
    return (emit(TOTAL, key, Quantity(value=Decimal(0), unit="X" * 1_100_000)),)


def add_measured(state: Quantity | None, event: Quantity, context: Context) -> Step[Quantity]:
    """Add a count in a declared unit; an undeclared one is waited for."""
    pieces = context.reference(UNITS).pieces.get(
        f"acme/{event.unit}", Decimal(1) if event.unit == "EA" else None
    )
    if pieces is None:
        raise Waiting(f"{UNIT.name}:acme/{event.unit}", context.time + timedelta(seconds=PATIENCE_S))
    return add_count(state, Quantity(value=event.value * pieces, unit="EA"), context)


def add_measured_pill(state: Quantity | None, event: Quantity, context: Context) -> Step[Quantity]:
    """The same in a version that ends the worker once a unit is declared."""
    step = add_measured(state, event, context)
    return step if event.unit == "EA" else add_count(state, Quantity(value=event.value, unit="PILL"), context)


def revision_of(event: Quantity) -> Marking:
    """Revisions count up with the value; the unit is the content."""
    digest = hashlib.sha256(json.dumps([str(event.value), event.unit]).encode())
    return _marking(RevisionKind.COUNTER, f"{int(event.value):020d}", digest.hexdigest(), EPOCH)


def _marking(kind: RevisionKind, value: str, digest: str, captured_at: datetime) -> Marking:
    revision = Revision(kind=kind, value=value, captured_at=captured_at, content_sha256=digest)
    return Marking(revision, bytes.fromhex(digest))


def read_count(record: Record, context: Context) -> Reading:
    """One raw count: `revision`, `content`, and optionally `kind`, `captured_s`, `original`, `parts`."""
    try:
        stated = json.loads(record.value or b"")
        content = str(stated["content"]).encode()
        kind = RevisionKind(stated.get("kind", "counter"))
    except (ValueError, KeyError, TypeError) as error:
        raise Rejected(
            RejectionCode.ENVELOPE_BROKEN, "JSON with a content and a known kind is needed"
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    captured_at = EPOCH + timedelta(seconds=int(stated.get("captured_s", 0)))
    marking = _marking(kind, str(stated.get("revision", "")), digest, captured_at)
    parts = (Part((record.key or b"").decode(), content),) * int(stated.get("parts", 1))
    return Reading((), marking.revision, marking.digest, bool(stated.get("original")), parts)


def key_of_count(record: Record) -> str | None:
    """Key that a raw count states itself; hostile ones make this very function fail."""
    try:
        stated = json.loads(record.value or b"")
    except ValueError:
        return None
    if stated.get("key") == "refuse":
        raise Rejected(RejectionCode.ID_MISSING, "the key is refused")
    key = stated.get("key")
    return None if key is None else str(key["path"] if isinstance(key, dict) else key)


tally = Topology("tally", (handle(COUNT, TOTALS, add_count, emits=(TOTAL,)),))
repaired = Topology("tally", (handle(COUNT, TOTALS, add_any_count, emits=(TOTAL,)),))
repaired_otherwise = Topology("tally", (handle(COUNT, TOTALS, add_double, emits=(TOTAL,)),))
marked = Topology("marked", (handle(COUNT, TOTALS, add_count, emits=(TOTAL,), marking=revision_of),))
marked_repaired = Topology(
    "marked", (handle(COUNT, TOTALS, add_any_count, emits=(TOTAL,), marking=revision_of),)
)
order_free = Topology(
    "order-free", (handle(COUNT, TOTALS, add_count, emits=(TOTAL,), ordering=Ordering.ORDER_FREE),)
)
latest = Topology(
    "latest",
    (handle(COUNT, TOTALS, add_count, emits=(TOTAL,), marking=revision_of, ordering=Ordering.LATEST_WINS),),
)
two_inputs = Topology(
    "two-inputs",
    (
        handle(COUNT, TOTALS, add_count, emits=(TOTAL,)),
        handle(CORRECTION, TOTALS, add_count, emits=(TOTAL,)),
    ),
)
measured = Topology("measured", (handle(COUNT, TOTALS, add_measured, emits=(TOTAL,)),), (UNITS,))
measured_free = Topology(
    "measured-free",
    (handle(COUNT, TOTALS, add_measured, emits=(TOTAL,), ordering=Ordering.ORDER_FREE),),
    (UNITS,),
)
measured_pill = Topology(
    "measured-pill", (handle(COUNT, TOTALS, add_measured_pill, emits=(TOTAL,)),), (UNITS,)
)
raw = Topology("raw", (translate(RAW, OBJECTS, read_count, emits=(READ,), key=key_of_count),))
