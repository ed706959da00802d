"""Avro schemas as the canonical models imply them: the other side of the drift test.

Invariant: every annotation of a model has exactly one Avro form (canonical-model §1.10); one that has
none is an error here, not a guess.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from crossdock.canonical.models.base import Canonical
from crossdock.canonical.models.field_types import AvroType, DecimalType, OwnState, PersonalData

_NAMESPACES = {"base": "common", "identity": "common", "business_exception": "ops"}
"""Modules whose types belong to another namespace than their own name."""
_PRIMITIVES: dict[Any, Any] = {
    str: "string",
    bool: "boolean",
    bytes: "bytes",
    datetime: {"type": "long", "logicalType": "timestamp-micros"},
    date: {"type": "int", "logicalType": "date"},
}


def derived_schema(named: type[Canonical] | type[OwnState]) -> dict[str, Any]:
    """Avro schema of a model or enum, references by full name."""
    namespace, _, name = full_name(named).rpartition(".")
    head = {"name": name, "namespace": namespace, "doc": _first_line(named)}
    if issubclass(named, StrEnum):
        symbols = [member.value for member in named]
        return {"type": "enum", **head, "symbols": symbols, "default": "unknown"}
    docs = field_docs(named)
    fields = [_field(field, info, docs[field]) for field, info in named.model_fields.items()]
    return {"type": "record", **head, "fields": fields}


def drift(committed: dict[str, Any], derived: dict[str, Any]) -> list[str]:
    """Where a committed schema says something else than the model: types, order, tags, defaults, texts.

    A schema may leave a model's default out (then the field can never be removed), and it documents
    fields whose model has no text.
    """
    heads = [
        f"{name} is {committed.get(name)}, the model says {derived.get(name)}"
        for name in ("type", "name", "namespace", "symbols", "default")
        if committed.get(name) != derived.get(name)
    ]
    ours = {field["name"]: field for field in committed.get("fields", ())}
    theirs = {field["name"]: field for field in derived.get("fields", ())}
    if list(ours) != list(theirs):
        return [*heads, f"fields are {list(ours)}, the model's are {list(theirs)}"]
    return heads + [problem for name in ours for problem in _field_drift(ours[name], theirs[name])]


def _field_drift(committed: dict[str, Any], derived: dict[str, Any]) -> list[str]:
    compared = {"type", "pii"}
    compared |= {"default"} if "default" in committed else set()
    compared |= {"doc"} if derived["doc"] else set()
    return [
        f"{committed['name']}: {part} is {committed.get(part)}, the model says {derived.get(part)}"
        for part in sorted(compared)
        if committed.get(part) != derived.get(part)
    ]


def full_name(named: type[Canonical] | type[OwnState]) -> str:
    """Avro full name: a record states it, an enum has its module's namespace."""
    if issubclass(named, Canonical):
        return named.FULL_NAME
    module = named.__module__.rpartition(".")[2]
    return f"crossdock.{_NAMESPACES.get(module, module)}.{named.__name__}"


def named_types(model: type[Canonical]) -> set[type[Canonical] | type[OwnState]]:
    """Records and enums that the model's fields use, itself included."""
    found: set[type[Canonical] | type[OwnState]] = set()
    waiting: list[Any] = [model]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, OwnState) and kind not in found:
            found.add(kind)
        elif isinstance(kind, type) and issubclass(kind, Canonical) and kind not in found:
            found.add(kind)
            waiting += [info.annotation for info in kind.model_fields.values()]
        else:
            waiting += get_args(kind)
    return found


def field_docs(model: type[Canonical]) -> dict[str, str]:
    """Docstring under each field, inherited ones included; a field without one gets empty text."""
    docs = dict.fromkeys(model.model_fields, "")
    for base in reversed(model.__mro__):
        if base is not Canonical and issubclass(base, Canonical):
            docs |= _own_docs(base)
    return docs


def _own_docs(model: type[Canonical]) -> dict[str, str]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(body, ast.ClassDef)
    docs = {}
    for statement, follower in zip(body.body, body.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            match follower:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    docs[statement.target.id] = " ".join(text.split())
    return docs


def _first_line(named: type[object]) -> str:
    return " ".join((inspect.getdoc(named) or "").split("\n\n")[0].split())


def _field(name: str, info: Any, doc: str) -> dict[str, Any]:
    field = {"name": name, "type": _avro(info.annotation, info.metadata), "doc": doc}
    if not info.is_required():
        field["default"] = list(info.default) if isinstance(info.default, tuple) else info.default
    if any(isinstance(mark, PersonalData) for mark in info.metadata):
        field["pii"] = True
    return field


def _avro(kind: Any, metadata: list[Any]) -> Any:
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *marks = get_args(kind)
        return _avro(inner, [*metadata, *marks])
    if origin in (Union, UnionType):
        (inner,) = [arg for arg in get_args(kind) if arg is not NoneType]
        return ["null", _avro(inner, metadata)]
    if origin is tuple:
        return {"type": "array", "items": _avro(get_args(kind)[0], [])}
    if kind in _PRIMITIVES:
        return _PRIMITIVES[kind]
    return _marked(kind, metadata)


def _marked(kind: Any, metadata: list[Any]) -> Any:
    if kind is int:
        return next(mark.name for mark in metadata if isinstance(mark, AvroType))
    if kind is Decimal:
        mark = next(mark for mark in metadata if isinstance(mark, DecimalType))
        return {"type": "bytes", "logicalType": "decimal", "precision": mark.precision, "scale": mark.scale}
    if isinstance(kind, type) and issubclass(kind, Canonical | OwnState):
        return full_name(kind)
    raise AssertionError(f"no Avro form for {kind}")
