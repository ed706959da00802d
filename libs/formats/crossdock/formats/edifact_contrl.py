"""EDIFACT CONTRL: syntax acknowledgements.

Invariant: one message is the status of one interchange that we sent.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import ExchangeEvent
from crossdock.formats.declaration import Field
from crossdock.formats.edifact.declaring import message_format

FORMAT: Final = message_format(
    "CONTRL",
    "EDIFACT CONTRL syntax acknowledgement",
    (ExchangeEvent,),
    (
        Field("UCI01", "control_number", "of the interchange that we sent"),
        Field("UCI02, UCI03", "sender, receiver"),
        Field("UCI04", "acknowledgement, validation", "4 rejected, 7 accepted, 8 received: still due"),
        Field("UCM", "documents", "4 invalid, 7 valid; one rejected makes the whole partially accepted"),
        Field("UCF", "group_control_numbers"),
        Field("UCI05, UCF05, UCM04, UCS02, UCD01", "findings", "syntax_error_<code>"),
        Field("the message's bytes", "sha256, size_bytes"),
    ),
    (
        "Action 8 confirms the receipt alone: the acknowledgement stays due.",
        "An interchange of nothing but answers is owed no answer.",
        "Codes of older directories (1 2 3 5 6) are read as 7 or 4.",
    ),
    key_rule="direction outbound and UCI01",
    revision_rule="later interchanges replace",
    needs=(),
)
