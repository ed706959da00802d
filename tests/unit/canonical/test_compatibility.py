from __future__ import annotations

from typing import Any

import pytest

from crossdock.canonical.compatibility import incompatibilities


def record(*fields: dict[str, Any], name: str = "n.R", **more: Any) -> dict[str, Any]:  # parts of a schema
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def enum(*symbols: str, **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": "E", "symbols": list(symbols), **more}


def decimal(precision: int, scale: int | None) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision} | (
        {} if scale is None else {"scale": scale}
    )


FIXED = {"type": "fixed", "name": "F", "size": 4}
MAP = {"type": "map", "values": "int"}
TIME = {"type": "long", "logicalType": "timestamp-micros"}
TREE = record(field("next", ["null", "R"]), field("value", "int"))

READABLE = [
    pytest.param("int", "int", id="the same"),
    pytest.param("long", "int", id="int as long"),
    pytest.param("double", "long", id="long as double"),
    pytest.param("string", "bytes", id="bytes as text"),
    pytest.param({"type": "string"}, "string", id="two spellings"),
    pytest.param(["null", "int"], "int", id="becomes optional"),
    pytest.param(["null", "long"], "int", id="becomes optional and wider"),
    pytest.param(["int", "null"], ["null", "int"], id="order of a union"),
    pytest.param(record(), record(field("a", "int")), id="a field goes"),
    pytest.param(record(field("a", "int", default=0)), record(), id="a field with default comes"),
    pytest.param(record(field("b", "int", aliases=["a"])), record(field("a", "int")), id="field alias"),
    pytest.param(record(name="n.S", aliases=["R"]), record(), id="record alias"),
    pytest.param(record(name="other.R"), record(), id="another namespace"),
    pytest.param(enum("a", "b"), enum("b"), id="a symbol comes"),
    pytest.param(enum("a", default="a"), enum("b"), id="a symbol goes, with default"),
    pytest.param(decimal(10, None), decimal(10, 0), id="scale 0 is the default"),
    pytest.param({"type": "map", "values": "long"}, MAP, id="map"),
    pytest.param(FIXED, FIXED, id="fixed"),
    pytest.param(TREE, TREE, id="recursive"),
]
UNREADABLE = [
    pytest.param("int", "long", "long cannot be read as int", id="long as int"),
    pytest.param("int", "string", "string cannot be read as int", id="text as int"),
    pytest.param("int", ["null", "int"], "null cannot be read as int", id="becomes required"),
    pytest.param(["null", "string"], "int", "no branch", id="not in the union"),
    pytest.param(record(field("a", "int")), record(), "a: the reader needs this", id="field without default"),
    pytest.param(
        record(field("a", record(field("b", "int"), name="S"))),
        record(field("a", record(field("b", "string"), name="S"))),
        "a.b: string cannot be read as int",
        id="path of a nested field",
    ),
    pytest.param(
        record(field("a", {"type": "array", "items": "int"})),
        record(field("a", {"type": "array", "items": "string"})),
        "a[]: string cannot be read as int",
        id="path of an item",
    ),
    pytest.param(
        record(field("a", ["null", record(field("b", "int"), name="S")])),
        record(field("a", record(field("b", "string"), name="S"))),
        "a.b: string",
        id="path within a union",
    ),
    pytest.param(record(name="n.S"), record(), "renamed type needs an alias", id="record renamed"),
    pytest.param(enum("a"), enum("a", "b"), "symbols b are unknown", id="symbol goes, no default"),
    pytest.param(decimal(18, 4), decimal(18, 6), "decimal(18,6) became decimal(18,4)", id="scale"),
    pytest.param(decimal(18, 4), decimal(12, 4), "decimal(12,4) became", id="precision"),
    pytest.param(TIME, "long", "no logical type became timestamp-micros", id="a number becomes a time"),
    pytest.param(TIME, "int", "no logical type became", id="a narrower number becomes a time"),
    pytest.param({**FIXED, "size": 5}, FIXED, "size 4 became 5", id="fixed size"),
    pytest.param(MAP, {"type": "map", "values": "string"}, "{}: string", id="map"),
    pytest.param({"type": "array", "items": "int"}, MAP, "map cannot", id="kind"),
]


@pytest.mark.parametrize(("reader", "writer"), READABLE)
def test_what_can_be_read_has_no_obstacle(reader: Any, writer: Any) -> None:
    assert incompatibilities(reader, writer) == []


@pytest.mark.parametrize(("reader", "writer", "problem"), UNREADABLE)
def test_an_obstacle_is_named_with_its_place(reader: Any, writer: Any, problem: str) -> None:
    found = incompatibilities(reader, writer)
    assert len(found) == 1
    assert problem in found[0]


def test_all_obstacles_are_found() -> None:
    reader = record(field("a", "int"), field("b", "int"), field("c", "int"))
    writer = record(field("a", "string"), field("b", "int"))
    assert [problem.split(":")[0] for problem in incompatibilities(reader, writer)] == ["a", "c"]
