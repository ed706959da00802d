"""Damaged refunds, shipments, products, levels and payouts are read or refused, and refunds still add up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Entity, PartnerProfile, Refund, SettlementLine
from crossdock.formats.registry import FORMATS
from tests.kit.damage import damaged, json_seeds
from tests.kit.shop_reading import profile, record

QUICK = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
FORMS = (
    *("shopify_refund", "shopify_fulfillment", "shopify_fulfillment_event", "shopify_inventory_level"),
    *("shopify_product", "shopify_payout", "shopify_payout_transactions"),
    *("woocommerce_refund", "woocommerce_product"),
)
MONEY = {"amounts": "major_text", "tax_mode": "exclusive"}
PARTNER = profile(money=MONEY, prices={"list": "EU"}, units={"weight": {"unit": "KGM"}})
PRICED = profile(money=MONEY | {"currency": "USD"}, prices={"list": "EU"})
SEEDS = [
    (name, document)
    for name, page in json_seeds(*FORMS)
    for document in (
        next((value for value in page.values() if isinstance(value, list) and len(page) == 1), [page])
        if isinstance(page, dict)
        else page
    )
]
"""Pages are taken apart: what is damaged is one object."""


def assert_adds_up(entity: Entity) -> None:
    for variance in entity.variances:
        assert variance.difference == variance.stated - variance.computed != 0
    if isinstance(entity, Refund):
        taxes = [tax for line in entity.lines for tax in line.tax_lines]
        taxes += [tax for one in entity.adjustments for tax in one.tax_lines]
        added = sum((tax.amount.amount for tax in taxes if not tax.is_included), Decimal(0))
        lines = sum((line.amount.amount for line in entity.lines), Decimal(0))
        charged = sum((one.amount.amount for one in entity.adjustments), Decimal(0))
        assert entity.computed.total.amount == lines + charged + added
    if isinstance(entity, SettlementLine) and not entity.variances and entity.gross and entity.fee:
        assert entity.net.amount == entity.gross.amount - entity.fee.amount


@QUICK
@given(damaged(SEEDS), st.sampled_from((PARTNER, PRICED)))
def test_a_damaged_payload_is_read_or_refused_and_adds_up(
    case: tuple[str, bytes], partner: PartnerProfile
) -> None:
    name, data = case
    raw = record(data)
    FORMATS[name].key(raw)
    try:
        reading = FORMATS[name].read(raw, partner)
    except Rejected:
        return
    for entity in reading.entities:
        assert entity.key.startswith("acme/")
        assert_adds_up(entity)
    assert FORMATS[name].read(raw, partner) == reading


@QUICK
@given(st.sampled_from(FORMS), st.binary(max_size=200))
def test_arbitrary_bytes_are_refused(name: str, data: bytes) -> None:
    with pytest.raises(Rejected):
        FORMATS[name].read(record(data), PARTNER)
