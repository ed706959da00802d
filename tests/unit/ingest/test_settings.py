"""Settings: everything has a description and a bound, and all problems are told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.ingest import service
from crossdock.ingest.settings import ConfigurationInvalid, IngestSettings, Secrets, load


def test_defaults_start_and_listen_on_loopback() -> None:
    settings = IngestSettings()
    assert settings.ingest_host == "127.0.0.1"
    assert settings.topic("raw.channel.v1") == "raw.channel.v1"


def test_every_setting_is_described() -> None:
    assert [name for name, field in IngestSettings.model_fields.items() if not field.description] == []


def test_all_problems_are_told_at_once_without_their_values(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tokens = tmp_path / "tokens.json"
    tokens.write_text('{"tokens": [{"name": "portal", "sha256": "s3cret", "tenant": "acme"}]}')
    broken = {
        "INGEST_PORT": "eighty",
        "INGEST_RECORD_BYTES_MAX": "1000000",
        "INGEST_DELIVERY_TIMEOUT_MS": "0",
        "INGEST_RATES": '{"acme": {"per_second": -1, "burst": 5}}',
        "INGEST_TOKENS_FILE": str(tokens),
        "INGEST_SECRETS_DIRECTORY": str(tmp_path / "nowhere"),
        "INGEST_DROP_ROOT": str(tokens),
        "REGISTRY_URL": "registry.example.com:s3cret",
        "LOG_LEVEL": "loud",
        "NAMESPACE": "a b",
    }
    for name, value in broken.items():
        monkeypatch.setenv(f"CROSSDOCK_{name}", value)
    with pytest.raises(ConfigurationInvalid) as caught:
        load()
    told = {problem.split(":")[0].split(".")[0] for problem in caught.value.problems}
    assert told == {f"CROSSDOCK_{name}" for name in broken}
    assert "s3cret" not in str(caught.value)
    assert service.main() == 2
    assert "CROSSDOCK_INGEST_PORT" in capsys.readouterr().err


def test_flight_must_hold_one_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSDOCK_INGEST_IN_FLIGHT_BYTES_MAX", "1048576")
    assert load().ingest_in_flight_bytes_max == 1_048_576
    monkeypatch.setenv("CROSSDOCK_INGEST_IN_FLIGHT_BYTES_MAX", "1048575")
    with pytest.raises(ConfigurationInvalid):
        load()


def test_busy_port_is_told_and_ends_with_the_environments_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with service.listen("127.0.0.1", 0) as taken:
        monkeypatch.setenv("CROSSDOCK_INGEST_PORT", str(taken.getsockname()[1]))
        assert service.main() == 4
    assert "cannot listen on 127.0.0.1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("reference", "secret"),
    [
        ("env:SHOP", "from the environment"),
        ("env:EMPTY", None),
        ("env:NOWHERE", None),
        ("file:shop", "from a file"),
        ("file:empty", None),
        ("file:binary", None),
        ("file:nowhere", None),
        ("file:../outside", None),
        ("file:..", None),
        ("file:folder", None),
        ("vault:shop", None),
        ("shop", None),
    ],
)
def test_secret_is_found_where_its_reference_says_and_nowhere_else(
    tmp_path: Path, reference: str, secret: str | None
) -> None:
    directory = tmp_path / "secrets"
    (directory / "folder").mkdir(parents=True)
    (tmp_path / "outside").write_text("not a secret of ours")
    (directory / "shop").write_text("from a file\n")
    (directory / "empty").write_text("\n")
    (directory / "binary").write_bytes(b"\xff\xfe")
    secrets = Secrets(directory, {"SHOP": "from the environment", "EMPTY": ""})
    assert secrets.find(reference) == secret


def test_no_files_are_read_without_a_folder() -> None:
    assert Secrets(None, {}).find("file:shop") is None
