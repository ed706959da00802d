"""Generated Square orders, each with the facts it must yield, in minor units of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.kit.minor_units import Currency, Sums

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_CURRENCIES = (Currency("USD", 2), Currency("JPY", 0), Currency("KWD", 3))
_STATES = {"OPEN": ("pending", "none"), "COMPLETED": ("paid", "none"), "CANCELED": ("voided", "cancelled")}


@dataclass(slots=True)
class SquareLineFacts:
    """What one line must become; amounts in minor units."""

    line_id: str
    ordered: Decimal
    gross: int
    net: int
    tax: int


@dataclass(slots=True)
class SquareFacts:
    """A payload and everything that must be read from it."""

    payload: bytes
    order_id: str
    currency: Currency
    tax_mode: str
    version: int
    placed: datetime
    payment: str
    cancellation: str
    is_handed_over: bool
    lines: list[SquareLineFacts] = field(default_factory=list)
    sums: Sums = field(default_factory=Sums)
    total_error: int = 0


class _Draw:
    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.currency = draw(st.sampled_from(_CURRENCIES))
        self.is_inclusive = draw(st.booleans())

    def chance(self, of: int = 3) -> bool:
        return bool(self.draw(st.integers(1, of)) == 1)

    def minor(self, least: int, most: int) -> int:
        return int(self.draw(st.integers(least, most)))

    def money(self, minor: int) -> dict[str, object]:
        """A Money object."""
        return {"amount": minor, "currency": self.currency.code}


@st.composite
def square_orders(draw: Any) -> SquareFacts:
    """Strategy of payloads with their facts."""
    one = _Draw(draw)
    sums = Sums()
    built = [_line(one, number, sums) for number in range(one.minor(1, 3))]
    charges = _charges(one, sums)
    sums.finish(is_included=one.is_inclusive)
    state = draw(st.sampled_from(sorted(_STATES)))
    placed = _EPOCH + timedelta(microseconds=one.minor(0, 90_000_000_000_000))
    facts = SquareFacts(
        b"",
        f"ORDER{one.minor(1, 10**6)}",
        one.currency,
        "inclusive" if one.is_inclusive else "exclusive",
        one.minor(1, 10**6),
        placed,
        *_STATES[state],
        state == "COMPLETED",
    )
    facts.lines, facts.sums = [line for line, _ in built], sums
    facts.total_error = one.minor(-30, 30) if one.chance(4) else 0
    node = _order(one, facts, state) | {"line_items": [line for _, line in built]} | charges
    facts.payload = json.dumps({"order": node} if one.chance() else node).encode()
    return facts


def _order(one: _Draw, facts: SquareFacts, state: str) -> dict[str, Any]:
    kind = "INCLUSIVE" if one.is_inclusive else "ADDITIVE"
    return {
        "id": facts.order_id,
        "location_id": "LOC1",
        "state": state,
        "version": facts.version,
        "created_at": _nanoseconds(facts.placed),
        "updated_at": _nanoseconds(facts.placed),
        "taxes": [{"uid": "T", "name": "Tax", "percentage": "8.5", "type": kind}],
        "discounts": [{"uid": "D", "name": "Sale"}],
        "total_money": one.money(facts.sums.total + facts.total_error),
        "total_tax_money": one.money(facts.sums.tax),
        "total_discount_money": one.money(-facts.sums.goods_discount),
    }


def _nanoseconds(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "") + "000Z"


def _charges(one: _Draw, sums: Sums) -> dict[str, Any]:
    node: dict[str, Any] = {}
    if one.chance():
        amount, tax = one.minor(1, 500), one.minor(0, 50)
        applied = [{"tax_uid": "T", "applied_money": one.money(tax)}]
        node["service_charges"] = [
            {"uid": "S", "name": "Service", "applied_money": one.money(amount), "applied_taxes": applied}
        ]
        sums.other += amount
        sums.tax += tax
    if one.chance():
        tip = one.minor(1, 500)
        node["total_tip_money"] = one.money(tip)
        sums.other += tip
    if one.chance():
        rounding = one.minor(-4, 4)
        node["rounding_adjustment"] = {"name": "Rounding", "amount_money": one.money(rounding)}
        sums.other += rounding
    return node


def _line(one: _Draw, number: int, sums: Sums) -> tuple[SquareLineFacts, dict[str, Any]]:
    quantity, price = one.minor(1, 5), one.minor(1, 90_000)
    extra = one.minor(1, 300) if one.chance() else 0
    gross = quantity * (price + extra)
    off = one.minor(1, gross) if one.chance() else 0
    tax = one.minor(0, 900)
    facts = SquareLineFacts(f"uid{number}", Decimal(quantity), gross, gross - off, tax)
    node: dict[str, Any] = {
        "uid": facts.line_id,
        "catalog_object_id": f"VAR{number}",
        "quantity": str(quantity),
        "name": "Thing",
        "base_price_money": one.money(price),
        "gross_sales_money": one.money(gross),
        "applied_taxes": [{"uid": "a", "tax_uid": "T", "applied_money": one.money(tax)}],
        "total_tax_money": one.money(tax),
        "total_discount_money": one.money(off),
    }
    if extra:
        node["modifiers"] = [{"uid": "m", "name": "Extra", "base_price_money": one.money(extra)}]
    if off and one.chance(2):
        node["applied_discounts"] = [{"uid": "b", "discount_uid": "D", "applied_money": one.money(off)}]
    sums.subtotal += gross
    sums.goods_discount -= off
    sums.tax += tax
    return facts, node
