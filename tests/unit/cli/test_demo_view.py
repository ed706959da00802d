"""How the demo's figures are put: sums, tables that fit, causes, what is compared."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import click
import pytest
from rich.console import Console
from rich.text import Text

from crossdock.canonical.profiles import parse_profile
from crossdock.cli.accounts import OUTCOMES
from crossdock.cli.demo import proof, tables
from crossdock.cli.demo.prompt import Json, Prompt
from crossdock.cli.demo.repair import ANCHOR, CORRECTION, PARTNER_FILE, causes_of
from crossdock.cli.demo.report import Cause, Check, Compared, Report, compared
from crossdock.cli.demo.screen import Screen
from crossdock.cli.demo.stage import profile_directory
from crossdock.cli.demo.watch import share
from crossdock.cli.settings import Connection
from crossdock.testbed.expectation import Account

TOPIC = "raw.channel.v1"


def screen_of(width: int, *, is_terminal: bool = False) -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    return Screen(Console(file=out, width=width, force_terminal=is_terminal, color_system=None)), out


def audit_of(**counts: int) -> Json:
    row = {"topic": TOPIC, "received": sum(counts.values()), **dict.fromkeys(OUTCOMES, 0), **counts}
    group = {
        "group": "normalize",
        "inputs": [row],
        "opened": 3,
        "closed": {"accepted": 2, "superseded": 0, "discarded": 0},
        "open": 1,
        "problems": [],
        "not_yet_processed": 0,
    }
    return {"closes": True, "groups": [group]}


def row(code: str, fingerprint: str, key: str, behind: int = 0) -> Json:
    return {
        "code": code,
        "fingerprint": fingerprint,
        "topic_of": TOPIC,
        "key": key,
        "behind": behind,
        "stage": "decode",
        "channel": "shopify-eu",
        "detail": "say it",
        "path": "$.id",
    }


def test_every_outcome_is_a_term_of_an_equation() -> None:
    assert set(tables.TERMS) == set(OUTCOMES)


def test_an_equation_names_what_there_is_and_only_that() -> None:
    (group,) = audit_of(accepted=1_200, held=2)["groups"]
    said = [" ".join([*left.plain.split(), *terms]) for left, terms in tables.equations(group)]
    assert said == [
        f"{TOPIC} 1,202 = 1,200 accepted + 2 held",
        "kept back 1 = 3 opened − 2 closed (2 accepted)",
    ]


def test_terms_are_broken_only_between_two_of_them() -> None:
    screen, out = screen_of(40)
    screen.terms(Text("x = "), ["1 accepted", "+ 2 duplicate", "+ 3 rejected", "+ 4 held"])
    assert out.getvalue().splitlines() == ["x = 1 accepted + 2 duplicate", "    + 3 rejected + 4 held"]


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    screen, out = screen_of(width)
    counts = {(channel, topic, "accepted"): 123_456 for channel, topic in tables.COLUMNS.values()}
    screen.table(tables.intake_table(counts, {"shopify-eu": 12}))
    cause = Cause("duplicate_interchange_conflict", "admit", 12, 3, "edi", "acme/" + "x" * 200, "do " * 90)
    for head, example, about in tables.cause_lines([cause]):
        screen.clipped(head, example)
        screen.hanging(Text("     "), about)
    screen.table(tables.compared_table([Compared("sum of orders in EUR", Decimal(10**9), Decimal(1))]))
    screen.command("crossdock " + "word " * 40)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "…" in out.getvalue()
    assert "shopify-eu" in lines[0]
    assert "pos-partner" in lines[0]


def test_without_a_terminal_nothing_moves() -> None:
    screen, out = screen_of(80)
    with screen.waiting("a moment", is_long=True) as say:
        say("detail")
    with screen.progress(lambda: (0.5, "09:30", [("sent", "1")])) as tick:
        tick()
    assert out.getvalue() == "  a moment …\n"


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "  09:30  50%  1,234 sent · 1,200 orders out · 5 held"),
        (46, "  09:30  50%  1,234 sent · 1,200 orders out"),
    ],
)
def test_a_plain_line_of_progress_leaves_out_what_does_not_fit(width: int, line: str) -> None:
    screen, out = screen_of(width)
    screen.plain(lambda: (0.5, "09:30", [("sent", "1,234"), ("orders out", "1,200"), ("held", "5")]))
    assert out.getvalue() == f"{line}\n"


def test_a_terminal_is_left_as_it_was_found() -> None:
    screen, out = screen_of(80, is_terminal=True)
    with screen.progress(lambda: (0.5, "09:30", [("sent", "1")])):
        pass
    assert "09:30" in out.getvalue()
    assert out.getvalue().rstrip("\r\n").endswith("\x1b[2K"), "the moving lines are wiped"


def test_dead_letters_of_one_cause_are_one_row_with_all_that_wait() -> None:
    rows = [row("a", "1", "k1", 2), row("a", "1", "k2", 1), row("a", "2", "k3"), row("b", "3", "k4")]
    found = [(cause.code, cause.count, cause.behind, cause.example) for cause in causes_of(rows)]
    assert found == [("a", 2, 3, "k1"), ("a", 1, 0, "k3"), ("b", 1, 0, "k4")]
    assert causes_of(rows)[0].fix == "say it (at $.id)"


def test_a_figure_that_only_one_side_has_does_not_agree() -> None:
    pairs = compared({"a": 1, "b": 2}, {"a": 1, "c": 3})
    assert [(one.name, one.agrees) for one in pairs] == [("a", True), ("b", False), ("c", False)]
    check = proof.figures_agree("after", pairs)
    assert not check.holds
    assert "b: expected 2, found 0; c: expected 0, found 3" in check.detail
    assert {one.name for one in tables.headlines(pairs)} == {"b", "c"}


def test_receipts_that_count_otherwise_than_the_log_are_named() -> None:
    account = Account()
    account.intake["shopify-eu", TOPIC, "accepted"] = 5
    account.intake["woo-us", TOPIC, "accepted"] = 2
    assert proof.receipts_agree(audit_of(accepted=7), account).holds
    check = proof.receipts_agree(audit_of(accepted=6, duplicate=1), account)
    assert not check.holds
    assert f"{TOPIC} accepted: receipts 6, log 7" in check.detail


def test_a_claim_that_fails_is_in_the_report() -> None:
    report = Report(100, 1, checks=[Check("a", True), Check("b", False, "why")])
    assert [check.claim for check in report.failures] == ["b"]
    assert report.document()["holds"] is False


def test_the_correction_makes_a_valid_profile_that_knows_the_unit() -> None:
    text = (profile_directory() / PARTNER_FILE).read_text(encoding="utf-8")
    assert "ZZ" not in parse_profile(text).units
    corrected = parse_profile(text.replace(ANCHOR, f"{ANCHOR}\n{CORRECTION}", 1))
    assert corrected.units["ZZ"].factor == 24


def test_shares_of_sorted_values() -> None:
    values = list(range(1, 101))
    assert (share(values, 50), share(values, 99), share([], 50)) == (51, 100, 0)


def test_a_typed_command_is_the_one_that_runs() -> None:
    typed: list[str] = []
    prompt = Prompt(Connection(), typed.append)
    found = prompt.run("partners", "check", str(profile_directory()))
    assert found == {"valid": 4, "problems": []}
    assert typed == [f"crossdock partners check {profile_directory()}"]


def test_a_command_that_prints_no_document_fails_as_it_does_for_people(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("tenant: 1\n")
    prompt = Prompt(Connection(), lambda line: None)
    found = prompt.run("partners", "check", str(tmp_path), shown=False)
    assert found["problems"]
    with pytest.raises(click.UsageError, match="no-such"):
        Prompt(Connection(), lambda line: None).run("describe", "no-such")
