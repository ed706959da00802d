"""Checkout.com: settlement breakdown, financial actions by report and API, payouts."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.formats.registry import FORMATS
from tests.kit.checkout_payloads import (
    ACTIONS,
    BREAKDOWN,
    PAYOUTS,
    Breakdown,
    action,
    breakdowns,
    charge,
    part,
    report,
)
from tests.kit.settlement_reading import (
    PROFILE,
    cents,
    differences,
    figures,
    outcome,
    profile,
    record,
    settlement,
)

FORM = "checkout_settlement"


@settings(max_examples=40, deadline=None)
@given(breakdowns(), st.randoms(use_true_random=False))
def test_a_breakdown_yields_its_facts_whatever_the_order(known: Breakdown, chance: random.Random) -> None:
    rows, columns = list(known.rows), list(BREAKDOWN)
    chance.shuffle(rows)
    chance.shuffle(columns)
    found = outcome(FORM, report(rows, columns))
    lines = {line.line_id: line for line in found.lines}
    assert {name: line.transaction_type.value for name, line in lines.items()} == known.kinds
    for name, (gross, fee, net) in known.lines.items():
        assert figures(lines[name]) == (cents(gross), cents(fee), cents(net))
        odd = [str(one.difference) for one in lines[name].variances]
        assert odd == ([cents(known.odd[name])] if name in known.odd else [])
    (whole,) = found.settlements
    assert whole.settlement_id == "A1"
    assert whole.control_total is not None
    assert whole.control_total.amount == Decimal(cents(sum(net for _, _, net in known.lines.values())))


def test_deductions_that_do_not_add_up_are_a_variance() -> None:
    (line,) = outcome(FORM, report([charge(scheme_fee="-0.5")])).lines
    assert differences(line) == {("net_amount", "line 2 column Deduction In Holding Currency"): "-0.10"}


def test_a_row_without_payment_is_a_fee_and_has_a_hash_for_an_id() -> None:
    row = charge(type="Merchant Payout", payment="", reference="", gross="0", deduction="-2", net="-2")
    (line,) = outcome(FORM, report([row])).lines
    assert (line.transaction_type, line.reference_kind, len(line.line_id)) == ("fee", "none", 24)


def test_report_and_api_say_the_same_of_one_action() -> None:
    row = {
        "Payment ID": "pay_1",
        "Action ID": "act_1",
        "Action Type": "Capture",
        "Breakdown Type": "Scheme Fee",
        "Holding Currency": "EUR",
        "Holding Currency Amount": "-0.19526938",
        "Reference": "ORDER-1",
        "Processed On": "2026-05-04T10:00:00.357",
    }
    from_report = outcome(FORM, report([row], ACTIONS))
    from_api = outcome(FORM, {"data": [action(part("Scheme Fee", -0.19526938))]})
    for found in (from_report, from_api):
        (line,) = found.lines
        assert (line.key, figures(line)[2]) == ("acme/psp-eu/-/act_1:SchemeFee", "-0.1953")
        assert (line.transaction_type, line.is_provisional) == ("fee", True)
        assert {one.name: one.value for one in line.extensions}["holding_currency_amount"] == "-0.19526938"
        assert found.warned == ["amount_rounded"]
    assert from_report.lines[0].posted == from_api.lines[0].posted


def test_a_processing_currency_is_the_source() -> None:
    known = part("Capture", 12) | {"processing_currency": "GBP", "processing_currency_amount": 10}
    (line,) = outcome(FORM, action(known | {"fx_rate_applied": 1.2})).lines
    assert line.source_currency_amount is not None
    assert (line.source_currency_amount.currency, line.fx_rate_raw) == ("GBP", "1.2")


def test_an_action_in_one_currency_has_one_amount() -> None:
    known = part("Capture", 12) | {"processing_currency": "EUR", "processing_currency_amount": 12.5}
    row = {
        "Action ID": "act_1",
        "Breakdown Type": "Capture",
        "Processing Currency": "eur",
        "Processing Currency Amount": "12.50",
        "Holding Currency": "EUR",
        "Holding Currency Amount": "12.00",
    }
    for found in (outcome(FORM, action(known)), outcome(FORM, report([row], ACTIONS))):
        (line,) = found.lines
        assert [str(one.difference) for one in line.variances] == ["-0.50"]
    same = action(known | {"processing_currency_amount": 12})
    assert outcome(FORM, same).lines[0].variances == ()


@pytest.mark.parametrize(
    ("word", "action_word", "kind"),
    [
        ("Capture", "Capture", "sale"),
        ("Gateway Fee", "Refund", "fee"),
        ("Refund", "Refund", "refund"),
        ("Chargeback Fee", "Chargeback", "fee"),
        ("Rolling Reserve", "Adjustment", "reserve"),
        ("Something", "Capture", "sale"),
        ("Something", "Other", "unknown"),
        ("Partial Capture", "Partial Capture", "sale"),
        ("Chargeback (ADJM)", "Chargeback", "chargeback"),
        ("Chargeback (ARBW)", "Chargeback", "chargeback_reversal"),
        ("Chargeback (CBRV)", "Chargeback", "chargeback_reversal"),
        ("Chargeback (RPDW)", "Chargeback", "chargeback_reversal"),
        ("Chargeback (ARBL)", "Chargeback", "fee"),
        ("Chargeback (AUTO)", "Chargeback", "chargeback"),
        ("Rolling Reserve Deducted", "Capture", "reserve"),
        ("Security Deposit Release", "Security Deposit Release", "reserve"),
        ("Scheme Fixed Fee Tax", "Capture", "fee"),
    ],
)
def test_the_more_exact_word_decides(word: str, action_word: str, kind: str) -> None:
    (line,) = outcome(FORM, action(part(word, 1), action_type=action_word)).lines
    assert line.transaction_type == kind


def test_amounts_are_compared_as_said_and_not_as_they_are_rounded() -> None:
    row = charge(gross="50.00005", deduction="-1.58417605", net="48.41587395", processing_fee="-1.00000005")
    (line,) = outcome(FORM, report([row | {"Scheme Fee In Holding Currency": "-0.584176"}])).lines
    assert figures(line) == ("50.00", "1.5842", "48.4159")
    assert line.variances == ()
    assert {one.name: one.value for one in line.extensions}["holding_currency_amount"] == "48.41587395"


@pytest.mark.parametrize(
    ("columns", "zone", "instant"),
    [
        ({}, None, "2026-05-04T10:00:00+00:00"),
        ({}, "America/Los_Angeles", "2026-05-04T17:00:00+00:00"),
        ({"Timezone": "Europe/Paris"}, "America/Los_Angeles", "2026-05-04T08:00:00+00:00"),
        ({"Processed On UTC": "2026-05-04T17:00:01"}, "Europe/Paris", "2026-05-04T17:00:01+00:00"),
    ],
)
def test_a_time_is_local_to_the_zone_that_the_report_or_the_profile_says(
    columns: dict[str, str], zone: str | None, instant: str
) -> None:
    text = report([charge() | columns], (*BREAKDOWN, *columns))
    (line,) = outcome(FORM, text, partner=profile(zone=zone)).lines
    assert line.posted is not None
    assert line.posted.instant.isoformat() == instant


def test_an_unknown_zone_leaves_the_line_without_a_time() -> None:
    found = outcome(FORM, report([charge() | {"Timezone": "Mars/Base"}], (*BREAKDOWN, "Timezone")))
    assert found.lines[0].posted is None
    assert found.warned == ["time_invalid"]


def test_the_vocabulary_of_the_profile_comes_first() -> None:
    partner = profile(settlement=settlement(vocabulary={"Charge": "transfer"}))
    assert outcome(FORM, report([charge()]), partner=partner).lines[0].transaction_type == "transfer"


def test_a_payouts_report_gives_payouts_and_nothing_else() -> None:
    row = {
        "Holding Currency": "EUR",
        "Payout ID": "A1",
        "Payout Date": "2026-05-05T02:00:00.000",
        "Payout Amount": "79.5",
        "Merchant Payout Fees": "-2",
        "Payments": "85",
        "Refunds": "-3",
        "Card Payment Scheme Fees": "-0.4",
    }
    found = outcome(FORM, report([row, row | {"Payout ID": "A2", "Payout Amount": "x"}], PAYOUTS))
    (paid,) = found.payouts
    assert (paid.key, str(paid.amount.amount)) == ("acme/psp-eu/A1/A1", "79.50")
    assert paid.fee is not None
    assert (str(paid.fee.amount), paid.status) == ("2.00", "scheduled")
    assert differences(paid) == {("deposit_total", "line 2 column Payout Amount"): "-0.10"}
    assert found.refused == [("amount_unparsable", "line 3 column Payout Amount")]
    assert (found.settlements, found.lines) == ([], [])


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"action_id": None}, "id_missing", "$.action_id"),
        (
            {"breakdown": [part("Capture", None)]},
            "amount_unparsable",
            "$.breakdown[0].holding_currency_amount",
        ),
        ({"breakdown": [part("Capture", [])]}, "amount_unparsable", "$.breakdown[0].holding_currency_amount"),
        ({"breakdown": [part("Capture", 1, "QQQ")]}, "currency_unknown", "$.breakdown[0].holding_currency"),
    ],
)
def test_one_bad_action_stops_no_other(changes: dict[str, Any], code: str, path: str) -> None:
    page = {"data": [action(part("Capture", 1), **changes), action(part("Capture", 1), action_id="act_2")]}
    found = outcome(FORM, page)
    assert found.refused == [(code, path)]
    assert [line.line_id for line in found.lines] == ["act_2:Capture"]


def test_a_page_read_unsplit_gives_all_its_lines() -> None:
    page = {"data": [action(part("Capture", 1)), action(part("Capture", 1), action_id="act_2")]}
    assert len(FORMATS[FORM].read(record(page), PROFILE).entities) == 2


def test_keys() -> None:
    assert FORMATS[FORM].key(record(report([charge()]))) == "settlement:A1"
    assert (
        FORMATS[FORM].key(
            record(report([{"Payout ID": "A1", "Payout Amount": "1", "Holding Currency": "EUR"}], PAYOUTS))
        )
        == "payout:A1"
    )
    assert FORMATS[FORM].key(record(action())) == "action:act_1"
    assert FORMATS[FORM].key(record("x")) is None
