"""PayPal's settlement report: sections, currencies, debits and credits, footers that disagree."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import SettlementLine
from crossdock.formats.registry import FORMATS
from tests.kit.paypal_payloads import Day, Report, booking, days, footer
from tests.kit.settlement_reading import differences, figures, outcome, profile, record, settlement

FORM = "paypal_settlement"


def read(*bookings: dict[str, str]) -> list[SettlementLine]:
    return outcome(FORM, Report().open().add(*bookings).text()).lines


def hundredths(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)


@settings(max_examples=40, deadline=None)
@given(days(), st.booleans(), st.sampled_from(",;\t"))
def test_a_section_yields_its_facts(day: Day, is_quoted: bool, delimiter: str) -> None:
    found = outcome(FORM, day.report.text(is_quoted=is_quoted, delimiter=delimiter))
    lines = {line.line_id: line for line in found.lines}
    assert {name: line.transaction_type.value for name, line in lines.items()} == day.kinds
    for name, (currency, gross, fee) in day.lines.items():
        line = lines[name]
        assert line.gross is not None
        assert line.fee is not None
        assert (line.gross.amount, line.fee.amount) == (hundredths(gross), hundredths(fee))
        assert (line.net.amount, line.net.currency) == (hundredths(gross - fee), currency)
    for whole in found.settlements:
        net = sum(
            hundredths(gross - fee)
            for name, (currency, gross, fee) in day.lines.items()
            if currency == whole.currency and day.kinds[name] != "payout"
        )
        assert whole.control_total is not None
        assert whole.control_total.amount == net
        odd = {name: Decimal(one) for name, one in differences(whole).items()}
        stated = day.odd.get(whole.currency)
        wanted = {("control_total", "section.gross_credits"): hundredths(stated)} if stated else {}
        assert odd == wanted
    payouts = [name for name, kind in day.kinds.items() if kind == "payout"]
    assert [one.payout_id for one in found.payouts] == payouts


def test_a_refund_with_a_fee_given_back() -> None:
    (line,) = read(
        booking(
            code="T1107", side="DR", gross="134", currency="GBP", fee_side="CR", fee="47", fee_currency="GBP"
        )
    )
    assert figures(line) == ("-1.34", "-0.47", "-0.87")
    assert line.transaction_type == "refund"


def test_every_currency_has_two_implied_decimals() -> None:
    (line,) = read(booking(currency="JPY", gross="500000", fee="18000", fee_currency="JPY"))
    assert figures(line) == ("5000", "180", "4820")


def test_settlements_are_named_by_day_account_and_currency() -> None:
    found = outcome(FORM, Report().open("ACC1").add(booking()).open("ACC2").add(booking(id="TRN2")).text())
    assert [one.settlement_id for one in found.settlements] == ["20260504-ACC1-EUR", "20260504-ACC2-EUR"]
    assert [line.settlement_id for line in found.lines] == ["20260504-ACC1-EUR", "20260504-ACC2-EUR"]
    first = found.settlements[0]
    assert first.period_from is not None
    assert (first.period_from.date.isoformat(), first.period_from.offset_minutes) == ("2026-05-04", -420)


def test_one_transaction_id_with_two_codes_is_two_lines() -> None:
    lines = read(booking(code="T1110", side="DR"), booking(code="T1111"))
    assert [(line.line_id, line.transaction_type.value) for line in lines] == [
        ("TRN1:T1110", "reserve"),
        ("TRN1:T1111", "reserve"),
    ]


def test_a_withdrawal_is_a_negative_line_and_a_payout() -> None:
    row = booking(code="T0400", side="DR", fee="", fee_side="", bank="BANK1")
    found = outcome(FORM, Report().open().add(booking(id="TRN0"), row).text())
    (paid,) = found.payouts
    assert (paid.amount.amount, paid.bank_reference, paid.status) == (Decimal("119.00"), "BANK1", "paid")
    assert found.line("TRN1").payout_id == "TRN1"
    assert found.settlements[0].deposit is None
    assert found.settlements[0].variances == ()


def test_a_payment_that_we_made_is_no_sale() -> None:
    assert read(booking(code="T0000", side="DR"))[0].transaction_type == "other"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("T1201", "chargeback"),
        ("T1202", "chargeback_reversal"),
        ("T0106", "fee"),
        ("T1108", "fee_refund"),
        ("T0200", "transfer"),
        ("T1106", "refund"),
        ("T2103", "reserve"),
        ("T0101", "subscription"),
        ("T8000", "unknown"),
    ],
)
def test_codes_mean_their_own_or_their_groups(code: str, kind: str) -> None:
    assert read(booking(code=code))[0].transaction_type == kind


def test_an_invoice_id_is_the_order_and_without_one_the_transaction_is() -> None:
    first, second = read(booking(), booking(id="TRN2", invoice=""))
    assert (first.order_reference, first.reference_kind) == ("ORDER-1", "order")
    assert (second.order_reference, second.reference_kind) == ("TRN2", "psp_reference")


def test_counts_and_balances_that_disagree_are_variances() -> None:
    report = Report().open().add(booking()).close(footer("EUR", (11900, 0, 0, 385), 0, 11000), ["SC", "3"])
    (whole,) = outcome(FORM, report.text()).settlements
    assert differences(whole) == {
        ("line_count", "section.SC"): "2",
        ("control_total", "section.ending_balance"): "-5.15",
    }


@pytest.mark.parametrize(
    ("sums", "odd", "warned"),
    [
        ((47, 385), {}, []),
        ((385, 47), {}, ["fee_sums_swapped"]),
        ((385, 48), {"fee_credits": "0.01"}, ["fee_sums_swapped"]),
        ((47, 386), {"fee_debits": "0.01"}, []),
        ((385, 385), {"fee_credits": "3.38"}, []),
    ],
)
def test_the_sums_of_fees_stand_in_the_order_that_holds(
    sums: tuple[int, int], odd: dict[str, str], warned: list[str]
) -> None:
    rows = booking(), booking(id="TRN2", code="T1107", side="DR", gross="1900", fee_side="CR", fee="47")
    end = 11900 - 385 - 1900 + 47
    report = Report().open().add(*rows).close(footer("EUR", (11900, 1900, *sums), 0, end), ["SC", "2"])
    found = outcome(FORM, report.text())
    (whole,) = found.settlements
    assert differences(whole) == {("control_total", f"section.{name}"): value for name, value in odd.items()}
    assert found.warned == warned


def two_sections(**odd: int) -> str:
    """A report of two sections whose footers agree, but for what is added to one of them."""
    report = Report()
    for account in ("A", "B"):
        report.open(account).add(booking())
        sums = (11900 + odd.get(f"SF-{account}", 0), 0, 0, 385)
        report.close(footer("EUR", sums, 0, 11515), ["SC", str(1 + odd.get(f"SC-{account}", 0))])
    report.close(footer("EUR", (23800 + odd.get("RF", 0), 0, 0, 770), 0, 0, "RF"))
    return report.close(["RC", str(2 + odd.get("RC", 0))], ["FF", str(2 + odd.get("FF", 0))]).text()


@pytest.mark.parametrize(
    ("place", "settlement_id", "variance"),
    [
        ("SF-A", "20260504-A-EUR", (("control_total", "section.gross_credits"), "0.01")),
        ("SF-B", "20260504-B-EUR", (("control_total", "section.gross_credits"), "0.01")),
        ("SC-B", "20260504-B-EUR", (("line_count", "section.SC"), "1")),
        ("RF", "20260504-A-EUR", (("control_total", "report.gross_credits"), "0.01")),
        ("RC", "20260504-A-EUR", (("line_count", "report.RC"), "1")),
        ("FF", "20260504-A-EUR", (("line_count", "file.FF"), "1")),
    ],
)
def test_one_figure_of_the_footers_that_is_wrong_is_told_once(
    place: str, settlement_id: str, variance: tuple[tuple[str, str], str]
) -> None:
    assert all(whole.variances == () for whole in outcome(FORM, two_sections()).settlements)
    found = {
        whole.settlement_id: differences(whole)
        for whole in outcome(FORM, two_sections(**{place: 1})).settlements
    }
    assert found.pop(settlement_id) == dict([variance])
    assert list(found.values()) == [{}]


def test_a_booking_that_was_lost_is_told_by_its_section_alone() -> None:
    cut = two_sections().replace("SB,", "XX,", 1)
    first, second = outcome(FORM, cut).settlements
    assert {name for _, name in differences(first)} == {
        *("section.SC", "section.gross_credits", "section.fee_debits", "section.ending_balance"),
    }
    assert second.variances == ()


def test_files_that_were_put_together_add_up() -> None:
    found = outcome(FORM, two_sections() + two_sections().replace("2026/05/04", "2026/05/05"))
    assert len(found.settlements) == 4
    assert all(whole.variances == () for whole in found.settlements)


def test_the_reports_footer_counts_where_the_section_has_none() -> None:
    report = (
        Report().open().add(booking()).close(footer("EUR", (11800, 0, 0, 385), 0, 11515, "RF"), ["FF", "1"])
    )
    (whole,) = outcome(FORM, report.text()).settlements
    assert differences(whole) == {("control_total", "report.gross_credits"): "-1.00"}


def test_a_later_file_of_a_report_is_not_held_against_the_whole_reports_footer() -> None:
    report = Report([["FH", "02"]]).open().add(booking()).close(footer("EUR", (1, 0, 0, 0), 0, 1, "RF"))
    (whole,) = outcome(FORM, report.text()).settlements
    assert whole.variances == ()


def test_a_currency_without_movement_is_no_settlement() -> None:
    report = Report().open().add(booking()).close(footer("USD", (0, 0, 0, 0), 500, 500))
    assert [one.currency for one in outcome(FORM, report.text()).settlements] == ["EUR"]


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"gross": "1.5"}, "amount_unparsable", "Gross Transaction Amount"),
        ({"gross": ""}, "amount_unparsable", "Gross Transaction Amount"),
        ({"side": "XX"}, "field_invalid", "Transaction  Debit or Credit"),
        ({"currency": "QQQ"}, "currency_unknown", "Gross Transaction Currency"),
        ({"fee_currency": "USD"}, "currency_mixed", "Fee Currency"),
        ({"fee_side": "?"}, "field_invalid", "Fee Debit or Credit"),
    ],
)
def test_a_booking_that_cannot_be_read_is_refused_alone(
    changes: dict[str, str], code: str, column: str
) -> None:
    report = Report().open().add(booking(), booking(id="TRN2", **changes), booking(id="TRN3"))
    found = outcome(FORM, report.text())
    assert found.refused == [(code, f"line 4 column {column}")]
    assert [line.line_id for line in found.lines] == ["TRN1", "TRN3"]


def test_a_booking_of_a_second_section_keeps_its_section_when_it_is_apart() -> None:
    report = Report().open("ACC1").add(booking()).open("ACC2").add(booking(id="TRN2", gross="x"))
    split = FORMATS[FORM].split
    assert split is not None
    alone = split(record(report.text()), profile()).parts[1].value
    assert b"ACC2" in alone
    assert b"TRN1" not in alone


def test_an_open_quote_ends_where_the_next_row_begins() -> None:
    text = Report().open().add(booking(), booking(id="TRN2"), booking(id="TRN3")).text()
    found = outcome(FORM, text.replace("TRN2", '"TRN2'))
    assert found.refused == [("envelope_broken", "line 4")]
    assert [line.line_id for line in found.lines] == ["TRN1", "TRN3"]


def test_a_time_without_offset_leaves_the_line_without_one() -> None:
    found = outcome(FORM, Report().open().add(booking(completed="2026/05/04", initiated="")).text())
    assert (found.lines[0].posted, found.warned) == (None, ["time_invalid", "file_cut"])


def test_a_file_without_any_footer_may_be_cut_short() -> None:
    bookings = Report().open().add(booking())
    assert outcome(FORM, bookings.text()).warned == ["file_cut"]
    assert outcome(FORM, bookings.close(["SC", "1"]).text()).warned == []


@pytest.mark.parametrize("text", ["", "SB,1,2\n", "CH,Transaction ID\nSB,1\n", "SB,1\nCH,x\n", "nothing"])
def test_a_file_without_its_column_row_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as refused:
        outcome(FORM, text)
    assert refused.value.code == "envelope_broken"


def test_the_vocabulary_of_the_profile_comes_first() -> None:
    partner = profile(settlement=settlement(vocabulary={"T0006": "subscription"}))
    (line,) = outcome(FORM, Report().open().add(booking()).text(), partner=partner).lines
    assert line.transaction_type == "subscription"


def test_the_file_is_named_by_its_section() -> None:
    one = Report().open().add(booking())
    assert FORMATS[FORM].key(record(one.text())) == "settlement:20260504-ACCOUNT"
    assert FORMATS[FORM].key(record(one.open("B").text())) is None
    assert FORMATS[FORM].key(record("x")) is None


def test_an_email_address_in_the_title_is_no_account() -> None:
    report = Report().open("shop@example.com").add(booking())
    assert outcome(FORM, report.text()).settlements[0].settlement_id == "20260504-EUR"
