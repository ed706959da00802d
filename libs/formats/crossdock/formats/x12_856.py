"""X12 856 ship notice, alone or among other sets.

Invariant: one shipment per order of the notice; every item is in exactly one package.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Shipment
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "856",
    "ship notice",
    (Shipment,),
    key_rule="partner, PRF01 (release PRF02), BSN02",
    revision_rule="document semantics by purpose code; a second original with other content is a conflict",
    field_table=(
        Field("BSN02", "shipment_id"),
        Field("BSN01", "purpose, change, cancels", "00 original, 05 replace, 01 cancel"),
        Field("PRF01, else REF*PO", "order_id", "`-` where none is named"),
        Field("HL01, HL02, HL03", "packages, lines", "tree by parent, else by the order of the document"),
        Field("MAN GM AA", "packages[].sscc", "18 digits, (00) is left out; a wrong check digit is reported"),
        Field("MAN CP CA, REF CN 2I CR TN", "packages[].tracking_number", "of pack, tare, order or shipment"),
        Field("TD503, TD505, TD512", "packages[].carrier, service_level"),
        Field("TD106–TD108", "packages[].weight"),
        Field("SN102, SN103", "packages[].lines[].quantity"),
        Field("LIN01, else SN101", "packages[].lines[].line_id"),
        Field("LIN02 …", "packages[].lines[].identifiers, lot, serials"),
        Field("N1 SF, N1 ST", "ship_from, ship_to, location"),
        Field("DTM 011, DTM 017", "shipped, estimated_delivery"),
        Field("CTT01, CTT02", "variances line_count, quantity_total"),
        Field("every other segment", "extensions", "`HL[n].TAG`"),
    ),
    quirks=(
        "A missing or unknown parent is replaced by the document's order (BSN05 0002: items before packs).",
        "An item under no pack stands in the package `-`.",
        "An item that several packs hold without quantities stands in no pack.",
        "A cancelling notice may hold no level at all.",
        "A notice that names no item is a shipment of one package without lines, with a warning.",
        "CTT01 counts levels, with some senders items or their SN1.",
    ),
)
