"""EDIFACT IFTSTA: transport status reports.

Invariant: one tracking event per status and package; an unknown code stays raw.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import TrackingEvent
from crossdock.formats.declaration import Field
from crossdock.formats.edifact.declaring import message_format

FORMAT: Final = message_format(
    "IFTSTA",
    "EDIFACT IFTSTA transport status",
    (TrackingEvent,),
    (
        Field(
            "GIN, else RFF CW, else CNI02, else RFF CN AAM …, else BGM02",
            "tracking_number",
            "RFF of the status, else of the message",
        ),
        Field("partner", "carrier"),
        Field("STS02, else STS01", "status", "profile status_map, else UN/ECE Recommendation 24"),
        Field("STS02", "status_raw"),
        Field("STS03", "detail_raw", "reason"),
        Field("DTM 334 78 7 5 35 of the status, else of the message", "occurred"),
        Field("DTM format 205 303 304", "zone_source", "stated, else the profile's zone"),
        Field("LOC", "location", "name; a UN/LOCODE or LOC03 gives the country"),
        Field("RFF, EQD TDT CNT MEA GID SEL DIM of the status", "extensions"),
        Field("DTM 17 132 358", "estimated_delivery"),
        Field("number, time, code, place", "event_id", "their digest"),
    ),
    (
        "A status names several packages (GIN): one event each. The same status twice is one event.",
        "A status without a readable date takes the message's, with a warning.",
        "A status without C555 is its first element as a whole.",
        "A code outside the table: status unknown, code kept, a warning.",
    ),
    key_rule="partner and tracking number",
    revision_rule="events merge by milestone and time, not by revision",
    needs=("zone",),
)
