"""Partner profiles, read from their compacted topic and kept current.

Invariant: nothing is answered from profiles before the topic was read to its high watermark, so a
partner that exists is never called unknown; a profile row that cannot be read is reported and skipped,
never the end of the reader.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Protocol

import structlog

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models.partner import PartnerProfile, PartnerProfileVersion
from crossdock.canonical.profiles import ProfileInvalid, Profiles
from crossdock.ingest.kafka import AIOKafkaConsumer, KafkaError, TopicPartition
from crossdock.ingest.problems import ProblemCode, Refused
from crossdock.streaming.backends.registry import RegistryUnavailable, SchemaRefused
from crossdock.streaming.serde import Serde

_RECONNECT_S: Final = 1.0
_PATIENCE_S: Final = 15.0
_STOP_S: Final = 5.0
_POLL_MS: Final = 500
_CATCH_UP_MS: Final = 20

_log = structlog.get_logger()


class ProfileView(Protocol):
    """What the endpoints ask about profiles."""

    @property
    def is_caught_up(self) -> bool:
        """True once the topic was read to its high watermark."""

    @property
    def count(self) -> int:
        """Number of partners with a profile."""

    def at(self, tenant: str, partner: str, time: datetime) -> PartnerProfile | None:
        """The profile in force, None where there is none. Raises ProfileInvalid."""


def profile_in_force(view: ProfileView, tenant: str, partner: str, time: datetime) -> PartnerProfile:
    """The profile, or the refusal that says why there is none to use. Raises Refused."""
    if not view.is_caught_up:
        raise Refused(ProblemCode.PROFILES_LOADING, "Partner profiles are still loading.", retry_after_s=1)
    try:
        profile = view.at(tenant, partner, time)
    except ProfileInvalid:
        raise Refused(
            ProblemCode.PROFILE_UNREADABLE, "The partner profile cannot be read.", retry_after_s=60
        ) from None
    if profile is None:
        raise Refused(ProblemCode.UNKNOWN_ENDPOINT, "There is no such tenant and channel.")
    return profile


class ProfileReader:
    """Keeps a view of the profile topic.

    Args:
        connect: makes an unstarted reader of the profile topic; called again after trouble.
        serde: reads the rows.
        patience_s: a reader that Kafka has not answered for so long is replaced (an idle topic is
            answered several times a second); above zero.
    """

    def __init__(
        self, connect: Callable[[], AIOKafkaConsumer], serde: Serde, patience_s: float = _PATIENCE_S
    ) -> None:
        self._connect = connect
        self._serde = serde
        self._patience_s = patience_s
        self._profiles = Profiles()
        self._caught_up = asyncio.Event()

    @property
    def is_caught_up(self) -> bool:
        """True once the topic was read to its high watermark."""
        return self._caught_up.is_set()

    @property
    def count(self) -> int:
        """Number of partners with a profile."""
        return len(self._profiles.partners())

    def at(self, tenant: str, partner: str, time: datetime) -> PartnerProfile | None:
        """The profile in force, None where there is none. Raises ProfileInvalid."""
        return self._profiles.at(tenant, partner, time)

    async def wait_caught_up(self) -> None:
        """Return when `is_caught_up` is true."""
        await self._caught_up.wait()

    async def run(self) -> None:
        """Read for ever; trouble of Kafka or the registry is waited out, and then all is read again."""
        while True:
            consumer = self._connect()
            try:
                async with asyncio.timeout(self._patience_s):
                    await consumer.start()
                await self._follow(consumer)
            except (KafkaError, OSError, TimeoutError, RegistryUnavailable) as error:
                _log.warning("profiles_interrupted", error=type(error).__name__)
            finally:
                await _stop(consumer)
            await asyncio.sleep(_RECONNECT_S)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        places = consumer.assignment()
        started_at = time.time()
        while True:
            batches = await consumer.getmany(timeout_ms=_POLL_MS if self.is_caught_up else _CATCH_UP_MS)
            for rows in batches.values():
                for row in rows:
                    await self._apply(row.key, row.value)
            if not self.is_caught_up and await _is_at_the_end(consumer, places):
                _log.info("profiles_caught_up", partners=self.count)
                self._caught_up.set()
            if not batches:
                silent_s = time.time() - max(started_at, _last_answer(consumer, places))
                if silent_s > self._patience_s:
                    raise TimeoutError

    async def _apply(self, key: bytes | None, value: bytes | None) -> None:
        try:
            version = None if value is None else await asyncio.to_thread(self._read, value)
            self._profiles.apply((key or b"").decode(), version)
        except (Rejected, SchemaRefused, ValueError) as error:
            _log.error("profile_row_unreadable", error=type(error).__name__)

    def _read(self, value: bytes) -> PartnerProfileVersion:
        """In a thread, because the registry may have to be asked."""
        return self._serde.deserialize(PartnerProfileVersion, value)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    try:
        async with asyncio.timeout(_STOP_S):
            await consumer.stop()
    except (KafkaError, TimeoutError) as error:
        _log.warning("profile_reader_not_closed", error=type(error).__name__)


def _last_answer(consumer: AIOKafkaConsumer, places: Iterable[TopicPartition]) -> float:
    """When the partition that waits longest was answered last; seconds since the epoch, 0 for never."""
    return min(((consumer.last_poll_timestamp(place) or 0) / 1000 for place in places), default=0.0)


async def _is_at_the_end(consumer: AIOKafkaConsumer, places: Iterable[TopicPartition]) -> bool:
    """Whether everything below the high watermark was read (R10).

    The end that a read_committed consumer is told lies below a transaction that is still open: of a
    crashed writer, or one whose commit the broker has promised but not written yet.
    """
    for place in places:
        end = consumer.highwater(place)  # None before the first answer for this partition
        if end is None or await consumer.position(place) < end:
            return False
    return True
