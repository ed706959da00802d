"""`crossdock dead-letters`: find what was rejected, and settle it.

Invariant: nothing is settled without a dry run before it: retry and edit carry out a plan that a dry run
made, discard closes exactly the entries that it listed.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from crossdock.canonical.models.ops import AuditEntry, ReplayAnswer
from crossdock.cli.deadletters_desk import Desk, discard_plan
from crossdock.cli.errors import CheckFailed, RecordsRejected
from crossdock.cli.kept import Kept
from crossdock.cli.kept_selection import Selection, selection_options
from crossdock.cli.kept_view import causes, print_causes, print_entry, row_of, short
from crossdock.cli.output import json_option, print_json, print_rows
from crossdock.cli.replay_lane import new_job
from crossdock.cli.replay_plan import WORTH_DOING
from crossdock.cli.replay_view import Finding, print_answers, print_findings
from crossdock.cli.settings import Connection, pass_connection, user_name


def _stated(_: click.Context, parameter: click.Parameter, text: str) -> str:
    if not text.strip():
        raise click.BadParameter("it is blank", param=parameter)
    return text


_COLUMNS = ("id", "kind", "code", "key", "source", "tries", "behind", "age", "detail")
_actor = click.option("--actor", default=user_name, help="Who asks; by default the user of this system.")
_reason = click.option("--reason", default="", help="Why; kept in the audit trail.")
_payload = click.Path(exists=True, dir_okay=False, path_type=Path)
_full = click.option("--full", is_flag=True, help="Show every entry and every field.")
_wait = click.option("--wait", default=30.0, show_default=True, help="Give up after so many silent seconds.")
_every = click.option(
    "--all", "takes_all", is_flag=True, help="Every dead letter, without another condition."
)


@click.group("dead-letters", short_help="Find, retry, edit and discard what was rejected.")
def dead_letters() -> None:
    """Find, retry, edit and discard what was rejected.

    A rejected record holds its key: later records of the key wait behind it, in order, until it is settled.
    """


@dead_letters.command("list")
@selection_options
@click.option(
    "--all", "shows_all", is_flag=True, help="Also what waits behind a dead letter or for a reference."
)
@click.option("--limit", default=50, show_default=True, help="Show at most so many; 0 for all.")
@json_option
@pass_connection
def list_(
    connection: Connection, /, *, shows_all: bool, limit: int, is_json: bool, **conditions: Any
) -> None:
    """List the dead letters that are open, oldest first."""
    kept = [one for one in Desk(connection).kept(Selection(**conditions)) if shows_all or _is_dead(one)]
    now = datetime.now(UTC)
    rows = [row_of(one, now) for one in kept]
    if is_json:
        print_json(rows)
        return
    shown = rows[:limit] if limit else rows
    print_rows(_COLUMNS, [short(row) for row in shown], is_json=False)
    if len(shown) < len(rows):
        click.echo(f"… and {len(rows) - len(shown)} more (--limit 0 shows all)")


def _is_dead(kept: Kept) -> bool:
    return kept.entry.kind in {"rejected", "conflict"}


@dead_letters.command("groups")
@selection_options
@json_option
@pass_connection
def groups(connection: Connection, /, *, is_json: bool, **conditions: Any) -> None:
    """Group the open dead letters by cause, the most frequent first."""
    kept = [one for one in Desk(connection).kept(Selection(**conditions)) if _is_dead(one)]
    rows = causes(kept, datetime.now(UTC))
    if is_json:
        print_json(rows)
    elif rows:
        print_causes(rows)
    else:
        click.echo("None.")


@dead_letters.command("show")
@click.argument("identity", metavar="ID")
@click.option("--raw", is_flag=True, help="Write the original bytes of the value, and nothing else.")
@json_option
@pass_connection
def show(connection: Connection, *, identity: str, raw: bool, is_json: bool) -> None:
    """Show one entry whole: why it was rejected, its headers and its payload."""
    desk = Desk(connection)
    kept = desk.one(identity)
    if raw:
        click.echo(kept.entry.value or b"", nl=False)
        return
    evidence = desk.evidence(kept)
    if is_json:
        row = row_of(kept, datetime.now(UTC))
        print_json({**row, "evidence": evidence, "record": desk.view.document(kept.entry.record)})
        return
    print_entry(kept, desk.view, evidence)


@dead_letters.command("retry")
@selection_options
@_every
@click.option(
    "--execute", "plan", metavar="PLAN", help="Carry out this plan, exactly as the dry run showed it."
)
@_actor
@_reason
@_full
@_wait
@json_option
@pass_connection
def retry(
    connection: Connection,
    /,
    *,
    takes_all: bool,
    plan: str | None,
    actor: str,
    reason: str,
    full: bool,
    wait: float,
    is_json: bool,
    **conditions: Any,
) -> None:
    """Run dead letters through today's code and profiles: first dry, then as a plan.

    Without --execute the slots try each entry on a copy of their state, and you see what it would write,
    field by field, against what is published. With --execute PLAN exactly that is done; an entry whose
    outputs would differ by now is left open and reported as plan_changed.
    """
    desk = Desk(connection, wait)
    if plan is not None:
        _finish(desk.execute(plan, desk.operator(actor, reason, plan)), is_json=is_json)
        return
    kept = _settleable(desk, Selection(**conditions), takes_all=takes_all, is_json=is_json)
    job = new_job("plan")
    found = desk.dry_run(kept, desk.operator(actor, reason, job))
    _show_plan(job, found, is_full=full, is_json=is_json)


@dead_letters.command("edit")
@click.argument("identity", metavar="ID")
@click.option(
    "--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="New payload."
)
@click.option("--editor", is_flag=True, help="Change the payload in your editor.")
@_actor
@_reason
@_full
@_wait
@json_option
@pass_connection
def edit(
    connection: Connection,
    *,
    identity: str,
    path: Path | None,
    editor: bool,
    actor: str,
    reason: str,
    full: bool,
    wait: float,
    is_json: bool,
) -> None:
    """Try one dead letter with a corrected payload; shows a plan for 'retry --execute'.

    Its key and identity stay; the original bytes stay in the log.
    """
    desk = Desk(connection, wait)
    kept = desk.one(identity)
    value = _corrected(kept, path, uses_editor=editor)
    job = new_job("plan")
    found = desk.dry_run([kept], desk.operator(actor, reason, job), value)
    _show_plan(job, found, is_full=full, is_json=is_json)


def _corrected(kept: Kept, path: Path | None, *, uses_editor: bool) -> bytes:
    """The new payload. Raises UsageError where there is none or it is the old one."""
    if (path is None) != uses_editor:
        raise click.UsageError("say where the new payload is: --file FILE or --editor.")
    if path is not None:
        value = path.read_bytes()
    else:
        text = click.edit((kept.entry.value or b"").decode("utf-8", errors="surrogateescape"))
        value = (text or "").encode("utf-8", errors="surrogateescape")
    if value in (b"", kept.entry.value):
        raise click.UsageError("the payload was not changed.")
    return value


@dead_letters.command("discard")
@selection_options
@_every
@click.option("--execute", "plan", metavar="PLAN", help="Discard exactly the entries of this plan.")
@_actor
@click.option(
    "--reason", required=True, callback=_stated, help="Why they may be dropped; kept in the audit trail."
)
@_wait
@json_option
@pass_connection
def discard(
    connection: Connection,
    /,
    *,
    takes_all: bool,
    plan: str | None,
    actor: str,
    reason: str,
    wait: float,
    is_json: bool,
    **conditions: Any,
) -> None:
    """Close dead letters without effect; what waits behind them goes on.

    Without --execute the entries are listed. With --execute PLAN and the same conditions exactly these are
    discarded; if they are others by now, nothing is.
    """
    desk = Desk(connection, wait)
    selection = Selection(**conditions)
    kept = _settleable(desk, selection, takes_all=takes_all, is_json=is_json)
    found = discard_plan(kept)
    if plan is None:
        _show_discard(found, kept, selection, is_json=is_json)
        return
    if plan != found:
        raise CheckFailed(
            "plan changed: other entries are meant by now. Nothing was discarded; list them again."
        )
    _finish(desk.discard(kept, desk.operator(actor, reason, plan)), is_json=is_json)


def _settleable(desk: Desk, selection: Selection, *, takes_all: bool, is_json: bool) -> list[Kept]:
    """The chosen entries that can be settled now. Raises UsageError where nothing or no one is chosen."""
    if selection.is_empty and not takes_all:
        raise click.UsageError("say which dead letters: --code, --key, --fingerprint, --id, … or --all.")
    found = [one for one in desk.kept(selection) if one.entry.kind != "held" or selection.id]
    kept = [one for one in found if one.can_be_settled]
    if not kept:
        raise click.UsageError("no dead letter that can be settled now is meant by these conditions.")
    if len(kept) < len(found) and not is_json:
        click.echo(
            f"{len(found) - len(kept)} of them wait behind others of their key and follow by themselves."
        )
    return kept


def _show_plan(job: str, found: Sequence[Finding], *, is_full: bool, is_json: bool) -> None:
    worth = sum(one.result.result in WORTH_DOING for one in found)
    if is_json:
        print_json({"plan": job, "worth_doing": worth, "results": [one.document() for one in found]})
    else:
        print_findings(found, is_full=is_full)
        click.echo("Nothing was changed.")
        if worth:
            click.echo(f"To settle {worth} of them:  crossdock dead-letters retry --execute {job}")
    if worth < len(found):
        raise RecordsRejected(f"{len(found) - worth} of {len(found)} would fail again.")


def _show_discard(plan: str, kept: Sequence[Kept], selection: Selection, *, is_json: bool) -> None:
    rows = [row_of(one, datetime.now(UTC)) for one in kept]
    if is_json:
        print_json({"plan": plan, "entries": rows})
        return
    print_rows(_COLUMNS, [short(row) for row in rows], is_json=False)
    again = _as_options(selection) or "--all"
    click.echo("Nothing was changed.")
    click.echo(f"To discard them:  crossdock dead-letters discard {again} --reason … --execute {plan}")


def _as_options(selection: Selection) -> str:
    """The conditions as they are typed."""
    words: list[str] = []
    for one in fields(selection):
        said = getattr(selection, one.name)
        for value in said if isinstance(said, tuple) else (said,):
            words += [f"--{one.name}", shlex.quote(value)] if value else []
    return " ".join(words)


def _finish(audits: Mapping[str, AuditEntry], *, is_json: bool) -> None:
    """Show the answers; the exit code says whether all were done. Raises CheckFailed, RecordsRejected."""
    if is_json:
        print_json([one.model_dump(mode="json") for one in audits.values()])
    else:
        print_answers(audits)
    answers = {one.answer for one in audits.values()}
    if ReplayAnswer.FAILED_AGAIN in answers:
        raise RecordsRejected("at least one was rejected again.")
    if answers - {ReplayAnswer.DONE, ReplayAnswer.RESOLVED_BEFORE}:
        raise CheckFailed("not everything was done as planned.")
