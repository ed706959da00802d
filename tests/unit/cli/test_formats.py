"""`crossdock formats`: what it lists, shows and finds out about a mapping."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.canonical.schemas import schema_root
from crossdock.cli.main import cli
from crossdock.formats.registry import FORMATS

EXAMPLES = schema_root() / "examples" / "raw" / "declarative"


def called(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["formats", *arguments])
    return result.exit_code, result.output


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "two.csv").write_bytes((EXAMPLES / "two-orders.csv").read_bytes())
    return folder


def test_list_names_every_format() -> None:
    code, output = called("list", "--json")
    assert code == 0
    assert {row["format"] for row in json.loads(output)} == set(FORMATS)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_show_tells_all_that_a_format_declares(name: str) -> None:
    code, output = called("show", name, "--json")
    document = json.loads(output)
    assert code == 0
    assert document["entities"]
    assert document["key_rule"]
    assert document["revision_rule"]
    assert document["fields"]
    assert document["quirks"]
    assert called("show", name)[0] == 0


def test_unknown_format_is_answered_with_near_ones() -> None:
    code, output = called("show", "shopify")
    assert code == 2
    assert "shopify_order" in output


def test_check_tells_read_ignored_and_filled(samples: Path) -> None:
    code, output = called("check", str(EXAMPLES / "profile.yaml"), "--samples", str(samples), "--json")
    report = json.loads(output)
    assert code == 0
    assert (report["samples"], report["documents"], report["accepted"]) == (1, 2, 2)
    assert report["ignored"] == {"Lager": 2}
    assert report["read"]["Storno"] == 0
    assert report["read"]["MwSt"] == 2
    assert report["filled"]["lines[].extended"] == 2
    assert "variances[].code" not in report["filled"]


def test_check_of_a_refused_sample_says_where_and_ends_with_3(samples: Path) -> None:
    (samples / "bad.csv").write_bytes((EXAMPLES / "bad-row-between-good-ones.csv").read_bytes())
    code, output = called("check", str(EXAMPLES / "profile.yaml"), "--samples", str(samples))
    assert code == 3
    assert "bad.csv, document 2: time_invalid" in output
    assert "at line 3 column Datum" in output


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("functions: [upper]", "functions: [uper]", 30, "no function is called so"),
        ("order_id: $.Beleg", "order_nr: $.Beleg", 17, "order has no such field"),
        ("            amount:", "            amuont:", 35, "order has no such field"),
        ("source: csv", "source: cvs", 10, "must be 'json'"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_line(
    samples: Path, *, old: str, new: str, line: int, problem: str
) -> None:
    text = (EXAMPLES / "profile.yaml").read_text(encoding="utf-8")
    assert old in text
    spec = samples.parent / "spec.yaml"
    spec.write_text(text.replace(old, new, 1), encoding="utf-8")
    code, output = called("check", str(spec), "--samples", str(samples))
    assert code == 2
    assert f"{spec}:{line}: " in output.replace("\n", "")
    assert problem in output
