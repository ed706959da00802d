"""Percentages of X12 and EDIFACT that an amount explains."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.models import AdjustmentKind
from crossdock.formats.edi.percentages import Place, Share, explained
from crossdock.formats.order_draft import NOTHING, AdjustmentDraft

CENT = Decimal("0.01")
amounts = st.decimals(Decimal("0.50"), Decimal(99_999), places=2)
percentages = st.decimals(Decimal("0.5"), Decimal(60), places=2)


def share(percentage: Decimal) -> Share:
    return Share(-percentage / 100, AdjustmentDraft(AdjustmentKind.DISCOUNT, is_charge=False, amount=NOTHING))


@settings(max_examples=80)
@given(st.lists(st.tuples(amounts, percentages), max_size=4), st.lists(percentages, min_size=1, max_size=1))
def test_what_explains_a_difference_sums_to_it(
    lines: list[tuple[Decimal, Decimal]], whole: list[Decimal]
) -> None:
    places = [Place(amount, [share(percentage)]) for amount, percentage in lines]
    goods = sum((amount for amount, _ in lines), Decimal(0)) + 1000
    parts = [(-amount * percentage / 100).quantize(CENT, "ROUND_HALF_UP") for amount, percentage in lines]
    left = goods + sum(parts, Decimal(0))
    parts.append((-left * whole[0] / 100).quantize(CENT, "ROUND_HALF_UP"))
    difference = sum(parts, Decimal(0))
    found = explained(places, Place(goods, [share(one) for one in whole]), difference, "EUR")
    assert [[one.amount.shop for one in place] for place in found] == [[part] for part in parts]
    too_much = difference - CENT * (len(parts) + 1)
    assert explained(places, Place(goods, [share(one) for one in whole]), too_much, "EUR") == []


def test_nothing_explains_no_difference() -> None:
    assert explained([], Place(Decimal(100), [share(Decimal(5))]), Decimal(0), "EUR") == []
    assert explained([], Place(Decimal(100), []), Decimal(-5), "EUR") == []


def test_a_currency_without_minor_units_has_whole_parts() -> None:
    (found,) = explained([], Place(Decimal(1234), [share(Decimal(5))]), Decimal(-62), "JPY")
    assert [one.amount.shop for one in found] == [Decimal(-62)]
