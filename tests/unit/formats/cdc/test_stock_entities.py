"""Movements by their legs, and balances by their places."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crossdock.canonical.models import MovementEffect, MovementState
from crossdock.formats.cdc.stock_entities import movement_effect
from tests.kit.cdc_events import ODOO, TRYTON, changed, codes, entity, envelope, move, reading, refusal, told

STOCK, AWAY = True, False
EFFECTS = [
    ("planned", STOCK, AWAY, "demand"),
    ("planned", STOCK, STOCK, "none"),
    ("planned", AWAY, STOCK, "none"),
    ("planned", AWAY, AWAY, "none"),
    ("assigned", STOCK, AWAY, "demand"),
    ("assigned", AWAY, STOCK, "none"),
    ("done", STOCK, AWAY, "on_hand_out"),
    ("done", AWAY, STOCK, "on_hand_in"),
    ("done", STOCK, STOCK, "transfer"),
    ("done", AWAY, AWAY, "none"),
    ("cancelled", STOCK, AWAY, "none"),
    ("deleted", STOCK, AWAY, "none"),
    ("unknown", STOCK, AWAY, "unknown"),
    ("done", None, AWAY, "unknown"),
    ("planned", STOCK, None, "unknown"),
    ("cancelled", None, None, "none"),
]


@pytest.mark.parametrize(("state", "source", "target", "effect"), EFFECTS)
def test_the_effect_follows_from_state_and_legs(
    state: str, source: bool | None, target: bool | None, effect: str
) -> None:
    assert movement_effect(MovementState(state), source, target) == effect


def test_what_is_not_planned_yet_has_no_effect() -> None:
    assert movement_effect(MovementState.PLANNED, STOCK, AWAY, is_inert=True) is MovementEffect.NONE
    assert entity(envelope("c", "stock_move", None, move(state="staging"))).effect == "none"


def test_of_two_legs_of_one_shipment_line_one_is_demand_and_issue() -> None:
    inner = move(id=911, from_location=3, to_location=4, origin="stock.move,912")
    outer = move(id=912, from_location=4, to_location=2)
    for state, effect in (("draft", "demand"), ("assigned", "demand"), ("done", "on_hand_out")):
        legs = [entity(envelope("c", "stock_move", None, leg | {"state": state})) for leg in (inner, outer)]
        assert [one.effect for one in legs] == [effect, "none"]
    cancelled = entity(envelope("u", "stock_move", None, inner | {"state": "cancelled"}))
    assert (cancelled.change, cancelled.effect) == ("cancelled", "none")


def test_without_stock_locations_an_effect_is_unknown() -> None:
    one, warned = told(envelope("c", "stock_move", None, move()), changed(TRYTON, stock_locations=None))
    assert (one.from_is_stock, one.to_is_stock, one.effect) == (None, None, "unknown")
    assert warned == ["effect_unknown"]


def test_a_unit_that_holds_several_is_converted_and_checked() -> None:
    dozens = move(unit=2, quantity=2.5, internal_quantity=None)
    assert entity(envelope("c", "stock_move", None, dozens)).stock_quantity.value == 30
    one = entity(envelope("c", "stock_move", None, dozens | {"internal_quantity": 29}))
    assert one.stock_quantity.value == 29
    (variance,) = one.variances
    assert (variance.code, variance.stated, variance.computed) == ("unit_factor", 29, 30)
    assert variance.difference == -1


def test_a_row_without_any_quantity_is_refused() -> None:
    empty = move(quantity=None, internal_quantity=None)
    assert refusal(envelope("c", "stock_move", None, empty)).code == "field_invalid"


def quant(**columns: object) -> dict[str, object]:
    return {
        "id": 41,
        "product_id": 11,
        "location_id": 8,
        "lot_id": None,
        "quantity": 12.0,
        "reserved_quantity": {"scale": 1, "value": "Iw=="},
        "in_date": 1_795_289_526_396_566,
    } | columns


def test_a_quant_is_a_balance_of_its_place() -> None:
    one = entity(envelope("u", "stock_quant", None, quant()), ODOO)
    assert one.key == "acme/DESK/odoo/8/41"
    assert [(figure.meaning, figure.meaning_raw, figure.quantity.value) for figure in one.quantities] == [
        ("on_hand", "quantity", 12),
        ("reserved", "reserved_quantity", Decimal("3.5")),
    ]
    assert (one.scope, one.basis, one.position.lsn) == ("row", "cdc_row", "00000000000060081072")
    assert one.as_of == one.occurred


def test_a_quant_outside_of_the_stock_locations_is_no_stock() -> None:
    found = reading(envelope("c", "stock_quant", None, quant(location_id=5)), ODOO)
    assert (found.entities, codes(found)) == ((), ["location_not_stock"])


def test_a_deleted_quant_holds_nothing_any_more() -> None:
    one = entity(envelope("d", "stock_quant", quant(), None), ODOO)
    assert one.change == "deleted"
    assert [figure.quantity.value for figure in one.quantities] == [0, 0]
    assert "REPLICA IDENTITY FULL" in refusal(envelope("d", "stock_quant", {"id": 41}, None), ODOO).detail


def test_a_quant_that_moves_leaves_nothing_behind() -> None:
    found = reading(envelope("u", "stock_quant", quant(), quant(lot_id=3, location_id=5)), ODOO)
    (left,) = found.entities
    assert (left.key, left.change, codes(found)) == ("acme/DESK/odoo/8/41", "deleted", ["location_not_stock"])


def test_an_absent_figure_is_left_out_and_none_at_all_is_refused() -> None:
    one = entity(envelope("c", "stock_quant", None, quant(reserved_quantity=None)), ODOO)
    assert [figure.meaning for figure in one.quantities] == ["on_hand"]
    nothing = quant(quantity=None, reserved_quantity=None)
    assert refusal(envelope("c", "stock_quant", None, nothing), ODOO).code == "field_invalid"


def odoo_move(**columns: object) -> dict[str, object]:
    return {
        "id": 77,
        "product_id": 11,
        "product_uom": 2,
        "product_uom_qty": 2.0,
        "product_qty": 24.0,
        "quantity": 1.0,
        "location_id": 8,
        "location_dest_id": 5,
        "state": "assigned",
        "sale_line_id": 31,
        "date": 1_795_289_526_396_566,
    } | columns


@pytest.mark.parametrize(
    ("columns", "quantity", "effect"),
    [
        ({}, 24, "demand"),
        ({"state": "waiting"}, 24, "demand"),
        ({"state": "draft"}, 24, "none"),
        ({"state": "done"}, 12, "on_hand_out"),
        ({"state": "done", "quantity": None}, 24, "on_hand_out"),
        ({"state": "cancel"}, 24, "none"),
    ],
)
def test_an_odoo_move_counts_what_was_done_once_it_is_done(
    columns: dict[str, object], quantity: int, effect: str
) -> None:
    one = entity(envelope("u", "stock_move", None, odoo_move(**columns)), ODOO)
    assert (one.stock_quantity.value, one.effect, one.variances) == (quantity, effect, ())
    assert one.origin_ref == "sale.order.line,31"
