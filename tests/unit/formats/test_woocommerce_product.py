"""Generated WooCommerce products yield the articles and prices that they were drawn with."""

from __future__ import annotations

from hypothesis import given, settings

from crossdock.canonical.models import PriceProposal, Product
from tests.kit.shop_reading import profile, reading_of
from tests.kit.woo_products import ArticleFacts, WooProductFacts, woo_products
from tests.kit.woo_resources import woo_product

PRICED = profile(
    prices={"list": "EU"},
    units={"weight": "KGM"},
    items={"match": ["sku", "gtin", "channel_variant"]},
    money={"amounts": "major_text", "tax_mode": "exclusive", "currency": "EUR"},
)


def _facts(found: Product, proposals: dict[str, PriceProposal]) -> ArticleFacts:
    offer = proposals.get(found.sku)
    compare_at = None if offer is None or offer.compare_at is None else int(offer.compare_at.amount * 100)
    return ArticleFacts(
        sku=found.sku,
        kind=found.kind.value,
        status=found.status.value,
        identifiers=[(one.scheme.value, one.value) for one in found.identifiers],
        weight=None if found.weight is None else found.weight.value,
        tax_category=found.tax_category,
        price=None if offer is None else int(offer.unit_price.amount * 100),
        compare_at=compare_at,
    )


@settings(max_examples=150, deadline=None)
@given(woo_products())
def test_a_generated_product_yields_its_facts(facts: WooProductFacts) -> None:
    reading = reading_of("woocommerce_product", facts.payload, partner=PRICED)
    found = [one for one in reading.entities if isinstance(one, Product)]
    offers = [one for one in reading.entities if isinstance(one, PriceProposal)]
    proposals = {one.sku: one for one in offers}
    assert len(found) + len(offers) == len(reading.entities)
    assert len(proposals) == len(offers)
    expected = [one if one.price is not None else _without_price(one) for one in facts.articles]
    assert [_facts(one, proposals) for one in found] == expected
    assert found[0].occurred.instant == facts.modified
    assert found[0].change.value == facts.change
    assert {one.key for one in found} == {f"acme/{one.sku}" for one in facts.articles}
    assert {one.code for one in reading.warnings} == facts.warnings


def test_a_listed_variation_names_its_product_in_a_link_only() -> None:
    links = {"self": [{"href": "/wc/v3/products/205/variations/87"}], "up": [{"href": "/wc/v3/products/205"}]}
    for document, expected in (
        (woo_product(_links=links, parent_id=None), ["205"]),
        (woo_product(_links={"self": [{"href": "/wc/v3/products/87"}]}, parent_id=None), []),
    ):
        (found,) = reading_of("woocommerce_product", document).entities
        assert isinstance(found, Product)
        assert [one.value for one in found.identifiers if one.issuer == "shop/product"] == expected


def test_a_variation_that_shows_its_products_sku_has_none() -> None:
    variations = [{"id": 51, "sku": "SHIRT"}, {"id": 52, "sku": "SHIRT-RED"}, {"id": 53, "sku": "SHIRT"}]
    document = woo_product(id=46, type="variable", sku="SHIRT", variations=variations)
    reading = reading_of("woocommerce_product", document)
    keys = [one.key for one in reading.entities]
    assert keys == ["acme/product:46", "acme/51", "acme/SHIRT-RED", "acme/53"]
    assert [one.code for one in reading.warnings].count("sku_missing") == 2


def _without_price(facts: ArticleFacts) -> ArticleFacts:
    """What is not offered has no price to compare with."""
    facts.compare_at = None
    return facts
