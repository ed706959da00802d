"""Goods that come back and money that goes back (canonical-model §3.10).

Invariant: goods and money are two entities that never wait for each other; a refund's amounts are
positive where money goes to the buyer.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.common import Adjustment, BusinessTime, DualMoney, Quantity, TaxLine
from crossdock.canonical.models.field_types import PII, Canonical, Currency, OwnState, Text
from crossdock.canonical.models.identity import Identifier
from crossdock.canonical.models.sales import ComputedTotals, StatedTotals


class ReturnStatus(OwnState):
    """How far a return of goods is."""

    UNKNOWN = "unknown"
    REQUESTED = "requested"
    AUTHORIZED = "authorized"
    REFUSED = "refused"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    INSPECTED = "inspected"
    RESTOCKED = "restocked"
    SCRAPPED = "scrapped"
    CLOSED = "closed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class RefundStatus(OwnState):
    """How far a refund of money is."""

    UNKNOWN = "unknown"
    REQUESTED = "requested"
    APPROVED = "approved"
    ISSUED = "issued"
    BOOKED = "booked"
    SETTLED = "settled"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Disposition(OwnState):
    """What becomes of returned goods; only `restock` may act on stock."""

    UNKNOWN = "unknown"
    RESTOCK = "restock"
    SCRAP = "scrap"
    INSPECT = "inspect"
    NONE = "none"


class Fault(OwnState):
    """Who bears a refund."""

    UNKNOWN = "unknown"
    SELLER = "seller"
    CHANNEL = "channel"
    CARRIER = "carrier"
    BUYER = "buyer"


class ReturnLine(Canonical):
    """What comes back of one order line."""

    FULL_NAME: ClassVar[str] = "crossdock.returns.ReturnLine"
    line_id: str | None = None
    """Line of the order, where the source names it."""
    sku: str | None = None
    """Our SKU where the item resolved."""
    identifiers: tuple[Identifier, ...] = ()
    """Item as said."""
    quantity: Quantity
    """How much comes back."""
    reason_raw: str | None = None
    """Reason as said."""
    condition_raw: str | None = None
    """Condition as said."""
    disposition: Disposition
    """What becomes of it."""
    location: str | None = None
    """Where it is taken in."""


class ExchangeLine(Canonical):
    """A line of the order that replaces returned goods."""

    FULL_NAME: ClassVar[str] = "crossdock.returns.ExchangeLine"
    order_id: Text
    """Order that holds the new line, in the channel."""
    line_id: str | None = None
    """New line."""
    quantity: Quantity
    """How much of it."""


class Return(Entity):
    """Goods of one order that come back; key `tenant/channel/order_id/return_id`."""

    FULL_NAME: ClassVar[str] = "crossdock.returns.Return"
    return_id: Text
    """Identity in the channel."""
    order_id: Text
    """Order in its channel; `-` where the source names none."""
    status: ReturnStatus
    """How far it is."""
    status_raw: str = ""
    """Status as said."""
    lines: tuple[ReturnLine, ...] = ()
    """What comes back."""
    tracking_numbers: tuple[str, ...] = ()
    """Parcels it comes back in."""
    exchange_lines: tuple[ExchangeLine, ...] = ()
    """What is sent instead."""
    requested: BusinessTime | None = None
    """When the buyer asked."""
    notes: Annotated[str | None, PII] = None
    """Free text of the buyer."""


class RefundLine(Canonical):
    """Money back for one order line."""

    FULL_NAME: ClassVar[str] = "crossdock.returns.RefundLine"
    line_id: str | None = None
    """Line of the order, where the source names it."""
    sku: str | None = None
    """Our SKU where the item resolved."""
    identifiers: tuple[Identifier, ...] = ()
    """Item as said."""
    quantity: Quantity | None = None
    """For how much; None where only money is said."""
    amount: DualMoney
    """Money back without tax that stands in `tax_lines`; positive goes to the buyer."""
    tax_lines: tuple[TaxLine, ...] = ()
    """Taxes given back."""
    disposition: Disposition
    """What becomes of the goods, by the source's word."""
    restock_type_raw: str | None = None
    """The source's word for it."""


class RefundTransaction(Canonical):
    """One movement of money of a refund."""

    FULL_NAME: ClassVar[str] = "crossdock.returns.RefundTransaction"
    transaction_id: str = ""
    """Identity in the channel."""
    psp_account: str = ""
    """Account at the payment processor; empty where not said."""
    psp_reference: str = ""
    """Processor's reference, the join to settlement; empty where not said."""
    method_raw: str = ""
    """Payment method or gateway, as said."""
    status_raw: str = ""
    """Status as said."""
    is_successful: bool
    """The money went, by the source's word."""
    amount: DualMoney
    """Positive goes to the buyer."""
    at: BusinessTime | None = None
    """When."""


class Refund(Entity):
    """Money of one order that goes back; key `tenant/channel/order_id/refund_id`."""

    FULL_NAME: ClassVar[str] = "crossdock.returns.Refund"
    refund_id: Text
    """Identity in the channel."""
    order_id: Text
    """Order in its channel; `-` where the source names none."""
    return_id: str | None = None
    """Return it belongs to, where the source says it."""
    status: RefundStatus
    """How far it is."""
    status_raw: str = ""
    """Status as said."""
    currency: Currency
    """Shop currency of all amounts, ISO 4217."""
    presentment_currency: Currency | None = None
    """Currency that was paid, where it differs or is said (F18)."""
    lines: tuple[RefundLine, ...] = ()
    """Per order line; may be empty."""
    adjustments: tuple[Adjustment, ...] = ()
    """Shipping, restocking fee and the like; positive raises the refund."""
    transactions: tuple[RefundTransaction, ...] = ()
    """Movements of money, in the source's order."""
    stated: StatedTotals
    """Totals as said; absent is None."""
    computed: ComputedTotals
    """Our own sums from lines and adjustments."""
    fault: Fault = Fault.UNKNOWN
    """Who bears it."""
    reason_raw: str | None = None
    """Reason as said."""
