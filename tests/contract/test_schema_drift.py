from __future__ import annotations

import re
from typing import Any

import pytest

from crossdock.canonical import models
from crossdock.canonical.avro.reader import compile_reader
from crossdock.canonical.avro.writer import REPEATED, compile_writer
from crossdock.canonical.models import Order
from crossdock.canonical.schema_rules import schema_problems
from crossdock.canonical.schemas import full_names, schema_file, schema_of
from crossdock.canonical.topics import declarations
from crossdock.streaming import rows
from tests.contract.derived_schema import derived_schema, drift, field_docs, full_name
from tests.contract.write_schemas import Named, published, roots

PUBLISHED = sorted(published(), key=full_name)
RUNTIME = {
    "crossdock.runtime.EntryHeader": None,  # a pair in rows.Entry.headers
    "crossdock.runtime.HoldEntry": rows.Entry,
    "crossdock.runtime.HoldHead": rows.Head,
    "crossdock.runtime.InputPosition": None,  # an item of rows.Position.inputs
    "crossdock.runtime.Manifest": rows.Manifest,
    "crossdock.runtime.Mark": rows.Mark,
    "crossdock.runtime.Position": rows.Position,
    "crossdock.runtime.Resolved": rows.Resolved,
}
"""Changelog rows: plain classes of the runtime, not canonical models."""
ALONE = {
    "crossdock.common.Hold": "shared type of canonical-model §2, first used by the order saga",
    "crossdock.ops.DryRunResult": "in the what-if topic of each consumer group",
    "crossdock.ops.ReplayRequest": "in the replay lane of each consumer group",
}
"""Records outside of every declared topic, and why they exist."""


@pytest.mark.parametrize("kind", PUBLISHED, ids=full_name)
def test_a_committed_schema_says_what_its_model_says(kind: Named) -> None:
    problems = drift(schema_file(full_name(kind)), derived_schema(kind))
    assert not problems, "python -m tests.contract.write_schemas, then review the change"


def test_every_schema_has_its_model_and_every_model_its_schema() -> None:
    assert {full_name(kind) for kind in PUBLISHED} | set(RUNTIME) == set(full_names())


@pytest.mark.parametrize("name", [name for name, row in RUNTIME.items() if row is not None])
def test_a_changelog_schema_has_the_fields_of_its_row(name: str) -> None:
    row: Any = RUNTIME[name]
    assert {field["name"] for field in schema_file(name)["fields"]} == set(row.__slots__)


@pytest.mark.parametrize("name", full_names())
def test_a_schema_obeys_the_rules(name: str) -> None:
    assert schema_problems(schema_of(name)) == []
    assert schema_file(name)["namespace"] + "." + schema_file(name)["name"] == name


def test_every_record_is_used_by_a_topic_a_changelog_or_for_a_stated_reason() -> None:
    topics = {declaration.record for declaration in declarations().values()}
    assert {name for name in roots() if not name.startswith("crossdock.runtime.")} == (
        topics - {"bytes"}
    ) | set(ALONE)


def test_every_model_is_reexported() -> None:
    assert len(PUBLISHED) > 60
    assert all(getattr(models, kind.__name__) is kind for kind in PUBLISHED)


def test_every_record_has_a_generated_reader_and_writer() -> None:
    for kind in PUBLISHED:
        if issubclass(kind, models.Canonical):
            compile_writer(schema_of(kind.FULL_NAME))
            compile_reader(kind, schema_of(kind.FULL_NAME), schema_of(kind.FULL_NAME))


def test_remembered_text_holds_no_personal_data() -> None:
    personal = {
        field["name"]
        for name in full_names()
        for field in schema_file(name).get("fields", ())
        if field.get("pii")
    }
    assert {
        "name",
        "email",
        "phone",
        "lines",
        "postal_code",
        "notes",
        "buyer_reference",
        "parties",
    } <= personal
    assert not personal & REPEATED


@pytest.mark.parametrize("field", ["key", "lines", "payment", "notes"])
@pytest.mark.parametrize("part", ["type", "pii", "default", "doc", "name"])
def test_drift_is_found_in_every_part_of_a_field(field: str, part: str) -> None:
    committed = derived_schema(Order)
    changed: dict[str, Any] = {
        "type": "double",
        "pii": field != "notes",
        "default": 7,
        "doc": "",
        "name": "x",
    }
    fields = [
        entry | ({part: changed[part]} if entry["name"] == field else {}) for entry in committed["fields"]
    ]
    assert drift({**committed, "fields": fields}, committed)


def test_drift_is_found_in_symbols_and_order_of_fields() -> None:
    order, status = derived_schema(Order), derived_schema(models.PaymentStatus)
    assert drift({**order, "fields": order["fields"][::-1]}, order)
    assert drift({**status, "symbols": status["symbols"][:-1]}, status)
    assert not drift(order, order)


def test_models_document_every_field() -> None:
    undocumented = [
        f"{kind.__name__}.{name}"
        for kind in PUBLISHED
        if issubclass(kind, models.Canonical) and not kind.__module__.endswith(".ops")
        for name, text in field_docs(kind).items()
        if not text
    ]
    assert undocumented == []


@pytest.mark.parametrize("kind", PUBLISHED, ids=full_name)
def test_names_are_such_that_every_avro_reader_takes_them(kind: Named) -> None:
    schema = schema_file(full_name(kind))
    names = [*schema.get("symbols", ()), *(field["name"] for field in schema.get("fields", ()))]
    assert [name for name in names if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)] == []
