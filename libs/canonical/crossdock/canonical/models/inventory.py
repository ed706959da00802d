"""Stock as ERPs, channels and counts report it (canonical-model §3.6).

Invariant: a movement is a signed fact of one row at one position; a snapshot replaces only what is
older than itself, and says which quantities it means.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.common import BusinessTime, Position, Quantity
from crossdock.canonical.models.field_types import Canonical, OwnState, Text
from crossdock.canonical.models.identity import Identifier


class MovementState(OwnState):
    """How far a movement is."""

    UNKNOWN = "unknown"
    PLANNED = "planned"
    ASSIGNED = "assigned"
    DONE = "done"
    CANCELLED = "cancelled"
    DELETED = "deleted"


class MovementEffect(OwnState):
    """What a movement does to the stock that can be sold."""

    UNKNOWN = "unknown"
    ON_HAND_IN = "on_hand_in"
    ON_HAND_OUT = "on_hand_out"
    TRANSFER = "transfer"
    DEMAND = "demand"
    NONE = "none"


class QuantityMeaning(OwnState):
    """What a stock figure counts."""

    UNKNOWN = "unknown"
    ON_HAND = "on_hand"
    AVAILABLE = "available"
    RESERVED = "reserved"
    DAMAGED = "damaged"
    QUALITY_HOLD = "quality_hold"
    IN_TRANSIT = "in_transit"
    INCOMING = "incoming"


class SnapshotScope(OwnState):
    """How much a snapshot speaks of; complete: what it does not name is zero."""

    UNKNOWN = "unknown"
    ROW = "row"
    LOCATION = "location"
    COMPLETE = "complete"


class SnapshotBasis(OwnState):
    """Where a snapshot comes from."""

    UNKNOWN = "unknown"
    CDC_ROW = "cdc_row"
    COUNT = "count"
    REPORT = "report"


class StockMovement(Entity):
    """One movement of an ERP that keeps a ledger; key `tenant/sku/erp/movement_id`."""

    FULL_NAME: ClassVar[str] = "crossdock.inventory.StockMovement"
    movement_id: Text
    """Identity of the row in the ERP."""
    erp: Text
    """ERP (partner name) that reports it."""
    position: Position
    """Place in the database's log."""
    sku: Text
    """Our SKU, or the ERP's item where none is mapped."""
    identifiers: tuple[Identifier, ...] = ()
    """Item as the ERP names it."""
    from_location: str | None = None
    """Where the goods come from, as said."""
    to_location: str | None = None
    """Where the goods go, as said."""
    from_is_stock: bool | None = None
    """Source is within the stock locations of the profile; None where that is not known."""
    to_is_stock: bool | None = None
    """Destination is within the stock locations of the profile; None where that is not known."""
    stock_quantity: Quantity
    """How much moves, in the stock unit, never negative."""
    state: MovementState
    """How far it is."""
    state_raw: str = ""
    """State as said."""
    effect: MovementEffect
    """What it does to stock."""
    origin_ref: str | None = None
    """What caused it, as the ERP says it: an order line or another move."""
    origin_order_key: str | None = None
    """Key of the order that caused it, where the ERP's row names it."""
    lot: str | None = None
    """Lot or batch."""
    effective_date: BusinessTime | None = None
    """When it happened or is planned for."""


class StockFigure(Canonical):
    """One quantity of a snapshot with its meaning."""

    FULL_NAME: ClassVar[str] = "crossdock.inventory.StockFigure"
    meaning: QuantityMeaning
    """What it counts."""
    meaning_raw: str = ""
    """Qualifier or column as said."""
    quantity: Quantity
    """How much, in the unit as said; may be negative."""


class StockSnapshot(Entity):
    """Stock of one item at one place as somebody counted it; key `tenant/sku/erp/location/row`."""

    FULL_NAME: ClassVar[str] = "crossdock.inventory.StockSnapshot"
    sku: Text
    """Our SKU, or the reporter's item where none is mapped."""
    erp: Text
    """ERP, channel or warehouse (partner name) that reports it."""
    identifiers: tuple[Identifier, ...] = ()
    """Item as the reporter names it."""
    location: str
    """Place as said; empty where the report knows one place only."""
    lot: str | None = None
    """Lot or batch."""
    quantities: Annotated[tuple[StockFigure, ...], Field(min_length=1)]
    """Figures, each with its meaning."""
    as_of: BusinessTime
    """When it was true."""
    position: Position | None = None
    """Place in the database's log, for CDC rows."""
    scope: SnapshotScope
    """How much it speaks of."""
    basis: SnapshotBasis
    """Where it comes from."""
