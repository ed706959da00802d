"""`--format auto`: each example is recognised as its own format, and as no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.canonical.schemas import schema_root
from crossdock.cli.trial import sniff
from crossdock.formats.likeness import json_with, most, text_with
from crossdock.formats.registry import FORMATS

UNKNOWABLE = {"shopify_product/deleted", "woocommerce_product/deleted", "x12_850/mixed-good-and-bad"}
"""An id alone, and a file of several sets, which is `x12`."""
EXAMPLES = sorted(
    path
    for path in (schema_root() / "examples" / "raw").glob("*/*.*")
    if path.name != "profile.yaml"
    and FORMATS[path.parent.name].looks_like is not None
    and f"{path.parent.name}/{path.stem}" not in UNKNOWABLE
)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_is_recognised(path: Path) -> None:
    assert sniff(path.read_bytes()) == path.parent.name


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"<a/>", b"a,b\n1,2\n", b"\xff\xfe\x00", b"UN"])
def test_what_looks_like_nothing_is_an_error_of_the_call(data: bytes) -> None:
    with pytest.raises(LookupError):
        sniff(data)


@pytest.mark.parametrize(
    "leading", ["", "\ufeff \n", "/*\n * Some licence { [\n */\n\n", "/* a */ /* b */\n"]
)
def test_json_may_stand_behind_a_licence(leading: str) -> None:
    recognised = json_with("a", score=10)
    assert recognised(f'{leading}{{"a": 1}}'.encode()) == 10
    assert recognised(f'{leading}x {{"a": 1}}'.encode()) == 0


def test_marks_are_looked_for_after_blanks_and_a_byte_order_mark() -> None:
    recognised = most(
        json_with("a", "b", score=10),
        json_with("a", score=5, without=("c",)),
        text_with("x", opening="<", score=7),
    )
    assert recognised(b'\xef\xbb\xbf\n {"a": 1, "b": 2}') == 10
    assert recognised(b'{"a": 1}') == 5
    assert recognised(b'{"a": 1, "c": 2}') == 0
    assert recognised(b"  <x/>") == 7
    assert recognised(b"x<") == 0


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_marks_are_found_in_utf_16(encoding: str) -> None:
    recognised = most(json_with("name", score=10), text_with("Net", "Gross", score=7))
    assert recognised('{"name": "value", "other": 1}'.encode(encoding)) == 10
    assert recognised("Währung;Gross;Net\n".encode(encoding)) == 7
    assert recognised(b"\x00\x00\x00\x00\x01" + b"Gross Net" + b"framed values" * 9) == 7


def test_of_stripes_objects_the_first_decides() -> None:
    payout = (
        b'{"id": "po_1", "object": "payout", "arrival_date": 1, "statement_descriptor": null, "amount": 1'
    )
    booking = (
        b'{"id": "txn_1", "object": "balance_transaction", "net": 1, "fee_details": [], "available_on": 1'
    )
    assert sniff(payout + b', "balance_transaction": ' + booking + b"}}") == "stripe_payout"
    assert sniff(booking + b', "source": ' + payout + b"}}") == "stripe_balance_transaction"
