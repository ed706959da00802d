"""X12 855 purchase order acknowledgement, alone or among other sets.

Invariant: the seller's answer is a document of its own, never the order.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import ErpDocument
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "855",
    "purchase order acknowledgement",
    (ErpDocument,),
    key_rule="partner, BAK03 (release BAK05), partner, BAK08 (else 855 and the order)",
    revision_rule="the later envelope is the later state: sellers answer several times, each as an original",
    field_table=(
        Field("BAK08", "erp_id, number", "the seller's order number"),
        Field("BAK02", "state", "AC AD AE AK AP AT confirmed, RD RF RJ RO cancelled"),
        Field("BAK01", "change"),
        Field("BAK03, BAK05", "origin_order_key"),
        Field("BAK09, else BAK04", "document_date"),
        Field("PO101", "lines[].line_id", "one line per ACK"),
        Field("ACK01", "lines[].status_raw"),
        Field("ACK02, ACK03, else PO102, PO103", "lines[].quantity"),
        Field("ACK05, else DTM", "lines[].scheduled"),
        Field("PO106 …", "lines[].identifiers"),
        Field("PO102 × PO104 (else CTP03) / basis", "lines[].net"),
        Field("AMT*TT, AMT*1", "totals.gross, totals.net"),
        Field("CTT01, CTT02", "variances line_count, quantity_total", "of PO102"),
        Field("AMT*TT, AMT*1 without SAC and TXI", "variances order_total, subtotal"),
        Field("every other segment", "extensions"),
    ),
    quirks=(
        "A line with several ACK becomes one line per ACK: `1`, `1#2`.",
        "A stated total is of what was ordered, is accepted or is not backordered; else it is a variance.",
        "A refused line without a quantity is carried with 0.",
        "What an SLN and the segments behind it say of a component is kept, and is no line.",
        "A price that cannot be used leaves the amount out, with a warning.",
    ),
)
