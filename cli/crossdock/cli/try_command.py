"""Run one payload through a format, without a broker: the mapping validator of a partner's onboarding.

Invariant: the functions that normalize runs decide everything; this command only hands them the bytes
and shows what they made of them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.profiles import ProfileInvalid, parse_profile
from crossdock.cli.errors import ExitCode
from crossdock.cli.moments import read_instant
from crossdock.cli.output import json_option, print_json
from crossdock.cli.trial import Trial, sniff
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
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def try_(
    *,
    profile_file: Path,
    format_name: str | None,
    event: str | None,
    schema_file: Path | None,
    captured_at: str | None,
    is_personal: bool,
    is_json: bool,
    file: Path,
) -> None:
    """Run one payload through a format, without a broker.

    FILE holds one document or several; - is standard input. The exit code is 0 if all are accepted, 3 if
    any is rejected, 2 if the call or the profile is wrong.
    """
    profile = _profile(profile_file)
    data = _bytes_of(file)
    moment = datetime.now(UTC) if captured_at is None else read_instant(captured_at)
    form = _format(format_name, profile, data)
    if missing := missing_sections(profile, FORMATS[form]):
        raise click.UsageError(
            f"{profile_file}: format {form} cannot be read without {' and '.join(missing)} in the profile, "
            f"which is of kind {profile.kind}"
        )
    schema = None if schema_file is None else _bytes_of(schema_file)
    trial = Trial(profile, form, event=event, schema=schema, captured_at=moment)
    result = trial.run(data)
    if is_json:
        print_json(result.document())
    else:
        print_cards(result, is_personal=is_personal)
    if result.rejections:
        raise click.exceptions.Exit(ExitCode.REJECTED)


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
