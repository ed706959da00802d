"""X12 846 inventory inquiry and advice, alone or among other sets.

Invariant: one snapshot per item and place; each quantity keeps its qualifier.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import StockSnapshot
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "846",
    "inventory inquiry and advice",
    (StockSnapshot,),
    key_rule="SKU (else the first item number), partner, place, lot",
    revision_rule="document date: a snapshot replaces only what is older than its as_of",
    field_table=(
        Field("LIN02 …", "identifiers, sku", "vendor part, SKU or alias"),
        Field(
            "QTY01",
            "quantities[].meaning",
            "33 34 available, 17 26 on hand, 27 72 reserved, 20 damaged, QH hold, QT in transit, 63 incoming",
        ),
        Field("QTY02, QTY03", "quantities[].quantity", "unit also from UIT"),
        Field("N1 WH SF ST SN DC …", "location", "N104, else N102; of header or item"),
        Field("SDQ", "one snapshot per place", "compared with its QTY"),
        Field("DTM of the item, of the header, BIA04/BIA05", "as_of", "in the profile's zone"),
        Field("LIN pair LT, REF*LT", "lot"),
        Field("CTT01, CTT02", "variances line_count, quantity_total", "of LIN, and of every QTY"),
        Field("BIA03", "source.object_id"),
        Field("every other segment", "extensions", "`items[LIN01].TAG`"),
    ),
    quirks=(
        "LIN01 may be left out with its place; a number under an unlisted qualifier identifies, if alone.",
        "A quantity without a known qualifier keeps it and has meaning unknown.",
        "Sold, received or planned quantities are no stock: extensions.",
        "An empty quantity is not 0.",
        "N1 may stand before or behind the quantities of its place.",
        "A report that takes back an earlier one is refused: it does not say what was there before.",
    ),
)
