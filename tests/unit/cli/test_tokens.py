"""`crossdock tokens`: the file that it writes is the one that ingest reads."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli.main import cli
from crossdock.ingest.problems import Refused
from crossdock.ingest.tokens import Tokens

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def called(file: Path, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["tokens", *arguments, "--file", str(file)])
    return result.exit_code, result.stdout, result.stderr


def opens(file: Path, token: str, channel: str, at: datetime = NOW) -> bool:
    tokens = Tokens(file)
    tokens.refresh()
    try:
        tokens.authorize(f"Bearer {token}", "acme", channel, at)
    except Refused:
        return False
    return True


def test_minted_token_opens_its_scope_and_nothing_else(file: Path) -> None:
    code, token, told = called(file, "mint", "tills", "--tenant", "acme", "--channel", "pos")
    assert code == 0
    assert opens(file, token.strip(), "pos")
    assert not opens(file, token.strip(), "shop")
    assert token.strip() not in file.read_text() + told
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_token_with_days_expires(file: Path) -> None:
    _, out, _ = called(file, "mint", "tills", "--tenant", "acme", "--days", "2", "--json")
    told = json.loads(out)
    end = datetime.fromisoformat(told["expires_at"])
    assert opens(file, told["token"], "pos", end - timedelta(seconds=1))
    assert not opens(file, told["token"], "pos", end + timedelta(seconds=1))


def test_tokens_are_listed_by_name_and_revoked(file: Path) -> None:
    _, first, _ = called(file, "mint", "a", "--tenant", "acme")
    _, second, _ = called(file, "mint", "b", "--tenant", "acme")
    assert called(file, "mint", "a", "--tenant", "acme")[0] == 2
    _, listed, _ = called(file, "list", "--json")
    assert [row["name"] for row in json.loads(listed)] == ["a", "b"]
    assert called(file, "revoke", "a")[0] == 0
    assert not opens(file, first.strip(), "pos")
    assert opens(file, second.strip(), "pos")
    code, _, told = called(file, "revoke", "a")
    assert (code, "there are: b" in told) == (2, True)


def test_file_that_is_no_tokens_file_is_left_alone(file: Path) -> None:
    file.write_text("[]")
    code, _, told = called(file, "mint", "a", "--tenant", "acme")
    assert (code, "tokens.json is invalid" in told) == (2, True)
    assert file.read_text() == "[]"
