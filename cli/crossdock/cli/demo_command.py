"""`crossdock demo`: the first thing that anybody sees of Crossdock.

Invariant: exit code 0 only where every claim that it makes holds; whatever happens, nothing that it started
goes on running, and without `--keep` nothing that it wrote stays.
"""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console

from crossdock.cli.demo import telling
from crossdock.cli.demo.performance import perform
from crossdock.cli.demo.report import Report
from crossdock.cli.demo.screen import Screen
from crossdock.cli.errors import CheckFailed, ExitCode
from crossdock.cli.output import json_option, print_json
from crossdock.testbed.morning import ORDERS_MIN

_ORDERS, _ORDERS_MAX = 2_000, 100_000


@click.command("demo", short_help="Play a trading morning and prove that the accounts close.")
@click.option(
    "--orders",
    default=_ORDERS,
    show_default=True,
    type=click.IntRange(ORDERS_MIN, _ORDERS_MAX),
    help="How many orders.",
)
@click.option("--seed", default=7, show_default=True, type=click.IntRange(min=0), help="Another morning.")
@click.option(
    "--kill", "kills", is_flag=True, help="Kill the worker halfway (-9); all must hold all the same."
)
@click.option("--keep", is_flag=True, help="Keep the data directory and say where it is.")
@click.option("--no-color", is_flag=True, help="No colours.")
@json_option
def demo(*, orders: int, seed: int, kills: bool, keep: bool, no_color: bool, is_json: bool) -> None:
    """Play a trading morning and prove that the accounts close.

    Starts a real Apache Kafka and the services in a directory of their own, lets four channels send orders
    (many of them twice, too late, forged or broken), repairs one cause, and adds everything up. Nothing is
    left running.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    console = Console(file=sys.stdout, no_color=no_color or None, quiet=is_json, highlight=False)
    screen = Screen(console)
    report = Report(orders, seed)
    directory = Path(tempfile.mkdtemp(prefix="crossdock-demo-"))
    try:
        perform(report, screen, directory, kills=kills)
    finally:
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)
    report.data_directory = str(directory / "data") if keep else ""
    telling.closing(screen, report)
    if is_json:
        print_json(report.document())
    if report.failures and is_json:
        raise click.exceptions.Exit(ExitCode.CHECK_FAILED)
    if report.failures:
        raise CheckFailed(f"{len(report.failures)} of {len(report.checks)} claims do not hold.")
