"""Shopify payouts and balance transactions; one claim per quirk."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from crossdock.canonical.models import Payout, Settlement, SettlementLine
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import PROFILE, profile, reading_of, record, refusal_of
from tests.kit.shopify_payments import (
    PayoutFacts,
    TransactionFacts,
    balance_transaction,
    balance_transactions,
    payout,
    payouts,
)

PAYOUT = "shopify_payout"
LINE = "shopify_payout_transactions"
ACCOUNT = profile(
    settlement={"account": "payments-eu", "horizon_days": 14, "vocabulary": {"new_word": "fee"}},
    money={"amounts": "major_text", "tax_mode": "stated", "currency": "USD"},
)


def read(document: object, **options: Any) -> tuple[Settlement, Payout]:
    settlement, found = reading_of(PAYOUT, document, **options).entities
    assert isinstance(settlement, Settlement)
    assert isinstance(found, Payout)
    return settlement, found


def line(document: object, **options: Any) -> SettlementLine:
    (found,) = reading_of(LINE, document, **options).entities
    assert isinstance(found, SettlementLine)
    return found


def codes(form: str, document: object, **options: Any) -> list[str]:
    return [one.code for one in reading_of(form, document, **options).warnings]


def test_a_payout_is_its_own_settlement() -> None:
    settlement, found = read(payout(), partner=ACCOUNT)
    assert settlement.key == "acme/payments-eu/9007199254740993"
    assert found.key == "acme/payments-eu/9007199254740993/9007199254740993"
    assert (found.status, settlement.is_final, settlement.completeness_horizon_days) == ("paid", True, 14)
    assert settlement.control_total is not None
    assert (str(found.amount.amount), str(settlement.control_total.amount)) == ("90.00", "90.00")
    assert found.arrival_date is not None
    assert (found.arrival_date.date.isoformat(), found.arrival_date.precision) == ("2026-02-03", "day")
    assert read(payout())[1].key.startswith("acme/shop/")


def test_an_amount_that_differs_from_its_summary_is_a_variance() -> None:
    settlement, found = read(payout(amount="90.22"))
    assert [(one.code, one.subject, str(one.difference)) for one in settlement.variances] == [
        ("deposit_total", "deposit", "0.22")
    ]
    assert (found.variances, read(payout())[0].variances) == ((), ())


def test_credits_of_the_summary_are_added_and_unknown_figures_told() -> None:
    summary = payout()["summary"] | {"usdc_rebate_credit_amount": "0.10", "advance_fees_amount": "0.10"}
    assert read(payout(summary=summary))[0].variances == ()
    odd = payout(summary=summary | {"mystery": "7.00"})
    assert (read(odd)[0].variances, codes(PAYOUT, odd)) == ((), ["summary_unknown"])
    assert read(payout(summary={}))[0].control_total is None


def test_a_day_needs_a_zone() -> None:
    nowhere = profile(channel={"commitment": "sold"})
    settlement, found = read(payout(), partner=nowhere)
    assert (found.arrival_date, [one.value for one in found.extensions]) == (None, ["2026-02-03"])
    assert codes(PAYOUT, payout(), partner=nowhere) == ["zone_unknown"]
    assert settlement.occurred.instant.isoformat() == "2026-01-05T08:00:00+00:00"


def test_a_transaction_may_state_its_day_only() -> None:
    found = line(balance_transaction(processed_at="2026-02-03"))
    assert found.posted is not None
    assert (found.posted.date.isoformat(), found.posted.precision) == ("2026-02-03", "day")


@pytest.mark.parametrize(
    ("form", "document", "partner", "expected"),
    [
        (PAYOUT, payout(id=None), PROFILE, ("id_missing", "$.id")),
        (PAYOUT, payout(amount=None), PROFILE, ("amount_unparsable", "$.amount")),
        (PAYOUT, payout(currency=None), PROFILE, ("currency_missing", "$.currency")),
        (PAYOUT, payout(currency="EUR"), ACCOUNT, ("currency_mixed", "$.currency")),
        (PAYOUT, payout(date="yesterday"), PROFILE, ("time_invalid", "$.date")),
        (
            PAYOUT,
            payout(summary={"a_fee_amount": "x"}),
            PROFILE,
            ("amount_unparsable", "$.summary.a_fee_amount"),
        ),
        (LINE, balance_transaction(id=""), PROFILE, ("id_missing", "$.id")),
        (LINE, balance_transaction(currency="QQQ"), PROFILE, ("currency_unknown", "$.currency")),
        (LINE, balance_transaction(net=None, amount=None), PROFILE, ("amount_unparsable", "$.net")),
        (
            LINE,
            {"id": 1, "kind": "sale", "amount": "9.00", "currency": "USD"},
            PROFILE,
            ("field_invalid", "$.kind"),
        ),
        (LINE, balance_transaction(processed_at="soon"), PROFILE, ("time_invalid", "$.processed_at")),
    ],
)
def test_what_cannot_be_read_is_refused(
    form: str, document: object, partner: Any, expected: tuple[str, str]
) -> None:
    assert refusal_of(form, document, partner=partner) == expected


def test_pages_are_split() -> None:
    for form, name, one in ((PAYOUT, "payout", payout), (LINE, "transaction", balance_transaction)):
        split = FORMATS[form].split
        assert split is not None
        parts = split(record({f"{name}s": [one(id=1), one(id=2)]}), PROFILE).parts
        assert [part.key for part in parts] == [f"acme/shop/{name}:1", f"acme/shop/{name}:2"]


def test_a_payout_of_unknown_status_is_kept() -> None:
    assert read(payout(status="lost"))[1].status == "unknown"
    assert codes(PAYOUT, payout(status="lost")) == ["status_unknown"]


def test_a_transaction_is_a_line_of_its_payout() -> None:
    found = line(balance_transaction(), partner=ACCOUNT)
    assert found.key == "acme/payments-eu/9007199254740993/9007199254740994"
    assert (found.transaction_type, found.order_reference, found.reference_kind) == ("sale", "450", "order")
    assert (found.is_provisional, found.payout_id, found.variances) == (False, "9007199254740993", ())
    assert found.posted is not None
    assert found.posted.instant.isoformat() == "2026-02-01T15:00:00+00:00"


def money(amount: str) -> dict[str, str]:
    """An amount as GraphQL writes it."""
    return {"amount": amount, "currencyCode": "USD"}


def graphql_payout(**changes: Any) -> dict[str, Any]:
    """The payout of the kit as GraphQL answers it."""
    figures = {"chargesGross": "100.0", "chargesFee": "2.5", "refundsFeeGross": "-8.0", "refundsFee": "-0.5"}
    return {
        "id": "gid://shopify/ShopifyPaymentsPayout/9007199254740993",
        "legacyResourceId": "9007199254740993",
        "issuedAt": "2026-02-03T00:00:00Z",
        "status": "PAID",
        "net": money("90.0"),
        "summary": {name: money(amount) for name, amount in figures.items()},
    } | changes


def graphql_transaction(**changes: Any) -> dict[str, Any]:
    """The balance transaction of the kit as GraphQL answers it."""
    return {
        "id": "gid://shopify/ShopifyPaymentsBalanceTransaction/9007199254740994",
        "type": "CHARGE",
        "test": False,
        "associatedPayout": {"id": "gid://shopify/ShopifyPaymentsPayout/9007199254740993", "status": "PAID"},
        "associatedOrder": {"id": "gid://shopify/Order/450", "name": "#1450"},
        "amount": money("100.0"),
        "fee": {"amount": "2.5"},
        "net": {"amount": "97.5"},
        "sourceId": "81",
        "sourceType": "CHARGE",
        "sourceOrderTransactionId": "82",
        "transactionDate": "2026-02-01T15:00:00Z",
    } | changes


def test_a_payout_of_graphql_is_that_of_rest() -> None:
    (ours, paid), (theirs, also) = read(payout()), read({"data": {"node": graphql_payout()}})
    assert (theirs.key, theirs.deposit, theirs.control_total) == (ours.key, ours.deposit, ours.control_total)
    assert (also.key, also.amount, also.status, also.arrival_date) == (
        paid.key,
        paid.amount,
        paid.status,
        paid.arrival_date,
    )
    assert read(graphql_payout(net=money("90.22")))[0].variances[0].difference == Decimal("0.22")
    unnamed = graphql_payout()
    del unnamed["id"]
    assert read(unnamed)[1].key == paid.key


@pytest.mark.parametrize(
    ("issued", "day"),
    [("2026-02-03T05:00:00Z", "2026-02-03"), ("2026-02-03T23:30:00Z", "2026-02-04")],
)
def test_a_moment_of_issue_is_a_day_of_the_profile(issued: str, day: str) -> None:
    found = read(graphql_payout(issuedAt=issued))[1]
    assert found.arrival_date is not None
    assert (found.arrival_date.date.isoformat(), found.arrival_date.precision) == (day, "day")


def test_a_transaction_of_graphql_is_that_of_rest() -> None:
    ours, theirs = line(balance_transaction()), line(graphql_transaction())
    spelled = {"source", "revision", "transaction_type_raw"}
    assert theirs.model_dump(exclude=spelled) == ours.model_dump(exclude=spelled)
    pending = line(graphql_transaction(associatedPayout={"id": None, "status": "PENDING"}))
    assert (pending.is_provisional, pending.payout_id) == (True, None)
    transfer = line(graphql_transaction(type="TRANSFER", associatedOrder=None))
    assert (transfer.transaction_type, transfer.order_reference) == ("payout", None)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("REFERRAL_FEE", "fee"),
        ("MARKETPLACE_FEE_CREDIT_REVERSAL", "fee"),
        ("BILLING_DEBIT_REVERSAL", "fee_refund"),
        ("SHOP_CASH_CREDIT_REVERSAL", "adjustment"),
        ("DISPUTE_REVERSAL", "chargeback_reversal"),
        ("ADVANCE_FUNDING", "transfer"),
        ("LENDING_DEBIT_REVERSAL", "transfer"),
        ("IMPORT_TAX", "other"),
    ],
)
def test_the_types_of_graphql_have_their_meaning(word: str, kind: str) -> None:
    assert line(graphql_transaction(type=word)).transaction_type == kind


def test_the_pages_of_a_workflow_tool_are_cut_apart() -> None:
    page = {"headers": {}, "body": {"transactions": [balance_transaction(), balance_transaction(id=2)]}}
    split = FORMATS[LINE].split
    assert split is not None
    assert len(split(record([page]), PROFILE).parts) == 2


@pytest.mark.parametrize(
    ("form", "document"),
    [
        (PAYOUT, graphql_payout(net={"amount": "90.0", "currencyCode": "EUR"})),
        (LINE, graphql_transaction(fee={"amount": "2.5", "currencyCode": "EUR"})),
    ],
)
def test_amounts_of_graphql_in_several_currencies_are_refused(form: str, document: object) -> None:
    assert refusal_of(form, document) == ("currency_mixed", "$")


def test_a_payout_of_graphql_needs_no_moment_of_issue() -> None:
    undated = graphql_payout()
    del undated["issuedAt"]
    assert str(read(undated)[1].amount.amount) == "90.00"


@pytest.mark.parametrize("is_edged", [True, False])
@pytest.mark.parametrize("outer", [(), ("data",)])
def test_pages_of_graphql_are_split(is_edged: bool, outer: tuple[str, ...]) -> None:
    for form, name, one in (
        (PAYOUT, "payouts", graphql_payout),
        (LINE, "balanceTransactions", graphql_transaction),
    ):
        rows = [one(id=f"gid://shopify/Some/{number}", legacyResourceId="9") for number in (1, 2)]
        listed = {"edges": [{"node": row} for row in rows]} if is_edged else {"nodes": rows}
        page: dict[str, Any] = {"shopifyPaymentsAccount": {name: listed}}
        for step in outer:
            page = {step: page}
        split = FORMATS[form].split
        assert split is not None
        assert [(part.key or "").rpartition(":")[2] for part in split(record(page), PROFILE).parts] == [
            "1",
            "2",
        ]
        scores = {
            key: other.looks_like(json.dumps(page).encode())
            for key, other in FORMATS.items()
            if other.looks_like is not None
        }
        assert max(scores, key=lambda key: scores[key]) == form


def test_net_is_checked_and_never_assumed() -> None:
    found = line(balance_transaction(net="100.00"))
    assert [(one.code, str(one.stated), str(one.computed)) for one in found.variances] == [
        ("net_amount", "100.00", "97.50")
    ]
    assert str(line(balance_transaction(net=None)).net.amount) == "97.50"
    assert line(balance_transaction(net="1.00", fee=None)).variances == ()


def test_the_payout_is_a_negative_row_and_no_revenue() -> None:
    found = line(
        balance_transaction(type="payout", amount="-97.50", fee="0.00", net="-97.50", source_order_id=None)
    )
    assert (found.transaction_type, found.order_reference, found.reference_kind) == ("payout", None, "none")


def test_a_row_without_payout_is_provisional() -> None:
    found = line(balance_transaction(payout_id=None))
    assert (found.key, found.is_provisional, found.settlement_id) == (
        "acme/shop/-/9007199254740994",
        True,
        "",
    )


@pytest.mark.parametrize(
    ("word", "amount", "expected"),
    [
        ("dispute", "-5.00", "chargeback"),
        ("dispute", "5.00", "chargeback_reversal"),
        ("new_word", "5.00", "fee"),
        ("other_word", "5.00", "unknown"),
    ],
)
def test_a_type_is_looked_up_and_never_guessed(word: str, amount: str, expected: str) -> None:
    document = balance_transaction(type=word, amount=amount)
    assert line(document, partner=ACCOUNT).transaction_type == expected
    assert ("vocabulary_unknown" in codes(LINE, document, partner=ACCOUNT)) == (expected == "unknown")


@settings(max_examples=40, deadline=None)
@given(payouts())
def test_a_generated_payout_yields_its_facts(facts: PayoutFacts) -> None:
    settlement, found = read(facts.payload)
    assert (found.payout_id, found.status, int(found.amount.amount * 100)) == (
        facts.payout_id,
        facts.status,
        facts.amount,
    )
    assert found.arrival_date is not None
    assert found.arrival_date.date.isoformat() == facts.day
    expected = [] if facts.computed in (None, facts.amount) else [facts.amount - (facts.computed or 0)]
    assert [int(one.difference * 100) for one in settlement.variances] == expected


@settings(max_examples=40, deadline=None)
@given(balance_transactions())
def test_a_generated_transaction_yields_its_facts(facts: TransactionFacts) -> None:
    found = line(facts.payload)
    assert (found.line_id, found.settlement_id, found.order_reference) == (
        facts.line_id,
        facts.settlement,
        facts.reference,
    )
    gross, fee, net = facts.figures
    assert [one and int(one.amount * 100) for one in (found.gross, found.fee, found.net)] == [gross, fee, net]
    assert found.transaction_type == facts.kind
    difference = net - (gross - fee)
    assert [int(one.difference * 100) for one in found.variances] == ([difference] if difference else [])
