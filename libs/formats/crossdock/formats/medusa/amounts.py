"""Amounts of a Medusa order: items, shipping methods, discounts, taxes, in either version.

Invariant: version 1 is whole minor units, version 2 decimals of major units; the payload tells which, and a
profile that says otherwise is told so. Unit prices include tax where the item says so.
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
    LineKind,
    PartnerProfile,
    Variance,
    VarianceCode,
)
from crossdock.canonical.money import currency_exponent
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import Fields, child, children, flag, rate_percent, text
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, Pair, StatedDraft, TaxDraft, both
from crossdock.formats.order_mapping import LineIds
from crossdock.formats.order_models import dual_money
from crossdock.formats.order_variances import variance
from crossdock.formats.profile_rules import order_currency

_ONE: Final = Decimal(1)
_NONE: Final = Decimal(0)
ROUNDINGS: Final = Decimal("0.0002")
"""What two figures of many decimals lose together when they are cut to four."""
_PAID_WITH: Final = (("gift_card_total", "gift cards"), ("credit_line_total", "credit lines"))
"""What the total is less, though the goods cost no less."""
_OF_VERSION_2: Final = (
    "raw_total",
    "summary",
    "item_subtotal",
    "item_total",
    "payment_collections",
    "version",
)
_CODES: Final = {
    "unit_price": VarianceCode.UNIT_PRICE,
    "subtotal": VarianceCode.SUBTOTAL,
    "item_subtotal": VarianceCode.SUBTOTAL,
    "tax_total": VarianceCode.TAX_TOTAL,
    "discount_total": VarianceCode.DISCOUNT,
    "shipping_total": VarianceCode.SHIPPING,
    "total": VarianceCode.ORDER_TOTAL,
}
"""Of a figure that its exact text contradicts."""
_ITEMS_2: Final = ("raw_unit_price", "detail", "variant_sku", "is_tax_inclusive")
_OF_VERSION_1: Final = (
    "tax_rate",
    "refundable_amount",
    "object",
    "draft_order_id",
    "discounts",
    "gift_cards",
)
_ITEMS_1: Final = ("should_merge", "includes_tax", "is_giftcard")


class MedusaAmounts(Fields):
    """Readers of one order's amounts; Medusa orders have one currency."""

    __slots__ = ("_channel", "_order", "_path", "contradictions", "currency", "is_inclusive", "version")

    def __init__(
        self, document: Document, profile: PartnerProfile, order: Node, path: str, channel: str
    ) -> None:
        super().__init__(document, profile)
        self.contradictions: dict[str, Variance] = {}
        self._order = order
        self._path = path
        self._channel = channel
        stated = text(order, "currency_code") or text(child(order, "region"), "currency_code")
        self.currency = order_currency(stated, profile, f"{path}.currency_code")
        self.exponent = currency_exponent(self.currency)
        self.version = _version(order, is_minor=self._style == "minor_integer")
        if (self.version == 1) != (self._style == "minor_integer"):
            detail = (
                f"this is an order of Medusa {self.version}, the profile's money.amounts is of the other; "
                "the payload is believed"
            )
            document.warn("amounts_differ", detail, f"{path}.currency_code")
            self._style = "minor_integer" if self.version == 1 else "major_number"
        items = children(order, "items")
        self.is_inclusive = bool(items) and all(self._has_tax_inside(node) for node in items)

    def money(self, amount: Decimal) -> DualMoney:
        """The amount in the order's currency."""
        return dual_money(both(amount), self.currency, self.currency)

    def figure(self, node: Node, name: str, path: str, places: int = 4) -> Decimal | None:
        """Amount of `raw_<name>`, which is exact, else of `<name>`."""
        raw = node.get(f"raw_{name}")
        if isinstance(raw, dict) and raw.get("value") is not None:
            exact = self.amount(raw, "value", f"{path}.raw_{name}", places)
            self._compare(node, name, path, exact)
            return exact
        value = node.get(name)
        if isinstance(value, dict):  # a BigNumber that was written out whole
            inner = "value" if "value" in value else "numeric"
            return self.amount(value, inner, f"{path}.{name}", places)
        return self.amount(node, name, path, places)

    def _compare(self, node: Node, name: str, path: str, exact: Decimal | None) -> None:
        """The number beside an exact figure is the same, rounded to the minor unit at most; another one
        contradicts it."""
        subject = f"{path}.{name}"
        if exact is None or not isinstance(node.get(name), int | Decimal | str):
            return
        said = self.amount(node, name, path, 12)
        if said is not None and abs(said - exact) > Decimal(5).scaleb(-self.exponent - 1):
            figures = (said, exact)
            code = _CODES.get(name, VarianceCode.NET_AMOUNT)
            self.contradictions[subject] = variance(code, subject, figures, self.currency, _NONE)

    @property
    def shipping_method(self) -> str | None:
        """Name of the first shipping method that has one."""
        nodes = children(self._order, "shipping_methods")
        names = (text(node, "name") or text(child(node, "shipping_option"), "name") for node in nodes)
        return next((name for name in names if name), None)

    def _has_tax_inside(self, node: Node) -> bool:
        """Whether its figures are read with tax inside.

        Version 1 makes all its totals of the `subtotal`, which is without tax even where the price has it.
        """
        return _includes_tax(node) and not (self.version == 1 and node.get("subtotal") is not None)

    def order_lines(self) -> list[LineDraft]:
        """Lines in the order of the payload. Raises Rejected where one has no price or quantity."""
        lines: list[LineDraft] = []
        ids = LineIds(self.document)
        for index, node in enumerate(self.lines(self._order, "items", self._path)):
            line = self._line(node, f"{self._path}.items[{index}]")
            ids.settle(line)
            lines.append(line)
        return lines

    def _line(self, node: Node, path: str) -> LineDraft:
        price = self.figure(node, "unit_price", path, 12)
        if price is None:
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, "the item has no price", f"{path}.unit_price")
        ordered = self._quantity(node, "quantity", path)
        if ordered is None:
            raise Rejected(RejectionCode.FIELD_INVALID, "the item has no quantity", f"{path}.quantity")
        is_inside = self._has_tax_inside(node)
        if is_inside is not self.is_inclusive:
            detail = "some prices include tax and some do not; the order is carried as without"
            self.document.warn("tax_mode_mixed", detail, path)
        return LineDraft(
            line_id=self.loose_identity(node, "id", path) or "",
            ordered=ordered,
            unit_price=both(price),
            is_price_compared=is_inside or not _includes_tax(node),
            extended=None if is_inside else self._pair(node, "subtotal", path),
            identifiers=self._identifiers(node),
            kind=_kind(node),
            fulfilled=self._moved(node, ("shipped_quantity", "fulfilled_quantity"), path),
            returned=self._moved(node, ("return_received_quantity", "returned_quantity"), path),
            taxes=self._taxes(node, path, is_included=is_inside),
            adjustments=list(self._discounts(node, path, AdjustmentKind.DISCOUNT)),
            path=path,
        )

    def _quantity(self, node: Node, name: str, path: str) -> Decimal | None:
        raw = node.get(f"raw_{name}")
        said = self.count(node, name, path)
        if not isinstance(raw, dict) or raw.get("value") is None:
            return said
        exact = self.count(raw, "value", f"{path}.raw_{name}")
        if exact is not None and said is not None and said != exact:
            subject = f"{path}.{name}"
            found = variance(VarianceCode.QUANTITY_TOTAL, subject, (said, exact), "", _NONE)
            self.contradictions[subject] = found
        return exact

    def _moved(self, node: Node, names: tuple[str, ...], path: str) -> Decimal:
        """The first of these quantities that is stated, in `detail` or, in version 1, on the item itself."""
        for name in names:
            for holder, place in ((child(node, "detail"), f"{path}.detail"), (node, path)):
                found = self._quantity(holder, name, place)
                if found:
                    return found
        return _NONE

    def _identifiers(self, node: Node) -> tuple[Identifier, ...]:
        variant = child(node, "variant")
        sku = text(node, "variant_sku") or text(variant, "sku") or text(node, "sku")
        number = text(node, "variant_id") or text(variant, "id")
        found = [] if sku is None else [item_identifier(IdentifierScheme.SKU, sku)]
        if number is not None:
            found.append(item_identifier(IdentifierScheme.CHANNEL_VARIANT, number, self._channel))
        return tuple(found)

    def _taxes(self, node: Node, path: str, *, is_included: bool) -> list[TaxDraft]:
        """Each tax line with its total; the item's tax total where they have none or are one."""
        total = self.figure(node, "tax_total", path)
        nodes = children(node, "tax_lines")
        found = []
        for index, tax in enumerate(nodes):
            amount = self.figure(tax, "total", f"{path}.tax_lines[{index}]")
            if amount is None and total is not None and len(nodes) == 1:
                amount = total
            if amount is not None:
                title = text(tax, "name") or text(tax, "description") or text(tax, "code") or ""
                rate = rate_percent(tax.get("rate"), _ONE)
                found.append(TaxDraft(both(amount), rate, jurisdiction=title, is_included=is_included))
        if not found and total:
            found.append(TaxDraft(both(total), is_included=is_included))
        return found

    def _discounts(self, node: Node, path: str, kind: AdjustmentKind) -> Iterator[AdjustmentDraft]:
        """What was taken off: each adjustment, else the discount total. Stated positive.

        Version 2 states adjustments without tax where the price includes it; its discount total has it.
        """
        nodes = children(node, "adjustments")
        total = self.figure(node, "discount_total", path)
        if self.version == 2 and total and _includes_tax(node):
            reasons = dict.fromkeys(text(one, "code") or "" for one in nodes)
            yield AdjustmentDraft(kind, False, both(-total), ", ".join(one for one in reasons if one))
            return
        for index, one in enumerate(nodes):
            amount = self.figure(one, "amount", f"{path}.adjustments[{index}]")
            if amount:
                reason = text(one, "code") or text(one, "description") or ""
                yield AdjustmentDraft(kind, False, both(-amount), reason)
        if not nodes and total:
            yield AdjustmentDraft(kind, False, both(-total))

    def adjustments(self, lines: list[LineDraft]) -> list[AdjustmentDraft]:
        """Shipping, gift cards, and a discount that no item carries."""
        found = list(self._shipping())
        for name, reason in _PAID_WITH:
            credit = self.figure(self._order, name, self._path)
            if credit:
                found.append(AdjustmentDraft(AdjustmentKind.GIFT_CARD, False, both(-credit), reason))
        is_itemised = any(line.adjustments for line in lines) or any(
            one.kind is AdjustmentKind.SHIPPING and not one.is_charge for one in found
        )
        total = self.figure(self._order, "discount_total", self._path)
        if total and not is_itemised:
            self._not_itemised("discount_total")
            reason = ", ".join(text(node, "code") or "" for node in children(self._order, "discounts"))
            found.append(AdjustmentDraft(AdjustmentKind.DISCOUNT, False, both(-total), reason))
        return found

    def _shipping(self) -> Iterator[AdjustmentDraft]:
        is_itemised = False
        for index, node in enumerate(children(self._order, "shipping_methods")):
            path = f"{self._path}.shipping_methods[{index}]"
            is_included = self._has_tax_inside(node) if _says_tax(node) else self.is_inclusive
            names = ("amount", "price") if is_included or not _includes_tax(node) else ("subtotal",)
            amounts = (self.figure(node, name, path) for name in names)
            amount = next((one for one in amounts if one is not None), None)
            if amount is None:
                continue
            is_itemised = True
            title = text(node, "name") or text(child(node, "shipping_option"), "name") or ""
            taxes = tuple(self._taxes(node, path, is_included=is_included))
            yield AdjustmentDraft(AdjustmentKind.SHIPPING, True, both(amount), title, taxes)
            yield from self._discounts(node, path, AdjustmentKind.SHIPPING)
        total = self.figure(self._order, "shipping_total", self._path)
        if not is_itemised and total:
            self._not_itemised("shipping_total")
            yield AdjustmentDraft(AdjustmentKind.SHIPPING, True, both(total))

    def loose_taxes(self, lines: list[LineDraft], adjustments: list[AdjustmentDraft]) -> list[TaxDraft]:
        """The order's tax where neither items nor shipping carry any."""
        total = self.figure(self._order, "tax_total", self._path)
        if not total or any(line.taxes for line in lines) or any(one.taxes for one in adjustments):
            return []
        self._not_itemised("tax_total")
        return [TaxDraft(both(total), rate_percent(self._order.get("tax_rate"), _ONE))]

    def _not_itemised(self, name: str) -> None:
        detail = "the amount is stated for the whole order only; it is allocated to the lines by their net"
        self.document.warn("not_itemised", detail, f"{self._path}.{name}")

    def stated(self) -> StatedDraft:
        """Totals as said: those without tax where prices are, those with it where they include it."""
        names = ("original_item_subtotal", "shipping_subtotal", "discount_subtotal")
        if self.version == 1:
            names = ("subtotal", "shipping_total", "discount_total")
        elif self.is_inclusive:
            names = ("original_item_total", "original_shipping_total", "discount_total")
        return StatedDraft(
            subtotal=self._said(names[0]) or (None if self.is_inclusive else self._said_of_items()),
            shipping=None if self._is_shipping_discounted() else self._said_of_shipping(names[1]),
            discount=self._said(names[2]) or self._said("discount_total"),
            tax=self._said("tax_total"),
            total=self._said("total"),
        )

    def _said_of_items(self) -> Pair | None:
        """Without the figures of a full answer the subtotal is that of the items where none ships."""
        found = self._said("item_subtotal")
        return self._said("subtotal") if found is None and not self._ships() else found

    def _said_of_shipping(self, name: str) -> Pair | None:
        """Without those figures the shipping total, which has the tax, where that is inside or none."""
        found = self._said(name)
        if found is not None or (not self.is_inclusive and self._is_shipping_taxed()):
            return found
        return self._said("shipping_total")

    def _is_shipping_taxed(self) -> bool:
        nodes = children(self._order, "shipping_methods")
        taxes = [self.figure(node, "tax_total", self._path) for node in nodes]
        taxes.append(self.figure(self._order, "shipping_tax_total", self._path))
        return any(taxes) or any(children(node, "tax_lines") for node in nodes)

    def _ships(self) -> bool:
        total = self._said("shipping_total")
        return bool(children(self._order, "shipping_methods")) or (total is not None and any(total))

    def _is_shipping_discounted(self) -> bool:
        return any(children(node, "adjustments") for node in children(self._order, "shipping_methods"))

    def _said(self, name: str) -> Pair | None:
        return self._pair(self._order, name, self._path)

    def _pair(self, node: Node, name: str, path: str) -> Pair | None:
        amount = self.figure(node, name, path)
        return None if amount is None else both(amount)


def _version(order: Node, *, is_minor: bool) -> int:
    """2 or 1 by the fields that only that version has, else by the profile."""
    items = children(order, "items")
    if any(name in order for name in _OF_VERSION_2) or any(_has(node, _ITEMS_2) for node in items):
        return 2
    has_old_region = "tax_rate" in child(order, "region")
    if has_old_region or any(name in order for name in _OF_VERSION_1):
        return 1
    if any(_has(node, _ITEMS_1) for node in items):
        return 1
    return 1 if is_minor else 2


def _has(node: Node, names: tuple[str, ...]) -> bool:
    return any(name in node for name in names)


def _kind(node: Node) -> LineKind:
    if flag(node, "is_giftcard") is True:
        return LineKind.GIFT_CARD
    return LineKind.DIGITAL if flag(node, "requires_shipping") is False else LineKind.GOODS


def _says_tax(node: Node) -> bool:
    return flag(node, "is_tax_inclusive") is not None or flag(node, "includes_tax") is not None


def _includes_tax(node: Node) -> bool:
    return flag(node, "is_tax_inclusive") is True or flag(node, "includes_tax") is True
