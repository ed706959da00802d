"""Signatures of operator requests: only who holds the installation's key may touch holds (R21).

Invariant: a request is carried out only as it was signed; any changed field invalidates it.
"""

from __future__ import annotations

import hashlib
import hmac

from crossdock.canonical import codec
from crossdock.canonical.models.ops import ReplayRequest
from crossdock.streaming.lane import Authorize


def signature_of(request: ReplayRequest, key: str) -> str:
    """HMAC-SHA256 over the request without its signature, hex."""
    content = codec.encode(request.model_copy(update={"signature": ""}))
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()


def sign(request: ReplayRequest, key: str) -> ReplayRequest:
    """The request with its signature."""
    return request.model_copy(update={"signature": signature_of(request, key)})


def authorizer(key: str) -> Authorize:
    """Judges requests by the installation's key; without a key none is carried out."""

    def authorize(request: ReplayRequest) -> str:
        if not key:
            return "this service has no operator key; set CROSSDOCK_OPERATOR_KEY for it and for the command"
        if not hmac.compare_digest(signature_of(request, key).encode(), request.signature.encode()):
            return "the signature does not match; use the operator key of this installation"
        return ""

    return authorize
