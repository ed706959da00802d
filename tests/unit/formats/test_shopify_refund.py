"""Shopify refunds: money back per line, per order and by transaction; one claim per quirk."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from crossdock.canonical.models import Refund
from crossdock.formats.registry import FORMATS
from tests.kit.shop_reading import profile, reading_of, record, refusal_of
from tests.kit.shopify_documents import money_set
from tests.kit.shopify_refunds import RefundFacts, refund, refund_line, shopify_refunds, transaction

FORM = "shopify_refund"
INCLUSIVE = profile(money={"amounts": "major_text", "tax_mode": "inclusive"})
UNSAID = profile(money={"amounts": "major_text", "tax_mode": "stated", "currency": "USD"})
IN_USD = profile(money={"amounts": "major_text", "tax_mode": "exclusive", "currency": "USD"})


def read(document: object, **options: Any) -> Refund:
    (found,) = reading_of(FORM, document, **options).entities
    assert isinstance(found, Refund)
    return found


def codes(document: object, **options: Any) -> list[str]:
    return [one.code for one in reading_of(FORM, document, **options).warnings]


def variances(found: Refund) -> list[tuple[str, str, str, str]]:
    return [(one.subject, str(one.stated), str(one.computed), one.unit) for one in found.variances]


def test_a_refund_is_keyed_by_order_and_refund() -> None:
    found = read(refund())
    assert (found.key, found.order_id, found.refund_id) == (
        "acme/shop/450/9007199254740993",
        "450",
        found.refund_id,
    )
    assert (found.status, found.reason_raw, str(found.computed.total.amount)) == (
        "issued",
        "wrong size",
        "10.70",
    )
    assert found.variances == ()


@pytest.mark.parametrize(
    "wrap", [lambda one: one, lambda one: {"refund": one}, lambda one: {"detail": {"payload": one}}]
)
def test_envelopes_change_nothing(wrap: Any) -> None:
    assert reading_of(FORM, wrap(refund())).digest == reading_of(FORM, refund()).digest


def test_a_page_is_split_and_each_refund_has_its_key() -> None:
    page = {"refunds": [refund(), refund(id=2), {"id": None}]}
    parts = FORMATS[FORM].split(record(page), INCLUSIVE).parts  # type: ignore[misc]
    assert [part.key for part in parts][:2] == ["acme/shop/refund:9007199254740993", "acme/shop/refund:2"]
    assert parts[2].key.startswith("acme/shop/refund:sha256-")


def test_a_subtotal_may_be_text_or_number() -> None:
    as_text = refund(refund_line_items=[refund_line(subtotal="10.00", total_tax="0.70")])
    assert reading_of(FORM, as_text).digest == reading_of(FORM, refund()).digest


def test_without_a_subtotal_the_price_of_the_order_line_stands_in() -> None:
    item = {"id": 11, "quantity": 2, "price": "4.50", "sku": "SKU-1", "tax_lines": [{"price": "0.63"}]}
    line = {"line_item_id": 11, "quantity": 2, "line_item": item}
    found = read(refund(refund_line_items=[line]))
    assert [str(one.amount.amount) for one in found.lines] == ["9.00"]
    assert variances(found) == [("stated.total", "10.70", "9.63", "USD")]
    assert "subtotal_missing" in codes(refund(refund_line_items=[line]))
    half = read(refund(refund_line_items=[line | {"quantity": 1}]))
    assert half.lines[0].tax_lines == ()


@pytest.mark.parametrize(
    ("changes", "computed", "difference"),
    [
        ({"refund_line_items": []}, "0.00", "10.70"),
        ({"refund_line_items": [refund_line(subtotal=20)]}, "20.70", "-10.00"),
        ({"refund_line_items": [refund_line(subtotal=1.5)]}, "2.20", "8.50"),
    ],
)
def test_more_or_less_money_than_the_lines_say_is_a_variance(
    changes: dict[str, Any], computed: str, difference: str
) -> None:
    found = read(refund(**changes))
    assert str(found.computed.total.amount) == computed
    assert [(one.code.value, str(one.difference)) for one in found.variances] == [
        ("refund_total", difference)
    ]


def test_the_sign_of_an_order_adjustment_is_turned() -> None:
    shipping = {"kind": "shipping_refund", "amount": "-6.00", "tax_amount": "-0.42"}
    kept = {"kind": "refund_discrepancy", "amount": "2.12", "tax_amount": "0.00"}
    found = read(refund(order_adjustments=[shipping, kept], transactions=[transaction(amount="15.00")]))
    assert [(one.kind.value, one.is_charge, str(one.amount.amount)) for one in found.adjustments] == [
        ("shipping", True, "6.00"),
        ("unknown", False, "-2.12"),
    ]
    assert (str(found.computed.shipping.amount), str(found.computed.tax.amount)) == ("6.00", "1.12")
    assert (found.variances, str(found.computed.total.amount)) == ((), "15.00")


def test_shipping_is_known_by_its_reason_where_there_is_no_kind() -> None:
    changes: dict[str, Any] = {
        "order_adjustments": [{"reason": "Shipping refund", "amount": "-5.00"}],
        "refund_shipping_lines": [{"subtotal_amount_set": money_set("5.00")}],
        "transactions": [transaction(amount="15.70")],
    }
    found = read(refund(**changes))
    assert ([one.kind.value for one in found.adjustments], found.variances) == (["shipping"], ())


@pytest.mark.parametrize(
    ("amount", "is_included", "difference"),
    [("10.00", True, None), ("10.70", False, None), ("9.00", False, "-1.70"), (None, False, None)],
)
def test_what_went_out_shows_whether_taxes_are_inside(
    amount: str | None, is_included: bool, difference: str | None
) -> None:
    document = refund(transactions=[transaction(amount=amount)] if amount is not None else [])
    found = read(document, partner=UNSAID)
    assert [tax.is_included for line in found.lines for tax in line.tax_lines] == [is_included]
    assert [str(one.difference) for one in found.variances] == ([] if difference is None else [difference])
    assert "tax_mode_unknown" in codes(document, partner=UNSAID)


def test_an_error_answer_is_told_as_one() -> None:
    assert refusal_of(FORM, {"errors": "[API] Invalid API key"}) == ("id_missing", "$.id")


def test_an_unpaid_order_is_refunded_without_money() -> None:
    discrepancy = {"kind": "refund_discrepancy", "amount": "10.70"}
    found = read(refund(order_adjustments=[discrepancy], transactions=[]), partner=IN_USD)
    assert (found.status, found.stated.total, found.variances) == ("approved", None, ())
    assert str(found.computed.total.amount) == "0.00"


def test_shipping_alone_is_a_refund() -> None:
    lines = [{"shipping_line": {"title": "Post"}, "subtotal_amount_set": money_set("5.00")}]
    document = refund(
        refund_line_items=[], refund_shipping_lines=lines, transactions=[transaction(amount="5.00")]
    )
    found = read(document)
    assert (found.lines, found.variances, str(found.computed.shipping.amount)) == ((), (), "5.00")


def test_shipping_that_stands_twice_is_counted_once() -> None:
    changes: dict[str, Any] = {
        "order_adjustments": [{"kind": "shipping_refund", "amount": "-5.00"}],
        "refund_shipping_lines": [{"subtotal_amount_set": money_set("5.00")}],
        "transactions": [transaction(amount="15.70")],
    }
    assert read(refund(**changes)).variances == ()
    assert "figures_differ" not in codes(refund(**changes))
    changes["refund_shipping_lines"] = [{"subtotal_amount_set": money_set("4.00")}]
    assert (read(refund(**changes)).variances, "figures_differ" in codes(refund(**changes))) == ((), True)


@pytest.mark.parametrize(
    "duties",
    [[{"duty_id": 1, "amount_set": money_set("3.00")}], {"duties": [{"amount_set": money_set("3.00")}]}, []],
)
def test_duties_are_itemised_or_a_total(duties: object) -> None:
    document = refund(
        duties=duties, total_duties_set=money_set("3.00"), transactions=[transaction(amount="13.70")]
    )
    assert [(one.kind.value, one.reason_raw) for one in read(document).adjustments] == [("fee", "duty")]
    assert read(document).variances == ()


@pytest.mark.parametrize(
    ("transactions", "status", "total"),
    [
        ([transaction(status="pending")], "approved", None),
        ([transaction(status="failure")], "failed", None),
        ([transaction(status="error"), transaction(status="success")], "issued", "10.70"),
        ([transaction(amount="10.00"), transaction(amount="0.70")], "issued", "10.70"),
        ([transaction(kind="void")], "approved", None),
        ([], "approved", None),
    ],
)
def test_only_a_successful_refund_has_moved_money(
    transactions: list[dict[str, Any]], status: str, total: str | None
) -> None:
    found = read(refund(transactions=transactions), partner=IN_USD)
    assert found.status == status
    assert (found.stated.total and str(found.stated.total.amount)) == total
    assert len(found.transactions) == len(transactions)


def test_a_transaction_is_in_the_currency_that_was_paid() -> None:
    line = refund_line(
        subtotal=10,
        subtotal_set=money_set("10.00", "13.50", ("USD", "CAD")),
        total_tax_set=money_set("0.70", "0.90", ("USD", "CAD")),
    )
    paid = transaction(amount="14.00", currency="CAD")
    found = read(refund(refund_line_items=[line], transactions=[paid]))
    assert (found.currency, found.presentment_currency) == ("USD", "CAD")
    assert (str(found.computed.total.amount), str(found.computed.total.presentment_amount)) == (
        "10.70",
        "14.40",
    )
    assert variances(found) == [("stated.total.presentment", "14.00", "14.40", "CAD")]
    both = paid | {"amount_set": money_set("10.40", "14.00", ("USD", "CAD"))}
    assert variances(read(refund(refund_line_items=[line], transactions=[both]))) == [
        ("stated.total", "10.40", "10.70", "USD"),
        ("stated.total.presentment", "14.00", "14.40", "CAD"),
    ]


def test_transactions_of_several_currencies_have_no_total() -> None:
    document = refund(transactions=[transaction(), transaction(currency="EUR")])
    assert (read(document, partner=IN_USD).stated.total, codes(document, partner=IN_USD)) == (
        None,
        ["transactions_mixed"],
    )


def test_money_in_a_foreign_currency_is_not_compared() -> None:
    document = refund(transactions=[transaction(currency="EUR", amount="9.90")])
    found = read(document, partner=IN_USD)
    assert found.stated.total is not None
    assert (found.stated.total.currency, found.currency, found.variances) == ("EUR", "USD", ())
    assert codes(document, partner=IN_USD) == ["transactions_foreign"]


def test_the_profile_says_whether_amounts_include_tax() -> None:
    document = refund(transactions=[transaction(amount="10.00")])
    assert read(document, partner=INCLUSIVE).variances == ()
    assert read(document, partner=INCLUSIVE).lines[0].tax_lines[0].is_included
    shipping = {"kind": "shipping_refund", "amount": "-4.00", "tax_amount": "-1.00"}
    beside = refund(order_adjustments=[shipping], transactions=[transaction(amount="15.00")])
    assert read(beside, partner=INCLUSIVE).variances == ()
    assert "tax_mode_unknown" in codes(document)
    assert "tax_mode_unknown" not in codes(document, partner=IN_USD)


@pytest.mark.parametrize(
    ("raw", "restock", "disposition"),
    [
        ("return", None, "restock"),
        ("legacy_restock", None, "restock"),
        ("cancel", True, "none"),
        ("no_restock", True, "none"),
        ("new_word", True, "unknown"),
        (None, True, "restock"),
        (None, False, "none"),
        (None, None, "unknown"),
    ],
)
def test_only_returned_goods_are_restocked(raw: str | None, restock: bool | None, disposition: str) -> None:
    found = read(refund(restock=restock, refund_line_items=[refund_line(restock_type=raw)]))
    assert found.lines[0].disposition == disposition


@pytest.mark.parametrize(
    ("changes", "partner", "expected"),
    [
        ({"id": None}, IN_USD, ("id_missing", "$.id")),
        ({"created_at": None, "processed_at": None}, IN_USD, ("time_invalid", "$.processed_at")),
        ({"line_items": []}, IN_USD, ("field_invalid", "$.line_items")),
        ({"line_items": [], "transactions": []}, INCLUSIVE, ("field_invalid", "$.line_items")),
        ({"transactions": []}, INCLUSIVE, ("currency_missing", "$.transactions[0].currency")),
        (
            {"transactions": [transaction(currency="QQQ")]},
            IN_USD,
            ("currency_unknown", "$.transactions[0].currency"),
        ),
        (
            {"transactions": [transaction(amount="ten")]},
            IN_USD,
            ("amount_unparsable", "$.transactions[0].amount"),
        ),
        (
            {"refund_line_items": [{"quantity": 1, "line_item": {}}]},
            IN_USD,
            ("amount_unparsable", "$.refund_line_items[0].subtotal"),
        ),
        (
            {"total_duties_set": money_set("1.00", currencies=("EUR", "EUR"))},
            IN_USD,
            ("currency_mixed", "$.total_duties_set.shop_money.currency_code"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_path(
    changes: dict[str, Any], partner: Any, expected: tuple[str, str]
) -> None:
    document = refund(**changes)
    if expected[0] == "currency_missing":
        document["refund_line_items"] = [{"line_item_id": 1, "quantity": 1, "subtotal": 1}]
    assert refusal_of(FORM, document, partner=partner) == expected


def test_a_refund_that_names_no_order_takes_that_of_its_transactions() -> None:
    assert read(refund(order_id=None)).order_id == "450"
    document = refund(order_id=None, transactions=[transaction(order_id=None)])
    assert (read(document).order_id, "order_missing" in codes(document)) == ("-", True)


@settings(max_examples=40, deadline=None)
@given(shopify_refunds())
def test_a_generated_refund_yields_its_facts(facts: RefundFacts) -> None:
    found = read(facts.payload, partner=facts.partner)
    assert (found.refund_id, found.order_id, found.currency) == (facts.refund_id, facts.order_id, "USD")
    assert [(one.line_id, int(one.quantity.value)) for one in found.lines if one.quantity] == facts.quantities
    sums = found.computed
    assert [
        int(one.amount * 100) for one in (sums.subtotal, sums.shipping, sums.tax, sums.total)
    ] == facts.sums
    assert (found.stated.total and int(found.stated.total.amount * 100)) == facts.paid
    differences = [int(one.difference * 100) for one in found.variances]
    assert differences == ([facts.paid - facts.sums[3]] if facts.paid not in (None, facts.sums[3]) else [])
    assert found.status == facts.status
    assert found.occurred.instant == facts.occurred
    again = reading_of(FORM, facts.payload, partner=facts.partner)
    assert again == reading_of(FORM, facts.payload, partner=facts.partner)
