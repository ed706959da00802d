"""Every refusal that the HTTP intake can answer, as RFC 9457 problem documents.

Invariant: `type` and `code` are stable, the text names the field and the fix, and nothing of the
request's body, values or personal data is ever repeated.

    Refused(code, detail, field, retry_after_s)   the one exception; each ProblemCode has its row in PROBLEMS
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Final

import orjson

PROBLEM_CONTENT_TYPE: Final = "application/problem+json"


class ProblemCode(StrEnum):
    """Why a request was refused; the text under each member is its documentation."""

    BODY_EMPTY = "body_empty"
    """The request has no body, so there is nothing to keep."""
    BODY_TOO_LARGE = "body_too_large"
    """Key, value and headers together are above the size limit of a raw record."""
    BROKER_UNAVAILABLE = "broker_unavailable"
    """Kafka did not acknowledge the record in time; the sender repeats it, nothing is lost."""
    CONTENT_ENCODING_UNSUPPORTED = "content_encoding_unsupported"
    """The body is compressed; bytes are kept as sent, so they must arrive readable."""
    FORMAT_UNKNOWN = "format_unknown"
    """The request states a format that no format module is registered for."""
    HEADER_INVALID = "header_invalid"
    """A header that is stored with the record is not printable ASCII or too long."""
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    """The idempotency key was used before for another body or type."""
    IDEMPOTENCY_KEY_INVALID = "idempotency_key_invalid"
    """The idempotency key is empty, too long or not printable ASCII."""
    INTERNAL_ERROR = "internal_error"
    """A fault of Crossdock itself; the log has the stack."""
    METHOD_NOT_ALLOWED = "method_not_allowed"
    """The endpoint exists, but not for this HTTP method."""
    OVERLOADED = "overloaded"
    """Too many bytes or requests are waiting for Kafka's acknowledgement."""
    PROFILE_UNREADABLE = "profile_unreadable"
    """The partner profile in force was written for another version of Crossdock."""
    PROFILES_LOADING = "profiles_loading"
    """The partner profiles are not yet read to the end of their topic."""
    RATE_LIMITED = "rate_limited"
    """The tenant sends more than its declared requests per second."""
    REQUEST_MALFORMED = "request_malformed"
    """The request is not valid HTTP/1.1."""
    REQUEST_TIMEOUT = "request_timeout"
    """The body did not arrive before the deadline."""
    SECRET_UNAVAILABLE = "secret_unavailable"
    """The profile names webhook secrets of which none can be read or used on this installation."""
    SIGNATURE_INVALID = "signature_invalid"
    """The signature does not match the raw body under any live secret, or cannot be read."""
    SIGNATURE_MISSING = "signature_missing"
    """A header that carries the signature, or a part of what is signed, is missing."""
    TIMESTAMP_OUT_OF_TOLERANCE = "timestamp_out_of_tolerance"
    """The signed time is too far from now; it may be a replay."""
    TOKEN_INVALID = "token_invalid"
    """The bearer token is unknown or expired."""
    TOKEN_MISSING = "token_missing"
    """The ingest API needs an `Authorization: Bearer` header."""
    TOKEN_OUT_OF_SCOPE = "token_out_of_scope"
    """The bearer token is valid, but not for this tenant and channel."""
    UNKNOWN_ENDPOINT = "unknown_endpoint"
    """No such path, or no partner profile in force that opens this tenant and channel."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is the same for every refusal of one code: HTTP status, title, and what to do about it."""

    status: int
    title: str
    fix: str


PROBLEMS: Final[dict[ProblemCode, Problem]] = {
    ProblemCode.BODY_EMPTY: Problem(400, "Empty body", "Send the document as the request's body."),
    ProblemCode.BODY_TOO_LARGE: Problem(413, "Body too large", "Split the document into smaller ones."),
    ProblemCode.BROKER_UNAVAILABLE: Problem(
        503, "Kafka unavailable", "Send the same request again after the time in Retry-After."
    ),
    ProblemCode.CONTENT_ENCODING_UNSUPPORTED: Problem(
        415, "Compressed body", "Send the body without Content-Encoding."
    ),
    ProblemCode.FORMAT_UNKNOWN: Problem(
        400, "Unknown format", "Use a registered format's name, or leave it to the partner profile."
    ),
    ProblemCode.HEADER_INVALID: Problem(
        400, "Header not storable", "Send printable ASCII of at most 255 characters in this header."
    ),
    ProblemCode.IDEMPOTENCY_CONFLICT: Problem(
        409, "Idempotency key reused", "Use a new Idempotency-Key for a new document."
    ),
    ProblemCode.IDEMPOTENCY_KEY_INVALID: Problem(
        400, "Idempotency key invalid", "Send 1 to 255 printable ASCII characters, a UUID for example."
    ),
    ProblemCode.INTERNAL_ERROR: Problem(500, "Internal error", "Send the same request again later."),
    ProblemCode.METHOD_NOT_ALLOWED: Problem(405, "Method not allowed", "Use the method in Allow."),
    ProblemCode.OVERLOADED: Problem(
        503, "Overloaded", "Send the same request again after the time in Retry-After."
    ),
    ProblemCode.PROFILE_UNREADABLE: Problem(
        503, "Profile unreadable", "The operator applies the partner profile again, or updates Crossdock."
    ),
    ProblemCode.PROFILES_LOADING: Problem(
        503, "Starting", "Send the same request again after the time in Retry-After."
    ),
    ProblemCode.RATE_LIMITED: Problem(
        429, "Rate limit reached", "Send the same request again after the time in Retry-After."
    ),
    ProblemCode.REQUEST_MALFORMED: Problem(400, "Malformed request", "Send valid HTTP/1.1."),
    ProblemCode.REQUEST_TIMEOUT: Problem(408, "Body too slow", "Send the whole body without pauses."),
    ProblemCode.SECRET_UNAVAILABLE: Problem(
        503, "Secret unavailable", "The operator sets the environment variables that the profile names."
    ),
    ProblemCode.SIGNATURE_INVALID: Problem(
        401, "Signature invalid", "Sign the raw body with one of the secrets in the partner profile."
    ),
    ProblemCode.SIGNATURE_MISSING: Problem(
        401, "Signature missing", "Send the signature headers of the channel's webhook scheme."
    ),
    ProblemCode.TIMESTAMP_OUT_OF_TOLERANCE: Problem(
        401, "Timestamp out of tolerance", "Sign at the moment of sending and keep the clock right."
    ),
    ProblemCode.TOKEN_INVALID: Problem(401, "Token invalid", "Ask the operator for a current token."),
    ProblemCode.TOKEN_MISSING: Problem(401, "Token missing", "Send Authorization: Bearer <token>."),
    ProblemCode.TOKEN_OUT_OF_SCOPE: Problem(
        403, "Token out of scope", "Use the token that was issued for this tenant and channel."
    ),
    ProblemCode.UNKNOWN_ENDPOINT: Problem(
        404, "Unknown endpoint", "Check the path, and that a partner profile in force opens it."
    ),
}


class Refused(Exception):
    """The request is answered with a problem document and leaves no record.

    Args:
        code: stable reason; its row in PROBLEMS gives status, title and fix.
        detail: one sentence about what was found; never a value of the request.
        field: header or part of the request that is at fault, empty where none is.
        retry_after_s: seconds until a repetition makes sense; None for refusals that stay.
    """

    def __init__(
        self, code: ProblemCode, detail: str, *, field: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.field = field
        self.retry_after_s = retry_after_s

    @property
    def status(self) -> int:
        """HTTP status of the answer."""
        return PROBLEMS[self.code].status

    def document(self) -> bytes:
        """The problem document (RFC 9457) with our members `code`, `fix` and, where known, `field`."""
        problem = PROBLEMS[self.code]
        members: dict[str, str | int] = {
            "type": f"urn:crossdock:problem:{self.code.replace('_', '-')}",
            "title": problem.title,
            "status": problem.status,
            "code": self.code.value,
            "detail": self.detail,
            "fix": problem.fix,
        }
        if self.field:
            members["field"] = self.field
        return orjson.dumps(members)

    def headers(self) -> dict[str, str]:
        """Headers that belong to the answer besides its content type."""
        headers: dict[str, str] = {}
        if self.retry_after_s is not None:
            headers["retry-after"] = str(max(1, ceil(self.retry_after_s)))
        if self.code in (ProblemCode.TOKEN_MISSING, ProblemCode.TOKEN_INVALID):
            headers["www-authenticate"] = "Bearer"
        return headers
