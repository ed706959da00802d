"""Generated orders of Magento, Medusa, Vendure and Unicommerce, each with the facts it must yield.

One basket is drawn and written out in the dialect of each platform; its sums are worked out here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from crossdock.canonical.profiles import parse_profile
from tests.kit.minor_units import Currency, Sums

Document = dict[str, Any]
ZONE = "Europe/Berlin"
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
PROFILES = {
    style: parse_profile(
        "{tenant: acme, partner: shop, kind: channel, format: any, channel: {commitment: sold, zone: "
        f"{ZONE}}}, money: {{amounts: {style}, tax_mode: stated}}}}"
    )
    for style in ("major_number", "minor_integer")
}

_CURRENCIES = (Currency("EUR", 2), Currency("JPY", 0), Currency("KWD", 3))
_HUNDREDTHS = _CURRENCIES[:2]
"""Those whose every amount Vendure can say."""


@dataclass(frozen=True)
class Item:
    """One line of a basket; amounts in minor units, tax and discount of the whole line."""

    number: int
    sku: str
    quantity: int
    unit: int
    off: int
    tax: int
    shipped: int

    @property
    def extended(self) -> int:
        return self.unit * self.quantity

    @property
    def net(self) -> int:
        return self.extended - self.off


@dataclass
class Basket:
    """What was bought, in minor units; `error` is what the stated total is too high by."""

    order_id: str
    currency: Currency
    items: list[Item]
    shipping: int
    shipping_tax: int
    error: int
    placed: datetime
    is_cancelled: bool
    sums: Sums = field(default_factory=Sums)

    def major(self, minor: int) -> float | int:
        """The amount as a JSON number of major units."""
        found: float | int = json.loads(self.currency.text(minor))
        return found


@dataclass
class PlatformFacts:
    """A payload and everything that must be read from it."""

    format: str
    payload: bytes
    style: str
    basket: Basket
    is_per_unit: bool = False


@st.composite
def baskets(draw: Any, *, is_per_unit: bool, currencies: tuple[Currency, ...] = _CURRENCIES) -> Basket:
    """Strategy of baskets; one that is sold by unit has neither shipping nor a stated total."""
    currency = draw(st.sampled_from(currencies))
    items = []
    for number in range(draw(st.integers(1, 3))):
        quantity, unit = draw(st.integers(1, 4)), draw(st.integers(1, 90_000))
        off = draw(st.sampled_from((0, 0, min(7, unit) * quantity)))
        tax = draw(st.integers(0, 900)) * (quantity if is_per_unit else 1)
        sku = draw(st.sampled_from((f"SKU-{number}", "SKU-SAME")))
        items.append(Item(number + 1, sku, quantity, unit, off, tax, draw(st.integers(0, quantity))))
    sums = Sums(subtotal=sum(one.extended for one in items), goods_discount=-sum(one.off for one in items))
    shipping = 0 if is_per_unit else draw(st.integers(0, 2_000))
    shipping_tax = draw(st.integers(0, 300)) if shipping else 0
    sums.shipping, sums.tax = shipping, sum(one.tax for one in items) + shipping_tax
    sums.finish(is_included=is_per_unit)
    return Basket(
        order_id=str(draw(st.integers(1, 2**40))),
        currency=currency,
        items=items,
        shipping=shipping,
        shipping_tax=shipping_tax,
        error=0 if is_per_unit else draw(st.sampled_from((0, 0, -3, 12))),
        placed=_EPOCH + timedelta(seconds=draw(st.integers(0, 60_000_000))),
        is_cancelled=draw(st.booleans()),
        sums=sums,
    )


def _magento(draw: Any, basket: Basket) -> Document:
    rows: list[Document] = []
    for item in basket.items:
        rows += _magento_rows(draw(st.sampled_from(("simple", "configurable", "nested"))), item, basket)
    sums, major = basket.sums, basket.major
    moment = basket.placed.strftime("%Y-%m-%d %H:%M:%S")
    return {
        "entity_id": int(basket.order_id),
        "increment_id": f"0{basket.order_id}",
        "state": "canceled" if basket.is_cancelled else "processing",
        "created_at": moment,
        "updated_at": moment,
        "order_currency_code": basket.currency.code,
        "base_currency_code": basket.currency.code,
        "subtotal": major(sums.subtotal),
        "discount_amount": major(sums.goods_discount),
        "tax_amount": major(sums.tax),
        "shipping_amount": major(basket.shipping),
        "shipping_tax_amount": major(basket.shipping_tax),
        "grand_total": major(sums.total + basket.error),
        "total_item_count": len(basket.items),
        "total_qty_ordered": sum(one.quantity for one in basket.items),
        "items": rows,
    }


def _magento_rows(kind: str, item: Item, basket: Basket) -> list[Document]:
    """One row, or a configurable parent and its child, or the child with its parent inside alone."""
    major = basket.major
    row: Document = {
        "item_id": item.number,
        "product_type": "simple" if kind == "simple" else "configurable",
        "sku": item.sku,
        "qty_ordered": item.quantity,
        "qty_shipped": item.shipped,
        "price": major(item.unit),
        "row_total": major(item.extended),
        "discount_amount": major(item.off),
        "tax_amount": major(item.tax),
    }
    if kind == "simple":
        return [row]
    child = row | {"item_id": item.number + 1000, "product_type": "simple", "parent_item_id": item.number}
    child |= dict.fromkeys(("price", "row_total", "discount_amount", "tax_amount"), 0)
    return [row, child] if kind == "configurable" else [child | {"parent_item": row}]


def _medusa(basket: Basket, said: Callable[[str, int], Document], version: int) -> Document:
    items: list[Document] = []
    for item in basket.items:
        node: Document = {"id": str(item.number), "quantity": item.quantity, "tax_lines": []}
        node |= {"is_tax_inclusive": False, "variant_sku": item.sku} if version == 2 else {"variant": {}}
        node |= said("unit_price", item.unit) | said("tax_total", item.tax)
        node["adjustments"] = [said("amount", item.off)] if item.off else []
        moved = {"shipped_quantity": item.shipped}
        node |= {"detail": moved} if version == 2 else moved | {"should_merge": True}
        if version == 1:
            node["variant"] = {"sku": item.sku}
        items.append(node)
    shipping = said("amount" if version == 2 else "price", basket.shipping)
    moment = basket.placed.isoformat().replace("+00:00", ".000Z")
    sums, subtotal = basket.sums, "original_item_subtotal" if version == 2 else "subtotal"
    return {
        "order": {
            "id": basket.order_id,
            "status": "canceled" if basket.is_cancelled else "pending",
            "currency_code": basket.currency.code.lower(),
            "created_at": moment,
            "updated_at": moment,
            "items": items,
            "shipping_methods": [shipping | said("tax_total", basket.shipping_tax)],
            **said(subtotal, sums.subtotal),
            **said("discount_total", sums.taken_off),
            **said("tax_total", sums.tax),
            **said("total", sums.total + basket.error),
        }
    }


def _vendure(basket: Basket) -> Document:
    """Whole hundredths in every currency."""

    def hundredths(minor: int) -> int:
        return int(minor * 10 ** (2 - basket.currency.places))

    lines = [_vendure_line(item, hundredths) for item in basket.items]
    moved = [{"orderLineId": str(one.number), "quantity": one.shipped} for one in basket.items]
    moment = basket.placed.isoformat().replace("+00:00", ".000Z")
    shipping = {
        "price": hundredths(basket.shipping),
        "priceWithTax": hundredths(basket.shipping + basket.shipping_tax),
    }
    return {
        "data": {
            "order": {
                "code": basket.order_id,
                "state": "Cancelled" if basket.is_cancelled else "PaymentSettled",
                "currencyCode": basket.currency.code,
                "orderPlacedAt": moment,
                "updatedAt": moment,
                "lines": lines,
                "shippingLines": [shipping],
                "subTotal": hundredths(basket.sums.goods),
                "taxSummary": [{"taxTotal": hundredths(basket.sums.tax)}],
                "totalWithTax": hundredths(basket.sums.total + basket.error),
                "totalQuantity": sum(one.quantity for one in basket.items),
                "fulfillments": [{"state": "Shipped", "lines": moved}],
            }
        }
    }


def _vendure_line(item: Item, hundredths: Callable[[int], int]) -> Document:
    return {
        "id": str(item.number),
        "quantity": item.quantity,
        "unitPrice": hundredths(item.unit),
        "linePrice": hundredths(item.extended),
        "linePriceWithTax": hundredths(item.extended + item.tax),
        "unitPriceWithTax": hundredths(item.extended + item.tax) // item.quantity,
        "proratedLinePrice": hundredths(item.net),
        "proratedLinePriceWithTax": hundredths(item.net + item.tax),
        "productVariant": {"sku": item.sku},
    }


def _unicommerce(basket: Basket) -> Document:
    rows = []
    for item in basket.items:
        for unit in range(item.quantity):
            off = item.off // item.quantity
            rows.append(
                {
                    "code": f"{item.number}-{unit}",
                    "itemSku": item.sku,
                    "sellingPrice": basket.major(item.unit - off),
                    "totalPrice": basket.major(item.unit - off),
                    "discount": basket.major(off),
                    "totalIntegratedGst": basket.major(item.tax // item.quantity),
                    "statusCode": "DISPATCHED" if unit < item.shipped else "CREATED",
                }
            )
    millis = int(basket.placed.timestamp()) * 1000
    order = {
        "code": basket.order_id,
        "status": "CANCELLED" if basket.is_cancelled else "CREATED",
        "currencyCode": basket.currency.code,
        "displayOrderDateTime": millis,
        "created": millis,
        "updated": millis,
        "saleOrderItems": rows,
    }
    return {"successful": True, "saleOrderDTO": order}


@st.composite
def platform_orders(draw: Any) -> PlatformFacts:
    """Strategy of payloads of any of the platforms with their facts."""
    name = draw(
        st.sampled_from(("magento_order", "medusa_order", "medusa_1", "vendure_order", "unicommerce_order"))
    )
    known = _HUNDREDTHS if name == "vendure_order" else _CURRENCIES
    basket = draw(baskets(is_per_unit=name == "unicommerce_order", currencies=known))
    style = "minor_integer" if name in ("medusa_1", "vendure_order") else "major_number"

    def minor(field_name: str, amount: int) -> Document:
        return {field_name: amount}

    def raw(field_name: str, amount: int) -> Document:
        exact = {"value": basket.currency.text(amount), "precision": 20}
        return {field_name: basket.major(amount), f"raw_{field_name}": exact}

    if name == "magento_order":
        document = _magento(draw, basket)
    elif name == "medusa_order":
        document = _medusa(basket, raw, 2)
    elif name == "medusa_1":
        document = _medusa(basket, minor, 1)
    else:
        document = _vendure(basket) if name == "vendure_order" else _unicommerce(basket)
    form = "medusa_order" if name == "medusa_1" else name
    return PlatformFacts(form, json.dumps(document).encode(), style, basket, name == "unicommerce_order")
