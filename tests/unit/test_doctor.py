"""The doctor names what is wrong, how much it weighs, and the fix."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli import doctor_checks
from crossdock.cli.doctor_checks import Finding, Patient, Status, findings
from crossdock.cli.main import cli
from crossdock.cli.settings import Connection
from crossdock.embedded.jars import broker_jars
from crossdock.embedded.lock import DirectoryLock
from crossdock.embedded.ports import free_port
from crossdock.embedded.settings import EmbeddedSettings


def _patient(tmp_path: Path, *, is_explicit: bool = False) -> Patient:
    overrides = {
        "bootstrap_servers": f"127.0.0.1:{free_port()}",
        "registry_url": f"http://user:secret@127.0.0.1:{free_port()}",
    }
    settings = EmbeddedSettings(cache_dir=tmp_path / "cache", data_dir=tmp_path / "data")
    return Patient(Connection(overrides), settings, is_explicit)


def _by_subject(examined: Patient) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings(examined)}


def test_fresh_machine_has_warnings_with_fixes_and_no_failure(tmp_path: Path) -> None:
    found = _by_subject(_patient(tmp_path))
    assert {finding.status for finding in found.values()} <= {Status.OK, Status.WARN}
    assert found["Python"].status is Status.OK
    for subject in ("cache", "broker", "registry"):
        assert found[subject].status is Status.WARN
        assert found[subject].fix
    assert "crossdock up" in found["broker"].fix
    assert "transactions" not in found


def test_named_broker_that_is_silent_is_a_failure(tmp_path: Path) -> None:
    found = _by_subject(_patient(tmp_path, is_explicit=True))
    assert found["broker"].status is found["registry"].status is Status.FAIL
    assert "ports" not in found
    assert "secret" not in str(found)


def test_filled_cache_is_seen(tmp_path: Path) -> None:
    jars = tmp_path / "cache" / "jars"
    jars.mkdir(parents=True)
    for jar in broker_jars():
        (jars / jar.name).touch()
    assert _by_subject(_patient(tmp_path))["cache"].status is Status.OK


def test_java_that_cannot_run_is_a_failure_only_where_it_is_needed(tmp_path: Path) -> None:
    for is_explicit, status in ((False, Status.FAIL), (True, Status.WARN)):
        healthy = _patient(tmp_path, is_explicit=is_explicit)
        settings = healthy.embedded.model_copy(update={"java": tmp_path / "nothing"})
        found = _by_subject(Patient(healthy.connection, settings, is_explicit))
        assert (found["Java"].status, bool(found["Java"].fix)) == (status, True)


@pytest.mark.parametrize(
    ("minutes", "status"), [("5256000", Status.OK), ("10080", Status.WARN), (None, Status.WARN)]
)
def test_positions_that_vanish_are_warned_of(minutes: str | None, status: Status) -> None:
    finding = doctor_checks._retention(minutes)
    assert finding.status is status
    assert bool(finding.fix) is (status is not Status.OK)


def test_service_of_the_running_stack_that_is_not_ready_is_a_failure(tmp_path: Path) -> None:
    examined = _patient(tmp_path)
    url = f"http://127.0.0.1:{free_port()}"
    examined.embedded.data.mkdir(parents=True)
    lock = DirectoryLock(examined.embedded.data / "stack.lock")
    lock.acquire()
    lock.describe({"processes": [{"name": "normalize", "pid": 1, "url": url, "log": "normalize.log"}]})
    try:
        found = _by_subject(examined)["normalize"]
    finally:
        lock.release()
    assert found.status is Status.FAIL
    assert "normalize.log" in found.fix


def test_running_stack_is_asked_unless_a_broker_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSDOCK_DATA_DIR", str(tmp_path))
    environment = {
        "CROSSDOCK_BOOTSTRAP_SERVERS": "127.0.0.1:7",
        "CROSSDOCK_REGISTRY_URL": "http://127.0.0.1:8",
        "CROSSDOCK_NAMESPACE": "shop",
    }
    lock = DirectoryLock(tmp_path / "stack.lock")
    lock.acquire()
    lock.describe({"environment": environment})
    try:
        examined = doctor_checks.patient(Connection())
        asked = examined.connection.settings
        assert (asked.bootstrap_servers, asked.namespace) == ("127.0.0.1:7", "shop")
        assert not examined.is_explicit
        named = doctor_checks.patient(Connection({"bootstrap_servers": "127.0.0.1:9"}))
        assert named.connection.settings.bootstrap_servers == "127.0.0.1:9"
        assert named.is_explicit
    finally:
        lock.release()


def test_command_ends_with_1_where_a_check_failed_and_speaks_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSDOCK_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("CROSSDOCK_BOOTSTRAP_SERVERS", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("CROSSDOCK_REGISTRY_URL", f"http://127.0.0.1:{free_port()}")
    result = CliRunner().invoke(cli, ["doctor", "--json"])
    rows = {row["subject"]: row for row in json.loads(result.output)}
    assert result.exit_code == 1
    assert rows["broker"]["status"] == "fail"
    assert rows["Python"]["found"].endswith(sys.executable)
    text = CliRunner().invoke(cli, ["doctor"])
    assert text.exit_code == 1
    assert "fail  broker" in text.output
