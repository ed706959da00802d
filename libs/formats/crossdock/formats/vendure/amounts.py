"""Amounts of a Vendure order: lines, shipping, surcharges, discounts, taxes.

Invariant: of each figure the one of the order's tax mode is used, and the tax is the difference of the two
where both stand. What is stated only as a total becomes one order-level entry, with a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import (
    AdjustmentKind,
    DualMoney,
    Identifier,
    IdentifierScheme,
    PartnerProfile,
)
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import Fields, child, children, rate_percent, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, Pair, StatedDraft, TaxDraft, both
from crossdock.formats.order_mapping import LineIds
from crossdock.formats.order_models import dual_money
from crossdock.formats.profile_rules import order_currency

_ONE: Final = Decimal(1)
_NONE: Final = Decimal(0)
LINE_AMOUNTS: Final = ("proratedLinePrice", "discountedLinePrice", "linePrice")
"""Figures of a line, the one after the most discounts first."""
_LEFT: Final = frozenset({"Shipped", "Delivered"})
_DECIMALS: Final = 2
"""Precision of Vendure's own money strategy, for every currency."""


class VendureAmounts(Fields):
    """Readers of one order's amounts: whole hundredths whatever the profile says, and whatever the currency:
    Vendure multiplies yen by 100 too."""

    __slots__ = ("_channel", "_order", "_path", "currency", "is_inclusive")

    def __init__(
        self, document: Document, profile: PartnerProfile, order: Node, path: str, channel: str
    ) -> None:
        super().__init__(document, profile)
        if self._style != "minor_integer":
            detail = "money of Vendure is whole hundredths, the profile's money.amounts says otherwise"
            document.warn("amounts_differ", detail, f"{path}.currencyCode")
            self._style = "minor_integer"
        self._order = order
        self._path = path
        self._channel = channel
        self.currency = order_currency(text(order, "currencyCode"), profile, f"{path}.currencyCode")
        self.exponent = _DECIMALS
        self.is_inclusive = _is_inclusive(order, profile)

    def money(self, amount: Decimal) -> DualMoney:
        """The amount in the order's currency."""
        return dual_money(both(amount), self.currency, self.currency)

    def figure(self, node: Node, name: str, path: str) -> Decimal | None:
        """The figure of the order's tax mode; None where it is not stated."""
        return self.amount(node, f"{name}WithTax" if self.is_inclusive else name, path)

    def tax_between(self, node: Node, name: str, path: str) -> Decimal | None:
        """What a figure has more with tax; None where one of the two is not stated."""
        net, gross = self.amount(node, name, path), self.amount(node, f"{name}WithTax", path)
        return None if net is None or gross is None else gross - net

    @property
    def shipping_method(self) -> str | None:
        """Name of the first shipping method that has one."""
        nodes = (child(node, "shippingMethod") for node in children(self._order, "shippingLines"))
        names = (text(node, "name") or text(node, "code") for node in nodes)
        return next((name for name in names if name), None)

    def order_lines(self) -> list[LineDraft]:
        """Lines in the order of the payload. Raises Rejected where one has no amount or quantity."""
        shipped = self._shipped()
        lines: list[LineDraft] = []
        ids = LineIds(self.document)
        for index, node in enumerate(self.lines(self._order, "lines", self._path)):
            line = self._line(node, f"{self._path}.lines[{index}]")
            ids.settle(line)
            line.fulfilled = shipped.get(line.line_id, _NONE)
            lines.append(line)
        return lines

    def _line(self, node: Node, path: str) -> LineDraft:
        quantity = self.count(node, "quantity", path)
        if quantity is None:
            raise Rejected(RejectionCode.FIELD_INVALID, "the line states no quantity", f"{path}.quantity")
        ordered = max(self.count(node, "orderPlacedQuantity", path) or quantity, quantity)
        extended, price = self.figure(node, "linePrice", path), self.figure(node, "unitPrice", path)
        if extended is None and price is None:
            detail = "the line states neither a line price nor a unit price of the order's tax mode"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.linePrice")
        if extended is None and ordered != quantity and price is not None:
            extended = price * quantity
        line = LineDraft(
            line_id=self.loose_identity(node, "id", path) or "",
            ordered=ordered,
            unit_price=None if price is None else both(price),
            is_price_compared=ordered == quantity,
            extended=None if extended is None else both(extended),
            identifiers=self._identifiers(node),
            cancelled=ordered - quantity,
            taxes=self._line_taxes(node, path),
            path=path,
        )
        whole = extended if extended is not None else (price or _NONE) * quantity
        reduction = self._reduction(node, path, whole)
        if reduction:
            line.adjustments = [_discount(reduction, _reasons(node))]
        return line

    def _identifiers(self, node: Node) -> tuple[Identifier, ...]:
        variant = child(node, "productVariant")
        sku = text(variant, "sku") or text(node, "sku")
        number = text(variant, "id") or text(node, "productVariantId")
        found = [] if sku is None else [item_identifier(IdentifierScheme.SKU, sku)]
        if number is not None:
            found.append(item_identifier(IdentifierScheme.CHANNEL_VARIANT, number, self._channel))
        return tuple(found)

    def _reduction(self, node: Node, path: str, whole: Decimal) -> Decimal:
        """What was taken off a line, signed: by its prorated price, its discounted price, its discounts."""
        for name in ("proratedLinePrice", "discountedLinePrice"):
            after = self.figure(node, name, path)
            if after is not None:
                return after - whole
        return self._sum(node, "discounts", path) or _NONE

    def _sum(self, node: Node, name: str, path: str) -> Decimal | None:
        nodes = children(node, name)
        amounts = [self.figure(one, "amount", f"{path}.{name}[{index}]") for index, one in enumerate(nodes)]
        return sum((one for one in amounts if one is not None), _NONE) if nodes else None

    def _line_taxes(self, node: Node, path: str) -> list[TaxDraft]:
        found = (self.tax_between(node, name, path) for name in LINE_AMOUNTS)
        amount = next((one for one in found if one is not None), None)
        amount = self.amount(node, "lineTax", path) if amount is None else amount
        if amount is None:
            return []
        named = next(iter(children(node, "taxLines")), {})
        rate = node.get("taxRate") if node.get("taxRate") is not None else named.get("taxRate")
        title = text(named, "description") or ""
        return (
            [TaxDraft(both(amount), rate_percent(rate, _ONE), jurisdiction=title)] if amount or rate else []
        )

    def adjustments(self, lines: list[LineDraft]) -> list[AdjustmentDraft]:
        """Shipping, surcharges, and discounts that no line carries."""
        found = [*self._shipping(), *self._surcharges()]
        is_itemised = any(line.adjustments for line in lines) or any(not one.is_charge for one in found)
        total = self._sum(self._order, "discounts", self._path)
        if total and not is_itemised:
            self._not_itemised("discounts")
            found.append(_discount(total, _reasons(self._order)))
        return found

    def _shipping(self) -> Iterator[AdjustmentDraft]:
        nodes = children(self._order, "shippingLines")
        for index, node in enumerate(nodes):
            path = f"{self._path}.shippingLines[{index}]"
            price = self.figure(node, "price", path)
            if price is None:
                continue
            after = self.figure(node, "discountedPrice", path)
            taxes = self._tax_of(node, ("discountedPrice", "price"), path)
            title = text(child(node, "shippingMethod"), "name") or ""
            yield AdjustmentDraft(AdjustmentKind.SHIPPING, True, both(price), title, taxes)
            if after is not None and after != price:
                reasons = _reasons(node)
                yield AdjustmentDraft(AdjustmentKind.SHIPPING, False, both(after - price), reasons)
        total = self.figure(self._order, "shipping", self._path)
        if not nodes and total:
            taxes = self._tax_of(self._order, ("shipping",), self._path)
            yield AdjustmentDraft(AdjustmentKind.SHIPPING, True, both(total), "", taxes)

    def _surcharges(self) -> Iterator[AdjustmentDraft]:
        for node, path in members(self._order, "surcharges", self._path):
            price = self.figure(node, "price", path)
            if price is not None:
                taxes = self._tax_of(node, ("price",), path)
                title = text(node, "description") or text(node, "sku") or ""
                yield AdjustmentDraft(AdjustmentKind.SURCHARGE, price >= 0, both(price), title, taxes)

    def _tax_of(self, node: Node, names: tuple[str, ...], path: str) -> tuple[TaxDraft, ...]:
        found = (self.tax_between(node, name, path) for name in names)
        amount = next((one for one in found if one is not None), None)
        return (TaxDraft(both(amount), rate_percent(node.get("taxRate"), _ONE)),) if amount else ()

    def loose_taxes(self, lines: list[LineDraft], adjustments: list[AdjustmentDraft]) -> list[TaxDraft]:
        """The order's taxes where neither lines nor charges carry any."""
        if any(line.taxes for line in lines) or any(one.taxes for one in adjustments):
            return []
        found = []
        for index, node in enumerate(children(self._order, "taxSummary")):
            amount = self.amount(node, "taxTotal", f"{self._path}.taxSummary[{index}]")
            if amount:
                rate, title = rate_percent(node.get("taxRate"), _ONE), text(node, "description") or ""
                found.append(TaxDraft(both(amount), rate, jurisdiction=title))
        total = self.tax_between(self._order, "total", self._path)
        if not found and total:
            found = [TaxDraft(both(total))]
        if found:
            self._not_itemised("taxSummary")
        return found

    def _not_itemised(self, name: str) -> None:
        detail = "the amount is stated for the whole order only; it is allocated to the lines by their net"
        self.document.warn("not_itemised", detail, f"{self._path}.{name}")

    def _shipped(self) -> dict[str, Decimal]:
        """Quantities per line id of fulfilments that have left."""
        shipped: dict[str, Decimal] = {}
        for index, fulfillment in enumerate(children(self._order, "fulfillments")):
            if text(fulfillment, "state") not in _LEFT:
                continue
            for node, path in members(fulfillment, "lines", f"{self._path}.fulfillments[{index}]"):
                number = text(node, "orderLineId") or text(child(node, "orderLine"), "id")
                quantity = self.count(node, "quantity", path)
                if number is not None and quantity is not None:
                    shipped[number] = shipped.get(number, _NONE) + quantity
        return shipped

    def stated(self, lines: list[LineDraft]) -> StatedDraft:
        """Totals as said. A subtotal with surcharges inside and a shipping after its discounts are compared
        with nothing of ours: they are left to the total."""
        order, path = self._order, self._path
        discount = self._sum(order, "discounts", path)
        is_cancelled = any(line.cancelled for line in lines)
        total = self.amount(order, "totalWithTax", path)
        stated = StatedDraft(
            subtotal=self._compared("subTotal"),
            shipping=self._compared("shipping"),
            discount=_said(discount),
            tax=_said(self.stated_tax()),
            total=_said(total),
            quantity_total=None if is_cancelled else self.count(order, "totalQuantity", path),
            subtotal_measure="goods_net",
        )
        if total is None and self.is_inclusive:
            stated.total = _said(self.amount(order, "total", path))
        return stated

    def is_compared(self, name: str) -> bool:
        """Whether a subtotal or a shipping, without or with tax, is compared with our own."""
        if name.endswith("WithTax") is not self.is_inclusive:
            return False
        if name.startswith("subTotal"):
            return not children(self._order, "surcharges")
        return not any(_reasons(node) for node in children(self._order, "shippingLines"))

    def _compared(self, name: str) -> Pair | None:
        is_compared = self.is_compared(f"{name}WithTax" if self.is_inclusive else name)
        return _said(self.figure(self._order, name, self._path)) if is_compared else None

    def stated_tax(self) -> Decimal | None:
        """Tax of the whole order: of its summary, else between its two totals."""
        nodes = children(self._order, "taxSummary")
        if not nodes:
            return self.tax_between(self._order, "total", self._path)
        amounts = [
            self.amount(node, "taxTotal", f"{self._path}.taxSummary[{index}]")
            for index, node in enumerate(nodes)
        ]
        return sum((one for one in amounts if one is not None), _NONE)


def _is_inclusive(order: Node, profile: PartnerProfile) -> bool:
    """Whether figures with tax are used: the profile's prices include it, or no others are stated."""
    lines = children(order, "lines")
    has_net = all(_states(line, "linePrice") or _states(line, "unitPrice") for line in lines)
    has_net = has_net and all(_states(node, "price") for node in children(order, "shippingLines"))
    has_gross = all(_states(line, "linePriceWithTax") or _states(line, "unitPriceWithTax") for line in lines)
    declared = profile.money.tax_mode if profile.money else "stated"
    return has_gross and (declared == "inclusive" or not has_net)


def _states(node: Node, name: str) -> bool:
    return node.get(name) is not None


def _said(amount: Decimal | None) -> Pair | None:
    return None if amount is None else both(amount)


def _discount(amount: Decimal, reason: str) -> AdjustmentDraft:
    """What was taken off; a price above the line's own is a surcharge that somebody put on it."""
    if amount > 0:
        return AdjustmentDraft(AdjustmentKind.SURCHARGE, True, both(amount), reason)
    return AdjustmentDraft(AdjustmentKind.DISCOUNT, False, both(amount), reason)


def _reasons(node: Node) -> str:
    described = [text(one, "description") for one in children(node, "discounts")]
    return ", ".join(dict.fromkeys(one for one in described if one))
