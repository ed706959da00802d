"""Shopify orders: identity, times, payment, cancellation, parties; one claim per quirk."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import PROFILE, profile, reading_of, record, refusal_of
from tests.kit.shopify_documents import line, order, refused, shopify, warnings


def test_a_64_bit_id_is_text_and_the_name_is_no_identity() -> None:
    found = shopify(order())
    assert (found.order_id, found.order_name) == ("820982911946154508", "#1001")
    assert found.key == "acme/shop/820982911946154508"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: one,
        lambda one: {"order": one},
        lambda one: {"detail": {"payload": one}},
        lambda one: {"headers": {"x-shopify-topic": "orders/create"}, "body": one},
        lambda one: {"body": {"order": one}},
        lambda one: {"request_data": {"order": one}},
    ],
)
def test_a_wrapped_order_is_the_same_order(wrap: Any) -> None:
    assert reading_of("shopify_order", wrap(order())).digest == reading_of("shopify_order", order()).digest


def test_a_page_inside_an_envelope_is_split() -> None:
    split = FORMATS["shopify_order"].split
    assert split is not None
    page = {"orders": [order(), order(id=43)]}
    for document in (page, {"statusCode": 200, "body": page}, {"detail": page}):
        assert len(split(record(document), PROFILE).parts) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, ("id_missing", "$.id")),
        ({"id": ""}, ("id_missing", "$.id")),
        ({"id": "NULL"}, ("id_missing", "$.id")),
        ({"id": {"a": 1}}, ("field_invalid", "$.id")),
        ({"id": 1.5}, ("field_invalid", "$.id")),
        ({"line_items": []}, ("lines_missing", "$.line_items")),
        ({"line_items": None}, ("lines_missing", "$.line_items")),
        ({"line_items": {"a": 1}}, ("field_invalid", "$.line_items")),
        ({"line_items": [line(), 7]}, ("field_invalid", "$.line_items[1]")),
        ({"line_items": [line(price=None)]}, ("amount_unparsable", "$.line_items[0].price")),
        ({"line_items": [line(price="ten")]}, ("amount_unparsable", "$.line_items[0].price")),
        ({"line_items": [line(price=True)]}, ("amount_unparsable", "$.line_items[0].price")),
        ({"line_items": [line(quantity=None)]}, ("field_invalid", "$.line_items[0].quantity")),
        ({"line_items": [line(quantity="two")]}, ("amount_unparsable", "$.line_items[0].quantity")),
        ({"total_price": "12,3"}, ("amount_unparsable", "$.total_price")),
        ({"currency": None}, ("currency_missing", "$.currency")),
        ({"currency": "DOLLAR"}, ("currency_unknown", "$.currency")),
        ({"presentment_currency": "QQQ"}, ("currency_unknown", "$.presentment_currency")),
        ({"created_at": "yesterday", "processed_at": None}, ("time_invalid", "$.created_at")),
        ({"updated_at": "2026-02-31T00:00:00Z"}, ("time_invalid", "$.updated_at")),
        ({"admin_graphql_api_id": "gid://shopify/DraftOrder/5"}, ("field_invalid", "$")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(order(**changes)) == expected


@pytest.mark.parametrize(
    "document",
    [
        {"draft_order": order()},
        {"checkouts": [order()]},
        order(abandoned_checkout_url="https://shop.example.com/1"),
        order(invoice_sent_at=None),
    ],
)
def test_a_draft_order_or_a_checkout_is_no_sale(document: Any) -> None:
    assert refused(document) == ("field_invalid", "$")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"id": "eeaf", "line_items": [line(line_price="20.00")]}, "$"),
        ({"id": 1, "order_id": 4, "tracking_number": None, "line_items": [line()]}, "$.order_id"),
        ({"id": 1, "order_id": 4, "refund_line_items": []}, "$.refund_line_items"),
    ],
)
def test_a_cart_a_fulfillment_and_a_refund_are_no_orders(document: Any, expected: str) -> None:
    """Not even where the profile names the currency that they leave out."""
    partner = profile(money={"amounts": "major_text", "tax_mode": "stated", "currency": "USD"})
    assert refusal_of("shopify_order", document, partner=partner) == ("field_invalid", expected)
    assert shopify(order(order_id=4, tracking_number="T-1")).order_id == "820982911946154508"


@pytest.mark.parametrize("nothing", [None, "", " ", "None", "null", "N/A"])
def test_words_for_nothing_are_nothing(nothing: object) -> None:
    document = order(cancelled_at=nothing, total_tax=nothing, phone=nothing, po_number=nothing)
    found = shopify(document)
    assert (found.cancellation.status, found.stated.tax, found.buyer_reference) == ("none", None, None)


def test_an_id_that_stands_only_in_the_global_id_is_read() -> None:
    document = order(id=None, admin_graphql_api_id="gid://shopify/Order/450789469")
    assert shopify(document).order_id == "450789469"


def test_the_business_date_is_that_of_the_profiles_zone() -> None:
    found = shopify(order(processed_at="2026-01-31T23:30:00-05:00"))
    assert found.placed.instant.isoformat() == "2026-02-01T04:30:00+00:00"
    assert (found.placed.date.isoformat(), found.placed.zone) == ("2026-02-01", "Europe/Berlin")


def test_without_a_zone_the_written_offset_gives_the_date() -> None:
    no_zone = profile(channel={"commitment": "sold"})
    found = shopify(order(processed_at="2026-01-31T23:30:00-05:00"), partner=no_zone)
    assert (found.placed.date.isoformat(), found.placed.offset_minutes) == ("2026-01-31", -300)


def test_minus_zero_offset_means_that_the_local_offset_is_unknown() -> None:
    no_zone = profile(channel={"commitment": "sold"})
    found = shopify(order(processed_at="2026-05-17T04:14:36-00:00"), partner=no_zone)
    assert (found.placed.zone, found.placed.offset_minutes) == ("UTC", 0)


def test_a_naive_time_takes_the_profiles_zone_and_without_one_is_refused() -> None:
    document = order(processed_at=None, created_at="2026-07-01 10:00:00")
    assert shopify(document).placed.instant.isoformat() == "2026-07-01T08:00:00+00:00"
    no_zone = profile(channel={"commitment": "sold"})
    assert refused(document, partner=no_zone) == ("time_invalid", "$.created_at")


def test_states_are_ordered_by_updated_at_in_utc() -> None:
    revision = shopify(order(updated_at="2026-02-01T08:00:00+01:00")).revision
    assert (revision.kind, revision.value) == ("instant_coarse", "2026-02-01T07:00:00.000000Z")
    assert shopify(order(updated_at=None)).revision.kind == "none"


@pytest.mark.parametrize(
    ("raw", "status", "expected_warnings"),
    [
        ("authorized", "authorized", []),
        ("partially_refunded", "partially_refunded", []),
        ("voided", "voided", []),
        ("klarna_hold", "pending", []),
        ("new_word", "unknown", ["payment_status_unknown"]),
        (None, "unknown", ["payment_status_unknown"]),
    ],
)
def test_payment_status_is_the_tables_or_the_profiles(
    raw: str | None, status: str, expected_warnings: list[str]
) -> None:
    mapped = profile(status_map={"payment": {"klarna_hold": "pending"}})
    document = order(financial_status=raw)
    assert shopify(document, partner=mapped).payment.status == status
    assert warnings(document, partner=mapped) == expected_warnings


@pytest.mark.parametrize(
    ("changes", "event", "status", "change"),
    [
        ({}, None, "none", "updated"),
        ({}, "orders/create", "none", "created"),
        ({}, "orders/paid", "none", "updated"),
        ({"updated_at": "2026-01-31T23:30:00+01:00"}, None, "none", "created"),
        (
            {"cancelled_at": "2026-02-01T09:00:00+01:00", "cancel_reason": "customer"},
            None,
            "cancelled",
            "cancelled",
        ),
        ({"total_price": "0.00", "subtotal_price": "0.00"}, None, "none", "updated"),
        ({"financial_status": "refunded"}, None, "none", "updated"),
    ],
)
def test_cancellation_is_what_is_said_and_never_a_zero_value(
    changes: dict[str, Any], event: str | None, status: str, change: str
) -> None:
    found = shopify(order(**changes), event=event)
    assert (found.cancellation.status, found.change) == (status, change)


def test_a_cancel_event_with_a_null_time_is_a_cancellation() -> None:
    found = shopify(order(), event="orders/cancelled")
    assert (found.cancellation.status, found.cancellation.at) == ("cancelled", None)
    assert "cancelled_at_missing" in [
        one.code for one in reading_of("shopify_order", order(), event="orders/cancelled").warnings
    ]


def test_empty_addresses_and_names_are_none() -> None:
    found = shopify(order(billing_address={}, shipping_address=None, customer={}, email="", phone="N/A"))
    assert found.parties == ()


def test_parties_take_their_roles() -> None:
    address = {
        "first_name": "Test",
        "last_name": "Buyer 1",
        "address1": "1 Example Road",
        "city": "Example",
        "zip": "00001",
        "country_code": "us",
        "province_code": "CA",
        "company": "",
    }
    found = shopify(
        order(
            billing_address=address,
            shipping_address=address,
            email="buyer1@example.com",
            customer={"id": 7, "first_name": "Test", "last_name": "Buyer 1"},
        )
    )
    assert [(one.role.value, one.name) for one in found.parties] == [
        ("buyer", "Test Buyer 1"),
        ("bill_to", "Test Buyer 1"),
        ("ship_to", "Test Buyer 1"),
    ]
    place = found.parties[2].address
    assert place is not None
    assert (place.lines, place.country, place.postal_code) == (("1 Example Road",), "US", "00001")


def test_only_successful_transactions_are_payments() -> None:
    found = shopify(
        order(
            transactions=[
                {
                    "kind": "sale",
                    "status": "success",
                    "amount": "20.00",
                    "gateway": "bogus",
                    "authorization": "auth-1",
                    "created_at": "2026-01-31T23:30:00+01:00",
                },
                {"kind": "sale", "status": "failure", "amount": "20.00"},
            ]
        )
    )
    (payment,) = found.payment.payments
    assert (payment.kind, str(payment.amount.amount), payment.psp_reference) == ("sale", "20.00", "auth-1")


def test_tags_notes_and_a_touch_do_not_change_the_content() -> None:
    plain = reading_of("shopify_order", order()).digest
    touched = order(tags="exported", note="our mark", updated_at="2026-02-02T10:00:00+01:00")
    assert reading_of("shopify_order", touched).digest == plain
    assert reading_of("shopify_order", order(financial_status="pending")).digest != plain


def test_equal_figures_in_another_spelling_are_equal_content() -> None:
    spelled = order(line(price=10, quantity="2"), total_price="20.0", subtotal_price=20, total_tax="0")
    assert reading_of("shopify_order", spelled).digest == reading_of("shopify_order", order()).digest


def test_a_test_order_says_so() -> None:
    assert ("test", "true") in [(one.name, one.value) for one in shopify(order(test=True)).extensions]
