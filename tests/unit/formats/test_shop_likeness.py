"""Each storefront payload looks most like its own format."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock.canonical.schemas import schema_root
from crossdock.formats.registry import FORMATS

STOREFRONTS = ("shopify_", "woocommerce_")
UNNAMED = {"deleted"}
"""Nothing but an id: only the event or the profile says what it is of."""
EXAMPLES = [
    path
    for path in sorted((schema_root() / "examples" / "raw").glob("*/*.json"))
    if path.parent.name.startswith(STOREFRONTS) and path.stem not in UNNAMED
]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_looks_most_like_its_own_format(path: Path) -> None:
    data = path.read_bytes()
    scores = {name: form.looks_like(data) for name, form in FORMATS.items() if form.looks_like is not None}
    own = scores.pop(path.parent.name)
    assert own > max(scores.values())


def test_an_id_alone_looks_like_nothing() -> None:
    for name, form in FORMATS.items():
        if name.startswith(STOREFRONTS):
            assert form.looks_like is not None
            assert form.looks_like(b'{"id": 7}') == 0


@pytest.mark.parametrize(
    "data",
    [
        b'{"id": "cs_1", "object": "checkout.session", "line_items": {"data": []}, "currency": "usd"}',
        b'{"data": {"orders": [{"id": "1", "status": "UNPAID", "line_items": [{"sku_id": "1"}]}]}}',
        b'{"fulfillment_orders": [{"id": 1, "line_items": []}]}',
    ],
)
def test_lines_alone_make_no_shops_order(data: bytes) -> None:
    assert not [name for name, form in FORMATS.items() if form.looks_like and form.looks_like(data)]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (
            b'{"id": 1, "date_created": "x", "amount": "1", "reason": "", "line_items": []}',
            "woocommerce_refund",
        ),
        (
            b'[{"id": 1, "date_created": "x", "date_created_gmt": "x", "amount": "1", "reason": "",'
            b' "line_items": [{"meta_data": [{"key": "_refunded_item_id"}]}]}]',
            "woocommerce_refund",
        ),
        (b'{"orders": [{"id": "1", "line_items": [{"gross_sales_money": {"amount": 1}}]}]}', "square_order"),
        (b'\xef\xbb\xbf [{"id": 1, "refund_line_items": []}]', "shopify_refund"),
        (b'{"id": 1, "tracking_company": "x", "tracking_number": "1"}', "shopify_fulfillment"),
        (
            b'{"transactions": [{"id": 1, "payout_id": 2, "source_order_id": 3, "fee": "1", "net": "2"}]}',
            "shopify_payout_transactions",
        ),
        (
            b'{"data": {"order": {"id": "gid://shopify/Order/1", "displayFinancialStatus": "PAID",'
            b' "lineItems": {"nodes": []}}}}',
            "shopify_order",
        ),
        (
            b'{"id": 1, "line_items": [], "total_price": "1",'
            b' "refunds": [{"refund_line_items": [], "order_adjustments": []}]}',
            "shopify_order",
        ),
    ],
)
def test_the_smallest_payloads_are_known(data: bytes, name: str) -> None:
    scores = {one: form.looks_like(data) for one, form in FORMATS.items() if form.looks_like is not None}
    assert max(scores, key=lambda one: scores[one]) == name
