"""Logs, metrics and spans of a worker: per batch, never per record unless it is sampled.

Invariant: no name, address, payload or key of a record leaves through here.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Literal

import orjson
import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from crossdock.streaming.assignment import OwnedSlot, Phase

MetricName = Literal[
    "crossdock_records_total",
    "crossdock_dispositions_total",
    "crossdock_transactions_total",
    "crossdock_transaction_seconds",
    "crossdock_batch_records",
    "crossdock_troubles_total",
    "crossdock_open_entries",
    "crossdock_slots",
    "crossdock_ready",
]

METRICS: Mapping[MetricName, str] = {
    "crossdock_records_total": "Input records by topic and intake outcome.",
    "crossdock_dispositions_total": "Closed entries by disposition.",
    "crossdock_transactions_total": "Committed transactions.",
    "crossdock_transaction_seconds": "Duration of a transaction, produce to commit.",
    "crossdock_batch_records": "Records per transaction.",
    "crossdock_troubles_total": "Errors that are not the record's fault, by class.",
    "crossdock_open_entries": "Entries in the hold store, by slot.",
    "crossdock_slots": "Owned slots by phase.",
    "crossdock_ready": "1 while assigned, restored and able to commit.",
}


def configure_logging(level: str) -> None:
    """JSON lines on standard error, one event each."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def tracer_of(service: str, endpoint: str) -> trace.Tracer:
    """A tracer that exports to OTLP, or one that does nothing where no endpoint is set."""
    if not endpoint:
        return trace.NoOpTracer()
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return provider.get_tracer("crossdock.streaming")


class Telemetry:
    """Observer of one worker.

    Args:
        group: consumer group, the label of every metric.
    """

    def __init__(self, group: str, registry: CollectorRegistry, tracer: trace.Tracer) -> None:
        self._log = structlog.get_logger().bind(group=group)
        self._tracer = tracer
        self._group = group
        self.turned_at_s = time.monotonic()
        self.is_ready = False
        labels = ["group"]

        def counter(name: MetricName, extra: tuple[str, ...] = ()) -> Counter:
            return Counter(name, METRICS[name], [*labels, *extra], registry=registry)

        def gauge(name: MetricName, extra: tuple[str, ...] = ()) -> Gauge:
            return Gauge(name, METRICS[name], [*labels, *extra], registry=registry)

        self._records = counter("crossdock_records_total", ("topic", "outcome"))
        self._dispositions = counter("crossdock_dispositions_total", ("disposition",))
        self._transactions = counter("crossdock_transactions_total").labels(group)
        self._troubles = counter("crossdock_troubles_total", ("error",))
        self._open = gauge("crossdock_open_entries", ("slot",))
        self._shown: set[int] = set()
        self._slots = gauge("crossdock_slots", ("phase",))
        self._ready = gauge("crossdock_ready").labels(group)
        seconds: MetricName = "crossdock_transaction_seconds"
        batch: MetricName = "crossdock_batch_records"
        buckets = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5)
        self._seconds = Histogram(
            seconds, METRICS[seconds], labels, buckets=buckets, registry=registry
        ).labels(group)
        sizes = (1, 2, 5, 10, 20, 50, 100, 200, 500)
        self._batch = Histogram(batch, METRICS[batch], labels, buckets=sizes, registry=registry).labels(group)

    def committed(self, slots: Iterable[OwnedSlot], records: int, seconds: float) -> None:
        """Count what a transaction did."""
        self._transactions.inc()
        self._seconds.observe(seconds)
        if records:
            self._batch.observe(records)
        for owned in slots:
            account = owned.slot.account
            for (topic, outcome), number in account.intake.items():
                self._records.labels(self._group, topic, outcome.value).inc(number)
            for disposition, number in account.closed.items():
                self._dispositions.labels(self._group, disposition).inc(number)
            self._open.labels(self._group, owned.number).set(owned.slot.position.open_entries)
        self._span(records, seconds)

    def changed(self, slots: Mapping[int, OwnedSlot], is_ready: bool) -> None:
        """Log and expose phases and readiness."""
        phases = {phase: sorted(n for n, owned in slots.items() if owned.phase is phase) for phase in Phase}
        for phase, numbers in phases.items():
            self._slots.labels(self._group, phase.value).set(len(numbers))
        self._show_open(slots)
        self.is_ready = is_ready
        self._ready.set(is_ready)
        self._log.info("slots", ready=is_ready, **{phase.value: n for phase, n in phases.items() if n})

    def _show_open(self, slots: Mapping[int, OwnedSlot]) -> None:
        """Open entries of the slots that are mine: those of another worker's are told by that one."""
        for number in self._shown - set(slots):
            self._open.remove(self._group, number)
        self._shown &= set(slots)
        for number, owned in slots.items():
            if owned.phase is not Phase.RESTORING:
                self._shown.add(number)
                self._open.labels(self._group, number).set(owned.slot.position.open_entries)

    def trouble(self, error: Exception) -> None:
        """Log what is not the record's fault."""
        self._troubles.labels(self._group, type(error).__name__).inc()
        self._log.warning("trouble", error=type(error).__name__, detail=str(error))

    def _span(self, records: int, seconds: float) -> None:
        end_ns = time.time_ns()
        span = self._tracer.start_span(
            f"process {self._group}",
            kind=trace.SpanKind.CONSUMER,
            start_time=end_ns - int(seconds * 1e9),
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.type": "process",
                "messaging.consumer.group.name": self._group,
                "messaging.batch.message_count": records,
            },
        )
        span.end(end_ns)
