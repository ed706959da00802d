"""Generated changes of stock moves yield the facts they were made of."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from crossdock.canonical.models import StockMovement
from tests.kit.cdc_events import FORMATS, TRYTON, reading, record
from tests.kit.cdc_payloads import MoveFacts, stock_moves

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(stock_moves())
def test_a_generated_change_yields_its_facts(facts: MoveFacts) -> None:
    (move,) = reading(facts.payload, key=facts.key).entities
    assert isinstance(move, StockMovement)
    assert move.key == f"acme/{facts.sku}/erp-eu/{facts.movement_id}"
    assert (move.movement_id, move.sku) == (facts.movement_id, facts.sku)
    assert (move.stock_quantity.value, move.stock_quantity.unit) == (facts.quantity, "EA")
    assert (move.state, move.effect, move.change) == (facts.state, facts.effect, facts.change)
    assert (move.position.lsn, move.position.serial) == facts.position
    assert move.revision.value == f"0002/{facts.position[0]}/0000000000"
    assert move.occurred.instant == facts.committed
    assert (move.effective_date and move.effective_date.date) == facts.effective
    assert [one.code for one in move.variances] == (["unit_factor"] if facts.differs else [])


@QUICK
@given(stock_moves())
def test_a_change_is_named_after_its_row_and_reads_the_same_again(facts: MoveFacts) -> None:
    assert FORMATS["debezium"].key(record(facts.payload)) == f"stock_move:{facts.movement_id}"
    assert reading(facts.payload, TRYTON, key=facts.key) == reading(facts.payload, TRYTON, key=facts.key)
