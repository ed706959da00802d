"""W3C trace context: taken from the request, passed on in the record, with a span where OTLP is set up.

Invariant: a malformed `traceparent` is dropped, never passed on; without an OTLP endpoint no span is made
and the sender's context travels unchanged.
"""

from __future__ import annotations

import re
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from crossdock.canonical.record import TRACEPARENT, TRACESTATE
from crossdock.ingest.verifier import RawHeaders

Trace = tuple[tuple[str, str], ...]
"""`traceparent` and `tracestate` as header pairs; empty where there is none."""

_TRACEPARENT: Final = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
_TRACESTATE: Final = re.compile(rb"[\x21-\x7e][\x20-\x7e]{0,511}")
_PROPAGATOR: Final = TraceContextTextMapPropagator()


def sender_trace(headers: RawHeaders) -> Trace:
    """The sender's trace context, empty unless it is well formed."""
    found = dict(headers)
    parent, state = found.get(b"traceparent", b""), found.get(b"tracestate", b"")
    if _TRACEPARENT.fullmatch(parent) is None:
        return ()
    pairs = [(TRACEPARENT, parent.decode())]
    if _TRACESTATE.fullmatch(state) is not None:
        pairs.append((TRACESTATE, state.decode()))
    return tuple(pairs)


class RequestTrace:
    """The trace of one request: what its record carries on, and the span where one is made."""

    def __init__(self, carried: Trace, span: Span | None) -> None:
        self.carried = carried
        self._span = span

    def end(self, status: int, code: str = "") -> None:
        """Close the span with the HTTP status and, for refusals, the problem code."""
        if self._span is None:
            return
        self._span.set_attribute("http.response.status_code", status)
        if code:
            self._span.set_attribute("error.type", code)
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class Tracing:
    """Makes the traces of requests.

    Args:
        endpoint: OTLP/HTTP endpoint for traces; empty: no spans.
        ratio: share of requests traced that have no sampled parent.
        exporter: takes the spans; by default the OTLP one.
    """

    def __init__(self, endpoint: str, ratio: float, exporter: SpanExporter | None = None) -> None:
        self._provider: TracerProvider | None = None
        if endpoint:
            sampler = ParentBased(TraceIdRatioBased(ratio))
            resource = Resource.create({"service.name": "crossdock-ingest"})
            self._provider = TracerProvider(sampler, resource)
            self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint)))

    def start(self, route: str, headers: RawHeaders) -> RequestTrace:
        """The trace of a request; `route` is the path's pattern, not the path."""
        sent = sender_trace(headers)
        if self._provider is None:
            return RequestTrace(sent, None)
        attributes = {"http.request.method": "POST", "http.route": route}
        span = self._provider.get_tracer("crossdock.ingest").start_span(
            f"POST {route}", _PROPAGATOR.extract(dict(sent)), SpanKind.SERVER, attributes
        )
        carried: dict[str, str] = {}
        _PROPAGATOR.inject(carried, set_span_in_context(span))
        return RequestTrace(tuple(carried.items()), span)

    def close(self) -> None:
        """Send what is left."""
        if self._provider is not None:
            self._provider.shutdown()
