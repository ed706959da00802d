"""A click group that imports a subcommand only when it is called.

Invariant: help and completion of the group import no subcommand, so they stay fast however many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import click


@dataclass(frozen=True)
class Lazy:
    """Where a subcommand lives.

    Args:
        name: what is typed.
        place: `module:attribute`.
        summary: its one-line help, equal to the command's own (a test compares them).
        section: heading under which it is listed.
    """

    name: str
    place: str
    summary: str
    section: str

    def load(self) -> click.Command:
        """Import the command. Raises ModuleNotFoundError where its module is missing."""
        module, _, attribute = self.place.partition(":")
        return cast(click.Command, getattr(import_module(module), attribute))


class LazyGroup(click.Group):
    """A group whose subcommands are listed in a table.

    Args:
        table: the subcommands, in the order in which help shows them.
    """

    def __init__(self, *, table: Sequence[Lazy], **options: Any) -> None:  # click checks its own options
        super().__init__(**options)
        self._table = {one.name: one for one in table}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the subcommands, in table order."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand, imported now; None for an unknown name."""
        lazy = self._table.get(cmd_name)
        return lazy.load() if lazy else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but an unknown name is answered with the nearest known one."""
        name = args[0] if args else ""
        if name not in self._table and not name.startswith("-"):
            ctx.fail(f"No such command '{name}'.{self._hint(name)} 'crossdock --help' lists all commands.")
        return super().resolve_command(ctx, args)

    def _hint(self, name: str) -> str:
        from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

        near = get_close_matches(name, self._table, n=1)
        return f" Did you mean '{near[0]}'?" if near else ""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands by section, from the table alone."""
        for section in dict.fromkeys(one.section for one in self._table.values()):
            with formatter.section(section):
                rows = [(one.name, one.summary) for one in self._table.values() if one.section == section]
                formatter.write_dl(rows, col_max=16)
