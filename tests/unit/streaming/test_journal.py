"""The crash journal as text, and what it concludes from it (R22)."""

from __future__ import annotations

import pytest

from crossdock.streaming.journal import Journal, Journals

JOURNALS = [
    (Journal(), "open=0"),
    (Journal(3), "open=3"),
    (Journal(2, {"raw.channel.v1": (17, 2)}), "open=2;try=raw.channel.v1@17*2"),
    (Journal(0, {"a.b": (0, 1), "c-d.v1": (9, 3)}), "open=0;try=a.b@0*1;try=c-d.v1@9*3"),
]


@pytest.mark.parametrize(("journal", "text"), JOURNALS)
def test_journal_survives_its_text(journal: Journal, text: str) -> None:
    assert journal.text() == text
    assert Journal.parse(text) == journal
    assert Journals.parse(Journals(journal, Journal(1)).text()) == Journals(journal, Journal(1))


@pytest.mark.parametrize(
    "text", ["", "open=", "open=1;try=x", "open=-1", "NO_TIMESTAMP", "open=1;", "|", "x|y"]
)
def test_foreign_text_counts_as_none(text: str) -> None:
    assert Journals.parse(text) == Journals()


def test_third_try_of_one_record_is_one_too_many() -> None:
    journal = Journal(2)
    exhausted = []
    for _ in range(3):
        journal = journal.reopened().trying("t", 5)
        exhausted.append(journal.is_exhausted("t", 5))
    assert exhausted == [False, False, True]
    assert not journal.is_exhausted("t", 6)


def test_success_of_another_input_does_not_wipe_out_a_try() -> None:
    journal = Journal(2).trying("pill", 5).trying("good", 9)
    after = journal.succeeded({"pill": 5, "good": 10})
    assert after == Journal(0, {"pill": (5, 1)})
    assert after.is_cautious
    assert after.trying("pill", 5).tries["pill"] == (5, 2)


def test_try_is_over_once_its_input_has_passed_it() -> None:
    assert Journal(2).trying("t", 5).succeeded({"t": 6}) == Journal()


@pytest.mark.parametrize(("opened", "is_cautious"), [(0, False), (1, False), (2, True), (7, True)])
def test_second_opening_without_success_makes_cautious(opened: int, is_cautious: bool) -> None:
    assert Journal(opened).is_cautious is is_cautious
