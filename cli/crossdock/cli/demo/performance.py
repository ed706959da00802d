"""The demo from curtain to curtain: set up, play the morning, look, repair, prove.

Invariant: the installation stands only inside `perform`; each part is timed, and each claim becomes a check.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crossdock.canonical.topics import RAW_CHANNEL
from crossdock.cli.demo import proof, telling
from crossdock.cli.demo.log_account import INPUTS, LogAccount, account_of
from crossdock.cli.demo.prompt import Prompt
from crossdock.cli.demo.repair import causes_of, dead_letters, repair
from crossdock.cli.demo.report import Check, Report, compared
from crossdock.cli.demo.screen import Screen
from crossdock.cli.demo.stage import Preparation, apply_partners, connection_to, new_stack
from crossdock.cli.demo.watch import Watch, share, wait_for
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.kafka.partner import StrangersProducer
from crossdock.cli.settings import Connection
from crossdock.embedded.stack import PARTITIONS, Stack
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.serde import Serde
from crossdock.testbed.expectation import Expectation
from crossdock.testbed.faults import CARTONS, NO_KEY
from crossdock.testbed.morning import DroppedFile, Morning, Webhook, plan_morning
from crossdock.testbed.senders import Outside

ORDERS_PER_SECOND: Final = 150
"""Pace of the play. The machine runs both sides, so a faster one measures the machine."""
_PLAY_SECONDS_MIN, _TICK_SECONDS, _CATCH_UP_SECONDS = 4.0, 0.2, 60.0


@dataclass(frozen=True, slots=True)
class _Installation:
    """A running installation, as the demo reaches it."""

    stack: Stack
    connection: Connection
    log: KafkaLog
    serde: Serde

    def counted(self) -> LogAccount:
        """The account of what is in the log by now."""
        return account_of(self.log.read, self.serde, PARTITIONS)


def perform(orders: int, seed: int, screen: Screen, directory: Path) -> Report:
    """Play the demo in a directory. Raises EmbeddedError and what its commands raise."""
    morning = plan_morning(orders, seed, PARTITIONS)
    report = Report(
        orders=orders,
        seed=seed,
        deliveries=len(morning.deliveries),
        broken=sum(morning.broken.values()),
        ways=len(morning.broken),
    )
    telling.title(screen, report)
    with _installation(morning, screen, report, directory) as installation:
        with report.speed.part("the morning"):
            outside = _play(morning, installation, screen, report)
        with report.speed.part("a look at the log"):
            expected = morning.expectation()
            _look(installation, outside, expected, screen, report)
        with report.speed.part("the repair"):
            prompt = Prompt(installation.connection, screen.command)
            telling.repair_chapter(screen)
            report.repair = repair(
                prompt, directory, lambda step, found: telling.repaired(screen, step, found)
            )
        with report.speed.part("the proof"):
            _prove(installation, expected, screen, report)
            report.checks.append(_door(installation, outside))
    telling.proof(screen, report)
    return report


@contextmanager
def _installation(
    morning: Morning, screen: Screen, report: Report, directory: Path
) -> Iterator[_Installation]:
    """Start everything, and stop it whatever happens."""
    preparation = Preparation(apply_partners)
    with screen.waiting("starting a Kafka of its own") as say, report.speed.part("start"):
        stack = new_stack(
            directory, preparation, morning.secrets, say, lambda ready, total: say(f"jar {ready} of {total}")
        )
        stack.start()
    try:
        telling.started(screen, stack, preparation, report)
        connection = connection_to(stack.connection, stack.environment["CROSSDOCK_OPERATOR_KEY"])
        serde = Serde(RegistryClient(stack.connection.registry_url))
        yield _Installation(stack, connection, KafkaLog(connection), serde)
    finally:
        with screen.waiting("stopping everything"), report.speed.part("stop"):
            stack.stop()


# -- the morning ---------------------------------------------------------------------------------------
def _play(morning: Morning, installation: _Installation, screen: Screen, report: Report) -> Outside:
    stack = installation.stack
    seconds = max(_PLAY_SECONDS_MIN, morning.orders / ORDERS_PER_SECOND)
    partner = StrangersProducer(stack.connection, RAW_CHANNEL.name)
    outside = Outside(morning, stack.url("ingest"), stack.data_dir / "drop", partner, seconds)
    telling.morning_chapter(screen, report)
    serde = Serde(RegistryClient(stack.connection.registry_url))
    with Watch(KafkaLog(installation.connection), serde) as watch:
        look = telling.progress_of(morning, outside.tally, watch)
        with screen.progress(look) as tick:
            asyncio.run(_until_played(outside, tick))
            is_caught_up = wait_for(lambda: _is_caught_up(morning, watch), _CATCH_UP_SECONDS)
        report.speed.webhook_ms = _percentiles(sorted(outside.tally.answer_ms))
        report.speed.order_ms = _percentiles(watch.latencies_ms)
        report.speed.orders_per_second = watch.orders / seconds
        telling.played(screen, outside.tally, watch, report)
    report.checks.append(Check("everything that was sent was read within a minute", is_caught_up))
    failed = outside.tally.failed
    report.checks.append(
        Check("every request was accepted or refused as forged", not failed, f"{failed} were not")
    )
    return outside


async def _until_played(outside: Outside, tick: Callable[[], None]) -> None:
    async def turn() -> None:
        while True:
            tick()
            await asyncio.sleep(_TICK_SECONDS)

    ticking = asyncio.create_task(turn())
    try:
        await outside.play()
    finally:
        ticking.cancel()


def _is_caught_up(morning: Morning, watch: Watch) -> bool:
    """Whether at least what was sent is in the raw topics, and all of it has an outcome."""
    files = sum(isinstance(one, DroppedFile) for one in morning.deliveries)
    forged = sum(isinstance(one, Webhook) and one.is_forged for one in morning.deliveries)
    wanted = (len(morning.deliveries) - files - forged, files, 1)
    return all(watch.is_caught_up(topic.name, least) for topic, least in zip(INPUTS, wanted, strict=True))


def _percentiles(values: list[float] | list[int]) -> tuple[float, float]:
    return share(values, 50), share(values, 99)


# -- what came of it -----------------------------------------------------------------------------------
def _look(
    installation: _Installation, outside: Outside, expected: Expectation, screen: Screen, report: Report
) -> None:
    found = installation.counted()
    found.account.refused = outside.tally.refused
    report.intake, report.refused = dict(found.account.intake), dict(found.account.refused)
    report.causes = causes_of(dead_letters(Prompt(installation.connection, lambda line: None)))
    figures = compared(expected.account.figures(), found.account.figures())
    report.checks.append(proof.figures_agree("after the morning", figures))
    telling.intake(screen, report)
    telling.dead_letters(screen, report)


def _prove(installation: _Installation, expected: Expectation, screen: Screen, report: Report) -> None:
    assert report.repair is not None, "the repair came before"
    repaired = expected.repair(CARTONS)
    expected.discard(NO_KEY)
    done = (report.repair.done, report.repair.released)
    detail = f"expected {repaired[0]} and {repaired[1]} behind them, found {done[0]} and {done[1]}"
    report.checks.append(
        Check("the retry settled the whole group and what waited behind it", done == repaired, detail)
    )
    found = installation.counted().account
    found.refused.update(report.refused)
    report.compared = compared(expected.account.figures(), found.figures())
    report.audit = Prompt(installation.connection, lambda line: None).run("audit")
    report.checks += [
        proof.audit_closes(report.audit),
        proof.nothing_left(report.audit),
        proof.receipts_agree(report.audit, found),
        proof.figures_agree("after the repair", report.compared),
    ]


def _door(installation: _Installation, outside: Outside) -> Check:
    return proof.door_agrees(installation.stack.url("ingest"), sum(outside.tally.refused.values()))
