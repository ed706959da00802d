"""Allowances, charges, taxes and stated totals."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.errors import RejectionCode
from crossdock.canonical.models import Order
from tests.kit.edi_reading import Outcome
from tests.kit.x12_reading import outcome_of
from tests.kit.x12_writer import one_set, rows

BEG = "BEG*00*SA*4500000001**20260105"
LINES = ["PO1*1*10*EA*10", "PO1*2*10*EA*30"]


def outcome(*segments: str) -> Outcome:
    return outcome_of(one_set(rows("\n".join([BEG, *segments]))))


def order(*segments: str) -> Order:
    return outcome(*segments).order


@pytest.mark.parametrize(
    ("sac", "kind", "amount", "total"),
    [
        ("SAC*C*D240***1250", "shipping", "12.50", "412.50"),
        ("SAC*C*G821***1250", "shipping", "12.50", "412.50"),
        ("SAC*C*ZZZZ***1250", "surcharge", "12.50", "412.50"),
        ("SAC*A*C310***1250", "discount", "-12.50", "387.50"),
        ("SAC*A*ZZZZ***1250", "allowance", "-12.50", "387.50"),
        ("SAC*P*F800***1250", "allowance", "-12.50", "387.50"),
        ("SAC*C*D980***5", "fee", "0.05", "400.05"),
        ("SAC*C*D240****** 2.50**5", "shipping", "12.50", "412.50"),
        ("SAC*C*D240***-1250", "shipping", "-12.50", "387.50"),
        ("sac*c*d240***1250", "shipping", "12.50", "412.50"),
    ],
)
def test_amounts_have_two_implied_decimals_and_our_sign(sac: str, kind: str, amount: str, total: str) -> None:
    found = order(sac.replace("****** 2.50**5", "******2.50**5"), *LINES)
    (adjustment,) = found.adjustments
    assert (adjustment.kind, adjustment.amount.amount) == (kind, Decimal(amount))
    assert found.computed.total.amount == Decimal(total)


@pytest.mark.parametrize(
    ("segments", "total", "of_order", "of_lines"),
    [
        (["SAC*A*C310****6*2", *LINES], "392", ["-8"], [[], []]),
        (["SAC*A*C310***0*6*2", *LINES], "392", ["-8"], [[], []]),
        (["SAC*C*D240****Z*1.5", *LINES], "406", ["6"], [[], []]),
        (["SAC*A*C310****6*10", "SAC*A*F800****7*5", *LINES], "342", ["-40", "-18"], [[], []]),
        (["SAC*A*C310****6*10", "SAC*C*D240***1000", *LINES], "370", ["10", "-40"], [[], []]),
        ([LINES[0], "SAC*A*C310****6*10", LINES[1]], "390", [], [["-10"], []]),
        ([LINES[0], "SAC*A*C310****6*3.333", LINES[1]], "396.67", [], [["-3.33"], []]),
        (["SAC*A*C310****6*2", LINES[0], "SAC*A*F800****6*10", LINES[1]], "382.2", ["-7.8"], [["-10"], []]),
    ],
)
def test_percentages_that_give_the_total_are_allowances(
    segments: list[str], total: str, of_order: list[str], of_lines: list[list[str]]
) -> None:
    found = outcome(*segments, "CTT*2", f"AMT*TT*{total}")
    order = found.order
    assert (order.computed.total.amount, order.variances) == (Decimal(total), ())
    assert [one.amount.amount for one in order.adjustments] == [Decimal(one) for one in of_order]
    amounts = [[one.amount.amount for one in line.adjustments] for line in order.lines]
    assert amounts == [[Decimal(one) for one in line] for line in of_lines]
    assert "charge_not_counted" not in found.warnings


@pytest.mark.parametrize(
    ("sac", "amt"),
    [
        ("SAC*A*C310****6*2", []),
        ("SAC*A*C310****6*2", ["AMT*TT*400"]),
        ("SAC*A*C310****6*2", ["AMT*TT*392.01"]),
        ("SAC*A*C310****6*2*****01", ["AMT*TT*392"]),
        ("SAC*N*C310****6*2", ["AMT*TT*392"]),
        ("SAC*A*C310****6*2%", ["AMT*TT*392"]),
    ],
)
def test_percentages_that_do_not_give_it_change_no_sum(sac: str, amt: list[str]) -> None:
    found = outcome(sac, *LINES, "CTT*2", *amt)
    assert (found.order.computed.total.amount, found.order.adjustments) == (Decimal(400), ())
    assert "charge_not_counted" in found.warnings


@pytest.mark.parametrize(
    ("of_line", "of_order"), [("SAC*A*C310***1000", "SAC*A*C310***2000"), ("TXI*ST*3", "TXI*ST*6")]
)
@pytest.mark.parametrize("times", [1, 2])
def test_what_only_totals_the_lines_counts_once_unless_the_total_counts_it_twice(
    of_line: str, of_order: str, times: int
) -> None:
    part = Decimal(-20) if of_line.startswith("SAC") else Decimal(6)
    total = Decimal(400) + times * part
    found = outcome(of_order, LINES[0], of_line, LINES[1], of_line, "CTT*2", f"AMT*TT*{total}")
    assert (found.order.computed.total.amount, found.order.variances) == (total, ())
    assert ("charge_repeated" in found.warnings) is (times == 1)


def test_an_order_allowance_is_allocated_to_the_lines() -> None:
    found = order("SAC*A*C310***1000", *LINES)
    assert [one.net.amount for one in found.lines] == [Decimal("97.50"), Decimal("292.50")]


def test_a_charge_under_a_line_is_the_lines() -> None:
    found = order(LINES[0], "SAC*A*C310***1000", LINES[1])
    assert found.adjustments == ()
    assert [[a.amount.amount for a in one.adjustments] for one in found.lines] == [[Decimal(-10)], []]
    assert found.computed.total.amount == Decimal(390)


@pytest.mark.parametrize(
    ("sac", "words"),
    [
        ("SAC*C*H750", "no amount"),
        ("SAC*A*C310****Z*5", "no amount"),
        ("SAC*N*C310***1000", "neither A"),
        ("SAC*C*D240***1000*******01", "bill back"),
        ("SAC*C*D240***1000*******05", "paid by the vendor"),
        ("SAC*C*D240***1000*******15", "information only"),
    ],
)
def test_what_states_no_amount_of_this_order_changes_no_sum_and_is_reported(sac: str, words: str) -> None:
    found = outcome(sac, *LINES)
    assert found.order.computed.total.amount == Decimal(400)
    assert found.warnings == {"charge_not_counted"}
    assert words in found.readings[0].warnings[0].detail
    assert any(extension.name == "SAC" for extension in found.order.extensions)


def test_a_decimal_point_where_decimals_are_implied_is_read_as_written_and_reported() -> None:
    found = outcome("SAC*C*D240***12.50", *LINES)
    assert found.order.computed.shipping.amount == Decimal("12.50")
    assert found.warnings == {"implied_decimals_written"}


def test_a_negative_allowance_is_an_allowance_and_reported() -> None:
    found = outcome("SAC*A*C310***-1000", *LINES)
    assert found.order.computed.discount.amount == Decimal(-10)
    assert found.warnings == {"allowance_sign"}


def test_an_unreadable_charge_is_refused_at_its_amount() -> None:
    (found,) = outcome("SAC*C*D240***12,5O", *LINES).refusals
    assert (found.code, found.path.endswith("SAC/SAC05")) == (RejectionCode.AMOUNT_UNPARSABLE, True)


def test_taxes_of_order_and_line_enter_the_total() -> None:
    found = order("SAC*C*H850***800", "TXI*ST*2.00*5*SP*IL", LINES[0], "TXI*ST*1.50", LINES[1])
    assert found.computed.tax.amount == Decimal("11.50")
    assert found.computed.total.amount == Decimal("411.50")
    assert any(
        tax.jurisdiction == "IL" and tax.rate_percent == 5 for one in found.lines for tax in one.tax_lines
    )


def test_a_tax_rate_without_amount_changes_no_sum_and_is_reported() -> None:
    found = outcome("TXI*ST**5", *LINES)
    assert (found.order.computed.tax.amount, found.warnings) == (Decimal(0), {"tax_not_counted"})


@pytest.mark.parametrize("where", ["summary", "no_ctt", "header"])
@pytest.mark.parametrize(
    ("amt", "expected"),
    [
        ("AMT*TT*400.00", []),
        ("AMT*TT*399.99", [("order_total", Decimal("-0.01"), True)]),
        ("AMT*TT*500", [("order_total", Decimal(100), False)]),
        ("AMT*1*390", [("subtotal", Decimal(-10), False)]),
    ],
)
def test_stated_totals_are_kept_and_compared(
    where: str, amt: str, expected: list[tuple[str, Decimal, bool]]
) -> None:
    layouts = {"summary": [*LINES, "CTT*2", amt], "no_ctt": [*LINES, amt], "header": [amt, *LINES]}
    found = order(*layouts[where])
    assert [(v.code.value, v.difference, v.is_within) for v in found.variances] == expected
    assert found.computed.total.amount == Decimal(400)


def test_a_second_total_that_differs_is_a_variance_too() -> None:
    found = order(*LINES, "CTT*2", "AMT*TT*400", "AMT*TT*401")
    assert [(v.subject, v.difference) for v in found.variances] == [("stated.total#2", Decimal(1))]


def test_other_amounts_are_kept() -> None:
    found = order(*LINES, "CTT*2", "AMT*GV*999")
    assert ("AMT.GV", "GV*999") in [(extension.name, extension.value) for extension in found.extensions]
