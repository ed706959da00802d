"""Orders as a channel reported them (canonical-model §3.1).

Invariant: an order is a fact of its channel: stated figures are kept as said, computed ones stand
beside them, and their differences are variances.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.common import (
    Adjustment,
    BusinessTime,
    DualMoney,
    Quantity,
    SourceRef,
    TaxLine,
    UnitPrice,
)
from crossdock.canonical.models.field_types import PII, Canonical, Currency, Int, OwnState, Price, Rate, Text
from crossdock.canonical.models.identity import Identifier, Party


class Commitment(OwnState):
    """Whether the channel has already promised the goods."""

    UNKNOWN = "unknown"
    SOLD = "sold"
    REQUESTED = "requested"


class TaxMode(OwnState):
    """Whether prices include tax; `unknown` puts the order on hold (F26)."""

    UNKNOWN = "unknown"
    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"
    NONE = "none"


class Rounding(OwnState):
    """Where and how the source rounds tax and totals; decides the tolerance."""

    UNKNOWN = "unknown"
    PER_LINE_HALF_UP = "per_line_half_up"
    PER_LINE_HALF_EVEN = "per_line_half_even"
    PER_ORDER_HALF_UP = "per_order_half_up"
    PER_ORDER_HALF_EVEN = "per_order_half_even"


class PaymentStatus(OwnState):
    """What the channel says about the money."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PAID = "paid"
    PARTIALLY_PAID = "partially_paid"
    VOIDED = "voided"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"
    NOT_APPLICABLE = "not_applicable"


class PaymentKind(OwnState):
    """What a payment transaction did."""

    UNKNOWN = "unknown"
    AUTHORIZATION = "authorization"
    CAPTURE = "capture"
    SALE = "sale"
    VOID = "void"
    REFUND = "refund"


class CancellationStatus(OwnState):
    """How far an order is cancelled; requested is not cancelled."""

    UNKNOWN = "unknown"
    NONE = "none"
    REQUESTED = "requested"
    PARTIAL = "partial"
    CANCELLED = "cancelled"


class FulfilledBy(OwnState):
    """Who ships; channel-fulfilled orders never reserve our stock."""

    UNKNOWN = "unknown"
    SELLER = "seller"
    CHANNEL = "channel"


class LineKind(OwnState):
    """What a line sells."""

    UNKNOWN = "unknown"
    GOODS = "goods"
    SERVICE = "service"
    DIGITAL = "digital"
    FEE = "fee"
    GIFT_CARD = "gift_card"


class ItemResolution(OwnState):
    """How the line's item was resolved to one of our SKUs."""

    UNKNOWN = "unknown"
    EXACT = "exact"
    ALIAS = "alias"
    AMBIGUOUS = "ambiguous"


class PriceBasis(OwnState):
    """What the source's line price stands for."""

    UNKNOWN = "unknown"
    UNIT = "unit"
    EXTENDED = "extended"
    PER_UNIT_ROW = "per_unit_row"
    PER_N = "per_n"


class Payment(Canonical):
    """One payment transaction of an order."""

    FULL_NAME: ClassVar[str] = "crossdock.sales.Payment"
    psp_account: str = ""
    """Account at the payment processor; empty where the channel does not say it."""
    psp_reference: str = ""
    """Processor's reference, the join to settlement; empty where the channel does not say it."""
    kind: PaymentKind
    """What the transaction did."""
    amount: DualMoney
    """Amount of the transaction."""
    at: BusinessTime | None = None
    """When it happened."""


class OrderPayment(Canonical):
    """Payment axis of an order."""

    FULL_NAME: ClassVar[str] = "crossdock.sales.OrderPayment"
    status: PaymentStatus
    """What the channel says; pending without totals is valid."""
    payments: tuple[Payment, ...] = ()
    """Transactions in the source's order."""


class Cancellation(Canonical):
    """Cancellation axis of an order; never derived from a zero value."""

    FULL_NAME: ClassVar[str] = "crossdock.sales.Cancellation"
    status: CancellationStatus
    """How far it is cancelled."""
    reason_raw: str | None = None
    """Reason as said."""
    at: BusinessTime | None = None
    """When; may be absent on a cancelled order."""


class StatedTotals(Canonical):
    """Totals as the channel said them; absent is None, not zero."""

    FULL_NAME: ClassVar[str] = "crossdock.sales.StatedTotals"
    subtotal: DualMoney | None = None
    """Goods before tax and shipping, as said."""
    shipping: DualMoney | None = None
    """Shipping, as said."""
    discount: DualMoney | None = None
    """Discount, with the source's sign."""
    tax: DualMoney | None = None
    """Tax, as said."""
    total: DualMoney | None = None
    """Grand total, as said."""


class ComputedTotals(Canonical):
    """Our own sums from lines and adjustments, signed."""

    FULL_NAME: ClassVar[str] = "crossdock.sales.ComputedTotals"
    subtotal: DualMoney
    """Sum of the lines' extended amounts."""
    shipping: DualMoney
    """Sum of shipping adjustments."""
    discount: DualMoney
    """Sum of discounts and allowances, negative."""
    tax: DualMoney
    """Sum of all tax lines."""
    total: DualMoney
    """What the buyer owes by our sums."""


class OrderLine(Canonical):
    """One line of an order; two lines of one SKU stay two lines."""

    FULL_NAME: ClassVar[str] = "crossdock.sales.OrderLine"
    line_id: Text
    """Channel's line id; else the position within the first revision."""
    parent_line_id: str | None = None
    """Line this one belongs to (bundle, gift wrap)."""
    kind: LineKind
    """What the line sells."""
    identifiers: tuple[Identifier, ...]
    """Identifiers of the item as said; may be empty."""
    sku: str | None = None
    """Our SKU where the item resolved; None is unknown, no error of the order."""
    resolution: ItemResolution
    """How `sku` was found."""
    ordered: Quantity
    """Quantity as ordered."""
    stock_quantity: Quantity | None = None
    """`ordered` in the stock unit, where a factor is known."""
    cancelled: Quantity
    """Quantity the channel reports as cancelled."""
    fulfilled_reported: Quantity
    """Quantity the channel reports as fulfilled."""
    returned_reported: Quantity
    """Quantity the channel reports as returned."""
    price_basis: PriceBasis
    """What the source's line price stands for."""
    unit_price: UnitPrice | None = None
    """Price as said; informative."""
    extended: DualMoney
    """Line amount before discount."""
    net: DualMoney
    """Line amount after line adjustments and allocations."""
    tax_lines: tuple[TaxLine, ...] = ()
    """Taxes of the line."""
    adjustments: tuple[Adjustment, ...] = ()
    """Line level adjustments."""
    requested_ship: BusinessTime | None = None
    """Ship date asked for on this line."""
    source: SourceRef | None = None
    """Line object in the source, where lines have own ids."""


class Order(Entity):
    """An order as a channel reported it; key `tenant/channel/order_id`."""

    FULL_NAME: ClassVar[str] = "crossdock.sales.Order"
    order_id: Text
    """Identity in the channel; for EDI the PO number, `.release` behind it where there is one."""
    order_name: str | None = None
    """Name for people, e.g. #1001; never an identity."""
    commitment: Commitment
    """Whether the channel has already promised; from the profile."""
    placed: BusinessTime
    """When the buyer ordered; not the capture time."""
    currency: Currency
    """Shop currency of all amounts, ISO 4217."""
    presentment_currency: Currency | None = None
    """Currency shown to the buyer, where it differs or is said."""
    exchange_rate: Rate | None = None
    """Presentment per shop currency, where the source says it."""
    exchange_rate_source: str | None = None
    """Who said the rate."""
    tax_mode: TaxMode
    """Whether prices include tax."""
    rounding: Rounding
    """How the source rounds; from the profile."""
    payment: OrderPayment
    """Payment axis."""
    cancellation: Cancellation
    """Cancellation axis."""
    replaces: str | None = None
    """Key of the order whose demand this one takes over."""
    parties: Annotated[tuple[Party, ...], PII]
    """Buyer, ship-to and others."""
    requested_ship: BusinessTime | None = None
    """Ship date asked for."""
    requested_delivery: BusinessTime | None = None
    """Delivery date asked for."""
    ship_by: BusinessTime | None = None
    """Latest ship time promised to the channel."""
    deliver_by: BusinessTime | None = None
    """Latest delivery time promised to the buyer."""
    cancel_after: BusinessTime | None = None
    """After this the buyer no longer wants the goods."""
    shipping_method_raw: str | None = None
    """Shipping method as said."""
    service_level: str | None = None
    """Service level after mapping."""
    location_hint: str | None = None
    """Store or warehouse that the channel names."""
    fulfilled_by: FulfilledBy
    """Who ships."""
    lines: Annotated[tuple[OrderLine, ...], Field(min_length=1)]
    """At least one."""
    adjustments: tuple[Adjustment, ...]
    """Order level adjustments with allocations; may be empty."""
    stated: StatedTotals
    """Totals as said."""
    computed: ComputedTotals
    """Our own sums."""
    line_count: Int
    """Number of lines, for conservation before posting (F5)."""
    quantity_total: Price
    """Sum of ordered quantities."""
    buyer_reference: Annotated[str | None, PII] = None
    """Buyer's own reference."""
    notes: Annotated[str | None, PII] = None
    """Free text of the buyer."""
