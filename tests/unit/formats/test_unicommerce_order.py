"""Unicommerce sale orders: one claim per quirk of real payloads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.canonical.models import Order
from crossdock.canonical.record import Record
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import differences, order_of, profile, reading_of, refusal_of, totals

Document = dict[str, Any]
PARTNER = profile(money={"amounts": "major_number", "tax_mode": "stated"})


def row(**changes: Any) -> Document:
    """One unit of 648.00, of which 9.09 are taken off."""
    return {
        "code": "SKU-1-0",
        "itemSku": "SKU-1",
        "sellingPrice": 638.91,
        "totalPrice": 638.91,
        "discount": 9.09,
        "statusCode": "CREATED",
        "facilityCode": "EX-1",
        "shippingAddressId": 2,
    } | changes


def document(*rows: Document, **changes: Any) -> Document:
    """An order of one row."""
    return {
        "code": "SO1",
        "displayOrderCode": "EX-1",
        "status": "PROCESSING",
        "displayOrderDateTime": 1772562600000,
        "created": 1772612345000,
        "updated": 1772615945000,
        "currencyCode": "INR",
        "cod": False,
        "saleOrderItems": list(rows) or [row()],
    } | changes


def unicommerce(payload: object, **options: Any) -> Order:
    return order_of("unicommerce_order", payload, **{"partner": PARTNER} | options)


def warnings(payload: object) -> list[str]:
    return [one.code for one in reading_of("unicommerce_order", payload, partner=PARTNER).warnings]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code": ""}, ("id_missing", "$.code")),
        ({"saleOrderItems": None}, ("lines_missing", "$.saleOrderItems")),
        (
            {"saleOrderItems": [row(sellingPrice=None, totalPrice=None)]},
            ("amount_unparsable", "$.saleOrderItems[0].sellingPrice"),
        ),
        ({"displayOrderDateTime": None, "created": None}, ("time_invalid", "$.displayOrderDateTime")),
        ({"displayOrderDateTime": "soon"}, ("time_invalid", "$.displayOrderDateTime")),
        ({"currencyCode": None}, ("currency_missing", "$.currencyCode")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(changes: Document, expected: tuple[str, str]) -> None:
    assert refusal_of("unicommerce_order", document(**changes), partner=PARTNER) == expected


def test_an_answer_without_an_order_is_refused() -> None:
    answer = {"successful": False, "message": None, "errors": [{"code": 1}], "saleOrderDTO": None}
    assert refusal_of("unicommerce_order", answer, partner=PARTNER) == ("id_missing", "$.code")


def test_one_row_is_one_unit_and_stays_a_line() -> None:
    rows = [row(code=f"SKU-1-{unit}") for unit in range(10)] + [row(code="SKU-1-10", sellingPrice=638.9,
            totalPrice=638.9, discount=9.1)]  # fmt: skip
    found = unicommerce({"saleOrderDTO": document(*rows)})
    assert (found.line_count, int(found.quantity_total), totals(found)[4]) == (11, 11, "7028.00")
    assert {line.price_basis.value for line in found.lines} == {"per_unit_row"}
    assert (str(found.lines[0].extended.amount), str(found.lines[0].net.amount)) == ("648.00", "638.91")
    assert found.variances == ()


def test_a_row_with_a_quantity_keeps_its_amounts() -> None:
    payload = document(row(quantity=2, sellingPrice=2000.0, totalPrice=2000.0, discount=0))
    found = unicommerce(payload)
    assert (int(found.quantity_total), totals(found)[4], warnings(payload)) == (
        2,
        "2000.00",
        ["quantity_in_row"],
    )


def test_times_are_milliseconds_since_1970() -> None:
    found = unicommerce(document())
    assert found.placed.instant.isoformat() == "2026-03-03T18:30:00+00:00"
    assert found.revision.value == "2026-03-04T09:19:05.000000Z"


def test_charges_of_a_row_are_beside_its_price() -> None:
    one = row(totalPrice=668.91, shippingCharges=10, cashOnDeliveryCharges=15.0, giftWrapCharges=5)
    found = unicommerce(document(one))
    assert [one.kind.value for one in found.lines[0].adjustments] == [
        "discount",
        "shipping",
        "fee",
        "gift_wrap",
    ]
    assert (totals(found)[1], totals(found)[4], found.variances) == ("10.00", "668.91", ())


def test_a_total_price_that_disagrees_is_flagged_exactly() -> None:
    found = unicommerce(document(row(totalPrice=640)))
    assert differences(found) == {("line_extension", "SKU-1-0.totalPrice"): "1.09"}


def test_taxes_are_inside_of_the_price_unless_the_profile_says_otherwise() -> None:
    taxed = document(row(totalIntegratedGst=97.46, integratedGstPercentage=18))
    found = unicommerce(taxed)
    assert (found.tax_mode, totals(found)[3:]) == ("inclusive", ("97.46", "638.91"))
    exclusive = profile(money={"amounts": "major_number", "tax_mode": "exclusive"})
    assert totals(unicommerce(taxed, partner=exclusive))[4] == "736.37"


@pytest.mark.parametrize(
    ("changes", "payment", "cancellation"),
    [
        ({}, "paid", "none"),
        ({"cod": True}, "pending", "none"),
        ({"cod": None}, "unknown", "none"),
        ({"status": "CANCELLED"}, "voided", "cancelled"),
        ({"saleOrderItems": [row(), row(code="B", statusCode="CANCELLED")]}, "paid", "partial"),
    ],
)
def test_statuses(changes: Document, payment: str, cancellation: str) -> None:
    found = unicommerce(document(**changes))
    assert (found.payment.status, found.cancellation.status) == (payment, cancellation)


def test_what_left_and_came_back() -> None:
    returns = [{"code": "R1", "returnItems": [{"saleOrderItemCode": "A"}]}]
    found = unicommerce(document(row(code="A", statusCode="DELIVERED"), row(code="B"), returns=returns))
    assert [(int(one.fulfilled_reported.value), int(one.returned_reported.value)) for one in found.lines] == [
        (1, 1),
        (0, 0),
    ]


def test_the_rows_address_is_where_it_goes() -> None:
    addresses = [{"id": "1", "addressLine1": "1 Example Road"}, {"id": "2", "addressLine1": "2 Example Road"}]
    found = unicommerce(document(addresses=addresses, billingAddress=addresses[0]))
    assert [(one.role.value, one.address and one.address.lines) for one in found.parties] == [
        ("bill_to", ("1 Example Road",)),
        ("ship_to", ("2 Example Road",)),
    ]
    assert found.location_hint == "EX-1"


def test_a_page_of_thin_elements_is_refused_one_by_one() -> None:
    page = {"successful": True, "elements": [{"code": "SO1", "created": 1}, {"code": "SO2", "created": 1}]}
    split = FORMATS["unicommerce_order"].split
    assert split is not None
    parts = split(Record("t", 0, 0, b"acme/shop/file", json.dumps(page).encode()), PARTNER).parts
    assert [part.key for part in parts] == ["acme/shop/order:SO1", "acme/shop/order:SO2"]
    thin = json.loads(parts[0].value) | {"currencyCode": "INR"}
    assert refusal_of("unicommerce_order", thin, partner=PARTNER)[0] == "lines_missing"
