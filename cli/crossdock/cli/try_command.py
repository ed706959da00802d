"""Run one payload through a format, without a broker: the mapping validator of a partner's onboarding.

Invariant: the functions that normalize runs decide everything; this command only hands them the bytes
and shows what they made of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.profiles import ProfileInvalid, parse_profile
from crossdock.cli.errors import ExitCode
from crossdock.cli.moments import read_instant
from crossdock.cli.output import json_option, print_json, print_table
from crossdock.cli.trial import Refusal, Result, Trial, sniff
from crossdock.cli.trial_view import print_cards
from crossdock.formats.registry import FORMATS
from crossdock.normalize.domain import missing_sections

_AUTO = "auto"


@click.command("try")
@click.option("--profile", "profile_file", required=True, type=Path, help="Partner profile, YAML or JSON.")
@click.option("--format", "format_name", metavar="NAME", help="Format, or auto; the profile's if left out.")
@click.option("--event", help="What the channel calls the event, e.g. orders/cancelled.")
@click.option("--schema", "schema_file", type=Path, help="Avro schema of a payload framed for a registry.")
@click.option("--captured-at", help="Capture time, ISO 8601; now if left out.")
@click.option("--personal", "is_personal", is_flag=True, help="Show names and addresses on the cards.")
@json_option
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True)
)
def try_(
    *,
    profile_file: Path,
    format_name: str | None,
    event: str | None,
    schema_file: Path | None,
    captured_at: str | None,
    is_personal: bool,
    is_json: bool,
    files: tuple[Path, ...],
) -> None:
    """Run payloads through a format, without a broker.

    FILE holds one document or several; - is standard input. Of several files, or of a folder with samples,
    each gets one line. The exit code is 0 if all are accepted, 3 if any is rejected, 2 if the call or the
    profile is wrong.
    """
    moment = datetime.now(UTC) if captured_at is None else read_instant(captured_at)
    schema = None if schema_file is None else _bytes_of(schema_file)
    bench = _Bench(profile_file, _profile(profile_file), format_name, event, schema, moment)
    if len(files) == 1 and not files[0].is_dir():
        _, result = bench.read(_bytes_of(files[0]))
        results = [result]
        if is_json:
            print_json(result.document())
        else:
            print_cards(result, is_personal=is_personal)
    else:
        results = _each(bench, list(_samples(files)), is_json=is_json)
    if any(result.rejections for result in results):
        raise click.exceptions.Exit(ExitCode.REJECTED)


@dataclass(frozen=True)
class _Bench:
    """What all payloads of a call have in common."""

    profile_file: Path
    profile: PartnerProfile
    format_name: str | None
    event: str | None
    schema: bytes | None
    captured_at: datetime

    def read(self, data: bytes) -> tuple[str, Result]:
        """Format and result of a payload. Raises UsageError where no format can read it."""
        form = _format(self.format_name, self.profile, data)
        if missing := missing_sections(self.profile, FORMATS[form]):
            raise click.UsageError(
                f"{self.profile_file}: format {form} cannot be read without {' and '.join(missing)} in the "
                f"profile, which is of kind {self.profile.kind}"
            )
        trial = Trial(self.profile, form, event=self.event, schema=self.schema, captured_at=self.captured_at)
        return form, trial.run(data)


def _samples(files: Sequence[Path]) -> Iterator[Path]:
    """The files, and those of folders, without hidden ones, in order of their names."""
    for file in files:
        found = [file]
        if file.is_dir():
            found = sorted(one for one in file.rglob("[!.]*") if one.is_file())
        yield from found


def _each(bench: _Bench, files: list[Path], *, is_json: bool) -> list[Result]:
    """One line for each file: how many of everything, with the codes of refusals and variances."""
    rows, results = [], []
    for file in files:
        form, result = _one_of_many(bench, file)
        results.append(result)
        if is_json:
            print_json({"file": str(file), "format": form, **result.document()})
        rows.append(_row(file, form, result))
    if not is_json:
        print_table(("file", "format", "entities", "rejected", "variances", "warnings", "codes"), rows)
        rejected = sum(bool(result.rejections) for result in results)
        click.echo(
            f"{len(results)} files: {len(results) - rejected} accepted whole, {rejected} with rejections"
        )
    return results


def _one_of_many(bench: _Bench, file: Path) -> tuple[str | None, Result]:
    """A payload that no format is known for is a refusal of this file alone."""
    try:
        return bench.read(_bytes_of(file))
    except click.UsageError as error:
        return None, Result(rejections=[Refusal(0, "format_unknown", error.format_message(), "")])


def _row(file: Path, form: str | None, result: Result) -> tuple[object, ...]:
    refused = [one.code for one in result.rejections]
    variances = [variance.code for one in result.entities for variance in one.variances]
    rejected = len({one.document for one in result.rejections})
    counts = len(result.entities), rejected, len(variances), len(result.warnings)
    return file, form, *counts, ", ".join(dict.fromkeys([*refused, *variances])) or "-"


def _profile(file: Path) -> PartnerProfile:
    try:
        profile = parse_profile(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file}: the profile is not UTF-8 text") from error
    except ProfileInvalid as error:
        raise click.UsageError(f"{file} is no valid profile:\n{error}") from error
    return profile


def _bytes_of(file: Path) -> bytes:
    try:
        with click.open_file(str(file), "rb") as source:  # - is standard input
            content: bytes = source.read()
            return content
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error


def _format(name: str | None, profile: PartnerProfile, data: bytes) -> str:
    if name == _AUTO:
        try:
            return sniff(data)
        except LookupError as error:
            raise click.UsageError(f"{error}; name it with --format") from error
    wanted = name or profile.format or ""
    if wanted not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise click.UsageError(f"no format is called '{wanted}'; known are {known}, and auto")
    return wanted


if __name__ == "__main__":
    try_.main(prog_name="crossdock try")
