"""`crossdock run`: one service in this process, for supervisors, containers and debuggers.

Invariant: the service replaces this command, so signals and the exit code are its own.
"""

from __future__ import annotations

import os
import pkgutil
import sys
from importlib.util import find_spec

import click

import crossdock
from crossdock.cli.settings import Connection, pass_connection


def runnable_services() -> list[str]:
    """Names of the installed services: the parts that have settings and can be run."""
    packages = [module.name for module in pkgutil.iter_modules(crossdock.__path__) if module.ispkg]
    return sorted(name.replace("_", "-") for name in packages if _is_service(name))


def _is_service(package: str) -> bool:
    return all(find_spec(f"crossdock.{package}.{part}") is not None for part in ("__main__", "settings"))


@click.command("run", short_help="Run one service.")
@click.argument("service")
@pass_connection
def run(connection: Connection, *, service: str) -> None:
    """Run one service.

    Its settings come from the environment (CROSSDOCK_*); the global options win over it.
    """
    known = runnable_services()
    if service not in known:
        raise click.UsageError(f"'{service}' is no service; there are: {', '.join(known)}.")
    for name, value in connection.overrides.items():
        os.putenv(f"CROSSDOCK_{name.upper()}", value)
    package = service.replace("-", "_")
    os.execv(sys.executable, [sys.executable, "-m", f"crossdock.{package}"])
