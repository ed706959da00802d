from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.canonical.evolution import Level, obstacles
from crossdock.canonical.models import Order
from crossdock.canonical.schemas import full_names, schema_of, schema_root

RELEASED = sorted((schema_root() / "released").glob("*/*.avsc"))
NAMES = sorted({path.stem for path in RELEASED})
ORDER = schema_of(Order.FULL_NAME)


def test_a_released_record_does_not_disappear() -> None:
    assert Order.FULL_NAME in NAMES
    assert set(NAMES) <= set(full_names())


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_may_follow_all_released_ones(name: str) -> None:
    versions = [json.loads(path.read_text()) for path in RELEASED if path.stem == name]
    problems = obstacles(Level.FULL_TRANSITIVE, schema_of(name), versions)
    assert not problems, "a breaking change is a new topic (architecture §5)"


def with_field(which: str, **change: Any) -> dict[str, Any]:  # parts of an Avro field
    fields = [field | (change if field["name"] == which else {}) for field in ORDER["fields"]]
    return {**ORDER, "fields": fields}


def without_field(name: str) -> dict[str, Any]:
    return {**ORDER, "fields": [field for field in ORDER["fields"] if field["name"] != name]}


def field_type(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(field["type"] for field in ORDER["fields"] if field["name"] == name)
    return found


TAX_MODE = field_type("tax_mode")
WITHOUT_DEFAULT = {part: value for part, value in TAX_MODE.items() if part != "default"}
ADDED = {"name": "more", "type": "string"}
AMOUNT_OF_OTHER_SCALE = field_type("quantity_total") | {"scale": 4}


@pytest.mark.parametrize(
    "candidate",
    [
        pytest.param(without_field("order_id"), id="a required field is removed"),
        pytest.param(with_field("order_id", name="id"), id="a field is renamed"),
        pytest.param(with_field("order_id", type="long"), id="text becomes a number"),
        pytest.param(with_field("order_id", type=["null", "string"]), id="a field becomes optional"),
        pytest.param(with_field("order_name", type="string"), id="a field becomes required"),
        pytest.param(with_field("line_count", type="long"), id="int becomes long"),
        pytest.param(with_field("quantity_total", type=AMOUNT_OF_OTHER_SCALE), id="scale"),
        pytest.param(
            with_field("tax_mode", type=WITHOUT_DEFAULT | {"symbols": ["unknown"]}),
            id="symbols go",
        ),
        pytest.param({**ORDER, "fields": [*ORDER["fields"], ADDED]}, id="a field without default is added"),
        pytest.param({**ORDER, "name": "SalesOrder"}, id="the record is renamed"),
    ],
)
def test_a_breaking_change_is_found(candidate: dict[str, Any]) -> None:
    assert obstacles(Level.FULL_TRANSITIVE, candidate, [ORDER])


@pytest.mark.parametrize(
    "candidate",
    [
        pytest.param(ORDER, id="nothing changes"),
        pytest.param(without_field("order_name"), id="an optional field is removed"),
        pytest.param(
            {**ORDER, "fields": [*ORDER["fields"], ADDED | {"default": ""}]},
            id="a field is added",
        ),
        pytest.param(
            with_field("tax_mode", type=TAX_MODE | {"symbols": ["new", *TAX_MODE["symbols"]]}),
            id="symbols come",
        ),
        pytest.param({**ORDER, "doc": "other"}, id="texts change"),
    ],
)
def test_a_compatible_change_is_let_through(candidate: dict[str, Any]) -> None:
    assert obstacles(Level.FULL_TRANSITIVE, candidate, [ORDER]) == []
