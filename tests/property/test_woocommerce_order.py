"""Generated WooCommerce orders yield the facts they were made of."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.kit.shop_reading import differences, order_of
from tests.kit.woo_payloads import WooFacts, woo_orders

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(woo_orders())
def test_a_generated_order_yields_its_facts(facts: WooFacts) -> None:
    order = order_of("woocommerce_order", facts.payload)
    amount = facts.currency.amount
    assert (order.order_id, order.currency, order.tax_mode) == (
        facts.order_id,
        facts.currency.code,
        "exclusive",
    )
    assert (order.placed.instant, order.placed.date.isoformat()) == (facts.placed, facts.business_date)
    assert (order.payment.status, order.cancellation.status) == (facts.payment, facts.cancellation)
    assert len(order.lines) == len(facts.lines)
    for line, expected in zip(order.lines, facts.lines, strict=True):
        assert (line.line_id, int(line.ordered.value), line.sku) == (
            expected.line_id,
            expected.ordered,
            expected.sku,
        )
        assert (line.extended.amount, line.net.amount) == (amount(expected.extended), amount(expected.net))
    for name in ("subtotal", "shipping", "discount", "tax", "total"):
        assert getattr(order.computed, name).amount == amount(getattr(facts.sums, name)), name
    expected_differences = (
        {("order_total", "stated.total"): facts.currency.text(facts.total_error)} if facts.total_error else {}
    )
    assert differences(order) == expected_differences
