"""A WooCommerce resource of another kind than the format's is refused, though most of it could be read."""

from __future__ import annotations

import pytest

from crossdock.canonical.errors import Rejected, RejectionCode
from tests.kit.shop_reading import profile, reading_of, without
from tests.kit.woo_documents import Document, woo_order
from tests.kit.woo_resources import legacy_order, woo_product, woo_refund

NOON = "2026-02-01T12:00:00"
SUBSCRIPTION = woo_order(status="active", billing_period="month", billing_interval="1")
COUPON = {"id": 44, "code": "TEN", "amount": "10.00", "discount_type": "percent", "date_created_gmt": NOON}
CUSTOMER = {"id": 9, "email": "", "is_paying_customer": False, "date_created_gmt": NOON, "amount": "1.00"}
OLD_REFUND = without(woo_refund(), "refunded_by", "refunded_payment")


@pytest.mark.parametrize(
    ("wanted", "document", "kind", "mark"),
    [
        ("order", SUBSCRIPTION, "subscription", "billing_period"),
        ("order", woo_refund(), "refund", "refunded_by"),
        ("order", OLD_REFUND, "refund", "amount"),
        ("order", COUPON, "coupon", "discount_type"),
        ("order", woo_product(), "product", "regular_price"),
        ("refund", COUPON, "coupon", "discount_type"),
        ("refund", CUSTOMER, "customer", "is_paying_customer"),
        ("product", woo_order(), "order", "line_items"),
        ("product", woo_refund(), "refund", "refunded_by"),
        ("product", COUPON, "coupon", "discount_type"),
        ("product", CUSTOMER, "customer", "is_paying_customer"),
    ],
)
def test_a_resource_of_another_kind_is_refused_by_name(
    wanted: str, document: Document, kind: str, mark: str
) -> None:
    partner = profile(money={"amounts": "major_text", "tax_mode": "exclusive", "currency": "USD"})
    with pytest.raises(Rejected, match=f"of the kind {kind}, not {wanted}") as refused:
        reading_of(f"woocommerce_{wanted}", document, partner=partner)
    assert (refused.value.code, refused.value.path) == (RejectionCode.FIELD_INVALID, f"$.{mark}")


def test_orders_and_refunds_of_old_versions_are_what_they_are() -> None:
    partner = profile(money={"amounts": "major_text", "tax_mode": "exclusive", "currency": "USD"})
    known = (("order", legacy_order()), ("order", woo_order(amount="5.00")), ("refund", OLD_REFUND))
    for wanted, document in known:
        assert reading_of(f"woocommerce_{wanted}", document, partner=partner).entities
