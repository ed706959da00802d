"""Damaged storefront payloads are read or refused, never anything else, and their sums still hold."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import AdjustmentKind, Order
from crossdock.formats.registry import FORMATS
from tests.kit.damage import damaged, json_seeds
from tests.kit.shop_reading import PROFILE, record

QUICK = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
ORDER_FORMATS = ("canonical_json", "shopify_order", "woocommerce_order")
SEEDS = json_seeds(*ORDER_FORMATS)
UNREADABLE = ("envelope_broken", "encoding_invalid")


def assert_sums(order: Order) -> None:
    reductions = {AdjustmentKind.DISCOUNT, AdjustmentKind.ALLOWANCE}
    adjustments = [one for line in order.lines for one in line.adjustments] + list(order.adjustments)
    taxes = [tax for line in order.lines for tax in line.tax_lines]
    taxes += [tax for one in adjustments for tax in one.tax_lines]
    taken_off = sum((one.amount.amount for one in adjustments if one.kind in reductions), Decimal(0))
    extended = sum((line.extended.amount for line in order.lines), Decimal(0))
    assert order.computed.subtotal.amount == extended
    assert sum((line.net.amount for line in order.lines), Decimal(0)) == extended + taken_off
    added = sum((tax.amount.amount for tax in taxes if not tax.is_included), Decimal(0))
    charged = sum((one.amount.amount for one in adjustments), Decimal(0))
    assert order.computed.total.amount == extended + charged + added
    for one in order.adjustments:
        parts = sum((part.amount.amount for part in one.allocations), Decimal(0))
        assert parts == one.amount.amount or not one.allocations
    for variance in order.variances:
        assert variance.difference == variance.stated - variance.computed != 0


@QUICK
@given(damaged(SEEDS))
def test_a_damaged_payload_is_read_or_refused_and_adds_up(case: tuple[str, bytes]) -> None:
    name, data = case
    raw = record(data)
    FORMATS[name].key(raw)
    try:
        reading = FORMATS[name].read(raw, PROFILE)
    except Rejected:
        return
    (order,) = reading.entities
    assert isinstance(order, Order)
    assert order.currency
    assert_sums(order)
    assert FORMATS[name].read(raw, PROFILE) == reading


@QUICK
@given(st.sampled_from(ORDER_FORMATS), st.binary(max_size=200))
def test_arbitrary_bytes_are_refused(name: str, data: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        FORMATS[name].read(record(data), PROFILE)
    assert refused.value.code in {*UNREADABLE, "id_missing", "field_invalid", "currency_missing"}
