"""Damaged storefront payloads are read or refused, never anything else, and their sums still hold."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import AdjustmentKind, Order
from crossdock.canonical.schemas import schema_root
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import PROFILE, record

QUICK = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
ORDER_FORMATS = ("canonical_json", "shopify_order", "woocommerce_order")
_SEEDS = [
    (path.parent.name, json.loads(path.read_text(encoding="utf-8")))
    for path in sorted((schema_root() / "examples" / "raw").glob("*/*.json"))
    if path.parent.name in ORDER_FORMATS
]
_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        (
            *("1.5", "-3", "1,234.50", "NaN", "1e400", "(5)", "\x00", "\ufffd", "JPY", "9" * 80, "0.0000001"),
            *("9999-12-31T23:59:59-14:00", "2026-13-01T00:00:00Z", [], {}, [[]], [{}]),
            {"shop_money": {"amount": "1"}},
        )
    ),
)
Step = str | int
UNREADABLE = ("envelope_broken", "encoding_invalid")


def _paths(node: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    if path:
        yield path
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _paths(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _paths(value, (*path, index))


@st.composite
def damaged(draw: Any) -> tuple[str, bytes]:
    """A format's name, and an example of it with one to four places changed."""
    name, seed = draw(st.sampled_from(_SEEDS))
    document = copy.deepcopy(seed)
    for _ in range(draw(st.integers(1, 4))):
        places = list(_paths(document))
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        node = document
        for step in way:
            node = node[step]
        if draw(st.integers(0, 4)) == 0:
            del node[last]
        else:
            node[last] = copy.deepcopy(draw(_JUNK))
    return name, json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


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
@given(damaged())
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
