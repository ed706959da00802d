"""HTTP face of the registry: paths, bodies and status codes as Confluent's API has them.

Invariant: every answer but a raw schema is JSON of the registry's media type; every failure carries
`error_code` and `message`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crossdock.registry.entries import Reference, Version
from crossdock.registry.errors import (
    INVALID_SCHEMA,
    STORE_FAILED,
    RegistryError,
    StoreUnavailable,
    Unprocessable,
)
from crossdock.registry.log import SchemaLog
from crossdock.registry.service import Registry

MEDIA_TYPE: Final = "application/vnd.schemaregistry.v1+json"
BODY_BYTES_MAX: Final = 1024 * 1024
"""Largest request body; a schema with its key must fit into one record."""

Handler = Callable[[Registry, Request], Awaitable[object]]


class Answer(JSONResponse):
    """JSON with the registry's media type."""

    media_type = MEDIA_TYPE


def application(registry: Registry, log: SchemaLog) -> Starlette:
    """The ASGI application; the caller starts and stops the log.

    Before the log is read to its end even reads are refused: a schema that is not known *yet* would be taken
    for one that does not exist.
    """

    def route(path: str, handlers: dict[str, Handler]) -> Route:
        async def endpoint(request: Request) -> Response:
            is_read = request.method in ("GET", "HEAD")
            trouble = log.blindness if is_read else log.trouble
            if trouble is not None:
                raise StoreUnavailable(STORE_FAILED, f"Error in the backend data store: {trouble}")
            result = await handlers["GET" if is_read else request.method](registry, request)
            return result if isinstance(result, Response) else Answer(result)

        return Route(path, endpoint, methods=list(handlers))

    async def livez(_: Request) -> Response:
        return Answer({"status": "alive"})

    async def readyz(_: Request) -> Response:
        status = 200 if log.trouble is None else 503
        return Answer({"status": log.trouble or "ready"}, status_code=status)

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            *[route(path, handlers) for path, handlers in _paths().items()],
        ],
        exception_handlers={RegistryError: _refusal, HTTPException: _http_refusal, Exception: _fault},
    )


def _paths() -> dict[str, dict[str, Handler]]:
    """The API: what answers which method on which path."""
    level: dict[str, Handler] = {"GET": _level, "PUT": _set_level, "DELETE": _delete_level}
    mode: dict[str, Handler] = {"GET": _mode, "PUT": _set_mode}
    return {
        "/": {"GET": _root},
        "/subjects": {"GET": _subjects},
        "/subjects/{subject}": {"POST": _lookup, "DELETE": _delete_subject},
        "/subjects/{subject}/versions": {"GET": _versions, "POST": _register},
        "/subjects/{subject}/versions/{version}": {"GET": _version, "DELETE": _delete_version},
        "/subjects/{subject}/versions/{version}/schema": {"GET": _version_schema},
        "/subjects/{subject}/versions/{version}/referencedby": {"GET": _referenced_by},
        "/schemas/types": {"GET": _types},
        "/schemas/ids/{id:int}": {"GET": _schema},
        "/schemas/ids/{id:int}/schema": {"GET": _schema_text},
        "/schemas/ids/{id:int}/subjects": {"GET": _schema_subjects},
        "/schemas/ids/{id:int}/versions": {"GET": _schema_versions},
        "/config": level,
        "/config/{subject}": level,
        "/mode": mode,
        "/mode/{subject}": mode,
        "/compatibility/subjects/{subject}/versions": {"POST": _compatibility},
        "/compatibility/subjects/{subject}/versions/{version}": {"POST": _compatibility},
    }


async def _root(_: Registry, __: Request) -> object:
    return {}


async def _types(_: Registry, __: Request) -> object:
    return ["AVRO"]


async def _subjects(registry: Registry, request: Request) -> object:
    prefix = request.query_params.get("subjectPrefix", "")
    names = registry.catalog.subjects(with_deleted=_flag(request, "deleted"))
    return [name for name in names if name.startswith(prefix)]


async def _versions(registry: Registry, request: Request) -> object:
    found = registry.versions(_subject(request), with_deleted=_flag(request, "deleted"))
    return [version.version for version in found]


async def _register(registry: Registry, request: Request) -> object:
    text, references = await _schema_of(request)
    return {"id": await registry.register(_subject(request), text, references)}


async def _lookup(registry: Registry, request: Request) -> object:
    text, references = await _schema_of(request)
    with_deleted = _flag(request, "deleted")
    return registry.lookup(_subject(request), text, references, with_deleted=with_deleted).document()


async def _delete_subject(registry: Registry, request: Request) -> object:
    return await registry.delete_subject(_subject(request), permanently=_flag(request, "permanent"))


async def _version(registry: Registry, request: Request) -> object:
    return _one_version(registry, request).document()


async def _version_schema(registry: Registry, request: Request) -> object:
    return Response(_one_version(registry, request).schema, media_type=MEDIA_TYPE)


async def _delete_version(registry: Registry, request: Request) -> object:
    number = request.path_params["version"]
    return await registry.delete_version(_subject(request), number, permanently=_flag(request, "permanent"))


async def _referenced_by(registry: Registry, request: Request) -> object:
    version = _one_version(registry, request)
    return [use.id for use in registry.catalog.referrers(version.subject, version.version)]


async def _schema(registry: Registry, request: Request) -> object:
    document = registry.by_id(request.path_params["id"]).document()
    return {name: document[name] for name in ("schema", "references") if name in document}


async def _schema_text(registry: Registry, request: Request) -> object:
    return Response(registry.by_id(request.path_params["id"]).schema, media_type=MEDIA_TYPE)


async def _schema_subjects(registry: Registry, request: Request) -> object:
    return list(dict.fromkeys(version.subject for version in _uses(registry, request)))


async def _schema_versions(registry: Registry, request: Request) -> object:
    return [{"subject": version.subject, "version": version.version} for version in _uses(registry, request)]


async def _level(registry: Registry, request: Request) -> object:
    subject = request.path_params.get("subject")
    wants_global = subject is None or _flag(request, "defaultToGlobal")
    level = registry.level(subject) if wants_global else registry.configured_level(subject)
    return {"compatibilityLevel": level}


async def _set_level(registry: Registry, request: Request) -> object:
    level = _text(await _body(request), "compatibility")
    return {"compatibility": await registry.set_level(request.path_params.get("subject"), level)}


async def _delete_level(registry: Registry, request: Request) -> object:
    return {"compatibilityLevel": await registry.set_level(request.path_params.get("subject"), None)}


async def _mode(registry: Registry, request: Request) -> object:
    return {"mode": registry.mode(request.path_params.get("subject"))}


async def _set_mode(registry: Registry, request: Request) -> object:
    mode = _text(await _body(request), "mode")
    return {"mode": await registry.set_mode(request.path_params.get("subject"), mode)}


async def _compatibility(registry: Registry, request: Request) -> object:
    text, references = await _schema_of(request)
    found = registry.obstacles(_subject(request), request.path_params.get("version"), text, references)
    verdict: dict[str, object] = {"is_compatible": not found}
    return {**verdict, "messages": found} if _flag(request, "verbose") else verdict


def _uses(registry: Registry, request: Request) -> list[Version]:
    schema_id = registry.by_id(request.path_params["id"]).id
    return registry.catalog.uses(schema_id, with_deleted=_flag(request, "deleted"))


def _one_version(registry: Registry, request: Request) -> Version:
    number = request.path_params["version"]
    return registry.version(_subject(request), number, with_deleted=_flag(request, "deleted"))


def _subject(request: Request) -> str:
    return str(request.path_params["subject"])


def _flag(request: Request, name: str) -> bool:
    return request.query_params.get(name, "").lower() == "true"


async def _body(request: Request) -> dict[str, Any]:  # decode seam
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY_BYTES_MAX:
            raise RegistryError(413, 413, f"The body is above {BODY_BYTES_MAX} bytes")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise RegistryError(400, 400, "The body is not JSON") from None
    if not isinstance(document, dict):
        raise RegistryError(400, 400, "The body is not a JSON object")
    return document


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise RegistryError(422, 422, f"The body has no text field `{name}`")
    return value


async def _schema_of(request: Request) -> tuple[str, tuple[Reference, ...]]:
    body = await _body(request)
    kind = body.get("schemaType") or "AVRO"
    if kind != "AVRO":
        raise Unprocessable(INVALID_SCHEMA, "Invalid schema: only schemaType AVRO is served here")
    text = body.get("schema")
    if not isinstance(text, str) or not text:
        raise Unprocessable(INVALID_SCHEMA, "Invalid schema: the body has no text field `schema`")
    return text, _references(body.get("references") or [])


def _references(rows: Any) -> tuple[Reference, ...]:  # decode seam
    try:
        return tuple(Reference(str(row["name"]), str(row["subject"]), int(row["version"])) for row in rows)
    except (KeyError, TypeError, ValueError):
        text = "Invalid schema: a reference has `name`, `subject` and `version`"
        raise Unprocessable(INVALID_SCHEMA, text) from None


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, RegistryError)
    return Answer({"error_code": error.code, "message": error.message}, status_code=error.status)


async def _http_refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    body = {"error_code": error.status_code, "message": f"HTTP {error.status_code} {error.detail}"}
    return Answer(body, status_code=error.status_code, headers=dict(error.headers or {}))


async def _fault(_: Request, error: Exception) -> Response:
    return Answer(
        {"error_code": 50001, "message": f"Internal fault: {type(error).__name__}"}, status_code=500
    )
