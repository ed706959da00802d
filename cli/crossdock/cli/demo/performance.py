"""The demo from curtain to curtain: set up, play the morning, look, repair, prove.

Invariant: the installation stands only inside `perform`; each part is timed, and each claim becomes a check.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crossdock.cli.demo import proof, telling
from crossdock.cli.demo.play import play
from crossdock.cli.demo.prompt import Prompt
from crossdock.cli.demo.repair import causes_of, dead_letters, repair
from crossdock.cli.demo.report import Check, Report, compared
from crossdock.cli.demo.screen import Screen
from crossdock.cli.demo.stage import Installation, Preparation, apply_partners, new_stack
from crossdock.embedded.stack import PARTITIONS
from crossdock.testbed.expectation import Expectation
from crossdock.testbed.faults import NO_KEY, OWN_UNIT
from crossdock.testbed.morning import Morning, plan_morning
from crossdock.testbed.senders import Outside


def perform(report: Report, screen: Screen, directory: Path, *, kills: bool) -> None:
    """Play the demo in a directory and fill the report in.

    Raises EmbeddedError, and what the commands raise that it runs.
    """
    morning = plan_morning(report.orders, report.seed, PARTITIONS)
    report.deliveries = len(morning.deliveries)
    report.broken, report.ways = sum(morning.broken.values()), len(morning.broken)
    telling.title(screen, report)
    with _installation(morning, screen, report, directory) as installation:
        expected = morning.expectation()
        with report.speed.part("the morning"):
            outside = play(morning, installation, screen, report, kills=kills)
        with report.speed.part("a look at the log"):
            _look(installation, outside, expected, screen, report)
        with report.speed.part("the repair"):
            telling.repair_chapter(screen)
            prompt = Prompt(installation.connection, screen.command)
            report.repair = repair(
                prompt, directory, lambda step, found: telling.repaired(screen, step, found)
            )
        with report.speed.part("the proof"):
            _prove(installation, outside, expected, screen, report)
            telling.proof(screen, report)


@contextmanager
def _installation(
    morning: Morning, screen: Screen, report: Report, directory: Path
) -> Iterator[Installation]:
    """Start everything, and stop it whatever happens."""
    preparation = Preparation(apply_partners)
    report.speed.load_before = os.getloadavg()[0] / (os.cpu_count() or 1)
    with screen.waiting("starting a Kafka of its own", is_long=True) as say, report.speed.part("start"):
        stack = new_stack(directory, preparation, morning.secrets, say, telling.jars(screen, say))
        stack.start()
    try:
        telling.started(screen, stack, preparation, report)
        yield Installation(stack)
    finally:
        with screen.waiting("stopping everything", is_long=True), report.speed.part("stop"):
            stack.stop()


def _look(
    installation: Installation, outside: Outside, expected: Expectation, screen: Screen, report: Report
) -> None:
    """What became of the records, and what could not be read."""
    with screen.waiting("counting the log"):
        found = installation.counted().account
        found.refused = outside.tally.refused
        report.intake, report.refused = dict(found.intake), dict(found.refused)
        report.causes = causes_of(dead_letters(installation.quiet_prompt))
    figures = compared(expected.account.figures(), found.figures())
    report.checks.append(proof.figures_agree("after the morning", figures))
    telling.intake(screen, report)
    telling.dead_letters(screen, report)


def _prove(
    installation: Installation, outside: Outside, expected: Expectation, screen: Screen, report: Report
) -> None:
    """Compare what three parties say: the receipts, the log, the senders."""
    assert report.repair is not None, "the repair came before"
    repaired = expected.repair(OWN_UNIT)
    expected.discard(NO_KEY)
    done = (report.repair.done, report.repair.released)
    detail = f"expected {repaired[0]} and {repaired[1]} behind them, found {done[0]} and {done[1]}"
    with screen.waiting("counting the log again"):
        found = installation.counted().account
        found.refused.update(report.refused)
        report.compared = compared(expected.account.figures(), found.figures())
        report.audit = installation.quiet_prompt.run("audit")
    report.checks += [
        Check("the retry settled the whole group and what waited behind it", done == repaired, detail),
        proof.audit_closes(report.audit),
        proof.nothing_left(report.audit),
        proof.receipts_agree(report.audit, found),
        proof.figures_agree("after the repair", report.compared),
        proof.door_agrees(installation.stack.url("ingest"), sum(outside.tally.refused.values())),
    ]
