"""Typed handles of the topics, and the declarations in `schemas/topics` that they must match.

Invariant: a handle's name, record and partition segments equal its declaration (contract test).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from crossdock.canonical.documents import load_document
from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.business_exception import BusinessException
from crossdock.canonical.models.catalog import Product
from crossdock.canonical.models.erp import ErpDocument
from crossdock.canonical.models.finance import Invoice, Payout, Settlement, SettlementLine
from crossdock.canonical.models.fulfillment import Shipment, TrackingEvent
from crossdock.canonical.models.inventory import StockMovement, StockSnapshot
from crossdock.canonical.models.ops import AuditEntry, Receipt
from crossdock.canonical.models.partner import ExchangeEvent, PartnerProfileVersion
from crossdock.canonical.models.party import Customer
from crossdock.canonical.models.pricing import PriceProposal
from crossdock.canonical.models.returns import Refund, Return
from crossdock.canonical.models.sales import Order
from crossdock.canonical.schemas import schema_root

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Topic(Generic[T]):
    """A topic that code produces to or reads from.

    Args:
        name: logical name, `<domain>.<entity>.v<major>`, without the installation's namespace.
        record: pydantic model of its Avro record, or `bytes` for raw topics.
        partition_segments: how many leading key segments choose the partition.
    """

    name: str
    record: type[T]
    partition_segments: int


RAW_CHANNEL: Final = Topic("raw.channel.v1", bytes, 3)
RAW_DOCUMENT: Final = Topic("raw.document.v1", bytes, 2)
RAW_TRANSACTION_SET: Final = Topic("raw.transaction-set.v1", bytes, 3)
RAW_CARRIER: Final = Topic("raw.carrier.v1", bytes, 3)
RAW_PAYMENT: Final = Topic("raw.payment.v1", bytes, 3)
PARTNER_PROFILE: Final = Topic("partner.profile.v1", PartnerProfileVersion, 2)
PARTNER_EXCHANGE: Final = Topic("partner.exchange.v1", ExchangeEvent, 2)
PRODUCT: Final = Topic("catalog.product.v1", Product, 2)
ORDER: Final = Topic("sales.order.v1", Order, 3)
CUSTOMER: Final = Topic("party.customer.v1", Customer, 2)
MOVEMENT: Final = Topic("inventory.movement.v1", StockMovement, 2)
SNAPSHOT: Final = Topic("inventory.snapshot.v1", StockSnapshot, 2)
SHIPMENT: Final = Topic("fulfillment.shipment.v1", Shipment, 3)
TRACKING_EVENT: Final = Topic("fulfillment.tracking-event.v1", TrackingEvent, 3)
RETURN: Final = Topic("returns.return.v1", Return, 3)
REFUND: Final = Topic("returns.refund.v1", Refund, 3)
PRICE_PROPOSAL: Final = Topic("pricing.proposal.v1", PriceProposal, 2)
ERP_DOCUMENT: Final = Topic("erp.document.v1", ErpDocument, 3)
INVOICE: Final = Topic("finance.invoice.v1", Invoice, 3)
SETTLEMENT: Final = Topic("finance.settlement.v1", Settlement, 3)
SETTLEMENT_LINE: Final = Topic("finance.settlement-line.v1", SettlementLine, 3)
PAYOUT: Final = Topic("finance.payout.v1", Payout, 3)
BUSINESS_EXCEPTION: Final = Topic("ops.exception.v1", BusinessException, 2)
RECEIPT: Final = Topic("ops.receipt.v1", Receipt, 2)
AUDIT_ENTRY: Final = Topic("ops.audit.v1", AuditEntry, 2)

HANDLES: Final[tuple[Topic[Any], ...]] = (  # of any record: a table by name
    RAW_CHANNEL,
    RAW_DOCUMENT,
    RAW_TRANSACTION_SET,
    RAW_CARRIER,
    RAW_PAYMENT,
    PARTNER_PROFILE,
    PARTNER_EXCHANGE,
    PRODUCT,
    ORDER,
    CUSTOMER,
    MOVEMENT,
    SNAPSHOT,
    SHIPMENT,
    TRACKING_EVENT,
    RETURN,
    REFUND,
    PRICE_PROPOSAL,
    ERP_DOCUMENT,
    INVOICE,
    SETTLEMENT,
    SETTLEMENT_LINE,
    PAYOUT,
    BUSINESS_EXCEPTION,
    RECEIPT,
    AUDIT_ENTRY,
)
"""All handles, one per declaration."""


ENTITIES: Final[dict[type[Any], Topic[Any]]] = {
    handle.record: handle
    for handle in HANDLES
    if issubclass(handle.record, Entity) or handle.record is ExchangeEvent
}
"""Topic of each entity that a format may report."""


class TopicDeclaration(BaseModel):
    """One topic as `schemas/topics/<topic>.yaml` declares it; creation, ACLs and docs come from here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$")]
    """Logical name, without the installation's namespace."""
    owner: Annotated[str, Field(min_length=1)]
    """Component that answers for it."""
    description: Annotated[str, Field(min_length=1)]
    """What its records are, for people."""
    key: Annotated[str, Field(pattern=r"^[a-z:-]+(/[a-z:-]+)+$")]
    """Key segments by name, separated by slashes."""
    partition_segments: Annotated[int, Field(ge=1)]
    """How many leading segments choose the partition."""
    group: Literal["O", "K", "E", "P", "L"]
    """Co-partition group: same partition count and same partition prefix (canonical-model §4)."""
    record: Annotated[str, Field(min_length=1)]
    """Full name of its Avro record, or `bytes`."""
    compatibility: Literal["FULL_TRANSITIVE", "NONE"]
    """How its schema may evolve; NONE only for bytes."""
    producers: tuple[str, ...]
    """Who writes to it."""
    consumers: tuple[str, ...]
    """Who reads it."""
    cleanup: Literal["delete", "compact", "compact,delete"]
    """Kafka's `cleanup.policy`."""
    retention_days: Annotated[int, Field(ge=1)] | None
    """Days records stay; null where only compaction removes them."""
    pii: bool
    """Its records hold personal data."""
    private: bool
    """Only its owner reads it; not a contract with others."""


@cache
def declarations() -> dict[str, TopicDeclaration]:
    """All declarations by topic name, sorted. Raises ValueError naming the file that is wrong."""
    found = {}
    for path in sorted((schema_root() / "topics").glob("*.yaml")):
        try:
            declaration = TopicDeclaration.model_validate(load_document(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error
        found[declaration.topic] = declaration
    return found
