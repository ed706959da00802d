"""810: what it bills, what is stated twice, and what does not add up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Invoice
from crossdock.canonical.reading import Reading
from tests.kit.x12_reading import profile
from tests.kit.x12_sets import ANY_SET, kept, read_text, warned

BIG = "BIG*20260104*INV-1*20251220*PO-1***DI*00\n"
LINE = "IT1*1*2*EA*10.00**VN*SKU-1\n"


def reading(text: str) -> Reading:
    return read_text("810", text)


def invoice(text: str) -> Invoice:
    (found,) = reading(text).entities
    assert isinstance(found, Invoice)
    return found


def test_the_invoice_stands_under_its_order() -> None:
    found = invoice(BIG + LINE + "TDS*2000")
    assert found.key == "acme/dist/PO-1/dist/INV-1"
    assert (found.invoice_date.date.isoformat(), found.kind, found.change) == (
        "2026-01-04",
        "invoice",
        "created",
    )
    assert found.lines[0].sku == "SKU-1"
    assert found.variances == ()


def test_a_release_number_is_part_of_the_order() -> None:
    assert invoice("BIG*20260104*INV-1**PO-1*3\n" + LINE).order_id == "PO-1.3"


def test_an_invoice_without_an_order_stands_under_a_dash() -> None:
    assert invoice("BIG*20260104*INV-1\n" + LINE).key == "acme/dist/-/dist/INV-1"


def test_several_orders_get_their_lines_and_the_whole_total() -> None:
    found = reading(BIG + LINE + "IT1*2*1*EA*7*PE*VN*SKU-2*PO*PO-2\nIT1*3*1*EA*5\nREF*PO*PO-3\nTDS*3200")
    assert warned(found) == {"invoice_spans_orders"}
    lines = {
        one.order_id: [line.net.amount for line in one.lines]
        for one in found.entities
        if isinstance(one, Invoice)
    }
    assert lines == {"PO-1": [Decimal(20)], "PO-2": [Decimal(7)], "PO-3": [Decimal(5)]}
    totals = {one.computed.total.amount for one in found.entities if isinstance(one, Invoice)}
    assert totals == {Decimal(32)}


@pytest.mark.parametrize(
    ("big07", "total", "kind"),
    [
        ("DI", "2000", "invoice"),
        ("CR", "2000", "credit_note"),
        ("CN", "-2000", "credit_note"),
        ("", "-2000", "credit_note"),
        ("CO", "2000", "correction"),
    ],
)
def test_the_kind_follows_the_code_and_then_the_sign(big07: str, total: str, kind: str) -> None:
    quantity = "-2" if total.startswith("-") else "2"
    text = f"BIG*20260104*C-1**PO-1***{big07}\nREF*OI*INV-0\nIT1*1*{quantity}*EA*10\nTDS*{total}"
    found = invoice(text)
    assert (found.kind, found.variances) == (kind, ())
    assert found.corrects == (None if kind == "invoice" else "INV-0")


def test_a_wrong_total_is_a_variance_of_its_exact_size() -> None:
    (variance,) = invoice(BIG + LINE + "TDS*2001").variances
    assert (variance.code, variance.stated, variance.computed, variance.difference, variance.is_within) == (
        "invoice_total",
        Decimal("20.01"),
        Decimal("20.00"),
        Decimal("0.01"),
        True,
    )


def test_counts_are_compared() -> None:
    assert {v.code for v in invoice(BIG + LINE + "TDS*2000\nCTT*2*5").variances} == {
        "line_count",
        "quantity_total",
    }


def test_a_total_with_a_point_is_read_as_written() -> None:
    found = reading(BIG + LINE + "TDS*20.00")
    assert warned(found) == {"implied_decimals_written"}
    assert found.entities[0].variances == ()


def test_charges_behind_the_total_are_the_invoices() -> None:
    found = invoice(BIG + LINE + "TDS*2350\nSAC*C*D240***350")
    assert [one.amount.amount for one in found.adjustments] == [Decimal("3.50")]
    assert found.lines[0].adjustments == ()
    assert found.variances == ()


def test_a_charge_that_totals_those_of_the_lines_counts_once() -> None:
    text = BIG + LINE + "SAC*C*G830***300\nIT1*2*1*EA*5\nSAC*C*G830***200\nTDS*3000\nSAC*C*G830***500"
    found = reading(text)
    assert warned(found) == {"charge_repeated"}
    (one,) = found.entities
    assert isinstance(one, Invoice)
    assert (one.computed.total.amount, one.variances, one.adjustments) == (Decimal(30), (), ())
    assert kept(one)["SAC"] == "C*G830***500"


def test_a_charge_of_the_lines_own_amount_counts_once() -> None:
    found = reading(BIG + LINE + "SAC*C*D350***2000\nTDS*2000")
    assert warned(found) == {"charge_repeated"}
    (one,) = found.entities
    assert isinstance(one, Invoice)
    assert (one.variances, one.lines[0].adjustments) == ((), ())
    assert invoice(BIG + LINE + "SAC*C*D350***1999\nTDS*2000").computed.total.amount == Decimal("39.99")


def test_a_charge_that_does_not_total_those_of_the_lines_counts_beside_them() -> None:
    found = invoice(BIG + LINE + "SAC*C*G830***300\nTDS*2300\nSAC*C*G830***400")
    assert found.computed.total.amount == Decimal(27)
    assert [v.difference for v in found.variances] == [Decimal(-4)]


def test_a_tax_as_charge_and_as_tax_counts_once() -> None:
    text = BIG + LINE + "SAC*C*H850***150\nTXI*ST*1.00*5\nTXI*CT*0.50\nTDS*2150\nTXI*ST*1.50"
    found = reading(text)
    assert warned(found) == {"charge_repeated"}
    (one,) = found.entities
    assert isinstance(one, Invoice)
    assert [tax.amount.amount for tax in one.lines[0].tax_lines] == [Decimal("1.00"), Decimal("0.50")]
    assert [tax.amount.amount for tax in one.tax_summary] == [Decimal("1.50")]
    assert (one.computed.tax.amount, one.variances) == (Decimal("1.50"), ())


def test_a_charge_that_the_total_counts_twice_counts_twice() -> None:
    charge = "SAC*A*C310***100\n"
    found = reading(BIG + LINE + charge + "TDS*1800\n" + charge)
    (one,) = found.entities
    assert isinstance(one, Invoice)
    assert (one.computed.total.amount, one.variances, warned(found)) == (Decimal(18), (), set())


def test_percentages_that_give_the_total_are_allowances() -> None:
    percent = "SAC*A*C310****6*10\n"
    of_line = invoice(BIG + LINE + percent + "TDS*1800")
    assert (of_line.lines[0].net.amount, of_line.variances) == (Decimal(18), ())
    of_whole = reading(BIG + LINE + "TDS*1965\nTXI*ST*1.65*8.25\n" + percent)
    (found,) = of_whole.entities
    assert isinstance(found, Invoice)
    assert ([one.amount.amount for one in found.adjustments], found.variances) == ([Decimal(-2)], ())
    assert "charge_not_counted" not in warned(of_whole)


def test_percentages_that_do_not_give_it_change_no_sum() -> None:
    found = reading(BIG + LINE + "SAC*A*C310****6*10\nTDS*1801")
    assert warned(found) == {"charge_not_counted"}
    (one,) = found.entities
    assert isinstance(one, Invoice)
    assert [variance.difference for variance in one.variances] == [Decimal("-1.99")]


def test_a_price_per_hundred_extends_by_its_basis() -> None:
    found = invoice(BIG + "IT1*1*250*EA*4.10*HP*VN*SKU-1\nTDS*1025")
    assert (found.lines[0].net.amount, found.variances) == (Decimal("10.25"), ())
    assert found.lines[0].unit_price is not None
    assert found.lines[0].unit_price.per.value == Decimal(100)


def test_a_party_that_no_field_takes_is_kept_by_its_number() -> None:
    found = invoice(BIG + "N1*ST*Store*92*S12\nN1*BT*Office*92*B1\nN1*RE*Acme*92*77\n" + LINE)
    assert found.buyer is not None
    assert [(i.value, kept(found).get("N1.BT"), kept(found)["N1.ST"]) for i in found.buyer.identifiers] == [
        ("B1", None, "92 S12")
    ]


def test_a_price_may_stand_in_its_own_segment() -> None:
    found = invoice(BIG + "IT1*1*2*EA***VN*SKU-1\nCTP*WS*UCP*12.50\nCTP*RS*RES*20.00\nTDS*2500")
    assert (found.computed.total.amount, found.variances) == (Decimal(25), ())
    assert kept(found)["lines[1].CTP"] == "RS*RES*20.00"


def test_what_is_billed_by_weight_is_priced_by_the_quantity_of_its_ctp() -> None:
    found = invoice(BIG + "IT1*1*2*CA*1.50*PP*VN*SKU-1\nCTP****41.2*LB\nTDS*6180")
    assert (found.computed.total.amount, found.variances) == (Decimal("61.80"), ())


def test_a_line_without_a_price_is_told() -> None:
    found = reading(BIG + "IT1*1*2*EA***VN*SKU-1\nTDS*0")
    assert warned(found) == {"price_missing"}


def test_package_units_keep_the_partners_code() -> None:
    assert invoice(BIG + "IT1*1*2*CS*10.00**VN*SKU-1").lines[0].quantity.unit == "CS"


def test_terms_and_parties_have_their_fields() -> None:
    found = invoice(
        BIG + "N1*BT*Example Stores*UL*0614141000005\nN4*SPRINGFIELD*IL*62701*US\nN1*RE*Acme*92*77\n"
        "N1*ZZ*Somebody*92*5\nITD*01*3*2**10*20260203*30*****2/10 NET 30\n" + LINE
    )
    assert (found.payment_terms, found.due_date and found.due_date.date.isoformat()) == (
        "2/10 NET 30",
        "2026-02-03",
    )
    assert found.buyer is not None
    assert found.buyer.address is not None
    assert (found.buyer.name, found.buyer.address.country) == ("Example Stores", "US")
    assert found.seller is not None
    assert kept(found)["N1.ZZ"] == "92 5"


def test_free_text_is_left_out_and_told_once() -> None:
    found = reading(BIG + "NTE*GEN*call Jane\nMSG*again\n" + LINE)
    assert [warning.code for warning in found.warnings] == ["text_left_out"]
    assert "Jane" not in found.entities[0].model_dump_json()


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("IT1*1*2*EA*10", "id_missing", "set 0001/segment 1 ST"),
        ("BIG*20260104**20251220\n" + LINE, "id_missing", "segment 2 BIG/BIG02"),
        ("BIG*20261304*INV-1\n" + LINE, "time_invalid", "segment 2 BIG/BIG01"),
        (BIG + "IT1*1**EA*10", "field_invalid", "segment 3 IT1/IT102"),
        (BIG + "IT1*1*two*EA*10", "amount_unparsable", "segment 3 IT1/IT102"),
        (BIG + "IT1*1*2*QQ*10", "unit_unmapped", "segment 3 IT1/IT103"),
        (BIG + "IT1*1*2*EA*10*XX", "field_invalid", "segment 3 IT1/IT105"),
        (BIG + LINE + "TDS*twenty", "amount_unparsable", "segment 4 TDS/TDS01"),
        (BIG + "CUR*SE*EUR\n" + LINE, "currency_mixed", "segment 3 CUR/CUR02"),
        (BIG + LINE + BIG, "envelope_broken", "segment 4 BIG"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(text: str, code: str, path: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_text("810", text)
    assert (refused.value.code, refused.value.path.endswith(path)) == (code, True), refused.value.path


def test_without_any_currency_an_invoice_is_refused() -> None:
    silent = profile(
        money={"amounts": "major_text", "tax_mode": "exclusive"},
        exchange=ANY_SET.exchange and ANY_SET.exchange.model_dump(),
    )
    with pytest.raises(Rejected) as refused:
        read_text("810", BIG + LINE, silent)
    assert refused.value.code == "currency_missing"
    assert read_text("810", BIG + "CUR*SE*EUR\n" + LINE, silent).entities[0].model_dump()["currency"] == "EUR"


def test_too_many_orders_times_common_segments_are_refused() -> None:
    lines = "".join(f"IT1*{n}*1*EA*1**PO*P{n}\n" for n in range(1, 301))
    with pytest.raises(Rejected) as refused:
        read_text("810", BIG + "REF*ZZ*X\n" * 200 + lines)
    assert refused.value.code == "output_too_large"


def test_a_party_of_a_line_is_not_the_invoices() -> None:
    found = invoice(BIG + LINE + "N1*BT*Jane Secret*92*7\nN3*1 EXAMPLE WAY\nTDS*2000")
    assert found.buyer is None
    assert kept(found)["lines[1].N1.BT"] == "92 7"
    assert "Jane" not in found.model_dump_json()
