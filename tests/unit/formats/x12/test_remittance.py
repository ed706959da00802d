"""820: signs, adjustments, and a deposit that differs from its lines."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Payout, Settlement, SettlementLine
from crossdock.canonical.reading import Reading
from tests.kit.x12_reading import profile
from tests.kit.x12_sets import ANY_SET, amount, kept, read_text, warned

HEAD = "BPR*C*{}*C*ACH************20260110\nTRN*1*PAY-1\n"


def settlement(reading: Reading) -> Settlement:
    (found,) = [one for one in reading.entities if isinstance(one, Settlement)]
    return found


def nets(reading: Reading) -> list[Decimal]:
    return [one.net.amount for one in reading.entities if isinstance(one, SettlementLine)]


def lines(reading: Reading) -> list[SettlementLine]:
    return [one for one in reading.entities if isinstance(one, SettlementLine)]


def test_invoices_paid_add_up_to_the_deposit() -> None:
    found = read_text("820", HEAD.format("1470") + "RMR*IV*INV-1**980*1000*20\nRMR*IV*INV-2**490*500*10")
    one = settlement(found)
    assert (one.key, amount(one.deposit), one.variances) == ("acme/dist/PAY-1", Decimal(1470), ())
    first = lines(found)[0]
    assert first.key == "acme/dist/PAY-1/1"
    assert (amount(first.gross), amount(first.fee), first.net.amount) == (
        Decimal(1000),
        Decimal(20),
        Decimal(980),
    )
    assert (first.transaction_type, first.order_reference, first.reference_kind) == (
        "sale",
        "INV-1",
        "invoice",
    )
    (payout,) = [one for one in found.entities if isinstance(one, Payout)]
    assert (payout.amount.amount, payout.bank_reference) == (Decimal(1470), "PAY-1")
    assert payout.status == "scheduled"
    assert (payout.arrival_date and payout.arrival_date.date.isoformat()) == "2026-01-10"


def test_a_credit_with_a_plus_is_taken_off_where_the_deposit_says_so() -> None:
    text = "RMR*CM*C-1**50*50\nRMR*IV*INV-1**150"
    found = read_text("820", HEAD.format("100") + text)
    assert (nets(found), warned(found)) == ([Decimal(-50), Decimal(150)], {"credit_sign"})
    assert (amount(lines(found)[0].gross), settlement(found).variances) == (Decimal(-50), ())
    other = read_text("820", HEAD.format("101") + text)
    assert nets(other) == [Decimal(50), Decimal(150)]
    assert [v.difference for v in settlement(other).variances] == [Decimal(-99)]


def test_a_discount_may_be_written_with_a_minus() -> None:
    found = read_text("820", HEAD.format("100") + "RMR*IV*INV-1**100*110*-10")
    assert (amount(lines(found)[0].fee), settlement(found).variances) == (Decimal(10), ())
    assert warned(found) == {"discount_sign"}
    swapped = read_text("820", HEAD.format("110") + "RMR*IV*INV-1**110*100*10")
    assert [v.difference for v in settlement(swapped).variances] == [Decimal(20)]


def test_an_adjustment_on_top_of_what_is_paid_is_a_line() -> None:
    found = read_text("820", HEAD.format("900") + "RMR*IV*INV-1**1000\nADX*-100*01")
    assert nets(found) == [Decimal(1000), Decimal(-100)]
    assert [one.transaction_type.value for one in lines(found)] == ["sale", "adjustment"]
    assert (lines(found)[1].order_reference, settlement(found).variances) == ("INV-1", ())


def test_an_adjustment_within_what_is_paid_is_kept_at_its_invoice() -> None:
    found = read_text("820", HEAD.format("900") + "RMR*IV*INV-1**900*1000\nADX*-100*01")
    assert nets(found) == [Decimal(900)]
    assert kept(lines(found)[0])["ADX"] == "-100*01"
    assert settlement(found).variances == ()


def test_adjustments_may_say_what_an_amount_is_made_of() -> None:
    found = read_text("820", HEAD.format("900") + "RMR*IV*INV-1**900*900\nADX*700*1\nADX*200*1")
    assert (nets(found), settlement(found).variances) == ([Decimal(900)], ())


def test_where_the_deposit_decides_nothing_the_lines_own_gross_does() -> None:
    inside = read_text("820", HEAD.format("901") + "RMR*IV*INV-1**900*1000\nADX*-100*01")
    added = read_text("820", HEAD.format("901") + "RMR*IV*INV-1**1000*1000\nADX*-100*01")
    assert (nets(inside), nets(added)) == ([Decimal(900)], [Decimal(1000), Decimal(-100)])
    assert [v.difference for v in settlement(inside).variances] == [Decimal(1)]
    assert [v.difference for v in settlement(added).variances] == [Decimal(1)]


def test_an_adjustment_of_no_invoice_is_a_line_of_its_own() -> None:
    found = read_text("820", HEAD.format("875") + "ENT*1*BY*92*0042\nADX*-25*L7\nRMR*IV*INV-1**900")
    assert nets(found) == [Decimal(-25), Decimal(900)]
    assert kept(lines(found)[0]) == {"ENT": "0042", "ADX": "-25*L7"}
    assert lines(found)[0].reference_kind == "none"


def test_what_follows_an_adjustment_belongs_to_it() -> None:
    text = "ENT*1\nADX*-10*01*CM*A\nREF*CM*A\nADX*-15*01*CM*B\nREF*CM*B\nENT*2\nREF*ZZ*last"
    found = read_text("820", HEAD.format("875") + "RMR*IV*INV-1**900\n" + text)
    assert [kept(one).get("REF.CM") for one in lines(found)] == [None, "A", "B"]
    assert kept(settlement(found))["REF.ZZ"] == "last"


def test_a_payment_without_a_trace_stands_under_its_check() -> None:
    text = "BPR*C*5*C*CHK************20260110\nREF*TN*T-1\nREF*CK*10042\nRMR*IV*A**5\nREF*EF*other"
    found = read_text("820", text)
    assert (settlement(found).settlement_id, warned(found)) == ("10042", {"trace_from_reference"})


def test_who_pays_and_an_unreadable_day_are_kept() -> None:
    text = "BPR*C*5*C*ACH************SOON*VEN\nTRN*1*PAY-1*1512345678\nRMR*IV*A**5"
    found = kept(settlement(read_text("820", text)))
    assert (found["TRN.03"], found["BPR.16"], found["BPR.17"]) == ("1512345678", "SOON", "VEN")


def test_a_deposit_that_differs_is_a_variance_of_its_exact_size() -> None:
    (variance,) = settlement(read_text("820", HEAD.format("500.00") + "RMR*IV*INV-1**500.01")).variances
    assert (variance.code, variance.difference, variance.is_within) == (
        "deposit_total",
        Decimal("-0.01"),
        True,
    )


def test_gross_less_discount_is_checked_not_assumed() -> None:
    (variance,) = settlement(read_text("820", HEAD.format("900") + "RMR*IV*INV-1**900*1000*20")).variances
    assert (variance.stated, variance.computed) == (Decimal(900), Decimal(980))
    assert variance.code == "net_amount"


def test_a_debit_takes_money_from_us() -> None:
    found = read_text("820", HEAD.format("100").replace("*C*ACH", "*D*ACH") + "RMR*IV*INV-1**100")
    assert (amount(settlement(found).deposit), nets(found)) == (Decimal(-100), [Decimal(-100)])
    signed = read_text("820", HEAD.format("100").replace("*C*ACH", "*D*ACH") + "RMR*CM*C-1**-100")
    assert (nets(signed), settlement(signed).variances) == ([Decimal(-100)], ())


@pytest.mark.parametrize(
    ("rmr", "kind", "reference"),
    [
        ("RMR*IV*A**-5", "refund", "invoice"),
        ("RMR*CM*A**-5", "refund", "invoice"),
        ("RMR*PO*A**5", "sale", "order"),
        ("RMR*BM*A**5", "sale", "shipment"),
    ],
)
def test_what_a_line_is_follows_from_its_qualifier_and_sign(rmr: str, kind: str, reference: str) -> None:
    (line,) = lines(read_text("820", HEAD.format("5") + rmr))
    assert (line.transaction_type, line.reference_kind) == (kind, reference)


def test_an_unlisted_qualifier_is_unknown_and_the_vocabulary_of_the_profile_wins() -> None:
    found = read_text("820", HEAD.format("5") + "RMR*ZZ*A**5")
    assert (lines(found)[0].transaction_type, warned(found)) == ("unknown", {"transaction_type_unknown"})
    known = profile(
        settlement={"account": "bank", "horizon_days": 9, "vocabulary": {"ZZ": "fee"}},
        exchange=ANY_SET.exchange and ANY_SET.exchange.model_dump(),
    )
    told = read_text("820", HEAD.format("5") + "RMR*ZZ*A**5", known)
    assert lines(told)[0].transaction_type == "fee"
    assert (settlement(told).key, settlement(told).completeness_horizon_days) == ("acme/bank/PAY-1", 9)


def test_an_empty_amount_paid_follows_from_the_gross() -> None:
    found = read_text("820", HEAD.format("980") + "RMR*IV*INV-1***1000*20")
    assert (nets(found), warned(found)) == ([Decimal(980)], {"paid_from_gross"})


@pytest.mark.parametrize("bpr", ["BPR*P*0*C*ACH", "BPR*I*5*C*NON"])
def test_what_moves_no_money_has_no_payout(bpr: str) -> None:
    found = read_text("820", f"{bpr}\nTRN*1*PAY-1\nRMR*IV*A**5")
    assert "no_payment" in warned(found)
    assert not any(isinstance(one, Payout) for one in found.entities)


def test_segments_of_an_invoice_stay_with_it() -> None:
    found = read_text("820", HEAD.format("5") + "REF*IA*7\nRMR*IV*A**5\nREF*PO*PO-1\nDTM*003*20260101")
    assert kept(lines(found)[0]) == {"REF.PO": "PO-1", "DTM.003": "20260101"}
    assert kept(settlement(found))["REF.IA"] == "7"


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("TRN*1*PAY-1", "id_missing", "segment 1 ST"),
        ("BPR*C**C*ACH\nTRN*1*PAY-1", "field_invalid", "BPR/BPR02"),
        ("BPR*C*ten*C*ACH\nTRN*1*PAY-1", "amount_unparsable", "BPR/BPR02"),
        ("BPR*C*5*C*ACH", "id_missing", "segment 2 BPR"),
        (HEAD.format("5") + "RMR*IV*A", "field_invalid", "RMR/RMR04"),
        (HEAD.format("5") + "RMR*IV*A**x", "amount_unparsable", "RMR/RMR04"),
        (HEAD.format("5") + "ADX*x*01", "amount_unparsable", "ADX/ADX01"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(text: str, code: str, path: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_text("820", text)
    assert (refused.value.code, refused.value.path.endswith(path)) == (code, True), refused.value.path


def test_the_day_of_the_payment_may_stand_in_the_header() -> None:
    found = read_text("820", "BPR*C*5*C*ACH\nTRN*1*PAY-1\nDTM*009*20260115\nRMR*IV*A**5\nDTM*003*20260101")
    assert [one.posted and one.posted.date.day for one in lines(found)] == [15]


def test_adjustments_that_break_the_payment_down_are_no_lines() -> None:
    found = read_text("820", HEAD.format("100") + "RMR*IV*A**100\nADX*60*1\nADX*40*1")
    assert (nets(found), settlement(found).variances) == ([Decimal(100)], ())


def test_what_a_payee_says_before_its_lines_stays_with_the_first_of_them() -> None:
    text = (
        HEAD.format("12")
        + "ENT*1*BY*92*7\nREF*POL*P1\nRMR*IV*A**5\nRMR*IV*B**3\nENT*2*BY*92*8\nREF*POL*P2\nRMR*IV*C**4"
    )
    found = read_text("820", text)
    assert [kept(one) for one in lines(found)] == [
        {"ENT": "7", "REF.POL": "P1"},
        {"ENT": "7"},
        {"ENT": "8", "REF.POL": "P2"},
    ]
    assert "REF.POL" not in kept(settlement(found))
