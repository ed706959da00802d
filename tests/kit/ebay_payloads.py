"""Generated eBay orders, each with the facts it must yield, worked out in minor units of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.kit.minor_units import Currency, Sums

RATE = 3
"""Presentment per shop currency in converted payloads; eBay states both figures, never the rate."""
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_PAYMENT = {
    "PAID": "paid",
    "PENDING": "pending",
    "FAILED": "pending",
    "FULLY_REFUNDED": "refunded",
    "PARTIALLY_REFUNDED": "partially_refunded",
    "SOMETHING_NEW": "unknown",
}
_CANCEL = {"NONE_REQUESTED": "none", "IN_PROGRESS": "requested", "CANCELED": "cancelled", None: "none"}


@dataclass(slots=True)
class EbayLineFacts:
    """What one line must become; amounts in minor units."""

    line_id: str
    ordered: int
    fulfilled: int
    cost: int
    net: int
    sku: str | None
    tax: int = 0
    withheld: int = 0


@dataclass(slots=True)
class EbayFacts:
    """A payload and everything that must be read from it."""

    payload: bytes
    order_id: str
    currency: Currency
    presentment: str | None
    placed: datetime
    modified: datetime
    payment: str
    cancellation: str
    lines: list[EbayLineFacts] = field(default_factory=list)
    sums: Sums = field(default_factory=Sums)
    total_error: int = 0


class _Draw:
    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.currency = draw(st.sampled_from((Currency("USD", 2), Currency("JPY", 0))))
        self.is_converted = draw(st.booleans())

    def chance(self, of: int = 3) -> bool:
        return bool(self.draw(st.integers(1, of)) == 1)

    def minor(self, least: int, most: int) -> int:
        return int(self.draw(st.integers(least, most)))

    def money(self, minor: int) -> dict[str, str]:
        """An amount object, in some payloads with what it was converted from."""
        text = self.currency.text(minor)
        if self.currency.places and text.endswith("0"):
            text = text[:-1]  # eBay writes 10.8
        node = {"value": text, "currency": self.currency.code}
        if self.is_converted:
            node |= {"convertedFromValue": self.currency.text(minor * RATE), "convertedFromCurrency": "EUR"}
            if not self.currency.places:
                node["convertedFromValue"] = f"{minor * RATE}.00"
        return node


@st.composite
def ebay_orders(draw: Any) -> EbayFacts:
    """Strategy of payloads with their facts."""
    one = _Draw(draw)
    sums = Sums()
    built = [_line(one, number, sums) for number in range(one.minor(1, 4))]
    sums.finish(is_included=False)
    beside = sum(facts.withheld for facts, _ in built)
    placed = _EPOCH + timedelta(seconds=one.minor(0, 90_000_000))
    modified = placed + timedelta(milliseconds=one.minor(0, 9_000_000))
    error = one.minor(-30, 30) if one.chance(4) else 0
    payment, cancel = draw(st.sampled_from(sorted(_PAYMENT))), draw(st.sampled_from(list(_CANCEL)))
    order_id = f"{one.minor(10, 99)}-{one.minor(10_000, 99_999)}-{one.minor(10_000, 99_999)}"
    node: dict[str, Any] = {
        "orderId": order_id,
        "creationDate": _text(placed),
        "lastModifiedDate": _text(modified),
        "orderPaymentStatus": payment,
        "pricingSummary": _summary(one, sums, beside, error),
        "lineItems": [line for _, line in built],
        "newField": {"a": [1.5]},
    }
    if cancel is not None:
        node["cancelStatus"] = {"cancelState": cancel, "cancelRequests": []}
    if one.chance():
        node = {"orders": [node], "total": 1}
    return EbayFacts(
        json.dumps(node, indent=draw(st.sampled_from((None, 2)))).encode(),
        order_id,
        one.currency,
        "EUR" if one.is_converted else None,
        placed,
        modified,
        _PAYMENT[payment],
        _CANCEL[cancel],
        [facts for facts, _ in built],
        sums,
        error,
    )


def _summary(one: _Draw, sums: Sums, beside: int, error: int) -> dict[str, Any]:
    node = {
        "priceSubtotal": one.money(sums.subtotal),
        "deliveryCost": one.money(sums.shipping),
        "total": one.money(sums.total - beside + error),
    }
    if sums.goods_discount and one.chance(2):
        node["priceDiscount"] = one.money(sums.goods_discount)
    if sums.tax - beside and one.chance(2):
        node["tax"] = one.money(sums.tax - beside)
    return node


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _line(one: _Draw, number: int, sums: Sums) -> tuple[EbayLineFacts, dict[str, Any]]:
    quantity, cost = one.minor(1, 5), one.minor(100, 90_000)
    off = one.minor(1, cost) if one.chance() else 0
    shipping = one.minor(0, 900)
    is_fulfilled = one.chance()
    sku = one.draw(st.sampled_from((f"SKU-{number}", "", None)))
    facts = EbayLineFacts(
        str(10**13 + number), quantity, quantity if is_fulfilled else 0, cost, cost - off, sku or None
    )
    node: dict[str, Any] = {
        "lineItemId": facts.line_id,
        "legacyItemId": str(12_000 + number),
        "sku": sku,
        "quantity": quantity,
        "lineItemCost": one.money(cost),
        "lineItemFulfillmentStatus": "FULFILLED" if is_fulfilled else "NOT_STARTED",
        "deliveryCost": {"shippingCost": one.money(shipping)} if shipping or one.chance() else {},
        "appliedPromotions": [],
        "taxes": [],
    }
    if off:
        if one.chance(2):
            node["discountedLineItemCost"] = one.money(cost - off)
        if "discountedLineItemCost" not in node or one.chance(2):
            node["appliedPromotions"] = [{"promotionId": "P-1", "discountAmount": one.money(off)}]
    _taxes(one, node, facts)
    sums.subtotal += cost
    sums.goods_discount -= off
    sums.shipping += shipping
    sums.tax += facts.tax
    node["total"] = one.money(cost - off + shipping + facts.tax - facts.withheld)
    return facts, node


def _taxes(one: _Draw, node: dict[str, Any], facts: EbayLineFacts) -> None:
    """Tax of the seller, of eBay, or of eBay repeated in the seller's list; `withheld` is beside totals."""
    kind = one.draw(st.sampled_from(("none", "own", "beside", "repeated")))
    if kind == "none":
        return
    facts.tax = one.minor(1, 900)
    tax = {"taxType": "STATE_SALES_TAX", "amount": one.money(facts.tax)}
    if kind != "beside":
        node["taxes"] = [tax if kind == "own" else {"amount": one.money(facts.tax)}]
    if kind != "own":
        node["ebayCollectAndRemitTaxes"] = [tax | {"collectionMethod": "NET"}]
    if kind == "beside":
        facts.withheld = facts.tax
