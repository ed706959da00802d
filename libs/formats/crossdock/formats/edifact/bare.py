"""Messages that came without an interchange around them: the usual form of a message in documents and logs.

Invariant: an interchange that is put around messages says nothing that nobody said: no sender, no receiver,
no date; its control reference is a hash of the content. That it was missing is reported.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Final

from crossdock.formats.edi.text import BLANKS, Text
from crossdock.formats.edifact.service import UNA_LENGTH, ServiceCharacters, of_una

_MESSAGE: Final = re.compile(r"UN[GH](?=[^A-Za-z0-9\s])", re.IGNORECASE)
_CONTROL_CHARACTERS: Final = 14
"""Longest interchange control reference (0020)."""


def is_bare(text: str) -> bool:
    """Whether the text begins with a message or a group, an UNA before it or not."""
    text = text.lstrip(BLANKS)
    if text[:3].upper() == "UNA":
        text = text[UNA_LENGTH:].lstrip(BLANKS)
    return _MESSAGE.match(text) is not None


def enclosed(payload: Text) -> Text:
    """The payload with UNB and UNZ around it where it begins with a message. Raises Rejected for its UNA."""
    if not is_bare(payload.text):
        return payload
    text = payload.text.strip(BLANKS)
    una = text[:UNA_LENGTH] if text[:3].upper() == "UNA" else ""
    service = of_una(una) if una else ServiceCharacters()
    body = text[len(una) :].lstrip(BLANKS)
    element, end = service.element, service.terminator
    control = hashlib.sha256(payload.encode(body)).hexdigest()[:_CONTROL_CHARACTERS]
    syntax = "UNOC" if payload.encoding in ("latin-1", "cp1252") else "UNOY"
    head = element.join(["UNB", f"{syntax}{service.component}3", "", "", "", control])
    if not body.endswith(end):
        body += end
    tail = element.join(["UNZ", str(_count(body, service)), control])
    detail = "no UNB opens an interchange: who sent it, to whom and when is not said; its messages are read"
    whole = f"{una}{head}{end}{body}{tail}{end}"
    return replace(payload, text=whole).warn("interchange_missing", detail)


def _count(body: str, service: ServiceCharacters) -> int:
    """How many groups there are; where there are none, messages."""
    separator, end = re.escape(service.element), re.escape(service.terminator)
    for tag in ("UNG", "UNH"):
        found = re.findall(rf"(?:^|{end}|\n)[ \t\r\n]*{tag}{separator}", body, re.IGNORECASE)
        if found:
            return len(found)
    return 0
