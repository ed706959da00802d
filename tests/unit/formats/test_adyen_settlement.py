"""Adyen's settlement detail report: batches, payouts, fees, and what disagrees."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.formats.registry import FORMATS
from tests.kit.adyen_payloads import HEADER, Batch, batches, booking, payout, report
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

FORM = "adyen_settlement"


def read(*rows: dict[str, str]) -> Outcome:
    return outcome(FORM, report(rows))


@settings(max_examples=40, deadline=None)
@given(batches(), st.randoms(use_true_random=False))
def test_a_batch_yields_its_facts_whatever_the_order_of_rows_and_columns(
    batch: Batch, chance: random.Random
) -> None:
    rows, header = list(batch.rows), list(HEADER)
    chance.shuffle(rows)
    chance.shuffle(header)
    found = outcome(FORM, report(rows, header, chance.choice(",;\t")))
    lines = {line.line_id: line for line in found.lines if line.transaction_type != "payout"}
    assert {name: line.transaction_type.value for name, line in lines.items()} == batch.kinds
    for name, (gross, fee, net) in batch.lines.items():
        assert figures(lines[name]) == (cents(gross), cents(fee), cents(net))
        stated = [str(one.difference) for one in lines[name].variances]
        assert stated == ([cents(batch.odd[name])] if name in batch.odd else [])
    (whole,) = found.settlements
    assert (whole.settlement_id, whole.line_count, whole.is_final) == ("41", len(rows), True)
    assert whole.deposit is not None
    assert whole.deposit.amount == Decimal(cents(batch.paid))
    missing = {("deposit_total", "deposit"): cents(batch.missing)} if batch.missing else {}
    assert differences(whole) == missing
    (paid,) = found.payouts
    assert (paid.payout_id, paid.amount.amount) == ("TX0001XT", Decimal(cents(batch.paid)))
    assert found.facts() == outcome(FORM, report(batch.rows)).facts()


def test_fees_are_summed_and_a_fee_given_back_raises_the_net() -> None:
    found = read(
        booking(
            type="Refunded",
            gross_credit="",
            gross_debit="55",
            net_credit="0",
            net_debit="50",
            commission="-5",
        )
    )
    assert figures(found.lines[0]) == ("-55.00", "-5.00", "-50.00")
    assert found.lines[0].variances == ()


def test_gross_in_another_currency_is_converted_for_the_check_and_kept_as_said() -> None:
    row = booking(
        gross_currency="JPY",
        gross_credit="335",
        exchange_rate="0.006746268656716",
        net_currency="USD",
        net_credit="2.13",
        commission="0",
        scheme_fees="0.1",
        interchange="0.03",
    )
    (line,) = read(row).lines
    assert line.gross is not None
    assert (line.gross.currency, line.net.currency, line.fx_rate_raw) == ("JPY", "USD", "0.006746268656716")
    assert line.source_currency_amount == line.gross
    assert line.variances == ()


def test_a_batch_of_two_currencies_is_two_settlements() -> None:
    found = read(
        booking(),
        booking(modification_reference="MOD2", net_currency="CAD", gross_currency="CAD"),
        payout("9.50"),
        payout("9.50", net_currency="CAD"),
    )
    assert [one.settlement_id for one in found.settlements] == ["41-CAD", "41-EUR"]
    assert all(one.variances == () for one in found.settlements)
    assert len({line.line_id for line in found.lines}) == 4


def test_a_companys_report_tells_the_batches_of_its_accounts_apart() -> None:
    found = read(booking(), booking(merchant_account="Other"))
    assert [one.settlement_id for one in found.settlements] == ["41-Other", "41-Shop"]


def test_a_batch_without_payout_row_is_not_final_and_has_no_deposit() -> None:
    (whole,) = read(booking()).settlements
    assert (whole.deposit, whole.is_final) == (None, False)
    assert whole.completeness_horizon_days == 21


def test_one_reference_on_several_rows_is_several_lines() -> None:
    found = read(
        booking(),
        booking(type="Chargeback", gross_credit="", gross_debit="10", net_credit="", net_debit="10.50"),
    )
    assert [line.line_id for line in found.lines] == ["MOD1:Settled", "MOD1:Chargeback"]


def test_rows_that_are_equal_in_everything_are_numbered() -> None:
    lines = read(booking(), booking()).lines
    assert lines[1].line_id == f"{lines[0].line_id}.2"


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("PDT", "2026-05-07T06:59:59+00:00"),
        ("CEST", "2026-05-06T21:59:59+00:00"),
        ("Asia/Tokyo", "2026-05-06T14:59:59+00:00"),
        ("UTC", "2026-05-06T23:59:59+00:00"),
    ],
)
def test_a_zone_beside_a_time_is_read(zone: str, instant: str) -> None:
    (line,) = read(booking(booking_date_timezone=zone)).lines
    assert line.posted is not None
    assert line.posted.instant.isoformat() == instant


def test_an_ambiguous_zone_takes_the_profiles_or_leaves_the_line_without_a_time() -> None:
    row = booking(booking_date_timezone="IST", timezone="IST")
    found = read(row)
    assert (found.lines[0].posted, found.warned) == (None, ["zone_unknown"])
    (line,) = outcome(FORM, report([row]), partner=profile(zone="Asia/Kolkata")).lines
    assert line.posted is not None
    assert line.posted.offset_minutes == 330


def test_an_unknown_type_is_unknown_until_the_profile_names_it() -> None:
    row = booking(type="SomethingNew")
    found = outcome(FORM, report([row, row]))
    assert {line.transaction_type.value for line in found.lines} == {"unknown"}
    assert found.warned == ["vocabulary_unknown"]
    named = profile(settlement=settlement(vocabulary={"SomethingNew": "reserve", "Settled": "transfer"}))
    found = outcome(FORM, report([row, booking()]), partner=named)
    assert [line.transaction_type.value for line in found.lines] == ["reserve", "transfer"]


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"net_credit": "9,50,1"}, "amount_unparsable", "Net Credit (NC)"),
        ({"net_credit": ""}, "amount_unparsable", "Net Credit (NC)"),
        ({"net_currency": "EURO"}, "currency_unknown", "Net Currency"),
        ({"net_currency": ""}, "currency_missing", "Net Currency"),
        ({"markup": "free"}, "amount_unparsable", "Markup (NC)"),
        ({"gross_currency": "XXX"}, "currency_unknown", "Gross Currency"),
        ({"type": ""}, "field_invalid", "Type"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_alone(changes: dict[str, str], code: str, column: str) -> None:
    found = read(booking(), booking(modification_reference="MOD2", **changes), payout("19.00"))
    assert found.refused == [(code, f"line 3 column {column}")]
    assert [line.transaction_type.value for line in found.lines] == ["sale", "payout"]
    assert differences(found.settlements[0]) == {("deposit_total", "deposit"): "9.50"}


def test_a_profiles_currency_must_be_that_of_the_row() -> None:
    partner = profile(money={"amounts": "major_text", "tax_mode": "none", "currency": "USD"})
    found = outcome(FORM, report([booking()]), partner=partner)
    assert found.refused == [("currency_mixed", "line 2 column Net Currency")]


def test_a_file_read_unsplit_is_refused_with_all_its_bad_rows() -> None:
    data = report([booking(net_credit="x"), booking(), booking(net_credit="y")])
    with pytest.raises(Rejected) as refused:
        FORMATS[FORM].read(record(data), profile())
    assert "line 2" in refused.value.detail
    assert "line 4" in refused.value.detail


def test_without_a_settlement_section_the_partner_is_the_account() -> None:
    bare = profile(kind="crm", settlement=None, money=None)
    (line,) = outcome(FORM, report([booking()]), partner=bare).lines
    assert line.key == "acme/psp/41/MOD1:Settled"


def test_a_profile_may_rename_columns() -> None:
    header = ["Netto" if name == "Net Credit (NC)" else name for name in HEADER]
    row = booking() | {"Netto": "9.50"}
    partner = profile(settlement=settlement(columns={"net_credit": "Netto"}))
    assert figures(outcome(FORM, report([row], header), partner=partner).lines[0])[2] == "9.50"


def test_the_file_is_named_by_its_batch() -> None:
    assert FORMATS[FORM].key(record(report([booking()]))) == "settlement:41"
    assert FORMATS[FORM].key(record(report([booking(), booking(batch_number="42")]))) is None
    assert FORMATS[FORM].key(record("nothing")) is None


def test_an_empty_report_says_so() -> None:
    assert outcome(FORM, report([])).warned == ["report_empty"]


def test_the_stated_sum_of_fees_is_compared_and_stands_in_where_they_are_missing() -> None:
    header = (*HEADER, "Payment Fees (NC)")
    none = booking(commission="") | {"Payment Fees (NC)": "0.50"}
    other = booking(modification_reference="MOD2") | {"Payment Fees (NC)": "0.60"}
    first, second = outcome(FORM, report([none, other], header)).lines
    assert (figures(first), first.variances) == (("10.00", "0.50", "9.50"), ())
    assert differences(second) == {("net_amount", "line 3 column Payment Fees (NC)"): "0.10"}


def test_a_payout_that_the_bank_returned_adds_to_what_the_batch_pays_out() -> None:
    back = booking(type="BankInstructionReturned", gross_credit="", net_credit="100.00", commission="")
    found = read(booking(), back, payout("109.50"))
    assert found.settlements[0].variances == ()
    assert [str(one.amount.amount) for one in found.payouts] == ["109.50"]


@pytest.mark.parametrize(("net", "difference"), [("9.50", {}), ("9.49", {("net_amount", "line 2"): "-0.01"})])
def test_a_gross_amount_on_the_side_that_the_net_amount_does_not_have_is_turned(
    net: str, difference: dict[tuple[str, str], str]
) -> None:
    found = read(booking(gross_credit="", gross_debit="10.00", net_credit=net))
    assert figures(found.lines[0]) == ("10.00", "0.50", net)
    assert differences(found.lines[0]) == difference
    assert found.warned == ["gross_side_turned"]


def test_a_payment_smaller_than_its_fee_is_not_turned() -> None:
    found = read(booking(gross_credit="0.10", net_credit="", net_debit="0.41", commission="0.50"))
    assert figures(found.lines[0]) == ("0.10", "0.50", "-0.41")
    assert differences(found.lines[0]) == {("net_amount", "line 2"): "-0.01"}
    assert found.warned == []


def test_a_report_without_columns_of_fees_is_not_checked_for_them() -> None:
    (line,) = outcome(
        "adyen_settlement",
        "Merchant Account,Psp Reference,Type,Gross Currency,Gross Debit (GC),Gross Credit (GC),Net Currency,"
        "Net Debit (NC),Net Credit (NC),Batch Number\nShop,PSP1,Settled,EUR,,12.00,EUR,,11.60,42\n",
    ).lines
    assert figures(line) == ("12.00", "–", "11.60")
    assert line.variances == ()
