"""Texts that are no partner profile: refused as a whole, every problem at its field, no value repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crossdock.canonical.documents import load_document
from crossdock.canonical.profiles import ProfileInvalid, parse_profile
from tests.hostile.bounds import WATCHDOG, ceiling
from tests.hostile.cases import MARKERS

pytestmark = WATCHDOG
GOOD = """\
tenant: acme
partner: shop
kind: channel
format: shopify_order
channel: {commitment: sold, zone: Europe/Berlin}
money: {amounts: major_text, tax_mode: stated}
"""
ROWS: Any = load_document((Path(__file__).parent / "profiles.yaml").read_text(encoding="utf-8"))


def text_of(row: dict[str, Any]) -> str:
    text = str(row["text"]) if "text" in row else GOOD + row.get("add", "")
    old, new = row.get("swap", ("", ""))
    assert old in text
    piece, times = row.get("repeat", ("", 1))
    return text.replace(old, new).replace("@@", piece * times) if old else text.replace("@@", piece * times)


def test_the_profile_that_is_damaged_is_good() -> None:
    assert parse_profile(GOOD).tenant == "acme"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["name"]))
def test_a_damaged_profile_is_refused_at_its_fields(row: dict[str, Any]) -> None:
    text = text_of(row)
    with ceiling(len(text)), pytest.raises(ProfileInvalid) as refused:
        parse_profile(text)
    assert set(row["places"]) <= {path for path, _ in refused.value.problems}
    assert all(len(said.split()) > 1 for _, said in refused.value.problems)
    said = " ".join(text for _, text in refused.value.problems).casefold()
    assert not any(marker in said for marker in MARKERS)
