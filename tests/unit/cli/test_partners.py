"""Partner profile files and what applying them would add."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.canonical.models.partner import PartnerProfileVersion
from crossdock.canonical.profiles import parse_profile
from crossdock.cli.differences import MISSING, Difference
from crossdock.cli.main import cli, run
from crossdock.cli.partner_files import read_files
from crossdock.cli.partner_store import Application, plan

CHANNEL = """\
tenant: acme
partner: {partner}
kind: channel
format: shopify_order_2026
channel: {{commitment: sold, fulfilled_by: seller, zone: Europe/Berlin, revision: instant_coarse}}
money: {{currency: {currency}, amounts: major_text, tax_mode: inclusive, rounding: per_line_half_up}}
"""
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
TERMS = Application(ALWAYS, NOW, "operator-1", "first")


def text(partner: str = "shopify-eu", currency: str = "EUR") -> str:
    return CHANNEL.format(partner=partner, currency=currency)


def applied(
    content: str, versions: list[PartnerProfileVersion], terms: Application = TERMS
) -> PartnerProfileVersion:
    version = plan([parse_profile(content)], versions, terms)[0].version
    assert version is not None
    return version


def test_all_problems_of_all_files_are_listed_with_file_and_field(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(text())
    (tmp_path / "bad.yaml").write_text("tenant: acme\nkind: chanel\nmony: 1\n")
    (tmp_path / "worse.yml").write_text("a: [")
    (tmp_path / "latin.yaml").write_bytes("tenant: Müller".encode("latin-1"))
    (tmp_path / "notes.txt").write_text("not a profile")
    files, problems = read_files([tmp_path])
    assert [one.path.name for one in files] == ["good.yaml"]
    found = {(Path(one.file).name, one.field) for one in problems}
    assert {("bad.yaml", "partner"), ("bad.yaml", "kind"), ("bad.yaml", "mony")} <= found
    assert {("worse.yml", ""), ("latin.yaml", "")} <= found
    assert all(str(one).startswith(str(tmp_path)) for one in problems)


def test_a_directory_without_a_profile_does_not_pass_the_check(tmp_path: Path) -> None:
    (tmp_path / "shopify-eu.yaml.bak").write_text(text())
    outcome = CliRunner().invoke(cli, ["partners", "check", str(tmp_path)])
    assert outcome.exit_code == 1
    assert "no profile here" in outcome.output


def test_two_files_of_one_partner_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text())
    (tmp_path / "b.yaml").write_text(text(currency="USD"))
    _, problems = read_files([tmp_path])
    assert [(Path(one.file).name, one.field) for one in problems] == [("b.yaml", "partner")]


def test_check_fails_with_problems_and_passes_without(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(text())
    bad.write_text("kind: channel\n")
    assert CliRunner().invoke(cli, ["partners", "check", str(good)]).exit_code == 0
    refused = CliRunner().invoke(cli, ["partners", "check", "--json", str(good), str(bad)])
    assert refused.exit_code == 1
    answer = json.loads(refused.stdout)
    assert answer["valid"] == 1
    assert {one["field"] for one in answer["problems"]} >= {"tenant", "partner"}


def test_invalid_file_is_refused_before_any_broker_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("kind: channel\n")
    arguments = ["--bootstrap-servers", "127.0.0.1:1", "partners", "apply", str(bad)]
    assert run(arguments) == 2
    assert "nothing was applied" in capsys.readouterr().err


def test_first_version_shows_every_stated_field() -> None:
    change = plan([parse_profile(text())], [], TERMS)[0]
    assert (change.current, change.version and change.version.version) == (0, 1)
    assert Difference("money.currency", MISSING, "EUR") in change.differences


def test_same_content_in_other_layout_changes_nothing() -> None:
    first = applied(text(), [])
    reordered = "\n".join(reversed(text().splitlines())) + "\n# a comment\n"
    later = Application(ALWAYS, NOW + timedelta(days=1), "operator-2", "again")
    assert plan([parse_profile(reordered)], [first], later)[0].version is None


def test_changed_field_makes_the_next_version_and_is_shown() -> None:
    first = applied(text(), [])
    second = plan([parse_profile(text(currency="USD"))], [first], TERMS)[0]
    assert second.version is not None
    assert (second.version.version, second.version.effective_from) == (2, ALWAYS)
    assert second.differences == (Difference("money.currency", "EUR", "USD"),)


def test_going_back_to_an_older_content_is_a_version_of_its_own() -> None:
    first = applied(text(), [])
    second = applied(text(currency="USD"), [first])
    assert applied(text(), [first, second]).version == 3


def test_version_says_from_when_by_whom_and_why() -> None:
    since = NOW + timedelta(days=7)
    version = applied(text(), [], Application(since, NOW, "operator-1", "tax change"))
    assert (version.effective_from, version.applied_by, version.reason) == (since, "operator-1", "tax change")


def test_partners_are_versioned_apart() -> None:
    first = applied(text(), [])
    changes = plan([parse_profile(text()), parse_profile(text("shopify-us"))], [first], TERMS)
    assert [one.version and one.version.version for one in changes] == [None, 1]
