"""Latency of a whole installation: a signed webhook over HTTP until its canonical order can be read.

Invariant: both ends are measured by one clock in one process; the services run as they do in production.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from pathlib import Path

import aiohttp

from benchmarks.payloads import shopify_order
from crossdock.canonical.topics import ORDER
from crossdock.cli.demo.stage import Preparation, apply_partners, new_stack
from crossdock.embedded.stack import PARTITIONS, Stack
from crossdock.streaming.backend import Place
from crossdock.streaming.backends.kafka_reader import KafkaReader
from crossdock.streaming.backends.settings import KafkaSettings
from crossdock.testbed import shopify
from crossdock.testbed.signing import secrets_of, signature

FIRST = 5_000_000_000_000
WARM_UP = 200
Times = dict[int, float]
"""Order number → seconds of the process's clock."""


class Arrivals:
    """When each canonical order was first read under read_committed."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.at: dict[int, float] = {}
        self._reader = KafkaReader(settings)
        for partition in range(PARTITIONS):
            self._reader.add(Place(ORDER.name, partition), 0)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._ended.is_set():
            records = self._reader.read(0.01)
            now = time.perf_counter()
            for record in records:
                name = (record.key or b"").rpartition(b"/")[2]
                self.at.setdefault(int(name) - FIRST, now)

    def close(self) -> None:
        """Stop to read."""
        self._ended.set()
        self._thread.join(5)
        self._reader.close()


def webhook_latency(records: int, rate: float) -> dict[str, float]:
    """Accepted (2xx at the sender) → canonical, and request → accepted; milliseconds."""
    secrets = secrets_of(7)
    with tempfile.TemporaryDirectory() as folder:
        stack = new_stack(Path(folder), Preparation(apply_partners), secrets, lambda _: None, lambda *_: None)
        with stack:
            idle_mb = _idle_mb(stack)
            arrivals = Arrivals(stack.connection)
            url = f"{stack.url('ingest')}/v1/webhooks/acme/shopify-eu"
            sending = _send(url, secrets[shopify.SECRET_NAME], records + WARM_UP, rate)
            asked, answered = asyncio.run(sending)
            _await(arrivals, records + WARM_UP)
            arrivals.close()
    measured = range(WARM_UP, records + WARM_UP)
    to_canonical = sorted(arrivals.at[number] - answered[number] for number in measured)
    to_answer = sorted(answered[number] - asked[number] for number in measured)
    return {
        "rate_per_s": rate,
        "records": float(records),
        "idle_rss_mb": idle_mb,
        "answer_p50_ms": to_answer[records // 2] * 1e3,
        "answer_p99_ms": to_answer[int(records * 0.99)] * 1e3,
        "p50_ms": to_canonical[records // 2] * 1e3,
        "p99_ms": to_canonical[int(records * 0.99)] * 1e3,
    }


def _idle_mb(stack: Stack) -> float:
    workers = [one.pid for one in stack.processes() if one.name.startswith("normalize")]
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in workers]
    return max(int(status.partition("VmRSS:")[2].split()[0]) / 1024 for status in statuses)


async def _send(url: str, secret: str, records: int, rate: float) -> tuple[Times, Times]:
    asked: Times = {}
    answered: Times = {}

    async def post(session: aiohttp.ClientSession, number: int) -> None:
        body = shopify_order(number)
        headers = {
            "X-Shopify-Hmac-Sha256": signature(body, secret),
            "X-Shopify-Webhook-Id": f"bench-{number}",
            "X-Shopify-Topic": "orders/create",
            "Content-Type": "application/json",
        }
        asked[number] = time.perf_counter()
        async with session.post(url, data=body, headers=headers) as response:
            assert response.status < 300, await response.text()
            answered[number] = time.perf_counter()

    started = time.perf_counter()
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        for number in range(records):
            ahead_s = started + number / rate - time.perf_counter()
            if ahead_s > 0:
                await asyncio.sleep(ahead_s)
            tasks.create_task(post(session, number))
    return asked, answered


def _await(arrivals: Arrivals, records: int) -> None:
    deadline = time.monotonic() + 60
    pause = threading.Event()
    while len(arrivals.at) < records:
        assert time.monotonic() < deadline, f"{len(arrivals.at)} of {records} orders arrived"
        pause.wait(0.05)
