"""Shared types of canonical-model §2: money, quantities, time, revisions.

Invariant: a currency stands on every amount and a unit on every quantity; absent is None, never a
made-up value.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from crossdock.canonical.models.field_types import (
    Amount,
    Canonical,
    Currency,
    Instant,
    Int,
    Long,
    OwnState,
    Percent,
    Price,
    Text,
)

Digest = Annotated[str, Field(min_length=64, max_length=64)]
"""sha256 as 64 lower-case hex digits."""


class Money(Canonical):
    """An amount of one currency."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Money"
    amount: Amount
    """Major units, decimal(18,4)."""
    currency: Currency
    """ISO 4217 code."""


class DualMoney(Canonical):
    """An amount in the shop's currency and as the buyer saw it; both equal where there is one currency."""

    FULL_NAME: ClassVar[str] = "crossdock.common.DualMoney"
    amount: Amount
    """Amount in the shop currency, major units."""
    currency: Currency
    """Shop currency, ISO 4217."""
    presentment_amount: Amount
    """Amount as presented to the buyer, major units."""
    presentment_currency: Currency
    """Currency presented to the buyer, ISO 4217."""

    @classmethod
    def single(cls, amount: Decimal, currency: str) -> DualMoney:
        """Both sides equal: the source states one currency only."""
        return cls(amount=amount, currency=currency, presentment_amount=amount, presentment_currency=currency)


class Quantity(Canonical):
    """How much of a unit."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Quantity"
    value: Price
    """Count or measure, decimal(18,6); negative only where the source's document is a reversal."""
    unit: Text
    """UN/ECE Recommendation 20 code, e.g. EA, KGM, FOT."""


class UnitPrice(Canonical):
    """Price per a basis quantity; informative, amounts are carried extended."""

    FULL_NAME: ClassVar[str] = "crossdock.common.UnitPrice"
    amount: Price
    """Price of `per`, major units, decimal(18,6)."""
    currency: Currency
    """ISO 4217 code."""
    per: Quantity
    """Basis of the price: one piece, 100 pieces, a pound."""


class TimePrecision(OwnState):
    """How exact a business time is."""

    UNKNOWN = "unknown"
    INSTANT = "instant"
    DAY = "day"


class BusinessTime(Canonical):
    """A moment as UTC instant and as the date that business people write in the entity's zone."""

    FULL_NAME: ClassVar[str] = "crossdock.common.BusinessTime"
    instant: Instant
    """UTC; with precision `day` the start of that day in `zone`."""
    offset_minutes: Int
    """Offset from UTC in `zone` at that instant, minutes east."""
    date: date
    """Business date in `zone`, set once by normalize (F36)."""
    zone: str
    """IANA zone the date belongs to; empty where only the offset is known."""
    precision: TimePrecision
    """Whether the source gave a moment or only a day."""


class Via(OwnState):
    """How a raw record was captured."""

    UNKNOWN = "unknown"
    WEBHOOK = "webhook"
    POLL = "poll"
    FILE = "file"
    CDC = "cdc"
    MANUAL = "manual"


class SourceRef(Canonical):
    """Where an entity came from: the object in its system and the raw record in the log."""

    FULL_NAME: ClassVar[str] = "crossdock.common.SourceRef"
    system: str
    """Name of the outside system, usually the format's system (shopify, woocommerce, x12)."""
    account: str
    """Account, shop or partner within that system."""
    object_type: str
    """What the system calls the object, e.g. order, line_item, 850."""
    object_id: str
    """The object's id in that system, as text."""
    raw_topic: str = ""
    """Topic of the raw record; empty where there was no log."""
    raw_partition: Int = -1
    """Partition of the raw record; -1 where there was no log."""
    raw_offset: Long = -1
    """Offset of the raw record; -1 where there was no log."""
    captured_at: Instant
    """When the raw record was captured, UTC."""
    mapping_version: str = ""
    """Version of format and profile that mapped it."""
    via: Via = Via.UNKNOWN
    """How it was captured."""


class RevisionKind(OwnState):
    """How two states of one object are ordered (canonical-model §2)."""

    UNKNOWN = "unknown"
    COUNTER = "counter"
    INSTANT_FINE = "instant_fine"
    INSTANT_COARSE = "instant_coarse"
    POSITION = "position"
    NONE = "none"


class Revision(Canonical):
    """Which state of the object this is."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Revision"
    kind: RevisionKind
    """Rule by which revisions compare."""
    value: str
    """Sortable text: zero-padded counter, ISO 8601 UTC instant, position; empty for kind `none`."""
    captured_at: Instant
    """When this state was captured, UTC; breaks ties of coarse instants."""
    content_sha256: Digest
    """Digest of the canonical content without source, capture and echo fields."""


class Position(Canonical):
    """Place in a database's log; orders changes of CDC sources, never a clock."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Position"
    incarnation: Int
    """Counts up when the database was restored."""
    lsn: Text
    """Log position, zero-padded text."""
    serial: Long
    """Order among rows that share an lsn (snapshot rows)."""


class TaxCategory(OwnState):
    """UN/CEFACT 5305 duty or tax category."""

    UNKNOWN = "unknown"
    S = "S"
    Z = "Z"
    E = "E"
    AE = "AE"
    K = "K"
    G = "G"
    O = "O"  # noqa: E741 - the code list's own letter


class TaxLine(Canonical):
    """One tax on a line, an adjustment or an order."""

    FULL_NAME: ClassVar[str] = "crossdock.common.TaxLine"
    amount: DualMoney
    """The tax."""
    base: Money | None = None
    """Amount that the tax is computed on, where the source says it."""
    rate_percent: Percent | None = None
    """Rate in percent, 19 % = 19."""
    category: TaxCategory = TaxCategory.UNKNOWN
    """UN/CEFACT 5305 category."""
    jurisdiction: str = ""
    """Tax authority or title as said."""
    is_included: bool = False
    """The tax is inside the price."""
    is_withheld_by_channel: bool = False
    """Marketplace-facilitator tax: never ours to remit, never in the receivable."""


class AdjustmentKind(OwnState):
    """What an adjustment is for."""

    UNKNOWN = "unknown"
    DISCOUNT = "discount"
    SHIPPING = "shipping"
    GIFT_WRAP = "gift_wrap"
    SURCHARGE = "surcharge"
    FEE = "fee"
    ALLOWANCE = "allowance"
    DEPOSIT = "deposit"
    ROUNDING = "rounding"
    GRATUITY = "gratuity"
    GIFT_CARD = "gift_card"


class AdjustmentScope(OwnState):
    """Whether the source stated an adjustment on a line or on the order."""

    UNKNOWN = "unknown"
    LINE = "line"
    ORDER = "order"


class FundedBy(OwnState):
    """Who bears a discount."""

    UNKNOWN = "unknown"
    SELLER = "seller"
    CHANNEL = "channel"


class Allocation(Canonical):
    """The part of an order level adjustment that belongs to one line."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Allocation"
    line_id: Text
    """Line that bears this part."""
    amount: DualMoney
    """Signed part; all parts sum to the adjustment exactly."""


class Adjustment(Canonical):
    """A charge or allowance beside the goods."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Adjustment"
    kind: AdjustmentKind
    """What it is for."""
    is_charge: bool
    """True adds to the total, false reduces it."""
    amount: DualMoney
    """Signed: charge positive, allowance negative."""
    tax_lines: tuple[TaxLine, ...] = ()
    """Taxes on this adjustment."""
    allocations: tuple[Allocation, ...] = ()
    """Parts per line, summing to `amount` to the last unit."""
    reason_raw: str = ""
    """Code or title as said, e.g. a discount code."""
    scope: AdjustmentScope
    """Where the source stated it."""
    funded_by: FundedBy = FundedBy.SELLER
    """A channel-funded discount reduces what the buyer pays, not what we receive."""


class VarianceCode(OwnState):
    """Which figure of the sender disagrees with our own sum."""

    UNKNOWN = "unknown"
    LINE_EXTENSION = "line_extension"
    ORDER_TOTAL = "order_total"
    TAX_TOTAL = "tax_total"
    LINE_COUNT = "line_count"
    QUANTITY_TOTAL = "quantity_total"
    UNIT_PRICE = "unit_price"
    REFUND_TOTAL = "refund_total"
    DEPOSIT_TOTAL = "deposit_total"
    UNIT_FACTOR = "unit_factor"
    DATE = "date"
    SUBTOTAL = "subtotal"
    SHIPPING = "shipping"
    DISCOUNT = "discount"
    NET_AMOUNT = "net_amount"
    CONTROL_TOTAL = "control_total"
    INVOICE_TOTAL = "invoice_total"


class Variance(Canonical):
    """A figure of the sender beside our own; neither is repaired."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Variance"
    code: VarianceCode
    """Which figure."""
    subject: str
    """Field path or line id the figure stands on."""
    stated: Price
    """What the sender said."""
    computed: Price
    """What we computed."""
    difference: Price
    """`stated` minus `computed`, exact."""
    unit: str
    """Currency or unit of measure of the three figures; empty for plain counts."""
    tolerance: Price
    """Largest difference that the profile tolerates."""
    is_within: bool
    """The difference is within the tolerance."""


class HoldRelease(OwnState):
    """What ends a business hold."""

    UNKNOWN = "unknown"
    MANUAL = "manual"
    TIME = "time"
    PAID = "paid"
    STOCK = "stock"
    REFERENCE = "reference"
    ERP = "erp"


class Hold(Canonical):
    """A business hold of an entity, not the runtime's hold of a key."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Hold"
    code: Text
    """Why, e.g. item_unknown or total_variance."""
    opened_at: Instant
    """When it was opened, UTC."""
    release: HoldRelease
    """What ends it."""
    deadline: Instant | None = None
    """When policy decides instead, UTC."""
    exception_id: str | None = None
    """Business exception that shows it to people."""


class Extension(Canonical):
    """An unmapped field of the source that is worth keeping."""

    FULL_NAME: ClassVar[str] = "crossdock.common.Extension"
    name: Text
    """Field path in the source."""
    value: str
    """Its value as text."""
