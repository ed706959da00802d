"""A thin client of any registry with the Confluent REST API.

Invariant: an id names one schema for ever, so what was asked once is never asked again; trouble with the
registry is `RegistryUnavailable` (the world's fault), never a statement about a record.

    Retryable
    └── RegistryUnavailable    no URL answered, or only with 5xx, for all tries
    StreamingError
    └── SchemaRefused          the registry answered: not this schema (409, 422, 401 …)
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import quote, unquote, urlsplit

from crossdock.streaming.errors import Retryable, StreamingError

CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"

_TRIES = 6
_PAUSE_SECONDS = 0.1
_TIMEOUT_SECONDS = 10.0
_wait = threading.Event().wait


class RegistryUnavailable(Retryable):
    """No registry could be reached; the message names hosts, never credentials."""


class SchemaRefused(StreamingError):
    """The registry will not take the request.

    Args:
        code: Confluent's error code, for example 409 (incompatible) or 42201 (not a schema).
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"the schema registry refused with {code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """One version of a subject."""

    subject: str
    version: int
    id: int
    schema: str


class Registry(Protocol):
    """What code here needs of a schema registry; subjects are `<topic>-value`."""

    def register(self, subject: str, schema: str) -> int:
        """Id of the schema under the subject, registering it where new. Raises SchemaRefused."""

    def schema(self, schema_id: int) -> str:
        """Text of a schema. Raises KeyError for an id that the registry does not know."""

    def latest(self, subject: str) -> RegisteredSchema | None:
        """Latest version of a subject; None where it has none."""

    def compatibility(self, subject: str, level: str) -> None:
        """Set the compatibility level of a subject."""

    def level(self, subject: str) -> str | None:
        """Compatibility level set for a subject; None where only the global one applies."""

    def check(self, subject: str, schema: str) -> list[str]:
        """Why a schema could not become the subject's next version; empty where it could."""


class RegistryClient:
    """Synchronous client; one connection per call, for after the first call the cache answers.

    Args:
        url: `http[s]://[user:password@]host[:port][/path]`, or several, separated by commas, that are
            tried in turn.
        ca_location: file with the certificate authorities to trust, for https.
        tries: how often all URLs are tried before `RegistryUnavailable`; 6 take about 3 s.
        pause: waits between tries (seconds, doubling from 0.1).
    """

    def __init__(
        self,
        url: str,
        *,
        ca_location: str | None = None,
        tries: int = _TRIES,
        pause: Callable[[float], object] = _wait,
    ) -> None:
        self._endpoints = [_Endpoint.of(part.strip(), ca_location) for part in url.split(",") if part.strip()]
        if not self._endpoints:
            raise ValueError("the registry's URL is empty")
        self._tries = tries
        self._pause = pause
        self._schemas: dict[int, str] = {}
        self._ids: dict[tuple[str, str], int] = {}

    def register(self, subject: str, schema: str) -> int:
        """See Registry."""
        known = self._ids.get((subject, schema))
        if known is None:
            answer = self._call("POST", f"/subjects/{_segment(subject)}/versions", {"schema": schema})
            known = self._ids[subject, schema] = int(_expect(answer)["id"])
        return known

    def schema(self, schema_id: int) -> str:
        """See Registry."""
        known = self._schemas.get(schema_id)
        if known is None:
            answer = self._call("GET", f"/schemas/ids/{schema_id}")
            if answer.status == 404:
                raise KeyError(schema_id)
            known = self._schemas[schema_id] = str(_expect(answer)["schema"])
        return known

    def latest(self, subject: str) -> RegisteredSchema | None:
        """See Registry."""
        answer = self._call("GET", f"/subjects/{_segment(subject)}/versions/latest")
        if answer.status == 404:
            return None
        found = _expect(answer)
        return RegisteredSchema(subject, int(found["version"]), int(found["id"]), str(found["schema"]))

    def compatibility(self, subject: str, level: str) -> None:
        """See Registry."""
        _expect(self._call("PUT", f"/config/{_segment(subject)}", {"compatibility": level}))

    def level(self, subject: str) -> str | None:
        """See Registry."""
        answer = self._call("GET", f"/config/{_segment(subject)}")
        return None if answer.status == 404 else str(_expect(answer)["compatibilityLevel"])

    def check(self, subject: str, schema: str) -> list[str]:
        """See Registry; a registry that names no reason gives one general text."""
        path = f"/compatibility/subjects/{_segment(subject)}/versions?verbose=true"
        answer = self._call("POST", path, {"schema": schema})
        if answer.status == 404:
            return []
        verdict = _expect(answer)
        if verdict["is_compatible"]:
            return []
        return [str(text) for text in verdict.get("messages") or ["the registry calls it incompatible"]]

    def subjects(self) -> list[str]:
        """All subjects that have a version."""
        return [str(name) for name in _expect(self._call("GET", "/subjects"))]

    def _call(self, method: str, path: str, body: object = None) -> _Answer:
        trouble = ""
        for attempt in range(self._tries):
            if attempt:
                self._pause(_PAUSE_SECONDS * 2 ** (attempt - 1))
            for endpoint in self._endpoints:
                try:
                    answer = endpoint.call(method, path, body)
                except (OSError, http.client.HTTPException, ValueError) as error:
                    trouble = f"{endpoint.host}:{endpoint.port}: {type(error).__name__}"
                    continue
                if answer.status < 500:
                    return answer
                trouble = f"{endpoint.host}:{endpoint.port} answers {answer.status}"
        raise RegistryUnavailable(f"no schema registry answers ({trouble}); tried {self._tries} times")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: Any  # decoded JSON of a foreign server


@dataclass(frozen=True, slots=True)
class _Endpoint:
    host: str
    port: int
    path: str
    headers: dict[str, str]
    tls: ssl.SSLContext | None

    @classmethod
    def of(cls, url: str, ca_location: str | None) -> _Endpoint:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("a registry URL looks like http[s]://[user:password@]host[:port][/path]")
        headers = {"Accept": f"{CONTENT_TYPE}, application/json", "Content-Type": CONTENT_TYPE}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        is_secure = parts.scheme == "https"
        tls = ssl.create_default_context(cafile=ca_location) if is_secure else None
        port = parts.port or (443 if is_secure else 80)
        return cls(parts.hostname, port, parts.path.rstrip("/"), headers, tls)

    def call(self, method: str, path: str, body: object) -> _Answer:
        connection = self._connection()
        try:
            payload = None if body is None else json.dumps(body).encode()
            connection.request(method, self.path + path, payload, self.headers)
            response = connection.getresponse()
            content = response.read()
            return _Answer(response.status, _decoded(content, response.status))
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=_TIMEOUT_SECONDS)
        return http.client.HTTPSConnection(self.host, self.port, timeout=_TIMEOUT_SECONDS, context=self.tls)


def _decoded(content: bytes, status: int) -> Any:  # decode seam
    try:
        return json.loads(content)
    except ValueError:
        if status < 400:
            raise
        return {"message": content[:200].decode(errors="replace")}


def _expect(answer: _Answer) -> Any:  # decode seam
    if answer.status >= 400:
        body = answer.body if isinstance(answer.body, dict) else {}
        raise SchemaRefused(int(body.get("error_code", answer.status)), str(body.get("message", "")))
    return answer.body


def _segment(subject: str) -> str:
    return quote(subject, safe="")
