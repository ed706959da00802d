"""Sends a morning to a running installation: requests over HTTP, files into a folder, records into Kafka.

Invariant: requests of one lane go one after the other, each repeated until it is answered for good, so the
installation sees every object's deliveries in the order of the morning.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import aiohttp

from crossdock.testbed.morning import TENANT, Delivery, DroppedFile, Morning, Webhook

_LANES: Final = 16
_TRIES_MAX: Final = 50
_PAUSE_S: Final = 0.2
_REQUEST_S: Final = 30.0
NO_ANSWER: Final = 0
"""Stands for the status of a request that was not answered."""
_LATER: Final = {NO_ANSWER, 429, 503}
"""After these the sender comes again."""


class PartnerProducer(Protocol):
    """A partner's own Kafka client, with whatever partitioner it has."""

    def produce(self, key: bytes | None, value: bytes) -> None:
        """Hand one record over."""

    def finish(self) -> None:
        """Wait until all records are acknowledged. Raises where one is not."""


@dataclass(slots=True)
class Tally:
    """What the outside has seen so far.

    Args:
        sent: deliveries by channel.
        answers: answers to requests by (channel, HTTP status).
        repeated: requests that were asked to come again.
        answer_ms: from the first byte of each request to its answer.
    """

    sent: Counter[str] = field(default_factory=Counter)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    repeated: int = 0
    answer_ms: list[float] = field(default_factory=list)

    @property
    def refused(self) -> Counter[str]:
        """Requests that were turned away as forged, by channel."""
        return Counter({channel: n for (channel, status), n in self.answers.items() if status == 401})

    @property
    def failed(self) -> int:
        """Requests with an answer that is neither an acceptance nor a refusal for their signature."""
        return sum(n for (_, status), n in self.answers.items() if status != 401 and not 200 <= status < 300)


class Outside:
    """Plays a morning; use once.

    Args:
        morning: what is sent.
        ingest_url: base URL of the webhook endpoints.
        drop_root: root of the watched drop folders.
        partner: client of the partner that produces by itself.
        seconds: how long it takes.
    """

    def __init__(
        self, morning: Morning, ingest_url: str, drop_root: Path, partner: PartnerProducer, seconds: float
    ) -> None:
        self._morning = morning
        self._url = f"{ingest_url}/v1/webhooks/{TENANT}/"
        self._drop_root = drop_root
        self._partner = partner
        self._seconds = seconds
        self.tally = Tally()

    async def play(self) -> None:
        """Send everything, and return when everything is answered. Raises OSError."""
        lanes: list[asyncio.Queue[Webhook | None]] = [asyncio.Queue() for _ in range(_LANES)]
        timeout = aiohttp.ClientTimeout(total=_REQUEST_S)
        connector = aiohttp.TCPConnector(limit=_LANES)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            asyncio.TaskGroup() as tasks,
        ):
            for lane in lanes:
                tasks.create_task(self._post_all(session, lane))
            await self._dispatch(lanes)
        await asyncio.to_thread(self._partner.finish)

    async def _dispatch(self, lanes: list[asyncio.Queue[Webhook | None]]) -> None:
        started = time.monotonic()
        for delivery in self._morning.deliveries:
            ahead_s = started + delivery.at * self._seconds - time.monotonic()
            if ahead_s > 0:
                await asyncio.sleep(ahead_s)
            if isinstance(delivery, Webhook):
                lanes[zlib.crc32(delivery.lane.encode()) % _LANES].put_nowait(delivery)
            else:
                self._hand_over(delivery)
        for lane in lanes:
            lane.put_nowait(None)

    def _hand_over(self, delivery: Delivery) -> None:
        self.tally.sent[delivery.channel] += 1
        if isinstance(delivery, DroppedFile):
            inbox = self._drop_root / TENANT / delivery.channel / "inbox"
            inbox.mkdir(parents=True, exist_ok=True)
            unfinished = inbox / f"{delivery.name}.part"
            unfinished.write_bytes(delivery.body)
            unfinished.rename(inbox / delivery.name)
        elif not isinstance(delivery, Webhook):
            self._partner.produce(delivery.key, delivery.body)

    async def _post_all(self, session: aiohttp.ClientSession, lane: asyncio.Queue[Webhook | None]) -> None:
        while (webhook := await lane.get()) is not None:
            self.tally.sent[webhook.channel] += 1
            status = await self._post(session, webhook)
            self.tally.answers[webhook.channel, status] += 1

    async def _post(self, session: aiohttp.ClientSession, webhook: Webhook) -> int:
        """Send until it is answered for good; the status of that answer."""
        for _ in range(_TRIES_MAX):
            started = time.perf_counter()
            status = await self._status(session, webhook)
            if status not in _LATER:
                self.tally.answer_ms.append((time.perf_counter() - started) * 1000)
                break
            self.tally.repeated += 1
            await asyncio.sleep(_PAUSE_S)
        return status

    async def _status(self, session: aiohttp.ClientSession, webhook: Webhook) -> int:
        headers = dict(webhook.headers)
        try:
            async with session.post(
                self._url + webhook.channel, data=webhook.body, headers=headers
            ) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return NO_ANSWER
