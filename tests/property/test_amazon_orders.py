"""Generated Amazon orders yield the facts they were made of, in each of the three interfaces."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.models import Order
from tests.kit.amazon_payloads import AmazonFacts, amazon_orders
from tests.kit.shop_reading import differences, profile, reading_of

QUICK = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
RENDERED: dict[str, Callable[[AmazonFacts], bytes]] = {
    "amazon_order_v0": lambda facts: json.dumps({"payload": facts.v0()}).encode(),
    "amazon_mws_order": lambda facts: facts.mws(),
    "amazon_order": lambda facts: json.dumps({"orders": [facts.v2026()]}, indent=1).encode(),
}


def read(form: str, facts: AmazonFacts) -> Order:
    partner = profile(money={"amounts": "major_text", "tax_mode": facts.tax_mode})
    (order,) = reading_of(form, RENDERED[form](facts), partner=partner).entities
    assert isinstance(order, Order)
    return order


@pytest.mark.parametrize("form", sorted(RENDERED))
@QUICK
@given(amazon_orders())
def test_a_generated_order_yields_its_facts(form: str, facts: AmazonFacts) -> None:
    order = read(form, facts)
    amount = facts.currency.amount
    assert (order.order_id, order.currency, order.tax_mode) == (
        facts.order_id,
        facts.currency.code,
        facts.tax_mode,
    )
    assert (order.placed.instant, order.placed.date.isoformat()) == (facts.placed, facts.business_date)
    assert order.revision.value.startswith(facts.modified.strftime("%Y-%m-%dT%H:%M:%S"))
    assert (order.payment.status, order.cancellation.status) == (facts.payment, facts.cancellation)
    assert order.fulfilled_by == facts.fulfilled_by
    assert len(order.lines) == len(facts.lines)
    for line, expected in zip(order.lines, facts.lines, strict=True):
        assert (line.line_id, line.sku) == (expected.line_id, expected.sku or None)
        assert (int(line.ordered.value), int(line.fulfilled_reported.value)) == (
            expected.ordered,
            expected.fulfilled,
        )
        assert (line.extended.amount, line.net.amount) == (amount(expected.price), amount(expected.net))
    for name in ("subtotal", "shipping", "discount", "tax", "total"):
        assert getattr(order.computed, name).amount == amount(getattr(facts.sums, name)), name
    wrong = {("order_total", "stated.total"): facts.currency.text(facts.total_error)}
    assert differences(order) == (wrong if facts.total_error else {})


@QUICK
@given(amazon_orders())
def test_the_legacy_xml_reads_as_the_v0_json(facts: AmazonFacts) -> None:
    one, other = read("amazon_order_v0", facts), read("amazon_mws_order", facts)
    apart = {"source", "revision"}
    assert one.model_dump(exclude=apart) == other.model_dump(exclude=apart)
    assert one.revision.content_sha256 == other.revision.content_sha256
