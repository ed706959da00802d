"""EDIFACT ORDRSP: the seller's answer to an order.

Invariant: one message is one sales document of the seller; each line keeps what was decided on it.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import ErpDocument
from crossdock.formats.declaration import Field
from crossdock.formats.edifact.declaring import message_format

FORMAT: Final = message_format(
    "ORDRSP",
    "EDIFACT ORDRSP order response",
    (ErpDocument,),
    (
        Field("RFF ON", "origin_order_key", "of the header, else the one that all lines name"),
        Field("RFF VN, else BGM02", "erp_id", "the seller's own order number"),
        Field("BGM02", "number"),
        Field(
            "BGM04, BGM03, LIN02", "state", "AP CA 29 28 30 4 confirmed, RE 27 or all lines refused cancelled"
        ),
        Field("BGM03, BGM04", "state_raw"),
        Field("LIN01", "lines[].erp_line_ref"),
        Field("LIN02", "lines[].status_raw", "5 accepted, 3 6 changed, 7 refused, 2 deleted"),
        Field("RFF ON of a line, third component", "lines[].line_id"),
        Field("LIN03, PIA", "lines[].identifiers, lines[].sku"),
        Field("QTY 113, 12, 21 …", "lines[].quantity"),
        Field("MOA 203, else price × quantity / basis; TAX with MOA 124", "lines[].net, lines[].tax"),
        Field("DTM 69 67 17 2 11", "lines[].scheduled"),
        Field("MOA 79 125; 176 124; 77 86 39 9", "totals"),
        Field("CNT 2, CNT 1, MOA 79", "variances line_count, quantity_total, subtotal"),
    ),
    (
        "A stated sum may leave refused lines out: it is compared with and without them.",
        "A line that is accepted or refused as a whole states no quantity: carried as 0 with a warning.",
        "Function, response type and lines say nothing: state unknown with the warning response_unclear.",
    ),
    key_rule="order (RFF ON), partner, and RFF VN, else BGM02; order `-` where none is named",
    revision_rule="document semantics: BGM03 9 is new, later interchanges replace",
    needs=("zone",),
)
