"""The built-in registry over its real HTTP server: paths, bodies, codes as Confluent's API has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kit.registry_server import Records, RegistryCaller, record, registry

TEXT = '"string"'


@pytest.fixture
def server() -> Iterator[RegistryCaller]:
    with registry() as running:
        yield running


def test_registered_schema_is_found_by_id_version_and_content(server: RegistryCaller) -> None:
    assert server.register("orders-value", "id").body == {"id": 1}
    schema = json.dumps(json.loads(record("id")), separators=(",", ":"))
    whole = {"subject": "orders-value", "version": 1, "id": 1, "schema": schema}
    for path in ("1", "latest", "-1"):
        assert server.call("GET", f"/subjects/orders-value/versions/{path}").body == whole
    assert server.call("POST", "/subjects/orders-value", {"schema": record("id")}).body == whole
    assert server.call("GET", "/schemas/ids/1").body == {"schema": schema}
    assert server.call("GET", "/schemas/ids/1/schema").body == json.loads(schema)
    assert server.call("GET", "/subjects/orders-value/versions/1/schema").body == json.loads(schema)
    assert server.call("GET", "/subjects").body == ["orders-value"]
    assert server.call("GET", "/subjects/orders-value/versions").body == [1]
    assert server.call("GET", "/schemas/types").body == ["AVRO"]


def test_answers_have_the_registrys_media_type(server: RegistryCaller) -> None:
    for path in ("/subjects", "/schemas/ids/7", "/nowhere"):
        assert server.call("GET", path).content_type == "application/vnd.schemaregistry.v1+json"


def test_same_schema_again_makes_no_version(server: RegistryCaller) -> None:
    first = server.register("a-value", "id").body
    spaced = json.dumps(json.loads(record("id")), indent=3)
    assert server.call("POST", "/subjects/a-value/versions", {"schema": spaced}).body == first
    assert server.call("GET", "/subjects/a-value/versions").body == [1]


def test_same_schema_under_another_subject_has_the_same_id(server: RegistryCaller) -> None:
    assert server.register("a-value", "id").body == server.register("b-value", "id").body
    assert server.call("GET", "/schemas/ids/1/subjects").body == ["a-value", "b-value"]
    uses = [{"subject": "a-value", "version": 1}, {"subject": "b-value", "version": 1}]
    assert server.call("GET", "/schemas/ids/1/versions").body == uses


REFUSALS: list[tuple[str, str, object, int, int]] = [
    ("GET", "/subjects/none/versions", None, 404, 40401),
    ("GET", "/subjects/none/versions/1", None, 404, 40401),
    ("DELETE", "/subjects/none", None, 404, 40401),
    ("POST", "/subjects/none", {"schema": TEXT}, 404, 40401),
    ("GET", "/subjects/a/versions/2", None, 404, 40402),
    ("DELETE", "/subjects/a/versions/2", None, 404, 40402),
    ("POST", "/compatibility/subjects/none/versions/1", {"schema": TEXT}, 404, 40402),
    ("GET", "/schemas/ids/2", None, 404, 40403),
    ("GET", "/schemas/ids/2/versions", None, 404, 40403),
    ("POST", "/subjects/a", {"schema": TEXT}, 404, 40403),
    ("GET", "/config/a", None, 404, 40408),
    ("POST", "/subjects/a/versions", {"schema": "{"}, 422, 42201),
    ("POST", "/subjects/a/versions", {"schema": ""}, 422, 42201),
    ("POST", "/subjects/a/versions", {"schema": '{"type": "recrod"}'}, 422, 42201),
    ("POST", "/subjects/a/versions", {"schema": '{"type": "record", "name": "X"}'}, 422, 42201),
    ("POST", "/subjects/a/versions", {"schema": '"no.such.Type"'}, 422, 42201),
    ("POST", "/subjects/a/versions", {"schema": "[" * 5000 + "]" * 5000}, 422, 42201),
    ("POST", "/subjects/a/versions", {"schema": '{"type":' * 900 + TEXT + "}" * 900}, 422, 42201),
    ("POST", "/subjects/a/versions", {"schema": "{}", "schemaType": "PROTOBUF"}, 422, 42201),
    ("POST", "/subjects/a/versions", {"schema": TEXT, "references": [{"name": "x"}]}, 422, 42201),
    ("GET", "/subjects/a/versions/0", None, 422, 42202),
    ("GET", "/subjects/a/versions/first", None, 422, 42202),
    ("GET", "/subjects/a/versions/2147483648", None, 422, 42202),
    ("PUT", "/config", {"compatibility": "MOSTLY"}, 422, 42203),
    ("PUT", "/mode", {"mode": "FROZEN"}, 422, 42204),
    ("POST", "/subjects/a/versions", b"{not json", 400, 400),
    ("POST", "/subjects/a/versions", [1], 400, 400),
    ("POST", "/subjects/a/versions", b" " * 1_100_000, 413, 413),
    ("GET", "/nowhere", None, 404, 404),
    ("PATCH", "/subjects", None, 405, 405),
]


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: f"{case[0]} {case[1]} {case[4]}")
def test_refusal_has_confluents_code(server: RegistryCaller, case: tuple[str, str, object, int, int]) -> None:
    method, path, body, *expected = case
    server.register("a", "id")
    reply = server.call(method, path, body)
    assert [reply.status, reply.body["error_code"]] == expected
    assert reply.body["message"]


def test_incompatible_schema_is_refused_and_changes_nothing(server: RegistryCaller) -> None:
    server.register("a", "id")
    reply = server.register("a", "id", "name")
    assert (reply.status, reply.body["error_code"]) == (409, 409)
    assert "name" in reply.body["message"]
    assert server.call("GET", "/subjects/a/versions").body == [1]


def test_compatible_schema_is_the_next_version(server: RegistryCaller) -> None:
    server.register("a", "id")
    assert server.register("a", "id", "name?").body == {"id": 2}
    assert server.call("GET", "/subjects/a/versions").body == [1, 2]


LEVELS = [
    ("NONE", ["other"], True),
    ("BACKWARD", ["id", "name?"], True),
    ("BACKWARD", ["id", "name"], False),
    ("BACKWARD", [], True),
    ("FORWARD", [], False),
    ("FORWARD", ["id", "name"], True),
    ("FULL", ["id", "name?"], True),
    ("FULL", ["id", "name"], False),
    ("FULL", [], False),
    ("FULL_TRANSITIVE", ["id", "name?"], True),
]


@pytest.mark.parametrize(("level", "fields", "is_compatible"), LEVELS)
def test_level_decides_what_may_follow(
    server: RegistryCaller, level: str, fields: list[str], is_compatible: bool
) -> None:
    server.register("a", "id")
    assert server.call("PUT", "/config/a", {"compatibility": level}).body == {"compatibility": level}
    for version in ("/latest", "/1", ""):
        path = f"/compatibility/subjects/a/versions{version}?verbose=true"
        verdict = server.call("POST", path, {"schema": record(*fields)}).body
        assert verdict["is_compatible"] is is_compatible
        assert bool(verdict["messages"]) is not is_compatible
    assert server.register("a", *fields).status == (200 if is_compatible else 409)


def test_transitive_level_looks_at_every_version(server: RegistryCaller) -> None:
    server.call("PUT", "/config", {"compatibility": "NONE"})
    server.register("a", {"name": "id", "type": "string"})
    server.register("a", {"name": "id", "type": "long"})
    candidate = {"schema": record({"name": "id", "type": "long"}, "name?")}
    for level, is_compatible in (("BACKWARD", True), ("BACKWARD_TRANSITIVE", False)):
        server.call("PUT", "/config/a", {"compatibility": level})
        verdict = server.call("POST", "/compatibility/subjects/a/versions", candidate).body
        assert verdict == {"is_compatible": is_compatible}


def test_subject_without_versions_takes_anything(server: RegistryCaller) -> None:
    reply = server.call("POST", "/compatibility/subjects/new/versions/latest", {"schema": TEXT})
    assert reply.body == {"is_compatible": True}


def test_level_of_a_subject_wins_and_can_be_removed(server: RegistryCaller) -> None:
    assert server.call("GET", "/config").body == {"compatibilityLevel": "BACKWARD"}
    server.call("PUT", "/config", {"compatibility": "full"})
    assert server.call("GET", "/config/a?defaultToGlobal=true").body == {"compatibilityLevel": "FULL"}
    server.call("PUT", "/config/a", {"compatibility": "NONE"})
    assert server.call("GET", "/config/a").body == {"compatibilityLevel": "NONE"}
    assert server.call("DELETE", "/config/a").body == {"compatibilityLevel": "NONE"}
    assert server.call("GET", "/config/a").status == 404
    assert server.call("GET", "/config").body == {"compatibilityLevel": "FULL"}


def test_read_only_mode_refuses_new_versions_and_deletions_only(server: RegistryCaller) -> None:
    server.register("a", "id")
    assert server.call("GET", "/mode").body == {"mode": "READWRITE"}
    server.call("PUT", "/mode", {"mode": "READONLY"})
    assert server.register("a", "id").body == {"id": 1}
    for reply in (server.register("a", "id", "name?"), server.call("DELETE", "/subjects/a")):
        assert (reply.status, reply.body["error_code"]) == (422, 42205)


def test_deleted_subject_is_hidden_but_its_ids_resolve(server: RegistryCaller) -> None:
    server.register("a", "id")
    server.register("a", "id", "name?")
    assert server.call("DELETE", "/subjects/a").body == [1, 2]
    assert server.call("GET", "/subjects").body == []
    assert server.call("GET", "/subjects?deleted=true").body == ["a"]
    assert server.call("GET", "/subjects/a/versions").body["error_code"] == 40401
    assert server.call("GET", "/schemas/ids/2").status == 200
    assert server.call("DELETE", "/subjects/a").body["error_code"] == 40404
    assert server.register("a", "id").body == {"id": 1}
    assert server.call("GET", "/subjects/a/versions").body == [3]


def test_only_hidden_versions_can_be_removed_for_good(server: RegistryCaller) -> None:
    server.register("a", "id")
    server.register("a", "id", "name?")
    assert server.call("DELETE", "/subjects/a?permanent=true").body["error_code"] == 40405
    assert server.call("DELETE", "/subjects/a/versions/2?permanent=true").body["error_code"] == 40407
    assert server.call("DELETE", "/subjects/a/versions/latest").body == 2
    assert server.call("DELETE", "/subjects/a/versions/2").body["error_code"] == 40406
    assert server.call("DELETE", "/subjects/a/versions/2?permanent=true").body == 2
    assert server.call("GET", "/subjects/a/versions?deleted=true").body == [1]


def test_id_of_a_removed_schema_is_never_given_again() -> None:
    records: Records = []
    with registry(records) as first:
        first.register("a", "id")
        first.register("b", "other")
        first.call("DELETE", "/subjects/b")
        first.call("DELETE", "/subjects/b?permanent=true")
        assert first.register("c", "third").body == {"id": 3}
    compacted = {key: (key, value) for key, value in records if b'"c"' not in key}
    with registry([row for row in compacted.values() if row[1] is not None]) as second:
        assert second.register("c", "third").body == {"id": 3}


def test_restarted_registry_knows_everything() -> None:
    records: Records = []
    paths = ("/subjects", "/subjects/a/versions/latest", "/schemas/ids/2", "/config", "/config/a", "/mode")
    with registry(records) as first:
        first.call("PUT", "/config", {"compatibility": "FULL"})
        first.call("PUT", "/config/a", {"compatibility": "FULL_TRANSITIVE"})
        first.register("a", "id")
        first.register("a", "id", "name?")
        first.register("gone", "x")
        first.call("DELETE", "/subjects/gone")
        first.call("PUT", "/mode", {"mode": "READONLY"})
        before = [first.call("GET", path).body for path in paths]
    compacted = {key: (key, value) for key, value in records}
    for log in (records, list(compacted.values())):
        with registry(list(log)) as second:
            assert [second.call("GET", path).body for path in paths] == before


def test_reference_is_resolved_compared_and_protected(server: RegistryCaller) -> None:
    money = record("amount", name="Money")
    server.call("POST", "/subjects/money/versions", {"schema": money})
    order = record({"name": "total", "type": "shop.Money"})
    body: dict[str, Any] = {
        "schema": order,
        "references": [{"name": "shop.Money", "subject": "money", "version": 1}],
    }
    assert server.call("POST", "/subjects/order/versions", {"schema": order}).body["error_code"] == 42201
    assert server.call("POST", "/subjects/order/versions", body).body == {"id": 2}
    assert server.call("GET", "/subjects/order/versions/1").body["references"] == body["references"]
    assert server.call("GET", "/subjects/money/versions/1/referencedby").body == [2]
    assert server.call("DELETE", "/subjects/money").body["error_code"] == 42206
    dearer = record("amount", "currency", name="Money")
    server.call("PUT", "/config/money", {"compatibility": "NONE"})
    server.call("POST", "/subjects/money/versions", {"schema": dearer})
    body["references"][0]["version"] = 2
    assert server.call("POST", "/subjects/order/versions", body).status == 409


HAZARDS = {
    "recursive": {"type": "record", "name": "T", "fields": [{"name": "next", "type": ["null", "T"]}]},
    "recursive by full name": {
        "type": "record",
        "name": "T",
        "namespace": "n",
        "fields": [{"name": "children", "type": {"type": "array", "items": "n.T"}}],
    },
    "array of null": {"type": "array", "items": "null"},
    "array of empty records": {"type": "array", "items": {"type": "record", "name": "E", "fields": []}},
    "array of records of null": {
        "type": "array",
        "items": {"type": "record", "name": "E", "fields": [{"name": "n", "type": "null"}]},
    },
    "array of fixed 0": {"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}},
}


@pytest.mark.parametrize("name", HAZARDS)
def test_schema_that_can_crash_a_decoder_is_refused(name: str) -> None:
    body = {"schema": json.dumps(HAZARDS[name])}
    with registry() as careful:
        assert careful.call("POST", "/subjects/x/versions", body).body["error_code"] == 42201
    with registry(refuse_hazards=False) as lenient:
        assert lenient.call("POST", "/subjects/x/versions", body).body == {"id": 1}


def test_same_type_twice_is_no_recursion(server: RegistryCaller) -> None:
    party = {"type": "record", "name": "Party", "fields": [{"name": "name", "type": "string"}]}
    fields: list[dict[str, Any]] = [
        {"name": "buyer", "type": party},
        {"name": "payer", "type": "Party"},
        {"name": "others", "type": {"type": "array", "items": "Party"}},
    ]
    assert server.register("a", *fields).body == {"id": 1}


def test_registry_that_has_not_read_its_log_answers_nothing(server: RegistryCaller) -> None:
    server.register("a", "id")
    server.log.blindness = server.log.trouble = "not read yet"
    for method, path in (("GET", "/schemas/ids/1"), ("GET", "/schemas/ids/2"), ("DELETE", "/subjects/a")):
        reply = server.call(method, path)
        assert (reply.status, reply.body["error_code"]) == (500, 50001)
    assert server.call("GET", "/readyz").status == 503
    assert server.call("GET", "/livez").status == 200


def test_registry_that_lost_its_log_to_another_still_reads(server: RegistryCaller) -> None:
    server.register("a", "id")
    server.log.trouble = "another registry has taken over"
    assert server.call("GET", "/schemas/ids/1").status == 200
    assert server.register("a", "id", "name?").status == 500
    assert server.call("GET", "/readyz").status == 503


def test_head_is_answered_like_get(server: RegistryCaller) -> None:
    assert server.call("HEAD", "/subjects").status == 200
