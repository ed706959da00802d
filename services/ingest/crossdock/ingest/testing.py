"""Fakes for tests of whatever speaks to the intake: a producer, profiles, and the application on both.

Invariant: the fakes keep the protocols' promises; what they do wrong, they do because a test told them to.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.applications import Starlette

from crossdock.canonical.models.partner import PartnerProfile
from crossdock.formats.registry import FORMATS, Format
from crossdock.ingest.api import Api
from crossdock.ingest.app import Lifecycle, Watch, application
from crossdock.ingest.idempotency import IdempotencyMarks
from crossdock.ingest.intake import BodyLimits, Intake
from crossdock.ingest.journal import RefusalJournal, key_fault
from crossdock.ingest.limits import InFlight, Rate, TenantRates
from crossdock.ingest.metrics import Metrics
from crossdock.ingest.producer import BrokerUnavailable, Coordinates, RecordTooLarge
from crossdock.ingest.raw_record import RawRecord, Recorder
from crossdock.ingest.settings import RECORD_BYTES_MAX, Secrets
from crossdock.ingest.tokens import Tokens
from crossdock.ingest.tracing import Tracing
from crossdock.ingest.webhooks import Webhooks


@dataclass(slots=True)
class MemoryProducer:
    """A log in memory.

    Args:
        is_available: what the endpoints are told.
        failures: how many deliveries fail from now on.
        bytes_max: larger records are refused.
        gate: deliveries wait for it; set by default.
    """

    is_available: bool = True
    abandoned_bytes: int = 0
    failures: int = 0
    bytes_max: int = 1_048_576
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    records: list[RawRecord] = field(default_factory=list)
    waiting: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def deliver(self, record: RawRecord) -> Coordinates:
        """Append, once the gate is open. Raises BrokerUnavailable or RecordTooLarge as told."""
        self.waiting += 1
        await self.gate.wait()
        self.waiting -= 1
        if self.failures > 0:
            self.failures -= 1
            raise BrokerUnavailable
        if record.size > self.bytes_max:
            raise RecordTooLarge
        self.records.append(record)
        return Coordinates(record.topic, 0, len(self.records) - 1)


@dataclass(slots=True)
class MemoryProfiles:
    """Profiles that a test gives; each is in force always."""

    profiles: dict[tuple[str, str], PartnerProfile] = field(default_factory=dict)
    is_caught_up: bool = True

    @classmethod
    def of(cls, profiles: Iterable[PartnerProfile]) -> MemoryProfiles:
        """The view of these profiles."""
        return cls({(profile.tenant, profile.partner): profile for profile in profiles})

    @property
    def count(self) -> int:
        """Number of partners with a profile."""
        return len(self.profiles)

    def at(self, tenant: str, partner: str, time: datetime) -> PartnerProfile | None:
        """The profile, whatever the time."""
        return self.profiles.get((tenant, partner))


@dataclass(slots=True)
class Bench:
    """The application on fakes; change a part before `app` is called.

    Args:
        producer, profiles, tokens: as the service has them.
        secrets: by reference name, as the environment would hold them.
        clock: now, UTC.
        monotonic: seconds for rates and marks.
    """

    profiles: MemoryProfiles
    producer: MemoryProducer = field(default_factory=MemoryProducer)
    tokens: Tokens = field(default_factory=lambda: Tokens(None))
    secrets: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, Format] = field(default_factory=lambda: FORMATS)
    rate: Rate = field(default_factory=lambda: Rate(per_second=1_000, burst=10_000))
    body: BodyLimits = field(default_factory=lambda: BodyLimits(RECORD_BYTES_MAX, 10.0))
    requests_max: int = 100
    bytes_max: int = 64 * 1024 * 1024
    marks_max: int = 1_000
    window_s: float = 3_600.0
    tracing: Tracing = field(default_factory=lambda: Tracing("", 1.0))
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    metrics: Metrics = field(default_factory=Metrics)
    journal: RefusalJournal = field(default_factory=RefusalJournal)
    lifecycle: Lifecycle = field(default_factory=Lifecycle)

    def intake(self) -> Intake:
        """What the endpoints share."""
        return Intake(
            profiles=self.profiles,
            producer=self.producer,
            recorder=Recorder(self.formats, key_fault),
            rates=TenantRates(self.rate, {}, self.monotonic),
            in_flight=InFlight(self.requests_max, self.bytes_max, lambda: self.producer.abandoned_bytes),
            body=self.body,
            metrics=self.metrics,
            clock=self.clock,
        )

    def app(self) -> Starlette:
        """The ASGI application."""
        intake = self.intake()
        marks = IdempotencyMarks(self.marks_max, self.window_s, self.monotonic)
        webhooks = Webhooks(intake, Secrets(None, self.secrets))
        api = Api(intake, self.tokens, marks)
        return application(intake, webhooks, api, Watch(self.journal, self.tracing), self.lifecycle)
