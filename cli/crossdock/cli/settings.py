"""Where a command finds the broker and the registry; here alone the command line reads its environment.

Invariant: an option wins over the environment, the environment over the stack that runs on this machine
(`crossdock up`), and that over the built-in default.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pydantic import SecretStr

    from crossdock.streaming.backends.settings import KafkaSettings

_SHARED = {"CROSSDOCK_BOOTSTRAP_SERVERS", "CROSSDOCK_REGISTRY_URL", "CROSSDOCK_NAMESPACE"}


@dataclass(frozen=True)
class Connection:
    """What the global options say; commands get it with `@pass_connection`.

    Args:
        overrides: settings named on the command line, by the field of KafkaSettings.
        is_debugging: show tracebacks and the client's own log.
    """

    overrides: Mapping[str, str] = field(default_factory=dict)
    is_debugging: bool = False

    @property
    def settings(self) -> KafkaSettings:
        """Settings with the environment read. Raises pydantic's ValidationError, listing every problem."""
        return self._read[0]

    @property
    def operator_key(self) -> str:
        """Key that signs operator requests. Raises UsageError where there is none."""
        key = self._read[1].get_secret_value()
        if not key:
            raise click.UsageError(
                "operator requests are signed: set CROSSDOCK_OPERATOR_KEY to the services' key."
            )
        return key

    @cached_property
    def _read(self) -> tuple[KafkaSettings, SecretStr]:
        from pydantic import Field, SecretStr  # noqa: PLC0415 - help must start fast

        from crossdock.streaming.backends.settings import KafkaSettings  # noqa: PLC0415 - help must start fast

        class CommandSettings(KafkaSettings):
            operator_key: SecretStr = Field(default=SecretStr(""))

        values: dict[str, Any] = dict(self.overrides)  # text, converted and checked by pydantic
        stated = CommandSettings(**values)
        if "bootstrap_servers" not in stated.model_fields_set:
            stated = CommandSettings(**{**_running(), **values})
        return stated, stated.operator_key


def _running() -> dict[str, str]:
    """How to reach the stack that `crossdock up` runs on this machine; nothing where there is none."""
    from crossdock.embedded.settings import EmbeddedSettings  # noqa: PLC0415 - help must start fast
    from crossdock.embedded.stack import running_stack  # noqa: PLC0415 - help must start fast

    facts = running_stack(EmbeddedSettings().data)
    if facts is None:
        return {}
    said = facts.get("environment")
    environment = said if isinstance(said, dict) else {}
    values = {
        name.removeprefix("CROSSDOCK_").lower(): str(environment[name]) for name in _SHARED & set(environment)
    }
    key_file = Path(str(facts.get("operator_key_file", "")))
    return {**values, "operator_key": key_file.read_text()} if key_file.is_file() else values


pass_connection = click.make_pass_decorator(Connection, ensure=True)


def user_name() -> str:
    """Name of the operating system's user, for records that say who did something."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def tokens_file() -> str | None:
    """The tokens file that ingest is told of (`CROSSDOCK_INGEST_TOKENS_FILE`)."""
    return os.environ.get("CROSSDOCK_INGEST_TOKENS_FILE")
