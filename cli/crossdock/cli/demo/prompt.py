"""Types commands of `crossdock` for the audience: the very commands, run in this process, read as JSON.

Invariant: what is shown as typed is what is run, but for `--json`, `--actor` and where the installation is.
"""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import click
import orjson

from crossdock.cli.commands import COMMANDS
from crossdock.cli.errors import EnvironmentTrouble
from crossdock.cli.settings import Connection

Json = Any  # the document of a command; its keys are the command's contract


class Prompt:
    """Runs commands against one installation.

    Args:
        connection: where it is, with its operator key.
        type_out: shows a command line before it runs.
    """

    def __init__(self, connection: Connection, type_out: Callable[[str], None]) -> None:
        self._connection = connection
        self._type_out = type_out

    def run(self, *arguments: str, shown: bool = True, quietly: Sequence[str] = ()) -> Json:
        """The JSON that a command prints. Raises the command's exception where it prints none.

        Args:
            quietly: arguments that are not shown.
        """
        if shown:
            self._type_out("crossdock " + shlex.join(arguments))
        name, *rest = arguments
        command = next(one for one in COMMANDS if one.name == name).load()
        printed = io.BytesIO()
        out = io.TextIOWrapper(printed, write_through=True)
        failure: Exception | None = None
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            try:
                command.main(
                    [*rest, *quietly, "--json"],
                    standalone_mode=False,
                    obj=self._connection,
                    help_option_names=["-h", "--help"],  # a command keeps those of its first call
                )
            except (click.ClickException, click.exceptions.Exit) as error:
                failure = error
        if printed.getvalue():
            return orjson.loads(printed.getvalue())
        raise failure or EnvironmentTrouble(f"crossdock {name} printed nothing")
