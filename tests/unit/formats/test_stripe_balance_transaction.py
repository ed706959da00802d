"""Stripe's balance transactions: minor units, fees, envelopes, what is provisional."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.models import SettlementLine
from crossdock.formats.registry import FORMATS
from tests.kit.settlement_reading import (
    PROFILE,
    differences,
    figures,
    outcome,
    profile,
    record,
    settlement,
)
from tests.kit.stripe_payloads import transaction

FORM = "stripe_balance_transaction"
UNITS = {"eur": 2, "usd": 2, "jpy": 0, "krw": 0, "kwd": 3, "tnd": 3, "isk": 2, "ugx": 2, "mga": 0, "vnd": 0}


def read(**changes: Any) -> SettlementLine:
    (line,) = outcome(FORM, transaction(**changes)).lines
    return line


@settings(max_examples=60, deadline=None)
@given(
    st.integers(-(10**9), 10**9),
    st.integers(-(10**5), 10**5),
    st.sampled_from([0, 0, 1, -7]),
    st.sampled_from(sorted(UNITS)),
)
def test_amounts_are_read_in_stripes_minor_units(gross: int, fee: int, odd: int, currency: str) -> None:
    details = [{"amount": fee, "currency": currency, "type": "stripe_fee"}]
    net = gross - fee + odd
    line = read(amount=gross, fee=fee, net=net, currency=currency, fee_details=details)

    def major(amount: int) -> Decimal:
        return Decimal(amount).scaleb(-UNITS[currency])

    assert line.gross is not None
    assert line.fee is not None
    assert (line.gross.amount, line.fee.amount, line.net.amount) == (major(gross), major(fee), major(net))
    assert line.net.currency == currency.upper()
    assert [one.difference for one in line.variances] == ([major(odd)] if odd else [])


def test_a_transaction_is_provisional_but_a_payouts_own_is_not() -> None:
    line = read()
    assert (line.key, line.is_provisional, line.payout_id) == ("acme/psp-eu/-/txn_1", True, None)
    line = read(type="payout", amount=-11698, fee=0, net=-11698, fee_details=[], source="po_1")
    assert line.key == "acme/psp-eu/po_1/txn_1"
    assert (line.is_provisional, line.payout_id, line.order_reference) == (False, "po_1", None)


@pytest.mark.parametrize(
    ("word", "category", "kind"),
    [
        ("payment", "charge", "sale"),
        ("payment_refund", "refund", "refund"),
        ("adjustment", "dispute", "chargeback"),
        ("adjustment", "dispute_reversal", "chargeback_reversal"),
        ("adjustment", "other_adjustment", "adjustment"),
        ("adjustment", None, "adjustment"),
        ("stripe_fee", "fee", "fee"),
        ("application_fee_refund", "platform_earning_refund", "fee_refund"),
        ("payout_failure", "payout_reversal", "payout"),
        ("reserve_transaction", "risk_reserved_funds", "reserve"),
        ("topup", "topup", "transfer"),
        ("something_new", "charge", "unknown"),
    ],
)
def test_the_type_decides_and_the_category_says_what_is_adjusted(
    word: str, category: str | None, kind: str
) -> None:
    line = read(type=word, reporting_category=category)
    assert line.transaction_type == kind
    assert line.transaction_type_raw == word


def test_the_vocabulary_of_the_profile_comes_first() -> None:
    partner = profile(settlement=settlement(vocabulary={"charge": "other"}))
    (line,) = outcome(FORM, transaction(), partner=partner).lines
    assert line.transaction_type == "other"


@pytest.mark.parametrize(
    "payload",
    [
        transaction(),
        [transaction()],
        {"object": "list", "data": [transaction()]},
        {"data": {"object": transaction()}, "type": "x", "object": "event"},
        {"balance_transaction": transaction()},
    ],
    ids=["object", "array", "page", "event", "wrapped"],
)
def test_every_envelope_holds_the_same_line(payload: object) -> None:
    found = outcome(FORM, payload)
    assert [figures(line) for line in found.lines] == [("119.00", "2.02", "116.98")]
    assert found.keys == ["acme/psp/balance_transaction:txn_1"]


def test_a_page_read_unsplit_gives_all_its_lines() -> None:
    page = {"object": "list", "data": [transaction(), transaction(id="txn_2")]}
    assert len(FORMATS[FORM].read(record(page), PROFILE).entities) == 2


def test_one_bad_transaction_stops_no_other() -> None:
    page = {"data": [transaction(amount="x"), transaction(id="txn_2"), transaction(id=None)]}
    found = outcome(FORM, page)
    assert found.refused == [("amount_unparsable", "$.amount"), ("id_missing", "$.id")]
    assert [line.line_id for line in found.lines] == ["txn_2"]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"amount": 1.5}, "amount_unparsable", "$.amount"),
        ({"amount": None, "net": None}, "amount_unparsable", "$.amount"),
        ({"currency": "zzz"}, "currency_unknown", "$.currency"),
        ({"currency": None}, "currency_missing", "$.currency"),
        ({"created": "yesterday"}, "time_invalid", "$.created"),
        ({"net": True}, "amount_unparsable", "$.net"),
    ],
)
def test_refusals_name_the_place(changes: dict[str, Any], code: str, path: str) -> None:
    assert outcome(FORM, transaction(**changes)).refused == [(code, path)]


def test_fee_details_that_do_not_add_up_are_a_variance() -> None:
    details = [{"amount": 200, "currency": "eur", "type": "stripe_fee"}]
    assert differences(read(fee_details=details)) == {("net_amount", "fee"): "0.02"}


def test_a_source_in_full_gives_its_own_amount_where_it_was_converted() -> None:
    source = {"id": "ch_9", "amount": 10000, "currency": "jpy", "metadata": {"order_id": "O-9"}}
    line = read(source=source, exchange_rate=0.0061)
    assert line.order_reference == "ch_9"
    assert line.source_currency_amount is not None
    assert str(line.source_currency_amount.amount) == "10000"
    assert line.fx_rate_raw == "0.0061"
    assert {one.name: one.value for one in line.extensions}["metadata.order_id"] == "O-9"


def test_an_absent_net_is_computed_and_an_absent_fee_is_not_zero() -> None:
    line = read(net=None, fee=None, fee_details=[])
    assert figures(line) == ("119.00", "–", "119.00")


def test_a_profile_that_names_the_type_is_not_overruled_by_the_category() -> None:
    known = transaction(type="adjustment", reporting_category="dispute")
    partner = profile(settlement=settlement(vocabulary={"adjustment": "adjustment"}))
    assert outcome(FORM, known, partner=partner).lines[0].transaction_type == "adjustment"
    partner = profile(settlement=settlement(vocabulary={"adjustment": "adjustment", "Dispute": "chargeback"}))
    assert outcome(FORM, known, partner=partner).lines[0].transaction_type == "chargeback"
