"""Generated Shopify orders yield the facts they were made of."""

from __future__ import annotations

from datetime import UTC

from hypothesis import HealthCheck, given, settings

from crossdock.canonical.models import DualMoney, Order
from tests.kit.minor_units import Sums
from tests.kit.shop_reading import reading_of
from tests.kit.shopify_payloads import LineFacts, ShopifyFacts, shopify_orders

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def figures(money: DualMoney) -> tuple[object, object]:
    return money.amount, money.presentment_amount


def assert_sums(order: Order, facts: ShopifyFacts) -> None:
    for name in ("subtotal", "shipping", "discount", "tax", "total"):
        shop, presented = [getattr(sums, name) for sums in facts.sums]
        expected = facts.currency.amount(shop), facts.presentment.amount(presented)
        assert figures(getattr(order.computed, name)) == expected, name


def assert_line(facts: ShopifyFacts, expected: LineFacts, order: Order, index: int) -> None:
    line = order.lines[index]
    assert (line.line_id, line.sku, line.resolution) == (
        expected.line_id,
        expected.sku,
        expected.resolution,
    )
    quantities = (line.ordered, line.cancelled, line.fulfilled_reported, line.returned_reported)
    assert [int(one.value) for one in quantities] == [
        expected.ordered,
        expected.cancelled,
        expected.fulfilled,
        expected.returned,
    ]
    for money, (shop, presented) in ((line.extended, expected.extended), (line.net, expected.net)):
        assert figures(money) == (facts.currency.amount(shop), facts.presentment.amount(presented))


@QUICK
@given(shopify_orders())
def test_a_generated_order_yields_its_facts(facts: ShopifyFacts) -> None:
    reading = reading_of("shopify_order", facts.payload, event=facts.event)
    (order,) = reading.entities
    assert isinstance(order, Order)
    assert (order.order_id, order.key) == (facts.order_id, f"acme/shop/{facts.order_id}")
    assert order.currency == facts.currency.code
    assert order.tax_mode == facts.tax_mode
    assert order.placed.instant == facts.placed
    assert order.placed.date.isoformat() == facts.business_date
    assert order.revision.value == facts.modified.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (order.payment.status, order.cancellation.status) == (facts.payment, facts.cancellation)
    assert order.line_count == len(facts.lines)
    assert order.quantity_total == sum(line.ordered for line in facts.lines)
    for index, line in enumerate(facts.lines):
        assert_line(facts, line, order, index)
    assert_sums(order, facts)
    assert order.stated.total is not None
    assert order.stated.total.amount == facts.currency.amount(facts.stated_total)
    shop_side = {
        (one.code.value, one.subject): one.difference
        for one in order.variances
        if not one.subject.endswith(".presentment")
    }
    assert shop_side == {place: facts.currency.amount(minor) for place, minor in facts.differences.items()}
    assert facts.warnings <= {one.code for one in reading.warnings}


@QUICK
@given(shopify_orders())
def test_reading_twice_gives_the_same_content(facts: ShopifyFacts) -> None:
    first = reading_of("shopify_order", facts.payload, event=facts.event)
    assert reading_of("shopify_order", facts.payload, event=facts.event) == first


def test_the_facts_are_worked_out_apart_from_the_code() -> None:
    sums = Sums(subtotal=1000, goods_discount=-100, shipping=500, shipping_discount=-500, tax=171)
    sums.finish(is_included=False)
    assert (sums.goods, sums.taken_off, sums.total) == (900, 600, 1071)
