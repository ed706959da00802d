"""A small topology for tests of the runtime: counted stock per SKU, and raw counts to count from.

`raw.count.v1` carries JSON `{"revision": 1, "value": "2", …}`; `test.count.v1` carries Quantity.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from decimal import Decimal

from crossdock.canonical.errors import Rejected, RejectionCode, Waiting
from crossdock.canonical.models.common import Quantity, Revision, RevisionKind
from crossdock.canonical.record import Record
from crossdock.canonical.topics import Topic
from crossdock.streaming.context import Context
from crossdock.streaming.step import Emit, Step, emit
from crossdock.streaming.topology import Marking, Ordering, Store, Topology, handle

COUNT = Topic("test.count.v1", Quantity, 2)
TOTAL = Topic("test.total.v1", Quantity, 2)
TOTALS = Store("totals", 2, Quantity)


def add_count(state: Quantity | None, event: Quantity, context: Context) -> Step[Quantity]:
    """Add a count to the total of its SKU; `BAD` is refused, `FAULT` is a fault of ours."""
    if event.unit == "BAD":
        raise Rejected(RejectionCode.FIELD_INVALID, "the unit is BAD", "$.unit")
    if event.unit == "FAULT":
        raise ZeroDivisionError("a fault")
    if event.unit == "WAIT":
        raise Waiting("test.units:EA", context.time + timedelta(seconds=60))
    total = Quantity(value=event.value + (state.value if state is not None else Decimal(0)), unit="EA")
    key = (context.record.key or b"").decode()
    return Step(total, (emit(TOTAL, key, total), *_huge(event, key)))


def _huge(event: Quantity, key: str) -> tuple[Emit, ...]:
    if event.unit != "HUGE":
        return ()
    return (emit(TOTAL, key, Quantity(value=Decimal(0), unit="X" * 1_100_000)),)


def revision_of(event: Quantity) -> Marking:
    """Revisions count up with the value; the unit is the content."""
    from datetime import UTC, datetime

    captured = datetime(2026, 1, 1, tzinfo=UTC)
    digest = hashlib.sha256(json.dumps([str(event.value), event.unit]).encode())
    revision = Revision(
        kind=RevisionKind.COUNTER,
        value=f"{int(event.value):020d}",
        captured_at=captured,
        content_sha256=digest.hexdigest(),
    )
    return Marking(revision, digest.digest())


tally = Topology("tally", (handle(COUNT, TOTALS, add_count, emits=(TOTAL,)),))
marked = Topology("marked", (handle(COUNT, TOTALS, add_count, emits=(TOTAL,), marking=revision_of),))
order_free = Topology(
    "order-free", (handle(COUNT, TOTALS, add_count, emits=(TOTAL,), ordering=Ordering.ORDER_FREE),)
)
latest = Topology(
    "latest",
    (handle(COUNT, TOTALS, add_count, emits=(TOTAL,), marking=revision_of, ordering=Ordering.LATEST_WINS),),
)


def record_key(record: Record) -> str:
    """Key of a record as text."""
    return (record.key or b"").decode()
