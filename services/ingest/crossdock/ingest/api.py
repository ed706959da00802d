"""`POST /v1/ingest/{tenant}/{channel}/{type}`: documents of partners who hold a bearer token.

Invariant: with an Idempotency-Key the same document is answered the same, another one is a conflict; the
key is the record's `ce_id`, so consumers recognise a repetition that this process does not remember.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from starlette.requests import Request

from crossdock.ingest.answers import Accepted
from crossdock.ingest.idempotency import IdempotencyMarks
from crossdock.ingest.intake import Intake, content_type, storable
from crossdock.ingest.problems import ProblemCode, Refused
from crossdock.ingest.raw_record import Arrival
from crossdock.ingest.tokens import Tokens
from crossdock.ingest.tracing import Trace

FORMAT_HEADER: Final = "Crossdock-Format"
EVENT_HEADER: Final = "Crossdock-Event"
KEY_HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}")
_TYPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Api:
    """The endpoint.

    Args:
        intake: what all endpoints share.
        tokens: who may send.
        marks: idempotency keys of the last time.
    """

    def __init__(self, intake: Intake, tokens: Tokens, marks: IdempotencyMarks) -> None:
        self._intake = intake
        self._tokens = tokens
        self._marks = marks

    async def receive(self, request: Request, trace: Trace) -> Accepted:
        """Take one document in. Raises Refused."""
        tenant, channel = request.path_params["tenant"], request.path_params["channel"]
        captured_at = self._intake.clock()
        self._tokens.authorize(request.headers.get("authorization"), tenant, channel, captured_at)
        kind = _kind(request.path_params["type"])
        profile = self._intake.profile(tenant, channel)
        with self._intake.enter(tenant) as reservation:
            key = _idempotency_key(request)
            stated_type = content_type(request)
            self._intake.rates.take(tenant)
            body = await self._intake.read_body(request, reservation)
            arrival = Arrival(
                tenant,
                channel,
                kind,
                body,
                stated_type,
                captured_at,
                key,
                _optional(request, EVENT_HEADER),
                _optional(request, FORMAT_HEADER),
                trace,
            )
            record = self._intake.record(arrival, profile)
            if not key:
                return Accepted(record.header("ce_id"), await self._intake.deliver(record))
            fingerprint = hashlib.sha256(f"{kind}\n{arrival.stated_format}\n".encode() + body).digest()
            answer = await self._marks.once(
                (tenant, channel, key), fingerprint, lambda: self._intake.deliver(record)
            )
            return Accepted(key, answer.coordinates, answer.is_repetition)


def _kind(text: str) -> str:
    if _TYPE.fullmatch(text) is None:
        raise Refused(
            ProblemCode.UNKNOWN_ENDPOINT,
            "The type is letters, digits, dots, dashes, underscores.",
            field="type",
        )
    return text


def _idempotency_key(request: Request) -> str:
    """The key, empty where there is none; a quoted one (RFC 8941 string) loses its quotes."""
    text = request.headers.get(KEY_HEADER)
    if text is None:
        return ""
    key = text[1:-1] if len(text) >= 2 and text[0] == text[-1] == '"' else text
    if _KEY.fullmatch(key) is None:
        raise Refused(ProblemCode.IDEMPOTENCY_KEY_INVALID, "The key cannot be stored.", field=KEY_HEADER)
    return key


def _optional(request: Request, name: str) -> str:
    text = request.headers.get(name)
    return "" if text is None else storable(text, name)
