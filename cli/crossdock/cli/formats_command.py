"""`crossdock formats`: list and show wire formats, and check a declarative mapping against samples.

Invariant: what is shown is what the formats declare about themselves; the reference page has the same.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.profiles import ProfileInvalid, parse_profile
from crossdock.cli.errors import RecordsRejected
from crossdock.cli.mapping_check import MappingReport, read_mapping, report_on
from crossdock.cli.output import json_option, print_json, print_rows, print_table, printable
from crossdock.formats.declaration import RAW_TOPICS
from crossdock.formats.registry import FORMATS, Format

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("formats", short_help="List and show wire formats, check a mapping against samples.")
def formats() -> None:
    """List and show wire formats, check a mapping against samples."""


@formats.command("list")
@json_option
def list_(*, is_json: bool) -> None:
    """List the formats that a partner profile may name."""
    rows = [_row(one) for _, one in sorted(FORMATS.items())]
    print_rows(("format", "title", "entities", "topic"), rows, is_json=is_json)


def _row(one: Format) -> dict[str, Any]:
    return {
        "format": one.name,
        "title": one.title,
        "entities": ", ".join(entity.__name__ for entity in one.entities),
        "topic": RAW_TOPICS[one.intake].name if one.intake in RAW_TOPICS else "erp.cdc.*",
    }


@formats.command("show")
@click.argument("name", metavar="FORMAT")
@json_option
def show(*, name: str, is_json: bool) -> None:
    """Show one format: entities, key, revision, fields, quirks."""
    one = FORMATS.get(name)
    if one is None:
        near = ", ".join(known for known in sorted(FORMATS) if name.partition("_")[0] in known)
        hint = f"did you mean {near}?" if near else "'crossdock formats list' lists them"
        raise click.UsageError(f"no format is called '{name}'; {hint}")
    if is_json:
        print_json(_document(one))
        return
    click.secho(f"{one.name}: {one.title}", bold=True)
    for title, text in _facts(one):
        click.echo(f"  {title:<10} {text}")
    click.echo()
    print_table(("from", "to", "note"), [(row.source, row.target, row.note) for row in one.field_table])
    if one.quirks:
        click.echo("\nWhat real payloads do:")
        for quirk in one.quirks:
            click.echo(f"  - {quirk}")


def _facts(one: Format) -> list[tuple[str, str]]:
    return [
        ("reports", ", ".join(entity.__name__ for entity in one.entities)),
        ("arrives as", ", ".join(one.content_types)),
        ("key", one.key_rule),
        ("revision", one.revision_rule),
        ("profile", f"needs {', '.join(one.needs)}" if one.needs else "needs nothing beyond its kind"),
        ("files", "several documents in one file are split" if one.split else "one document a record"),
    ]


def _document(one: Format) -> dict[str, Any]:
    return {
        "format": one.name,
        "title": one.title,
        "entities": [entity.__name__ for entity in one.entities],
        "content_types": one.content_types,
        "key_rule": one.key_rule,
        "revision_rule": one.revision_rule,
        "intake": one.intake,
        "needs": one.needs,
        "is_recognised": one.looks_like is not None,
        "fields": [asdict(row) for row in one.field_table],
        "quirks": one.quirks,
    }


@formats.command("check")
@click.argument("spec", type=_file)
@click.option(
    "--samples",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory with sample payloads of the partner.",
)
@click.option("--profile", "profile_file", type=_file, help="Profile that the mapping is tried with.")
@json_option
def check(*, spec: Path, samples: Path, profile_file: Path | None, is_json: bool) -> None:
    """Check a declarative mapping against sample payloads.

    SPEC is a profile with a section `mapping`, or that section alone. Shows which fields of the samples are
    read, which are ignored, and which canonical fields get a value. The exit code is 3 if a sample is
    refused, 2 if the mapping is wrong.
    """
    profile = read_mapping(spec, None if profile_file is None else _profile(profile_file))
    files = sorted(path for path in samples.iterdir() if path.is_file() and path != spec)
    if not files:
        raise click.UsageError(f"{samples}: no sample here")
    report = report_on(profile, files)
    if is_json:
        print_json(report.document())
    else:
        _show(report)
    if report.refusals:
        raise RecordsRejected(f"{len(report.refusals)} problem(s) in {report.samples} sample(s).")


def _profile(file: Path) -> PartnerProfile:
    try:
        return parse_profile(file.read_text(encoding="utf-8"))
    except ProfileInvalid as error:
        raise click.UsageError(f"{file} is no valid profile:\n{error}") from error


def _show(report: MappingReport) -> None:
    click.echo(f"{report.samples} sample(s), {report.documents} document(s), {report.accepted} accepted\n")
    read = [(name, number) for name, number in sorted(report.read.items())]
    print_table(("read", "documents"), read)
    never = sum(number == 0 for _, number in read)
    if never:
        click.echo(f"{never} of them never have a value: is the path right?")
    click.echo()
    if report.ignored:
        print_table(("ignored", "documents"), sorted(report.ignored.items()))
        click.echo()
    print_table(("canonical field", "entities"), sorted(report.filled.items()))
    for name, refusal in report.refusals:
        click.echo()
        click.secho(f"{printable(name)}, document {refusal.document}: {refusal.code}", fg="red")
        click.echo(f"  {printable(refusal.detail)}\n  at {printable(refusal.path) or 'the whole document'}")
