"""Stripe's report files: payouts as settlements, columns chosen at will, the payout row's direction."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.formats.registry import FORMATS
from tests.kit.settlement_reading import (
    Outcome,
    cents,
    differences,
    figures,
    outcome,
    profile,
    record,
    settlement,
)
from tests.kit.stripe_payloads import COLUMNS, Payouts, payouts, report, row

FORM = "stripe_report"


def read(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Outcome:
    return outcome(FORM, report(rows, columns))


@settings(max_examples=40, deadline=None)
@given(payouts(), st.randoms(use_true_random=False))
def test_a_payout_yields_its_facts_whatever_the_order_of_rows_and_columns(
    known: Payouts, chance: random.Random
) -> None:
    rows, columns = list(known.rows), list(COLUMNS)
    chance.shuffle(rows)
    chance.shuffle(columns)
    found = outcome(FORM, report(rows, columns))
    lines = {line.line_id: line for line in found.lines if line.transaction_type != "payout"}
    assert {name: line.transaction_type.value for name, line in lines.items()} == known.kinds
    assert {name: figures(line) for name, line in lines.items()} == {
        name: (cents(gross), cents(fee), cents(net)) for name, (gross, fee, net) in known.lines.items()
    }
    paid = sum(net for _, _, net in known.lines.values()) + known.missing
    assert found.line("txn_po").net.amount == -Decimal(cents(paid))
    assert found.payouts[0].amount.amount == Decimal(cents(paid))
    (whole,) = found.settlements
    assert (whole.settlement_id, whole.line_count, whole.is_final) == ("po_1", len(rows), True)
    missing = {("deposit_total", "deposit"): cents(known.missing)} if known.missing else {}
    assert differences(whole) == missing
    assert found.warned == (["payout_positive"] if known.is_positive else [])


def test_a_payout_that_our_bank_is_debited_for_stays_positive() -> None:
    debit = row(
        balance_transaction_id="txn_po", reporting_category="payout", gross="50.00", fee="0", net="50.00"
    )
    found = read(row(reporting_category="refund", gross="-50.00", fee="0", net="-50.00"), debit)
    assert figures(found.line("txn_po"))[2] == "50.00"
    assert str(found.payouts[0].amount.amount) == "-50.00"
    assert found.settlements[0].variances == ()


def test_rows_without_a_payout_are_provisional_and_of_no_settlement() -> None:
    found = read(row(automatic_payout_id=""))
    assert (found.lines[0].key, found.lines[0].is_provisional) == ("acme/psp-eu/-/txn_1", True)
    assert found.settlements == []


def test_without_a_payout_row_there_is_no_deposit() -> None:
    (whole,) = read(row()).settlements
    assert (whole.deposit, whole.is_final) == (None, False)
    assert whole.deposit_date is not None
    assert whole.deposit_date.date.isoformat() == "2026-05-06"


def test_net_is_kept_as_stated_and_compared() -> None:
    (line,) = read(row(net="117.00")).lines
    assert figures(line) == ("119.00", "2.02", "117.00")
    assert differences(line) == {("net_amount", "line 2"): "0.02"}


def test_the_balance_history_of_the_dashboard_is_read_too() -> None:
    text = (
        "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Transfer,order_id (metadata)\n"
        'txn_1,charge,ch_1,"1,190.00",2.02,"1,187.98",eur,2026-05-04 10:00,po_1,O-1\n'
    )
    (line,) = outcome(FORM, text).lines
    assert figures(line) == ("1190.00", "2.02", "1187.98")
    assert (line.order_reference, line.reference_kind, line.payout_id) == ("O-1", "order", "po_1")
    assert line.posted is not None
    assert line.posted.instant.isoformat() == "2026-05-04T10:00:00+00:00"


def test_what_the_customer_saw_is_kept_where_it_was_another_currency() -> None:
    (line,) = read(row(customer_facing_amount="130.00", customer_facing_currency="usd")).lines
    assert line.source_currency_amount is not None
    assert line.source_currency_amount.currency == "USD"
    (line,) = read(row(customer_facing_amount="119.00", customer_facing_currency="eur")).lines
    assert line.source_currency_amount is None


def test_a_naive_time_is_the_profiles_or_as_stripe_has_it_utc() -> None:
    columns = tuple("created" if name == "created_utc" else name for name in COLUMNS)
    known = row(created="2026-05-04 10:00:00")
    (line,) = read(known, columns=columns).lines
    assert line.posted is not None
    assert line.posted.instant.isoformat() == "2026-05-04T10:00:00+00:00"
    partner = profile(zone="Europe/Berlin")
    (line,) = outcome(FORM, report([known], columns), partner=partner).lines
    assert line.posted is not None
    assert line.posted.instant.isoformat() == "2026-05-04T08:00:00+00:00"


def test_the_order_is_where_the_profile_says() -> None:
    columns = (*COLUMNS, "payment_metadata[cart]")
    partner = profile(settlement=settlement(columns={"order": "payment_metadata[cart]"}))
    known = row() | {"payment_metadata[cart]": "CART-7"}
    (line,) = outcome(FORM, report([known], columns), partner=partner).lines
    assert (line.order_reference, line.reference_kind) == ("CART-7", "order")


def test_a_shops_own_description_of_a_charge_is_not_kept() -> None:
    fee = row(balance_transaction_id="txn_2", reporting_category="fee", description="Radar")
    found = read(row(description="Testperson, table 4"), fee)
    assert [line.amount_description_raw for line in found.lines] == ["", "Radar"]


def test_a_summary_by_category_is_refused() -> None:
    text = "reporting_category,currency,count,gross,fee,net\ncharge,eur,3,10.00,1.00,9.00\n"
    found = outcome(FORM, text)
    assert (found.lines, found.refused) == ([], [("field_invalid", "line 2 column id")])


def test_the_sign_convention_of_the_profile_turns_amounts() -> None:
    partner = profile(settlement=settlement(sign_convention="positive_is_to_channel"))
    (line,) = outcome(FORM, report([row(gross="-119.00", net="-116.98")]), partner=partner).lines
    assert figures(line) == ("119.00", "2.02", "116.98")


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"net": ""}, "amount_unparsable", "net"),
        ({"gross": "1.2.3"}, "amount_unparsable", "gross"),
        ({"currency": "us"}, "currency_unknown", "currency"),
        ({"reporting_category": ""}, "field_invalid", "reporting_category"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_alone(changes: dict[str, str], code: str, column: str) -> None:
    found = read(row(), row(balance_transaction_id="txn_2", **changes), row(balance_transaction_id="txn_3"))
    assert found.refused == [(code, f"line 3 column {column}")]
    assert [line.line_id for line in found.lines] == ["txn_1", "txn_3"]


def test_the_file_is_named_by_its_payout() -> None:
    assert FORMATS[FORM].key(record(report([row()]))) == "settlement:po_1"
    assert FORMATS[FORM].key(record(report([row(), row(automatic_payout_id="po_2")]))) is None


def test_a_currency_on_the_first_row_or_in_the_profile_is_that_of_every_row_without() -> None:
    rows = [row(), row(balance_transaction_id="txn_2", currency="")]
    partner = profile(settlement=settlement(currency_rule="first_row"))
    found = outcome(FORM, report(rows), partner=partner)
    assert [line.net.currency for line in found.lines] == ["EUR", "EUR"]
    assert read(*rows).refused == [("currency_missing", "line 3 column currency")]
    columns = tuple(name for name in COLUMNS if name != "currency")
    partner = profile(money={"amounts": "major_text", "tax_mode": "none", "currency": "USD"})
    (line,) = outcome(FORM, report([row()], columns), partner=partner).lines
    assert line.net.currency == "USD"


def _payout_row(**changes: str) -> dict[str, str]:
    known = {"balance_transaction_id": "txn_po", "reporting_category": "payout", "source_id": "po_1"}
    return row(**(known | {"gross": "-116.98", "fee": "0", "net": "-116.98", "charge_id": ""} | changes))


def test_a_payout_that_came_back_beside_itself_has_failed() -> None:
    back = _payout_row(
        balance_transaction_id="txn_back", reporting_category="payout_reversal", gross="116.98", net="116.98"
    )
    found = read(row(), _payout_row(), back)
    (paid,) = found.payouts
    assert (paid.status, paid.status_raw, str(paid.amount.amount)) == ("failed", "payout_reversal", "116.98")
    assert differences(found.settlements[0]) == {("deposit_total", "deposit"): "-116.98"}


def test_a_payout_that_came_back_adds_to_the_next_one() -> None:
    back = row(
        balance_transaction_id="txn_back",
        reporting_category="payout_reversal",
        source_id="po_0",
        gross="50.00",
        fee="0",
        net="50.00",
        charge_id="",
    )
    found = read(row(), back, _payout_row(gross="-166.98", net="-166.98"))
    (whole,) = found.settlements
    assert whole.deposit is not None
    assert (str(whole.deposit.amount), whole.variances) == ("166.98", ())
    assert found.line("txn_back").transaction_type == "payout"
    assert [one.status.value for one in found.payouts] == ["paid"]


BALANCE = "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Transfer\n"


def test_a_payout_that_no_row_goes_out_with_has_no_settlement_to_add_up() -> None:
    found = outcome(
        "stripe_report",
        BALANCE
        + "txn_1,charge,ch_1,120.00,3.78,116.22,usd,2026-09-01 14:03,2026-09-03 00:00,\n"
        + "txn_2,payout,po_1,-96.22,0.00,-96.22,usd,2026-09-05 14:03,2026-09-05 00:00,\n",
    )
    assert found.settlements == []
    assert [(one.payout_id, str(one.amount.amount)) for one in found.payouts] == [("po_1", "96.22")]
    assert {line.line_id: line.settlement_id for line in found.lines} == {"txn_1": "", "txn_2": "po_1"}


def test_a_report_of_payouts_alone_has_no_settlement_to_add_up() -> None:
    found = outcome(
        "stripe_report",
        "payout_id,effective_at_utc,currency,gross,fee,net,reporting_category,balance_transaction_id,"
        "payout_expected_arrival_date,payout_status\n"
        "po_1,2026-05-08 00:00:00,usd,-96.10,0.00,-96.10,payout,txn_1,2026-05-11 00:00:00,paid\n"
        "po_2,2026-05-09 00:00:00,usd,-10.00,0.00,-10.00,payout,txn_2,2026-05-12 00:00:00,In_Transit\n"
        "po_3,2026-05-09 00:00:00,usd,-11.00,0.00,-11.00,payout,txn_3,2026-05-12 00:00:00,on_a_boat\n",
    )
    assert (found.settlements, found.warned) == ([], ["payout_status_unknown"])
    assert [(one.key, one.status.value, str(one.amount.amount)) for one in found.payouts] == [
        ("acme/psp-eu/po_1/po_1", "paid", "96.10"),
        ("acme/psp-eu/po_2/po_2", "in_transit", "10.00"),
        ("acme/psp-eu/po_3/po_3", "unknown", "11.00"),
    ]


def test_the_fee_of_an_instant_payout_does_not_arrive_at_the_bank() -> None:
    found = outcome(
        "stripe_report",
        "payout_id,effective_at_utc,currency,gross,fee,net,reporting_category,balance_transaction_id\n"
        "po_1,2026-05-08 00:00:00,usd,-50.00,0.50,-50.50,payout,txn_1\n",
    )
    (paid,), (line,) = found.payouts, found.lines
    assert (str(paid.amount.amount), str(paid.fee and paid.fee.amount)) == ("50.00", "0.50")
    assert (figures(line), line.variances) == (("-50.00", "0.50", "-50.50"), ())


def test_a_transfer_that_goes_out_with_itself_is_a_payout() -> None:
    found = outcome(
        "stripe_report",
        BALANCE
        + "txn_1,charge,ch_1,849.00,24.92,824.08,usd,2016-07-14 07:45,2016-07-16 00:00,tr_1\n"
        + "txn_2,transfer,tr_1,-824.08,0.00,-824.08,usd,2016-07-15 04:28,2016-07-16 00:00,tr_1\n"
        + "txn_3,transfer,tr_9,-10.00,0.00,-10.00,usd,2016-07-15 04:28,2016-07-16 00:00,\n",
    )
    (whole,), (paid,) = found.settlements, found.payouts
    assert (whole.settlement_id, whole.is_final, whole.variances) == ("tr_1", True, ())
    assert (str(paid.amount.amount), paid.status) == ("824.08", "paid")
    assert [line.transaction_type.value for line in found.lines] == ["sale", "payout", "transfer"]


def test_a_fee_with_the_sign_of_one_given_back_is_a_cost_where_the_net_amount_says_so() -> None:
    row = "txn_1,{},ch_1,-150.00,{},-165.00,usd,2026-09-01 14:03,2026-09-03 00:00,\n"
    found = outcome("stripe_report", BALANCE + row.format("dispute", "-15.00"))
    assert figures(found.lines[0]) == ("-150.00", "15.00", "-165.00")
    assert (found.lines[0].variances, found.warned) == ((), ["fee_sign_turned"])
    other = outcome("stripe_report", BALANCE + row.format("dispute", "-14.00"))
    assert differences(other.lines[0]) == {("net_amount", "line 2"): "-29.00"}
