"""Square refunds: generated ones yield their facts; one claim per quirk."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.models import Refund
from crossdock.formats.square_refund import FORMAT
from tests.kit.shop_reading import PROFILE, reading_of, record, refusal_of
from tests.kit.square_money import MoneyFacts, square_refunds

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FORM = "square_refund"


def refund_document(**changes: Any) -> dict[str, Any]:
    return {
        "id": "R1",
        "status": "COMPLETED",
        "location_id": "LOC1",
        "amount_money": {"amount": 555, "currency": "USD"},
        "payment_id": "PAY1",
        "order_id": "ORDER1",
        "reason": "Broken",
        "created_at": "2026-01-31T23:30:00.000Z",
        "updated_at": "2026-01-31T23:31:00.250Z",
    } | changes


def refund(document: object) -> Refund:
    (found,) = reading_of(FORM, document).entities
    assert isinstance(found, Refund)
    return found


def warnings(document: object) -> list[str]:
    return [one.code for one in reading_of(FORM, document).warnings]


@QUICK
@given(square_refunds())
def test_a_generated_refund_yields_its_facts(facts: MoneyFacts) -> None:
    found = refund(facts.payload)
    amount = facts.currency.amount(facts.amount)
    assert (found.refund_id, found.currency) == (facts.identity, facts.currency.code)
    assert (found.status, found.order_id) == (facts.meaning, facts.reference or "-")
    assert found.occurred.instant == facts.at
    assert found.stated.total is not None
    assert (found.stated.total.amount, found.computed.total.amount) == (amount, amount)
    (transaction,) = found.transactions
    assert (transaction.amount.amount, transaction.is_successful) == (amount, facts.meaning == "issued")
    assert found.variances == ()


def test_the_whole_amount_is_one_adjustment_without_a_kind() -> None:
    found = refund(refund_document())
    assert found.key == "acme/shop/ORDER1/R1"
    assert (found.lines, found.reason_raw) == ((), "Broken")
    (adjustment,) = found.adjustments
    assert (adjustment.kind, str(adjustment.amount.amount)) == ("unknown", "5.55")


def test_fees_given_back_and_the_payment_are_kept() -> None:
    fee = {"type": "INITIAL", "amount_money": {"amount": -34, "currency": "USD"}}
    found = refund(refund_document(processing_fee=[fee], version=10))
    kept = {one.name: one.value for one in found.extensions}
    assert kept["processing_fee[0].amount_money"] == "-0.34 USD"
    assert (kept["payment_id"], kept["version"]) == ("PAY1", "10")


def test_a_refund_without_an_order_and_an_unknown_status_are_warned_of() -> None:
    assert warnings(refund_document(order_id=None, status="LOST")) == ["order_missing", "status_unknown"]


def test_states_are_ordered_by_their_update() -> None:
    first = reading_of(FORM, refund_document())
    second = reading_of(FORM, refund_document(updated_at="2026-01-31T23:32:00.000Z", status="FAILED"))
    assert (first.revision.kind, first.revision.value < second.revision.value) == ("instant_fine", True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, ("id_missing", "$.id")),
        ({"amount_money": None}, ("currency_missing", "$.amount_money.currency")),
        ({"amount_money": {"currency": "USD"}}, ("amount_unparsable", "$.amount_money")),
        (
            {"amount_money": {"amount": "5.5", "currency": "USD"}},
            ("amount_unparsable", "$.amount_money.amount"),
        ),
        ({"created_at": None, "updated_at": None}, ("time_invalid", "$.created_at")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of(FORM, refund_document(**changes)) == expected


def test_a_list_is_split() -> None:
    assert FORMAT.split is not None
    page = {"refunds": [refund_document(), refund_document(id="R2")], "cursor": "x"}
    assert [part.key for part in FORMAT.split(record(page), PROFILE).parts] == [
        "acme/shop/refund:R1",
        "acme/shop/refund:R2",
    ]


def test_its_payloads_are_recognised() -> None:
    assert FORMAT.looks_like is not None
    assert FORMAT.looks_like(json.dumps({"refund": refund_document()}).encode()) == 85
    assert FORMAT.looks_like(json.dumps(refund_document()).encode()) == 70
    assert FORMAT.looks_like(b'{"line_items": [], "amount_money": 1, "payment_id": 1}') == 0
