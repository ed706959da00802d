"""What the GraphQL Admin API answers is the same as the REST resource."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.canonical.models import Order, Product, Refund, Shipment, StockSnapshot
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import PROFILE, profile, reading_of, record, totals
from tests.kit.shopify_documents import line, money_set, order, refused, shopify, warnings
from tests.kit.shopify_graphql import graphql_order
from tests.kit.shopify_payloads import ShopifyFacts, shopify_orders

FORM = "shopify_order"
FORMS = {
    "product": "shopify_product",
    "inventoryLevel": "shopify_inventory_level",
    "fulfillment": "shopify_fulfillment",
    "refund": "shopify_refund",
}
LINE = {"id": "gid://shopify/LineItem/11", "sku": "SKU-1", "quantity": 5}


def bag(name: str) -> dict[str, Any]:
    """A money bag of 10.00 USD under a name."""
    return {name: {"shopMoney": {"amount": "10.0", "currencyCode": "USD"}}}


def answer(**changes: Any) -> dict[str, Any]:
    """A GraphQL order of one line, 2 × 10.00 USD, as a query of few fields answers it."""
    bag = {"shopMoney": {"amount": "20.0", "currencyCode": "USD"}}
    price = {"shopMoney": {"amount": "10.0", "currencyCode": "USD"}}
    lines = [{"node": {"id": "gid://shopify/LineItem/11", "quantity": 2, "originalUnitPriceSet": price}}]
    return {
        "id": "gid://shopify/Order/42",
        "name": "#1042",
        "createdAt": "2026-02-01T08:00:00Z",
        "displayFinancialStatus": "PAID",
        "totalPriceSet": bag,
        "lineItems": {"edges": lines},
    } | changes


@settings(max_examples=60, deadline=None)
@given(shopify_orders(), st.booleans())
def test_both_spellings_of_an_order_are_one_order(facts: ShopifyFacts, is_edged: bool) -> None:
    document = json.loads(facts.payload.removeprefix(b"\xef\xbb\xbf"))
    rest = document.get("order", document)
    one = reading_of(FORM, rest, event=facts.event)
    other = reading_of(FORM, {"data": {"order": graphql_order(rest, is_edged=is_edged)}}, event=facts.event)
    assert other.digest == one.digest
    assert other.revision == one.revision
    (ours,), (theirs,) = one.entities, other.entities
    assert isinstance(ours, Order)
    assert isinstance(theirs, Order)
    assert theirs.variances == ours.variances
    assert {one.code for one in other.warnings} == {one.code for one in one.warnings}


def test_a_query_of_few_fields_is_read_with_what_it_asked_for() -> None:
    found = shopify(answer())
    assert (found.order_id, found.order_name, found.currency) == ("42", "#1042", "USD")
    assert totals(found) == ("20.00", "0.00", "0.00", "0.00", "20.00")
    assert (found.payment.status, found.tax_mode, found.variances) == ("paid", "unknown", ())


def test_money_without_a_bag_and_a_sku_of_the_variant_are_read() -> None:
    document = answer(
        currencyCode="USD",
        taxesIncluded=False,
        totalTipReceived={"amount": "1.5", "currencyCode": "USD"},
        totalPriceSet={"shopMoney": {"amount": "21.5", "currencyCode": "USD"}},
        shippingLine={"title": "Post"},
        shippingAddress={"city": "Bern", "countryCodeV2": "CH"},
    )
    document["lineItems"]["edges"][0]["node"]["variant"] = {
        "id": "gid://shopify/ProductVariant/31",
        "sku": "SKU-1",
    }
    found = shopify(document)
    assert (str(found.computed.total.amount), found.variances) == ("21.50", ())
    assert (found.lines[0].sku, found.shipping_method_raw) == ("SKU-1", "Post")
    assert found.parties[0].address is not None
    assert found.parties[0].address.country == "CH"


def test_an_order_of_another_presentment_currency_carries_both() -> None:
    both = ("USD", "EUR")
    document = order(line(price_set=money_set("10.00", "9.00", both)), presentment_currency="EUR")
    for name in ("subtotal_price", "total_line_items_price", "total_price"):
        document[f"{name}_set"] = money_set("20.00", "18.00", both)
    found = shopify(graphql_order(document))
    assert (str(found.computed.total.presentment_amount), found.presentment_currency) == ("18.00", "EUR")
    assert (found.variances, warnings(graphql_order(document))) == ((), [])


@pytest.mark.parametrize(
    "page",
    [
        lambda orders: {"data": {"orders": {"edges": [{"cursor": "c", "node": one} for one in orders]}}},
        lambda orders: {"data": {"orders": {"nodes": orders, "pageInfo": {"hasNextPage": True}}}},
        lambda orders: {"orders": {"nodes": orders}},
    ],
)
def test_a_page_is_split(page: Any) -> None:
    split = FORMATS[FORM].split
    assert split is not None
    second = answer(id="gid://shopify/Order/43?source=x")
    parts = split(record(page([answer(), second])), PROFILE).parts
    assert [part.key for part in parts] == ["acme/shop/order:42", "acme/shop/order:43"]
    assert [shopify(part.value).order_id for part in parts] == ["42", "43"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (answer(id="gid://shopify/DraftOrder/1"), ("field_invalid", "$")),
        (answer(id="gid://shopify/Checkout/1"), ("field_invalid", "$.id")),
        (
            {"id": "gid://shopify/LineItem/1", "__parentId": "gid://shopify/Order/1"},
            ("field_invalid", "$.__parentId"),
        ),
        (
            answer(lineItems={"edges": [], "pageInfo": {"hasNextPage": True}}),
            ("lines_missing", "$.lineItems.pageInfo.hasNextPage"),
        ),
        (answer(lineItems={"nodes": [{"quantity": 1}]}), ("amount_unparsable", "$.lineItems")),
        (answer(lineItems={"nodes": []}), ("lines_missing", "$.line_items")),
        (answer(id=None), ("id_missing", "$.id")),
        ({"data": {"order": None}, "errors": [{"message": "x"}]}, ("id_missing", "$.data.id")),
    ],
)
def test_what_is_no_whole_order_is_refused(document: Any, expected: tuple[str, str]) -> None:
    assert refused(document) == expected


def test_amounts_in_another_currency_than_the_orders_are_refused() -> None:
    assert refused(answer(currencyCode="EUR"))[0] == "currency_mixed"
    euros = profile(money={"amounts": "major_text", "tax_mode": "stated", "currency": "EUR"})
    assert refused(answer(), partner=euros)[0] == "currency_mixed"


STAMPS = {"createdAt": "2026-02-01T09:00:00Z", "updatedAt": "2026-02-01T09:00:00Z"}
ITEM = {"id": "gid://shopify/InventoryItem/51"}
VARIANT = {"id": "gid://shopify/ProductVariant/31", "sku": "SKU-1", "price": "5.00", "inventoryItem": ITEM}
ANSWERS: dict[str, Any] = {
    "product": {"id": "gid://shopify/Product/41", "status": "DRAFT", "variants": {"nodes": [VARIANT]}},
    "inventoryLevel": {
        "id": "gid://shopify/InventoryLevel/9?inventory_item_id=51",
        "item": ITEM,
        "location": {"id": "gid://shopify/Location/6"},
        "quantities": [{"name": "on_hand", "quantity": 9}, {"name": "available", "quantity": 7}],
    },
    "fulfillment": {
        "id": "gid://shopify/Fulfillment/71",
        "status": "SUCCESS",
        "displayStatus": "IN_TRANSIT",
        "order": {"id": "gid://shopify/Order/42"},
        "trackingInfo": [{"number": "T-1", "company": "Post"}],
        "fulfillmentLineItems": {"nodes": [{"id": "gid://x", "quantity": 2, "lineItem": LINE}]},
    },
    "refund": {
        "id": "gid://shopify/Refund/81",
        "order": {"id": "gid://shopify/Order/42"},
        "refundLineItems": {
            "edges": [
                {"node": {"quantity": 1, "restockType": "RETURN", "lineItem": LINE, **bag("subtotalSet")}}
            ]
        },
        "transactions": {"nodes": [{"kind": "REFUND", "status": "SUCCESS", **bag("amountSet")}]},
    },
}


def entity(name: str) -> object:
    """What an answer becomes."""
    return reading_of(FORMS[name], {"data": {name: ANSWERS[name] | STAMPS}}).entities[0]


def test_other_objects_are_read_as_the_rest_ones() -> None:
    product, level, shipment, refund = map(entity, FORMS)
    assert isinstance(product, Product)
    assert (product.sku, product.status, product.identifiers[-1].value) == ("SKU-1", "discontinued", "41")
    assert isinstance(level, StockSnapshot)
    figures = [(one.meaning, int(one.quantity.value)) for one in level.quantities]
    assert (level.key, figures) == ("acme/51/shop/6/51", [("on_hand", 9), ("available", 7)])
    assert isinstance(shipment, Shipment)
    assert (shipment.key, shipment.packages[0].status) == ("acme/shop/42/71", "in_transit")
    (shipped,) = shipment.packages[0].lines
    assert (shipped.line_id, shipped.sku, int(shipped.quantity.value)) == ("11", "SKU-1", 2)
    assert isinstance(refund, Refund)
    assert (refund.key, refund.status, refund.variances) == ("acme/shop/42/81", "issued", ())
    assert (refund.lines[0].line_id, refund.lines[0].disposition) == ("11", "restock")


@pytest.mark.parametrize("name", FORMS)
def test_an_answer_looks_like_its_format(name: str) -> None:
    data = json.dumps({"data": {name: ANSWERS[name] | STAMPS}}).encode()
    scores = {one: other.looks_like(data) for one, other in FORMATS.items() if other.looks_like is not None}
    assert max(scores, key=lambda one: scores[one]) == FORMS[name]


def test_pages_of_other_objects_are_split() -> None:
    for form, name, kind in (
        ("shopify_product", "products", "Product"),
        ("shopify_inventory_level", "inventoryLevels", "InventoryLevel"),
    ):
        nodes = [{"id": f"gid://shopify/{kind}/{number}", "item": {"id": str(number)}} for number in (1, 2)]
        split = FORMATS[form].split
        assert split is not None
        assert len(split(record({"data": {name: {"nodes": nodes}}}), PROFILE).parts) == 2
