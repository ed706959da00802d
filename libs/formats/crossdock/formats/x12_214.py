"""X12 214 shipment status message, alone or among other sets.

Invariant: one tracking event per AT7, codes as said.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import TrackingEvent
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "214",
    "shipment status message",
    (TrackingEvent,),
    key_rule="partner, tracking number (L11 2I TN CN, else B1001, else B1002)",
    revision_rule="an event: nothing replaces it",
    field_table=(
        Field("L11*…*2I TN CN, else B1001, else B1002", "tracking_number", "of its LX, else of the set"),
        Field(
            "AT701, else AT703",
            "status_raw, status",
            "table of element 1650, status_map.fulfillment of the profile first",
        ),
        Field("AT702, AT704", "detail_raw"),
        Field("AT705, AT706, AT707", "occurred", "time code; LT and none: the profile's zone"),
        Field("AT707", "zone_source"),
        Field("MS101, MS102, MS103", "location", "a position in degrees stays in the extension `MS1`"),
        Field("AT7 AG X2", "estimated_delivery", "an estimate leaves the status unknown"),
        Field("B10, L11, other segments", "extensions"),
    ),
    quirks=(
        "A code that no table knows keeps its place with status unknown.",
        "An appointment (AT703) states no milestone.",
        "A status without a readable date is left out with a warning; a clock that cannot be read leaves its "
        "day. The same status twice is one event.",
        "A delivered event may be stamped before the scans: nothing is reordered.",
    ),
)
