"""`crossdock topics`: create, check and list the topics that the declarations ask for.

Invariant: `check` changes nothing; `apply` never deletes a topic, adds a partition or shortens a retention
unless told to with `--execute`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import click

from crossdock.cli.errors import CheckFailed, ExitCode
from crossdock.cli.output import json_option, print_json, print_table
from crossdock.cli.settings import Connection, pass_connection
from crossdock.cli.topics_apply import Installation
from crossdock.cli.topics_plan import Difference, PlannedTopic

partitions_option = click.option(
    "--partitions",
    type=click.IntRange(1, 10_000),
    help="Partition count of the installation. Default: that of the topics which exist, else 12.",
)


@click.group("topics", short_help="Create, check and list the declared topics.")
def topics() -> None:
    """Create, check and list the declared topics."""


@topics.command("apply")
@partitions_option
@click.option("--execute", is_flag=True, help="Also make changes that may delete records.")
@json_option
@pass_connection
def apply(connection: Connection, *, partitions: int | None, execute: bool, is_json: bool) -> None:
    """Create missing topics and schemas and repair settings.

    Changes that may delete records (a shorter retention, another cleanup policy) are only shown, unless
    --execute is given. A wrong partition count or a breaking schema is never repaired.
    """
    applied = Installation(connection, partitions).apply(accepts_loss=execute)
    if is_json:
        print_json({"repaired": _rows(applied.repaired), "left": _rows(applied.left)})
    else:
        click.echo(f"{len(applied.repaired)} repaired, {len(applied.left)} left.")
        _show(applied.left)
    if applied.left:
        raise click.exceptions.Exit(ExitCode.CHECK_FAILED)


@topics.command("check")
@partitions_option
@json_option
@pass_connection
def check(connection: Connection, *, partitions: int | None, is_json: bool) -> None:
    """Say how broker and registry differ from the declarations; exit code 1 where they do."""
    differences = Installation(connection, partitions).differences()
    if is_json:
        print_json(_rows(differences))
    else:
        _show(differences)
    if differences:
        if is_json:
            raise click.exceptions.Exit(ExitCode.CHECK_FAILED)
        raise CheckFailed(f"{len(differences)} differences; 'crossdock topics apply' repairs what it can.")
    if not is_json:
        click.echo("Topics, settings and schemas are as declared.")


@topics.command("list")
@partitions_option
@json_option
@pass_connection
def list_(connection: Connection, *, partitions: int | None, is_json: bool) -> None:
    """List every topic of the installation and whether it exists."""
    installation = Installation(connection, partitions)
    present = installation.present()
    if is_json:
        print_json([{**asdict(topic), "exists": topic.name in present} for topic in installation.plan])
        return
    rows = [[*_cells(topic), "yes" if topic.name in present else "no"] for topic in installation.plan]
    print_table(("topic", "purpose", "owner", "partitions", "cleanup", "days", "record", "exists"), rows)


def _cells(topic: PlannedTopic) -> list[object]:
    retention = topic.config.get("retention.ms")
    days = int(retention) // 86_400_000 if retention else None
    cleanup = topic.config["cleanup.policy"]
    return [topic.name, topic.purpose, topic.owner, topic.partitions, cleanup, days, topic.record or "-"]


def _rows(differences: Iterable[Difference]) -> list[dict[str, object]]:
    return [asdict(one) for one in differences]


def _show(differences: Iterable[Difference]) -> None:
    rows = [
        (one.topic, one.setting or one.aspect, one.expected, one.found or "-", one.repair, one.advice)
        for one in differences
    ]
    if rows:
        print_table(("topic", "what", "expected", "found", "repair", "advice"), rows)
