"""The words of the demo: what is said about each part, and how its figures are put.

Invariant: it says only what is in the report or what it is handed; it decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from rich.text import Text

from crossdock.cli.demo.prompt import Json
from crossdock.cli.demo.report import Report
from crossdock.cli.demo.screen import Progress, Screen
from crossdock.cli.demo.stage import Preparation
from crossdock.cli.demo.tables import (
    cause_lines,
    compared_table,
    equations,
    fact,
    headlines,
    intake_table,
)
from crossdock.cli.demo.watch import Watch, share
from crossdock.cli.output import printable
from crossdock.embedded.kafka import VERSION
from crossdock.embedded.stack import Stack
from crossdock.testbed.morning import EDI, POS, SHOPIFY, WOOCOMMERCE, Morning
from crossdock.testbed.sales import LENGTH, OPENING
from crossdock.testbed.senders import Tally

_CHANNELS: Final = (
    (SHOPIFY, "Shopify webhooks over HTTP, signed; EUR, tax inside the prices"),
    (WOOCOMMERCE, "WooCommerce webhooks over HTTP, signed; USD, tax on top"),
    (EDI, "X12 850 files dropped into a folder; USD"),
    (POS, "its own program produces straight into Kafka; GBP"),
)
_TELLING: Final = (
    *("order_id", "lines[0].sku", "lines[0].ordered.value", "lines[0].ordered.unit"),
    *("lines[0].stock_quantity.value", "lines[0].stock_quantity.unit", "computed.total.amount", "currency"),
)
"""Fields of an order that a reader looks for first."""
_NEXT: Final = (
    ("crossdock up", "the same, and it keeps running"),
    ("crossdock tail sales.order.v1", "canonical orders, decoded"),
    ("crossdock dead-letters groups", "what could not be read, by cause"),
    ("crossdock describe normalize", "what a service reads and writes"),
    ("crossdock try --profile PROFILE FILE", "a payload of yours, without a broker"),
)
_INDEPENDENT: Final = (
    "Who sends the morning also works out what must come of it, from what is sent and the documented rules, "
    "without any code of Crossdock:"
)
_DECIMAL: Final = re.compile(r"-?\d+\.\d+")


def title(screen: Screen, report: Report) -> None:
    """What this is."""
    screen.title("Crossdock", f"a trading morning on a real Apache Kafka · seed {report.seed}")


def started(screen: Screen, stack: Stack, preparation: Preparation, report: Report) -> None:
    """What runs, and who is known to it."""
    assert preparation.applied is not None, "it was prepared before it started"
    made = len(preparation.applied.repaired)
    names = ", ".join(one.name for one in stack.processes() if one.name != "kafka")
    screen.done(f"Apache Kafka {VERSION}, {names}: running", report.speed.seconds["start"])
    screen.done(f"{made} topics and schemas created, {len(_CHANNELS)} partner profiles applied")
    for name, about in _CHANNELS:
        screen.hanging(Text(f"    {name:<13}", "bold"), Text(about, "dim"))


def jars(screen: Screen, say: Callable[[str], None]) -> Callable[[int, int], None]:
    """What is said while Kafka is fetched, on a first start."""

    def tell(ready: int, total: int) -> None:
        say(f"fetched {ready} of {total} jars of Apache Kafka, once")
        if not screen.moves and (ready % 10 == 0 or ready == total):
            screen.line(f"fetched {ready} of {total} jars of Apache Kafka, once", "dim")

    return tell


def morning_chapter(screen: Screen, report: Report, *, kills: bool) -> None:
    """What is about to happen."""
    screen.chapter("The morning", f"{report.orders:,} orders in {report.deliveries:,} deliveries")
    about = (
        "Sent twice, sent too late, amended, cancelled; some are forged, and "
        f"{report.broken} orders are broken in {report.ways} different ways."
    )
    screen.line(about + (" Halfway the worker is killed (-9)." if kills else ""), "dim")


def progress_of(morning: Morning, tally: Tally, watch: Watch) -> Progress:
    """How far the play is."""
    total = len(morning.deliveries)

    def look() -> tuple[float, str, list[tuple[str, str]]]:
        sent = tally.sent.total()
        part = min(1.0, sent / total)
        clock = OPENING + timedelta(seconds=LENGTH.total_seconds() * part)
        figures = [
            ("sent", f"{sent:,}"),
            ("orders out", f"{watch.orders:,}"),
            ("dead letters", f"{watch.dead_letters:,}"),
            ("ms p50", f"{share(watch.latencies_ms, 50):,}"),
            ("held", f"{watch.waiting:,}"),
        ]
        return part, f"{clock:%H:%M}", figures

    return look


def killed(screen: Screen) -> None:
    """What happened halfway."""
    screen.done("the worker was killed (-9) and started again, where its last transaction had ended")


def played(screen: Screen, tally: Tally, watch: Watch, report: Report) -> None:
    """How it went."""
    requests = sum(tally.answers.values())
    screen.done(f"{tally.sent.total():,} deliveries sent, {watch.orders:,} canonical orders came out")
    _milliseconds(screen, "webhook → answered, safe in Kafka", report.speed.webhook_ms, requests)
    _milliseconds(screen, "payload in → canonical order out", report.speed.order_ms, watch.orders)
    if report.speed.load_before > 1:
        busy = f"{report.speed.load_before:.1f} processes per processor before the start"
        screen.line(f"This machine is busy ({busy}): these times say more about it.", "yellow", indent=4)


def _milliseconds(screen: Screen, name: str, figures: tuple[float, float], count: int) -> None:
    line = Text("p50 ", "dim").append(f"{figures[0]:>5,.0f} ms", "bold")
    line.append("   p99 ", "dim").append(f"{figures[1]:>6,.0f} ms", "bold")
    screen.hanging(Text(f"    {name:<35}"), line.append(f"   of {count:,}", "dim"))


def intake(screen: Screen, report: Report) -> None:
    """What became of every record."""
    screen.chapter("What became of every record", "counted in the log")
    screen.table(intake_table(report.intake, report.refused))


def dead_letters(screen: Screen, report: Report) -> None:
    """What could not be read."""
    count = sum(cause.count for cause in report.causes)
    behind = sum(cause.behind for cause in report.causes)
    screen.chapter("Dead letters", f"{count} by cause, {behind} wait behind them, all others went through")
    for place, (head, example, about) in enumerate(cause_lines(report.causes)):
        screen.clipped(head, example)
        show = screen.clipped if place else screen.hanging
        show(Text(" " * 5), about)


def repair_chapter(screen: Screen) -> None:
    """What is about to be repaired."""
    screen.chapter("The repair", "somebody has asked the distributor what its unit ZZ means")


def repaired(screen: Screen, step: str, found: Json) -> None:
    """What one step of the repair found."""
    _STEPS[step](screen, found)


def _applied(screen: Screen, found: Json) -> None:
    said = ", ".join(f"{one['path']} = {one['after']}" for one in found["differences"])
    screen.line(f"version {found['version']} is in effect: {said}", indent=4)


def _planned(screen: Screen, found: Json) -> None:
    results = found["results"]
    counts = f"{found['worth_doing']} of {len(results)} would be fixed"
    screen.line(f"dry run: {counts}, nothing is changed; the first would write", indent=4)
    nothing: Json = {"topic": "-", "key": "-", "differences": []}
    emit = next(iter(results[0]["emits"]), nothing)
    fields = {one["path"]: one["after"] for one in emit["differences"]}
    screen.line(f"{emit['topic']} {emit['key']}", indent=6)
    known = [path for path in _TELLING if path in fields]
    for path in known:
        screen.line(f"+ {path}: {_short(path, str(fields[path]))}", "green", indent=6)
    screen.line(f"… and {len(fields) - len(known)} more fields", "dim", indent=6)


def _short(path: str, value: str) -> str:
    """A quantity or an amount without the zeros that nobody needs; anything else as it is."""
    if _DECIMAL.fullmatch(value) is None:
        return printable(value)
    return f"{Decimal(value):,.2f}" if path.endswith("amount") else f"{Decimal(value).normalize():,f}"


def _retried(screen: Screen, found: Json) -> None:
    done = sum(one["answer"] == "done" for one in found)
    released = sum(one["released"] for one in found)
    screen.line(f"{done} done as planned; {released} that waited behind them followed in order", indent=4)


def _discarded(screen: Screen, found: Json) -> None:
    (answer,) = found["answers"]
    what = f"{answer['answer']}: a record without a key is given up; who, why and when stand in ops.audit.v1"
    screen.line(what, indent=4)


_STEPS: Final[dict[str, Callable[[Screen, Json], None]]] = {
    "applied": _applied,
    "planned": _planned,
    "retried": _retried,
    "discarded": _discarded,
}


def proof(screen: Screen, report: Report) -> None:
    """Whether the accounts close."""
    screen.chapter("The proof", "crossdock audit: what came in = what became of it")
    for group in report.audit["groups"]:
        for left, terms in equations(group):
            screen.terms(left, terms)
        slots = Text(f"  in one unbroken chain for each of {group['slots']} slots")
        screen.hanging(fact("receipts", f"{group['receipts']:,}"), slots)
        recount = Text(f"  counted again in the log, {group['not_yet_processed']} without an outcome")
        screen.hanging(fact("records", f"{group['recounted']:,}"), recount)
    screen.blank()
    screen.line(_INDEPENDENT, "dim")
    screen.table(compared_table(headlines(report.compared)))
    screen.blank()
    for check in report.checks:
        screen.check(check.claim, holds=check.holds, detail=check.detail)


def closing(screen: Screen, report: Report) -> None:
    """The verdict, what it cost, and what to try next."""
    screen.blank()
    if report.failures:
        screen.line(f"{len(report.failures)} of {len(report.checks)} claims do not hold.", "bold red")
    else:
        screen.line("The accounts close.", "bold green")
    seconds = report.speed.seconds
    parts = ", ".join(f"{name} {one:.1f}" for name, one in seconds.items())
    pace = f"{report.speed.orders_per_second:.0f} orders/s out"
    screen.line(f"{sum(seconds.values()):.0f} s in all ({parts}); {pace}", "dim")
    if report.data_directory:
        screen.line("Everything that was written is kept; this brings it back:")
        screen.command(f"crossdock up --data-dir {report.data_directory}")
    elif report.failures:
        screen.line("To look into it, run it again with --keep.")
    screen.chapter("Next")
    for command, about in _NEXT:
        screen.hanging(Text(f"  {command:<39}", "bold"), Text(about, "dim"))
