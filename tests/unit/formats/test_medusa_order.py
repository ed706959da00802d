"""Medusa orders: one claim per quirk of real payloads."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from crossdock.canonical.models import Order
from crossdock.canonical.record import Record
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import differences, order_of, profile, reading_of, refusal_of, totals, without

Document = dict[str, Any]
MAJOR = profile(money={"amounts": "major_number", "tax_mode": "stated"})
MINOR = profile(money={"amounts": "minor_integer", "tax_mode": "stated"})


def item(**changes: Any) -> Document:
    """One item of version 2: 2 × 10.50."""
    return {
        "id": "i1",
        "variant_sku": "SKU-1",
        "variant_id": "v1",
        "quantity": 2,
        "unit_price": 10.5,
    } | changes


def document(*items: Document, **changes: Any) -> Document:
    """An order of version 2 with one item, consistent with itself."""
    return {
        "id": "order_1",
        "display_id": 42,
        "status": "pending",
        "payment_status": "captured",
        "currency_code": "eur",
        "created_at": "2026-01-31T23:30:00.000Z",
        "updated_at": "2026-01-31T23:30:00.000Z",
        "item_subtotal": 21,
        "total": 21,
        "items": list(items) or [item()],
    } | changes


def old(**changes: Any) -> Document:
    """An order of version 1 with one item: 2 × 10.50 as whole minor units."""
    one = {"id": "i1", "variant": {"sku": "SKU-1"}, "quantity": 2, "unit_price": 1050, "should_merge": True}
    base = without(document(one), "item_subtotal")
    return (
        base | {"region": {"currency_code": "eur", "tax_rate": 0}, "subtotal": 2100, "total": 2100} | changes
    )


def medusa(payload: object, **options: Any) -> Order:
    return order_of("medusa_order", payload, **{"partner": MAJOR} | options)


def warnings(payload: object, partner: Any = MAJOR) -> list[str]:
    return [one.code for one in reading_of("medusa_order", payload, partner=partner).warnings]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, ("id_missing", "$.id")),
        ({"items": []}, ("lines_missing", "$.items")),
        ({"items": [item(unit_price=None)]}, ("amount_unparsable", "$.items[0].unit_price")),
        ({"items": [item(quantity=None)]}, ("field_invalid", "$.items[0].quantity")),
        ({"created_at": None, "updated_at": None}, ("time_invalid", "$.created_at")),
        ({"currency_code": None}, ("currency_missing", "$.currency_code")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(changes: Document, expected: tuple[str, str]) -> None:
    assert refusal_of("medusa_order", document(**changes), partner=MAJOR) == expected


@pytest.mark.parametrize(
    "event", [{"name": "order.placed", "data": {"id": "order_1"}}, {"event": "order.placed", "id": "order_1"}]
)
def test_an_event_that_names_the_order_alone_is_refused(event: Document) -> None:
    code, path = refusal_of("medusa_order", event, partner=MAJOR)
    assert (code, path.endswith(".items")) == ("lines_missing", True)


@pytest.mark.parametrize("changes", [{"status": "draft"}, {"is_draft_order": True}])
def test_a_draft_is_no_order(changes: Document) -> None:
    refused = ("field_invalid", "$.status")
    assert refusal_of("medusa_order", document(**changes), partner=MAJOR) == refused
    assert medusa(document(is_draft_order=False, draft_order_id="draft_1")).order_id


@pytest.mark.parametrize("partner", [MAJOR, MINOR])
def test_the_payload_tells_the_version_and_with_it_how_money_is_written(partner: Any) -> None:
    for payload in (document(), old()):
        found = medusa(payload, partner=partner)
        assert (totals(found), found.variances) == (("21.00", "0.00", "0.00", "0.00", "21.00"), ())
    assert warnings(document(), partner) == ([] if partner is MAJOR else ["amounts_differ"])
    assert warnings(old(), partner) == ([] if partner is MINOR else ["amounts_differ"])


def test_a_payload_that_does_not_tell_follows_the_profile() -> None:
    payload = document({"id": "i1", "quantity": 1, "unit_price": 21})
    payload = without(payload, "item_subtotal")
    assert totals(medusa(payload))[4] == "21.00"
    assert totals(medusa(payload | {"total": 21}, partner=MINOR))[4] == "0.21"


def test_a_selection_without_the_orders_time_takes_that_of_its_items() -> None:
    one = item(created_at="2026-01-31T23:30:00.500Z")
    payload = without(document(one), "created_at", "updated_at")
    assert medusa(payload).placed.instant.isoformat() == "2026-01-31T23:30:00.500000+00:00"
    assert warnings(payload) == ["placed_missing"]


def test_a_raw_figure_is_taken_before_the_number_beside_it() -> None:
    exact = {"value": "0.1000000000000000055", "precision": 20}
    found = medusa(
        document(item(quantity=10, unit_price=0.1, raw_unit_price=exact), item_subtotal=1, total=1)
    )
    assert totals(found)[4] == "1.00"
    found = medusa(document(item(unit_price=9, raw_unit_price={"value": "10.5"})))
    assert (totals(found)[4], differences(found)) == (
        "21.00",
        {("unit_price", "$.items[0].unit_price"): "-1.50"},
    )


def test_discounts_are_stated_positive() -> None:
    one = item(adjustments=[{"amount": 1, "code": "ONE"}], discount_total=1)
    found = medusa(document(one, discount_total=1, total=20))
    assert (totals(found), found.variances) == (("21.00", "0.00", "-1.00", "0.00", "20.00"), ())
    assert found.lines[0].adjustments[0].reason_raw == "ONE"


def test_tax_is_beside_the_price_or_inside_of_it() -> None:
    taxes = {"tax_lines": [{"rate": 5, "code": "VAT", "total": 1}], "tax_total": 1}
    beside = medusa(document(item(**taxes), tax_total=1, total=22))
    assert (beside.tax_mode, totals(beside)[3:], beside.variances) == ("exclusive", ("1.00", "22.00"), ())
    inside = medusa(document(item(**taxes, is_tax_inclusive=True), tax_total=1, item_subtotal=20))
    assert (inside.tax_mode, totals(inside)[3:], inside.variances) == ("inclusive", ("1.00", "21.00"), ())


def test_a_discount_on_a_price_with_tax_is_the_total_with_tax() -> None:
    one = item(unit_price=11.9, quantity=1, is_tax_inclusive=True, tax_total=1.71, discount_total=1.19,
               adjustments=[{"amount": 1, "code": "ONE"}])  # fmt: skip
    found = medusa(
        document(
            one, discount_total=1.19, tax_total=1.71, item_subtotal=10, original_item_total=11.9, total=10.71
        )
    )
    assert (totals(found), found.variances) == (("11.90", "0.00", "-1.19", "1.71", "10.71"), ())
    assert found.lines[0].adjustments[0].reason_raw == "ONE"


def test_a_profile_that_says_otherwise_of_tax_is_told() -> None:
    inclusive = profile(money={"amounts": "major_number", "tax_mode": "inclusive"})
    assert warnings(document(), inclusive) == ["tax_mode_differs"]


def test_mixed_tax_inclusion_is_told() -> None:
    payload = document(item(is_tax_inclusive=True), item(id="i2", is_tax_inclusive=False), total=42)
    assert "tax_mode_mixed" in warnings(payload)


def test_shipping_of_both_versions() -> None:
    new = medusa(document(shipping_methods=[{"name": "Post", "amount": 5, "tax_total": 1}], total=27))
    assert (totals(new)[1], new.shipping_method_raw, totals(new)[4]) == ("5.00", "Post", "27.00")
    method = {"price": 500, "shipping_option": {"name": "Post"}, "tax_total": 100}
    former = medusa(old(shipping_methods=[method], shipping_total=500, total=2700), partner=MINOR)
    assert (totals(former)[1], former.shipping_method_raw, former.variances) == ("5.00", "Post", ())


def test_gift_cards_lower_the_total() -> None:
    found = medusa(old(gift_card_total=100, total=2000), partner=MINOR)
    assert (totals(found)[4], found.variances) == ("20.00", ())


def test_credit_lines_lower_the_total() -> None:
    found = medusa(document(credit_line_total=1, total=20))
    assert (totals(found)[4], found.variances) == ("20.00", ())


def test_what_needs_no_shipping_is_digital() -> None:
    items = (item(requires_shipping=False), item(id="i2", is_giftcard=True), item(id="i3"))
    found = medusa(document(*items, item_subtotal=63, total=63))
    assert [one.kind.value for one in found.lines] == ["digital", "gift_card", "goods"]


def test_what_is_stated_for_the_order_only_is_allocated() -> None:
    payload = document(discount_total=1, tax_total=2, shipping_total=3, shipping_subtotal=3, total=25)
    assert (totals(medusa(payload))[4], medusa(payload).variances) == ("25.00", ())
    assert warnings(payload) == ["not_itemised", "not_itemised", "not_itemised"]


def test_quantities_of_both_versions() -> None:
    moved = {"shipped_quantity": 1, "return_received_quantity": 1}
    new = medusa(document(item(detail=moved))).lines[0]
    assert (int(new.fulfilled_reported.value), int(new.returned_reported.value)) == (1, 1)
    former = medusa(document(item(fulfilled_quantity=2, returned_quantity=1))).lines[0]
    assert (int(former.fulfilled_reported.value), int(former.returned_reported.value)) == (2, 1)


@pytest.mark.parametrize(
    ("changes", "payment", "cancellation"),
    [
        ({}, "paid", "none"),
        ({"payment_status": "awaiting"}, "pending", "none"),
        ({"payment_status": "not_paid", "status": "canceled"}, "pending", "cancelled"),
        ({"canceled_at": "2026-02-01T00:00:00.000Z"}, "paid", "cancelled"),
        ({"payment_status": "odd"}, "unknown", "none"),
        ({"payment_status": None}, "unknown", "none"),
    ],
)
def test_statuses(changes: Document, payment: str, cancellation: str) -> None:
    found = medusa(document(**changes))
    assert (found.payment.status, found.cancellation.status) == (payment, cancellation)


def test_payments_and_refunds() -> None:
    paid = {"id": "p", "amount": 21, "captured_at": "2026-02-01T00:00:00Z", "refunds": [{"amount": 1}]}
    found = medusa(document(payment_collections=[{"payments": [paid, {"amount": 9, "canceled_at": "x"}]}]))
    assert [(one.kind.value, str(one.amount.amount)) for one in found.payment.payments] == [
        ("sale", "21.00"),
        ("refund", "1.00"),
    ]


def test_totals_that_disagree_are_flagged_exactly() -> None:
    found = medusa(document(total=21.01, item_subtotal=20))
    assert differences(found) == {
        ("order_total", "stated.total"): "0.01",
        ("subtotal", "stated.subtotal"): "-1.00",
    }


def test_a_list_is_split() -> None:
    page = {"orders": [document(), document(id="order_2")], "count": 2, "offset": 0, "limit": 50}
    split = FORMATS["medusa_order"].split
    assert split is not None
    parts = split(Record("t", 0, 0, b"acme/shop/file", json.dumps(page).encode()), MAJOR).parts
    assert [part.key for part in parts] == ["acme/shop/order:order_1", "acme/shop/order:order_2"]


def test_version_1_with_prices_that_include_tax_is_read_without() -> None:
    """Its totals are made of each `subtotal`, which has no tax: 20.00 with 25 % are 16.00."""
    taxed = {"rate": 25, "name": "default"}
    one = {"id": "i1", "variant": {"sku": "SKU-1"}, "quantity": 2, "unit_price": 1000, "includes_tax": True}
    one |= {"subtotal": 1600, "discount_total": 160, "adjustments": [{"amount": 160, "description": "TEN"}]}
    one |= {"tax_lines": [taxed], "tax_total": 360, "total": 1800, "original_total": 2000}
    freight = {"price": 990, "subtotal": 792, "total": 990, "tax_total": 198, "includes_tax": True}
    sums = {"subtotal": 1600, "shipping_total": 792, "discount_total": 160, "tax_total": 558, "total": 2790}
    found = medusa(
        old(items=[one], shipping_methods=[freight | {"tax_lines": [taxed]}], **sums), partner=MINOR
    )
    assert (found.tax_mode, totals(found)) == ("exclusive", ("16.00", "7.92", "-1.60", "5.58", "27.90"))
    assert (differences(found), str(found.lines[0].unit_price and found.lines[0].unit_price.amount)) == (
        {},
        "10.00",
    )
    bare = without(one, "subtotal") | {"adjustments": [], "discount_total": 0, "tax_total": 400}
    assert medusa(old(items=[bare], subtotal=None, total=2000), partner=MINOR).tax_mode == "inclusive"


def test_shipping_without_amounts_is_the_orders_shipping_total() -> None:
    payload = document(shipping_methods=[{"shipping_option": {"name": "Post"}}], shipping_total=5, total=26)
    found = medusa(payload)
    assert (totals(found), differences(found)) == (("21.00", "5.00", "0.00", "0.00", "26.00"), {})
    assert (found.shipping_method_raw, warnings(payload)) == ("Post", ["not_itemised"])


def test_a_shorter_answer_states_a_subtotal_and_a_shipping_total() -> None:
    short = without(document(subtotal=21.01, shipping_total=0), "item_subtotal")
    assert differences(medusa(short)) == {("subtotal", "stated.subtotal"): "0.01"}
    freight = {"amount": 5, "tax_lines": []}
    shipped = without(document(shipping_methods=[freight], shipping_total=5.01, total=26), "item_subtotal")
    assert differences(medusa(shipped)) == {("shipping", "stated.shipping"): "0.01"}
    taxed = freight | {"tax_total": 1, "tax_lines": [{"rate": 20, "total": 1}]}
    shipped |= {"shipping_methods": [taxed], "shipping_total": 6, "tax_total": 1, "total": 27}
    assert differences(medusa(shipped)) == {}


def test_an_items_subtotal_is_its_price_times_its_quantity() -> None:
    found = medusa(document(item(subtotal=21.5), item_subtotal=21.5, total=21.5))
    assert differences(found) == {("line_extension", "i1"): "0.50"}
    assert totals(found)[0] == "21.50"


@pytest.mark.parametrize(
    ("subtotal", "expected"),
    [
        (26, {}),
        (21, {}),
        (26.01, {("subtotal", "subtotal"): "0.01"}),
        (25, {("subtotal", "subtotal"): "-1.00"}),
    ],
)
def test_the_subtotal_of_version_2_has_the_shipping(subtotal: object, expected: dict[Any, str]) -> None:
    freight = {"amount": 5, "is_tax_inclusive": False}
    sums = {"item_subtotal": 21, "shipping_subtotal": 5, "shipping_total": 5, "total": 26}
    found = medusa(document(shipping_methods=[freight], subtotal=subtotal, **sums))
    assert differences(found) == expected


def test_a_subtotal_of_its_own_parts_says_no_more_than_they() -> None:
    found = medusa(document(item_subtotal=22, shipping_subtotal=0, subtotal=22))
    assert differences(found) == {("subtotal", "stated.subtotal"): "1.00"}


_FULL: Final = {
    "original_total": 31.2,
    "original_item_total": 25.2,
    "original_shipping_total": 6,
    "original_item_subtotal": 21,
    "item_subtotal": 21,
    "item_tax_total": 4.2,
    "item_total": 24.2,
    "shipping_subtotal": 5,
    "shipping_tax_total": 1,
    "shipping_total": 6,
    "discount_subtotal": 1,
    "discount_total": 1.2,
    "subtotal": 26,
    "tax_total": 5.2,
    "total": 30.2,
}


def full(**changes: Any) -> Document:
    """A full answer of version 2: each total with and without tax, as the order and its items have it."""
    figures = {"subtotal": 21, "discount_subtotal": 1, "discount_total": 1.2, "tax_total": 4.2, "total": 24.2}
    figures |= {"original_total": 25.2}
    one = item(adjustments=[{"amount": 1}], tax_lines=[{"rate": 20, "total": 4.2}], **figures)
    own = {
        "subtotal": 5,
        "discount_subtotal": 0,
        "discount_total": 0,
        "tax_total": 1,
        "total": 6,
        "original_total": 6,
    }
    method = {"amount": 5, "tax_lines": [{"rate": 20, "total": 1}], **own}
    return document(one | changes.pop("item", {}), shipping_methods=[method], **(_FULL | changes))


@pytest.mark.parametrize("name", sorted(_FULL))
def test_each_total_of_a_full_answer_is_told_once(name: str) -> None:
    assert medusa(full()).variances == ()
    assert list(differences(medusa(full(**{name: _FULL[name] + 2}))).values()) == ["2.00"]


def test_an_items_own_total_is_compared() -> None:
    assert differences(medusa(full(item={"total": 25}))) == {("net_amount", "$.items[0].total"): "0.80"}
    assert differences(medusa(full(item={"raw_quantity": {"value": "2"}, "quantity": 3}))) == {
        ("quantity_total", "$.items[0].quantity"): "1"
    }


def test_an_items_own_total_of_version_1_is_compared() -> None:
    one = {"id": "i1", "quantity": 2, "unit_price": 1050, "should_merge": True, "subtotal": 2100}
    figures = {"discount_total": 0, "tax_total": 420, "total": 2600, "gift_card_total": 0}
    found = medusa(old(items=[one | figures], tax_total=420, item_tax_total=430, total=2520), partner=MINOR)
    assert differences(found) == {
        ("net_amount", "$.items[0].total"): "0.80",
        ("tax_total", "item_tax_total"): "0.10",
    }
