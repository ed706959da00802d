"""Allowances, taxes and totals of INVOIC as senders write them, not as the directories have them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import ErpDocument, Invoice, Shipment, StockSnapshot
from tests.kit.edi_reading import Outcome
from tests.kit.edifact_reading import outcome_of, read, rows_of

HEAD = "BGM+380+I-1+9\nDTM+137:20260105:102\n"


def message(message_type: str, text: str) -> Outcome:
    return read(rows_of(HEAD + text), message_type)


def invoice(text: str) -> Invoice:
    return message("INVOIC", text).one(Invoice)


def differences(found: Invoice) -> dict[str, Decimal]:
    return {one.subject: one.difference for one in found.variances}


def line(number: int, amount: str, more: str = "") -> str:
    return f"LIN+{number}\nQTY+47:2\nMOA+203:{amount}\n{more}"


# ---- allowances ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("net", "allowances", "amounts"),
    [
        ("90", "ALC+A\nPCD+1:10", ["-10"]),
        ("110", "ALC+C\nPCD+2:10", ["10"]),
        ("85", "ALC+A\nPCD+1:10\nALC+A\nPCD+1:5", ["-10", "-5"]),
        ("85.50", "ALC+A\nPCD+1:10\nALC+A\nPCD+1:5", ["-10", "-4.5"]),
        ("66.67", "ALC+A\nPCD+1:33.333", ["-33.33"]),
    ],
)
def test_a_percentage_that_explains_the_line_amount_is_its_allowance(
    net: str, allowances: str, amounts: list[str]
) -> None:
    outcome = message("INVOIC", line(1, net, f"PRI+AAB:50\n{allowances}\n") + f"UNS+S\nMOA+77:{net}")
    found = outcome.one(Invoice)
    assert [one.amount.amount for one in found.lines[0].adjustments] == [Decimal(one) for one in amounts]
    assert (found.lines[0].net.amount, found.variances) == (Decimal(net), ())
    assert "charge_not_counted" not in outcome.warnings


@pytest.mark.parametrize("allowance", ["ALC+A\nPCD+1:9", "ALC+A++3\nPCD+1:10", "ALC+A\nPCD+1:5\nPCD+1:5"])
def test_a_percentage_that_does_not_explain_it_changes_no_sum(allowance: str) -> None:
    outcome = message("INVOIC", line(1, "90", f"PRI+AAB:50\n{allowance}"))
    found = outcome.one(Invoice)
    assert (found.lines[0].adjustments, differences(found)) == ((), {"1": Decimal(-10)})
    assert "charge_not_counted" in outcome.warnings


@pytest.mark.parametrize(
    ("header", "more", "total", "amounts", "tax"),
    [
        ("ALC+A++++DI\nPCD+1:5\n", "", "95", ["-5"], "0"),
        ("ALC+A++++DI\nPCD+1:5\n", "MOA+124:18.05\n", "113.05", ["-5"], "18.05"),
        ("ALC+A\nMOA+8:10\nALC+C++++FC\nPCD+2:3\n", "", "93", ["-10", "3"], "0"),
    ],
)
def test_percentages_of_the_whole_that_give_the_total_are_allowances(
    header: str, more: str, total: str, amounts: list[str], tax: str
) -> None:
    outcome = message("INVOIC", header + line(1, "100") + f"UNS+S\n{more}MOA+77:{total}")
    found = outcome.one(Invoice)
    assert [one.amount.amount for one in found.adjustments] == [Decimal(one) for one in amounts]
    assert (found.computed.tax.amount, found.computed.total.amount) == (Decimal(tax), Decimal(total))
    assert (found.variances, "charge_not_counted" in outcome.warnings) == ((), False)
    other = message("INVOIC", header + line(1, "100") + f"UNS+S\n{more}MOA+77:1")
    assert "charge_not_counted" in other.warnings


ALLOWANCE = "ALC+A++++DI\nMOA+8:5\n"


def test_a_net_amount_is_carried_and_what_does_not_lead_to_it_told_once() -> None:
    found = invoice(line(1, "90", "PRI+AAB:50\nALC+A++++DI\nMOA+8:11\n") + "UNS+S\nMOA+79:90\nMOA+77:90")
    assert (found.lines[0].net.amount, found.computed.total.amount) == (Decimal(90), Decimal(90))
    assert differences(found) == {"1": Decimal(1)}


def test_a_duty_beside_a_tax_that_is_only_a_rate_is_not_all_tax() -> None:
    taxes = "TAX+7+VAT+++:::20\nTAX+5+EXC\nMOA+124:3\n"
    summary = "TAX+7+VAT+++:::20\nMOA+124:20.60\nTAX+5+EXC\nMOA+124:3"
    found = invoice(line(1, "100", taxes) + f"UNS+S\nMOA+77:123.60\nMOA+124:23.60\n{summary}")
    assert (found.computed.tax.amount, found.variances) == (Decimal("23.60"), ())


def test_allowances_of_one_unit_each_are_told_by_the_line_amount() -> None:
    outcome = message("INVOIC", line(1, "90", f"PRI+AAB:50\n{ALLOWANCE}"))
    found = outcome.one(Invoice)
    assert [one.amount.amount for one in found.lines[0].adjustments] == [Decimal(-10)]
    assert (found.lines[0].net.amount, found.variances) == (Decimal(90), ())
    assert "charge_per_unit" in outcome.warnings


def test_a_net_price_counts_where_only_it_gives_the_line_amount() -> None:
    found = invoice(line(1, "90", f"PRI+GRP:50\nPRI+NTP:45\n{ALLOWANCE}{ALLOWANCE}ALC+A\nMOA+8:1\n"))
    assert found.lines[0].unit_price is not None
    assert (found.lines[0].unit_price.amount, found.lines[0].adjustments) == (Decimal(45), ())
    assert found.variances == ()
    neither = invoice(line(1, "80", f"PRI+GRP:50\nPRI+NTP:45\n{ALLOWANCE}"))
    assert neither.lines[0].unit_price is not None
    assert (neither.lines[0].unit_price.amount, differences(neither)) == (Decimal(50), {"1": Decimal(-15)})


NET_WITH_CHARGE = line(1, "100", "PRI+AAA:50\nALC+C++++FC\nMOA+8:3\n")


@pytest.mark.parametrize(("total", "computed"), [("103", "103"), ("100", "100"), ("104", "100")])
def test_the_total_tells_whether_net_prices_include_the_charges_of_the_summary(
    total: str, computed: str
) -> None:
    found = invoice(f"{NET_WITH_CHARGE}UNS+S\nMOA+77:{total}\nALC+C++++FC\nMOA+8:3")
    assert found.computed.total.amount == Decimal(computed)
    assert (found.variances == ()) is (total == computed)


@pytest.mark.parametrize(
    ("total", "charges", "computed"),
    [("107", "7", "107"), ("93", "-7", "93"), ("93", "7", "93"), ("100", "7", "100"), ("95", "7", "100")],
)
def test_a_mere_total_of_charges_counts_where_the_total_includes_it(
    total: str, charges: str, computed: str
) -> None:
    found = invoice(f"{line(1, '100')}UNS+S\nMOA+77:{total}\nMOA+131:{charges}")
    assert found.computed.total.amount == Decimal(computed)
    assert (found.variances == ()) is (total == computed)


def test_a_charge_may_state_its_amount_as_a_total() -> None:
    found = invoice(f"{line(1, '100')}UNS+S\nMOA+77:102\nALC+C++++FC\nMOA+131:2")
    assert (found.computed.shipping.amount, found.variances) == (Decimal(2), ())


# ---- taxes -----------------------------------------------------------------------------------------------

TAXED = "TAX+7+VAT+++:::20+S\nMOA+124:{0}\n"
SUMMARY = "UNS+S\nMOA+77:{0}\nTAX+7+VAT+++:::20+S\nMOA+125:{1}\nMOA+124:{2}"


@pytest.mark.parametrize("code", ["124", "161", "369"])
def test_taxes_of_the_summary_have_several_codes(code: str) -> None:
    found = invoice(f"{line(1, '100')}UNS+S\nMOA+77:120\nTAX+7+VAT+++:::20+S\nMOA+125:100\nMOA+{code}:20")
    assert (found.computed.tax.amount, found.variances) == (Decimal(20), ())


def test_taxes_that_some_lines_leave_out_are_those_of_the_summary() -> None:
    lines = line(1, "100", TAXED.format(20)) + line(2, "50", "TAX+7+VAT+++:::20+S\n")
    assert invoice(lines + SUMMARY.format(180, 150, 30)).variances == ()


def test_an_allowance_of_the_header_without_its_tax_leaves_it_to_the_summary() -> None:
    text = "ALC+A++++DI\nMOA+8:10\n" + line(1, "100", TAXED.format(20)) + SUMMARY.format(108, 90, 18)
    assert invoice(text).variances == ()


def test_a_line_with_a_rate_of_zero_states_its_tax() -> None:
    lines = line(1, "100", TAXED.format(20)) + line(2, "50", "TAX+7+VAT+++:::0+Z\n")
    assert differences(invoice(lines + SUMMARY.format(170, 100, 19))) == {}
    found = invoice(lines + "UNS+S\nMOA+77:171\nMOA+176:21")
    assert differences(found) == {"lines.tax": 1}


@pytest.mark.parametrize(
    ("of_lines", "of_rate", "expected"),
    [
        ("1.91", "3.81", {"lines.tax": Decimal("-0.01")}),
        ("", "3.91", {"tax_summary": Decimal("-0.10")}),
        ("", "3.81", {}),
    ],
)
def test_the_tax_that_makes_the_total_counts_and_others_are_compared_with_it(
    of_lines: str, of_rate: str, expected: dict[str, Decimal]
) -> None:
    tax = "TAX+7+VAT+++:::19\n" + (f"MOA+124:{of_lines}\n" if of_lines else "")
    summary = f"UNS+S\nMOA+124:3.81\nMOA+77:23.87\nTAX+7+VAT+++:::19\nMOA+124:{of_rate}"
    found = invoice(line(1, "10.03", tax) + line(2, "10.03", tax) + summary)
    assert (found.computed.total.amount, differences(found)) == (Decimal("23.87"), expected)


# ---- totals ----------------------------------------------------------------------------------------------


def test_totals_behind_the_last_line_are_the_messages_without_an_uns() -> None:
    found = invoice(line(1, "100") + line(2, "50") + "MOA+79:150\nMOA+86:151\nTAX+7+VAT\nMOA+124:0")
    assert found.stated.total is not None
    assert found.stated.total.amount == 151
    assert differences(found) == {"stated.total": 1}


def test_a_total_that_every_line_states_is_the_lines() -> None:
    assert invoice(line(1, "100", "MOA+77:120\n") + line(2, "50", "MOA+77:60\n")).stated.total is None


def test_a_total_behind_a_tax_is_still_the_messages() -> None:
    text = f"{line(1, '100')}UNS+S\nTAX+7+VAT+++:::20\nMOA+124:20\nMOA+77:120\nMOA+9:120"
    found = invoice(text)
    assert found.amount_due is not None
    assert found.stated.total is not None
    assert found.amount_due.amount == found.stated.total.amount == 120
    assert found.variances == ()


def test_totals_of_each_rate_are_none_of_the_message() -> None:
    rates = "TAX+7+VAT+++:::20\nMOA+124:20\nMOA+77:120\nTAX+7+VAT+++:::7\nMOA+124:7\nMOA+77:107"
    assert invoice(f"{line(1, '200')}UNS+S\n{rates}").stated.total is None


def test_further_totals_are_compared_too() -> None:
    found = invoice(f"{line(1, '100')}UNS+S\nMOA+77:100\nMOA+86:101\nMOA+39:100")
    assert differences(found) == {"stated.total.MOA86": 1}


@pytest.mark.parametrize(("due", "difference"), [("60", {}), ("61", {"amount_due": 1})])
def test_what_is_due_and_what_is_paid_make_the_total(due: str, difference: dict[str, int]) -> None:
    found = invoice(f"{line(1, '100')}UNS+S\nMOA+113:40\nMOA+9:{due}")
    assert found.amount_due is not None
    assert found.stated.total is None
    assert found.amount_due.amount == int(due)
    assert differences(found) == difference


def test_amounts_of_allowances_and_taxes_are_kept_whether_they_count_or_not() -> None:
    found = invoice(line(1, "100", "PRI+AAA:50\nALC+C++++FC\nMOA+8:3\nMOA+25:7\nTAX+7+VAT\nMOA+125:100\n"))
    kept = {one.name: one.value for one in found.extensions}
    assert kept["lines[1].ALC.MOA.8"] == "3"
    assert kept["lines[1].ALC.MOA.25"] == "7"
    assert kept["lines[1].TAX.MOA.125"] == "100"


# ---- other messages --------------------------------------------------------------------------------------


def test_a_response_states_what_will_be_despatched_beside_what_was_ordered() -> None:
    found = message("ORDRSP", "RFF+ON:PO-1\nLIN+1+3\nQTY+21:120\nQTY+12:100").one(ErpDocument)
    assert found.lines[0].quantity.value == 100


def test_a_place_may_stand_behind_its_quantity() -> None:
    text = "LIN+1++A:SA\nQTY+145:5\nLOC+11+W1\nQTY+145:6\nLOC+11+W2\nLIN+2++B:SA\nLOC+11+W3\nQTY+145:7"
    found = message("INVRPT", text).all(StockSnapshot)
    places = [(one.location, str(one.quantities[0].quantity.value)) for one in found]
    assert places == [("W1", "5"), ("W2", "6"), ("W3", "7")]


def test_a_label_number_is_the_packages() -> None:
    text = "RFF+ON:PO-1\nCPS+1\nPAC+1++201\nPCI+17\nGIN+ML+00340123450000000000\nLIN+1\nQTY+12:5"
    found = message("DESADV", text).one(Shipment)
    assert (found.packages[0].package_id, found.packages[0].sscc) == (
        "340123450000000000",
        "340123450000000000",
    )


def test_an_agency_en_numbers_places() -> None:
    found = outcome_of(
        b"UNB+UNOC:3+A+B+260105:0800+7'UNH+1+ORDERS:D:96A:UN'BGM+220+P'NAD+BY+9900000000011::EN'"
        b"LIN+1'QTY+21:1'PRI+AAA:1'UNT+7+1'UNZ+1+7'"
    ).order
    assert found.parties[0].identifiers[0].scheme == "gln"


# ---- what is taken back ----------------------------------------------------------------------------------

TAKEN_BACK = "LIN+1\nQTY+47:-2\nMOA+203:-200\nPRI+AAA:100\nUNS+S\nMOA+79:-200\nMOA+124:-50\nMOA+77:-250"


@pytest.mark.parametrize("code", ["380", "381"])
def test_a_line_that_is_taken_back_keeps_its_quantity_below_zero(code: str) -> None:
    head = HEAD.replace("380", code)
    found = read(rows_of(head + TAKEN_BACK), "INVOIC").one(Invoice)
    assert (found.lines[0].quantity.value, found.lines[0].net.amount) == (Decimal(-2), Decimal(-200))
    assert found.stated.total is not None
    assert (found.stated.total.amount, found.variances) == (Decimal(-250), ())


@pytest.mark.parametrize(
    ("net", "allowance", "amount", "total"),
    [("-200", "-20", "20", "-180"), ("200", "-20", "-20", "180"), ("-200", "20", "-20", "-220")],
)
def test_an_allowance_on_what_is_taken_back_is_taken_back_too(
    net: str, allowance: str, amount: str, total: str
) -> None:
    head = f"{HEAD}ALC+A++++DI\nMOA+8:{allowance}\n"
    found = read(rows_of(f"{head}LIN+1\nQTY+47:2\nMOA+203:{net}\nUNS+S\nMOA+77:{total}"), "INVOIC").one(
        Invoice
    )
    assert [one.amount.amount for one in found.adjustments] == [Decimal(amount)]
    assert found.variances == ()


@pytest.mark.parametrize(
    ("code", "price", "quantity", "warned"),
    [("61", "PRI+AAA:1.50\n", "-5", True), ("47", "", "-5", True), ("47", "PRI+AAA:-1.50\n", "5", False)],
)
def test_an_amount_below_zero_at_a_price_takes_its_quantity_back(
    code: str, price: str, quantity: str, warned: bool
) -> None:
    outcome = message("INVOIC", f"LIN+1\nQTY+{code}:5\nMOA+203:-7.50\n{price}UNS+S\nMOA+79:-7.50")
    found = outcome.one(Invoice)
    assert (found.lines[0].quantity.value, found.variances) == (Decimal(quantity), ())
    assert ("quantity_taken_back" in outcome.warnings) is warned


def test_an_order_takes_nothing_back() -> None:
    refusal = message("ORDERS", "LIN+1\nQTY+21:-2").refusal
    assert refusal.code is RejectionCode.FIELD_INVALID


def test_an_invoiced_quantity_has_six_decimals() -> None:
    refusal = message("INVOIC", "LIN+1\nQTY+47:1.1234567").refusal
    assert refusal.code is RejectionCode.FIELD_INVALID


# ---- what is due, and taxes by rate ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ("MOA+77:100\nMOA+9:100", {}),
        ("MOA+77:100\nMOA+9:60\nMOA+113:40", {}),
        ("MOA+77:100\nMOA+9:100\nMOA+113:40", {}),
        ("MOA+77:100\nMOA+113:30\nMOA+113:20\nMOA+9:50", {}),
        ("MOA+77:100\nMOA+113:30\nMOA+Z01:20\nMOA+9:50", {}),
        ("MOA+77:100\nMOA+113:30\nMOA+Z01:20\nMOA+9:70", {}),
        ("MOA+77:100\nMOA+113:120\nMOA+9:-20", {}),
        ("MOA+113:30\nMOA+9:60", {"amount_due": Decimal(-10)}),
        ("MOA+77:100\nMOA+9:60\nMOA+113:30", {"amount_due": Decimal(-10)}),
        ("MOA+77:100\nMOA+9:100.01", {"amount_due": Decimal("0.01")}),
        ("MOA+9:100", {}),
    ],
)
def test_what_is_due_and_paid_is_the_total(totals: str, expected: dict[str, Decimal]) -> None:
    assert differences(invoice(line(1, "100") + f"UNS+S\n{totals}")) == expected


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        (("19.00", "5.00"), {}),
        (("19.00", "5.10"), {"tax_summary": Decimal("-0.10")}),
    ],
)
def test_taxes_of_the_rates_are_the_stated_tax(rates: tuple[str, str], expected: dict[str, Decimal]) -> None:
    lines = line(1, "100", "TAX+7+VAT+++:::19\nMOA+124:19\n") + line(
        2, "50", "TAX+7+VAT+++:::10\nMOA+124:5\n"
    )
    groups = f"TAX+7+VAT+++:::19\nMOA+124:{rates[0]}\nTAX+7+VAT+++:::10\nMOA+124:{rates[1]}"
    found = invoice(f"{lines}UNS+S\nMOA+77:174\nMOA+124:24\n{groups}")
    assert differences(found) == expected


@pytest.mark.parametrize(
    ("first", "second", "summary", "expected"),
    [
        ("", "", "TAX+7+VAT+++:::20+S", ("20", "S")),
        ("TAX+7+VAT+++:::20+S\n", "TAX+7+VAT+++:::20+S\n", "", ("20", "S")),
        ("TAX+7+VAT+++:::20\n", "TAX+7+VAT+++:::20\n", "TAX+7+VAT+++:::20", ("20", "unknown")),
        ("TAX+7+VAT+++:::20+S\n", "TAX+7+VAT+++:::10+S\n", "", (None, "S")),
        ("", "", "", (None, "unknown")),
    ],
)
def test_the_whole_tax_has_the_rate_that_all_say(
    first: str, second: str, summary: str, expected: tuple[str | None, str]
) -> None:
    lines = line(1, "100", first) + line(2, "50", second)
    found = invoice(f"{lines}UNS+S\nMOA+77:180\nMOA+124:30\n{summary}")
    (tax,) = found.tax_summary
    rate = None if tax.rate_percent is None else str(tax.rate_percent)
    assert ((rate, tax.category.value), tax.amount.amount, found.variances) == (expected, Decimal(30), ())
