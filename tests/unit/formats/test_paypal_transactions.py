"""PayPal's transaction detail report and search API: provisional lines that the settlement moves."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.formats.registry import FORMATS
from tests.kit.paypal_payloads import DETAIL_COLUMNS, Report, booking
from tests.kit.settlement_reading import PROFILE, cents, figures, outcome, record

FORM = "paypal_transactions"


def info(**changes: Any) -> dict[str, Any]:
    known = {
        "transaction_id": "TRN1",
        "transaction_event_code": "T0006",
        "transaction_initiation_date": "2026-05-04T16:31:39+0000",
        "transaction_amount": {"currency_code": "GBP", "value": "10.00"},
        "fee_amount": {"currency_code": "GBP", "value": "-0.45"},
        "transaction_status": "S",
        "invoice_id": "ORDER-1",
    }
    return {"transaction_info": known | changes, "payer_info": {"email_address": "buyer@example.com"}}


def detail(*bookings: dict[str, str]) -> str:
    return Report(columns=DETAIL_COLUMNS).open().add(*bookings).text()


@settings(max_examples=40, deadline=None)
@given(st.integers(-(10**8), 10**8), st.integers(-500, 500), st.sampled_from(["T0006", "T1107", "T1201"]))
def test_report_and_api_say_the_same_of_one_transaction(gross: int, fee: int, code: str) -> None:
    row = booking(
        code=code,
        side="DR" if gross < 0 else "CR",
        gross=str(abs(gross)),
        currency="GBP",
        fee_currency="GBP",
        fee_side="CR" if fee < 0 else "DR",
        fee=str(abs(fee)),
    )
    said = info(
        transaction_event_code=code,
        transaction_amount={"currency_code": "GBP", "value": cents(gross)},
        fee_amount={"currency_code": "GBP", "value": cents(-fee)},
    )
    (from_report,) = outcome(FORM, detail(row)).lines
    (from_api,) = outcome(FORM, {"transaction_details": [said]}).lines
    assert figures(from_report) == figures(from_api) == (cents(gross), cents(fee), cents(gross - fee))
    assert from_report.key == from_api.key == "acme/psp-eu/-/TRN1"
    assert from_report.transaction_type == from_api.transaction_type
    assert from_report.is_provisional
    assert from_api.is_provisional


def test_the_settlement_report_names_the_same_line() -> None:
    (early,) = outcome(FORM, detail(booking())).lines
    (settled,) = outcome("paypal_settlement", Report().open().add(booking()).text()).lines
    assert early.line_id == settled.line_id
    assert (early.settlement_id, settled.settlement_id) == ("", "20260504-ACCOUNT-EUR")


@pytest.mark.parametrize(("status", "count"), [("S", 1), ("P", 1), ("V", 1), ("D", 0)])
def test_what_was_denied_moved_no_money(status: str, count: int) -> None:
    assert len(outcome(FORM, detail(booking(status=status))).lines) == count
    assert len(outcome(FORM, info(transaction_status=status)).lines) == count


def test_nothing_personal_is_read() -> None:
    row = booking(note="call Mr. Example") | {"First Name": "Testperson"}
    (line,) = outcome(FORM, detail(row)).lines
    assert "Example" not in line.model_dump_json()
    assert "Testperson" not in line.model_dump_json()
    (line,) = outcome(FORM, info()).lines
    assert "buyer" not in line.model_dump_json()


def test_a_note_may_hold_line_breaks_and_quotes() -> None:
    found = outcome(FORM, detail(booking(note='two\nlines, "quoted"'), booking(id="TRN2")))
    assert [line.line_id for line in found.lines] == ["TRN1", "TRN2"]


def test_a_report_may_begin_with_its_columns() -> None:
    text = Report(columns=DETAIL_COLUMNS).head().add(booking()).text()
    assert len(outcome(FORM, text).lines) == 1


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"transaction_id": None}, "id_missing", "$.transaction_info.transaction_id"),
        ({"transaction_amount": None}, "amount_unparsable", "$.transaction_info.transaction_amount"),
        (
            {"transaction_amount": {"currency_code": "GBP", "value": "ten"}},
            "amount_unparsable",
            "$.transaction_info.transaction_amount.value",
        ),
        (
            {"fee_amount": {"currency_code": "USD", "value": "-1"}},
            "currency_mixed",
            "$.transaction_info.fee_amount",
        ),
    ],
)
def test_one_bad_transaction_stops_no_other(changes: dict[str, Any], code: str, path: str) -> None:
    page = {"transaction_details": [info(**changes), info(transaction_id="TRN2")]}
    found = outcome(FORM, page)
    assert found.refused == [(code, path)]
    assert [line.line_id for line in found.lines] == ["TRN2"]


def test_a_page_read_unsplit_gives_all_its_lines() -> None:
    page = {"transaction_details": [info(), info(transaction_id="TRN2")]}
    assert len(FORMATS[FORM].read(record(page), PROFILE).entities) == 2


@pytest.mark.parametrize("member", ["body", "detail", "data", "record"])
def test_the_envelopes_of_tools_change_nothing(member: str) -> None:
    for held in (info(), {"transaction_details": [info()]}):
        (line,) = outcome(FORM, [{"headers": {}, member: held}]).lines
        assert figures(line) == ("10.00", "0.45", "9.55")
    assert FORMATS[FORM].key(record({member: info()})) == "transaction:TRN1"


def test_a_report_that_may_be_cut_short_or_counts_otherwise_says_so() -> None:
    rows = booking(), booking(note="another")
    whole = Report(columns=DETAIL_COLUMNS).open().add(*rows).close(["SC", "2"], ["FF", "2"]).text()
    assert outcome(FORM, whole).warned == []
    cut = outcome(FORM, whole[: whole.index("SC")])
    assert (len(cut.lines), cut.warned) == (2, ["file_cut"])
    other = outcome(FORM, whole.replace("SC,2", "SC,3").replace("FF,2", "FF,1"))
    assert (len(other.lines), other.warned) == (2, ["line_count", "line_count"])


def test_keys() -> None:
    assert FORMATS[FORM].key(record(info())) == "transaction:TRN1"
    assert FORMATS[FORM].key(record({"transaction_details": []})) is None
    assert FORMATS[FORM].key(record(detail(booking()))) is None
