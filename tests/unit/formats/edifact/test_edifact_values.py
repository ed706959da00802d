"""Numbers and dates: decimal marks, format codes, zones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.kit.edi_reading import Outcome
from tests.kit.edifact_reading import outcome_of, profile, rows_of
from tests.kit.edifact_writer import Interchange, Message, Style, payload

ORDER = """
BGM+220+PO-1+9
{dtm}
LIN+1++2000000000015:EN
QTY+21:{quantity}
PRI+AAA:{price}
"""


def read(
    dtm: str = "DTM+137:20260105:102", quantity: str = "2", price: str = "1", decimal: str = ""
) -> Outcome:
    rows = rows_of(ORDER.format(dtm=dtm, quantity=quantity, price=price))
    style = Style(has_una=bool(decimal), decimal=decimal or ".")
    return outcome_of(payload(Interchange((Message(rows),), style=style)))


@pytest.mark.parametrize(
    ("written", "decimal", "amount", "warning"),
    [
        ("12.50", "", "12.50", None),
        ("12,50", "", "12.50", None),
        ("12,50", ",", "12.50", None),
        ("12.50", ",", "12.50", "decimal_mark_differs"),
        ("12,50", ".", "12.50", "decimal_mark_differs"),
        ("1.234,50", ",", "1234.50", "thousands_separator"),
        ("1,234.50", ".", "1234.50", "thousands_separator"),
        ("-3", "", "-3", None),
        ("3-", "", "-3", None),
        (".5", "", "0.5", None),
        (",5", "", "0.5", None),
    ],
)
def test_a_number_has_either_decimal_mark(
    written: str, decimal: str, amount: str, warning: str | None
) -> None:
    outcome = read(price=written, decimal=decimal)
    assert outcome.order.lines[0].extended.amount == 2 * Decimal(amount)
    odd = outcome.warnings & {"decimal_mark_differs", "thousands_separator"}
    assert odd == ({warning} if warning else set())


@pytest.mark.parametrize("written", ["12,50,1", "1.2.3", "1,23.4", "abc", "1 2", "--1", "1e9999"])
def test_what_is_no_number_is_refused_at_its_place(written: str) -> None:
    refusal = read(price=written).refusal
    assert (refusal.code, refusal.path.endswith("PRI/PRI01.2")) == ("amount_unparsable", True)


def test_minor_units_of_the_profile() -> None:
    money = {"currency": "EUR", "amounts": "minor_integer", "tax_mode": "exclusive"}
    rows = rows_of(ORDER.format(dtm="DTM+137:20260105:102", quantity="2", price="250"))
    outcome = outcome_of(payload(Interchange((Message(rows),))), profile(money=money))
    assert outcome.order.lines[0].extended.amount == Decimal("5.00")


@pytest.mark.parametrize(
    ("written", "day", "hour"),
    [
        ("20260105:102", date(2026, 1, 5), None),
        ("260105:101", date(2026, 1, 5), None),
        ("202601051530:203", date(2026, 1, 5), 14),
        ("20260105153000:204", date(2026, 1, 5), 14),
        ("2601051530:201", date(2026, 1, 5), 14),
        ("260105153000:202", date(2026, 1, 5), 14),
        ("202601051530:102", date(2026, 1, 5), 14),
        ("20260105:203", date(2026, 1, 5), None),
        ("050126:2", date(2026, 1, 5), None),
        ("05012026:4", date(2026, 1, 5), None),
        ("202601051530Z0500:205", date(2026, 1, 5), 10),
        ("202601051530-0500:205", date(2026, 1, 5), 20),
        ("202601051530UTC:303", date(2026, 1, 5), 15),
        ("20260105153000-01:303", date(2026, 1, 5), 16),
        ("202601051530-01:304", date(2026, 1, 5), 16),
        ("202601052400:203", date(2026, 1, 6), 23),
        ("20260105", date(2026, 1, 5), None),
        ("2026-01-05:102", date(2026, 1, 5), None),
        ("991231:101", date(1999, 12, 31), None),
    ],
)
def test_dates_are_read_by_format_and_length(written: str, day: date, hour: int | None) -> None:
    placed = read(f"DTM+137:{written}").order.placed
    assert placed.date == day
    assert placed.precision == ("day" if hour is None else "instant")
    if hour is not None:
        assert placed.instant.hour == hour


@pytest.mark.parametrize(
    "written", ["20260230:102", "2026:602", "x:102", "202601051530XYZ:303", "20260105:718"]
)
def test_an_unreadable_order_date_is_refused(written: str) -> None:
    if written == "20260105:718":  # half a period is a day
        assert read(f"DTM+137:{written}").order.placed.date == date(2026, 1, 5)
        return
    refusal = read(f"DTM+137:{written}").refusal
    assert (refusal.code, refusal.path.endswith("DTM/DTM01.2")) == ("time_invalid", True)


def test_an_unreadable_promise_is_kept_and_told() -> None:
    outcome = read("DTM+137:20260105:102\nDTM+2:20260230:102")
    assert outcome.order.requested_delivery is None
    assert ("DTM.2", "20260230:102") in {(one.name, one.value) for one in outcome.order.extensions}
    assert "date_unreadable" in outcome.warnings


def test_a_delivery_period_ends_with_the_latest_delivery() -> None:
    order = read("DTM+137:20260105:102\nDTM+2:2026011020260112:718").order
    assert order.requested_delivery is not None
    assert order.deliver_by is not None
    assert (order.requested_delivery.date, order.deliver_by.date) == (date(2026, 1, 10), date(2026, 1, 12))


def test_the_order_date_wins_over_the_document_date() -> None:
    assert read("DTM+137:20260105:102\nDTM+4:20260102:102").order.placed.date == date(2026, 1, 2)


def test_without_a_date_that_of_the_interchange_is_taken_and_told() -> None:
    outcome = read("RFF+CT:1")
    assert outcome.order.placed.date == date(2026, 1, 5)
    assert "order_date_from_envelope" in outcome.warnings


def test_without_a_zone_no_date_is_read() -> None:
    rows = rows_of(ORDER.format(dtm="DTM+137:20260105:102", quantity="2", price="1"))
    outcome = outcome_of(payload(Interchange((Message(rows),))), profile(channel={"commitment": "requested"}))
    assert outcome.refusal.code == "time_invalid"
    assert "zone" in outcome.refusal.detail
