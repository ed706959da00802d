"""Declarative mappings: the same orders in four notations, the named functions, the grammar's refusals."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Entity, Order, PartnerProfile
from crossdock.canonical.profiles import ProfileInvalid, profile_of
from crossdock.cli.trial import Result, Trial
from crossdock.formats.declarative.coverage import fields_of, fields_read, unknown_targets
from crossdock.formats.declarative.functions import Unreadable, function_named
from crossdock.formats.declarative.reading import mapping_of
from crossdock.formats.declarative.sources import source_documents
from tests.kit import declarative_documents as documents

CAPTURED = datetime(2026, 5, 6, 12, tzinfo=UTC)
QUICK = settings(max_examples=60, deadline=None)
ORDER_LINES = {
    "line_id": "pos",
    "ordered.value": "quantity",
    "ordered.unit": {"literal": "EA"},
}


def profile(**mapping: Any) -> PartnerProfile:
    return profile_of(
        {
            "tenant": "acme",
            "partner": "odd",
            "kind": "channel",
            "format": "declarative",
            "channel": {"commitment": "requested", "zone": "Europe/Berlin"},
            "money": {"currency": "EUR", "amounts": "major_text", "tax_mode": "exclusive"},
            "mapping": mapping,
        }
    )


CSV = profile(
    source="csv",
    delimiter=";",
    entity="order",
    group_by=["number"],
    fields={
        "order_id": "$.number",
        "placed": {"path": "$.day", "functions": ["time:%d.%m.%Y"]},
        "lines": {
            "each": "rows[*]",
            "fields": {
                **ORDER_LINES,
                "sku": "item",
                "ordered.value": {"path": "quantity", "functions": ["decimal_comma"]},
                "extended": {"path": "amount", "functions": ["decimal_comma"]},
            },
        },
    },
)
FIXED = profile(
    source="fixed",
    encoding="latin-1",
    entity="order",
    group_by=["number"],
    columns={name: list(place) for name, place in documents.COLUMNS.items()},
    fields={
        "order_id": "$.number",
        "placed": {"path": "day", "functions": ["time:%Y%m%d"]},
        "lines": {
            "each": "$.rows[*]",
            "fields": {
                **ORDER_LINES,
                "sku": "item",
                "ordered.value": {"path": "quantity", "functions": ["implied:3"]},
                "extended": {"path": "amount", "functions": ["implied:2"]},
            },
        },
    },
)
JSON = profile(
    source="json",
    entity="order",
    documents="$.result[*]",
    fields={
        "order_id": "$.head.number",
        "placed": "head.day",
        "lines": {
            "each": "lines[*]",
            "fields": {**ORDER_LINES, "sku": "item.no", "ordered.value": "q", "extended": "amount"},
        },
    },
)
XML = profile(
    source="xml",
    entity="order",
    documents="$.orders.order[*]",
    fields={
        "order_id": "@number",
        "placed": "day",
        "lines": {
            "each": "line[*]",
            "fields": {
                **ORDER_LINES,
                "line_id": "@pos",
                "sku": "item",
                "ordered.value": "q",
                "extended": {"path": "amount", "functions": ["decimal"]},
            },
        },
    },
)


def tried(one: PartnerProfile, data: bytes) -> Result:
    return Trial(one, "declarative", event=None, captured_at=CAPTURED).run(data)


def facts(entities: list[Entity]) -> dict[str, Any]:
    found = {}
    for one in entities:
        assert isinstance(one, Order)
        lines = [(at.line_id, at.sku, at.ordered.value, at.extended.amount) for at in one.lines]
        found[one.order_id] = (one.placed.date, sorted(lines), one.computed.total.amount, one.variances)
    return found


def expected(found: list[documents.Order]) -> dict[str, Any]:
    return {
        one.number: (
            one.day,
            sorted((str(at.pos), at.item, at.quantity, at.amount) for at in one.lines),
            one.total,
            (),
        )
        for one in found
    }


@QUICK
@given(documents.orders(), st.sampled_from(["csv", "shuffled csv", "fixed", "json", "xml"]))
def test_the_same_orders_come_out_of_every_notation(found: list[documents.Order], notation: str) -> None:
    match notation:
        case "csv" | "shuffled csv":
            one, data = CSV, documents.as_csv(found, is_shuffled=notation != "csv")
        case "fixed":
            one, data = FIXED, documents.as_fixed(found)
        case "json":
            one, data = JSON, documents.as_json(found)
        case _:
            one, data = XML, documents.as_xml(found)
    result = tried(one, data)
    assert result.rejections == []
    assert facts(result.entities) == expected(found)
    assert tried(one, data).document() == result.document()


@pytest.mark.parametrize(
    ("call", "value", "result"),
    [
        ("text", 5, "5"),
        ("upper", " ab ", "AB"),
        ("lower", "AB", "ab"),
        ("digits", "PO 4711-b", "4711"),
        ("before:-", "SKU-1-2", "SKU"),
        ("after:-", "SKU-1-2", "1-2"),
        ("after:-", "SKU", ""),
        ("decimal", "1,234.50", Decimal("1234.50")),
        ("decimal", "(5.00)", Decimal("-5.00")),
        ("decimal_comma", "1.234,50-", Decimal("-1234.50")),
        ("implied:2", "000123", Decimal("1.23")),
        ("implied:0", "-7", Decimal("-7")),
        ("negate", "1.50", Decimal("-1.50")),
        ("absolute", Decimal("-2"), Decimal(2)),
        ("time:%d.%m.%Y", "04.05.2026", "2026-05-04"),
        ("time:%Y%m%d%H%M", "202605040930", "2026-05-04T09:30:00"),
        ("time:%d/%m/%y %H:%M %z", "04/05/26 09:30 +0200", "2026-05-04T09:30:00+02:00"),
        ("epoch", "1777888800", "2026-05-04T10:00:00+00:00"),
        ("epoch", 1777888800123, "2026-05-04T10:00:00.123000+00:00"),
        ("epoch", "1777888800123456", "2026-05-04T10:00:00.123456+00:00"),
        ("epoch", "1777888800123456789", "2026-05-04T10:00:00.123456+00:00"),
        ("boolean", "Y", True),
        ("boolean", 0, False),
        ("boolean", "X", True),
    ],
)
def test_a_function_reads(call: str, value: object, result: object) -> None:
    assert function_named(call)(value) == result


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("decimal", "1,5"),
        ("decimal", "eins"),
        ("decimal_comma", "1,234.50"),
        ("implied:2", "1.5"),
        ("time:%d.%m.%Y", "31.02.2026"),
        ("epoch", "tomorrow"),
        ("boolean", "perhaps"),
    ],
)
def test_a_function_refuses_what_it_cannot_read(call: str, value: object) -> None:
    with pytest.raises(Unreadable):
        function_named(call)(value)


def test_a_refusal_names_place_rule_and_fix_and_spares_the_neighbours() -> None:
    rows = b"amount;number;day;pos;item;quantity\n"
    rows += b"1,00;1;04.05.2026;1;A;1\n1,00;2;04.05.2026;1;A;viele\n1,00;3;04.05.2026;1;A;1\n"
    result = tried(CSV, rows)
    assert sorted(facts(result.entities)) == ["1", "3"]
    (refusal,) = result.rejections
    assert (refusal.code, refusal.path) == ("amount_unparsable", "line 3 column quantity")
    assert "lines.ordered.value" in refusal.detail
    assert "viele" not in refusal.detail


def test_a_lookup_without_an_entry_refuses_and_names_its_table() -> None:
    one = profile(
        source="json",
        entity="order",
        lookups={"states": {"P": "paid"}},
        fields={"order_id": "id", "placed": "at", "payment.status": {"path": "state", "lookup": "states"}},
    )
    (refusal,) = tried(one, b'{"id": 1, "at": "2026-05-04", "state": "Q"}').rejections
    assert refusal.path == "$.state"
    assert "lookups.states has no entry for 'Q'" in refusal.detail


@pytest.mark.parametrize(
    ("when", "is_kept"),
    [
        ({"path": "kind", "equals": "A"}, True),
        ({"path": "kind", "equals": "B"}, False),
        ({"path": "kind", "one_of": ["B", "A"]}, True),
        ({"path": "kind", "not_one_of": ["A"]}, False),
        ({"path": "gone", "not_one_of": ["A"]}, True),
        ({"path": "kind", "is_present": True}, True),
        ({"path": "gone", "is_present": True}, False),
        ({"path": "gone", "is_present": False}, True),
    ],
)
def test_a_condition_decides_whether_a_field_is_there(when: dict[str, Any], is_kept: bool) -> None:
    one = profile(
        source="json",
        entity="tracking_event",
        fields={
            "tracking_number": "no",
            "event_id": "id",
            "occurred": "at",
            "status": {"literal": "in_transit"},
            "status_raw": "code",
            "detail_raw": {"path": "code", "when": when},
        },
    )
    data = b'{"no": "T1", "id": 7, "at": "2026-05-04T08:00:00Z", "code": "IT", "kind": "A"}'
    (event,) = tried(one, data).document()["events"]
    assert (event["key"], event["topic"]) == ("acme/odd/T1", "fulfillment.tracking-event.v1")
    assert (event["value"]["detail_raw"] == "IT") == is_kept


def test_nothing_of_a_mapping_is_evaluated() -> None:
    evil = "x'] + __import__('os').system('false') + D['"
    one = profile(
        source="json",
        entity="order",
        lookups={evil: {"a": "b"}},
        fields={
            "order_id": "$.id",
            "placed": "at",
            "order_name": {"literal": evil},
            "notes": {"path": "__import__('os')"},
            "lines": {"each": "l[*]", "fields": {**ORDER_LINES, "extended": "amount", "quantity": "q"}},
        },
    )
    data = b'{"id": "1", "at": "2026-05-04", "l": [{"pos": "1", "quantity": "1", "amount": "1"}]}'
    (order,) = tried(one, data).document()["events"]
    assert order["value"]["order_name"] == evil


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ({"fields": {"order_id": {"path": "a", "literal": "b"}}}, "exactly one of path"),
        ({"fields": {"order_id": {"path": "a..b"}}}, "a path such as"),
        ({"fields": {"order_id": {"path": "a", "functions": ["eval"]}}}, "no function is called so"),
        ({"fields": {"order_id": {"path": "a", "functions": ["time"]}}}, "needs an argument"),
        ({"fields": {"order_id": {"path": "a", "functions": ["upper:x"]}}}, "takes no argument"),
        ({"fields": {"order_id": {"path": "a", "functions": ["time:%Q"]}}}, "a time pattern is made of"),
        ({"fields": {"order_id": {"path": "a", "lookup": "gone"}}}, "lookups has no table gone"),
        ({"fields": {"lines": {"each": "a[*]"}}}, "each and fields belong together"),
        ({"fields": {"lines": {"each": "a", "fields": {"line_id": "x"}}}}, "ends with [*]"),
        ({"fields": {"payment": "a", "payment.status": "b"}}, "mapped as a whole and in part"),
        ({"fields": {"Order-Id": "a"}}, "no field path"),
        ({"fields": {"order_id": {"path": "a", "when": {"path": "b"}}}}, "exactly one of equals"),
        ({"fields": {"order_id": "a"}, "group_by": ["a"]}, "group_by belongs to"),
        ({"fields": {"order_id": "a"}, "columns": {"a": [1, 2]}}, "columns belong to source fixed"),
        ({"fields": {}}, "at least one is needed"),
    ],
)
def test_the_grammar_is_closed(mapping: dict[str, Any], problem: str) -> None:
    with pytest.raises(ProfileInvalid) as refused:
        profile(source="json", entity="order", **mapping)
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("one", "data", "code", "path"),
    [
        (CSV, b"", "envelope_broken", "line 1"),
        (CSV, b"number;number\n1;2\n", "duplicate_field", "line 1"),
        (CSV, b"number;day\n1;2;3\n", "envelope_broken", "line 2"),
        (CSV, b'number;day\n"1', "envelope_broken", "line 2"),
        (CSV, b"number\xff\n", "encoding_invalid", "byte 6"),
        (JSON, b'{"result": 5}', "envelope_broken", "$.result[*]"),
        (JSON, b"{", "envelope_broken", "line 1 column 2"),
        (XML, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "envelope_broken", "line 1 column 13"),
        (JSON, b'{"result": [{"head": {"number": 1, "day": "2026-05-04"}}]}', "field_invalid", "$.lines"),
    ],
)
def test_a_payload_that_cannot_be_read_is_refused_with_its_place(
    one: PartnerProfile, data: bytes, code: str, path: str
) -> None:
    result = tried(one, data)
    assert [(refusal.code, refusal.path) for refusal in result.rejections] == [(code, path)]
    assert result.entities == []


def test_money_quantity_and_days_are_never_completed_by_guesses() -> None:
    fields = {
        "order_id": "id",
        "placed": "at",
        "lines": {"each": "l[*]", "fields": {"line_id": "p", "ordered": "q", "extended": "a"}},
    }
    data = b'{"id": "1", "at": "2026-05-04", "l": [{"p": "1", "q": "2", "a": "3.00"}]}'
    (refusal,) = tried(profile(source="json", entity="order", fields=fields), data).rejections
    assert (refusal.code, refusal.path) == ("unit_unmapped", "$.lines[0].ordered")
    plain = profile(source="json", entity="order", fields=fields)
    assert plain.money is not None
    assert plain.channel is not None
    no_currency = plain.model_copy(update={"money": plain.money.model_copy(update={"currency": None})})
    (refusal,) = tried(no_currency, data.replace(b'"q": "2"', b'"q": null')).rejections
    assert refusal.code == "currency_missing"
    no_zone = plain.model_copy(update={"channel": plain.channel.model_copy(update={"zone": None})})
    (refusal,) = tried(no_zone, data).rejections
    assert (refusal.code, refusal.path) == ("time_invalid", "$.placed")


def test_coverage_tells_read_from_ignored() -> None:
    assert CSV.mapping is not None
    rows = source_documents(CSV.mapping, b"amount;number;day;unused;pos;item;quantity\n1;1;d;x;1;A;\n")
    seen = fields_of(CSV.mapping, rows)
    read = fields_read(CSV.mapping)
    assert set(seen) - read == {"unused"}
    assert read - set(seen) == {"quantity"}


def test_fields_that_the_entity_does_not_have_are_named() -> None:
    one = profile(
        source="json",
        entity="order",
        fields={
            "order_id": "a",
            "payment.stauts": "b",
            "lines": {"each": "l[*]", "fields": {"line_id": "x", "menge.value": "y"}},
        },
    )
    assert one.mapping is not None
    assert unknown_targets(one.mapping) == ["payment.stauts", "lines.fields.menge.value"]


def test_format_needs_a_mapping() -> None:
    bare = CSV.model_copy(update={"mapping": None})
    with pytest.raises(Rejected) as refused:
        mapping_of(bare)
    assert refused.value.code == "format_unknown"
