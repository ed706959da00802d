"""What all settlement formats share: identities, sums, vocabulary, amounts that fit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import ReferenceKind, TransactionType
from crossdock.formats.settlement_lines import (
    LineDraft,
    SettlementAccount,
    SettlementDraft,
    by_settlement,
    line_ids,
    plain_word,
    word_table,
)
from crossdock.formats.zone_names import zone_of
from tests.kit.settlement_reading import profile, record, settlement

LINE = LineDraft("line 1", "A", "d" * 24, "S", TransactionType.SALE, "sale", "EUR", Decimal(5))


def account(**section: object) -> SettlementAccount:
    return SettlementAccount(record(""), profile(settlement=settlement(**section)), "psp", "test/1")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["", "A", "B"]), st.sampled_from(["x" * 24, "y" * 24])), max_size=8)
)
def test_identities_are_unique_and_belong_to_the_content(pairs: list[tuple[str, str]]) -> None:
    drafts = [replace(LINE, natural_id=name, digest=digest) for name, digest in pairs]
    ids = line_ids(drafts)
    assert len(set(ids)) == len(ids)
    backwards = line_ids(drafts[::-1])
    assert sorted(ids) == sorted(backwards)


def test_an_identity_of_the_source_is_kept_where_it_is_unique() -> None:
    assert line_ids([LINE, replace(LINE, natural_id="B")]) == ["A", "B"]
    assert line_ids([LINE, replace(LINE, digest="e" * 24)]) == ["A:dddddddd", "A:eeeeeeee"]
    assert line_ids([LINE, LINE]) == ["A:dddddddd", "A:dddddddd.2"]


def test_a_settlement_of_several_currencies_is_several_settlements() -> None:
    drafts = [replace(LINE), replace(LINE, currency="USD"), replace(LINE, settlement_id="")]
    assert [(name, currency, len(lines)) for name, currency, lines in by_settlement(drafts)] == [
        ("S-EUR", "EUR", 1),
        ("S-USD", "USD", 1),
    ]
    assert drafts[2].settlement_id == ""


def test_payouts_are_no_part_of_the_control_total_and_are_the_deposit() -> None:
    paid = replace(LINE, transaction_type=TransactionType.PAYOUT, net=Decimal(-4))
    back = replace(paid, net=Decimal(1), is_returned=True)
    whole = account().settlement(SettlementDraft("S", "EUR", [LINE, back, paid]))
    assert whole.control_total is not None
    assert whole.deposit is not None
    assert (whole.control_total.amount, whole.deposit.amount) == (Decimal(6), Decimal(4))
    assert [str(one.difference) for one in whole.variances] == ["-2.00"]
    kept = account().settlement(SettlementDraft("S", "EUR", [LINE, paid], keeps_balance=True))
    assert (kept.deposit, kept.variances) == (None, ())


def test_a_reference_that_is_empty_has_no_kind() -> None:
    draft = replace(LINE, order_reference="", reference_kind=ReferenceKind.ORDER)
    (line,) = account().lines([draft])
    assert (line.order_reference, line.reference_kind) == (None, "none")


def test_a_line_without_a_time_has_occurred_when_the_latest_beside_it_has() -> None:
    (line,) = account().lines([LINE])
    assert line.posted is None
    assert line.occurred.instant == record("").time


def test_words_are_compared_without_case_blanks_and_dashes() -> None:
    table = word_table({TransactionType.FEE: "Scheme-Fee"})
    assert table == {"schemefee": TransactionType.FEE}
    assert plain_word("scheme_FEE") == plain_word("Scheme Fee") == "schemefee"
    known = account(vocabulary={"Scheme Fee": "other"})
    assert known.type_of("SCHEME_FEE", table, "line 1") is TransactionType.OTHER


def test_an_unlisted_word_is_warned_of_once() -> None:
    known = account()
    assert {known.type_of("new", {}, f"line {number}") for number in range(3)} == {TransactionType.UNKNOWN}
    assert [(one.code, one.path) for one in known.warnings] == [("vocabulary_unknown", "line 0")]


def test_an_amount_of_more_than_four_decimals_is_rounded_half_even_and_warned_of() -> None:
    known = account()
    assert known.fitted(Decimal("0.00005"), "x") == Decimal("0.0000")
    assert known.fitted(Decimal("0.00015"), "x") == Decimal("0.0002")
    assert known.fitted(Decimal("1.2345"), "x") == Decimal("1.2345")
    assert [one.code for one in known.warnings] == ["amount_rounded"]
    with pytest.raises(Rejected):
        known.fitted(Decimal(10) ** 14, "x")


@pytest.mark.parametrize("name", ["CST", "IST", "", "Nowhere/Land", "../etc", "Europe"])
def test_a_name_without_one_meaning_is_no_zone(name: str) -> None:
    assert zone_of(name) is None
