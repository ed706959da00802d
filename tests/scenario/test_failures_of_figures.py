"""Failures of comparable systems, by number: lines, amounts, taxes, dates and currencies from payload to log.

Every order is read back from the log; its figures are worked out here by hand or by means of their own.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import fastavro
import pytest

from crossdock.canonical.models import AdjustmentKind, Order
from crossdock.canonical.schemas import schema_of
from crossdock.canonical.topics import ORDER
from tests.kit.shop_reading import without
from tests.kit.shopify_documents import line, order
from tests.kit.trade import Trade, portal_line, portal_order, purchase_orders, trade_on_memory
from tests.kit.woo_documents import woo_line, woo_order

Document = dict[str, Any]


@pytest.fixture
def trade() -> Iterator[Trade]:
    with trade_on_memory() as opened:
        yield opened


def only(trade: Trade) -> Order:
    """The one order in the log."""
    (found,) = trade.orders
    return found


def difference(found: Order, code: str) -> Decimal | None:
    """What is stated minus what we computed, where that is a variance."""
    return next((one.difference for one in found.variances if one.code.value == code), None)


# ---- lines and amounts ------------------------------------------------------------------------------------

SHOP_LINES = [line(id=n, price=f"{n}.99", quantity=n) for n in range(1, 6)]
LINES: list[tuple[str, object, int]] = [
    ("shop", order(*SHOP_LINES), 15),
    ("shop", order(line(id=1), line(id=2), line(id=3, sku="")), 6),
    ("woo", woo_order(*[woo_line(id=n, quantity=1, subtotal="9.99", total="9.49") for n in range(1, 6)]), 5),
    ("portal", portal_order(*[portal_line(str(n)) for n in range(1, 41)]), 80),
    ("dist", purchase_orders("P1", lines=30), 465),
]


@pytest.mark.parametrize(("partner", "body", "pieces"), LINES)
def test_every_line_of_a_payload_stands_in_its_order_and_the_amounts_add_up(
    trade: Trade, partner: str, body: Any, pieces: int
) -> None:
    """F5: as many lines and pieces as were sent, one article twice included; sums are those of the lines."""
    trade.run(trade.sent(partner, body))
    found = only(trade)
    sent = body.count(b"PO1*") if partner == "dist" else len(body.get("line_items") or body["lines"])
    assert (len(found.lines), found.line_count) == (sent, sent)
    assert found.quantity_total == Decimal(pieces)
    assert len({one.line_id for one in found.lines}) == sent
    assert sum(one.extended.amount for one in found.lines) == found.computed.subtotal.amount
    assert sum(one.net.amount for one in found.lines) + charges(found) == found.computed.total.amount


def charges(found: Order) -> Decimal:
    """Order-level charges that no line's net holds, and taxes that are not included."""
    goods = (AdjustmentKind.DISCOUNT, AdjustmentKind.ALLOWANCE)
    taxes = [tax for one in found.lines for tax in one.tax_lines if not tax.is_included]
    others = [one.amount for one in found.adjustments if one.kind not in goods]
    return sum((one.amount for one in (*others, *[tax.amount for tax in taxes])), Decimal(0))


BROKEN: list[tuple[str, object, str]] = [
    ("shop", order(*SHOP_LINES[:2], line(id=3, quantity=None)), "$.line_items[2].quantity"),
    ("shop", order() | {"line_items": [*SHOP_LINES[:2], "a line"]}, "$.line_items[2]"),
    ("woo", woo_order(woo_line(id=1), woo_line(id=2, subtotal="much")), "$.line_items[1].subtotal"),
    ("portal", portal_order(portal_line("1"), without(portal_line("2"), "ordered")), "$.lines[1].ordered"),
    ("portal", portal_order(portal_line("1"), portal_line("1")), "$.lines[0].line_id"),
    (
        "dist",
        purchase_orders("P1", lines=3).replace(b"PO1*2*2*", b"PO1*2**"),
        "interchange 000000055/group 55/set 0001/segment 4 PO1/PO102",
    ),
]


@pytest.mark.parametrize(("partner", "body", "path"), BROKEN, ids=[f"{row[0]} {row[2]}" for row in BROKEN])
def test_order_with_an_unreadable_line_is_refused_whole_and_the_line_is_named(
    trade: Trade, partner: str, body: Any, path: str
) -> None:
    """F5: no line goes missing silently: the order is refused with the line's place and a reason."""
    trade.run(trade.sent(partner, body))
    (entry,) = trade.scene.entries
    assert trade.orders == []
    assert entry.path == path
    assert len(entry.detail.split()) > 1, "a reason in words"


@pytest.mark.parametrize(
    ("partner", "body", "code", "off"),
    [
        ("shop", order(total_price="19.00"), "order_total", "-1.00"),
        ("woo", woo_order(total="20.01"), "order_total", "0.01"),
        ("portal", portal_order(line_count=2), "line_count", "1"),
        ("portal", portal_order(quantity_total="5"), "quantity_total", "3"),
        ("dist", purchase_orders("P1", lines=3).replace(b"SE*6*", b"CTT*4~\nSE*7*"), "line_count", "1"),
    ],
)
def test_stated_count_or_total_that_differs_is_kept_with_its_exact_difference(
    trade: Trade, partner: str, body: Any, code: str, off: str
) -> None:
    """F5: what the sender counts or totals otherwise is not repaired nor dropped, but shown to the cent."""
    trade.run(trade.sent(partner, body))
    assert difference(only(trade), code) == Decimal(off)


# ---- taxes ------------------------------------------------------------------------------------------------


def shop_69(tax: str, total: str, **changes: Any) -> Document:
    """One piece at 69.00 with a tax of 19 %."""
    sold = line(quantity=1, price="69.00", tax_lines=[{"title": "VAT", "rate": 0.19, "price": tax}])
    stated = {"subtotal_price": "69.00", "total_line_items_price": "69.00", "total_tax": tax}
    return order(sold, total_price=total, **stated, **changes)


def woo_69(net: str, tax: str, total: str, **changes: Any) -> Document:
    """One piece; WooCommerce states lines without tax, whatever the shop's prices include."""
    sold = woo_line(quantity=1, subtotal=net, total=net, subtotal_tax=tax, total_tax=tax)
    sold["taxes"] = [{"id": 1, "total": tax, "subtotal": tax}]
    taxes = [{"id": 9, "rate_id": 1, "label": "VAT", "rate_percent": 19, "tax_total": tax}]
    return woo_order(sold, total=total, total_tax=tax, tax_lines=taxes, **changes)


def portal_69(tax: str, **changes: Any) -> Document:
    """One piece for 69.00 with its tax."""
    vat = {"amount": {"amount": tax, "currency": "EUR"}, "rate_percent": "19"}
    sold = portal_line(extended={"amount": "69.00", "currency": "EUR"}, tax_lines=[vat])
    return portal_order(sold, **changes)


@pytest.mark.parametrize(
    ("partner", "body", "mode", "total"),
    [
        ("shop", shop_69("11.02", "69.00", taxes_included=True), "inclusive", "69.00"),
        ("shop", shop_69("13.11", "82.11", taxes_included=False), "exclusive", "82.11"),
        ("woo", woo_69("57.98", "11.02", "69.00", prices_include_tax=True), "exclusive", "69.00"),
        ("woo", woo_69("69.00", "13.11", "82.11", prices_include_tax=False), "exclusive", "82.11"),
        ("portal", portal_69("11.02", tax_mode="inclusive"), "inclusive", "69.00"),
        ("portal", portal_69("13.11", tax_mode="exclusive"), "exclusive", "82.11"),
    ],
)
def test_tax_is_inside_or_beside_the_price_as_the_order_says(
    trade: Trade, partner: str, body: Document, mode: str, total: str
) -> None:
    """F26: 69.00 with tax included stays 69.00 and never becomes 82.11; our total is the channel's."""
    trade.run(trade.webhook(partner, body))
    found = only(trade)
    assert (found.tax_mode.value, found.computed.total.amount) == (mode, Decimal(total))
    assert difference(found, "order_total") is None


def test_order_that_states_the_wrong_tax_mode_differs_from_its_total_by_the_tax(trade: Trade) -> None:
    """F26: an order that calls its gross prices net shows the tax that was counted twice."""
    trade.run(trade.webhook("shop", shop_69("11.02", "69.00", taxes_included=False)))
    assert difference(only(trade), "order_total") == Decimal("-11.02")


def test_tax_mode_that_nobody_states_is_unknown(trade: Trade) -> None:
    """F26: neither order nor profile say it: nothing is assumed, and posting can wait for a decision."""
    trade.run(trade.webhook("portal", portal_69("11.02", tax_mode=None)))
    assert only(trade).tax_mode.value == "unknown"


# ---- dates ------------------------------------------------------------------------------------------------

MOMENTS: list[tuple[str, str, str, int]] = [
    ("Europe/Berlin", "2026-03-28T22:59:59+00:00", "2026-03-28", 60),
    ("Europe/Berlin", "2026-03-28T23:00:00+00:00", "2026-03-29", 60),
    ("Europe/Berlin", "2026-03-29T00:59:59+00:00", "2026-03-29", 60),
    ("Europe/Berlin", "2026-03-29T01:00:00+00:00", "2026-03-29", 120),
    ("Europe/Berlin", "2026-03-29T22:00:00+00:00", "2026-03-30", 120),
    ("Europe/Berlin", "2026-10-24T22:00:00+00:00", "2026-10-25", 120),
    ("Europe/Berlin", "2026-10-25T22:59:59+00:00", "2026-10-25", 60),
    ("Europe/Berlin", "2026-10-25T23:00:00+00:00", "2026-10-26", 60),
    ("America/New_York", "2026-03-08T04:59:59+00:00", "2026-03-07", -300),
    ("America/New_York", "2026-03-09T03:59:59+00:00", "2026-03-08", -240),
    ("America/New_York", "2026-11-01T04:00:00+00:00", "2026-11-01", -240),
    ("America/New_York", "2026-11-02T04:59:59+00:00", "2026-11-01", -300),
    ("America/Santiago", "2026-09-06T03:59:59+00:00", "2026-09-05", -240),
    ("America/Santiago", "2026-09-06T04:00:00+00:00", "2026-09-06", -180),
    ("Pacific/Auckland", "2026-04-04T11:00:00+00:00", "2026-04-05", 780),
    ("Pacific/Auckland", "2026-04-05T12:00:00+00:00", "2026-04-06", 720),
    ("Asia/Kathmandu", "2026-01-31T18:14:59+00:00", "2026-01-31", 345),
    ("Asia/Kathmandu", "2026-01-31T18:15:00+00:00", "2026-02-01", 345),
    ("Europe/Berlin", "2026-01-31T23:30:00-05:00", "2026-02-01", 60),
    ("America/New_York", "2026-02-01T04:30:00+01:00", "2026-01-31", -300),
]
"""Zone of the shop, the moment as its platform writes it, business date and offset there."""


@pytest.mark.parametrize(
    ("zone", "placed", "day", "offset"), MOMENTS, ids=[f"{m[0]} {m[1]}" for m in MOMENTS]
)
def test_business_date_is_that_of_the_shop_on_both_sides_of_midnight_and_of_clock_changes(
    trade: Trade, zone: str, placed: str, day: str, offset: int
) -> None:
    """F36: the instant is the one that was said, the day is the shop's own, to the second."""
    trade.correct("shop", "Europe/Berlin", zone)
    trade.run(trade.webhook("shop", order(created_at=placed, processed_at=placed)))
    found = only(trade).placed
    assert found.instant == datetime.fromisoformat(placed)
    assert (found.date.isoformat(), found.offset_minutes, found.zone) == (day, offset, zone)


def test_local_hour_that_comes_twice_is_two_hours(trade: Trade) -> None:
    """F36: 01:30 before and after the clock goes back are an hour apart: the shop writes UTC beside it."""
    twice = {"date_created": "2026-11-01T01:30:00", "date_modified": "2026-11-01T01:30:00"}
    for number, hour in ((1, 5), (2, 6)):
        universal = f"2026-11-01T{hour:02d}:30:00"
        gmt = {"date_created_gmt": universal, "date_modified_gmt": universal}
        trade.run(trade.webhook("woo", woo_order(id=number, **twice, **gmt)))
    first, second = trade.latest["woo/1"].placed, trade.latest["woo/2"].placed
    assert second.instant - first.instant == timedelta(hours=1)
    assert first.date == second.date == date(2026, 11, 1)


@pytest.mark.parametrize("zone", ["America/Chicago", "America/Santiago", "Pacific/Auckland"])
def test_day_without_a_time_stays_that_day(trade: Trade, zone: str) -> None:
    """F36: a purchase order of a day keeps it, also where that day has no midnight (Santiago)."""
    trade.correct("dist", "America/Chicago", zone)
    trade.run(trade.dropped("dist", purchase_orders("P1").replace(b"20260105~\nPO1", b"20260906~\nPO1")))
    placed = only(trade).placed
    assert (placed.date, placed.precision.value, placed.zone) == (date(2026, 9, 6), "day", zone)


@pytest.mark.parametrize("is_reversed", [False, True])
def test_windows_that_overlap_and_webhooks_beside_them_give_each_state_once(
    trade: Trade, is_reversed: bool
) -> None:
    """F36: orders of an hour that comes twice, read by overlapping windows: none is missed, later wins."""
    before, after = "2026-10-25T02:50:00+02:00", "2026-10-25T02:10:00+01:00"
    early = [order(id=n, updated_at=before, financial_status="pending") for n in range(1, 7)]
    late = [order(id=n, updated_at=after, financial_status="paid") for n in range(4, 10)]
    windows = [early[:4], early[2:] + late[:3], late, early[5:] + late[2:5]]
    sent = [trade.webhook("shop", document) for window in windows for document in window]
    trade.run(*(reversed(sent) if is_reversed else sent))
    status = {int(one.order_id): one.payment.status.value for one in trade.latest.values()}
    assert status == {**dict.fromkeys(range(1, 4), "pending"), **dict.fromkeys(range(4, 10), "paid")}
    told = [(one.order_id, one.revision.value) for one in trade.orders]
    assert len(told) == len(set(told))
    assert trade.kept == []


# ---- currencies -------------------------------------------------------------------------------------------


def euro_line(**changes: Any) -> Document:
    return portal_line(extended={"amount": "20.00", "currency": "USD"}, **changes)


IN_EUR = ("money: {", "money: {currency: EUR, ")
CURRENCIES: list[tuple[str, tuple[str, str] | None, Any, str]] = [
    ("shop", IN_EUR, order(currency="USD"), "currency_mixed"),
    ("woo", IN_EUR, woo_order(currency="USD"), "currency_mixed"),
    ("portal", ("money: {", "money: {currency: USD, "), portal_order(currency="EUR"), "currency_mixed"),
    ("portal", None, portal_order(euro_line()), "currency_mixed"),
    ("dist", None, purchase_orders("P1").replace(b"~\nPO1", b"~\nCUR*BY*EUR~\nPO1", 1), "currency_mixed"),
    ("shop", None, without(order(), "currency"), "currency_missing"),
    ("woo", None, without(woo_order(), "currency"), "currency_missing"),
    ("portal", None, portal_order(currency=None), "currency_missing"),
    ("shop", None, order(currency="EURO"), "currency_unknown"),
    ("woo", None, woo_order(currency="XYZ"), "currency_unknown"),
]


@pytest.mark.parametrize(
    ("partner", "correction", "body", "code"),
    CURRENCIES,
    ids=[f"{c[0]} {c[3]} {n}" for n, c in enumerate(CURRENCIES)],
)
def test_currency_is_never_taken_from_somewhere_else(
    trade: Trade, partner: str, correction: tuple[str, str] | None, body: Any, code: str
) -> None:
    """F37: a missing, unknown or contradicting currency refuses the order; no default fills it in."""
    if correction is not None:
        trade.correct(partner, *correction)
    trade.run(trade.sent(partner, body))
    assert trade.orders == []
    assert trade.kept == [("rejected", code)]


def currencies(node: object) -> Iterator[str]:
    """Every currency anywhere in a record."""
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name.endswith("currency") and value)
        for value in node.values():
            yield from currencies(value)
    elif isinstance(node, list):
        for value in node:
            yield from currencies(value)


@pytest.mark.parametrize(
    ("partner", "body", "currency"),
    [
        ("shop", order(line(price="1000", tax_lines=[]), currency="JPY", total_price="2000"), "JPY"),
        ("woo", woo_order(woo_line(subtotal="1.234", total="1.234"), currency="KWD", total="1.234"), "KWD"),
        ("portal", portal_69("11.02"), "EUR"),
        ("dist", purchase_orders("P1"), "USD"),
    ],
)
def test_every_amount_of_an_order_carries_the_currency_that_was_stated(
    trade: Trade, partner: str, body: Any, currency: str
) -> None:
    """F37: from payload to log no amount loses or changes its currency."""
    trade.run(trade.sent(partner, body))
    found = list(currencies(in_the_log(trade)))
    assert (set(found), len(found) > 8) == ({currency}, True)


# ---- digits -----------------------------------------------------------------------------------------------


def in_the_log(trade: Trade) -> Any:  # an Avro record as plain values
    """The one order, decoded by another reader than ours."""
    (record,) = trade.scene.cluster.records(ORDER.name)
    return fastavro.schemaless_reader(io.BytesIO((record.value or b"")[5:]), schema_of(Order.FULL_NAME))


LARGEST, DEAREST, FINEST = "99999999999999.9999", "999999999999.999999", "0.000001"
"""All 18 digits of an amount, of a unit price; the least quantity."""


@pytest.mark.parametrize("quote", ['"', ""], ids=["as text", "as a JSON number"])
def test_all_digits_of_amounts_prices_and_quantities_arrive(trade: Trade, quote: str) -> None:
    """F38: 18 digits pass through JSON, model and Avro unchanged, written as text or as a number."""
    price = {"amount": DEAREST, "currency": "EUR", "per": {"value": "1", "unit": "EA"}}
    sold = portal_line(extended={"amount": LARGEST, "currency": "EUR"}, unit_price=price)
    sold["ordered"] = {"value": FINEST, "unit": "KGM"}
    body = json.dumps(portal_order(sold))
    for digits in (LARGEST, DEAREST, FINEST):
        body = body.replace(f'"{digits}"', f"{quote}{digits}{quote}")
    trade.run(trade.webhook("portal", body.encode()))
    (found,) = in_the_log(trade)["lines"]
    assert str(found["extended"]["amount"]) == LARGEST
    assert str(found["net"]["presentment_amount"]) == LARGEST
    assert str(found["unit_price"]["amount"]) == DEAREST
    assert str(found["ordered"]["value"]) == FINEST


@pytest.mark.parametrize("price", ["0.1", "1234567.8901", "33.33", "19.999", "123456789012.345678"])
def test_price_as_a_json_number_is_never_a_float(trade: Trade, price: str) -> None:
    """F38: a shop that writes prices as numbers gets exactly those digits, also where a float would round."""
    document = json.dumps(order(line(quantity=1, price="@"))).replace('"@"', price)
    trade.run(trade.webhook("shop", document.encode()))
    (found,) = in_the_log(trade)["lines"]
    assert found["unit_price"]["amount"] == Decimal(price)
    assert found["extended"]["amount"] == round(Decimal(price), 4), "rounded half to even, once"


@pytest.mark.parametrize("digits", ["1.00001", "100000000000000", "1e15", "0.00000000001"])
def test_digits_that_do_not_fit_are_refused_and_never_cut(trade: Trade, digits: str) -> None:
    """F38: an amount with more digits than the model holds is refused; nothing is rounded on the way."""
    trade.run(
        trade.webhook("portal", portal_order(portal_line(extended={"amount": digits, "currency": "EUR"})))
    )
    assert trade.orders == []
    (entry,) = trade.scene.entries
    assert (entry.kind, entry.path) == ("rejected", "$.lines[0].extended.amount")
