"""Rows of stock tables as movements (ledger style) and snapshots (balance style).

Invariant: only the leg of a movement that leaves the stock locations of the profile is demand or issue; a
row outside of them is no stock, and an unknown location makes the effect unknown, never none.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    Change,
    Entity,
    IdentifierScheme,
    MovementEffect,
    MovementState,
    Quantity,
    QuantityMeaning,
    SnapshotBasis,
    SnapshotScope,
    StockFigure,
    StockMovement,
    StockSnapshot,
    Variance,
    VarianceCode,
)
from crossdock.formats.cdc.change import Ignored
from crossdock.formats.cdc.facts import Facts
from crossdock.formats.decimals import product
from crossdock.formats.order_variances import variance

_NOTHING: Final = Decimal(0)
_ONE: Final = Decimal(1)
_OPEN: Final = frozenset({MovementState.PLANNED, MovementState.ASSIGNED})
_OVER: Final = frozenset({MovementState.CANCELLED, MovementState.DELETED})
_DONE_EFFECT: Final = {
    (True, True): MovementEffect.TRANSFER,
    (True, False): MovementEffect.ON_HAND_OUT,
    (False, True): MovementEffect.ON_HAND_IN,
    (False, False): MovementEffect.NONE,
}


def movement_effect(
    state: MovementState, from_is_stock: bool | None, to_is_stock: bool | None, *, is_inert: bool = False
) -> MovementEffect:
    """What a movement does to stock (canonical-model §3.6).

    Args:
        from_is_stock: the source is stock; None where that is not known.
        is_inert: the ERP does not plan it yet.
    """
    if state in _OVER or is_inert:
        return MovementEffect.NONE
    if from_is_stock is None or to_is_stock is None:
        return MovementEffect.UNKNOWN
    if state is MovementState.DONE:
        return _DONE_EFFECT[from_is_stock, to_is_stock]
    if state in _OPEN:
        return MovementEffect.DEMAND if from_is_stock and not to_is_stock else MovementEffect.NONE
    return MovementEffect.UNKNOWN


def stock_movement(facts: Facts) -> Entity:
    """The movement of a row. Raises Rejected."""
    sku, identifiers = facts.item("item", IdentifierScheme.ERP_ITEM)
    state, raw = _state(facts)
    source, target = facts.text("from_location"), facts.text("to_location")
    from_is_stock, to_is_stock = _is_stock(facts, source), _is_stock(facts, target)
    effect = movement_effect(state, from_is_stock, to_is_stock, is_inert=facts.spec.is_inert(facts.row))
    if effect is MovementEffect.UNKNOWN:
        detail = "the movement's effect is unknown: its state, or stock_locations of the profile"
        facts.row.warn("effect_unknown", detail, facts.row.change.path)
    quantity, variances = _quantity(facts)
    order = facts.order()
    cancelled = Change.CANCELLED if state is MovementState.CANCELLED else None
    return StockMovement.model_validate(
        facts.head((sku, facts.erp, facts.row_id), cancelled, variances)
        | {
            "movement_id": facts.row_id,
            "erp": facts.erp,
            "position": facts.position,
            "sku": sku,
            "identifiers": identifiers,
            "from_location": source,
            "to_location": target,
            "from_is_stock": from_is_stock,
            "to_is_stock": to_is_stock,
            "stock_quantity": quantity,
            "state": state,
            "state_raw": raw,
            "effect": effect,
            "origin_ref": facts.text("origin_ref"),
            "origin_order_key": facts.order_key(order),
            "lot": facts.text("lot"),
            "effective_date": facts.time("effective_date"),
        }
    )


def _state(facts: Facts) -> tuple[MovementState, str]:
    raw = facts.text("state") or ""
    if facts.is_deleted:
        return MovementState.DELETED, raw
    if not raw:
        raise facts.row.missing("state")
    word = facts.spec.mapping.states.get(raw)
    if word is None:
        detail = "the table mapping does not list this state"
        facts.row.warn("status_unknown", detail, facts.row.change.path)
    return MovementState(word or MovementState.UNKNOWN), raw


def _is_stock(facts: Facts, location: str | None) -> bool | None:
    places = facts.profile.stock_locations
    return None if location is None or not places else location in places


def _quantity(facts: Facts) -> tuple[Quantity, tuple[Variance, ...]]:
    """Quantity in the stock unit, as the ERP says it, with a variance where its own units say another."""
    unit, factor = facts.unit()
    stated, moved = facts.number("stock_quantity"), facts.number("quantity")
    if stated is None and moved is None:
        raise facts.row.missing("quantity")
    if min(stated or 0, moved or 0) < 0:
        detail = "a movement's quantity is not negative; a return has its locations the other way round"
        raise Rejected(RejectionCode.FIELD_INVALID, detail, facts.row.change.path)
    if stated is None or moved is None:
        only = (
            facts.quantity(moved or _NOTHING, unit, factor)
            if stated is None
            else facts.quantity(stated, unit)
        )
        return only, ()
    figures = (product(stated, _ONE), product(moved, factor))
    is_equal = figures[0] == figures[1]
    variances = (
        () if is_equal else (variance(VarianceCode.UNIT_FACTOR, "stock_quantity", figures, unit, _NOTHING),)
    )
    return facts.quantity(stated, unit), variances


def stock_snapshot(facts: Facts) -> Entity | Ignored:
    """The balance of a row; a row of a place that is no stock is ignored. Raises Rejected."""
    location = facts.needed("location")
    if _is_stock(facts, location) is False:
        detail = "the row's location is not in stock_locations of the profile: no stock of ours"
        return Ignored("location_not_stock", detail, facts.row.change.path)
    sku, identifiers = facts.item("item", IdentifierScheme.ERP_ITEM)
    return StockSnapshot.model_validate(
        facts.head((sku, facts.erp, location, facts.row_id))
        | {
            "sku": sku,
            "erp": facts.erp,
            "identifiers": identifiers,
            "location": location,
            "lot": facts.text("lot"),
            "quantities": _figures(facts),
            "as_of": facts.committed,
            "position": facts.position,
            "scope": SnapshotScope.ROW,
            "basis": SnapshotBasis.CDC_ROW,
        }
    )


def _figures(facts: Facts) -> tuple[StockFigure, ...]:
    """The row's figures; a row that is gone holds nothing any more."""
    unit, factor = facts.unit()
    figures = []
    for meaning, read in facts.spec.quantities.items():
        value = _NOTHING if facts.is_deleted else read(facts.row, None)
        if value is not None:
            columns = facts.spec.mapping.quantities[meaning].column or ()
            quantity = facts.quantity(value, unit, factor)
            figures.append(
                StockFigure(
                    meaning=QuantityMeaning(meaning), meaning_raw=",".join(columns), quantity=quantity
                )
            )
    if not figures:
        raise facts.row.missing("quantities")
    return tuple(figures)
