"""Sums, allocations and variances of any order, whatever format it came from."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import (
    AdjustmentKind,
    Change,
    Order,
    RevisionKind,
    TaxMode,
    VarianceCode,
)
from crossdock.formats.order_arithmetic import finish_order, reading_of
from crossdock.formats.order_draft import (
    AdjustmentDraft,
    LineDraft,
    OrderDraft,
    Pair,
    RevisionMark,
    StatedDraft,
    StatedFigure,
    TaxDraft,
    both,
)
from crossdock.formats.times import at_instant
from tests.kit.shop_reading import PROFILE, differences, profile, record

WHEN = at_instant(datetime(2026, 1, 5, 8, tzinfo=UTC), "Europe/Berlin")
FIRST = RevisionMark(RevisionKind.COUNTER, "00000000000000000001")


def euro(text: str) -> Pair:
    return both(Decimal(text))


def draft(*lines: LineDraft, **changes: Any) -> OrderDraft:
    fields: dict[str, Any] = {
        "system": "test",
        "object_type": "order",
        "order_id": "A-1",
        "change": Change.CREATED,
        "occurred": WHEN,
        "placed": WHEN,
        "currency": "EUR",
        "tax_mode": TaxMode.EXCLUSIVE,
        "lines": list(lines),
    }
    return OrderDraft(**(fields | changes))


def finished(order: OrderDraft, **profile_changes: object) -> Order:
    return finish_order(order, profile(**profile_changes) if profile_changes else PROFILE, record(b""), FIRST)


def goods(line_id: str, extended: str, **changes: Any) -> LineDraft:
    return LineDraft(line_id, Decimal(1), extended=euro(extended), **changes)


def said(*figures: str) -> StatedDraft:
    subtotal, shipping, discount, tax, total = [euro(figure) for figure in figures]
    return StatedDraft(subtotal, shipping, discount, tax, total)


def parts(order: Order, index: int = 0) -> dict[str, str]:
    return {part.line_id: str(part.amount.amount) for part in order.adjustments[index].allocations}


# ---- allocations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "amount", "expected"),
    [
        ({"1": "10", "2": "10", "3": "10"}, "-10.00", {"1": "-3.34", "2": "-3.33", "3": "-3.33"}),
        ({"b": "10", "a": "10"}, "-0.01", {"a": "-0.01"}),
        ({"1": "1", "2": "99"}, "10.00", {"1": "0.10", "2": "9.90"}),
        ({"1": "1", "2": "2"}, "0.05", {"1": "0.01", "2": "0.04"}),
        ({"1": "0", "2": "0"}, "5.00", {"1": "5.00"}),
        ({"1": "7"}, "-3.333", {"1": "-3.333"}),
        ({"1": "-5", "2": "10"}, "1.00", {"2": "1.00"}),
        ({"1": "10", "2": "20"}, "0.00", {}),
    ],
)
def test_an_allocation_sums_to_the_last_unit_and_the_largest_takes_the_rest(
    lines: dict[str, str], amount: str, expected: dict[str, str]
) -> None:
    adjustment = AdjustmentDraft(AdjustmentKind.DISCOUNT, Decimal(amount) >= 0, euro(amount))
    order = finished(draft(*[goods(one, value) for one, value in lines.items()], adjustments=[adjustment]))
    assert parts(order) == expected


def test_yen_are_allocated_in_whole_yen_and_each_currency_for_itself() -> None:
    lines = [LineDraft(str(n), Decimal(1), extended=Pair(Decimal(1000), Decimal("9.99"))) for n in (1, 2, 3)]
    discount = AdjustmentDraft(AdjustmentKind.DISCOUNT, False, Pair(Decimal(-100), Decimal("-1.00")))
    order = finished(draft(*lines, currency="JPY", presentment_currency="USD", adjustments=[discount]))
    assert [
        (str(one.amount.amount), str(one.amount.presentment_amount))
        for one in order.adjustments[0].allocations
    ] == [("-34", "-0.34"), ("-33", "-0.33"), ("-33", "-0.33")]


def test_the_sources_allocations_are_kept_where_they_sum_up() -> None:
    stated = (("1", euro("-1.00")), ("2", euro("-2.00")))
    kept = AdjustmentDraft(AdjustmentKind.DISCOUNT, False, euro("-3.00"), allocations=stated)
    wrong = AdjustmentDraft(AdjustmentKind.DISCOUNT, False, euro("-4.00"), allocations=stated)
    order = finished(draft(goods("1", "10"), goods("2", "10"), adjustments=[kept, wrong]))
    assert parts(order) == {"1": "-1.00", "2": "-2.00"}
    assert parts(order, 1) == {"1": "-2.00", "2": "-2.00"}


def test_only_discounts_on_goods_lower_the_net() -> None:
    adjustments = [
        AdjustmentDraft(AdjustmentKind.DISCOUNT, False, euro("-2.00")),
        AdjustmentDraft(AdjustmentKind.SHIPPING, True, euro("5.00")),
        AdjustmentDraft(AdjustmentKind.SHIPPING, False, euro("-5.00")),
        AdjustmentDraft(AdjustmentKind.FEE, True, euro("1.00")),
    ]
    line = goods("1", "20.00", adjustments=[AdjustmentDraft(AdjustmentKind.ALLOWANCE, False, euro("-1.00"))])
    order = finished(draft(line, adjustments=adjustments))
    assert str(order.lines[0].net.amount) == "17.00"
    computed = order.computed
    assert [
        str(one.amount) for one in (computed.subtotal, computed.shipping, computed.discount, computed.total)
    ] == ["20.00", "5.00", "-8.00", "18.00"]


# ---- taxes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "is_included", "total"),
    [
        (TaxMode.EXCLUSIVE, None, "11.90"),
        (TaxMode.INCLUSIVE, None, "10.00"),
        (TaxMode.UNKNOWN, None, "11.90"),
        (TaxMode.EXCLUSIVE, True, "10.00"),
        (TaxMode.INCLUSIVE, False, "11.90"),
    ],
)
def test_a_tax_counts_once(mode: TaxMode, is_included: bool | None, total: str) -> None:
    line = goods("1", "10.00", taxes=[TaxDraft(euro("1.90"), is_included=is_included)])
    order = finished(draft(line, tax_mode=mode))
    assert (str(order.computed.tax.amount), str(order.computed.total.amount)) == ("1.90", total)


def test_an_order_tax_is_split_over_the_lines_without_loss() -> None:
    order = finished(draft(goods("1", "10"), goods("2", "20"), taxes=[TaxDraft(euro("1.00"), Decimal(7))]))
    assert [[str(tax.amount.amount) for tax in line.tax_lines] for line in order.lines] == [
        ["0.33"],
        ["0.67"],
    ]
    assert order.lines[0].tax_lines[0].rate_percent == 7


# ---- variances -------------------------------------------------------------------------------------------


def test_an_equal_figure_makes_no_variance_and_an_absent_one_is_not_compared() -> None:
    assert finished(draft(goods("1", "10.00"))).variances == ()
    exact = said("10", "0", "0", "0", "10")
    assert finished(draft(goods("1", "10.00"), stated=exact)).variances == ()


def test_each_stated_figure_has_its_own_variance() -> None:
    stated = said("11", "1", "2", "3", "12.5")
    stated.line_count, stated.quantity_total = Decimal(2), Decimal(4)
    order = finished(draft(goods("1", "10.00"), stated=stated))
    assert differences(order) == {
        ("subtotal", "stated.subtotal"): "1.00",
        ("shipping", "stated.shipping"): "1.00",
        ("discount", "stated.discount"): "2.00",
        ("tax_total", "stated.tax"): "3.00",
        ("order_total", "stated.total"): "2.50",
        ("line_count", "line_count"): "1",
        ("quantity_total", "quantity_total"): "3",
    }
    for one in order.variances:
        assert one.difference == one.stated - one.computed


@pytest.mark.parametrize("sign", [1, -1])
def test_a_discount_is_compared_by_what_was_taken_off(sign: int) -> None:
    line = goods("1", "10.00", adjustments=[AdjustmentDraft(AdjustmentKind.DISCOUNT, False, euro("-2.00"))])
    stated = StatedDraft(discount=both(Decimal(2) * sign))
    order = finished(draft(line, stated=stated))
    assert order.variances == ()
    assert order.stated.discount is not None
    assert order.stated.discount.amount == 2 * sign


@pytest.mark.parametrize(
    ("lines", "error", "is_within"),
    [(1, "0.01", True), (1, "0.02", False), (4, "0.02", True), (4, "-0.02", True), (4, "0.03", False)],
)
def test_the_tolerance_grows_with_the_lines(lines: int, error: str, is_within: bool) -> None:
    stated = StatedDraft(total=both(Decimal(lines) + Decimal(error)))
    order = finished(draft(*[goods(str(n), "1.00") for n in range(lines)], stated=stated))
    assert [one.is_within for one in order.variances] == [is_within]


def test_the_profiles_tolerance_applies() -> None:
    wide = {"order_total": {"per_line": "0", "floor": "5.00"}}
    order = finished(draft(goods("1", "10.00"), stated=StatedDraft(total=euro("14.00"))), tolerances=wide)
    assert [(str(one.tolerance), one.is_within) for one in order.variances] == [("5.00", True)]


@pytest.mark.parametrize(
    ("line", "expected", "difference"),
    [
        (("1.25", "4", "1", None), "5.00", None),
        (("33.33", "250", "100", None), "83.325", None),
        (("0.333333", "3", "1", None), "1.00", "-0.000001"),
        (("1.00005", "1", "1", None), "1.00", "0.00005"),
        (("1.25", "4", "1", "5.00"), "5.00", None),
        (("1.25", "4", "1", "4.99"), "4.99", "-0.01"),
    ],
)
def test_an_extension_is_carried_or_computed_once_and_its_rounding_is_told(
    line: tuple[str, str, str, str | None], expected: str, difference: str | None
) -> None:
    price, quantity, per, extended = line
    built = LineDraft("1", Decimal(quantity), unit_price=euro(price), price_per=Decimal(per))
    built.extended = None if extended is None else euro(extended)
    order = finished(draft(built))
    assert order.lines[0].extended.amount == Decimal(expected)
    told = {} if difference is None else {("line_extension", "1"): Decimal(difference)}
    assert {place: Decimal(one) for place, one in differences(order).items()} == told


def test_other_figures_are_compared_with_the_sum_they_mean() -> None:
    line = goods("1", "10.00", adjustments=[AdjustmentDraft(AdjustmentKind.DISCOUNT, False, euro("-2.00"))])
    stated = StatedDraft(subtotal=euro("8.00"), subtotal_measure="goods_net")
    stated.others.append(StatedFigure(VarianceCode.SUBTOTAL, "before", euro("10.50"), "subtotal"))
    assert differences(finished(draft(line, stated=stated))) == {("subtotal", "before"): "0.50"}


# ---- what the order says ---------------------------------------------------------------------------------


def test_counts_and_profile_facts_stand_in_the_order() -> None:
    order = finished(draft(LineDraft("1", Decimal("2.5"), unit="KGM", extended=euro("1")), goods("2", "1")))
    assert (order.line_count, str(order.quantity_total)) == (2, "3.5")
    assert (order.commitment, order.fulfilled_by, order.rounding) == ("sold", "seller", "per_line_half_up")
    assert (order.key, order.tenant, order.source.account) == ("acme/shop/A-1", "acme", "shop")


def test_more_fulfilled_and_cancelled_than_ordered_is_kept_and_told() -> None:
    moves = ((2, 0), (1, 1), (3, 0), (2, 1), (0, 3))
    lines = [
        LineDraft(str(at), Decimal(2), fulfilled=Decimal(fulfilled), cancelled=Decimal(cancelled))
        for at, (fulfilled, cancelled) in enumerate(moves)
    ]
    order = finished(draft(*lines))
    assert [int(line.fulfilled_reported.value) for line in order.lines] == [moved for moved, _ in moves]
    assert [(one.code, one.path) for one in reading_of(order).warnings] == [
        ("fulfilled_above_ordered", f"Order.lines.{at}.fulfilled_reported") for at in (2, 3, 4)
    ]


def test_a_figure_beyond_the_model_is_a_refusal() -> None:
    with pytest.raises(Rejected) as refused:
        finished(draft(goods("1", "99999999999999"), goods("2", "99999999999999")))
    assert refused.value.code == "field_invalid"


def test_the_digest_ignores_capture_and_sees_content() -> None:
    def digest(order: OrderDraft, at: bytes = b"x") -> bytes:
        return reading_of(finish_order(order, PROFILE, record(at, key=b"acme/shop/o:1"), FIRST)).digest

    plain = digest(draft(goods("1", "10.00")))
    assert digest(draft(goods("1", "10"), notes="ours", change=Change.UPDATED)) == plain
    assert digest(draft(goods("1", "10.01"))) != plain
    reading = reading_of(finished(draft(goods("1", "10.00"))))
    assert reading.revision.content_sha256 == reading.digest.hex()
    assert reading.entities[0].revision == reading.revision
