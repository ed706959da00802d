"""`crossdock try`: what it prints and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crossdock.canonical.schemas import schema_root
from crossdock.cli.main import cli
from crossdock.cli.trial import sniff
from tests.kit.shop_reading import PROFILE_TEXT
from tests.kit.shopify_documents import line, order
from tests.kit.woo_documents import woo_order

EXAMPLES = schema_root() / "examples" / "raw"


@pytest.fixture
def partner(tmp_path: Path) -> Path:
    path = tmp_path / "profile.yaml"
    path.write_text(PROFILE_TEXT, encoding="utf-8")
    return path


def run(*arguments: object, stdin: bytes = b"") -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["try", *map(str, arguments)], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def answer(partner: Path, payload: object, *options: str) -> tuple[int, dict[str, Any]]:
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    code, output = run("--profile", partner, *options, "--json", "-", stdin=data)
    document: dict[str, Any] = json.loads(output)
    return code, document


def test_an_accepted_order_is_printed_as_its_event(partner: Path) -> None:
    code, document = answer(partner, order(total_price="20.02"))
    assert (code, document["outcome"], document["rejections"]) == (0, "accepted", [])
    (event,) = document["events"]
    assert (event["topic"], event["key"]) == ("sales.order.v1", "acme/shop/820982911946154508")
    assert event["value"]["computed"]["total"]["amount"] == "20.00"
    assert event["value"]["lines"][0]["ordered"] == {"value": "2", "unit": "EA"}
    (variance,) = document["variances"]
    assert {name: variance[name] for name in ("code", "subject", "stated", "computed", "difference")} == {
        "code": "order_total",
        "subject": "stated.total",
        "stated": "20.02",
        "computed": "20.00",
        "difference": "0.02",
    }


def test_no_number_of_the_answer_is_a_float(partner: Path) -> None:
    _, document = answer(partner, order(line(price=10.5)))

    def floats(node: object) -> list[float]:
        if isinstance(node, dict):
            return [found for value in node.values() for found in floats(value)]
        if isinstance(node, list):
            return [found for value in node for found in floats(value)]
        return [node] if isinstance(node, float) else []

    assert floats(document) == []


@pytest.mark.parametrize(
    ("payload", "code", "path"),
    [
        (b"{", "envelope_broken", "line 1 column 2"),
        (b"", "envelope_broken", "$"),
        (b"[]", "envelope_broken", "$"),
        (b"7", "envelope_broken", "$"),
        (b"\xff", "encoding_invalid", "byte 0"),
        (order(line(price="x")), "amount_unparsable", "$.line_items[0].price"),
        (order(currency=None), "currency_missing", "$.currency"),
    ],
)
def test_a_rejection_has_code_detail_and_path_and_ends_with_3(
    partner: Path, payload: object, code: str, path: str
) -> None:
    exit_code, document = answer(partner, payload)
    (rejection,) = document["rejections"]
    assert (exit_code, document["outcome"], document["events"]) == (3, "rejected", [])
    assert (rejection["code"], rejection["path"]) == (code, path)
    assert rejection["detail"]


def test_every_problem_of_our_own_format_is_a_rejection(partner: Path) -> None:
    exit_code, document = answer(partner, {"order_id": "", "lines": []}, "--format", "canonical_json")
    assert exit_code == 3
    assert sorted(one["path"] for one in document["rejections"]) == ["$.lines", "$.order_id", "$.placed"]


@pytest.mark.parametrize(
    "payload",
    [
        [order(id=1), order(id=2)],
        {"orders": [order(id=1), order(id=2)]},
        "\n".join(json.dumps(order(id=number)) for number in (1, 2)).encode(),
    ],
)
def test_several_documents_give_several_events(partner: Path, payload: object) -> None:
    code, document = answer(partner, payload)
    assert (code, [event["key"] for event in document["events"]]) == (0, ["acme/shop/1", "acme/shop/2"])


def test_one_bad_document_among_good_ones_is_named(partner: Path) -> None:
    code, document = answer(partner, [order(id=1), order(id=2, line_items=[]), order(id=3)])
    assert (code, document["outcome"], len(document["events"])) == (3, "rejected", 2)
    assert [(one["document"], one["code"]) for one in document["rejections"]] == [(2, "lines_missing")]


def test_a_folder_of_samples_gets_a_line_for_each_file(partner: Path, tmp_path: Path) -> None:
    samples = tmp_path / "samples"
    (samples / "deep").mkdir(parents=True)
    (samples / "deep" / "b.json").write_text(json.dumps([order(id=1), order(id=2, total_price="1.00")]))
    (samples / "a.json").write_text(json.dumps(order(currency=None)))
    (samples / "c.txt").write_text("hello")
    (samples / ".hidden").write_text("hello")
    code, output = run("--profile", partner, "--format", "auto", samples)
    heading, *rows, total = output.splitlines()
    assert code == 3
    assert heading.split() == ["FILE", "FORMAT", "ENTITIES", "REJECTED", "VARIANCES", "WARNINGS", "CODES"]
    assert [row.split()[1:] for row in rows] == [
        ["shopify_order", "0", "1", "0", "0", "currency_missing"],
        ["-", "0", "1", "0", "0", "format_unknown"],
        ["shopify_order", "2", "0", "1", "0", "order_total"],
    ]
    assert total == "3 files: 1 accepted whole, 2 with rejections"
    code, output = run("--profile", partner, "--json", samples / "a.json", samples / "deep")
    found = [json.loads(row) for row in output.splitlines()]
    assert [Path(one["file"]).name for one in found] == ["a.json", "b.json"]
    assert [len(one["events"]) for one in found] == [0, 2]


def test_the_event_name_is_heard(partner: Path) -> None:
    _, document = answer(partner, order(), "--event", "orders/cancelled")
    assert document["events"][0]["value"]["cancellation"]["status"] == "cancelled"


def test_another_format_than_the_profiles_can_be_tried(partner: Path) -> None:
    for name in ("woocommerce_order", "auto"):
        _, document = answer(partner, woo_order(), "--format", name)
        assert document["events"][0]["value"]["source"]["system"] == "woocommerce"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"ISA*00*", "x12"),
        (b"\xef\xbb\xbf\r\n ISA*00*", "x12"),
        (json.dumps(order()).encode(), "shopify_order"),
        (json.dumps([woo_order()]).encode(), "woocommerce_order"),
        (b'{"order_id":"1","lines":[]}', "canonical_json"),
        (json.dumps({"body": json.dumps(order())}).encode(), "shopify_order"),
    ],
)
def test_a_format_is_known_by_its_marks(data: bytes, name: str) -> None:
    assert sniff(data) == name


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--profile", "missing.yaml", "-"], "missing.yaml"),
        (["--format", "fax", "-"], "no format is called 'fax'"),
        (["--format", "auto", "-"], "looks like no known format"),
        (["missing.json"], "missing.json"),
        (["--captured-at", "noon", "-"], "is no time"),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_why(partner: Path, arguments: list[str], told: str) -> None:
    given = arguments if "--profile" in arguments else ["--profile", str(partner), *arguments]
    code, output = run(*given, stdin=b"hello")
    assert code == 2
    assert told in output


def test_a_wrong_profile_lists_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text("tenant: acme\npartner: x\nkind: channel\ncolour: red\n", encoding="utf-8")
    code, output = run("--profile", path, "-")
    assert code == 2
    assert all(name in output for name in ("colour", "money", "channel", "format"))


def test_the_card_shows_sums_and_variances_and_no_personal_data(partner: Path) -> None:
    file = EXAMPLES / "shopify_order" / "totals-disagree.json"
    code, output = run("--profile", partner, file)
    assert code == 0
    for told in (
        "#1003",
        "409.94",
        "608.94",
        "-199.00",
        "order_total",
        "not_itemised",
        "-199.00 USD ",
        "1 accepted, 0 rejected",
    ):
        assert told in output
    assert "\\n" not in output, "a figure and its tolerance stand on lines of their own"
    paid = EXAMPLES / "shopify_order" / "paid.json"
    assert "Test Buyer" not in run("--profile", partner, paid)[1]
    assert "Test Buyer 1" in run("--profile", partner, "--personal", paid)[1]


def test_a_card_cannot_move_the_cursor_or_pass_as_markup(partner: Path) -> None:
    payload = json.dumps(order(line(sku="[red]\u001b[2J"), name="\u001b]0;x\u0007")).encode()
    _, output = run("--profile", partner, "-", stdin=payload)
    assert "\u001b]0" not in output
    assert "\u001b[2J" not in output
    assert "[red]" in output


def test_it_runs_as_a_program_of_its_own(partner: Path) -> None:
    file = EXAMPLES / "woocommerce_order" / "processing.json"
    arguments = ["--profile", str(partner), "--format", "woocommerce_order", "--json", str(file)]
    done = subprocess.run(
        [sys.executable, "-m", "crossdock.cli.try_command", *arguments],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["events"][0]["value"]["computed"]["total"]["amount"] == "29.35"
