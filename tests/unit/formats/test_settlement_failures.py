"""Failures of comparable systems with settlements (F21 to F25): what the formats do in their place."""

from __future__ import annotations

from decimal import Decimal

from tests.kit.adyen_payloads import booking, payout, report
from tests.kit.paypal_payloads import DETAIL_COLUMNS, Report
from tests.kit.paypal_payloads import booking as paid
from tests.kit.settlement_reading import differences, outcome, profile, settlement
from tests.kit.stripe_payloads import report as stripe_report
from tests.kit.stripe_payloads import row, transaction


def test_f21_two_accounts_with_equal_numbers_never_share_a_key() -> None:
    keys = []
    for account in ("shop-de", "shop-fr"):
        partner = profile(settlement=settlement(account=account))
        found = outcome("adyen_settlement", report([booking(), payout("9.50")]), partner=partner)
        keys += [one.key for one in (*found.settlements, *found.lines, *found.payouts)]
    assert len(set(keys)) == len(keys) == 8


def test_f22_a_transaction_pulled_before_its_payout_is_the_same_line_later() -> None:
    (early,) = outcome("stripe_balance_transaction", transaction()).lines
    (later,) = outcome("stripe_report", stripe_report([row()])).lines
    assert (early.is_provisional, later.is_provisional) == (True, False)
    assert (early.settlement_id, later.settlement_id) == ("", "po_1")
    assert (early.account, early.line_id, early.net) == (later.account, later.line_id, later.net)


def test_f22_a_paypal_transaction_is_the_same_line_in_the_settlement() -> None:
    text = Report(columns=DETAIL_COLUMNS).open().add(paid()).text()
    (early,) = outcome("paypal_transactions", text).lines
    (later,) = outcome("paypal_settlement", Report().open().add(paid()).text()).lines
    assert (early.line_id, early.net, early.is_provisional) == (later.line_id, later.net, True)


def test_f23_a_report_that_grew_repeats_its_lines_and_states_its_horizon() -> None:
    first = outcome("adyen_settlement", report([booking()]))
    rows = [booking(modification_reference="MOD0"), booking(), booking(modification_reference="MOD2")]
    again = outcome("adyen_settlement", report(rows))
    assert first.lines[0].revision.content_sha256 == again.line("MOD1").revision.content_sha256
    assert first.lines[0].key == again.line("MOD1").key
    assert [one.completeness_horizon_days for one in again.settlements] == [21]
    assert [one.line_count for one in (*first.settlements, *again.settlements)] == [1, 3]
    assert not again.settlements[0].is_final


def test_f24_what_a_line_refers_to_is_told_and_never_guessed() -> None:
    rows = [
        booking(),
        booking(merchant_reference="", modification_reference="MOD2"),
        booking(
            type="InvoiceDeduction",
            merchant_reference="",
            psp_reference="",
            booking_date="",
            creation_date="",
        ),
        booking(type="NeverHeardOf", modification_reference="MOD4"),
    ]
    found = outcome("adyen_settlement", report(rows))
    assert [(line.order_reference, line.reference_kind.value) for line in found.lines] == [
        ("ORDER-1", "order"),
        ("PSP1", "psp_reference"),
        (None, "none"),
        ("ORDER-1", "order"),
    ]
    assert found.lines[2].posted is None
    assert [line.transaction_type.value for line in found.lines] == ["sale", "sale", "fee", "unknown"]
    assert found.warned == ["vocabulary_unknown"]


def test_f25_lines_that_miss_the_deposit_are_told_to_the_last_unit() -> None:
    found = outcome("adyen_settlement", report([booking(), payout("9.51")]))
    (whole,) = found.settlements
    assert differences(whole) == {("deposit_total", "deposit"): "0.01"}
    assert whole.deposit is not None
    assert whole.control_total is not None
    assert (whole.deposit.amount, whole.control_total.amount) == (Decimal("9.51"), Decimal("9.50"))
    tolerant = profile(tolerances={"settlement": {"amount": "0.02"}})
    (whole,) = outcome("adyen_settlement", report([booking(), payout("9.51")]), partner=tolerant).settlements
    assert [one.is_within for one in whole.variances] == [True]
