"""`crossdock tokens`: bearer tokens of the ingest API, in the file that ingest reads.

Invariant: a token is shown once, when it is made; the file and every list hold its hash or its name only.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from crossdock.cli.output import instant, json_option, print_json, print_rows
from crossdock.cli.settings import tokens_file
from crossdock.ingest.tokens import ApiToken, TokensInvalid, mint, read_tokens, write_tokens

_file = click.option(
    "--file",
    "path",
    required=True,
    default=tokens_file,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The tokens file.  [env: CROSSDOCK_INGEST_TOKENS_FILE]",
)


@click.group("tokens", short_help="Make, list and revoke API tokens of ingest.")
def tokens() -> None:
    """Make, list and revoke API tokens of ingest."""


@tokens.command("mint")
@click.argument("name")
@click.option("--tenant", required=True, help="The tenant that the token opens.")
@click.option("--channel", help="Only this channel of the tenant.")
@click.option("--days", type=click.IntRange(min=1), help="Days until it expires; never if left out.")
@_file
@json_option
def mint_(
    *, name: str, tenant: str, channel: str | None, days: int | None, path: Path, is_json: bool
) -> None:
    """Make a token and add its hash to the file; it is shown once.

    NAME stands in logs and lists. A running ingest reads the file again within seconds.
    """
    known = _read(path, is_new=True)
    if any(one.name == name for one in known):
        raise click.UsageError(f"{path} has a token called '{name}'; revoke it first, or take another name")
    token, entry = mint(name, tenant, channel)
    if days is not None:
        entry = entry.model_copy(update={"expires_at": datetime.now(UTC) + timedelta(days=days)})
    _write(path, [*known, entry])
    if is_json:
        print_json({"token": token, **_row(entry)})
    else:
        click.echo(token)
        click.echo(f"'{name}' opens {_scope(entry)}; the token is not shown again.", err=True)


@tokens.command("list")
@_file
@json_option
def list_(*, path: Path, is_json: bool) -> None:
    """List the tokens of the file by name."""
    rows = [_row(one) for one in _read(path)]
    print_rows(("name", "tenant", "channel", "expires_at"), rows, is_json=is_json)


@tokens.command("revoke")
@click.argument("name")
@_file
def revoke(*, name: str, path: Path) -> None:
    """Remove a token from the file; a running ingest refuses it within seconds."""
    known = _read(path)
    left = [one for one in known if one.name != name]
    if len(left) == len(known):
        names = ", ".join(one.name for one in known) or "none"
        raise click.UsageError(f"{path} has no token called '{name}'; there are: {names}")
    _write(path, left)
    click.echo(f"'{name}' is revoked.")


def _read(path: Path, *, is_new: bool = False) -> tuple[ApiToken, ...]:
    if is_new and not path.exists():
        return ()
    try:
        return read_tokens(path).tokens
    except TokensInvalid as error:
        raise click.UsageError(str(error)) from error


def _write(path: Path, entries: list[ApiToken]) -> None:
    try:
        write_tokens(path, entries)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from error


def _row(entry: ApiToken) -> dict[str, str | None]:
    expires = None if entry.expires_at is None else instant(entry.expires_at)
    return {"name": entry.name, "tenant": entry.tenant, "channel": entry.channel, "expires_at": expires}


def _scope(entry: ApiToken) -> str:
    return f"{entry.tenant}/{entry.channel}" if entry.channel else f"all channels of {entry.tenant}"
