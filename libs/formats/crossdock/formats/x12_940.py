"""X12 940 warehouse shipping order, alone or among other sets.

Invariant: a delivery document without prices, never an order.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import ErpDocument
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "940",
    "warehouse shipping order",
    (ErpDocument,),
    key_rule="partner, W0503 (else `-`), partner, W0502",
    revision_rule="document semantics by W0501; a second new one with other content is a conflict",
    field_table=(
        Field("W0502", "erp_id, number"),
        Field("W0503", "origin_order_key"),
        Field("W0501", "change, state", "N O new, R C replace or change, F D K cancel"),
        Field("LX01", "lines[].erp_line_ref"),
        Field("W0101, W0102", "lines[].quantity"),
        Field("W0103, W0104/W0105", "lines[].identifiers"),
        Field("W7601", "variance quantity_total"),
        Field("every other segment", "extensions"),
    ),
    quirks=(
        "It has no prices: totals are absent, not 0.",
        "The UPC case code is a GTIN where its check digit is right.",
    ),
)
