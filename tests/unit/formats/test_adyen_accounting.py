"""Adyen's payments accounting report: only what moves money, and never twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.adyen_payloads import booking, report
from tests.kit.settlement_reading import cents, differences, figures, outcome

FORM = "adyen_accounting"
HEADER = (
    *("Merchant Account", "Psp Reference", "Merchant Reference", "Booking Date", "TimeZone", "Record Type"),
    *("Modification Psp Reference", "Payable Batch", "Main Currency", "Main Amount", "Exchange Rate"),
    *("Captured (PC)", "Settlement Currency", "Payable (SC)", "Commission (SC)", "Markup (SC)"),
    *("Scheme Fees (SC)", "Interchange (SC)"),
)


def row(**changes: str) -> dict[str, str]:
    """A settled payment of 10.00 EUR with fees of 0.50."""
    cells = {
        "Merchant Account": "Shop",
        "Psp Reference": "PSP1",
        "Merchant Reference": "ORDER-1",
        "Booking Date": "2026-05-06 23:59:59",
        "TimeZone": "CEST",
        "Record Type": "Settled",
        "Modification Psp Reference": "MOD1",
        "Payable Batch": "41",
        "Main Currency": "EUR",
        "Main Amount": "10.00",
        "Settlement Currency": "EUR",
        "Payable (SC)": "9.50",
        "Commission (SC)": "0.50",
    }
    names = {
        "kind": "Record Type",
        "main": "Main Amount",
        "payable": "Payable (SC)",
        "batch": "Payable Batch",
    }
    names |= {
        "currency": "Settlement Currency",
        "commission": "Commission (SC)",
        "main_currency": "Main Currency",
    }
    return cells | {names[name]: value for name, value in changes.items()}


def text(*rows: dict[str, str]) -> str:
    return report(rows, HEADER)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 10**7),
    st.integers(0, 500),
    st.sampled_from([0, 0, 3]),
    st.sampled_from(["Settled", "Refunded"]),
)
def test_gross_goes_the_way_of_the_payable_amount(gross: int, fee: int, odd: int, kind: str) -> None:
    sign = 1 if kind == "Settled" else -1
    net = sign * gross - fee + odd
    found = outcome(FORM, text(row(kind=kind, main=cents(gross), payable=cents(net), commission=cents(fee))))
    if not net:
        assert found.lines == []
        return
    (line,) = found.lines
    stated = gross if net > 0 else -gross
    assert figures(line) == (cents(stated), cents(fee), cents(net))
    off = net - (stated - fee)
    assert differences(line) == ({("net_amount", "line 2"): cents(off)} if off else {})


@pytest.mark.parametrize("kind", ["Received", "Authorised", "SentForSettle", "Refused", "SentForRefund"])
def test_rows_that_move_no_money_are_no_lines(kind: str) -> None:
    found = outcome(FORM, text(row(kind=kind, payable=""), row()))
    assert [line.transaction_type_raw for line in found.lines] == ["Settled"]
    assert found.warned == ["rows_without_money"]
    assert found.settlements == []


def test_the_settlement_detail_report_names_the_same_line() -> None:
    (early,) = outcome(FORM, text(row())).lines
    (settled,) = outcome("adyen_settlement", report([booking()])).lines
    assert early.key == settled.key == "acme/psp-eu/41/MOD1:Settled"
    assert figures(early) == figures(settled)


def test_a_row_without_batch_is_provisional() -> None:
    (line,) = outcome(FORM, text(row(batch=""))).lines
    assert (line.key, line.is_provisional) == ("acme/psp-eu/-/MOD1:Settled", True)


def test_a_main_amount_in_another_currency_is_the_source() -> None:
    (line,) = outcome(FORM, text(row(main_currency="USD", main="11.00"))).lines
    assert line.source_currency_amount is not None
    assert (str(line.source_currency_amount.amount), line.variances) == ("11.00", ())


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"payable": "x"}, "amount_unparsable", "Payable (SC)"),
        ({"currency": ""}, "currency_missing", "Settlement Currency"),
        ({"kind": ""}, "field_invalid", "Record Type"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_alone(changes: dict[str, str], code: str, column: str) -> None:
    found = outcome(FORM, text(row(**changes), row()))
    assert found.refused == [(code, f"line 2 column {column}")]
    assert len(found.lines) == 1
