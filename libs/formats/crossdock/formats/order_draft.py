"""What a format module has read of an order before any sum is made.

Invariant: a draft holds what the source said and nothing else; amounts are Decimals of one shop and
one presentment currency, signs are ours (charge positive, allowance negative).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from crossdock.canonical.models import (
    AdjustmentKind,
    BusinessTime,
    Cancellation,
    CancellationStatus,
    Change,
    Commitment,
    Extension,
    FulfilledBy,
    FundedBy,
    Identifier,
    LineKind,
    OrderPayment,
    Party,
    PaymentStatus,
    PriceBasis,
    Quantity,
    RevisionKind,
    SourceRef,
    TaxCategory,
    TaxMode,
    Variance,
    VarianceCode,
    Via,
)

Measure = Literal["subtotal", "goods_net", "shipping", "discount", "tax", "total", "net_total"]
"""Our own sum that a stated figure is compared with; `goods_net` is subtotal less goods discounts,
`discount` the absolute value of what was taken off, `net_total` the total without any tax."""


class Pair(NamedTuple):
    """One amount in shop and in presentment currency, major units; equal where there is one currency."""

    shop: Decimal
    presentment: Decimal


def both(amount: Decimal) -> Pair:
    """The amount of a source that states one currency only."""
    return Pair(amount, amount)


def negated(amount: Pair) -> Pair:
    """The amount with the other sign: a discount stated as positive becomes an allowance."""
    return Pair(-amount.shop, -amount.presentment)


def less(amount: Pair, part: Pair) -> Pair:
    """The amount without a part of it."""
    return Pair(amount.shop - part.shop, amount.presentment - part.presentment)


NOTHING = both(Decimal(0))


_PAYMENT_UNKNOWN: Final = OrderPayment(status=PaymentStatus.UNKNOWN)
_NOT_CANCELLED: Final = Cancellation(status=CancellationStatus.NONE)


class RevisionMark(NamedTuple):
    """Which state of the order this is; `value` is sortable text, empty for kind `none`."""

    kind: RevisionKind
    value: str


@dataclass(slots=True)
class TaxDraft:
    """One tax as said. `is_included` None follows the order's tax mode."""

    amount: Pair
    rate_percent: Decimal | None = None
    base: Decimal | None = None
    category: TaxCategory = TaxCategory.UNKNOWN
    jurisdiction: str = ""
    is_included: bool | None = None
    is_withheld_by_channel: bool = False
    is_beside_total: bool = False
    """The channel collects it beside the order: the stated tax and total leave it out."""


@dataclass(slots=True)
class AdjustmentDraft:
    """A charge or allowance of a line or of the order.

    `amount` is signed. `allocations` (line id, signed part) are the source's own; None lets
    `finish_order` allocate by the lines' net amounts, the remainder to the largest. On a line they are
    ignored. An allowance on shipping is kind `shipping` with `is_charge` False: it lowers no line's net.
    """

    kind: AdjustmentKind
    is_charge: bool
    amount: Pair
    reason_raw: str = ""
    taxes: tuple[TaxDraft, ...] = ()
    allocations: tuple[tuple[str, Pair], ...] | None = None
    funded_by: FundedBy = FundedBy.SELLER


@dataclass(slots=True)
class LineDraft:
    """One order line as said; quantities other than `stock` are in `unit`.

    `extended` is the line amount before discount. If it is None, `unit_price` × `ordered` / `price_per`
    stands in for it; if both are stated and `is_price_compared`, a difference is a `line_extension`
    variance.
    """

    line_id: str
    ordered: Decimal
    unit: str = "EA"
    unit_price: Pair | None = None
    price_per: Decimal = Decimal(1)
    price_unit: str = ""
    """Unit of `price_per`; empty means `unit`."""
    price_basis: PriceBasis = PriceBasis.UNIT
    is_price_compared: bool = True
    extended: Pair | None = None
    identifiers: tuple[Identifier, ...] = ()
    kind: LineKind = LineKind.GOODS
    parent_line_id: str | None = None
    stock: Quantity | None = None
    """Ordered quantity in the stock unit; None where it is the same unit or no factor is known."""
    cancelled: Decimal = Decimal(0)
    fulfilled: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    taxes: list[TaxDraft] = field(default_factory=list)
    adjustments: list[AdjustmentDraft] = field(default_factory=list)
    requested_ship: BusinessTime | None = None
    source: SourceRef | None = None
    path: str = ""
    """Place of the line in the payload, for refusals."""


class StatedFigure(NamedTuple):
    """A further figure of the sender that is compared with one of our sums."""

    code: VarianceCode
    subject: str
    amount: Pair
    measure: Measure
    optional: Pair = NOTHING
    """A part of our sum that the sender may leave out: no difference either way (Shopify's tips)."""


@dataclass(slots=True)
class StatedDraft:
    """Totals as said, with the source's sign; absent is None. Counts are compared exactly."""

    subtotal: Pair | None = None
    shipping: Pair | None = None
    discount: Pair | None = None
    """Compared by absolute value: sources state what was taken off as a positive number."""
    tax: Pair | None = None
    total: Pair | None = None
    line_count: Decimal | None = None
    quantity_total: Decimal | None = None
    subtotal_measure: Measure = "subtotal"
    """`goods_net` where the source's subtotal is after discounts (Shopify)."""
    subtotal_optional: Pair = NOTHING
    """As `StatedFigure.optional`, of the subtotal."""
    is_tax_compared: bool = True
    """False where the stated tax is a part of our tax only, and `others` compares the whole (eBay's fees)."""
    others: list[StatedFigure] = field(default_factory=list)


@dataclass(slots=True)
class OrderDraft:
    """An order as said, ready for `finish_order`. Required fields first.

    `taxes` are order-level taxes that no line or adjustment carries; they are allocated to the lines.
    """

    system: str
    object_type: str
    order_id: str
    change: Change
    occurred: BusinessTime
    placed: BusinessTime
    currency: str
    tax_mode: TaxMode
    lines: list[LineDraft]
    stated: StatedDraft = field(default_factory=StatedDraft)
    adjustments: list[AdjustmentDraft] = field(default_factory=list)
    taxes: list[TaxDraft] = field(default_factory=list)
    presentment_currency: str | None = None
    """None where the source knows one currency only."""
    exchange_rate: Decimal | None = None
    exchange_rate_source: str | None = None
    order_name: str | None = None
    commitment: Commitment | None = None
    """None: as the profile says."""
    fulfilled_by: FulfilledBy | None = None
    """None: as the profile says."""
    payment: OrderPayment = _PAYMENT_UNKNOWN
    cancellation: Cancellation = _NOT_CANCELLED
    replaces: str | None = None
    """Key of the replaced order."""
    parties: tuple[Party, ...] = ()
    requested_ship: BusinessTime | None = None
    requested_delivery: BusinessTime | None = None
    ship_by: BusinessTime | None = None
    deliver_by: BusinessTime | None = None
    cancel_after: BusinessTime | None = None
    shipping_method_raw: str | None = None
    service_level: str | None = None
    location_hint: str | None = None
    buyer_reference: str | None = None
    notes: str | None = None
    extensions: tuple[Extension, ...] = ()
    variances: list[Variance] = field(default_factory=list)
    """Variances that only the format can see (unit_factor, date); `order_variances.variance` makes one."""
    via: Via = Via.UNKNOWN
    mapping_version: str = "1"
