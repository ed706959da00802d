"""Declarative mappings of unlike partners: IDoc, cXML, UBL, record types, JSON lines, joined times."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from crossdock.canonical.models import Order, PartnerProfile, SettlementLine
from crossdock.canonical.profiles import ProfileInvalid, profile_of
from crossdock.cli.trial import Result, Trial
from crossdock.formats.declarative.coverage import fields_of, fields_read
from crossdock.formats.declarative.functions import Unreadable, function_named
from crossdock.formats.declarative.sources import source_documents

CAPTURED = datetime(2026, 5, 6, 12, tzinfo=UTC)
Rules = dict[str, Any]


def profile(**mapping: Any) -> PartnerProfile:
    return profile_of(
        {
            "tenant": "acme",
            "partner": "odd",
            "kind": "channel",
            "format": "declarative",
            "channel": {"commitment": "requested", "zone": "Europe/Berlin"},
            "money": {"currency": "EUR", "amounts": "major_text", "tax_mode": "exclusive"},
            "mapping": {"entity": "order"} | mapping,
        }
    )


def tried(one: PartnerProfile, data: bytes) -> Result:
    return Trial(one, "declarative", event=None, captured_at=CAPTURED).run(data)


def orders(one: PartnerProfile, data: bytes) -> list[Order]:
    result = tried(one, data)
    assert result.rejections == []
    return [entity for entity in result.entities if isinstance(entity, Order)]


def lines(each: str, **rules: Any) -> Rules:
    return {"each": each, "fields": {"ordered.unit": {"literal": "EA"}} | rules}


IDOC = profile(
    source="xml",
    lookups={"scheme": {"001": "buyer_part", "002": "vendor_part"}},
    fields={
        "order_id": {"path": "$.ORDERS05.IDOC.E1EDK01.BELNR", "functions": ["unpadded"]},
        "placed": {
            "path": "$.ORDERS05.IDOC.E1EDK03[IDDAT=012].DATUM",
            "functions": ["time:%Y%m%d"],
        },
        "stated.total": "$.ORDERS05.IDOC.E1EDS01[SUMID=002].SUMME",
        "lines": lines(
            "$.ORDERS05.IDOC.E1EDP01[*]",
            line_id={"first_of": ["POSEX", "#position"]},
            sku="E1EDP19[QUALF=002].IDTNR",
            **{"ordered.value": "MENGE"},
            extended="NETWR",
        ),
    },
)
IDOC_DATA = b"""<ORDERS05><IDOC BEGIN="1"><E1EDK01><BELNR>0000045001</BELNR></E1EDK01>
<E1EDK03><IDDAT>002</IDDAT><DATUM>20261201</DATUM></E1EDK03>
<E1EDK03><IDDAT>012</IDDAT><DATUM>20261114</DATUM></E1EDK03>
<E1EDP01><POSEX>000010</POSEX><MENGE>5.000</MENGE><NETWR>50.00</NETWR>
<E1EDP19><QUALF>001</QUALF><IDTNR>THEIRS</IDTNR></E1EDP19><E1EDP19><QUALF>002</QUALF><IDTNR>OURS</IDTNR></E1EDP19>
</E1EDP01><E1EDP01><MENGE>1.000</MENGE><NETWR>9.00</NETWR>
<E1EDP19><QUALF>001</QUALF><IDTNR>THEIRS</IDTNR></E1EDP19></E1EDP01>
<E1EDS01><SUMID>002</SUMID><SUMME>60.00</SUMME></E1EDS01></IDOC></ORDERS05>"""


def test_an_element_is_chosen_by_a_member_and_a_line_without_number_has_its_position() -> None:
    (order,) = orders(IDOC, IDOC_DATA)
    assert (order.order_id, order.placed.date.isoformat()) == ("45001", "2026-11-14")
    assert [(line.line_id, line.sku) for line in order.lines] == [("000010", "OURS"), ("2", None)]
    assert [str(one.difference) for one in order.variances] == ["1.00"]


def test_coverage_counts_a_chosen_a_lone_and_an_indexed_element_as_read() -> None:
    assert IDOC.mapping is not None
    documents = source_documents(IDOC.mapping, IDOC_DATA)
    ignored = set(fields_of(IDOC.mapping, documents)) - fields_read(IDOC.mapping)
    assert ignored == {"ORDERS05.IDOC.@BEGIN"}
    lone = profile(
        source="json", fields={"order_id": "a[0].b", "lines": lines("$.c[*]", line_id="d")}
    ).mapping
    assert lone is not None
    seen = fields_of(lone, source_documents(lone, b'{"a": {"b": 1}, "c": {"d": 2}}'))
    assert set(seen) == fields_read(lone)


def test_a_document_type_that_is_only_named_does_not_keep_cxml_out() -> None:
    cxml = profile(
        source="xml",
        fields={
            "order_id": "$.cXML.Head.@orderID",
            "placed": "$.cXML.Head.@orderDate",
            "lines": lines(
                "$.cXML.ItemOut[*]",
                line_id="@lineNumber",
                sku="SupplierPartID",
                **{"ordered.value": "@quantity"},
                unit_price="Money",
            ),
        },
    )
    data = b"""<?xml version="1.0"?><!DOCTYPE cXML SYSTEM "http://example.com/cXML.dtd">
    <cXML><Head orderID="P1" orderDate="2026-06-08T10:00:00+00:00"/><ItemOut quantity="10" lineNumber="1">
    <SupplierPartID>S-1</SupplierPartID><Money currency="EUR">12.55</Money></ItemOut></cXML>"""
    (order,) = orders(cxml, data)
    assert (order.order_id, str(order.computed.total.amount)) == ("P1", "125.50")


JSON_LINES = profile(
    source="json",
    fields={
        "order_id": "id",
        "placed": {"all_of": ["day", "time"], "functions": ["time:%d.%m.%Y %H:%M"]},
        "lines": lines(
            "items[*]",
            line_id="#position",
            sku="sku",
            **{"ordered.value": "n", "ordered.unit": {"path": "unit", "otherwise": "EA"}},
            extended={"path": "cents", "functions": ["multiply:0.01"]},
        ),
    },
)
ROW = b'{"id": %d, "day": "04.05.2026", "time": "09:30", "items": [{"sku": "A", "n": 2, "cents": 1050}]}'


@pytest.mark.parametrize(
    "data",
    [ROW % 1 + b"\n" + ROW % 2 + b"\n", b"[" + ROW % 1 + b", " + ROW % 2 + b"]", ROW % 1 + ROW % 2],
    ids=["lines", "array", "one after the other"],
)
def test_a_file_of_json_values_is_a_document_each(data: bytes) -> None:
    found = orders(JSON_LINES, data)
    assert [order.order_id for order in found] == ["1", "2"]
    for order in found:
        assert order.placed.instant.isoformat() == "2026-05-04T07:30:00+00:00"
        (line,) = order.lines
        assert (line.line_id, line.ordered.unit, str(line.extended.amount)) == ("1", "EA", "10.50")


def test_a_broken_line_takes_no_neighbour_with_it() -> None:
    result = tried(JSON_LINES, ROW % 1 + b'\n{"id": 2, "day": \n' + ROW % 3 + b"\n")
    assert [entity.key for entity in result.entities] == ["acme/odd/1", "acme/odd/3"]
    assert [refusal.code for refusal in result.rejections] == ["envelope_broken"]


def test_a_joined_value_needs_all_its_parts_and_otherwise_makes_no_object() -> None:
    (refusal,) = tried(JSON_LINES, (ROW % 1).replace(b"09:30", b"")).rejections
    assert (refusal.code, refusal.path) == ("field_invalid", "$.placed")
    (order,) = orders(JSON_LINES, (ROW % 1).replace(b"]", b', {"note": "no goods"}]'))
    assert len(order.lines) == 1
    by_number = profile(
        source="json",
        fields={
            "order_id": "id",
            "placed": "at",
            "lines": {
                "each": "items[*]",
                "fields": {
                    "line_id": "pos",
                    "extended": "amount",
                    "ordered.value": {"path": "n", "when": {"path": "pos", "is_present": True}},
                    "ordered.unit": {
                        "path": "unit",
                        "otherwise": "EA",
                        "when": {"path": "pos", "is_present": True},
                    },
                },
            },
        },
    )
    data = b'{"id": 1, "at": "2026-05-04", "items": [{"pos": 1, "n": 1, "amount": 1}, {"n": 5}]}'
    (order,) = orders(by_number, data)
    assert len(order.lines) == 1


@pytest.mark.parametrize(
    ("call", "value", "result"),
    [
        ("unpadded", "000012", "12"),
        ("unpadded", "000", "0"),
        ("unpadded", "A001", "A001"),
        ("multiply:100", "0.19", Decimal("19.00")),
        ("multiply:-0.01", 1050, Decimal("-10.50")),
    ],
)
def test_a_function_reads(call: str, value: object, result: object) -> None:
    assert function_named(call)(value) == result


def test_multiply_refuses_what_is_no_number() -> None:
    with pytest.raises(Unreadable):
        function_named("multiply:2")("two")


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"all_of": ["a"], "path": "b"}, "exactly one of path"),
        ({"literal": "a", "otherwise": "b"}, "otherwise belongs to"),
        ({"path": "a", "functions": ["multiply:x"]}, "multiply takes a number"),
        ({"path": "a[=1].b"}, "a path such as"),
        ({"path": "a[b=].c"}, "a path such as"),
    ],
)
def test_the_grammar_is_closed(rule: Rules, problem: str) -> None:
    with pytest.raises(ProfileInvalid) as refused:
        profile(source="json", fields={"order_id": rule})
    assert problem in str(refused.value)


def test_what_belongs_to_rows_is_refused_elsewhere() -> None:
    with pytest.raises(ProfileInvalid, match="skip_lines and keep belong to"):
        profile(source="json", skip_lines=1, fields={"order_id": "a"})


REPORT = profile(
    source="csv",
    delimiter=";",
    skip_lines=2,
    keep={"path": "Nr", "is_present": True},
    group_by=["Nr"],
    fields={
        "order_id": "$.Nr",
        "placed": "$.Tag",
        "lines": lines("rows[*]", line_id="#position", **{"ordered.value": "Menge"}, extended="Wert"),
    },
)


def test_titles_above_and_sums_below_the_rows_are_left_out_and_lines_keep_their_number() -> None:
    text = "sep=;\r\nOrders of May\r\nNr;Tag;Menge;Wert\r\n7;2026-05-04;1;2.00\r\n;;;2.00\r\n"
    (order,) = orders(REPORT, text.encode())
    assert (order.order_id, len(order.lines)) == ("7", 1)
    for wrong, line in ((text + "8;2026-05-04;1;2;3\r\n", 6), (text.replace("Tag", "Nr"), 3)):
        (refusal,) = tried(REPORT, wrong.encode()).rejections
        assert refusal.path == f"line {line}"
    (refusal,) = tried(REPORT, b"sep=;").rejections
    assert refusal.code == "envelope_broken"


def test_a_column_that_gathers_rows_must_be_there() -> None:
    for one in ({"group_by": ["Order"]}, {"keep": {"path": "Kind", "is_present": False}}):
        spec = profile(source="csv", fields={"order_id": "$.N"}, **one)
        (refusal,) = tried(spec, b"N,T\n1,D\n2,D\n").rejections
        assert (refusal.code, refusal.path) == ("envelope_broken", "line 1")
        assert refusal.detail.endswith(("Order", "Kind"))


def test_a_number_in_the_other_notation_is_told_its_function() -> None:
    spec = profile(
        source="csv", fields={"order_id": "N", "line_count": {"path": "T", "functions": ["decimal"]}}
    )
    (refusal,) = tried(spec, b'N,T\n1,"1.000,50"\n').rejections
    assert "the function decimal_comma reads this one" in refusal.detail


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ({"path": "T", "equals": "D"}, ["1"]),
        ({"path": "T", "one_of": ["D", "E"]}, ["1", "2"]),
        ({"path": "T", "not_one_of": ["D"]}, ["2", "3"]),
        ({"path": "T", "is_present": False}, ["3"]),
    ],
)
def test_rows_are_kept_by_a_column(keep: Rules, kept: list[str]) -> None:
    spec = profile(source="csv", keep=keep, fields={"order_id": "N"}).mapping
    assert spec is not None
    assert [row["N"] for row in source_documents(spec, b"T,N\nD,1\nE,2\n,3\n")] == kept


def test_a_settlement_lines_net_is_compared_and_an_unlisted_word_may_be_unknown() -> None:
    one = profile(
        source="csv",
        entity="settlement_line",
        lookups={"types": {"sale": "sale"}},
        fields={
            "line_id": "id",
            "posted": "day",
            "transaction_type": {"path": "type", "lookup": "types", "otherwise": "unknown"},
            "transaction_type_raw": "type",
            "reference_kind": {"literal": "none"},
            "gross": "gross",
            "fee": "fee",
            "net": "net",
        },
    )
    data = b"id,day,type,gross,fee,net\n1,2026-05-04,sale,5.00,1.00,4.00\n2,2026-05-04,odd,5.00,1.00,4.10\n"
    result = tried(one, data)
    assert result.rejections == []
    found = [entity for entity in result.entities if isinstance(entity, SettlementLine)]
    assert [line.transaction_type for line in found] == ["sale", "unknown"]
    differences = [[(one.code, str(one.difference)) for one in line.variances] for line in found]
    assert differences == [[], [("net_amount", "0.10")]]


def test_braces_in_a_name_are_no_places() -> None:
    odd = profile(
        source="json", fields={"order_id": "id", "placed": {"path": "a{0}", "functions": ["epoch"]}}
    )
    (refusal,) = tried(odd, b'{"id": 1, "a{0}": "soon"}').rejections
    assert refusal.path == "$.a{0}"
