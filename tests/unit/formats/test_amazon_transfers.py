"""Amazon transactions of the Finances API: one claim per quirk of real payloads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.models import SettlementLine
from crossdock.formats.registry import FORMATS
from tests.kit.amazon_notifications import amount, breakdown, transaction
from tests.kit.shop_reading import PROFILE, profile, reading_of, record, refusal_of, without

FORM = "amazon_transfers"


def lines(document: object, **options: Any) -> list[SettlementLine]:
    found = reading_of(FORM, document, **options).entities
    assert all(isinstance(one, SettlementLine) for one in found)
    return [one for one in found if isinstance(one, SettlementLine)]


def related(**ids: str) -> dict[str, Any]:
    named = [{"relatedIdentifierName": name, "relatedIdentifierValue": value} for name, value in ids.items()]
    return {"relatedIdentifiers": named}


def test_a_transaction_is_one_line_of_its_total() -> None:
    (line,) = lines(transaction())
    assert line.gross is not None
    assert line.fee is not None
    assert (str(line.gross.amount), str(line.fee.amount), str(line.net.amount)) == ("10.00", "2.65", "7.35")
    assert (line.transaction_type, line.line_id, line.sku) == ("sale", "TX-1", "SKU-1")
    assert line.quantity is not None
    assert (str(line.quantity.value), line.variances) == ("2", ())
    kept = {one.name: one.value for one in line.extensions}
    assert kept["breakdowns/Expenses/Amazon Fees/Commission"] == "-2.65"
    assert kept["transactionStatus"] == "RELEASED"


@pytest.mark.parametrize("wrap", ["payload", "bare", "alone"])
def test_transactions_are_found_in_their_answer(wrap: str) -> None:
    page = {"transactions": [transaction(), transaction(transactionId="TX-2")], "nextToken": "x"}
    document = {"payload": {"payload": page}, "bare": page, "alone": transaction()}[wrap]
    assert [line.line_id for line in lines(document)] == ["TX-1", "TX-2"][: 1 if wrap == "alone" else 2]


def test_a_page_is_cut_into_its_transactions() -> None:
    page = {"payload": {"transactions": [transaction(), transaction(transactionId=None)]}}
    split = FORMATS[FORM].split
    assert split is not None
    first, second = split(record(page), PROFILE).parts
    assert first.key == "acme/shop/transaction:TX-1"
    assert second.key.startswith("acme/shop/transaction:sha256-")
    assert len(lines(second.value)[0].line_id) == 24


def test_a_settlement_makes_the_line_final() -> None:
    (line,) = lines(transaction(**related(SETTLEMENT_ID="11", DISBURSEMENT_ID="D-1", SHIPMENT_ID="S-1")))
    assert (line.settlement_id, line.is_provisional, line.payout_id) == ("11", False, "D-1")
    assert (line.order_reference, line.reference_kind) == ("S-1", "shipment")
    assert line.key == "acme/shop/11/TX-1"


def test_breakdowns_may_stand_in_an_object_and_need_not_add_up() -> None:
    (line,) = lines(transaction(breakdowns={"breakdowns": [breakdown("Sales", 10)]}))
    (variance,) = line.variances
    assert (variance.code, str(variance.difference)) == ("net_amount", "-2.65")
    assert lines(transaction(breakdowns=[]))[0].variances == ()


def test_a_breakdown_without_an_amount_is_the_sum_of_those_in_it() -> None:
    outer = {"breakdownType": "Sales", "breakdowns": [breakdown("A", 10), breakdown("B", 2)]}
    (line,) = lines(transaction(totalAmount=amount(11), breakdowns=[outer]))
    assert line.gross is not None
    assert (str(line.gross.amount), [str(one.difference) for one in line.variances]) == ("12.00", ["-1.00"])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Refund", "refund"),
        ("ServiceFee", "fee"),
        ("Chargeback", "chargeback"),
        ("Transfer", "payout"),
        ("Adjustment", "adjustment"),
        ("NeverSeen", "unknown"),
    ],
)
def test_types_have_the_listed_meaning_or_none(word: str, expected: str) -> None:
    assert lines(transaction(transactionType=word))[0].transaction_type == expected
    section = {"account": "amazon-us", "vocabulary": {word: "other"}}
    (line,) = lines(transaction(transactionType=word), partner=profile(settlement=section))
    assert (line.transaction_type, line.account) == ("other", "amazon-us")


def test_a_breakdown_is_compared_with_those_in_it() -> None:
    fees = breakdown("Fees", -2.65, breakdown("Commission", -2), breakdown("Closing", -0.6))
    nameless = breakdown("Other", None, breakdown("A", 1), breakdown("B", -1))
    (line,) = lines(
        transaction(breakdowns=[breakdown("Sales", 10), breakdown("Expenses", -2.65, fees), nameless])
    )
    assert [(one.subject, str(one.stated), str(one.computed)) for one in line.variances] == [
        ("breakdowns/Expenses/Fees", "-2.65", "-2.60")
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"totalAmount": None}, ("currency_missing", "$.totalAmount")),
        ({"totalAmount": amount("x")}, ("amount_unparsable", "$.totalAmount.currencyAmount")),
        ({"totalAmount": amount(1, "XXQ")}, ("currency_unknown", "$.totalAmount")),
        ({"transactionType": ""}, ("field_invalid", "$.transactionType")),
        ({"postedDate": "soon"}, ("time_invalid", "$.postedDate")),
        ({"breakdowns": [breakdown("Sales", None) | {"breakdownAmount": amount(1, "EUR")}]},
         ("currency_mixed", "$.breakdowns[0].breakdownAmount")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of(FORM, transaction(**changes)) == expected


def test_the_answer_of_a_failed_call_is_no_transaction() -> None:
    assert refusal_of(FORM, {"errors": [{"code": "InvalidInput"}]}) == ("field_invalid", "$.errors")
    assert refusal_of(FORM, {"payload": {"transactions": [1]}})[0] == "field_invalid"


def test_equal_transactions_without_ids_are_two() -> None:
    nameless = without(transaction(), "transactionId")
    first, second = lines({"transactions": [nameless, nameless]})
    assert second.line_id == f"{first.line_id}.2"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6), st.integers(-99, 99))
def test_numbers_stay_exact_and_differences_are_told(cents: list[int], error: int) -> None:
    total = sum(cents) + error
    parts = [breakdown(f"Part {place}", one / 100) for place, one in enumerate(cents)]
    (line,) = lines(transaction(totalAmount=amount(total / 100), breakdowns=parts))
    assert int(line.net.amount * 100) == total
    assert [int(one.difference * 100) for one in line.variances] == ([error] if error else [])
