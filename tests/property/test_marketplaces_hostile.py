"""Damaged payloads of eBay, Walmart, BigCommerce and Square are read or refused, and orders still add up."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order
from crossdock.formats.registry import FORMATS
from tests.kit.damage import damaged, json_seeds
from tests.kit.shop_reading import PROFILE, record

QUICK = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = (
    *("ebay_order", "walmart_order", "walmart_inventory", "walmart_return", "bigcommerce_order"),
    *("bigcommerce_webhook", "square_order", "square_inventory", "square_refund", "square_payout"),
)


def seeds() -> list[tuple[str, Any]]:
    """Each document of the examples alone: pages are cut apart first."""
    found = []
    for name, document in json_seeds(*NAMES):
        split = FORMATS[name].split
        raw = record(document)
        parts = [raw.value] if split is None else [part.value for part in split(raw, PROFILE).parts]
        found += [(name, json.loads(part or b"")) for part in parts]
    return found


def assert_total(order: Order) -> None:
    adjustments = [one for line in order.lines for one in line.adjustments] + list(order.adjustments)
    taxes = [tax for line in order.lines for tax in line.tax_lines]
    taxes += [tax for one in adjustments for tax in one.tax_lines]
    parts = [line.extended for line in order.lines] + [one.amount for one in adjustments]
    parts += [tax.amount for tax in taxes if not tax.is_included]
    assert order.computed.total.amount == sum((part.amount for part in parts), Decimal(0))


@QUICK
@given(damaged(seeds()))
def test_a_damaged_payload_is_read_or_refused_and_adds_up(case: tuple[str, bytes]) -> None:
    name, data = case
    raw = record(data)
    FORMATS[name].key(raw)
    try:
        reading = FORMATS[name].read(raw, PROFILE)
    except Rejected:
        return
    for entity in reading.entities:
        if isinstance(entity, Order):
            assert_total(entity)
        for variance in entity.variances:
            assert variance.difference == variance.stated - variance.computed != 0
    assert FORMATS[name].read(raw, PROFILE) == reading


@QUICK
@given(st.sampled_from(NAMES), st.binary(max_size=200))
def test_arbitrary_bytes_are_refused(name: str, data: bytes) -> None:
    with pytest.raises(Rejected):
        FORMATS[name].read(record(data), PROFILE)
