"""Amounts in minor units: how generated payloads work out their facts, without the code under test."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and how many decimals it has."""

    code: str
    places: int

    def text(self, minor: int) -> str:
        """The amount as sources write it."""
        sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).zfill(self.places + 1)
        if not self.places:
            return sign + digits
        return f"{sign}{digits[: -self.places]}.{digits[-self.places :]}"

    def amount(self, minor: int) -> Decimal:
        """The amount in major units."""
        return Decimal(self.text(minor))


@dataclass(slots=True)
class Sums:
    """The sums of an order in minor units; discounts negative."""

    subtotal: int = 0
    goods_discount: int = 0
    shipping: int = 0
    shipping_discount: int = 0
    tax: int = 0
    other: int = 0
    total: int = 0

    def finish(self, *, is_included: bool) -> None:
        """Add up the total."""
        charges = self.shipping + self.shipping_discount + self.other
        self.total = self.subtotal + self.goods_discount + charges + (0 if is_included else self.tax)

    @property
    def goods(self) -> int:
        """Goods after their discounts."""
        return self.subtotal + self.goods_discount

    @property
    def discount(self) -> int:
        """Everything taken off, negative."""
        return self.goods_discount + self.shipping_discount

    @property
    def taken_off(self) -> int:
        """Everything taken off, positive."""
        return -self.discount


def draw_parts(draw: Any, quantity: int) -> tuple[int, int, int]:
    """A quantity in three parts."""
    first = int(draw(st.integers(0, quantity)))
    second = int(draw(st.integers(0, quantity - first)))
    return first, second, quantity - first - second
