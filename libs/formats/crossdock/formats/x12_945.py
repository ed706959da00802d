"""X12 945 warehouse shipping advice, alone or among other sets.

Invariant: one shipment; each W12 is in exactly one package with the quantity that was shipped.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import Shipment
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "945",
    "warehouse shipping advice",
    (Shipment,),
    key_rule="partner, W0606 (else `-`), W0604 (else W0602)",
    revision_rule="a second advice of one shipment with other content is a conflict",
    field_table=(
        Field("W0604, else W0602", "shipment_id"),
        Field("W0606", "order_id"),
        Field("W0601", "status_raw"),
        Field("G62*11, else W0603", "shipped"),
        Field("N1*SF, else N1*WH", "ship_from, location"),
        Field("N1*ST, else N1*BY", "ship_to"),
        Field("MAN GM AA", "packages[].sscc"),
        Field("MAN CP, N9 CN 2I", "packages[].tracking_number"),
        Field("W2702, W2703", "packages[].carrier, service_level"),
        Field("W1203, W1205", "packages[].lines[].quantity"),
        Field("W1206, W1207/W1208", "packages[].lines[].identifiers"),
        Field("W1209", "packages[].lines[].lot"),
        Field("W1204", "variance quantity_total", "where it is not ordered less shipped"),
        Field("W0301", "variance quantity_total"),
        Field("every other segment", "extensions"),
    ),
    quirks=(
        "A difference is compared without its sign: senders disagree about it.",
        "An LX without a MAN is no package of its own.",
        "A line that shipped nothing stands with quantity 0.",
    ),
)
