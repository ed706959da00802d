"""X12 860 purchase order change, alone or among other sets.

Invariant: what states the whole order makes an order; what states changes only never does.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import ErpDocument, Order
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "860",
    "purchase order change",
    (
        Order,
        ErpDocument,
    ),
    key_rule="BCH03 (release BCH04); of a partial change partner, order, partner, 860 and order and BCH05",
    revision_rule="BCH01 05 replaces and 01 cancels the order of its 850; others are documents of their own",
    needs=("channel", "money"),
    field_table=(
        Field(
            "BCH01",
            "change",
            "01 cancels, 05 replaces: an Order; others: an ErpDocument, warning order_change_partial",
        ),
        Field("BCH03, BCH04", "order_id, origin_order_key"),
        Field("BCH06", "placed, document_date"),
        Field("BCH11", "document_date"),
        Field("POC01", "lines[].line_id"),
        Field(
            "POC02",
            "lines[].status_raw",
            "AI add, DI delete, QD QI quantity, PC price …; a deleted line is not in the replaced order",
        ),
        Field("POC03, POC05", "lines[].quantity, lines[].ordered"),
        Field(
            "POC06, POC07",
            "lines[].unit_price",
            "of an Order; of an ErpDocument the extension `lines[id].price`",
        ),
        Field("POC08 …", "lines[].identifiers"),
        Field("CTT01, CTT02", "variances line_count, quantity_total", "of POC03"),
        Field("every other segment", "extensions"),
    ),
    quirks=(
        "A change that lists only the changed lines is no order.",
        "POC04, what is still to be received, is no ordered quantity.",
        "A deleted line without a quantity is carried with 0.",
    ),
)
