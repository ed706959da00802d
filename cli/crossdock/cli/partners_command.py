"""`crossdock partners`: apply, check, list and show partner profiles.

Invariant: applying the same files again writes nothing; an invalid file stops the whole call before
anything is written, with every problem of every file.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
import yaml

from crossdock.canonical.models.partner import PartnerProfileVersion
from crossdock.canonical.profiles import profile_key
from crossdock.canonical.topics import PARTNER_PROFILE
from crossdock.cli.differences import show_differences
from crossdock.cli.errors import CheckFailed
from crossdock.cli.kafka.log import KafkaLog
from crossdock.cli.kafka.writer import Writer, addressed
from crossdock.cli.moments import read_instant
from crossdock.cli.output import instant, json_option, print_json, print_rows, printable
from crossdock.cli.partner_files import ProfileFile, read_files
from crossdock.cli.partner_store import Application, Change, output_of, plan, read_versions
from crossdock.cli.settings import Connection, pass_connection, user_name
from crossdock.streaming.backends.registry import RegistryClient
from crossdock.streaming.serde import Serde

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_files = click.argument(
    "places", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, path_type=Path)
)


@click.group("partners", short_help="Apply, check, list and show partner profiles.")
def partners() -> None:
    """Apply, check, list and show partner profiles."""


@partners.command("check")
@_files
@json_option
def check(*, places: tuple[Path, ...], is_json: bool) -> None:
    """Check profile files, or directories of them, without a broker: all problems at once."""
    files, problems = read_files(places)
    if is_json:
        print_json({"valid": len(files), "problems": [asdict(one) for one in problems]})
    else:
        for one in problems:
            click.echo(printable(str(one)))
    if problems:
        raise CheckFailed(f"{len(problems)} problem(s).")
    if not is_json:
        click.echo(f"{len(files)} profile(s), no problem.")


@partners.command("apply")
@_files
@click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
@click.option("--effective-from", metavar="TIME", help="Apply to records captured from TIME on (ISO 8601).")
@click.option("--actor", default=user_name, help="Who applies it; by default the user of this system.")
@click.option("--reason", default="", help="Why; kept with the version.")
@json_option
@pass_connection
def apply(
    connection: Connection,
    *,
    places: tuple[Path, ...],
    dry_run: bool,
    effective_from: str | None,
    actor: str,
    reason: str,
    is_json: bool,
) -> None:
    """Store changed profiles as their next versions, and show what changed.

    By default a version is in effect for all records, also for those that are held or waiting already: that
    is what a correction wants. With --effective-from it applies only to records captured from then on, and
    older ones keep the version that they were captured under, in replays too.
    """
    files = _valid(places)
    since = read_instant(effective_from) if effective_from else _ALWAYS
    terms = Application(since, datetime.now(UTC), actor, reason)
    log = KafkaLog(connection)
    log.partitions(PARTNER_PROFILE.name)
    serde = _serde(connection)
    if dry_run:
        changes = plan([one.profile for one in files], read_versions(log, serde), terms)
    else:
        changes = _apply(log, serde, files, terms)
    _show(changes, is_dry=dry_run, is_json=is_json)


def _valid(places: tuple[Path, ...]) -> list[ProfileFile]:
    files, problems = read_files(places)
    if problems:
        listed = "\n".join(f"  {one}" for one in problems)
        raise click.UsageError(f"{len(problems)} problem(s), nothing was applied:\n{listed}")
    return files


def _serde(connection: Connection) -> Serde:
    return Serde(RegistryClient(connection.settings.registry_url))


def _apply(log: KafkaLog, serde: Serde, files: list[ProfileFile], terms: Application) -> list[Change]:
    """Read and write under one name, so that nobody else's version comes in between."""
    serde.register(PartnerProfileVersion.FULL_NAME, f"{log.settings.topic(PARTNER_PROFILE.name)}-value")
    with Writer(log, "partners") as writer:
        changes = plan([one.profile for one in files], read_versions(log, serde), terms)
        new = [one.version for one in changes if one.version is not None]
        if new:
            writer.write(output_of(one, serde, _partition(log, one), terms.now) for one in new)
    return changes


def _partition(log: KafkaLog, version: PartnerProfileVersion) -> int:
    return addressed(
        log, PARTNER_PROFILE, profile_key(version.tenant, version.partner, version.version).encode()
    )


def _show(changes: list[Change], *, is_dry: bool, is_json: bool) -> None:
    if is_json:
        print_json({"dry_run": is_dry, "partners": [_document(one) for one in changes]})
        return
    for one in changes:
        name = f"{one.tenant}/{one.partner}"
        if one.version is None:
            click.echo(f"{name}: unchanged (version {one.current})")
            continue
        since = one.version.effective_from
        when = "all records" if since == _ALWAYS else f"records captured from {instant(since)} on"
        click.echo(
            f"{name}: version {one.version.version} {'would be' if is_dry else 'is'} in effect for {when}"
        )
        show_differences(list(one.differences))


def _document(change: Change) -> dict[str, object]:
    version = change.version
    return {
        "tenant": change.tenant,
        "partner": change.partner,
        "version": change.current if version is None else version.version,
        "changed": version is not None,
        "effective_from": version and instant(version.effective_from),
        "differences": [asdict(one) for one in change.differences],
    }


@partners.command("list")
@json_option
@pass_connection
def list_partners(connection: Connection, *, is_json: bool) -> None:
    """List the partners with their latest versions."""
    latest = {
        (one.tenant, one.partner): one for one in read_versions(KafkaLog(connection), _serde(connection))
    }
    columns = ("tenant", "partner", "version", "kind", "format", "effective_from", "applied_by")
    print_rows(columns, [_row(one) for one in latest.values()], is_json=is_json)


def _row(version: PartnerProfileVersion) -> dict[str, object]:
    document = json.loads(version.document)
    return {
        "tenant": version.tenant,
        "partner": version.partner,
        "version": version.version,
        "kind": document.get("kind"),
        "format": document.get("format"),
        "effective_from": "always" if version.effective_from == _ALWAYS else instant(version.effective_from),
        "applied_by": version.applied_by,
        "reason": version.reason,
        "sha256": version.sha256,
    }


@partners.command("show")
@click.argument("name", metavar="TENANT/PARTNER")
@click.option("--version", "number", type=int, help="Show this version instead of the latest.")
@json_option
@pass_connection
def show(connection: Connection, *, name: str, number: int | None, is_json: bool) -> None:
    """Show a profile as YAML, with the history of its versions above it."""
    known = read_versions(KafkaLog(connection), _serde(connection))
    versions = [one for one in known if f"{one.tenant}/{one.partner}" == name]
    if not versions:
        names = ", ".join(dict.fromkeys(f"{one.tenant}/{one.partner}" for one in known)) or "none"
        raise click.UsageError(f"there is no partner {name}; there are: {names}.")
    chosen = [one for one in versions if number in (None, one.version)]
    if not chosen:
        raise click.UsageError(f"{name} has the versions {', '.join(str(one.version) for one in versions)}.")
    document = json.loads(chosen[-1].document)
    if is_json:
        print_json({**_row(chosen[-1]), "document": document, "versions": [_row(one) for one in versions]})
        return
    for one in versions:
        row = _row(one)
        told = f"# version {one.version}: {row['effective_from']}, by {one.applied_by}  {one.reason}"
        click.secho(printable(told.rstrip()), dim=True)
    click.echo(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), nl=False)
