from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from crossdock.canonical.models import (
    BusinessTime,
    DualMoney,
    Identifier,
    Money,
    Order,
    ProductUnit,
    Quantity,
    Revision,
    TimePrecision,
)
from tests.unit.canonical.records import ORDER

MORNING = datetime(2026, 5, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "amount",
    [
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("-sNaN"),
        Decimal("1E+14"),
        Decimal("0.00001"),
        Decimal("1E-400"),
        Decimal("1E+400"),
        1.5,
        True,
        "1.5x",
        "",
        None,
        b"1",
    ],
)
def test_an_amount_that_avro_cannot_carry_exactly_is_invalid(amount: Any) -> None:
    with pytest.raises(ValidationError):
        Money(amount=amount, currency="EUR")


@pytest.mark.parametrize(
    "amount", ["99999999999999.9999", "-99999999999999.9999", "0.0001", "1E+13", 7, "0.10000"]
)
def test_the_whole_range_of_amounts_is_valid(amount: Any) -> None:
    assert Money(amount=amount, currency="EUR").amount == Decimal(amount)


def test_there_is_no_negative_zero() -> None:
    for _ in range(2):
        assert str(Money(amount=Decimal("-0.00"), currency="EUR").amount) == "0.00"


def test_a_valid_amount_keeps_its_places_whatever_came_before() -> None:
    for text in ("7.5", "7.50", "7.5000", "7.5"):
        assert str(Money(amount=Decimal(text), currency="EUR").amount) == text


def test_a_float_is_invalid_even_where_an_equal_decimal_came_before() -> None:
    Money(amount=Decimal("7.5"), currency="EUR")
    Money(amount=Decimal(1), currency="EUR")
    for amount in (7.5, 1.0, True):
        with pytest.raises(ValidationError):
            Money(amount=amount, currency="EUR")


@pytest.mark.parametrize("currency", ["eur", "EU", "", "EURO", "QQQ", None, 978])
def test_only_known_currencies_are_valid(currency: Any) -> None:
    with pytest.raises(ValidationError, match="ISO 4217"):
        Money(amount=Decimal(1), currency=currency)


def test_decimals_are_plain_text_in_json() -> None:
    quantity = Quantity(value=Decimal("0E-6"), unit="EA")
    assert quantity.model_dump_json() == '{"value":"0.000000","unit":"EA"}'
    assert Quantity(value=Decimal("1E+3"), unit="EA").model_dump(mode="json")["value"] == "1000"


def test_an_instant_needs_a_zone_and_is_kept_in_utc() -> None:
    local = datetime(2026, 5, 4, 10, 0, tzinfo=timezone(timedelta(hours=2)))
    times = {"offset_minutes": 120, "date": local.date(), "zone": "", "precision": TimePrecision.INSTANT}
    kept = BusinessTime.model_validate({"instant": local, **times}).instant
    assert (kept.tzinfo, kept.hour) == (UTC, 8)
    with pytest.raises(ValidationError, match="timezone"):
        BusinessTime.model_validate({"instant": local.replace(tzinfo=None), **times})


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Identifier, {"scheme": "sku", "value": ""}),
        (Identifier, {"scheme": "nothing", "value": "1"}),
        (Identifier, {"scheme": "sku", "value": "1", "extra": 1}),
        (Identifier, {"scheme": "sku", "value": "\ud800"}),
        (ProductUnit, {"unit": "EA", "numerator": 0, "denominator": 1}),
        (ProductUnit, {"unit": "EA", "numerator": 1 << 63, "denominator": 1}),
        (Revision, {"kind": "none", "value": "", "captured_at": MORNING, "content_sha256": "abc"}),
    ],
)
def test_what_a_schema_cannot_carry_is_invalid(model: type[Any], fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model(**fields)


def test_an_order_has_at_least_one_line_and_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="lines"):
        Order.model_validate({**ORDER.model_dump(), "lines": ()})
    with pytest.raises(ValidationError, match="frozen"):
        ORDER.lines = ()  # type: ignore[misc]


def test_one_currency_fills_both_sides() -> None:
    assert DualMoney.single(Decimal("1.10"), "EUR") == DualMoney(
        amount=Decimal("1.1"), currency="EUR", presentment_amount=Decimal("1.1"), presentment_currency="EUR"
    )
