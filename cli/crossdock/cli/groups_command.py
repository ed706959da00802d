"""`crossdock groups`: consumer groups, with the verbs and the dry-run default of kafka-consumer-groups.

Invariant: without `--execute` nothing changes; a group with members is never changed, and a topology's only
with `--force`, because its positions stand in its changelog as well (R8).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime

import click

from crossdock.cli.deadletters_desk import Desk
from crossdock.cli.group_reset import Bounds, Move, Verb, move, read_scope, read_verb
from crossdock.cli.kafka.groups import Group, Groups, Standing
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.output import json_option, print_json, print_rows, print_table
from crossdock.cli.replay_lane import new_job
from crossdock.cli.settings import Connection, pass_connection, user_name

_TOPOLOGY = """\
{group} is a Crossdock topology. Each of its slots keeps its position in {group}.changelog.v1 as well, in the
same transaction as its state. After a reset the two differ, and every slot that was moved stops with
'position_mismatch' instead of losing or doubling records. So a reset is useful only together with the
changelog: to rebuild a group from nothing, stop it, delete its offsets and its changelog, and start it.
To run held records again, use 'crossdock dead-letters retry'."""
_COUNTED_MAX = 1_000
_COLUMNS = ("topic", "partition", "offset", "end", "lag", "metadata", "member", "host")


@click.group("groups", short_help="List, describe and reset consumer groups.")
def groups() -> None:
    """List, describe and reset consumer groups."""


@groups.command("list")
@json_option
@pass_connection
def list_groups(connection: Connection, *, is_json: bool) -> None:
    """List the consumer groups of this installation."""
    known = Groups(KafkaLog(connection))
    rows = [
        {"group": name, "state": state, "kind": "topology" if known.is_topology(name) else "consumer"}
        for name, state in known.names()
    ]
    print_rows(("group", "state", "kind"), rows, is_json=is_json)


@groups.command("describe")
@click.argument("group")
@json_option
@pass_connection
def describe(connection: Connection, *, group: str, is_json: bool) -> None:
    """Show where a group stands in each partition, its lag, and who reads it.

    'open' is the journal of an unfinished batch in the position's metadata: a number that grows means that a
    record keeps ending its worker.
    """
    log = KafkaLog(connection)
    known = Groups(log)
    found = known.describe(group)
    rows = _described(log, found, known.standings(group))
    if is_json:
        lag = sum(int(str(row["lag"])) for row in rows)
        print_json({"group": group, "state": found.state, "is_topology": known.is_topology(group), "lag": lag,
                    "members": len(found.members), "partitions": rows})  # fmt: skip
        return
    click.echo(f"{group}: {found.state}, {len(found.members)} member(s)")
    print_rows(
        ("topic", "partition", "offset", "end", "lag", "metadata", "member", "host"), rows, is_json=False
    )


def _described(log: KafkaLog, group: Group, standings: list[Standing]) -> list[dict[str, object]]:
    bounds = {topic: log.bounds(topic) for topic in {one.topic for one in standings} if log.has(topic)}
    behind = {topic: _behind(log, topic, standings, bounds[topic]) for topic in bounds}
    rows: list[dict[str, object]] = []
    for one in standings:
        end = bounds.get(one.topic, {}).get(one.partition, (one.offset, one.offset))[1]
        lag = behind.get(one.topic, {}).get(one.partition, 0)
        member, host = group.owner(one.topic, one.partition)
        rows.append({**asdict(one), "end": end, "lag": lag, "member": member or None, "host": host or None})
    return rows


def _behind(
    log: KafkaLog, topic: str, standings: list[Standing], bounds: dict[int, tuple[int, int]]
) -> dict[int, int]:
    """Records between position and end, by partition.

    Marks of transactions take offsets too, so a short distance is counted: it may hold no record at all.
    """
    distance = {
        one.partition: bounds[one.partition][1] - one.offset for one in standings if one.topic == topic
    }
    near = {one: bounds[one][1] - far for one, far in distance.items() if 0 < far <= _COUNTED_MAX}
    counted = Counter(record.partition for record in log.read(topic, near)) if near else Counter()
    return {one: counted[one] if one in near else max(0, far) for one, far in distance.items()}


@groups.command("resume")
@click.argument("group")
@click.option("--slot", "numbers", type=int, multiple=True, help="Only this slot; may be repeated.")
@click.option("--execute", is_flag=True, help="Do it; without this the stopped slots are only shown.")
@click.option("--actor", default=user_name, help="Who asks; by default the user of this system.")
@click.option("--reason", default="", help="Why; kept in the audit trail.")
@json_option
@pass_connection
def resume(
    connection: Connection,
    *,
    group: str,
    numbers: tuple[int, ...],
    execute: bool,
    actor: str,
    reason: str,
    is_json: bool,
) -> None:
    """Let slots go on that stopped by themselves, once the cause is mended.

    A slot stops when too many of its records are rejected in a row; nothing is dropped meanwhile.
    """
    desk = Desk(connection)
    stopped = [one for one in desk.stopped(group) if not numbers or one.slot in numbers]
    answers = desk.resume(group, stopped, desk.operator(actor, reason, new_job("resume"))) if execute else {}
    if not stopped and not is_json:
        click.echo(f"No slot of {group} stands still.")
        return
    rows: list[dict[str, object]] = [asdict(one) | {"answer": answers.get(one.slot)} for one in stopped]
    print_rows(("slot", "code", "detail", "answer"), rows, is_json=is_json)
    if stopped and not execute and not is_json:
        click.echo("Nothing was changed. Add --execute to let them go on.")


@groups.command("reset-offsets")
@click.argument("group")
@click.option(
    "--topic", "topics", multiple=True, metavar="TOPIC[:P,…]", help="Topic to reset; may be repeated."
)
@click.option("--all-topics", is_flag=True, help="Every topic in which the group has a position.")
@click.option("--to-earliest", is_flag=True, help="To the first record that is there.")
@click.option("--to-latest", is_flag=True, help="Behind the last record.")
@click.option("--to-current", is_flag=True, help="To where it stands (the first record where it has none).")
@click.option("--to-offset", type=click.IntRange(min=0), help="To this offset.")
@click.option("--shift-by", type=int, help="By so many offsets; negative goes back.")
@click.option("--to-datetime", metavar="TIME", help="To the first record at or after TIME (ISO 8601, UTC).")
@click.option("--by-duration", metavar="DURATION", help="To the records of DURATION ago: PT1H30M, P2D, 90m.")
@click.option("--execute", is_flag=True, help="Do it; without this the plan is only shown.")
@click.option("--force", is_flag=True, help="Also where the group is a Crossdock topology.")
@json_option
@pass_connection
def reset_offsets(
    connection: Connection,
    /,
    *,
    group: str,
    topics: tuple[str, ...],
    all_topics: bool,
    execute: bool,
    force: bool,
    is_json: bool,
    **verbs: object,
) -> None:
    """Move a group to other offsets: shows the plan, does it with --execute.

    The group must have no members. A Crossdock topology is refused without --force, because its positions
    stand in its changelog too.
    """
    verb = read_verb(verbs, datetime.now(UTC))
    if bool(topics) == all_topics:
        raise click.UsageError("say which topics: --topic TOPIC[:P,…] or --all-topics.")
    log = KafkaLog(connection)
    known = Groups(log)
    _refuse(known, group, is_forced=force, is_final=execute)
    moves = _plan(log, known, group, read_scope(topics), verb)
    if execute:
        known.apply(group, moves)
    _show(group, moves, is_done=execute, is_json=is_json)


def _refuse(known: Groups, group: str, *, is_forced: bool, is_final: bool) -> None:
    """Stop, or warn, where a reset would do harm. Raises UsageError."""
    if known.is_topology(group):
        if is_final and not is_forced:
            raise click.UsageError(_TOPOLOGY.format(group=group) + "\nWith --force it is done all the same.")
        click.secho(_TOPOLOGY.format(group=group), fg="yellow", err=True)
    found = known.describe(group)
    if is_final and not found.is_stopped:
        raise click.UsageError(
            f"group {group} is {found.state}: stop its {len(found.members)} member(s) first."
        )


def _plan(log: KafkaLog, known: Groups, group: str, scope: dict[str, list[int]], verb: Verb) -> list[Move]:
    current = {(one.topic, one.partition): one.offset for one in known.standings(group)}
    scope = scope or {topic: [] for topic, _ in current}
    moves = []
    for topic in sorted(scope):
        partitions = scope[topic] or log.partitions(topic)
        bounds = log.bounds(topic, partitions)
        at_moment = log.at(topic, verb.number, partitions) if verb.name == "moment" else {}
        for one in partitions:
            known_bounds = Bounds(current.get((topic, one)), *bounds[one], at_moment.get(one, 0))
            moves.append(move(topic, one, verb, known_bounds))
    return moves


def _show(group: str, moves: list[Move], *, is_done: bool, is_json: bool) -> None:
    if is_json:
        print_json({"group": group, "executed": is_done, "moves": [asdict(one) for one in moves]})
        return
    print_table(
        ("topic", "partition", "current", "new", "note"), [tuple(asdict(one).values()) for one in moves]
    )
    click.echo("Done." if is_done else "Nothing was changed. Add --execute to do it.")
