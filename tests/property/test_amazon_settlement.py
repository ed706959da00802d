"""Generated Amazon settlement reports yield the facts they were made of."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from crossdock.canonical.models import Payout, Settlement, SettlementLine
from tests.kit.amazon_settlements import SettlementFacts, settlements
from tests.kit.shop_reading import reading_of

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def cents(amount: Decimal) -> int:
    return int(amount * 100)


@QUICK
@given(settlements())
def test_a_generated_report_yields_its_facts(facts: SettlementFacts) -> None:
    settlement, *rest = reading_of("amazon_settlement", facts.payload()).entities
    lines = [one for one in rest if isinstance(one, SettlementLine)]
    payouts = [one for one in rest if isinstance(one, Payout)]
    assert isinstance(settlement, Settlement)
    assert (settlement.settlement_id, settlement.currency) == (facts.settlement_id, "EUR")
    assert settlement.deposit is not None
    assert settlement.control_total is not None
    assert (cents(settlement.deposit.amount), cents(settlement.control_total.amount)) == (
        facts.total,
        facts.control,
    )
    said = [(one.code.value, cents(one.difference)) for one in settlement.variances]
    assert said == ([("deposit_total", facts.total_error)] if facts.total_error else [])
    assert settlement.deposit_date is not None
    assert settlement.deposit_date.date.isoformat() == "2026-05-17"
    assert settlement.period_from is not None
    assert settlement.period_from.instant.isoformat() == "2026-05-01T10:00:00+00:00"
    assert len(lines) == settlement.line_count == len(facts.amounts)
    for line, expected in zip(lines, facts.amounts, strict=True):
        assert (cents(line.net.amount), line.transaction_type) == (expected.cents, expected.meaning)
        assert (line.order_reference, line.sku) == (expected.order_id or None, expected.sku or None)
        assert (0 if line.quantity is None else int(line.quantity.value)) == expected.quantity
        assert line.posted is not None
        assert line.posted.date.isoformat() == "2026-05-02"
    assert len({line.key for line in lines}) == len(lines)
    assert [cents(one.amount.amount) for one in payouts] == ([facts.total] if facts.total else [])


@QUICK
@given(settlements())
def test_the_order_of_columns_changes_nothing(facts: SettlementFacts) -> None:
    first = reading_of("amazon_settlement", facts.payload())
    facts.columns.reverse()
    again = reading_of("amazon_settlement", facts.payload())
    assert (again.entities, again.digest) == (first.entities, first.digest)
