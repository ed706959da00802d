"""A partner's profile: identity, format, meanings, policies, tolerances (canonical-model §7).

Invariant: a profile that validates has every section that its kind of partner needs and none that it
cannot have; what it does not say has a documented default.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StrictBool, model_validator

from crossdock.canonical.models.mapping import MappingSection
from crossdock.canonical.models.profile_sections import (
    ChannelSection,
    ConnectionSection,
    ItemsSection,
    MoneySection,
    Name,
    Natural,
    Number,
    OrdersSection,
    PartiesSection,
    Positive,
    Section,
    StatusMapSection,
    UnitRule,
    Zone,
)


class PartnerKind(StrEnum):
    """What a partner is."""

    CHANNEL = "channel"
    EDI_PARTNER = "edi_partner"
    CARRIER = "carrier"
    PAYMENT_ACCOUNT = "payment_account"
    ERP = "erp"
    CRM = "crm"


class ExchangeSection(Section):
    """How EDI documents travel, in place of an API connection."""

    transport: Literal["sftp", "as2", "folder", "api"]
    """Way of the files."""
    sender: Annotated[str, Field(pattern=r"^[0-9A-Z]{2,4}:.+$")]
    """Our envelope identity, `qualifier:id`."""
    receiver: Annotated[str, Field(pattern=r"^[0-9A-Z]{2,4}:.+$")]
    """The partner's envelope identity, `qualifier:id`."""
    versions: Annotated[tuple[str, ...], Field(min_length=1)]
    """Versions the partner uses, e.g. 004010."""
    documents_in: tuple[str, ...] = ()
    """Documents we accept, e.g. 850."""
    documents_out: tuple[str, ...] = ()
    """Documents we send, e.g. 855."""
    functional_ack_hours: Positive = 24
    """Hours until a functional acknowledgement is overdue."""
    line_status_map: dict[Literal["covered", "backordered", "rejected", "quantity_changed"], str] = Field(
        default_factory=dict
    )
    """Code of our line decisions in the partner's acknowledgement."""
    duplicate_control_number: Literal["reject_if_other_content", "reject", "accept"] = (
        "reject_if_other_content"
    )
    """What a control number that came before means."""


class RoutingCondition(Section):
    """All stated lists must hold the line's value."""

    channel: tuple[str, ...] = ()
    """Channels."""
    country: tuple[str, ...] = ()
    """Ship-to countries, ISO 3166-1."""
    sku_class: tuple[str, ...] = ()
    """Classes of SKU."""
    owner: tuple[str, ...] = ()
    """Owners of the goods."""
    location_hint: tuple[str, ...] = ()
    """Locations the channel names."""


class RoutingRule(Section):
    """First rule whose condition holds gives a line its pool."""

    when: RoutingCondition | None = None
    """Condition; absent = always."""
    pool: str
    """Pool of stock; it names its ERP."""


class AllocationSection(Section):
    """How much of a pool the channel may see."""

    mode: Literal["shared", "exclusive"] = "shared"
    """Shared pools may be shown to several channels."""
    share_percent: Annotated[Number, Field(ge=0, le=100)] = Decimal(100)
    """Share of what is available to sell."""
    buffer_quantity: Annotated[Number, Field(ge=0)] = Decimal(0)
    """Subtracted before publishing."""
    cap: Annotated[Number, Field(ge=0)] | None = None
    """Largest quantity that is shown."""


class PublishSection(Section):
    """How stock is published."""

    debounce_ms: Natural = 500
    """Quiet time before a changed quantity is sent."""
    batch_size_max: Positive = 100
    """Items in one request."""
    full_refresh_hours: Positive = 24
    """Hours between complete publications."""


class StockSection(Section):
    """What the channel's stock figure means, and how much it sees."""

    allocation: AllocationSection = AllocationSection()
    """How much of a pool it may see."""
    quantity_meaning: Literal["available", "on_hand"]
    """What the channel does with our figure. No default (F12)."""
    channel_deducts_own_orders: StrictBool
    """Whether it subtracts its own open orders from our figure. No default (F12)."""
    location_map: dict[str, str] = Field(default_factory=dict)
    """Pool to the channel's location."""
    publish: PublishSection = PublishSection()
    """How it is published."""


class PricesSection(Section):
    """Prices the channel shows."""

    list: str
    """Price list."""
    approve_above_percent: Annotated[Number, Field(ge=0)] = Decimal(10)
    """Deviation that needs an approval."""
    approvers: tuple[str, ...] = ()
    """Roles that may approve."""
    publish_attempts_max: Positive = 5
    """Attempts before the publication is given up, visibly (F16)."""


class OrderTotalTolerance(Section):
    """Largest difference of stated and computed totals: max(floor, per_line × lines)."""

    per_line: Annotated[Number, Field(ge=0)] = Decimal("0.005")
    """Per line of the order, major units."""
    floor: Annotated[Number, Field(ge=0)] = Decimal("0.01")
    """At least this, major units."""
    above: Literal["hold", "accept"] = "hold"
    """What a greater difference does."""

    def for_lines(self, lines: int) -> Decimal:
        """Tolerance of a figure that sums this many lines, in the currency of the figure."""
        return max(self.floor, self.per_line * lines)


class SettlementTolerance(Section):
    """When a settlement line still matches."""

    amount: Annotated[Number, Field(ge=0)] = Decimal(0)
    """Difference of amounts, major units."""
    days_before: Natural = 3
    """Days before the document's date."""
    days_after: Natural = 30
    """Days after the document's date."""
    version: Positive = 1
    """Version of this policy, kept on each match."""


class TolerancesSection(Section):
    """How much a figure of the sender may differ from our own."""

    order_total: OrderTotalTolerance = OrderTotalTolerance()
    """Totals of an order."""
    unit_price_percent: Annotated[Number, Field(ge=0)] = Decimal(0)
    """Prices of an order against the price list."""
    settlement: SettlementTolerance = SettlementTolerance()
    """Settlement lines."""


TransactionType = Literal[
    "sale",
    "refund",
    "fee",
    "fee_refund",
    "adjustment",
    "chargeback",
    "chargeback_reversal",
    "reserve",
    "transfer",
    "payout",
    "tax_withheld",
    "subscription",
    "shipping_label",
    "other",
]
"""What a settlement line is."""


class SettlementSection(Section):
    """Reports of a payment account or marketplace."""

    account: str
    """Name of the account in keys."""
    horizon_days: Positive = 30
    """Days until a settlement counts as complete (F23)."""
    vocabulary: dict[str, TransactionType] = Field(default_factory=dict)
    """The report's words; an unlisted one is unknown, never guessed (F24)."""
    columns: dict[str, str] = Field(default_factory=dict)
    """Our field to the report's column name; columns are never read by position."""
    sign_convention: Literal["positive_is_to_us", "positive_is_to_channel"] = "positive_is_to_us"
    """What a positive amount means."""
    currency_rule: Literal["each_row", "first_row", "profile"] = "each_row"
    """Where the currency stands."""


class SlaSection(Section):
    """What the partner was promised."""

    order_posted_seconds: Positive = 60
    """From capture to posted."""
    stock_fresh_seconds: Positive = 10
    """From change to publication."""
    settlement_closed_days: Positive = 3
    """From the report to reconciled."""
    ship_by_hours: Positive = 24
    """From order to shipped."""
    error_budget_percent: Annotated[Number, Field(ge=0, le=100)] = Decimal(1)
    """Share that may miss."""


class PrivacySection(Section):
    """How long personal data stays."""

    retention_days: Annotated[int, Field(ge=1, le=400)]
    """Lowers the retention of topics with personal data."""


class CdcSection(Section):
    """Tables of an ERP's change data capture."""

    tables: Annotated[tuple[str, ...], Field(min_length=1)]
    """Tables that are captured."""
    incarnation: Positive = 1
    """Counts up when the database was restored."""


class PostingSection(Section):
    """How fast an ERP may be written to."""

    concurrency_max: Positive = 2
    """Calls in flight."""
    rate_per_second: Annotated[Number, Field(gt=0)] = Decimal(3)
    """Sustained rate."""


PeerClass = Literal["unique_key", "absolute_set", "typed_duplicate", "compare_and_swap", "none"]
"""What a peer offers against doubled effects."""


class PartnerProfile(Section):
    """Everything we know about a partner that is not code."""

    tenant: Name
    """Tenant that the partner belongs to."""
    partner: Name
    """Partner's name, unique within the tenant; the second segment of its keys."""
    kind: PartnerKind
    """What the partner is."""
    format: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    """Format module that reads its payloads."""
    zone: Zone | None = None
    """Zone of naive times and business dates."""
    channel: ChannelSection | None = None
    """What its orders mean (channels, EDI partners)."""
    connection: ConnectionSection | None = None
    """Endpoint, limits, webhooks."""
    exchange: ExchangeSection | None = None
    """EDI exchange (EDI partners only)."""
    money: MoneySection | None = None
    """Rules for money."""
    items: ItemsSection = ItemsSection()
    """How items are matched."""
    units: dict[str, UnitRule] = Field(default_factory=dict)
    """The partner's units."""
    parties: PartiesSection = PartiesSection()
    """How parties resolve."""
    orders: OrdersSection = OrdersSection()
    """Policies of the order saga."""
    routing: tuple[RoutingRule, ...] = ()
    """First match gives a line its pool."""
    stock: StockSection | None = None
    """Stock that the channel is shown; absent = none."""
    prices: PricesSection | None = None
    """Prices that the channel is shown; absent = none."""
    status_map: StatusMapSection = StatusMapSection()
    """The partner's own status codes."""
    tolerances: TolerancesSection = TolerancesSection()
    """How much figures may differ."""
    settlement: SettlementSection | None = None
    """Settlement reports."""
    mapping: MappingSection | None = None
    """Own documents of the partner, for format declarative."""
    sla: SlaSection = SlaSection()
    """What the partner was promised."""
    privacy: PrivacySection | None = None
    """How long personal data stays."""
    adapter: str | None = None
    """ERP: adapter module."""
    stock_style: Literal["ledger", "balance"] | None = None
    """ERP: movements or balances give on-hand."""
    reservation_evidence: Literal["line", "none"] = "none"
    """ERP: whether its own reservations name order lines."""
    stock_locations: tuple[str, ...] = ()
    """ERP: locations that are stock."""
    cdc: CdcSection | None = None
    """ERP: change data capture."""
    documents: dict[str, PeerClass] = Field(default_factory=dict)
    """ERP: what it offers against doubled documents, per kind."""
    posting: PostingSection = PostingSection()
    """ERP: how fast it may be written to."""
    shops: dict[str, str] = Field(default_factory=dict)
    """ERP: its web shop ids to our channels."""

    @property
    def business_zone(self) -> str | None:
        """IANA zone of naive times and business dates: the channel's, else the profile's own."""
        return (self.channel.zone if self.channel else None) or self.zone

    @model_validator(mode="after")
    def _sections_fit_the_kind(self) -> Self:
        problems = section_problems(self.kind, self.model_fields_set)
        if problems:
            raise ValueError("; ".join(f"{path}: {text}" for path, text in problems))
        return self


_NEEDED: Final[dict[PartnerKind, tuple[str, ...]]] = {
    PartnerKind.CHANNEL: ("format", "channel", "money"),
    PartnerKind.EDI_PARTNER: ("format", "channel", "money", "exchange"),
    PartnerKind.CARRIER: ("format", "zone"),
    PartnerKind.PAYMENT_ACCOUNT: ("format", "money", "settlement"),
    PartnerKind.ERP: ("adapter", "stock_style"),
    PartnerKind.CRM: (),
}
_ONLY: Final[dict[str, PartnerKind]] = {"exchange": PartnerKind.EDI_PARTNER} | dict.fromkeys(
    (
        "adapter",
        "stock_style",
        "reservation_evidence",
        "stock_locations",
        "cdc",
        "documents",
        "posting",
        "shops",
    ),
    PartnerKind.ERP,
)


def section_problems(kind: PartnerKind, stated: AbstractSet[str]) -> list[tuple[str, str]]:
    """(field, problem) for each section that this kind of partner lacks or cannot have."""
    missing = [
        (name, f"a profile of kind {kind} needs this section") for name in _NEEDED[kind] if name not in stated
    ]
    foreign = [
        (name, f"only a profile of kind {owner} has this section")
        for name, owner in _ONLY.items()
        if name in stated and owner is not kind
    ]
    return missing + foreign
