"""WooCommerce refunds, products and orders of the legacy API; one claim per quirk."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from crossdock.canonical.models import PriceProposal, Product, Refund
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import differences, order_of, profile, reading_of, record, refusal_of, totals
from tests.kit.woo_documents import woo_line, woo_order
from tests.kit.woo_resources import (
    LegacyFacts,
    WooRefundFacts,
    legacy_order,
    legacy_orders,
    links,
    refund_line,
    woo_product,
    woo_refund,
    woo_refunds,
)

REFUND = "woocommerce_refund"
PRODUCT = "woocommerce_product"
ORDER = "woocommerce_order"
IN_EUR = profile(money={"amounts": "major_text", "tax_mode": "stated", "currency": "EUR"})
PRICED = profile(
    prices={"list": "EU"},
    units={"weight": "KGM"},
    money={"amounts": "major_text", "tax_mode": "exclusive", "currency": "EUR"},
)


def refund(document: object) -> Refund:
    (found,) = reading_of(REFUND, document, partner=IN_EUR).entities
    assert isinstance(found, Refund)
    return found


def products(document: object, **options: Any) -> list[Product]:
    found = reading_of(PRODUCT, document, **options).entities
    return [one for one in found if isinstance(one, Product)]


def proposals(document: object) -> list[PriceProposal]:
    found = reading_of(PRODUCT, document, partner=PRICED).entities
    return [one for one in found if isinstance(one, PriceProposal)]


def codes(form: str, document: object, partner: Any = IN_EUR) -> list[str]:
    return [one.code for one in reading_of(form, document, partner=partner).warnings]


def test_a_refund_is_positive_to_the_buyer() -> None:
    found = refund(woo_refund())
    assert (found.key, found.status, found.reason_raw) == ("acme/shop/723/726", "issued", "wrong size")
    (line,) = found.lines
    assert line.quantity is not None
    assert (line.line_id, line.sku, int(line.quantity.value), str(line.amount.amount)) == (
        "311",
        "SKU-1",
        1,
        "9.00",
    )
    assert [str(one.amount.amount) for one in line.tax_lines] == ["0.63"]
    assert (str(found.computed.total.amount), found.variances) == ("9.63", ())
    assert found.occurred.instant.isoformat() == "2026-02-01T09:00:00+00:00"


def test_a_refund_of_an_amount_alone_has_no_lines() -> None:
    found = refund(woo_refund(line_items=[], refunded_payment=False))
    assert (found.lines, found.status) == ((), "approved")
    assert [(one.code.value, str(one.stated), str(one.computed)) for one in found.variances] == [
        ("refund_total", "9.63", "0.00")
    ]


def test_a_line_may_state_its_refund_total_alone() -> None:
    found = refund(woo_refund(amount="25.00", line_items=[{"id": 1, "quantity": -1, "refund_total": -25.00}]))
    assert (str(found.lines[0].amount.amount), found.variances) == ("25.00", ())


def test_lines_that_are_written_positive_are_read_as_they_stand() -> None:
    """Some clients write what goes to the buyer, not what the refund does to the order."""
    line = refund_line(quantity=1, total="9.00", subtotal="9.00", total_tax="0.63", taxes=[], price=9)
    fee = {"name": "Restocking", "total": "-2.00", "total_tax": "0.00"}
    document = {"data": woo_refund(line_items=[line], fee_lines=[fee], amount="7.63")}
    found = refund(document)
    assert (str(found.lines[0].amount.amount), str(found.computed.total.amount)) == ("9.00", "7.63")
    assert [(one.is_charge, str(one.amount.amount)) for one in found.adjustments] == [(False, "-2.00")]
    assert (found.variances, codes(REFUND, document)) == ((), ["refund_positive"])


def test_a_line_whose_tax_contradicts_itself_is_a_variance() -> None:
    line = refund_line(taxes=[{"id": 1, "total": "-0.70"}])
    found = refund(woo_refund(line_items=[line]))
    assert [(one.code.value, one.subject, str(one.difference)) for one in found.variances] == [
        ("tax_total", "314", "0.07")
    ]


def test_shipping_and_fees_are_given_back() -> None:
    shipping = {"method_title": "Flat", "total": "-5.00", "total_tax": "-0.35", "taxes": []}
    fee = {"name": "Restocking", "total": "2.00", "total_tax": "0.00"}
    found = refund(woo_refund(shipping_lines=[shipping], fee_lines=[fee], amount="12.98"))
    assert [(one.kind.value, one.is_charge, str(one.amount.amount)) for one in found.adjustments] == [
        ("shipping", True, "5.00"),
        ("fee", False, "-2.00"),
    ]
    assert (found.variances, str(found.computed.tax.amount)) == ((), "0.98")


@pytest.mark.parametrize(
    ("changes", "order_id"),
    [
        ({"parent_id": 9}, "9"),
        ({"parent_id": 0, "_links": links()}, "723"),
        (
            {
                "parent_id": None,
                "_links": {"self": [{"href": "https://a.example.com/orders/55/refunds/726"}]},
            },
            "55",
        ),
        ({"parent_id": 0, "order_id": 8}, "8"),
        ({"parent_id": 0, "_links": {"up": [{"href": 7}]}}, "-"),
    ],
)
def test_the_order_is_found_where_it_is_named(changes: dict[str, Any], order_id: str) -> None:
    document = woo_refund(**changes)
    assert refund(document).order_id == order_id
    assert ("order_missing" in codes(REFUND, document)) == (order_id == "-")


def test_the_legacy_refund_is_wrapped_and_leaves_quantities_positive() -> None:
    line = {"id": 514, "subtotal": "-21.99", "total": "-21.99", "total_tax": "0.00", "quantity": 1, "sku": ""}
    nothing = line | {"total": "0.00", "subtotal": "0.00", "quantity": 0, "product_id": 613}
    legacy = {
        "id": 647,
        "created_at": "2026-01-26T19:19:06Z",
        "amount": "21.99",
        "line_items": [line, nothing],
    }
    found = refund({"order_id": 645, "order_refund": legacy})
    assert (found.order_id, found.variances, found.lines[0].line_id) == ("645", (), None)
    assert [int(one.quantity.value) for one in found.lines if one.quantity] == [1, 0]
    assert found.occurred.instant.isoformat() == "2026-01-26T19:19:06+00:00"
    split = FORMATS[REFUND].split
    assert split is not None
    parts = split(record({"order_refunds": [legacy, legacy | {"id": 1}]}), IN_EUR).parts
    assert [part.key for part in parts] == ["acme/shop/refund:647", "acme/shop/refund:1"]
    assert len(split(record([woo_refund(), woo_refund(id=2)]), IN_EUR).parts) == 2


@pytest.mark.parametrize(
    ("document", "partner", "expected"),
    [
        (woo_refund(id=None), IN_EUR, ("id_missing", "$.id")),
        (woo_refund(), profile(), ("currency_missing", "$.currency")),
        (woo_refund(date_created=None, date_created_gmt=""), IN_EUR, ("time_invalid", "$.date_created_gmt")),
        (woo_refund(amount="ten"), IN_EUR, ("amount_unparsable", "$.amount")),
        (
            woo_refund(line_items=[{"id": 1}]),
            IN_EUR,
            ("amount_unparsable", "$.line_items[0].total"),
        ),
        (woo_order(billing={}, currency="EUR"), IN_EUR, ("field_invalid", "$.billing")),
    ],
)
def test_a_refund_that_cannot_be_read_is_refused(
    document: object, partner: Any, expected: tuple[str, str]
) -> None:
    assert refusal_of(REFUND, document, partner=partner) == expected


@settings(max_examples=40, deadline=None)
@given(woo_refunds())
def test_a_generated_refund_yields_its_facts(facts: WooRefundFacts) -> None:
    found = refund(facts.payload)
    assert (found.refund_id, found.order_id) == (facts.refund_id, facts.order_id)
    lines = [
        (one.line_id, one.quantity and int(one.quantity.value), int(one.amount.amount * 100))
        for one in found.lines
    ]
    assert lines == facts.lines
    sums = found.computed
    assert [
        int(one.amount * 100) for one in (sums.subtotal, sums.shipping, sums.tax, sums.total)
    ] == facts.sums
    difference = facts.amount - facts.sums[3]
    assert [int(one.difference * 100) for one in found.variances] == ([difference] if difference else [])
    assert found.occurred.instant == facts.occurred


def test_a_simple_product_can_be_bought() -> None:
    (found,) = products(woo_product(), partner=PRICED)
    assert (found.key, found.status, found.kind) == ("acme/SKU-1", "active", "stocked")
    assert [(one.scheme.value, one.value) for one in found.identifiers] == [
        ("sku", "SKU-1"),
        ("gtin", "04006381333931"),
        ("channel_variant", "87"),
    ]
    assert found.weight is not None
    assert (str(found.weight.value), found.weight.unit) == ("0.2", "KGM")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"type": "variable"}, "template"),
        ({"type": "grouped"}, "template"),
        ({"type": "external"}, "non_stocked"),
        ({"type": "bundle"}, "bundle"),
        ({"type": "variation", "manage_stock": "parent"}, "stocked"),
        ({"virtual": True}, "non_stocked"),
        ({"downloadable": True}, "non_stocked"),
        ({"manage_stock": False}, "non_stocked"),
        ({"manage_stock": None}, "unknown"),
    ],
)
def test_a_type_says_what_a_product_is(changes: dict[str, Any], kind: str) -> None:
    assert products(woo_product(**changes))[0].kind == kind


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("publish", "active"),
        ("draft", "discontinued"),
        ("private", "active"),
        ("trash", "deleted"),
        ("x", "unknown"),
    ],
)
def test_a_status_says_whether_it_can_be_bought(status: str, expected: str) -> None:
    assert products(woo_product(status=status))[0].status == expected


def test_a_product_without_sku_is_known_by_its_number() -> None:
    assert products(woo_product(sku="", id=77))[0].sku == "SKU-7"  # the profile knows channel_variant 77
    assert products(woo_product(sku="", id=78))[0].sku == "78"
    assert "sku_missing" in codes(PRODUCT, woo_product(sku="", id=78))
    assert products(woo_product(sku="", type="variable"))[0].sku == "product:87"


def test_a_weight_without_unit_is_kept_as_text() -> None:
    (found,) = products(woo_product(global_unique_id="SHELF-7"))
    assert found.weight is None
    kept = {one.name: one.value for one in found.extensions}
    assert (kept["weight"], kept["global_unique_id"]) == ("0.2", "SHELF-7")
    assert codes(PRODUCT, woo_product()) == ["weight_without_unit"]
    assert codes(PRODUCT, woo_product(weight="")) == []


def test_variations_inside_their_product_are_products() -> None:
    variation = {"id": 88, "sku": "SKU-2", "price": "6.00", "regular_price": "6.00", "manage_stock": True}
    parent, found = products(woo_product(type="variable", sku="", variations=[variation]), partner=PRICED)
    assert (parent.kind, found.sku, found.kind, found.status) == ("template", "SKU-2", "stocked", "active")
    assert [one.value for one in found.identifiers if one.issuer == "shop/product"] == ["87"]
    assert len(products(woo_product(type="variable", variations=[88, 89]))) == 1


def test_a_sale_price_stands_beside_the_regular_one() -> None:
    (plain,) = proposals(woo_product())
    assert (plain.key, str(plain.unit_price.amount), plain.compare_at) == ("acme/EU/SKU-1", "5.00", None)
    (reduced,) = proposals(woo_product(price="4.00", sale_price="4.00"))
    assert reduced.compare_at is not None
    assert (str(reduced.unit_price.amount), str(reduced.compare_at.amount)) == ("4.00", "5.00")
    assert proposals(woo_product(type="variable")) == []
    assert proposals(woo_product(status="trash")) == []
    assert proposals(woo_product(price="", regular_price="")) == []


@pytest.mark.parametrize(("document", "event"), [({"id": 87}, None), ({"id": 87}, "product.deleted")])
def test_a_deleted_product_is_gone(document: object, event: str | None) -> None:
    (found,) = products(document, event=event)
    assert (found.key, found.status, found.change) == ("acme/product:87", "deleted", "deleted")
    (named,) = products(woo_product(), event="product.deleted")
    assert (named.key, named.status) == ("acme/SKU-1", "deleted")


@pytest.mark.parametrize("name", ["data", "products", "update", "create"])
def test_a_list_of_products_holds_each(name: str) -> None:
    split = FORMATS[PRODUCT].split
    assert split is not None
    parts = split(record({name: [woo_product(), woo_product(id=2)]}), IN_EUR).parts
    assert [part.key for part in parts] == ["acme/shop/product:87", "acme/shop/product:2"]
    assert products({"data": woo_product()})[0].sku == "SKU-1"


def test_the_legacy_product_is_wrapped() -> None:
    legacy = {"id": 87, "sku": "SKU-1", "managing_stock": True, "status": "publish", "regular_price": "5.00"}
    legacy |= {"created_at": "2026-01-26T19:19:06Z", "updated_at": "2026-01-26T19:19:06Z"}
    (found,) = products({"product": legacy})
    assert (found.kind, found.change, found.revision.value[:10]) == ("stocked", "created", "2026-01-26")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (woo_product(id=""), ("id_missing", "$.id")),
        (woo_product(weight="heavy"), ("amount_unparsable", "$.weight")),
        ({"id": 1, "sku": "A"}, ("time_invalid", "$.date_modified_gmt")),
    ],
)
def test_a_product_that_cannot_be_read_is_refused(document: object, expected: tuple[str, str]) -> None:
    assert refusal_of(PRODUCT, document) == expected


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"order": one}])
def test_an_order_of_the_legacy_api_is_an_order(wrap: Any) -> None:
    found = order_of(ORDER, wrap(legacy_order()))
    assert (found.order_id, found.order_name, found.notes) == ("645", "1645", "ring twice")
    assert totals(found) == ("20.00", "5.00", "0.00", "1.75", "26.75")
    assert (differences(found), found.payment.status) == ({}, "paid")
    assert found.placed.instant.isoformat() == "2026-01-31T23:30:00+00:00"
    assert found.revision.value == "2026-02-01T08:00:00.000000Z"
    assert [(one.rate_percent, one.jurisdiction) for one in found.lines[0].tax_lines] == [(None, "Tax")]
    assert {one.role.value for one in found.parties} == {"buyer", "bill_to"}


def test_figures_of_the_legacy_api_are_compared() -> None:
    found = order_of(ORDER, legacy_order(subtotal="21.00", total_line_items_quantity=3, shipping_tax="0.30"))
    assert differences(found) == {
        ("subtotal", "stated.subtotal"): "1.00",
        ("quantity_total", "quantity_total"): "1",
        ("tax_total", "stated.tax"): "0.05",
        ("order_total", "stated.total"): "0.05",
    }


def test_version_1_of_the_rest_api_has_local_times_and_text_amounts() -> None:
    first = woo_order(woo_line(price="10.00", meta=[]))
    for name in ("date_created_gmt", "date_modified_gmt", "date_paid_gmt"):
        del first[name]
    found = order_of(ORDER, first)
    assert found.placed.instant.isoformat() == "2026-01-31T19:30:00+00:00"
    assert (found.revision.value, differences(found)) == ("2026-02-01T04:00:00.000000Z", {})
    nowhere = profile(channel={"commitment": "sold"})
    assert refusal_of(ORDER, first, partner=nowhere) == ("time_invalid", "$.date_created")


def test_a_discount_after_tax_of_the_oldest_api_lowers_the_total() -> None:
    found = order_of(ORDER, legacy_order(order_discount="2.00", total_discount="2.00", total="24.75"))
    assert differences(found) == {}
    assert (str(found.computed.discount.amount), str(found.lines[0].net.amount)) == ("-2.00", "18.00")


def test_two_taxes_without_rate_name_no_line() -> None:
    taxes = [
        {"code": "A", "title": "Federal", "total": "1.00"},
        {"code": "B", "title": "State", "total": "0.75"},
    ]
    found = order_of(ORDER, legacy_order(tax_lines=taxes))
    assert [one.jurisdiction for one in found.lines[0].tax_lines] == [""]


def test_a_refusal_names_the_place_in_the_legacy_payload() -> None:
    document = {"order": legacy_order(created_at="soon")}
    assert refusal_of(ORDER, document) == ("time_invalid", "$.order.created_at")
    assert refusal_of(ORDER, {"order": legacy_order(total_shipping="x", shipping_lines=[])}) == (
        "amount_unparsable",
        "$.order.total_shipping",
    )
    assert refusal_of(ORDER, {"order": woo_order(total="x")}) == ("amount_unparsable", "$.order.total")
    document = {"order": legacy_order(status="new-word")}
    assert [one.path for one in reading_of(ORDER, document).warnings] == ["$.order.status"]
    assert FORMATS[ORDER].key(record(document)) == "order:645"


@settings(max_examples=40, deadline=None)
@given(legacy_orders())
def test_a_generated_legacy_order_yields_its_facts(facts: LegacyFacts) -> None:
    found = order_of(ORDER, facts.payload)
    sums = found.computed
    ours = (sums.subtotal, sums.shipping, sums.discount, sums.tax, sums.total)
    assert [int(one.amount * 100) for one in ours] == facts.sums
    assert int(found.quantity_total) == facts.pieces
    difference = facts.stated_total - facts.sums[4]
    assert [int(one.difference * 100) for one in found.variances] == ([difference] if difference else [])
