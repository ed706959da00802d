"""The morning: the outside sends, the installation works, the audience watches.

Invariant: it ends when everything that was sent has an outcome, or says that something has none.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

from crossdock.canonical.topics import RAW_CHANNEL
from crossdock.cli.demo import telling
from crossdock.cli.demo.log_account import GROUP, INPUTS
from crossdock.cli.demo.report import Check, Report
from crossdock.cli.demo.screen import Screen
from crossdock.cli.demo.stage import Installation
from crossdock.cli.demo.watch import Watch, share, wait_for
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.kafka.partner import StrangersProducer
from crossdock.embedded.stack import Stack
from crossdock.streaming.serde import Serde
from crossdock.testbed.morning import DroppedFile, Morning, Webhook
from crossdock.testbed.senders import Outside

_ORDERS_PER_SECOND = 150
"""Pace of the play. The machine runs both sides: a faster one would measure the machine."""
_PLAY_SECONDS_MIN, _TICK_SECONDS, _CATCH_UP_SECONDS = 4.0, 0.2, 60.0


def play(
    morning: Morning, installation: Installation, screen: Screen, report: Report, *, kills: bool
) -> Outside:
    """Send everything and wait until all of it was processed.

    Args:
        kills: kill the worker halfway, without warning.
    """
    outside = _outside(morning, installation)
    telling.morning_chapter(screen, report, kills=kills)
    with Watch(KafkaLog(installation.connection), Serde(installation.registry())) as watch:
        with screen.progress(telling.progress_of(morning, outside.tally, watch)) as show:
            half = len(morning.deliveries) // 2 if kills else None
            asyncio.run(_until_played(outside, _turn(installation.stack, outside, show, half)))
            is_processed = wait_for(
                lambda: _is_processed(morning, watch, installation.stack), _CATCH_UP_SECONDS
            )
        report.speed.webhook_ms = _percentiles(sorted(outside.tally.answer_ms))
        report.speed.order_ms = _percentiles(watch.latencies_ms)
        report.speed.orders_per_second = watch.orders_per_second
        if kills:
            telling.killed(screen)
        telling.played(screen, outside.tally, watch, report)
    failed = outside.tally.failed
    report.checks += [
        Check("everything that was sent was processed within a minute", is_processed),
        Check("every request was accepted, or refused as forged", not failed, f"{failed} were not"),
    ]
    return outside


def _outside(morning: Morning, installation: Installation) -> Outside:
    stack = installation.stack
    seconds = max(_PLAY_SECONDS_MIN, morning.orders / _ORDERS_PER_SECOND)
    partner = StrangersProducer(stack.connection, RAW_CHANNEL.name)
    return Outside(morning, stack.url("ingest"), stack.data_dir / "drop", partner, seconds)


def _turn(stack: Stack, outside: Outside, show: Callable[[], None], half: int | None) -> Callable[[], None]:
    """What is done every moment: show the progress, start again what ended, kill the worker at half time."""
    left = [] if half is None else [half]

    def turn() -> None:
        show()
        stack.tend()
        if left and outside.tally.sent.total() >= left[0]:
            left.pop()
            (pid,) = [one.pid for one in stack.processes() if one.name == GROUP]
            if pid is not None:
                os.kill(pid, signal.SIGKILL)

    return turn


async def _until_played(outside: Outside, turn: Callable[[], None]) -> None:
    async def turns() -> None:
        while True:
            turn()
            await asyncio.sleep(_TICK_SECONDS)

    turning = asyncio.create_task(turns())
    try:
        await outside.play()
    finally:
        turning.cancel()


def _is_processed(morning: Morning, watch: Watch, stack: Stack) -> bool:
    """Whether at least what was sent is in the raw topics, and all of it has an outcome."""
    stack.tend()
    files = sum(isinstance(one, DroppedFile) for one in morning.deliveries)
    forged = sum(isinstance(one, Webhook) and one.is_forged for one in morning.deliveries)
    wanted = (len(morning.deliveries) - files - forged, files, 1)
    return all(watch.is_caught_up(topic.name, least) for topic, least in zip(INPUTS, wanted, strict=True))


def _percentiles(values: list[float] | list[int]) -> tuple[float, float]:
    return share(values, 50), share(values, 99)
