"""X12 files of any sets: the natural format of a partner that sends several kinds.

Invariant: each set is read by the reader of its own ST01; one of another kind is refused with its number.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import (
    ErpDocument,
    ExchangeEvent,
    Invoice,
    Order,
    Payout,
    Settlement,
    SettlementLine,
    Shipment,
    StockSnapshot,
    TrackingEvent,
)
from crossdock.formats.declaration import Field, Format
from crossdock.formats.x12.set_format import CONTENT_TYPES, key, mixed, read, split

FORMAT: Final = Format(
    name="x12",
    title="X12 file of any transaction sets",
    content_types=CONTENT_TYPES,
    key=key,
    read=read,
    split=split,
    entities=(
        ErpDocument,
        ExchangeEvent,
        Invoice,
        Order,
        Payout,
        Settlement,
        SettlementLine,
        Shipment,
        StockSnapshot,
        TrackingEvent,
    ),
    field_table=(
        Field("ST*850, ST*860", "Order", "fields of x12_850 and x12_860"),
        Field(
            "ST*855, ST*860, ST*865, ST*940", "ErpDocument", "fields of x12_855, x12_860, x12_865, x12_940"
        ),
        Field("ST*856, ST*945", "Shipment", "fields of x12_856 and x12_945"),
        Field("ST*810", "Invoice", "fields of x12_810"),
        Field("ST*846, ST*852", "StockSnapshot", "fields of x12_846 and x12_852"),
        Field("ST*820", "Settlement, SettlementLine, Payout", "fields of x12_820"),
        Field("ST*214", "TrackingEvent", "fields of x12_214"),
        Field("ST*997, ST*999, TA1", "exchange event", "fields of x12_997"),
    ),
    quirks=(
        "One interchange may hold sets of several kinds; each is read by its own rules.",
        "exchange.documents_in of the profile, where it lists any, decides which kinds are accepted.",
        "A kind that needs a section which the profile lacks is refused; its neighbours are not.",
    ),
    key_rule="as the format of the set",
    revision_rule="as the format of the set",
    intake="document",
    needs=("zone",),
    looks_like=mixed,
)
