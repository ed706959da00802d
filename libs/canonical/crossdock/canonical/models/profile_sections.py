"""Sections of a partner profile that every kind of partner may have (canonical-model §7).

Invariant: configuration is data and never holds a secret, only references; what decides money or stock
wrongly when guessed (`commitment`, `amounts`, `tax_mode`, `quantity_meaning`,
`channel_deducts_own_orders`) has no default.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from crossdock.canonical.models.common import HoldRelease, RevisionKind
from crossdock.canonical.models.field_types import Currency, DecimalType
from crossdock.canonical.models.identity import IdentifierScheme
from crossdock.canonical.models.sales import (
    CancellationStatus,
    Commitment,
    FulfilledBy,
    PaymentStatus,
    Rounding,
)
from crossdock.canonical.units import is_known_unit


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):  # ZoneInfoNotFoundError is a KeyError; a folder is an OSError
        raise ValueError("an IANA time zone such as Europe/Berlin is needed") from None
    return name


def _known(member: str) -> str:
    if member == "unknown":
        raise ValueError("`unknown` is what a reader makes of a missing value; state one")
    return member


def _rec20(code: str) -> str:
    if not is_known_unit(code):
        raise ValueError("a UN/ECE Recommendation 20 code such as EA, KGM or FOT is needed")
    return code


def _reference(text: str) -> str:
    kind, _, name = text.partition(":")
    if kind not in {"env", "file"} or not name:
        raise ValueError("a reference such as env:NAME or file:NAME is needed, never the secret itself")
    return text


Zone = Annotated[str, AfterValidator(_known_zone)]
"""IANA time zone name."""
SecretReference = Annotated[str, AfterValidator(_reference)]
"""Where a secret is found, never the secret: `env:NAME` or `file:NAME`."""
UnitCode = Annotated[str, AfterValidator(_rec20)]
"""UN/ECE Recommendation 20 code."""
Number = Annotated[Decimal, DecimalType(18, 6)]
"""Exact decimal, never a float."""
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""Name of a tenant or partner: up to 64 letters, digits, dots, dashes, underscores."""
Positive = Annotated[int, Field(ge=1)]
"""Whole number from 1."""
Natural = Annotated[int, Field(ge=0)]
"""Whole number from 0."""


class Section(BaseModel):
    """Part of a profile: immutable, unknown fields refused, numbers accepted where text is meant."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class ChannelSection(Section):
    """What the channel's orders mean."""

    commitment: Annotated[Commitment, AfterValidator(_known)]
    """sold: already promised by the channel; requested: we may still refuse. No default."""
    fulfilled_by: Annotated[FulfilledBy, AfterValidator(_known)] = FulfilledBy.SELLER
    """Who ships where the payload does not say it."""
    zone: Zone | None = None
    """Zone of naive times and of business dates; the profile's `zone` where absent."""
    revision: Annotated[RevisionKind, AfterValidator(_known)] | None = None
    """How states of one object are ordered; the format's own rule where absent."""


class LimitsSection(Section):
    """Limits of the partner's endpoint."""

    requests_per_second: Annotated[Number, Field(gt=0)] = Decimal(2)
    """Sustained rate."""
    burst: Positive = 1
    """Requests that may go at once."""
    concurrency_max: Positive = 1
    """Requests in flight."""
    breaker_failures: Positive = 5
    """Failures in a row that open the breaker."""
    breaker_open_seconds: Positive = 30
    """How long it stays open."""


class CapabilitiesSection(Section):
    """What the partner's endpoint can do."""

    idempotency_key: StrictBool = False
    """It refuses or answers a repeated key."""
    compare_and_swap: StrictBool = False
    """It writes only where its state is the expected one."""
    batch_size_max: Positive = 1
    """Items in one request."""
    lateness_days: Natural = 0
    """How late it still reports changes."""


class IntakeSection(Section):
    """How we fetch from the partner."""

    subscriptions: tuple[str, ...] = ()
    """Kinds of object we subscribe to."""
    poll_seconds: Positive | None = None
    """Seconds between polls; absent where nothing is polled."""
    overlap_seconds: Natural = 900
    """How far a poll looks back before its cursor."""


WebhookScheme = Literal["shopify", "woocommerce", "stripe", "square", "standard_webhooks"]
"""How a channel signs its webhooks."""


class WebhookSection(Section):
    """How the channel signs its webhooks."""

    scheme: WebhookScheme
    """Signature scheme."""
    secrets: Annotated[tuple[SecretReference, ...], Field(min_length=1)]
    """References to all live secrets; several while they are rotated."""
    notification_url: str | None = None
    """URL the channel calls, part of what Square signs; required there."""
    tolerance_seconds: Positive = 300
    """Largest age of a signed timestamp, where the scheme signs one."""

    @model_validator(mode="after")
    def _square_signs_the_url(self) -> WebhookSection:
        if self.scheme == "square" and not self.notification_url:
            raise ValueError("scheme square signs the URL that it calls: notification_url is needed")
        return self


class ConnectionSection(Section):
    """The partner's endpoint and how we are let in."""

    endpoint: str | None = None
    """Base URL of the partner's API."""
    credentials: SecretReference | None = None
    """Reference to the credentials."""
    limits: LimitsSection = LimitsSection()
    """Limits of the endpoint."""
    capabilities: CapabilitiesSection = CapabilitiesSection()
    """What the endpoint can do."""
    intake: IntakeSection = IntakeSection()
    """How we fetch."""
    webhook: WebhookSection | None = None
    """How the channel signs what it sends."""


AmountStyle = Literal["major_text", "major_number", "major_comma", "minor_integer"]
"""How money is written: `1234.50` as text, the same as a JSON number, `1.234,50`, or `123450` minor units."""
ProfileTaxMode = Literal["inclusive", "exclusive", "none", "stated"]
"""Whether prices include tax; `stated`: the payload says it per order."""


class MoneySection(Section):
    """Rules for money."""

    currency: Currency | None = None
    """Currency of the partner; a payload that states another is rejected (F37). Absent: payloads state it."""
    amounts: AmountStyle
    """How amounts are written. No default."""
    tax_mode: ProfileTaxMode
    """Whether prices include tax. No default."""
    rounding: Annotated[Rounding, AfterValidator(_known)] = Rounding.PER_LINE_HALF_UP
    """Where and how the source rounds."""


class ItemsSection(Section):
    """How items are matched to SKUs."""

    match: tuple[Annotated[IdentifierScheme, AfterValidator(_known)], ...] = (
        IdentifierScheme.SKU,
        IdentifierScheme.GTIN,
    )
    """Identifier schemes in the order they are tried."""
    aliases: dict[str, str] = Field(default_factory=dict)
    """The partner's item number to our SKU."""
    on_unknown: Literal["hold", "reject"] = "hold"
    """What happens to a line without SKU."""


class UnitRule(Section):
    """What one of the partner's units is in ours."""

    unit: UnitCode
    """UN/ECE Recommendation 20 code."""
    factor: Annotated[Number, Field(gt=0)] = Decimal(1)
    """How many of `unit` one of the partner's units holds."""

    @model_validator(mode="before")
    @classmethod
    def _plain_code(cls, value: object) -> object:
        return {"unit": value} if isinstance(value, str) else value


class PartiesSection(Section):
    """How parties resolve to customers."""

    on_missing_customer: Literal["hold", "default", "reject"] = "hold"
    """What happens to an order whose buyer is unknown (F40)."""
    default_customer: str | None = None
    """Customer for `default`, e.g. erp:WEB-EU."""
    map: dict[str, str] = Field(default_factory=dict)
    """The partner's party number to ours."""

    @model_validator(mode="after")
    def _default_is_named(self) -> PartiesSection:
        if self.on_missing_customer == "default" and not self.default_customer:
            raise ValueError("on_missing_customer: default needs default_customer")
        return self


class HoldRule(Section):
    """A business hold that the partner's orders get."""

    code: Literal["amount_over", "country", "sku", "first_order"]
    """Which rule."""
    total_min: Number | None = None
    """Smallest total that is held (amount_over)."""
    values: tuple[str, ...] = ()
    """Countries or SKUs that are held."""
    release: Annotated[HoldRelease, AfterValidator(_known)] = HoldRelease.MANUAL
    """What ends the hold."""


class OrdersSection(Section):
    """Policies of the order saga."""

    reserve_at: Literal["received", "paid"] = "received"
    """When demand counts."""
    pending_expires_minutes: Positive = 4320
    """How long an order may wait for payment."""
    post_when: Literal["paid", "authorized", "accepted"] = "paid"
    """When an order may go to the ERP."""
    acknowledge_at: Literal["accepted", "posted", "never"] = "accepted"
    """When the channel is told."""
    on_shortage: Literal["hold", "backorder", "split", "cancel"] = "hold"
    """What a shortage does."""
    on_amend_after_posting: Literal["amend", "hold", "cancel_and_new"] = "amend"
    """What a change after posting does."""
    split_posting: Literal["all_or_nothing", "independent"] = "independent"
    """Whether a refused posting unit cancels the confirmed ones."""
    holds: tuple[HoldRule, ...] = ()
    """Business holds."""


FulfillmentStatusName = Literal[
    "created",
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "ready_for_pickup",
    "delivered",
    "delivery_failed",
    "delayed",
    "on_hold",
    "returning",
    "returned",
    "lost",
    "cancelled",
]
"""Fulfilment states that codes from outside map to."""


class OrderStatusMeaning(Section):
    """What one of the channel's order statuses says, per axis; absent = nothing."""

    payment: Annotated[PaymentStatus, AfterValidator(_known)] | None = None
    """Payment axis."""
    cancellation: Annotated[CancellationStatus, AfterValidator(_known)] | None = None
    """Cancellation axis."""


class StatusMapSection(Section):
    """The partner's own status codes."""

    order: dict[str, OrderStatusMeaning] = Field(default_factory=dict)
    """Order statuses that the format's table does not know."""
    payment: dict[str, Annotated[PaymentStatus, AfterValidator(_known)]] = Field(default_factory=dict)
    """Payment statuses that the format's table does not know."""
    fulfillment: dict[str, FulfillmentStatusName] = Field(default_factory=dict)
    """Fulfilment statuses."""
    carrier_codes: str | dict[str, FulfillmentStatusName] | None = None
    """Name of a built-in carrier table, or the table itself."""
