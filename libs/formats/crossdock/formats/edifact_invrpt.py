"""EDIFACT INVRPT: inventory reports.

Invariant: one snapshot per item and place, each figure with its own code.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import StockSnapshot
from crossdock.formats.declaration import Field
from crossdock.formats.edifact.declaring import message_format

FORMAT: Final = message_format(
    "INVRPT",
    "EDIFACT INVRPT inventory report",
    (StockSnapshot,),
    (
        Field("LIN03, PIA", "sku, identifiers", "the reporter's number where it is none of our SKUs"),
        Field("LOC of the line, else of the header, else NAD WH ST GM SU", "location"),
        Field("QTY", "quantities", "145 17 on hand, 124 damaged, 27 on hold; others unknown, code kept"),
        Field("QTY03", "quantities[].quantity.unit"),
        Field("PIA NB", "lot"),
        Field("DTM 366 7 194 137", "as_of", "of the place, the line, the message"),
        Field("BGM02", "source.object_id"),
        Field("CNT 2", "variances line_count"),
    ),
    (
        "One line states several places, before or behind their quantities: each is a snapshot of its own.",
        "An item and place that come twice are numbered; none replaces the other.",
        "A report without lines is refused: it does not say that all stock is 0.",
    ),
    key_rule="SKU, partner, location (`-` for none) and lot, else SKU",
    revision_rule="document semantics: later interchanges replace",
    needs=("zone",),
)
