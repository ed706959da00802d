"""Generated WooCommerce orders, each with the facts it must yield, worked out in minor units of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.kit.minor_units import Currency, Sums

ZONE = "Europe/Berlin"
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_CURRENCIES = (Currency("USD", 2), Currency("JPY", 0), Currency("BHD", 3))
_STATUS = {
    "pending": ("pending", "none"),
    "on-hold": ("pending", "none"),
    "processing": ("paid", "none"),
    "completed": ("paid", "none"),
    "cancelled": ("voided", "cancelled"),
}


@dataclass(slots=True)
class WooLineFacts:
    """What one line must become; amounts in minor units."""

    line_id: str
    ordered: int
    extended: int
    net: int
    sku: str | None


@dataclass(slots=True)
class WooFacts:
    """A payload and everything that must be read from it."""

    payload: bytes
    order_id: str
    currency: Currency
    lines: list[WooLineFacts]
    sums: Sums
    total_error: int
    placed: datetime
    business_date: str
    payment: str
    cancellation: str


@dataclass
class _Draw:
    draw: Any
    currency: Currency
    is_numeric: bool

    def chance(self, of: int = 3) -> bool:
        return bool(self.draw(st.integers(1, of)) == 1)

    def minor(self, least: int, most: int) -> int:
        return int(self.draw(st.integers(least, most)))

    def said(self, minor: int) -> object:
        """An amount as text or, in some payloads, as a number."""
        text = self.currency.text(minor)
        return json.loads(text) if self.is_numeric and self.chance(2) else text


@st.composite
def woo_orders(draw: Any) -> WooFacts:
    """Strategy of payloads with their facts."""
    one = _Draw(draw, draw(st.sampled_from(_CURRENCIES)), draw(st.booleans()))
    sums = Sums()
    lines = [_line(one, number, sums) for number in range(one.minor(1, 4))]
    node: dict[str, Any] = {"line_items": [built for _, built in lines], "currency": one.currency.code}
    _charges(one, node, sums)
    sums.finish(is_included=False)
    order_id = one.minor(1, 2**40)
    placed = _EPOCH + timedelta(minutes=one.minor(0, 1_500_000))
    status = draw(st.sampled_from(sorted(_STATUS)))
    error = one.minor(-30, 30) if one.chance(4) else 0
    node |= {
        "id": order_id if one.chance(2) else str(order_id),
        "status": status,
        "date_created_gmt": placed.strftime("%Y-%m-%dT%H:%M:%S"),
        "date_created": (placed + timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%S"),
        "date_modified_gmt": placed.strftime("%Y-%m-%dT%H:%M:%S"),
        "date_paid_gmt": None,
        "total": one.said(sums.total + error),
        "total_tax": one.said(sums.tax),
        "discount_total": one.said(-sums.goods_discount),
        "prices_include_tax": draw(st.booleans()),
        "meta_data": draw(st.sampled_from(([], {"a": 1}, "junk", [{"value": {"b": [1.5]}}]))),
        "billing": draw(st.sampled_from(({}, {"first_name": ""}, None, []))),
    }
    payment, cancellation = _STATUS[status]
    data = json.dumps(node, ensure_ascii=one.chance(2), indent=draw(st.sampled_from((None, 2)))).encode()
    return WooFacts(
        data,
        str(order_id),
        one.currency,
        [facts for facts, _ in lines],
        sums,
        error,
        placed,
        placed.astimezone(ZoneInfo(ZONE)).date().isoformat(),
        payment,
        cancellation,
    )


def _line(one: _Draw, number: int, sums: Sums) -> tuple[WooLineFacts, dict[str, Any]]:
    quantity, gross = one.minor(1, 5), one.minor(0, 90_000)
    off = one.minor(1, gross) if gross and one.chance() else 0
    taxes = [one.minor(0, 900) for _ in range(one.minor(0, 2))]
    sku = one.draw(st.sampled_from((f"SKU-{number}", "")))
    line_id = one.minor(1, 2**40) * 8 + number
    node = {
        "id": line_id,
        "sku": sku,
        "quantity": quantity if one.chance(2) else str(quantity),
        "subtotal": one.said(gross),
        "total": one.said(gross - off),
        "total_tax": one.said(sum(taxes)),
        "taxes": [{"id": 70 + place, "total": one.said(tax)} for place, tax in enumerate(taxes)],
        "price": (gross - off) / quantity / 10**one.currency.places,  # as PHP does it, in floats
    }
    sums.subtotal += gross
    sums.goods_discount -= off
    sums.tax += sum(taxes)
    return WooLineFacts(str(line_id), quantity, gross, gross - off, sku or None), node


def _charges(one: _Draw, node: dict[str, Any], sums: Sums) -> None:
    node["shipping_lines"], node["fee_lines"] = [], []
    for _ in range(one.minor(0, 2)):
        amount, tax = one.minor(0, 2_000), one.minor(0, 200)
        node["shipping_lines"].append(
            {"method_title": "Post", "total": one.said(amount), "total_tax": one.said(tax)}
        )
        sums.shipping += amount
        sums.tax += tax
    node["shipping_total"] = one.said(sums.shipping)
    for _ in range(one.minor(0, 2)):
        amount = one.minor(-500, 500)
        node["fee_lines"].append({"name": "Fee", "total": one.said(amount)})
        sums.other += amount
