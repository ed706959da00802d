"""The `crossdock` command as a whole: help, exit codes, errors that a person can use."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner
from confluent_kafka import KafkaError, KafkaException

from crossdock.cli import main
from crossdock.cli.commands import COMMANDS
from crossdock.cli.errors import CheckFailed, EnvironmentTrouble, ExitCode, RecordsRejected, explained
from crossdock.cli.lazy import Lazy
from crossdock.cli.settings import Connection
from crossdock.streaming.errors import ConfigurationError, Retryable


def test_help_lists_every_command_with_its_summary() -> None:
    shown = CliRunner().invoke(main.cli, ["--help"])
    assert shown.exit_code == 0
    assert all(one.name in shown.output and one.summary in shown.output for one in COMMANDS)


@pytest.mark.parametrize("lazy", COMMANDS, ids=[one.name for one in COMMANDS])
def test_summary_in_the_table_is_the_commands_own(lazy: Lazy) -> None:
    command = lazy.load()
    assert command.name == lazy.name
    assert command.get_short_help_str(200) == lazy.summary


HEAVY = ("confluent_kafka", "pydantic", "rich", "yaml", "fastavro", "importlib.metadata")


@pytest.mark.parametrize("arguments", [["--help"], ["completion", "bash"], ["tial"]])
def test_help_completion_and_typing_errors_import_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys; from crossdock.cli.main import run; run(sys.argv[2:]); "
        "print(*(set(sys.argv[1].split(',')) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, ",".join(HEAVY), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == ""


def test_mistyped_command_is_answered_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["tial"]) == ExitCode.USAGE
    assert "Did you mean 'tail'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (click.UsageError("wrong"), ExitCode.USAGE, "wrong"),
        (CheckFailed("open"), ExitCode.CHECK_FAILED, "open"),
        (RecordsRejected("three"), ExitCode.REJECTED, "three"),
        (EnvironmentTrouble("busy"), ExitCode.ENVIRONMENT, "busy"),
        (ConfigurationError(["a", "b"]), ExitCode.USAGE, "  - b"),
        (Retryable("registry down"), ExitCode.ENVIRONMENT, "registry down"),
        (ConnectionRefusedError("refused"), ExitCode.ENVIRONMENT, "refused"),
        (KafkaException(KafkaError(KafkaError._TRANSPORT, "no broker")), ExitCode.ENVIRONMENT, "no broker"),
    ],
)
def test_error_is_explained_with_its_exit_code(error: Exception, code: ExitCode, text: str) -> None:
    told = explained(error)
    assert told is not None
    assert told.exit_code == code
    assert text in told.format_message()


def run_with(error: BaseException, *arguments: str) -> int:
    """Exit code of a run whose one command raises."""

    @click.group()
    @click.option("--debug", is_flag=True)
    def failing(*, debug: bool) -> None:
        raise error

    failing.add_command(click.Command("anything"))
    return main.run([*arguments, "anything"], failing)


def test_error_message_cannot_act_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_with(click.UsageError("line 1\nkey \x1b[2J \x9b31m")) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert all(line.isprintable() for line in told.split("\n"))
    assert "line 1\nkey " in told
    assert r"\x9b31m" in told


def test_our_own_fault_is_one_line_and_a_traceback_only_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_with(ZeroDivisionError("oops")) == ExitCode.INTERNAL
    shown = capsys.readouterr().err
    assert "ZeroDivisionError: oops" in shown
    assert "Traceback" not in shown
    assert run_with(ZeroDivisionError("oops"), "--debug") == ExitCode.INTERNAL
    assert "Traceback" in capsys.readouterr().err


def test_interrupted_run_ends_with_130() -> None:
    assert run_with(KeyboardInterrupt()) == ExitCode.INTERRUPTED


def test_option_wins_over_environment_and_environment_over_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSDOCK_NAMESPACE", "staging")
    monkeypatch.setenv("CROSSDOCK_BOOTSTRAP_SERVERS", "env:1")
    settings = Connection({"bootstrap_servers": "option:2"}).settings
    assert (settings.bootstrap_servers, settings.namespace) == ("option:2", "staging")


def test_invalid_setting_is_a_usage_error_that_names_the_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--namespace", "not valid!", "groups", "list"]) == ExitCode.USAGE
    assert "namespace" in capsys.readouterr().err


def test_invalid_settings_are_listed_without_their_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CROSSDOCK_KAFKA_SASL_MECHANISM", "hunter2")
    monkeypatch.setenv("CROSSDOCK_KAFKA_SECURITY_PROTOCOL", "hunter3")
    assert main.run(["groups", "list"]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert "CROSSDOCK_KAFKA_SASL_MECHANISM" in told
    assert "CROSSDOCK_KAFKA_SECURITY_PROTOCOL" in told
    assert "hunter" not in told
    assert "pydantic" not in told


@pytest.mark.parametrize("reason", ["", "  "])
def test_discarding_needs_a_reason_in_words(reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["dead-letters", "discard", "--all", "--reason", reason]) == ExitCode.USAGE
    assert "--reason" in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_printed_for_each_shell(shell: str) -> None:
    shown = CliRunner().invoke(main.cli, ["completion", shell])
    assert shown.exit_code == 0
    assert "_CROSSDOCK_COMPLETE" in shown.output


def test_version_is_the_distributions() -> None:
    assert CliRunner().invoke(main.cli, ["--version"]).output == f"crossdock {version('crossdock')}\n"
