"""What all HTTP endpoints share: limits, reading the body, keying, delivery.

Invariant: a request is answered 2xx only with coordinates that the broker acknowledged; everything that
can refuse it cheaply is asked before its body is read, and the body is never longer in memory than the cap.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request

from crossdock.canonical.models.partner import PartnerKind, PartnerProfile
from crossdock.canonical.topics import RAW_CHANNEL, RAW_DOCUMENT, Topic
from crossdock.formats.declaration import RAW_TOPICS, Format
from crossdock.ingest.limits import InFlight, Reservation, TenantRates
from crossdock.ingest.metrics import Metrics
from crossdock.ingest.problems import ProblemCode, Refused
from crossdock.ingest.producer import BrokerUnavailable, Coordinates, Producer, RecordTooLarge
from crossdock.ingest.profiles import ProfileView, profile_in_force
from crossdock.ingest.raw_record import Arrival, RawRecord, Recorder

DEFAULT_CONTENT_TYPE: Final = "application/octet-stream"
_STORABLE: Final = re.compile(r"[\x20-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a record may become, and how long its body may take."""

    record_bytes_max: int
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything an endpoint needs, made once by the service.

    Args:
        profiles: who may send what.
        producer: takes the records.
        recorder: makes the records.
        rates: requests per second of the tenants.
        in_flight: bytes and requests under way.
        body: limits of a body.
        metrics: counters.
        clock: now, UTC.
    """

    profiles: ProfileView
    producer: Producer
    recorder: Recorder
    rates: TenantRates
    in_flight: InFlight
    body: BodyLimits
    metrics: Metrics
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def profile(self, tenant: str, channel: str) -> PartnerProfile:
        """The profile in force now. Raises Refused."""
        return profile_in_force(self.profiles, tenant, channel, self.clock())

    def enter(self, tenant: str) -> Reservation:
        """A place for one request. Raises Refused where the tenant, Kafka or this process is at its limit."""
        self.rates.check(tenant)
        if not self.producer.is_available:
            raise _unavailable()
        return self.in_flight.enter()

    async def read_body(self, request: Request, reservation: Reservation) -> bytes:
        """The raw body, counted while it comes in. Raises Refused, or ClientDisconnect of starlette."""
        if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise Refused(
                ProblemCode.CONTENT_ENCODING_UNSUPPORTED, "The body is compressed.", field="Content-Encoding"
            )
        stated = request.headers.get("content-length", "")[:18]  # more digits are as much too large
        if stated.isdecimal() and int(stated) > self.body.record_bytes_max:
            raise self.too_large()
        try:
            async with asyncio.timeout(self.body.timeout_s):
                body = await self._collect(request, reservation)
        except TimeoutError:
            raise Refused(ProblemCode.REQUEST_TIMEOUT, "The body came too slowly.") from None
        if not body:
            raise Refused(ProblemCode.BODY_EMPTY, "The request has no body.")
        return body

    async def _collect(self, request: Request, reservation: Reservation) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > self.body.record_bytes_max:
                raise self.too_large()
            reservation.reserve(size)  # what came, not what was announced: announcing costs nothing
            chunks.append(chunk)
        return b"".join(chunks)

    def record(self, arrival: Arrival, profile: PartnerProfile) -> RawRecord:
        """The record of an arrival. Raises Refused where it is above the size limit or its format unknown."""
        wire_format = self.recorder.format_named(arrival.stated_format or profile.format)
        if arrival.stated_format and wire_format is None:
            raise Refused(
                ProblemCode.FORMAT_UNKNOWN, "The stated format is not registered.", field="Crossdock-Format"
            )
        record = self.recorder.record(arrival, _topic(profile, wire_format), wire_format)
        if record.size > self.body.record_bytes_max:
            raise self.too_large()
        return record

    async def deliver(self, record: RawRecord) -> Coordinates:
        """Append the record. Raises Refused where Kafka does not acknowledge it."""
        started = time.perf_counter()
        try:
            coordinates = await self.producer.deliver(record)
        except BrokerUnavailable:
            raise _unavailable() from None
        except RecordTooLarge:
            raise self.too_large() from None
        self.metrics.observe("crossdock_ingest_delivery_seconds", time.perf_counter() - started)
        return coordinates

    def too_large(self) -> Refused:
        """The refusal of a record above the size limit."""
        limit = self.body.record_bytes_max
        return Refused(
            ProblemCode.BODY_TOO_LARGE, f"Key, value and headers are above {limit} bytes.", field="body"
        )


def _topic(profile: PartnerProfile, wire_format: Format | None) -> Topic[bytes]:
    """Raw topic: that of the format; whatever an EDI partner sends is a document that is split first."""
    if profile.kind is PartnerKind.EDI_PARTNER:
        return RAW_DOCUMENT
    return RAW_CHANNEL if wire_format is None else RAW_TOPICS.get(wire_format.intake, RAW_CHANNEL)


def content_type(request: Request) -> str:
    """The stated content type. Raises Refused where it cannot be stored."""
    return storable(request.headers.get("content-type") or DEFAULT_CONTENT_TYPE, "Content-Type")


def storable(text: str, field: str) -> str:
    """Text that may stand in a record's header. Raises Refused."""
    if _STORABLE.fullmatch(text) is None:
        raise Refused(ProblemCode.HEADER_INVALID, f"The header {field} cannot be stored.", field=field)
    return text


def storable_or_empty(text: str) -> str:
    """The text, or empty where it cannot stand in a record's header."""
    return text if _STORABLE.fullmatch(text) else ""


def _unavailable() -> Refused:
    return Refused(
        ProblemCode.BROKER_UNAVAILABLE, "Kafka does not acknowledge at the moment.", retry_after_s=2
    )
