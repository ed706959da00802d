"""Bulk exports of the GraphQL Admin API: rows are joined to the objects that they belong to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.canonical.models import Order, Product
from crossdock.cli.trial import sniff
from crossdock.formats.registry import FORMATS
from crossdock.formats.shopify.bulk import joined_rows
from tests.kit.shop_reading import PROFILE, reading_of, record
from tests.kit.shopify_documents import line, order
from tests.kit.shopify_graphql import graphql_order


def exported(*orders: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of orders: each without its lines, and these after it."""
    rows = []
    for one in orders:
        node = graphql_order(one, is_edged=False)
        lines, shipping = node.pop("lineItems")["nodes"], node.pop("shippingLines")["nodes"]
        rows += [node, *(member | {"__parentId": node["id"]} for member in (*lines, *shipping))]
    return rows


def parts(form: str, rows: list[dict[str, Any]]) -> list[bytes]:
    """The documents that an export is cut into."""
    split = FORMATS[form].split
    assert split is not None
    data = "\n".join(map(json.dumps, rows)).encode()
    assert sniff(data) == form
    return [part.value for part in split(record(data), PROFILE).parts]


def test_an_exported_order_is_the_order() -> None:
    shipping = [
        {
            "id": "gid://shopify/ShippingLine/5",
            "title": "Post",
            "price": "4.90",
            "tax_lines": [],
            "discount_allocations": [],
        }
    ]
    rest = [
        order(line(), line(id=12, sku="SKU-2"), shipping_lines=shipping, total_price="44.90"),
        order(line(sku="SKU-3"), id=43),
    ]
    found = [reading_of("shopify_order", part) for part in parts("shopify_order", exported(*rest))]
    assert [one.digest for one in found] == [reading_of("shopify_order", one).digest for one in rest]
    (first,) = found[0].entities
    assert isinstance(first, Order)
    assert [one.sku for one in first.lines] == ["SKU-1", "SKU-2"]


def test_a_line_that_nobody_asked_the_id_of_is_a_line() -> None:
    rows = exported(order())
    del rows[1]["id"]
    (part,) = parts("shopify_order", rows)
    (found,) = reading_of("shopify_order", part).entities
    assert isinstance(found, Order)
    assert [one.line_id for one in found.lines] == ["1"]


def test_exported_variants_belong_to_their_product() -> None:
    product = {"id": "gid://shopify/Product/4", "status": "ACTIVE", "updatedAt": "2026-02-01T08:00:00Z"}
    image = {"id": "gid://shopify/MediaImage/1", "__parentId": product["id"]}
    variants = [
        {
            "id": f"gid://shopify/ProductVariant/{n}",
            "sku": f"SKU-{n}",
            "price": "1.00",
            "__parentId": product["id"],
        }
        for n in (1, 2)
    ]
    (part,) = parts("shopify_product", [product, image, *variants])
    found = reading_of("shopify_product", part).entities
    assert [one.sku for one in found if isinstance(one, Product)] == ["SKU-1", "SKU-2"]


@pytest.mark.parametrize(
    "rows",
    [
        [b'{"id":"gid://shopify/LineItem/1","__parentId":"gid://shopify/Order/9"}', b'{"id":"a"}'],
        [b'{"id":"a"}', b'{"__parentId":"a","note":"says not what it is"}'],
        [b'{"note":1}', b'{"quantity":1,"other":"__parentId"}', b"{", b"[7]"],
    ],
)
def test_rows_that_belong_to_no_row_stay(rows: list[bytes]) -> None:
    assert joined_rows(rows) == rows


def test_rows_of_rows_are_joined_too() -> None:
    rows = [
        b'{"id":"a"}',
        b'{"id":"b","__typename":"Part","__parentId":"a"}',
        b'{"quantity":1,"__parentId":"b"}',
    ]
    (whole,) = joined_rows(rows)
    assert json.loads(whole)["parts"][0]["lineItems"] == [{"quantity": 1, "__parentId": "b"}]
