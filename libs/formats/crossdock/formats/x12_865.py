"""X12 865 purchase order change acknowledgement, alone or among other sets.

Invariant: the seller's answer or own change is a document, never the order.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import ErpDocument
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "865",
    "purchase order change acknowledgement",
    (ErpDocument,),
    key_rule="partner, BCA03 (release BCA04), partner, BCA09 (else 865, order, BCA05)",
    revision_rule="the later envelope is the later state: sellers answer several times, each as an original",
    field_table=(
        Field("BCA09", "erp_id, number"),
        Field("BCA02", "state"),
        Field("BCA01", "change"),
        Field("BCA03, BCA04", "origin_order_key"),
        Field("BCA10, else BCA06", "document_date"),
        Field("POC01", "lines[].line_id"),
        Field("POC02, ACK01", "lines[].status_raw"),
        Field("ACK02, else POC03", "lines[].quantity"),
        Field("ACK05", "lines[].scheduled"),
        Field("POC06, POC07", "extensions", "`lines[id].price`"),
        Field("CTT01, CTT02", "variances line_count, quantity_total", "of POC03"),
        Field("every other segment", "extensions"),
    ),
    quirks=(
        "A deleted or refused line without a quantity is carried with 0.",
        "Only the lines that change may be there.",
    ),
)
