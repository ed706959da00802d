from __future__ import annotations

from typing import Any

import pytest

from crossdock.canonical.avro.names import SchemaInvalid, normal_schema
from crossdock.canonical.schema_rules import schema_hazards, schema_problems

EMPTY = {"type": "record", "name": "Empty", "fields": []}
ENUM = {"type": "enum", "name": "E", "doc": "d", "symbols": ["unknown", "a"], "default": "unknown"}


def record(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:  # parts of an Avro schema
    return {"type": "record", "name": "R", "namespace": "n", "doc": "d", "fields": list(fields), **more}


def field(kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": "f", "type": kind, "doc": "d", **more}


HAZARDS = [
    pytest.param(record(field(["null", "R"])), "contains itself", id="recursive"),
    pytest.param(record(field(["null", "n.R"])), "contains itself", id="recursive by full name"),
    pytest.param(
        record(field({"type": "array", "items": {"type": "record", "name": "S", "fields": [field("R")]}})),
        "contains itself",
        id="recursive through another",
    ),
    pytest.param(record(field({"type": "array", "items": "null"})), "no bytes", id="array of null"),
    pytest.param(record(field({"type": "array", "items": EMPTY})), "no bytes", id="array of empty records"),
    pytest.param(
        {"type": "array", "items": {"type": "record", "name": "S", "fields": [field(EMPTY), field("null")]}},
        "no bytes",
        id="array of records of empty records",
    ),
    pytest.param(
        {"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}},
        "no bytes",
        id="fixed of 0 bytes",
    ),
]


@pytest.mark.parametrize(("schema", "problem"), HAZARDS)
def test_a_schema_that_could_crash_or_hang_a_reader_is_found(schema: Any, problem: str) -> None:
    assert problem in schema_hazards(schema)[0]
    assert schema_problems(schema) == schema_hazards(schema)


@pytest.mark.parametrize(
    "schema",
    [
        record(),
        record(field("string"), field(ENUM), field(["null", "string"], default=None)),
        record(
            field(
                {
                    "type": "array",
                    "items": {"type": "record", "name": "S", "doc": "d", "fields": [field("int")]},
                }
            )
        ),
        record(field(record(field("int"), name="Inner")), field(["null", "Inner"], default=None, name="g")),
    ],
)
def test_a_schema_that_obeys_has_no_problem(schema: Any) -> None:
    assert schema_problems(schema) == []


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (record(field({"type": "map", "values": "string"})), "maps are not used"),
        (record(field("double")), "floats are not used"),
        (record(field({"type": "array", "items": "float"})), "floats are not used"),
        (record(field(["string", "null"], default=None)), "only union"),
        (record(field(["null", "string", "int"], default=None)), "only union"),
        (record(field(["string"])), "only union"),
        (record(field(["null", "string"])), "default is null"),
        (record(field({**ENUM, "default": "a"})), "symbol `unknown`"),
        (record(field({**ENUM, "symbols": ["a"]})), "symbol `unknown`"),
        (record(field("string", doc="")), "has no doc"),
        (record(field("string"), doc=""), "doc is missing"),
        (record(field("string", pii="yes")), "pii is true or false"),
    ],
)
def test_a_deviation_is_named(schema: Any, problem: str) -> None:
    assert any(problem in text for text in schema_problems(schema))
    assert schema_hazards(schema) == []


@pytest.mark.parametrize(
    "schema",
    [
        "nothing",
        {"type": "strin"},
        {"name": "R"},
        {"type": "record", "name": "R"},
        {"type": "record", "fields": []},
        {"type": "array"},
        record(field("Later")),
        record(field(ENUM), field(ENUM)),
        7,
        None,
        {"type": None},
        {"type": "record", "name": 7, "fields": []},
        {"type": "record", "name": "R", "fields": ["f"]},
    ],
)
def test_what_is_no_schema_is_refused(schema: Any) -> None:
    with pytest.raises(SchemaInvalid):
        normal_schema(schema)


def test_a_schema_nested_without_end_is_refused() -> None:
    schema: Any = "int"
    for _ in range(5000):
        schema = {"type": "array", "items": schema}
    with pytest.raises(SchemaInvalid, match="deep"):
        schema_hazards(schema)


def test_many_types_are_judged_in_reasonable_work() -> None:
    kind: Any = EMPTY
    for number in range(60):
        pair = [{"name": "a", "type": kind}, {"name": "b", "type": kind["name"]}]
        kind = {"type": "record", "name": f"R{number}", "fields": pair}
    assert "no bytes" in schema_hazards({"type": "array", "items": kind})[0]
