"""Shipment status codes of a 214 (element 1650) as tracking statuses.

Invariant: a code that says nothing about where the goods are (an estimate, paperwork) is in no table: its
event keeps the code and leaves the milestone as it is.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import TrackingStatus

STATUSES: Final[dict[str, TrackingStatus]] = {
    code: status
    for status, codes in {
        TrackingStatus.CREATED: "XB L1 X3 X8",
        TrackingStatus.PICKED_UP: "AF CP AM BA CL",
        TrackingStatus.IN_TRANSIT: "P1 X4 X6 R1 RL AR I1 OA K1 J1 AN AI BC",
        TrackingStatus.OUT_FOR_DELIVERY: "X1 X5 AJ S1",
        TrackingStatus.READY_FOR_PICKUP: "AV",
        TrackingStatus.DELIVERED: "D1 CD",
        TrackingStatus.DELIVERY_FAILED: "AH AP A7",
        TrackingStatus.DELAYED: "SD",
        TrackingStatus.ON_HOLD: "PR A9",
        TrackingStatus.RETURNING: "A3",
        TrackingStatus.CANCELLED: "CA",
    }.items()
    for code in codes.split()
}
"""AT701 → status. AG, X2, B6 and C1 are estimates, OO is paperwork, NT a note."""
ESTIMATES: Final = frozenset({"AG", "X2"})
"""AT701: the time is when the goods are expected at the consignee."""
KNOWN_WITHOUT_STATUS: Final = frozenset({"AG", "X2", "B6", "C1", "OO", "NT"})
"""Codes that are understood and state no milestone."""
