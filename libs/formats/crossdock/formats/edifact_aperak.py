"""EDIFACT APERAK: application acknowledgements and error messages.

Invariant: one message is the status of one document that we sent; error codes alone do not refuse it.
"""

from __future__ import annotations

from typing import Final

from crossdock.canonical.models import ExchangeEvent
from crossdock.formats.declaration import Field
from crossdock.formats.edifact.declaring import message_format

FORMAT: Final = message_format(
    "APERAK",
    "EDIFACT APERAK application acknowledgement",
    (ExchangeEvent,),
    (
        Field("RFF ACW ACE AGO ON IV …", "control_number, documents[].document_id", "what it is about"),
        Field("BGM04, else BGM03, else BGM01", "acknowledgement", "AP 29 312 accepted, RE 27 313 rejected"),
        Field("ERC", "findings", "application_error_<code>"),
        Field("UNB02, UNB03", "receiver, sender", "of the document that we sent"),
        Field("UNB04", "prepared"),
        Field("the message's bytes", "sha256, size_bytes"),
    ),
    (
        "Error codes without a word on acceptance: acknowledgement unknown, with a warning.",
        "Neither codes nor errors: accepted.",
    ),
    key_rule="direction outbound and the reference",
    revision_rule="later interchanges replace",
    needs=(),
)
