"""Shopify products and inventory levels; one claim per quirk."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from crossdock.canonical.models import PriceProposal, Product, StockSnapshot
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import PROFILE, profile, reading_of, record, refusal_of
from tests.kit.shopify_catalog import (
    LevelFacts,
    ProductFacts,
    inventory_levels,
    level,
    product,
    shopify_products,
    variant,
)

LEVEL = "shopify_inventory_level"
PRODUCT = "shopify_product"
MONEY = {"amounts": "major_text", "tax_mode": "inclusive", "currency": "EUR"}
PRICED = profile(prices={"list": "EU"}, money=MONEY)


def snapshot(document: object, **options: Any) -> StockSnapshot:
    (found,) = reading_of(LEVEL, document, **options).entities
    assert isinstance(found, StockSnapshot)
    return found


def products(document: object, **options: Any) -> list[Product]:
    found = reading_of(PRODUCT, document, **options).entities
    return [one for one in found if isinstance(one, Product)]


def proposals(document: object, **options: Any) -> list[PriceProposal]:
    found = reading_of(PRODUCT, document, **options).entities
    return [one for one in found if isinstance(one, PriceProposal)]


def codes(form: str, document: object, **options: Any) -> list[str]:
    return [one.code for one in reading_of(form, document, **options).warnings]


def test_a_level_is_a_snapshot_of_one_item_at_one_location() -> None:
    found = snapshot(level())
    assert found.key == "acme/9007199254740993/shop/5/9007199254740993"
    assert (found.location, found.erp, found.scope, found.basis) == ("5", "shop", "row", "report")
    (figure,) = found.quantities
    assert (figure.meaning, int(figure.quantity.value), figure.quantity.unit) == ("available", 27, "EA")
    assert found.as_of.instant.isoformat() == "2026-02-01T09:00:00+00:00"
    assert codes(LEVEL, level()) == ["item_unknown"]


@pytest.mark.parametrize(
    "alias", ["inventory_item:9007199254740993", "channel_variant:9007199254740993", "9007199254740993"]
)
def test_the_partners_cross_reference_names_the_sku(alias: str) -> None:
    partner = profile(items={"aliases": {alias: "SKU-9"}})
    assert (snapshot(level(), partner=partner).sku, codes(LEVEL, level(), partner=partner)) == ("SKU-9", [])


def test_a_level_that_names_its_sku_needs_no_cross_reference() -> None:
    assert snapshot(level(sku="OLD-1")).sku == "SKU-1"


@pytest.mark.parametrize("changes", [{"available": None}, {"available": ""}])
def test_no_figure_is_no_snapshot(changes: dict[str, Any]) -> None:
    reading = reading_of(LEVEL, level(**changes))
    assert (reading.entities, [one.code for one in reading.warnings]) == ((), ["figure_missing"])
    disconnected = {"inventory_item_id": 1, "location_id": 2}
    assert reading_of(LEVEL, disconnected).entities == ()


def test_an_oversold_item_is_negative() -> None:
    assert int(snapshot(level(available=-3)).quantities[0].quantity.value) == -3


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"inventory_item_id": None}, ("id_missing", "$.inventory_item_id")),
        ({"updated_at": None}, ("time_invalid", "$.updated_at")),
        ({"available": "many"}, ("amount_unparsable", "$.available")),
        ({"location_id": {}}, ("field_invalid", "$.location_id")),
        ({"available_adjustment": -5}, ("field_invalid", "$.available_adjustment")),
    ],
)
def test_a_level_that_cannot_be_read_is_refused(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refusal_of(LEVEL, level(**changes)) == expected


def test_pages_are_split() -> None:
    split = FORMATS[LEVEL].split
    assert split is not None
    parts = split(record({"inventory_levels": [level(), level(location_id=6)]}), PROFILE).parts
    assert [part.key for part in parts] == [
        "acme/shop/inventory_level:9007199254740993:5",
        "acme/shop/inventory_level:9007199254740993:6",
    ]
    split = FORMATS[PRODUCT].split
    assert split is not None
    parts = split(record({"products": [product(), product(id=42)]}), PROFILE).parts
    assert [part.key for part in parts] == ["acme/shop/product:41", "acme/shop/product:42"]
    assert len(split(record(product()), PROFILE).parts) == 1
    ends = {"product_id": 41, "updated_at": "2026-02-01T10:00:00+01:00"}
    page = {"variants": [variant(**ends), variant(id=32, sku="SKU-2", **ends)]}
    parts = split(record(page), PROFILE).parts
    assert [part.key for part in parts] == ["acme/shop/variant:31", "acme/shop/variant:32"]
    assert [one.sku for part in parts for one in products(part.value)] == ["SKU-1", "SKU-2"]


@settings(max_examples=40, deadline=None)
@given(inventory_levels())
def test_a_generated_level_yields_its_facts(facts: LevelFacts) -> None:
    found = reading_of(LEVEL, facts.payload).entities
    if facts.figure is None:
        assert found == ()
        return
    (one,) = found
    assert isinstance(one, StockSnapshot)
    assert (one.sku, one.location, one.as_of.instant) == (facts.item, facts.location, facts.as_of)
    assert [int(figure.quantity.value) for figure in one.quantities] == [facts.figure]


def test_each_variant_is_a_product() -> None:
    first, second = products(product(variant(), variant(id=32, sku="SKU-2")))
    assert (first.key, first.sku, second.key) == ("acme/SKU-1", "SKU-1", "acme/SKU-2")
    assert (first.status, first.kind, first.stock_unit) == ("active", "stocked", "EA")
    assert [(one.scheme.value, one.value, one.issuer) for one in first.identifiers] == [
        ("sku", "SKU-1", ""),
        ("gtin", "04006381333931", ""),
        ("channel_variant", "31", "shop"),
        ("channel_variant", "51", "shop/inventory_item"),
        ("unknown", "41", "shop/product"),
    ]


@pytest.mark.parametrize("wrap", [lambda one: {"product": one}, lambda one: {"detail": {"payload": one}}])
def test_envelopes_change_nothing(wrap: Any) -> None:
    assert reading_of(PRODUCT, wrap(product())).digest == reading_of(PRODUCT, product()).digest


def test_a_lone_variant_is_a_product_of_unknown_status() -> None:
    assert [(one.sku, one.status.value) for one in products({"variant": variant()})] == [("SKU-1", "unknown")]
    assert FORMATS[PRODUCT].key(record({"variant": variant()})) == "variant:31"


def test_the_partners_sku_becomes_ours() -> None:
    (found,) = products(product(variant(sku="OLD-1")))
    assert (found.sku, found.identifiers[0].value) == ("SKU-1", "OLD-1")


def test_a_variant_without_sku_is_known_by_its_number() -> None:
    document = product(variant(sku="", id=77), variant(sku=None, id=78))
    assert [one.sku for one in products(document)] == ["SKU-7", "78"]  # the profile knows channel_variant 77
    assert codes(PRODUCT, document) == ["sku_missing"]
    assert "sku_repeated" in codes(PRODUCT, product(variant(), variant(id=32)))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("active", "active"),
        ("draft", "discontinued"),
        ("archived", "discontinued"),
        (None, "active"),
        ("x", "unknown"),
    ],
)
def test_a_status_says_whether_it_can_be_bought(status: str | None, expected: str) -> None:
    assert products(product(status=status))[0].status == expected
    assert ("status_unknown" in codes(PRODUCT, product(status=status))) == (expected == "unknown")


def test_a_barcode_that_is_no_gtin_is_kept() -> None:
    (found,) = products(product(variant(barcode="SHELF-7")))
    assert "gtin" not in [one.scheme.value for one in found.identifiers]
    assert {one.name: one.value for one in found.extensions}["barcode"] == "SHELF-7"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("0.2", "KGM")),
        ({"weight_unit": "lb"}, ("0.2", "LBR")),
        ({"weight": None}, ("200", "GRM")),
        ({"weight_unit": "stone"}, ("200", "GRM")),
        ({"weight": None, "grams": None}, None),
    ],
)
def test_a_weight_has_its_unit(changes: dict[str, Any], expected: tuple[str, str] | None) -> None:
    weight = products(product(variant(**changes)))[0].weight
    assert (None if weight is None else (str(weight.value), weight.unit)) == expected


def test_what_is_not_counted_is_not_stocked() -> None:
    assert products(product(variant(inventory_management=None)))[0].kind == "non_stocked"
    unsaid = variant()
    del unsaid["inventory_management"]
    assert products(product(unsaid))[0].kind == "unknown"
    assert products(product(gift_card=True))[0].kind == "non_stocked"


@pytest.mark.parametrize(("document", "event"), [({"id": 41}, None), (product(), "products/delete")])
def test_a_deleted_product_is_a_template_that_is_gone(document: object, event: str | None) -> None:
    (found,) = products(document, event=event)
    assert (found.key, found.kind, found.status, found.change) == (
        "acme/product:41",
        "template",
        "deleted",
        "deleted",
    )
    assert found.revision.value == "2026-01-05T08:00:00.000000Z"


def test_a_price_is_proposed_only_for_a_list_of_the_profile() -> None:
    document = product(variant(compare_at_price="6.00"), variant(id=32, sku="SKU-2", price=None))
    assert proposals(document) == []
    (found,) = proposals(document, partner=PRICED)
    assert (found.key, found.tax_mode, found.proposer) == ("acme/EU/SKU-1", "inclusive", "shopify")
    assert (str(found.unit_price.amount), found.unit_price.currency) == ("5.00", "EUR")
    assert found.compare_at is not None
    assert str(found.compare_at.amount) == "6.00"
    assert codes(PRODUCT, document, partner=PRICED) == ["price_missing"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (product(variants=[]), ("lines_missing", "$.variants")),
        ({"errors": {"base": ["Not Found"]}}, ("id_missing", "$.id")),
        (product(variant(id=None)), ("id_missing", "$.variants[0].id")),
        (product(variant(price="ten")), ("amount_unparsable", "$.variants[0].price")),
        (product(updated_at="soon"), ("time_invalid", "$.updated_at")),
        ({"id": {}}, ("field_invalid", "$.id")),
    ],
)
def test_a_product_that_cannot_be_read_is_refused(document: object, expected: tuple[str, str]) -> None:
    assert refusal_of(PRODUCT, document) == expected


def test_a_product_without_times_takes_its_variants_else_its_capture() -> None:
    """Shopify's own test webhook states none; `?fields=id,variants` leaves those of the product out."""
    bare = {"updated_at": None, "created_at": None}
    dated = product(variant(updated_at="2026-02-01T10:00:00+01:00"), **bare)
    (found,) = products(dated)
    assert found.occurred.instant.isoformat() == "2026-02-01T09:00:00+00:00"
    assert found.change == "updated"
    assert found.revision.kind == "none"
    assert codes(PRODUCT, dated) == []
    silent = product(variant(updated_at=None), **bare)
    (found,) = products(silent)
    assert found.occurred.instant == record(silent).time
    assert codes(PRODUCT, silent) == ["time_missing"]


def test_prices_without_any_currency_are_refused() -> None:
    partner = profile(prices={"list": "EU"})
    assert refusal_of(PRODUCT, product(), partner=partner) == ("currency_missing", "$.variants[0].price")


@settings(max_examples=40, deadline=None)
@given(shopify_products())
def test_a_generated_product_yields_its_facts(facts: ProductFacts) -> None:
    found = products(facts.payload, partner=PRICED)
    assert [one.sku for one in found] == [one.sku for one in facts.variants]
    for one, expected in zip(found, facts.variants, strict=True):
        assert (one.status, one.kind) == (facts.status, expected.kind)
        assert ("gtin" in [scheme.scheme.value for scheme in one.identifiers]) == expected.is_gtin
        assert one.weight is not None
        assert one.weight.value == expected.weight
    priced = [one for one in facts.variants if one.price is not None]
    prices = proposals(facts.payload, partner=PRICED)
    assert [(one.sku, int(one.unit_price.amount * 100)) for one in prices] == [
        (one.sku, one.price) for one in priced
    ]
    assert [one.compare_at and int(one.compare_at.amount * 100) for one in prices] == [
        one.compare_at for one in priced
    ]
