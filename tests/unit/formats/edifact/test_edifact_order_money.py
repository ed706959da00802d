"""Prices, allowances, taxes and totals of ORDERS."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.models import Order
from tests.kit.edi_reading import Outcome
from tests.kit.edifact_reading import outcome_of, read, rows_of
from tests.kit.edifact_writer import Interchange, Message, payload

HEAD = """
BGM+220+PO-1+9
DTM+137:20260105:102
"""
LINE = """
LIN+1++2000000000015:EN
QTY+21:10
"""


def order_of(text: str) -> Outcome:
    return read(rows_of(text))


def line_of(text: str) -> Outcome:
    return order_of(HEAD + LINE + text)


def figures(order: Order) -> dict[str, object]:
    return {f"{one.code}:{one.subject}": (one.stated, one.computed) for one in order.variances}


# ---- lines: prices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "extended", "basis"),
    [
        ("PRI+AAA:2.50", "25", "unit"),
        ("PRI+AAA:250:::100", "25", "per_n"),
        ("PRI+AAA:250:::100:PCE", "25", "per_n"),
        ("PRI+AAB:2.50", "25", "unit"),
        ("PRI+CAL:2.50", "25", "unit"),
        ("MOA+203:25", "25", "extended"),
        ("MOA+66:25", "25", "extended"),
        ("PRI+AAE:9:::1\nPRI+AAA:2.50", "25", "unit"),
        ("PRI+AAA:9::SRP", "0", "unknown"),
        ("PRI+INF:9", "0", "unknown"),
        ("", "0", "unknown"),
    ],
)
def test_the_line_amount_follows_from_price_and_basis(text: str, extended: str, basis: str) -> None:
    (line,) = line_of(text).order.lines
    assert (line.extended.amount, line.price_basis) == (Decimal(extended), basis)


def test_a_line_without_a_price_is_demand() -> None:
    assert "price_missing" in line_of("").warnings


def test_a_price_per_another_unit_is_converted_where_a_factor_is_exact() -> None:
    (line,) = order_of(HEAD + "LIN+1\nQTY+21:2500:GRM\nPRI+AAA:4:::1:KGM").order.lines
    assert (line.extended.amount, line.price_basis) == (Decimal(10), "per_n")
    (line,) = order_of(HEAD + "LIN+1\nQTY+21:2:CT\nPRI+AAA:1.50:::1:PCE").order.lines
    assert line.extended.amount == Decimal(36)
    (line,) = order_of(HEAD + "LIN+1\nQTY+21:2:CT\nPRI+AAA:15:::1:CT").order.lines
    assert line.extended.amount == Decimal(30)


def test_a_price_per_another_kind_of_unit_needs_the_line_amount() -> None:
    outcome = line_of("MOA+203:699.84\nPRI+AAA:14.58:::1:KGM")
    assert outcome.order.lines[0].extended.amount == Decimal("699.84")
    assert "price_unit_differs" in outcome.warnings
    refusal = line_of("PRI+AAA:14.58:::1:KGM").refusal
    assert (refusal.code, refusal.path.endswith("PRI/PRI01.6")) == ("field_invalid", True)


def test_a_price_basis_of_zero_is_refused() -> None:
    assert line_of("PRI+AAA:1:::0").refusal.path.endswith("PRI/PRI01.5")


def test_a_stated_line_amount_is_carried_and_compared() -> None:
    order = line_of("MOA+203:26\nPRI+AAA:2.50").order
    assert order.lines[0].extended.amount == 26
    assert figures(order) == {"line_extension:1": (Decimal(26), Decimal(25))}


# ---- allowances, charges, taxes --------------------------------------------------------------------------


def test_allowances_follow_a_gross_price() -> None:
    order = line_of("MOA+203:24\nPRI+AAA:2.40\nPRI+AAB:2.50\nALC+A++++DI\nPCD+1:4\nMOA+204:1").order
    (line,) = order.lines
    assert (line.extended.amount, line.net.amount) == (Decimal(25), Decimal(24))
    assert (line.adjustments[0].kind, line.adjustments[0].amount.amount) == ("discount", Decimal(-1))
    assert order.variances == ()


def test_a_net_amount_that_the_allowances_do_not_give_is_told() -> None:
    order = line_of("MOA+203:20\nPRI+AAB:2.50\nALC+A++++DI\nMOA+8:1").order
    assert figures(order) == {"net_amount:1": (Decimal(20), Decimal(24))}


def test_a_net_price_includes_its_allowances() -> None:
    outcome = line_of("MOA+203:25\nPRI+AAA:2.50\nALC+A++++DI\nMOA+8:1")
    assert outcome.order.computed.total.amount == 25
    assert "charge_in_net_price" in outcome.warnings


def test_unless_the_line_amount_shows_that_it_does_not() -> None:
    order = line_of("MOA+203:24\nPRI+AAA:2.50\nALC+A++++DI\nMOA+8:1").order
    assert (int(order.computed.total.amount), len(order.variances)) == (24, 0)


def test_charges_of_the_header_and_their_tax() -> None:
    order = order_of(
        HEAD + "ALC+C++++FC\nMOA+23:10\nTAX+7+VAT+++:::19+S\nMOA+124:1.90" + LINE + "PRI+AAA:1"
    ).order
    (freight,) = order.adjustments
    assert (freight.kind, freight.amount.amount) == ("shipping", Decimal(10))
    assert freight.tax_lines[0].rate_percent == 19
    assert order.computed.total.amount == Decimal("21.90")


def test_a_charge_of_the_summary_counts_where_only_it_is_stated() -> None:
    text = "PRI+AAA:1\nUNS+S\nMOA+39:15\nALC+C++++ABG\nMOA+8:5"
    assert line_of(text).order.computed.total.amount == 15
    twice = order_of(HEAD + "ALC+C++++ABG\nMOA+8:5" + LINE + text).order
    assert (int(twice.computed.total.amount), len(twice.variances)) == (15, 0)


@pytest.mark.parametrize(
    ("text", "total", "of_order", "of_line"),
    [
        ("ALC+A++++DI\nPCD+1:5" + LINE + "PRI+AAA:10", "95", ["-5"], []),
        (LINE + "PRI+AAB:10\nALC+A++++DI\nPCD+1:5", "95", [], ["-5"]),
        ("ALC+A\nPCD+1:5" + LINE + "PRI+AAB:10\nALC+A\nPCD+1:10", "85.50", ["-4.50"], ["-10"]),
    ],
)
def test_percentages_that_give_the_total_are_allowances(
    text: str, total: str, of_order: list[str], of_line: list[str]
) -> None:
    outcome = order_of(HEAD + text + f"\nUNS+S\nMOA+86:{total}")
    order = outcome.order
    assert [one.amount.amount for one in order.adjustments] == [Decimal(one) for one in of_order]
    assert [one.amount.amount for one in order.lines[0].adjustments] == [Decimal(one) for one in of_line]
    assert (order.computed.total.amount, order.variances) == (Decimal(total), ())
    assert "charge_not_counted" not in outcome.warnings


@pytest.mark.parametrize(
    ("percentage", "total"), [("5", "100"), ("5", "95.01"), ("5", "94.99"), ("5%", "95"), ("", "95")]
)
def test_percentages_that_do_not_give_it_change_no_sum(percentage: str, total: str) -> None:
    outcome = order_of(f"{HEAD}ALC+A\nPCD+1:{percentage}{LINE}PRI+AAA:10\nUNS+S\nMOA+86:{total}")
    assert (outcome.order.computed.total.amount, outcome.order.adjustments) == (Decimal(100), ())
    assert "charge_not_counted" in outcome.warnings


@pytest.mark.parametrize("alc", ["ALC+A++++DI\nPCD+1:5", "ALC+N\nMOA+8:5", "ALC+C++1\nMOA+8:5"])
def test_what_states_no_amount_of_this_order_changes_no_sum(alc: str) -> None:
    outcome = order_of(HEAD + alc + LINE + "PRI+AAA:1")
    assert outcome.order.computed.total.amount == 10
    assert "charge_not_counted" in outcome.warnings


def test_taxes_of_lines_and_of_the_summary() -> None:
    order = line_of("PRI+AAA:1\nTAX+7+VAT+++:::19+S\nMOA+124:1.90\nUNS+S\nMOA+176:1.90\nMOA+86:11.90").order
    assert (order.lines[0].tax_lines[0].category, order.computed.tax.amount) == ("S", Decimal("1.90"))
    assert order.variances == ()
    only_total = line_of("PRI+AAA:1\nUNS+S\nMOA+176:1.90\nMOA+86:11.90").order
    assert (only_total.computed.total.amount, only_total.variances) == (Decimal("11.90"), ())


# ---- totals ----------------------------------------------------------------------------------------------


def test_totals_and_counts_are_compared() -> None:
    order = line_of("PRI+AAA:1\nUNS+S\nMOA+79:11\nMOA+86:12\nMOA+9:13\nCNT+2:3\nCNT+1:9").order
    assert figures(order) == {
        "subtotal:stated.subtotal": (11, 10),
        "order_total:stated.total": (12, 10),
        "order_total:stated.total.MOA9": (13, 10),
        "line_count:line_count": (3, 1),
        "quantity_total:quantity_total": (9, 10),
    }


def test_the_lines_total_is_after_their_allowances() -> None:
    text = "MOA+203:24\nPRI+AAB:2.50\nALC+A++++DI\nMOA+8:1\nUNS+S\nMOA+79:{}"
    assert line_of(text.format("24")).order.variances == ()
    assert figures(line_of(text.format("25")).order) == {"subtotal:MOA.79": (25, 24)}


def test_two_witnesses_of_a_loss_refuse() -> None:
    rows = rows_of(HEAD + LINE + "PRI+AAA:1\nUNS+S\nCNT+2:2")
    outcome = outcome_of(payload(Interchange((Message(rows, count=12),))))
    assert outcome.refusal.code == "control_total_mismatch"
    rows.insert(-1, ["MOA", ["86", "10"]])
    assert outcome_of(payload(Interchange((Message(rows, count=13),)))).order.order_id == "PO-1"
