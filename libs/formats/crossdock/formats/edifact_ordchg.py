"""EDIFACT ORDCHG: changes of purchase orders.

Invariant: the order that changes is named by RFF ON; only a change that means the whole order makes an
order, any other is a document of its own.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import ErpDocument, Order
from crossdock.formats.declaration import Field
from crossdock.formats.edifact.declaring import message_format
from crossdock.formats.edifact_orders import ORDER_FIELDS, ORDER_QUIRKS

FORMAT: Final = message_format(
    "ORDCHG",
    "EDIFACT ORDCHG purchase order change",
    (Order, ErpDocument),
    (
        Field("BGM03 5 1 3 17 with lines", "Order", "the whole order is replaced or cancelled"),
        Field("any other BGM03", "ErpDocument", "a document of changes, state draft"),
        Field("RFF ON, else BGM02", "order_id, origin_order_key", "the order that is changed"),
        Field("LIN02", "lines[].status_raw", "of a document; 2 (deleted) cancels a line of an order"),
        *ORDER_FIELDS[1:],
    ),
    (
        "A change that does not state the whole order makes no order: warning order_change_partial.",
        "A deleted line needs no quantity.",
        *ORDER_QUIRKS,
    ),
    key_rule="RFF ON of the header, the number of the changed order, else BGM02",
    revision_rule="document semantics: later interchanges replace earlier ones of the same order",
    needs=("channel", "money"),
)
