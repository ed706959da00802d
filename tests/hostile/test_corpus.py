"""Every record of the corpus, read by normalize's own functions and by `crossdock try`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crossdock.canonical.errors import DETAIL_CHARACTERS_MAX, PATH_CHARACTERS_MAX
from crossdock.canonical.record import Record
from crossdock.cli.trial import Trial
from crossdock.formats.json_documents import json_documents
from crossdock.formats.registry import FORMATS
from tests.hostile.bounds import WATCHDOG, ceiling
from tests.hostile.cases import CAPTURED_MS, CORPUS, MARKERS, TOPICS, Case, cases, partners
from tests.hostile.reading import Outcome, outcome_of_case

pytestmark = WATCHDOG
CAPTURED = datetime.fromtimestamp(CAPTURED_MS / 1000, UTC)
BASES = {"shopify.json": "shop", "woo.json": "woo", "canonical.json": "canon", "order.edi": "dist"}
TRIED_BYTES_MAX = 100_000
"""Larger payloads go through the same readers in the other test; time is for both."""
ROWS_MIN = 200
"""Handmade rows; one that holds for several formats counts once."""


def told(texts: tuple[str, ...]) -> list[str]:
    return [text for text in texts for marker in MARKERS if marker in text.casefold()]


def assert_tells(outcome: Outcome) -> None:
    """A refusal names the field and what to do, within its limits, in text that UTF-8 can carry."""
    assert len(outcome.detail.split()) >= 3
    assert outcome.path
    assert len(outcome.detail) <= DETAIL_CHARACTERS_MAX
    assert len(outcome.path) <= PATH_CHARACTERS_MAX
    outcome.detail.encode()
    outcome.path.encode()


def test_the_corpus_is_large() -> None:
    tables = [path.read_text(encoding="utf-8") for path in CORPUS.glob("*/*.yaml")]
    rows = sum(
        line.startswith(("  - {name: ", "  - name: ")) for text in tables for line in text.splitlines()
    )
    assert rows >= ROWS_MIN
    assert len(cases()) >= rows


@pytest.mark.parametrize("base", BASES)
def test_what_the_hostile_records_are_made_of_is_good_and_personal(base: str) -> None:
    partner = BASES[base]
    value = (CORPUS / "bases" / base).read_bytes().replace(b"@ID@", b"7").replace(b"@CONTROL@", b"000000007")
    record = Record(TOPICS["document"], 0, 7, f"acme/{partner}/file".encode(), value, (), CAPTURED_MS)
    outcomes = outcome_of_case(Case(base, partner, record, None, (), frozenset(), False)).outcomes
    assert [outcome.outcome for outcome in outcomes] == ["accepted"]
    assert all(marker in value.decode().casefold() for marker in MARKERS)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_hostile_record_has_its_stable_outcome(case: Case) -> None:
    with ceiling(len(case.value)):
        found = outcome_of_case(case)
    wanted = case.parts if case.refusal is None else (case.refusal,)
    assert [(o.outcome, o.code) for o in found.outcomes] == [(e.outcome, e.code) for e in wanted]
    for outcome, expected in zip(found.outcomes, wanted, strict=True):
        assert expected.path in ("", outcome.path)
        if outcome.outcome == "rejected":
            assert_tells(outcome)
    assert case.warnings <= found.warnings
    assert told(found.said) == []


def is_a_file_of_one(case: Case) -> bool:
    """Whether `crossdock try` sees what the topic sees: its files may hold several orders."""
    profile = partners()[case.partner]
    is_known = profile.format in FORMATS and profile.channel is not None
    is_one = case.record.topic != TOPICS["channel"] or json_documents(case.value) == [case.value]
    return is_known and is_one and not case.has_own_key and len(case.value) <= TRIED_BYTES_MAX


@pytest.mark.parametrize(
    "case", [case for case in cases() if is_a_file_of_one(case)], ids=lambda case: case.name
)
def test_the_command_that_tries_a_payload_says_the_same(case: Case) -> None:
    profile = partners()[case.partner]
    with ceiling(len(case.value)):
        result = Trial(profile, profile.format or "", event=None, captured_at=CAPTURED).run(case.value)
    wanted = case.parts if case.refusal is None else (case.refusal,)
    by_document = {refusal.document: refusal.code for refusal in result.rejections}
    assert list(by_document.values()) == [expected.code for expected in wanted if expected.code]
    texts = [(r.detail, r.path) for r in result.rejections]
    assert told(tuple(text for pair in texts for text in pair)) == []
