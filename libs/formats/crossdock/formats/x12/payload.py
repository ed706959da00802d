"""All X12 interchanges of a payload.

Invariant: as for every standard (`edi.payload`); a text of many interchanges is searched for their ends once.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from crossdock.formats.edi import payload as edi
from crossdock.formats.edi.text import Text
from crossdock.formats.x12.boundaries import Ends
from crossdock.formats.x12.delimiters import ISA_START
from crossdock.formats.x12.envelope import Interchange, read_interchange

OPENING: Final = edi.Opening(
    tag="ISA",
    start=ISA_START,
    lost=re.compile(
        r"(?<![A-Za-z0-9])(?:ISA|GS|ST|SE|BEG|PO1|UNB)"
        r"(?P<separator>[^A-Za-z0-9\s])[^\r\n]{0,40}?(?P=separator)",
        re.IGNORECASE,
    ),
    expected="ISA..IEA with groups and sets",
    others=dict.fromkeys(("UNA", "UNB"), "EDIFACT"),
    control="control number",
)
Payload = edi.Payload[Interchange]


def read_payload(payload: Text) -> Payload:
    """All interchanges of a payload. Raises Rejected."""
    return edi.read_interchanges(payload, OPENING, partial(read_interchange, Ends(payload.text)))
