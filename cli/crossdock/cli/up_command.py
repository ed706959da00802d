"""`crossdock up`: a real Kafka, the registry and all services on this machine, until Ctrl-C.

Invariant: Ctrl-C, SIGTERM and SIGHUP drain everything in order; a second Ctrl-C ends it at once; either way
nothing is left running.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from crossdock.cli.local_stack import local_stack, named_kafka
from crossdock.cli.output import json_option, print_json, print_table
from crossdock.cli.settings import Connection, pass_connection
from crossdock.embedded.stack import PREFERRED_PORTS, SERVICES, Stack

_TEND_SECONDS = 0.5
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command("up", short_help="Run the whole stack here, until Ctrl-C.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the stack keeps everything.  [env: CROSSDOCK_DATA_DIR]",
)
@click.option(
    "--service",
    "services",
    multiple=True,
    type=click.Choice(SERVICES),
    help="Start only these services; may be repeated. The registry always runs.",
)
@click.option("--workers", default=1, type=click.IntRange(1, 4), help="Processes of normalize.")
@click.option("--free-ports", is_flag=True, help="Take any free ports, not 9092, 8081 and 8080.")
@json_option
@pass_connection
def up(
    connection: Connection,
    *,
    data_dir: Path | None,
    services: tuple[str, ...],
    workers: int,
    free_ports: bool,
    is_json: bool,
) -> None:
    """Run the whole stack here, until Ctrl-C.

    Starts a real Apache Kafka, the schema registry and the services, creates topics and schemas, and prints
    where everything is. A service that dies is started again. The data stays for the next time.

    Where --bootstrap-servers or CROSSDOCK_BOOTSTRAP_SERVERS names a Kafka, that one is used and none is
    started; the same for the registry, where one is named too.
    """
    say = _quiet if is_json else _say
    stack = local_stack(
        data_dir,
        elsewhere=named_kafka(connection),
        services=services or SERVICES,
        workers={"normalize": workers},
        environment=_named(connection),
        ports={} if free_ports else PREFERRED_PORTS,
        say=say,
        progress=None if is_json else _progress,
    )
    stopping = threading.Event()
    with _signals(_interrupt), stack, _signals(lambda: _stop(stopping)):
        _show(stack, is_json=is_json)
        while not stopping.wait(_TEND_SECONDS):
            stack.tend()
        say("draining; Ctrl-C again ends it at once")
    say("stopped; the data stays in " + str(stack.data_dir))


def _named(connection: Connection) -> dict[str, str]:
    namespace = connection.settings.namespace
    return {"CROSSDOCK_NAMESPACE": namespace} if namespace else {}


@contextmanager
def _signals(act: Callable[[], None]) -> Iterator[None]:
    """What the three signals that end a command do inside the block."""
    before = {number: signal.signal(number, lambda *_: act()) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt() -> None:
    raise KeyboardInterrupt


def _stop(stopping: threading.Event) -> None:
    if stopping.is_set():
        raise KeyboardInterrupt
    stopping.set()


def _show(stack: Stack, *, is_json: bool) -> None:
    if is_json:
        print_json(stack.facts())
        return
    click.echo()
    rows = [(process.name, process.url, process.pid, process.log) for process in stack.processes()]
    print_table(("process", "where", "pid", "log"), rows)
    click.echo("\nFor clients and other commands in another terminal:\n")
    for name, value in stack.environment.items():
        shown = f'"$(cat {stack.operator_key_file})"' if name == "CROSSDOCK_OPERATOR_KEY" else value
        if shown:
            click.echo(f"  export {name}={shown}")
    inbox = stack.data_dir / "drop" / "TENANT" / "PARTNER" / "inbox"
    click.echo(f"\nFiles put into {inbox} are read. Ctrl-C drains and stops.")


def _say(line: str) -> None:
    click.echo(click.style("· ", fg="cyan") + line)


def _quiet(_: str) -> None:
    """With --json only the facts are printed."""


def _progress(ready: int, total: int) -> None:
    if ready % 10 == 0 or ready == total:
        click.echo(f"  {ready} of {total} jars of Apache Kafka")
