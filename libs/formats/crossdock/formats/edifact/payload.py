"""All EDIFACT interchanges of a payload.

Invariant: as for every standard (`edi.payload`).
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from crossdock.formats.edi import payload as edi
from crossdock.formats.edi.text import Text
from crossdock.formats.edifact.envelope import Interchange, read_interchange
from crossdock.formats.edifact.header import START

OPENING: Final = edi.Opening(
    tag="UNB",
    start=START,
    lost=re.compile(
        r"(?<![A-Za-z0-9])(?:UN[BGHT]|BGM|LIN|ISA)"
        r"(?P<separator>[^A-Za-z0-9\s])[^\r\n]{0,40}?(?P=separator)",
        re.IGNORECASE,
    ),
    expected="UNB..UNZ with messages",
    others={"ISA": "X12", "UNH": "a message without one"},
    control="control reference",
)
Payload = edi.Payload[Interchange]


def read_payload(payload: Text) -> Payload:
    """All interchanges of a payload. Raises Rejected."""
    return edi.read_interchanges(payload, OPENING, partial(read_interchange, payload.text))
