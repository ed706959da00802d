"""The service's Prometheus metrics: one row per metric, in a registry of their own.

Invariant: label values come from fixed sets or from partner profiles in force, never from a request, so
the number of series is bounded and holds no personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

MetricName = Literal[
    "crossdock_ingest_accepted_total",
    "crossdock_ingest_refused_total",
    "crossdock_ingest_repeated_total",
    "crossdock_ingest_pings_total",
    "crossdock_ingest_disconnected_total",
    "crossdock_ingest_files_total",
    "crossdock_ingest_delivery_seconds",
    "crossdock_ingest_in_flight_bytes",
    "crossdock_ingest_in_flight_requests",
    "crossdock_ingest_abandoned_bytes",
    "crossdock_ingest_profiles",
    "crossdock_ingest_ready",
]

COUNTERS: Final[Mapping[MetricName, tuple[str, tuple[str, ...]]]] = {
    "crossdock_ingest_accepted_total": (
        "Requests answered 2xx after Kafka acknowledged their record.",
        ("endpoint", "tenant", "channel"),
    ),
    "crossdock_ingest_refused_total": ("Requests answered with a problem document.", ("endpoint", "code")),
    "crossdock_ingest_repeated_total": (
        "API requests answered from their idempotency key's mark.",
        ("tenant", "channel"),
    ),
    "crossdock_ingest_pings_total": (
        "Test requests of channels; they leave no record.",
        ("tenant", "channel"),
    ),
    "crossdock_ingest_disconnected_total": ("Clients that went away before the body was complete.", ()),
    "crossdock_ingest_files_total": ("Dropped files by outcome: produced, failed.", ("outcome",)),
}
GAUGES: Final[Mapping[MetricName, str]] = {
    "crossdock_ingest_in_flight_bytes": "Body bytes of requests under way.",
    "crossdock_ingest_in_flight_requests": "Requests under way.",
    "crossdock_ingest_abandoned_bytes": "Bytes of refused records that Kafka may still take.",
    "crossdock_ingest_profiles": "Partners with a profile.",
    "crossdock_ingest_ready": "1 while /readyz says 200.",
}
HISTOGRAMS: Final[Mapping[MetricName, tuple[str, tuple[float, ...]]]] = {
    "crossdock_ingest_delivery_seconds": (
        "From the complete record to Kafka's acknowledgement.",
        (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
    ),
}


class Metrics:
    """All metrics of one process; each instance has its own registry."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counters = {
            name: Counter(name, text, labels, registry=self._registry)
            for name, (text, labels) in COUNTERS.items()
        }
        self._gauges = {name: Gauge(name, text, registry=self._registry) for name, text in GAUGES.items()}
        self._histograms = {
            name: Histogram(name, text, registry=self._registry, buckets=buckets)
            for name, (text, buckets) in HISTOGRAMS.items()
        }

    def count(self, name: MetricName, *labels: str) -> None:
        """Add one to a counter."""
        counter = self._counters[name]
        (counter.labels(*labels) if labels else counter).inc()

    def set(self, name: MetricName, value: float) -> None:
        """Set a gauge."""
        self._gauges[name].set(value)

    def observe(self, name: MetricName, seconds: float) -> None:
        """Add an observation to a histogram."""
        self._histograms[name].observe(seconds)

    def exposition(self) -> tuple[bytes, str]:
        """The text that Prometheus scrapes, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
