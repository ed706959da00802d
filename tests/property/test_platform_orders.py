"""Generated orders of Magento, Medusa, Vendure and Unicommerce yield the facts they were made of."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings

from crossdock.canonical.models import Order
from tests.kit.platform_payloads import PROFILES, PlatformFacts, platform_orders
from tests.kit.shop_reading import differences, order_of

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(platform_orders())
def test_a_generated_order_yields_its_facts(facts: PlatformFacts) -> None:
    order = order_of(facts.format, facts.payload, partner=PROFILES[facts.style])
    basket = facts.basket
    assert (order.order_id, order.currency) == (basket.order_id, basket.currency.code)
    assert order.tax_mode == ("inclusive" if facts.is_per_unit else "exclusive")
    assert order.placed.instant == basket.placed
    assert (order.cancellation.status == "cancelled") is basket.is_cancelled
    assert sorted(_seen(order)) == sorted(_expected(facts))
    for name in ("subtotal", "shipping", "discount", "tax", "total"):
        expected = basket.currency.amount(getattr(basket.sums, name))
        assert getattr(order.computed, name).amount == expected, name
    wrong = {("order_total", "stated.total"): basket.currency.text(basket.error)} if basket.error else {}
    assert differences(order) == wrong


def _seen(order: Order) -> Iterator[tuple[str, int, str, str, int]]:
    for line in order.lines:
        amounts = (str(line.extended.amount), str(line.net.amount))
        yield line.sku or "", int(line.ordered.value), *amounts, int(line.fulfilled_reported.value)


def _expected(facts: PlatformFacts) -> Iterator[tuple[str, int, str, str, int]]:
    said = facts.basket.currency.text
    for item in facts.basket.items:
        if not facts.is_per_unit:
            yield item.sku, item.quantity, said(item.extended), said(item.net), item.shipped
            continue
        for unit in range(item.quantity):
            net = item.unit - item.off // item.quantity
            yield item.sku, 1, said(item.unit), said(net), int(unit < item.shipped)
