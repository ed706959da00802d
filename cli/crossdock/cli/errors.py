"""How a command ends: its exit code, and what a person reads.

    ClickException          (click)
    ├── UsageError          2  the call is wrong (click's own)
    ├── CheckFailed         1  what was checked does not hold: accounts not closed, drift found
    ├── RecordsRejected     3  at least one record was or would be rejected
    └── EnvironmentTrouble  4  broker unreachable, port busy, registry offline, file unreadable

Ctrl-C ends with 130, a fault of Crossdock itself with 70. Invariant: no traceback reaches a person who did
not ask for it with `--debug`, and every message says what to do.
"""

from __future__ import annotations

from enum import IntEnum

import click


class ExitCode(IntEnum):
    """Exit codes of every command; the text under each member is its documentation."""

    OK = 0
    """Done; everything that was checked holds."""
    CHECK_FAILED = 1
    """The check failed: the accounts do not close, drift was found, a plan changed."""
    USAGE = 2
    """The call or a file that it names is wrong; nothing was done."""
    REJECTED = 3
    """At least one record was or would be rejected."""
    ENVIRONMENT = 4
    """The environment is in the way: broker unreachable, port busy, registry offline."""
    INTERNAL = 70
    """A fault of Crossdock itself; run it again with `--debug` and report what it prints."""
    INTERRUPTED = 130
    """Interrupted by Ctrl-C."""


class CheckFailed(click.ClickException):
    """What was checked does not hold."""

    exit_code = ExitCode.CHECK_FAILED


class RecordsRejected(click.ClickException):
    """At least one record was or would be rejected."""

    exit_code = ExitCode.REJECTED


class EnvironmentTrouble(click.ClickException):
    """Something outside Crossdock is in the way."""

    exit_code = ExitCode.ENVIRONMENT


_ENVIRONMENT = {"EmbeddedError", "KafkaException", "KafkaError", "Retryable", "RegistryError"}
"""Exceptions that blame the environment; by name, so that nothing is imported only to be compared."""
_USAGE = {"ConfigurationError", "SettingsError", "ValidationError"}


def explained(error: Exception) -> click.ClickException | None:
    """What a person is told of an exception; None where it is a fault of ours."""
    if isinstance(error, click.ClickException):
        return error
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & _ENVIRONMENT or isinstance(error, OSError):
        return EnvironmentTrouble(_text(error))
    if names & _USAGE:
        return click.UsageError(_text(error))
    return None


def _text(error: Exception) -> str:
    """The message of an exception; Kafka's carry an object that words itself better."""
    faults = getattr(error, "errors", None)  # of pydantic's ValidationError
    if callable(faults):
        # Values are left out on purpose: one of them may be a secret in the wrong variable.
        lines = [f"  - {_setting(one['loc'])}: {one['msg']}" for one in faults(include_input=False)]
        return "\n".join(["the settings cannot work:", *lines])
    first = error.args[0] if error.args else None
    worded = getattr(first, "str", None)
    return str(worded()) if callable(worded) else str(error) or type(error).__name__


def _setting(location: tuple[int | str, ...]) -> str:
    name = "__".join(str(part) for part in location)
    return f"{name} (CROSSDOCK_{name.upper()})"
