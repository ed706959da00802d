"""Where a command finds the broker and the registry; here alone the command line reads its environment.

Invariant: an option wins over the environment, and the environment over the built-in default.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from crossdock.streaming.backends.settings import KafkaSettings


@dataclass(frozen=True)
class Connection:
    """What the global options say; commands get it with `@pass_connection`.

    Args:
        overrides: settings named on the command line, by the field of KafkaSettings.
        is_debugging: show tracebacks and the client's own log.
    """

    overrides: Mapping[str, str] = field(default_factory=dict)
    is_debugging: bool = False

    @cached_property
    def settings(self) -> KafkaSettings:
        """Settings with the environment read. Raises pydantic's ValidationError, listing every problem."""
        from crossdock.streaming.backends.settings import KafkaSettings  # noqa: PLC0415 - help must start fast

        values: dict[str, Any] = dict(self.overrides)  # text, converted and checked by pydantic
        return KafkaSettings(**values)


pass_connection = click.make_pass_decorator(Connection, ensure=True)


def user_name() -> str:
    """Name of the operating system's user, for records that say who did something."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
