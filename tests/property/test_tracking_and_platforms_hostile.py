"""Damaged answers of carriers and orders of platforms are read or refused, never anything else."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order, PartnerProfile
from crossdock.canonical.profiles import parse_profile
from crossdock.canonical.record import Record
from crossdock.canonical.schemas import schema_root
from crossdock.formats.carriers.catalog import CARRIER_FORMATS
from crossdock.formats.registry import FORMATS
from tests.kit.damage import damaged_json, damaged_text

QUICK = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
PLATFORMS = ("magento_order", "medusa_order", "unicommerce_order", "vendure_order")
NAMES = (*(one.name for one in CARRIER_FORMATS), *PLATFORMS)


def _seed(path: Path) -> tuple[str, bytes, PartnerProfile]:
    profile = parse_profile((path.parent / "profile.yaml").read_text(encoding="utf-8"))
    return path.parent.name, path.read_bytes(), profile


SEEDS = [
    _seed(path)
    for path in sorted((schema_root() / "examples" / "raw").glob("*/*.[jx]*"))
    if path.parent.name in NAMES
]


@st.composite
def damaged(draw: Any) -> tuple[str, bytes, PartnerProfile]:
    """An example of one of the formats with some places changed."""
    name, data, profile = draw(st.sampled_from(SEEDS))
    if data.lstrip().startswith(b"<"):
        return name, damaged_text(draw, data), profile
    document = json.loads(data)
    if isinstance(document.get("items"), list) and "total_count" in document:
        document = document["items"][0]  # a page is split before it is read
    return name, damaged_json(draw, document), profile


@QUICK
@given(damaged())
def test_a_damaged_payload_is_read_or_refused(case: tuple[str, bytes, PartnerProfile]) -> None:
    name, data, profile = case
    form = FORMATS[name]
    record = Record("raw.channel.v1", 0, 7, b"acme/shop/any:1", data, (), 1_767_600_000_000)
    form.key(record)
    assert form.looks_like is not None
    assert 0 <= form.looks_like(data) <= 100
    try:
        reading = form.read(record, profile)
    except Rejected:
        return
    assert form.read(record, profile) == reading
    for entity in reading.entities:
        if isinstance(entity, Order):
            assert_sums(entity)


def assert_sums(order: Order) -> None:
    """The total is what its parts make, and differences are exact."""
    adjustments = [one for line in order.lines for one in line.adjustments] + list(order.adjustments)
    taxes = [tax for line in order.lines for tax in line.tax_lines]
    taxes += [tax for one in adjustments for tax in one.tax_lines]
    parts = [line.extended.amount for line in order.lines]
    parts += [one.amount.amount for one in adjustments]
    parts += [tax.amount.amount for tax in taxes if not tax.is_included]
    assert order.computed.total.amount == sum(parts, Decimal(0))
    for variance in order.variances:
        assert variance.difference == variance.stated - variance.computed != 0
