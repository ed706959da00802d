from __future__ import annotations

from datetime import datetime

import pytest

from crossdock.canonical.codec import decode, encode, schema_of
from crossdock.canonical.documents import load_document
from crossdock.canonical.keys import join_key, split_key
from crossdock.canonical.models.base import Canonical, Entity
from crossdock.canonical.schemas import schema_root
from crossdock.canonical.topics import HANDLES, TopicDeclaration, declarations
from tests.kit.examples import Example, examples

DECLARATIONS = list(declarations().values())
EXAMPLES = list(examples())
PARTITION_SEGMENTS = {"O": 3, "K": 2, "E": 2, "P": 2}
"""Leading segments per co-partition group; a topic that only its owner reads may deviate with a reason."""


def has_personal_data(schema: object) -> bool:
    if isinstance(schema, dict):
        return schema.get("pii") is True or any(map(has_personal_data, schema.values()))
    return isinstance(schema, list) and any(map(has_personal_data, schema))


def topic(declaration: TopicDeclaration) -> str:
    return declaration.topic


def case(example: Example) -> str:
    return f"{example.topic}:{example.case}"


def test_handles_and_declarations_are_the_same_topics() -> None:
    names = {"bytes": bytes}
    assert {handle.name: handle.partition_segments for handle in HANDLES} == {
        declaration.topic: declaration.partition_segments for declaration in DECLARATIONS
    }
    for handle in HANDLES:
        record = declarations()[handle.name].record
        assert handle.record is names.get(record) or record == handle.record.FULL_NAME


def test_each_declaration_stands_in_the_file_of_its_name() -> None:
    files = {path.name for path in (schema_root() / "topics").iterdir()}
    assert files == {f"{declaration.topic}.yaml" for declaration in DECLARATIONS}


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=topic)
def test_a_topic_has_owner_record_and_example(declaration: TopicDeclaration) -> None:
    assert declaration.owner
    assert declaration.producers
    assert declaration.consumers
    assert declaration.record == "bytes" or schema_of(declaration.record)
    assert declaration.topic in {example.topic for example in EXAMPLES}


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=topic)
def test_a_topic_keeps_personal_data_only_where_it_is_declared_and_for_a_limited_time(
    declaration: TopicDeclaration,
) -> None:
    if declaration.record != "bytes":
        assert declaration.pii == has_personal_data(schema_of(declaration.record))
    assert declaration.retention_days or not declaration.pii


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=topic)
def test_a_topic_partitions_as_its_group_does(declaration: TopicDeclaration) -> None:
    assert declaration.partition_segments <= len(declaration.key.split("/"))
    if declaration.group != "L":
        assert declaration.partition_segments == PARTITION_SEGMENTS[declaration.group]
    assert (declaration.compatibility == "NONE") == (declaration.record == "bytes")
    assert (declaration.retention_days is None) == (declaration.cleanup == "compact")


def test_every_example_belongs_to_a_topic() -> None:
    folders = {path.name for path in (schema_root() / "examples").iterdir()}
    assert folders - {"raw"} == set(declarations()), "raw holds the payloads of formats"


@pytest.mark.parametrize("example", EXAMPLES, ids=case)
def test_an_example_is_a_record_of_its_topic(example: Example) -> None:
    handle = next(handle for handle in HANDLES if handle.name == example.topic)
    declaration = declarations()[example.topic]
    assert join_key(*split_key(example.key)) == example.key
    assert len(split_key(example.key)) == len(declaration.key.split("/"))
    if handle.record is bytes:
        assert isinstance(example.value, str)
        assert datetime.fromisoformat(example.headers["ce_time"]).tzinfo is not None
        return
    assert issubclass(handle.record, Canonical)
    model = handle.record.model_validate(example.value)
    assert decode(handle.record, encode(model)) == model
    assert model.model_dump(mode="json") == example.value
    assert getattr(model, "key", example.key) == example.key
    if isinstance(model, Entity):
        assert split_key(example.key)[0] == model.tenant


def test_examples_write_decimals_as_text() -> None:
    def floats(value: object) -> bool:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return isinstance(value, float) or any(map(floats, inner))

    assert floats({"a": [1.5]})
    assert not any(floats(example.value) for example in EXAMPLES)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("topic: sales.order.v1", "topic: Sales"),
        ("group: O", "group: X"),
        ("cleanup: delete", "cleanup: never"),
        ("owner: normalize", "owner: ''"),
        ("retention_days: 90", "retention_days: 0"),
        ("pii: true", "pii: true\ncolour: red"),
    ],
)
def test_a_wrong_declaration_is_refused(line: str, wrong: str) -> None:
    text = (schema_root() / "topics" / "sales.order.v1.yaml").read_text()
    TopicDeclaration.model_validate(load_document(text))
    assert line in text
    with pytest.raises(ValueError, match="validation error"):
        TopicDeclaration.model_validate(load_document(text.replace(line, wrong)))
