"""Generated Amazon orders, each with the facts it must yield, written as any of the three interfaces.

The facts are worked out in minor units of their own; a renderer only spells them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.kit.minor_units import Currency, Sums

ZONE = "Europe/Berlin"
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_CURRENCIES = (Currency("USD", 2), Currency("JPY", 0), Currency("KWD", 3))
_STATUS = {
    "Pending": ("pending", "none"),
    "Unshipped": ("authorized", "none"),
    "PartiallyShipped": ("authorized", "none"),
    "Shipped": ("paid", "none"),
    "Canceled": ("voided", "cancelled"),
}
_STATUS_2026 = {
    "Pending": "PENDING",
    "Unshipped": "UNSHIPPED",
    "PartiallyShipped": "PARTIALLY_SHIPPED",
    "Shipped": "SHIPPED",
    "Canceled": "CANCELLED",
}
_PARTS = ("shipping", "shipping_off", "promotion", "wrap")


@dataclass(slots=True)
class AmazonLineFacts:
    """What one line must become; amounts in minor units, discounts positive."""

    line_id: str
    sku: str
    ordered: int
    fulfilled: int
    price: int
    tax: int
    amounts: dict[str, int] = field(default_factory=dict)
    taxes: dict[str, int] = field(default_factory=dict)
    is_asked_to_cancel: bool = False

    @property
    def net(self) -> int:
        """Goods less promotions."""
        return self.price - self.amounts.get("promotion", 0)

    @property
    def all_tax(self) -> int:
        """Taxes of the goods and of all charges, those of discounts taken off."""
        signs = {"shipping": 1, "wrap": 1, "shipping_off": -1, "promotion": -1}
        return self.tax + sum(signs[name] * tax for name, tax in self.taxes.items())

    @property
    def all_charges(self) -> int:
        """Everything but the goods and the taxes."""
        said = self.amounts
        charged = said.get("shipping", 0) + said.get("wrap", 0)
        return charged - said.get("shipping_off", 0) - said.get("promotion", 0)


@dataclass(slots=True)
class AmazonFacts:
    """An order and everything that must be read from it."""

    order_id: str
    currency: Currency
    lines: list[AmazonLineFacts]
    sums: Sums
    total_error: int
    is_included: bool
    status: str
    placed: datetime
    modified: datetime
    fulfilled_by: str
    is_numeric: bool
    """Amounts as JSON numbers instead of text."""

    @property
    def payment(self) -> str:
        """Payment status that must be read."""
        return _STATUS[self.status][0]

    @property
    def cancellation(self) -> str:
        """Cancellation status that must be read."""
        said = _STATUS[self.status][1]
        is_asked = any(line.is_asked_to_cancel for line in self.lines)
        return "requested" if said == "none" and is_asked else said

    @property
    def tax_mode(self) -> str:
        """What the profile declares."""
        return "inclusive" if self.is_included else "exclusive"

    @property
    def business_date(self) -> str:
        """Date of the order in the profile's zone."""
        return self.placed.astimezone(ZoneInfo(ZONE)).date().isoformat()

    def amount(self, minor: int) -> object:
        """An amount as text or number."""
        text = self.currency.text(minor)
        return json.loads(text) if self.is_numeric else text

    def v0(self) -> dict[str, Any]:
        """As getOrder answers it, with its items inside."""
        return {
            "AmazonOrderId": self.order_id,
            "PurchaseDate": _zulu(self.placed),
            "LastUpdateDate": _zulu(self.modified),
            "OrderStatus": self.status,
            "FulfillmentChannel": {"channel": "AFN", "seller": "MFN"}[self.fulfilled_by],
            "OrderTotal": self._v0_money(self.sums.total + self.total_error),
            "OrderItems": [self._v0_item(line) for line in self.lines],
        }

    def _v0_money(self, minor: int) -> dict[str, Any]:
        return {"CurrencyCode": self.currency.code, "Amount": self.amount(minor)}

    def _v0_item(self, line: AmazonLineFacts) -> dict[str, Any]:
        names = {
            "shipping": ("ShippingPrice", "ShippingTax"),
            "shipping_off": ("ShippingDiscount", "ShippingDiscountTax"),
            "promotion": ("PromotionDiscount", "PromotionDiscountTax"),
            "wrap": ("GiftWrapPrice", "GiftWrapTax"),
        }
        item: dict[str, Any] = {
            "OrderItemId": line.line_id,
            "SellerSKU": line.sku,
            "ASIN": "B000EXAMPL",
            "QuantityOrdered": line.ordered,
            "QuantityShipped": line.fulfilled,
            "ItemPrice": self._v0_money(line.price),
            "ItemTax": self._v0_money(line.tax),
        }
        for part, minor in line.amounts.items():
            item[names[part][0]] = self._v0_money(minor)
        for part, minor in line.taxes.items():
            item[names[part][1]] = self._v0_money(minor)
        if line.is_asked_to_cancel:
            item["BuyerRequestedCancel"] = {"IsBuyerRequestedCancel": "true", "BuyerCancelReason": "…"}
        return item

    def mws(self) -> bytes:
        """As the legacy service answers it, with its items inside."""
        order = self.v0()
        order["OrderItems"] = {"OrderItem": order["OrderItems"]}
        tree = {"GetOrderResult": {"Orders": {"Order": order}}}
        namespace = 'xmlns="https://mws.example/Orders/2013-09-01"'
        return f"<GetOrderResponse {namespace}>{_xml(tree)}</GetOrderResponse>".encode()

    def v2026(self) -> dict[str, Any]:
        """As searchOrders answers it."""
        total = self.sums.total + self.total_error
        window = {"earliestDateTime": _zulu(self.placed), "latestDateTime": _zulu(self.modified)}
        return {
            "orderId": self.order_id,
            "createdTime": _zulu(self.placed),
            "lastUpdatedTime": _zulu(self.modified),
            "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
            "proceeds": {"grandTotal": self._money(total)},
            "fulfillment": {
                "fulfillmentStatus": _STATUS_2026[self.status],
                "fulfilledBy": {"channel": "AMAZON", "seller": "MERCHANT"}[self.fulfilled_by],
                "shipByWindow": window,
            },
            "orderItems": [self._item(line) for line in self.lines],
        }

    def _money(self, minor: int) -> dict[str, Any]:
        return {"amount": self.amount(minor), "currencyCode": self.currency.code}

    def _item(self, line: AmazonLineFacts) -> dict[str, Any]:
        said = line.amounts
        parts = [self._part("ITEM", line.price)]
        if "shipping" in said:
            parts.append(self._part("SHIPPING", said["shipping"]))
        if "wrap" in said:
            parts.append(self._part("GIFT_WRAP", said["wrap"]))
        off = {"SHIPPING": said.get("shipping_off", 0), "ITEM": said.get("promotion", 0)}
        if any(off.values()):
            parts.append(self._part("DISCOUNT", sum(off.values()), off))
        words = {"shipping": ("SHIPPING", 1), "wrap": ("GIFT_WRAP", 1)}
        words |= {"shipping_off": ("DISCOUNT", -1), "promotion": ("DISCOUNT", -1)}
        taxes = {"ITEM": line.tax}
        for part, minor in line.taxes.items():
            word, sign = words[part]
            taxes[word] = taxes.get(word, 0) + sign * minor
        parts.append(self._part("TAX", line.all_tax, taxes))
        total = line.price + line.all_charges + (0 if self.is_included else line.all_tax)
        item: dict[str, Any] = {
            "orderItemId": line.line_id,
            "quantityOrdered": line.ordered,
            "product": {"asin": "B000EXAMPL", "sellerSku": line.sku},
            "proceeds": {"proceedsTotal": self._money(total), "breakdowns": parts},
            "fulfillment": {"quantityFulfilled": line.fulfilled},
        }
        if line.is_asked_to_cancel:
            item["cancellation"] = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "…"}}
        return item

    def _part(self, word: str, minor: int, details: dict[str, int] | None = None) -> dict[str, Any]:
        part: dict[str, Any] = {"type": word, "subtotal": self._money(minor)}
        if details is not None:
            part["detailedBreakdowns"] = [
                {"subtype": name, "value": self._money(value)} for name, value in details.items()
            ]
        return part


def _zulu(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _xml(node: object) -> str:
    if not isinstance(node, dict):
        return escape(str(node))
    return "".join(
        f"<{name}>{_xml(one)}</{name}>"
        for name, value in node.items()
        for one in (value if isinstance(value, list) else [value])
    )


@st.composite
def amazon_orders(draw: Any) -> AmazonFacts:
    """Strategy of orders with their facts."""

    def number(least: int, most: int) -> int:
        return int(draw(st.integers(least, most)))

    is_included, sums = bool(draw(st.booleans())), Sums()
    lines = [_line(draw, place) for place in range(number(1, 4))]
    for line in lines:
        sums.subtotal += line.price
        sums.goods_discount -= line.amounts.get("promotion", 0)
        sums.shipping += line.amounts.get("shipping", 0)
        sums.shipping_discount -= line.amounts.get("shipping_off", 0)
        sums.other += line.amounts.get("wrap", 0)
        sums.tax += line.all_tax
    sums.finish(is_included=is_included)
    placed = _EPOCH + timedelta(milliseconds=number(0, 10**11))
    return AmazonFacts(
        order_id=f"{number(100, 999)}-{number(10**6, 10**7 - 1)}-{number(10**6, 10**7 - 1)}",
        currency=draw(st.sampled_from(_CURRENCIES)),
        lines=lines,
        sums=sums,
        total_error=number(-30, 30) if draw(st.booleans()) else 0,
        is_included=is_included,
        status=draw(st.sampled_from(sorted(_STATUS))),
        placed=placed,
        modified=placed + timedelta(milliseconds=number(0, 10**9)),
        fulfilled_by=draw(st.sampled_from(("seller", "channel"))),
        is_numeric=bool(draw(st.booleans())),
    )


def _line(draw: Any, place: int) -> AmazonLineFacts:
    def number(least: int, most: int) -> int:
        return int(draw(st.integers(least, most)))

    ordered, price = number(1, 9), number(0, 90_000)
    line = AmazonLineFacts(
        line_id=str(number(10**13, 10**14 - 10) // 10 * 10 + place),
        sku=draw(st.sampled_from(("", f"SKU-{place}"))),
        ordered=ordered,
        fulfilled=number(0, ordered),
        price=price,
        tax=number(0, 900),
        is_asked_to_cancel=draw(st.integers(0, 5)) == 0,
    )
    for part in _PARTS:
        if draw(st.booleans()):
            line.amounts[part] = number(1, 500)
            line.taxes[part] = number(0, 40)
    return line
