"""JSON that stands as text inside the message of a queue, topic or gateway (SQS, SNS, Pub/Sub, API Gateway).

Invariant: only text that is JSON, or base64 of JSON, is taken out; whatever else stands there leaves the
payload as it came.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final

from crossdock.formats.json_fields import child, children

_LISTS: Final = ("Records", "Messages")
"""Where an answer or event of a queue holds its messages."""
_HOLDERS: Final = ("Sns", "message")
"""Objects that a message may hold its text in."""
_TEXTS: Final = ("body", "Body", "Message", "data")
_OPENINGS: Final = ("{", "[")
_LIKELY: Final = ('"body"', '"Body"', '"Message"', '"subscription"')
"""One of these stands in every message; hardly any other payload has one."""


def queue_messages(text: str) -> list[bytes]:
    """What each message of a payload holds, a message without JSON as it stands; none where it holds no
    message with JSON.

    Raises ValueError where the text is no JSON.
    """
    if not any(name in text for name in _LIKELY):
        return []
    root = json.loads(text)
    if not isinstance(root, dict):
        return []
    messages = next((children(root, name) for name in _LISTS if name in root), [root])
    bodies = [_body(one) for one in messages]
    if not any(bodies):
        return []
    return [body or json.dumps(one).encode() for one, body in zip(messages, bodies, strict=True)]


def first_message(data: bytes) -> bytes:
    """What the first message of a payload holds; a payload without messages as it came."""
    try:
        messages = queue_messages(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return data
    return messages[0] if messages else data


def _body(message: dict[str, object]) -> bytes | None:
    for holder in (message, *(child(message, name) for name in _HOLDERS)):
        for name in _TEXTS:
            said = holder.get(name)
            if isinstance(said, str) and (found := _json_of(said)) is not None:
                return found
    return None


def _json_of(said: str) -> bytes | None:
    if said.lstrip().startswith(_OPENINGS):
        return said.encode(errors="replace")
    try:
        decoded = base64.b64decode(said, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if decoded.lstrip().startswith(tuple(one.encode() for one in _OPENINGS)) else None
