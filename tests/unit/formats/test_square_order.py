"""Square orders: generated ones yield their facts; one claim per quirk of real payloads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from crossdock.canonical.errors import Rejected
from crossdock.canonical.models import Order
from crossdock.canonical.schemas import schema_root
from crossdock.formats.square_order import FORMAT
from tests.kit.shop_reading import (
    PROFILE,
    differences,
    order_of,
    profile,
    reading_of,
    record,
    refusal_of,
    totals,
    without,
)
from tests.kit.square_documents import line, square_document, usd
from tests.kit.square_payloads import SquareFacts, square_orders

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FORM = "square_order"
Document = dict[str, Any]


def order(document: object, **options: Any) -> Order:
    return order_of(FORM, document, **options)


def warnings(document: object) -> list[str]:
    return [one.code for one in reading_of(FORM, document).warnings]


@QUICK
@given(square_orders())
def test_a_generated_order_yields_its_facts(facts: SquareFacts) -> None:
    found = order(facts.payload)
    amount = facts.currency.amount
    assert (found.order_id, found.currency, found.tax_mode) == (
        facts.order_id,
        facts.currency.code,
        facts.tax_mode,
    )
    assert (found.revision.kind, int(found.revision.value)) == ("counter", facts.version)
    assert found.placed.instant == facts.placed
    assert (found.payment.status, found.cancellation.status) == (facts.payment, facts.cancellation)
    for one, expected in zip(found.lines, facts.lines, strict=True):
        assert (one.line_id, one.ordered.value) == (expected.line_id, expected.ordered)
        assert one.fulfilled_reported.value == (expected.ordered if facts.is_handed_over else 0)
        assert (one.extended.amount, one.net.amount) == (amount(expected.gross), amount(expected.net))
        assert sum(tax.amount.amount for tax in one.tax_lines) == amount(expected.tax)
    for name in ("subtotal", "discount", "tax", "total"):
        assert getattr(found.computed, name).amount == amount(getattr(facts.sums, name)), name
    error = facts.currency.text(facts.total_error)
    assert differences(found) == ({("order_total", "stated.total"): error} if facts.total_error else {})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, ("id_missing", "$.id")),
        ({"created_at": None}, ("time_invalid", "$.created_at")),
        ({"state": "DRAFT"}, ("field_invalid", "$.state")),
        ({"line_items": []}, ("lines_missing", "$.line_items")),
        ({"line_items": None, "returns": [{}]}, ("lines_missing", "$.line_items")),
        ({"line_items": [line(quantity=None)]}, ("field_invalid", "$.line_items[0].quantity")),
        (
            {"line_items": [line(base_price_money=None, gross_sales_money=None)]},
            ("amount_unparsable", "$.line_items[0].base_price_money"),
        ),
        (
            {"line_items": [line(gross_sales_money=None, modifiers=[{"name": "x"}])]},
            ("amount_unparsable", "$.line_items[0].gross_sales_money"),
        ),
        (
            {"line_items": [line(gross_sales_money={"amount": 1, "currency": "EUR"})]},
            ("currency_mixed", "$.line_items[0].gross_sales_money.currency"),
        ),
        ({"total_money": {"amount": 10.5, "currency": "USD"}}, ("amount_unparsable", "$.total_money.amount")),
        ({"total_money": {"amount": 1, "currency": "QQQ"}}, ("currency_unknown", "$.total_money.currency")),
        (
            {"line_items": [line(quantity_unit={"measurement_unit": {"weight_unit": "METRIC_MOON"}})]},
            ("unit_unmapped", "$.line_items[0].quantity_unit.measurement_unit"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal_of(FORM, square_document(**changes)) == expected


def test_amounts_are_minor_units_by_the_currencys_exponent_whatever_the_profile_says() -> None:
    assert totals(order(square_document())) == ("10.00", "0.00", "0.00", "0.00", "10.00")
    yen = json.loads(json.dumps(square_document()).replace("USD", "JPY"))
    assert str(order(yen).computed.total.amount) == "1000"
    declared = profile(money={"amounts": "major_text", "tax_mode": "stated", "currency": "EUR"})
    assert refusal_of(FORM, square_document(), partner=declared)[0] == "currency_mixed"


def test_an_older_answer_states_the_parts_of_the_gross_amount() -> None:
    modifiers = [{"uid": "m", "base_price_money": usd(50), "total_price_money": usd(100)}]
    parts = line(gross_sales_money=None, variation_total_price_money=usd(1000), modifiers=modifiers)
    found = order(square_document(parts, total_money=usd(1100)))
    assert (str(found.lines[0].extended.amount), differences(found)) == ("11.00", {})
    plain = line(gross_sales_money=None, variation_total_price_money=usd(1001))
    assert differences(order(square_document(plain, total_money=usd(1001)))) == {
        ("line_extension", "l1"): "0.01"
    }


def test_a_weight_has_its_unit_and_its_fraction() -> None:
    unit = {"measurement_unit": {"type": "TYPE_WEIGHT", "weight_unit": "METRIC_KILOGRAM"}, "precision": 3}
    found = order(square_document(line(quantity="1.250", gross_sales_money=usd(625), quantity_unit=unit)))
    (only,) = found.lines
    assert (str(only.ordered.value), only.ordered.unit) == ("1.25", "KGM")
    assert only.unit_price is not None
    assert only.unit_price.per.unit == "KGM"


def test_taxes_inside_and_beside_the_price_may_stand_in_one_order() -> None:
    taxes = [
        {"uid": "in", "name": "VAT", "percentage": "20", "type": "INCLUSIVE"},
        {"uid": "on", "name": "City", "percentage": "1", "type": "ADDITIVE"},
    ]
    applied = [
        {"tax_uid": "in", "applied_money": usd(167)},
        {"tax_uid": "on", "applied_money": usd(10)},
    ]
    taxed = line(applied_taxes=applied, total_tax_money=usd(177))
    document = square_document(taxed, taxes=taxes, total_money=usd(1010), total_tax_money=usd(177))
    found = order(document)
    assert [(one.jurisdiction, one.is_included) for one in found.lines[0].tax_lines] == [
        ("VAT", True),
        ("City", False),
    ]
    assert (found.tax_mode, differences(found)) == ("unknown", {})
    assert str(found.lines[0].tax_lines[0].rate_percent) == "20"


@pytest.mark.parametrize("stated", [833, 1000])
def test_tax_inside_the_price_may_be_left_out_of_the_gross_amount(stated: int) -> None:
    taxes = [{"uid": "in", "name": "VAT", "percentage": "20", "type": "INCLUSIVE"}]
    modifiers = [{"uid": "m", "total_price_money": usd(60)}, {"uid": "n", "total_price_money": usd(40)}]
    applied = [{"tax_uid": "in", "applied_money": usd(167)}]
    sold = line(
        base_price_money=usd(450),
        gross_sales_money=usd(stated),
        modifiers=modifiers,
        applied_taxes=applied,
        total_tax_money=usd(167),
    )
    found = order(square_document(sold, taxes=taxes, total_tax_money=usd(167)))
    assert totals(found) == ("10.00", "0.00", "0.00", "1.67", "10.00")
    assert differences(found) == {}
    optional = sold | {"base_price_money": usd(0), "variation_total_price_money": usd(0)}
    priced = [{"uid": "m", "total_price_money": usd(1000)}]
    found = order(square_document(optional | {"modifiers": priced}, taxes=taxes, total_tax_money=usd(167)))
    assert (str(found.computed.total.amount), differences(found)) == ("10.00", {})
    unproven = order(square_document(sold | {"gross_sales_money": usd(834)}, taxes=taxes))
    assert str(unproven.lines[0].extended.amount) == "8.34"


def test_older_answers_define_taxes_and_discounts_in_the_line() -> None:
    sold = line(
        taxes=[{"name": "VAT", "type": "INCLUSIVE", "percentage": "8", "applied_money": usd(60)}],
        discounts=[{"name": "Loyal", "applied_money": usd(190)}],
        total_tax_money=usd(60),
        total_discount_money=usd(190),
        total_money=usd(810),
    )
    stated = {"total_money": usd(810), "total_tax_money": usd(60), "total_discount_money": usd(190)}
    found = order(square_document(sold, **stated))
    assert (found.tax_mode, totals(found), differences(found)) == (
        "inclusive",
        ("10.00", "0.00", "-1.90", "0.60", "8.10"),
        {},
    )
    (only,) = found.lines
    assert (only.tax_lines[0].jurisdiction, only.adjustments[0].reason_raw) == ("VAT", "Loyal")


def test_what_a_line_states_of_itself_is_compared_with_its_parts() -> None:
    discounts = [{"discount_uid": "d", "applied_money": usd(100)}]
    sold = line(
        applied_discounts=discounts,
        applied_taxes=[{"tax_uid": "on", "applied_money": usd(90)}],
        total_discount_money=usd(100),
        total_tax_money=usd(90),
        total_money=usd(990),
    )
    document = square_document(
        sold,
        taxes=[{"uid": "on", "type": "ADDITIVE"}],
        total_money=usd(990),
        total_tax_money=usd(90),
        total_discount_money=usd(100),
    )
    assert differences(order(document)) == {}
    for name, code in (
        ("total_money", "line_extension"),
        ("total_discount_money", "discount"),
        ("total_tax_money", "tax_total"),
    ):
        wrong = document | {"line_items": [sold | {name: usd(sold[name]["amount"] + 1)}]}
        assert differences(order(wrong)) == {(code, f"l1.{name}"): "0.01"}
    for amount in (990, 1010):  # a charge that is apportioned to the line stands in its total or beside it
        served = sold | {"total_service_charge_money": usd(20), "total_money": usd(amount)}
        assert differences(order(document | {"line_items": [served]})) == {}


def test_an_order_without_any_tax_has_no_tax_mode_to_ask_for() -> None:
    assert order(square_document()).tax_mode == "none"
    assert order(square_document(total_tax_money=None)).tax_mode == "unknown"


def test_an_order_that_sells_nothing_is_refused_before_its_money_is_asked_for() -> None:
    document = {"id": "R1", "created_at": "2026-07-16T00:00:00Z"}
    returned = document | {"returns": [{"source_order_id": "O1", "return_line_items": []}]}
    for one in (document, returned):
        assert refusal_of(FORM, one) == ("lines_missing", "$.line_items")


def test_service_charges_tips_and_rounding_are_charges() -> None:
    charges = [
        {"uid": "a", "name": "Bag", "applied_money": usd(50), "total_tax_money": usd(5)},
        {"uid": "b", "name": "Party of 8", "applied_money": usd(100), "type": "AUTO_GRATUITY"},
    ]
    document = square_document(
        service_charges=charges,
        total_tip_money=usd(200),
        rounding_adjustment={"name": "Cash", "amount_money": usd(-3)},
        total_money=usd(1352),
        total_tax_money=usd(5),
    )
    found = order(document)
    assert [(one.kind, str(one.amount.amount)) for one in found.adjustments] == [
        ("surcharge", "0.50"),
        ("gratuity", "1.00"),
        ("gratuity", "2.00"),
        ("rounding", "-0.03"),
    ]
    assert differences(found) == {}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "pending"),
        ({"state": "CANCELED"}, "voided"),
        ({"state": "COMPLETED"}, "paid"),
        ({"tenders": [{"id": "t", "amount_money": usd(1000), "type": "CASH"}]}, "paid"),
        ({"tenders": [{"id": "t", "amount_money": usd(400), "type": "CASH"}]}, "partially_paid"),
        (
            {"tenders": [{"id": "t", "amount_money": usd(1000), "card_details": {"status": "AUTHORIZED"}}]},
            "authorized",
        ),
        (
            {"tenders": [{"id": "t", "amount_money": usd(1000), "card_details": {"status": "VOIDED"}}]},
            "pending",
        ),
        (
            {
                "tenders": [{"id": "t", "amount_money": usd(1000), "type": "CARD"}],
                "refunds": [{"id": "r", "status": "APPROVED", "amount_money": usd(300)}],
            },
            "partially_refunded",
        ),
    ],
)
def test_the_payment_status_follows_from_tenders_and_refunds(changes: dict[str, Any], status: str) -> None:
    assert order(square_document(**changes)).payment.status == status


def test_a_tender_keeps_the_reference_of_its_payment() -> None:
    tender = {"id": "t", "payment_id": "PAY1", "type": "CARD", "amount_money": usd(1000)}
    (payment,) = order(square_document(tenders=[tender])).payment.payments
    assert (payment.kind, payment.psp_reference, payment.psp_account) == ("sale", "PAY1", "CARD")


def test_a_counter_sale_was_taken_along_and_has_no_party() -> None:
    found = order(square_document(state="COMPLETED"))
    assert (found.parties, int(found.lines[0].fulfilled_reported.value)) == ((), 2)


def test_fulfillments_say_what_was_handed_over_and_to_whom() -> None:
    recipient = {
        "display_name": "Some Body",
        "phone_number": "555-0100",
        "address": {"address_line_1": "1 Example Street", "locality": "Town", "country": "US"},
    }
    shipped = {
        "type": "SHIPMENT",
        "state": "COMPLETED",
        "line_item_application": "ENTRY_LIST",
        "entries": [{"uid": "e", "line_item_uid": "l1", "quantity": "1"}],
        "shipment_details": {
            "recipient": recipient,
            "shipping_type": "First Class",
            "expected_shipped_at": "2026-02-02T00:00:00Z",
        },
    }
    found = order(square_document(fulfillments=[shipped], customer_id="C1"))
    assert int(found.lines[0].fulfilled_reported.value) == 1
    assert [one.role for one in found.parties] == ["buyer", "ship_to"]
    assert found.shipping_method_raw == "First Class"
    assert found.ship_by is not None
    proposed = order(square_document(fulfillments=[shipped | {"state": "PROPOSED"}], state="COMPLETED"))
    assert int(proposed.lines[0].fulfilled_reported.value) == 0


def test_returns_of_this_order_count_and_those_of_another_do_not() -> None:
    item = {"source_line_item_uid": "l1", "quantity": "1"}
    own = order(square_document(returns=[{"source_order_id": "ORDER1", "return_line_items": [item]}]))
    assert int(own.lines[0].returned_reported.value) == 1
    other = order(square_document(returns=[{"source_order_id": "ORDER0", "return_line_items": [item]}]))
    assert int(other.lines[0].returned_reported.value) == 0


def test_an_event_is_refused_with_the_call_that_fetches_its_order() -> None:
    notice = {"order_id": "ORDER1", "version": 2, "location_id": "LOC1", "state": "OPEN"}
    document = {
        "merchant_id": "M1",
        "type": "order.updated",
        "event_id": "e-1",
        "data": {"type": "order_updated", "id": "ORDER1", "object": {"order_updated": notice}},
    }
    with pytest.raises(Rejected) as refused:
        order(document)
    assert "/v2/orders/{order_id}" in refused.value.detail
    assert FORMAT.key(record(document)) == "order:ORDER1"


def test_revisions_are_versions_unless_the_profile_wants_times() -> None:
    found = order(square_document())
    assert (found.revision.kind, found.revision.value) == ("counter", "00000000000000000004")
    assert found.occurred.instant.isoformat() == "2026-02-01T08:00:00.123456+00:00"
    timed = profile(channel={"commitment": "sold", "revision": "instant_fine"})
    assert order(square_document(), partner=timed).revision.kind == "instant_fine"
    assert order(without(square_document(), "version")).revision.kind == "instant_fine"


def test_an_answer_is_split_and_a_bad_order_takes_no_neighbour_with_it() -> None:
    assert FORMAT.split is not None
    page = {"orders": [square_document(), without(square_document(), "id")], "cursor": "x"}
    parts = FORMAT.split(record(page), PROFILE).parts
    assert (len(parts), parts[0].key) == (2, "acme/shop/order:ORDER1")


def test_its_payloads_are_recognised_and_others_are_not() -> None:
    assert FORMAT.looks_like is not None
    assert FORMAT.looks_like(json.dumps(square_document()).encode()) == 90
    for other in (schema_root() / "examples" / "raw").glob("*/*.json"):
        if other.parent.name != FORM:
            assert FORMAT.looks_like(other.read_bytes()) == 0, other
