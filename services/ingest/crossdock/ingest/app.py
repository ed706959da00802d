"""The HTTP application: routes, one place where answers and refusals become responses, health, metrics.

Invariant: every answer of /v1 is JSON, every refusal a problem document with a stable code; an unexpected
fault is a 500 without a word about the request, and its stack is in the log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import orjson
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock.ingest.answers import Accepted
from crossdock.ingest.api import Api
from crossdock.ingest.intake import Intake
from crossdock.ingest.journal import RefusalJournal
from crossdock.ingest.problems import PROBLEM_CONTENT_TYPE, ProblemCode, Refused
from crossdock.ingest.tracing import RequestTrace, Trace, Tracing
from crossdock.ingest.webhooks import Webhooks

Receive = Callable[[Request, Trace], Awaitable[Accepted]]

_WEBHOOK_PATH: Final = "/v1/webhooks/{tenant}/{channel}"
_API_PATH: Final = "/v1/ingest/{tenant}/{channel}/{type}"
_log = structlog.get_logger()


@dataclass(slots=True)
class Lifecycle:
    """Whether the service is going down; set once, by SIGTERM."""

    is_draining: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """What looks on: sums of refusals, and traces."""

    journal: RefusalJournal
    tracing: Tracing


class Door:
    """Runs one endpoint and turns what it returns or raises into the response."""

    def __init__(self, name: str, path: str, receive: Receive, intake: Intake, watch: Watch) -> None:
        self.name = name
        self.path = path
        self._receive = receive
        self._intake = intake
        self._watch = watch

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        trace = self._watch.tracing.start(self.path, request.headers.raw)
        try:
            accepted = await self._receive(request, trace.carried)
        except Refused as refused:
            return self._refuse(trace, refused, self._names(request))
        except ClientDisconnect:
            self._intake.metrics.count("crossdock_ingest_disconnected_total")
            trace.end(400, "client_disconnected")
            return Response(status_code=400)  # nobody reads it
        except Exception:
            _log.exception("internal_error", endpoint=self.name)
            detail = "The request could not be worked on."
            fault = Refused(ProblemCode.INTERNAL_ERROR, detail, retry_after_s=5)
            return self._refuse(trace, fault, ("", ""))
        return self._accept(request, trace, accepted)

    def _accept(self, request: Request, trace: RequestTrace, accepted: Accepted) -> Response:
        tenant, channel = request.path_params["tenant"], request.path_params["channel"]
        if accepted.is_repetition:
            self._intake.metrics.count("crossdock_ingest_repeated_total", tenant, channel)
        elif accepted.coordinates is not None:
            self._intake.metrics.count("crossdock_ingest_accepted_total", self.name, tenant, channel)
        trace.end(200)
        return Response(accepted.document(), 200, accepted.headers(), "application/json")

    def _refuse(self, trace: RequestTrace, refused: Refused, names: tuple[str, str]) -> Response:
        self._intake.metrics.count("crossdock_ingest_refused_total", self.name, refused.code)
        self._watch.journal.note(self.name, refused.code, *names)
        trace.end(refused.status, refused.code)
        return problem_response(refused)

    def _names(self, request: Request) -> tuple[str, str]:
        """Tenant and channel if a profile in force has them; what a request made up is not logged."""
        names = request.path_params["tenant"], request.path_params["channel"]
        try:
            self._intake.profile(*names)
        except Refused:
            return "", ""
        return names


def problem_response(refused: Refused, headers: dict[str, str] | None = None) -> Response:
    """The response of a refusal."""
    return Response(
        refused.document(), refused.status, refused.headers() | (headers or {}), PROBLEM_CONTENT_TYPE
    )


def application(
    intake: Intake, webhooks: Webhooks, api: Api, watch: Watch, lifecycle: Lifecycle
) -> Starlette:
    """The ASGI application."""
    doors = (
        Door("webhook", _WEBHOOK_PATH, webhooks.receive, intake, watch),
        Door("api", _API_PATH, api.receive, intake, watch),
    )
    health = Health(intake, lifecycle)
    routes = [Route(door.path, _asynchronous(door), methods=["POST"]) for door in doors]
    routes += [
        Route("/livez", health.live, methods=["GET"]),
        Route("/readyz", health.ready, methods=["GET"]),
        Route("/metrics", health.metrics, methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _Unrouted(intake, watch)})
    app.router.redirect_slashes = False  # a redirected POST would arrive without its body
    return app


def _asynchronous(door: Door) -> Callable[[Request], Awaitable[Response]]:
    """Starlette takes a function for an endpoint, an object for an ASGI application."""

    async def endpoint(request: Request) -> Response:
        return await door(request)

    return endpoint


class _Unrouted:
    """Answers what no route takes: a wrong path or method."""

    def __init__(self, intake: Intake, watch: Watch) -> None:
        self._intake = intake
        self._watch = watch

    async def __call__(self, request: Request, error: Exception) -> Response:
        is_method = isinstance(error, HTTPException) and error.status_code == 405
        code = ProblemCode.METHOD_NOT_ALLOWED if is_method else ProblemCode.UNKNOWN_ENDPOINT
        detail = "This path takes other methods." if is_method else "There is no such path."
        self._intake.metrics.count("crossdock_ingest_refused_total", "none", code)
        self._watch.journal.note("none", code, "", "")
        allowed = error.headers if isinstance(error, HTTPException) and error.headers else {}
        return problem_response(Refused(code, detail), dict(allowed))


class Health:
    """Probes and metrics; a proxy in front passes only /v1 on to the outside."""

    def __init__(self, intake: Intake, lifecycle: Lifecycle) -> None:
        self._intake = intake
        self._lifecycle = lifecycle

    async def live(self, request: Request) -> Response:
        """200 whenever the event loop turns: Kafka's health is not this process's life."""
        return Response(b'{"live":true}', media_type="application/json")

    async def ready(self, request: Request) -> Response:
        """200 where a request would be taken in; else 503 with what is missing."""
        checks = self._checks()
        status = 200 if all(checks.values()) else 503
        return Response(orjson.dumps(checks), status, media_type="application/json")

    async def metrics(self, request: Request) -> Response:
        """Prometheus text."""
        metrics, in_flight = self._intake.metrics, self._intake.in_flight
        metrics.set("crossdock_ingest_in_flight_bytes", in_flight.bytes)
        metrics.set("crossdock_ingest_in_flight_requests", in_flight.requests)
        metrics.set("crossdock_ingest_abandoned_bytes", self._intake.producer.abandoned_bytes)
        metrics.set("crossdock_ingest_profiles", self._intake.profiles.count)
        metrics.set("crossdock_ingest_ready", all(self._checks().values()))
        body, kind = metrics.exposition()
        return Response(body, media_type=kind)

    def _checks(self) -> dict[str, bool]:
        return {
            "profiles": self._intake.profiles.is_caught_up,
            "broker": self._intake.producer.is_available,
            "accepting": not self._lifecycle.is_draining,
        }
