"""Documents as an ERP keeps them (canonical-model §3.11).

Invariant: the ERP's own state word is kept beside ours; a document says the log position it was read at.
"""

from __future__ import annotations

from typing import ClassVar

from crossdock.canonical.models.base import Entity
from crossdock.canonical.models.common import BusinessTime, Money, Position, Quantity
from crossdock.canonical.models.field_types import Canonical, OwnState, Text
from crossdock.canonical.models.identity import Identifier


class DocumentKind(OwnState):
    """What an ERP document is."""

    UNKNOWN = "unknown"
    SALES_ORDER = "sales_order"
    DELIVERY = "delivery"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    JOURNAL = "journal"


class DocumentState(OwnState):
    """How far an ERP document is."""

    UNKNOWN = "unknown"
    DRAFT = "draft"
    CONFIRMED = "confirmed"
    POSTED = "posted"
    DONE = "done"
    CANCELLED = "cancelled"
    DELETED = "deleted"


class DocumentTotals(Canonical):
    """Totals as said; absent is None."""

    FULL_NAME: ClassVar[str] = "crossdock.erp.DocumentTotals"
    net: Money | None = None
    """Without tax."""
    tax: Money | None = None
    """Tax."""
    gross: Money | None = None
    """With tax."""


class ErpDocumentLine(Canonical):
    """One line of an ERP document."""

    FULL_NAME: ClassVar[str] = "crossdock.erp.ErpDocumentLine"
    erp_line_ref: Text
    """Identity of the line in the ERP."""
    line_id: str | None = None
    """Line of the channel order, where the ERP names it."""
    sku: str | None = None
    """Our SKU where the item resolved."""
    identifiers: tuple[Identifier, ...] = ()
    """Item as the ERP names it."""
    quantity: Quantity
    """Quantity as said."""
    net: Money | None = None
    """Line amount without tax, as said."""
    tax: Money | None = None
    """Tax of the line, as said."""
    status_raw: str = ""
    """Line status as said, e.g. an acknowledgement code."""
    scheduled: BusinessTime | None = None
    """Date promised for the line."""


class ErpDocument(Entity):
    """A document of an ERP; key `tenant/channel/order_id/erp/erp_id`, or `tenant/erp/-/erp/erp_id`."""

    FULL_NAME: ClassVar[str] = "crossdock.erp.ErpDocument"
    kind: DocumentKind
    """What it is."""
    erp: Text
    """ERP or partner that keeps it."""
    erp_id: Text
    """Identity in the ERP."""
    number: str | None = None
    """Number for people."""
    state: DocumentState
    """How far it is."""
    state_raw: str = ""
    """State as said."""
    lines: tuple[ErpDocumentLine, ...] = ()
    """Lines; may be empty where they are rows of their own."""
    totals: DocumentTotals
    """Totals as said."""
    document_date: BusinessTime | None = None
    """Date on the document."""
    position: Position | None = None
    """Place in the database's log, for CDC rows."""
    origin_order_key: str | None = None
    """Key of the channel order, where the document names it."""
    effect_key: str | None = None
    """Our effect key, where we made it."""
