"""EDIFACT interchanges with any known messages: what a partner sends in one channel.

Invariant: each message is read as its own format reads it; an unknown type is refused by its name.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import (
    ErpDocument,
    ExchangeEvent,
    Invoice,
    Order,
    Shipment,
    StockSnapshot,
    TrackingEvent,
)
from crossdock.formats.declaration import Field, Format
from crossdock.formats.edifact.declaring import (
    CONTENT_TYPES,
    ENVELOPE_FIELDS,
    SYNTAX_QUIRKS,
    key,
    likeness,
    read_file,
)
from crossdock.formats.edifact.messages import read_message

FORMAT: Final = Format(
    name="edifact",
    title="EDIFACT, any known message",
    content_types=CONTENT_TYPES,
    key=key,
    read=read_message,
    split=read_file,
    entities=(Order, ErpDocument, Shipment, StockSnapshot, Invoice, TrackingEvent, ExchangeEvent),
    field_table=(
        *ENVELOPE_FIELDS,
        Field("ORDERS, ORDCHG of the whole order", "Order", "see edifact_orders, edifact_ordchg"),
        Field("ORDRSP, ORDCHG of changes", "ErpDocument", "see edifact_ordrsp"),
        Field("DESADV", "Shipment", "see edifact_desadv"),
        Field("INVRPT", "StockSnapshot", "see edifact_invrpt"),
        Field("INVOIC", "Invoice", "see edifact_invoic"),
        Field("IFTSTA", "TrackingEvent", "see edifact_iftsta"),
        Field("APERAK, CONTRL", "ExchangeEvent", "see edifact_aperak, edifact_contrl"),
    ),
    quirks=("An interchange mixes message types: each is read by its UNH.", *SYNTAX_QUIRKS),
    key_rule="as the format of the message type; the part is keyed by type and document number",
    revision_rule="document semantics, as the format of the message type",
    intake="document",
    looks_like=likeness(None),
)
