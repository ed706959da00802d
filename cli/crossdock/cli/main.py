"""The `crossdock` command: global options, lazily loaded subcommands, and how a run ends.

Invariant: whatever happens, the exit code is one of `ExitCode` and a person gets a sentence, not a stack.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import StringIO

import click

from crossdock.cli.commands import COMMANDS
from crossdock.cli.errors import ExitCode, explained
from crossdock.cli.lazy import LazyGroup
from crossdock.cli.settings import Connection

_EPILOG = """\b
Exit codes: 0 done · 1 the check failed · 2 usage · 3 records rejected
            4 environment (broker unreachable, port busy, offline)
            70 a fault of Crossdock · 130 interrupted"""


def _show_version(ctx: click.Context, _: click.Parameter, is_asked: bool) -> None:
    if is_asked and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 - only when asked

        click.echo(f"crossdock {version('crossdock')}")
        ctx.exit()


@click.group(
    "crossdock",
    cls=LazyGroup,
    table=COMMANDS,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--bootstrap-servers", metavar="HOST:PORT,…", help="Kafka to use.  [env: CROSSDOCK_BOOTSTRAP_SERVERS]"
)
@click.option("--registry-url", metavar="URL", help="Schema registry to use.  [env: CROSSDOCK_REGISTRY_URL]")
@click.option("--namespace", metavar="NAME", help="Prefix of topics and groups.  [env: CROSSDOCK_NAMESPACE]")
@click.option("--debug", is_flag=True, help="Show tracebacks and the Kafka client's log.")
@click.option(
    "--version",
    is_flag=True,
    callback=_show_version,
    expose_value=False,
    is_eager=True,
    help="Show the version.",
)
@click.pass_context
def cli(
    ctx: click.Context,
    *,
    bootstrap_servers: str | None,
    registry_url: str | None,
    namespace: str | None,
    debug: bool,
) -> None:
    """Event-driven integration on Kafka: channel orders in, canonical orders out, exactly once.

    'crossdock demo' shows it all; 'crossdock up' keeps it running here.
    """
    given = {"bootstrap_servers": bootstrap_servers, "registry_url": registry_url, "namespace": namespace}
    ctx.obj = Connection({name: value for name, value in given.items() if value is not None}, debug)


def run(arguments: Sequence[str] | None = None, command: click.Command = cli) -> int:
    """Run a command line and give its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = command.main(arguments, prog_name="crossdock", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return ExitCode.INTERRUPTED
    except SystemExit:  # click's answer to a closed pipe: the reader has seen enough
        return ExitCode.OK
    except Exception as error:
        return _end(error, is_debugging="--debug" in arguments)
    return code if isinstance(code, int) else ExitCode.OK


def _end(error: Exception, *, is_debugging: bool) -> int:
    """Say what went wrong and give the exit code for it."""
    told = explained(error)
    if is_debugging:
        import traceback  # noqa: PLC0415 - only when asked

        traceback.print_exception(error)
    if told is not None:
        _show(told)
        return told.exit_code
    click.echo(f"A fault of Crossdock: {type(error).__name__}: {error}\nRun it again with --debug.", err=True)
    return ExitCode.INTERNAL


def _show(told: click.ClickException) -> None:
    """Print a message; it may repeat what a stranger wrote, and that must not act on the terminal."""
    from crossdock.cli.output import printable  # noqa: PLC0415 - help must start fast

    text = StringIO()
    told.show(text)
    click.echo(printable(text.getvalue(), kept="\n"), err=True, nl=False)


def main() -> None:
    """Entry point of the `crossdock` script."""
    sys.exit(run())
