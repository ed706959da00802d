"""X12 997 functional acknowledgement, alone or among other sets.

Invariant: the answer stands under our own group; it says nothing of business content.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import ExchangeEvent
from crossdock.formats.declaration import Field
from crossdock.formats.x12.set_format import set_format

FORMAT: Final = set_format(
    "997",
    "functional acknowledgement",
    (ExchangeEvent,),
    key_rule="partner, outbound, `group-` and AK102; of a TA1 the interchange control number",
    revision_rule="an event: what was said last is the status",
    needs=(),
    field_table=(
        Field("AK102", "group_control_numbers"),
        Field(
            "AK901", "acknowledgement, validation", "A accepted, E with errors, P partially, R M W X rejected"
        ),
        Field("AK201, AK202, AK501", "documents"),
        Field("AK3, AK4, AK5, AK9 codes", "findings", "with group, set, segment and element"),
        Field("AK902, AK903, AK904", "findings", "where they contradict each other"),
        Field("TA1", "acknowledgement of an interchange"),
    ),
    quirks=(
        "A 999 is read as a 997: IK3 IK4 IK5 are AK3 AK4 AK5.",
        "A group without AK9 has an unknown status.",
        "Acknowledgements are accepted whatever exchange.documents_in lists.",
    ),
)
