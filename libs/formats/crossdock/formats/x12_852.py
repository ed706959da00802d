"""X12 852 product activity data, alone or among other sets.

Invariant: one snapshot per item and store; activity that is no stock is never a figure.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import StockSnapshot
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "852",
    "product activity data",
    (StockSnapshot,),
    key_rule="SKU (else the first item number), partner, store, lot",
    revision_rule="end of the period: a snapshot replaces only what is older than its as_of",
    field_table=(
        Field("LIN02 …", "identifiers, sku"),
        Field(
            "ZA01",
            "quantities[].meaning",
            "QA available, OH QE on hand, QC reserved, DG damaged, QH HL hold, QI in transit, QP incoming",
        ),
        Field("ZA02, ZA03", "quantities[].quantity"),
        Field("SDQ", "one snapshot per store", "compared with its ZA, where that states a quantity"),
        Field("N1", "location"),
        Field("XQ03, else XQ02", "as_of"),
        Field("ZA QS QR QO …", "extensions", "sold, received, out of stock"),
        Field("CTT01, CTT02", "variances line_count, quantity_total", "of LIN, and of every ZA"),
        Field("every other segment", "extensions"),
    ),
    quirks=(
        "LIN01 may be left out with its place; a number under an unlisted qualifier identifies, if alone.",
        "Quantities sold, and their SDQ, are kept as extensions of the item.",
        "The store stands in SDQ pairs or in the N1 before the items; ZA02 may be left out beside SDQ.",
        "An item without any stock quantity makes no snapshot and a warning.",
    ),
)
