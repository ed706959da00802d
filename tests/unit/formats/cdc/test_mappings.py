"""Table mappings: a closed grammar, and every problem with its file, line and path."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import PartnerProfile
from crossdock.canonical.reading import Reading
from crossdock.formats.cdc.batches import Carried
from crossdock.formats.cdc.change_reading import reading_of_changes
from crossdock.formats.cdc.compiled_mapping import compile_adapter
from crossdock.formats.cdc.debezium_events import debezium_event
from crossdock.formats.cdc.mapping_files import MappingInvalid, adapter_files, adapter_named, parse_mapping
from tests.kit.cdc_events import TRYTON, changed, envelope, record

HEAD = "adapter: mine\nsystem: mine\ntitle: Mine\nversion: 1\n"
PRODUCT = """tables:
  - table: item
    key: [no]
    entities:
      - entity: product
        fields:
          sku: no
          unit: {const: EA}
"""
PROFILE = changed(TRYTON, cdc=None)


def read(
    text: str, row: dict[str, Any], profile: PartnerProfile = PROFILE, *, table: str = "item", op: str = "c"
) -> Reading:
    """The reading of an inserted or deleted row by the mapping of a text."""
    adapter = compile_adapter(parse_mapping(HEAD + text, "mine.yaml"))
    event = envelope(op, table, row, None) if op == "d" else envelope(op, table, None, row)
    raw = record(event)
    change = debezium_event(Carried(None, event, "$"), raw)
    return reading_of_changes([change], raw, profile, [], adapter)


def entity(text: str, row: dict[str, Any], profile: PartnerProfile = PROFILE, *, table: str = "item") -> Any:
    (one,) = read(text, row, profile, table=table).entities
    return one


def test_the_shipped_mappings_are_valid_and_cover_their_tables() -> None:
    tables = {name: set(adapter_named(name).tables) for name in adapter_files()}
    assert tables["tryton"] == {
        *("stock_move", "sale_sale", "sale_line", "account_invoice", "product_product", "party_party")
    }
    assert tables["odoo"] == {
        *("stock_quant", "stock_move", "sale_order", "account_move", "product_product", "res_partner")
    }


@pytest.mark.parametrize("name", ["", None, "../avro", "sap"])
def test_an_unknown_adapter_is_refused_and_the_known_ones_are_named(name: str | None) -> None:
    with pytest.raises(Rejected) as refused:
        adapter_named(name)
    assert refused.value.code == "format_unknown"
    assert "odoo, tryton" in refused.value.detail


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tables: []\n", "mine.yaml:5: tables: "),
        (
            PRODUCT.replace("no\n", "no\n          color: red\n", 1),
            "mine.yaml:12: tables.0.entities.0.fields.color: ",
        ),
        (
            PRODUCT.replace("          sku: no\n", ""),
            "mine.yaml:11: tables.0.entities.0.fields: product needs the field sku",
        ),
        (PRODUCT.replace("{const: EA}", "{}"), "mine.yaml:12: tables.0.entities.0.fields.unit: "),
        (PRODUCT.replace("{const: EA}", "{const: EA, column: no}"), "a value has one source"),
        (PRODUCT.replace("{const: EA}", "{const: EA, lookup: {a: b}}"), "a lookup needs a column"),
        (
            PRODUCT.replace("{const: EA}", "{column: no, scale: 2}"),
            "encoding base64 and scale belong together",
        ),
        (
            PRODUCT.replace("{const: EA}", "{eval: '1+1'}"),
            "mine.yaml:12: tables.0.entities.0.fields.unit.eval: ",
        ),
        (PRODUCT.replace("entity: product", "entity: order"), "mine.yaml:9: tables.0.entities.0.entity: "),
        (PRODUCT + "          status: {const: broken}\n", "fields.status: broken is none of "),
        (PRODUCT + "          status: {column: a, lookup: {x: y}}\n", "fields.status: y is none of "),
        (PRODUCT + "        states: {a: b}\n", "product has no state"),
        (PRODUCT + "        quantities: {on_hand: q}\n", "nothing else has"),
        (PRODUCT + "        inert: {column: a, equals: b}\n", "only a stock_movement has an effect"),
        (PRODUCT + "        when: {column: a}\n", "a condition names a column and one test"),
        (
            PRODUCT + "        when: {column: a, equals: b, is_null: true}\n",
            "a condition names a column and one test",
        ),
        (PRODUCT + "        when: {not: {column: a, equals: b}, column: a}\n", "`not` stands alone"),
        (PRODUCT.replace("table: item", "table: [item, item]"), "the table item is mapped twice"),
        (PRODUCT.replace("EA", "*x"), "YAML aliases"),
        (PRODUCT + "          weight: {join: [a, b]}\n", "only texts can be joined"),
        ("tables: [\n", "mine.yaml:1: "),
    ],
)
def test_every_problem_names_file_line_and_path(text: str, problem: str) -> None:
    with pytest.raises(MappingInvalid) as invalid:
        parse_mapping(HEAD + text, "mine.yaml")
    assert problem in str(invalid.value)
    assert all(line.startswith("mine.yaml:") for line in str(invalid.value).splitlines())


def test_all_problems_are_told_at_once() -> None:
    text = PRODUCT.replace("          sku: no\n", "          colour: no\n          size: no\n")
    with pytest.raises(MappingInvalid) as invalid:
        parse_mapping(HEAD + text, "mine.yaml")
    assert len(invalid.value.problems) == 3


PRICES = """tables:
  - table: price
    key: [no]
    entities:
      - entity: price_proposal
        when: {not: {column: price, is_null: true}}
        fields:
          sku: {column: [article, no]}
          price_list: {column: list, lookup: {1: RETAIL}, otherwise: OTHER}
          price: {column: price, encoding: base64, scale: 4}
          unit: unit
          per: per
          currency: {const: EUR}
          tax_mode: {cases: [{when: {column: gross, equals: true}, const: inclusive}, {const: exclusive}]}
          minimum_quantity: least
          valid_from: {column: begins, zone: America/New_York}
          reason: {column: why, prefix: "because "}
"""
ROW = {
    "no": 4,
    "article": None,
    "list": 1,
    "price": "AX14",
    "unit": "EA",
    "per": 100,
    "gross": True,
    "least": "5",
    "begins": "2026-01-01 00:00:00",
    "why": "season",
}


def test_each_clause_of_the_grammar_gives_its_value() -> None:
    one = entity(PRICES, ROW, table="price")
    assert (one.key, one.sku, one.price_list) == ("acme/RETAIL/4", "4", "RETAIL")
    assert (one.unit_price.amount, one.unit_price.currency, one.unit_price.per.value) == (
        Decimal("9.7656"),
        "EUR",
        100,
    )
    assert (one.tax_mode, one.minimum_quantity.value, one.reason) == ("inclusive", 5, "because season")
    assert one.valid_from.instant.isoformat() == "2026-01-01T05:00:00+00:00"


def test_cases_otherwise_and_when_choose() -> None:
    text = PRICES
    other = entity(text, ROW | {"gross": False, "list": 9, "article": "A-1"}, table="price")
    assert (other.key, other.tax_mode) == ("acme/OTHER/A-1", "exclusive")
    nothing = read(text, ROW | {"price": None}, table="price")
    assert [one.code for one in nothing.warnings] == ["row_ignored"]


def test_a_lookup_without_otherwise_warns_of_unknown_codes() -> None:
    text = PRODUCT + "          status: {column: active, lookup: {1: active, 0: discontinued}}\n"
    assert entity(text, {"no": "A", "active": 0}).status == "discontinued"
    found = read(text, {"no": "A", "active": 7})
    assert [one.code for one in found.warnings] == ["code_unknown"]


def test_weights_gtins_and_numbers_are_checked() -> None:
    text = PRODUCT + "          weight: kg\n          weight_unit: {const: KGM}\n          gtin: ean\n"
    one = entity(text, {"no": "A", "kg": "0.5", "ean": "4006381333931"})
    assert (one.weight.value, one.weight.unit) == (Decimal("0.5"), "KGM")
    assert [(said.scheme, said.value) for said in one.identifiers] == [("gtin", "04006381333931")]


def test_a_price_of_a_pack_is_per_what_the_pack_holds() -> None:
    one = entity(PRICES, ROW | {"unit": "2", "per": None}, table="price")
    assert (one.unit_price.per.value, one.minimum_quantity.value) == (12, 60)


def test_a_weight_in_an_unknown_unit_is_left_out_with_a_warning() -> None:
    text = PRODUCT + "          weight: kg\n          weight_unit: unit\n"
    found = read(text, {"no": "A", "kg": 1, "unit": "stone"})
    assert [warning.code for warning in found.warnings] == ["unit_unmapped"]


def test_columns_are_joined_without_their_gaps() -> None:
    text = PRODUCT + "          tax_category: {join: [a, b, c]}\n"
    assert entity(text, {"no": "A", "a": "x", "b": None, "c": 7}).tax_category == "x 7"
    assert entity(text, {"no": "A"}).tax_category is None


def test_deletes_are_told_unless_they_only_archive() -> None:
    assert [one.change for one in read(PRODUCT, {"no": "A"}, op="d").entities] == ["deleted"]
    archived = read(PRODUCT.replace("key: [no]", "deleted: ignore\n    key: [no]"), {"no": "A"}, op="d")
    assert (archived.entities, [one.code for one in archived.warnings]) == ((), ["row_ignored"])


def test_several_columns_make_one_key() -> None:
    text = PRODUCT.replace("key: [no]", "key: [no, company]")
    assert entity(text, {"no": "A", "company": 2}).source.object_id == "A,2"
    with pytest.raises(Rejected) as refused:
        read(text, {"no": "A"})
    assert refused.value.code == "key_missing"
