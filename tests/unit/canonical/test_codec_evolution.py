from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crossdock.canonical.codec import decode, encode, schema_of
from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    ExchangeEvent,
    Money,
    PartnerProfileVersion,
    PartyRole,
    Quantity,
    SourceRef,
    TaxLine,
    Via,
)
from crossdock.canonical.models.identity import Party
from tests.unit.canonical.records import EXCHANGE, MONEY, ORDER, TAX, with_fields, written

INNER = {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": "int"}]}
LATER_FIELDS: dict[str, Any] = {
    "a": ({"type": "long"}, -(2**40)),
    "b": ({"type": "double"}, 0.5),
    "c": ({"type": "float"}, 0.5),
    "d": ({"type": "boolean"}, True),
    "e": ({"type": "bytes"}, b"12345"),
    "f": ({"type": {"type": "map", "values": "string"}}, {"x": "y", "z": ""}),
    "g": ({"type": {"type": "array", "items": ["null", "int"]}}, [1, None, 300]),
    "h": ({"type": {"type": "fixed", "name": "F16", "size": 16}}, bytes(16)),
    "i": ({"type": {"type": "enum", "name": "Later", "symbols": ["p", "q"]}}, "q"),
    "j": (
        {"type": ["null", {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": "int"}]}]},
        {"x": 7},
    ),
    "k": ({"type": "null"}, None),
}


def test_fields_that_a_later_writer_added_are_skipped() -> None:
    schema = with_fields(Money, **{name: kind for name, (kind, _) in LATER_FIELDS.items()})
    schema["fields"].reverse()
    datum = MONEY.model_dump() | {name: value for name, (_, value) in LATER_FIELDS.items()}
    assert decode(Money, written(schema, datum), schema) == MONEY


def test_bytes_that_end_within_a_skipped_field_are_refused() -> None:
    schema = with_fields(Money, **{name: kind for name, (kind, _) in LATER_FIELDS.items()})
    datum = MONEY.model_dump() | {name: value for name, (_, value) in LATER_FIELDS.items()}
    body = written(schema, datum)
    for end in range(len(body)):
        with pytest.raises(Rejected):
            decode(Money, body[:end], schema)


def test_a_field_that_an_earlier_writer_did_not_have_gets_its_default() -> None:
    ref = ORDER.source
    schema = with_fields(SourceRef, via=None, raw_offset=None, mapping_version=None)
    older = decode(SourceRef, written(schema, ref.model_dump()), schema)
    assert older == ref.model_copy(update={"via": Via.UNKNOWN, "raw_offset": -1, "mapping_version": ""})


def test_fields_are_found_by_name_in_any_order() -> None:
    schema = schema_of(TaxLine.FULL_NAME)
    schema = {**schema, "fields": [schema["fields"][n] for n in (0, 6, 4, 3, 5, 2, 1)]}
    assert decode(TaxLine, written(schema, TAX.model_dump()), schema) == TAX


def test_a_symbol_that_only_a_later_writer_knows_is_unknown() -> None:
    role = {"type": {"type": "enum", "name": "PartyRole", "symbols": ["courier", "buyer"]}}
    schema = with_fields(Party, role=role)
    party = Party(role=PartyRole.BUYER, name="Test Buyer 1")
    assert decode(Party, written(schema, party.model_dump()), schema) == party
    later = written(schema, party.model_dump() | {"role": "courier"})
    assert decode(Party, later, schema).role is PartyRole.UNKNOWN


def test_an_enum_of_more_than_63_symbols_is_read() -> None:
    symbols = [f"s{n}" for n in range(100)] + ["buyer"]
    schema = with_fields(Party, role={"type": {"type": "enum", "name": "PartyRole", "symbols": symbols}})
    party = Party(role=PartyRole.BUYER)
    assert decode(Party, written(schema, party.model_dump()), schema) == party


def test_int_becomes_long_and_a_required_field_optional() -> None:
    narrower = with_fields(ExchangeEvent, size_bytes={"type": "int"})
    assert decode(ExchangeEvent, written(narrower, EXCHANGE.model_dump()), narrower) == EXCHANGE
    required = with_fields(Party, name={"type": "string"}, phone={"type": ["string", "null"]})
    party = Party(role=PartyRole.BUYER, name="Test Buyer 1")
    assert decode(Party, written(required, party.model_dump()), required) == party


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("amount", {"type": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}}),
        ("amount", {"type": "bytes"}),
        ("currency", {"type": "long"}),
        ("currency", None),
    ],
)
def test_a_writer_whose_amounts_would_be_read_wrong_is_refused(
    name: str, kind: dict[str, Any] | None
) -> None:
    schema = with_fields(Money, **{name: kind})
    with pytest.raises(Rejected) as refusal:
        decode(Money, encode(MONEY), schema)
    assert refusal.value.code is RejectionCode.SCHEMA_UNKNOWN
    assert name in refusal.value.detail


@pytest.mark.parametrize(
    "schema",
    [
        with_fields(Money, more={"type": ["null", "crossdock.common.Money"]}),
        with_fields(Money, more={"type": {"type": "array", "items": "null"}}),
        with_fields(Money, more={"type": "crossdock.common.Nothing"}),
        schema_of(Quantity.FULL_NAME),
        {"type": "record", "name": "Money"},
    ],
    ids=["recursive", "items of no bytes", "undefined type", "another record", "no schema"],
)
def test_a_hazardous_or_foreign_schema_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as refusal:
        decode(Money, encode(MONEY), schema)
    assert refusal.value.code is RejectionCode.SCHEMA_UNKNOWN


def test_two_versions_of_a_writer_are_kept_apart() -> None:
    first, second = with_fields(Quantity), with_fields(Quantity, note={"type": "string"})
    quantity = Quantity(value=Decimal(3), unit="EA")
    for _ in range(2):
        assert decode(Quantity, written(first, quantity.model_dump()), first) == quantity
        assert decode(Quantity, written(second, quantity.model_dump() | {"note": "x"}), second) == quantity


def test_a_profile_version_below_one_is_refused() -> None:
    schema = with_fields(PartnerProfileVersion)
    datum = {
        "tenant": "acme",
        "partner": "p",
        "version": 0,
        "effective_from": EXCHANGE.occurred,
        "document": "{}",
        "sha256": "0" * 64,
        "applied_by": "",
        "reason": "",
    }
    with pytest.raises(Rejected, match="version"):
        decode(PartnerProfileVersion, written(schema, datum), schema)
