"""Amounts of a WooCommerce order: lines, shipping, fees, coupons, taxes.

Invariant: a line's `subtotal` is its amount before discount and `total` the one after; the difference is
the discount. Coupons and the order's discount figure repeat it and are only compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.identifiers import identifier
from crossdock.canonical.models import (
    AdjustmentKind,
    DualMoney,
    Identifier,
    IdentifierScheme,
    Variance,
    VarianceCode,
)
from crossdock.formats.decimals import product, sum_of
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import Fields, children, rate_percent, text
from crossdock.formats.json_resource import members
from crossdock.formats.order_draft import (
    AdjustmentDraft,
    LineDraft,
    Pair,
    StatedDraft,
    StatedFigure,
    TaxDraft,
    both,
)
from crossdock.formats.order_mapping import LineIds
from crossdock.formats.order_models import dual_money
from crossdock.formats.order_variances import variance

_PERCENT_AS_SAID: Final = Decimal(1)


class WooAmounts:
    """Readers of one order's amounts; WooCommerce orders have one currency."""

    def __init__(self, fields: Fields, order: Node, currency: str, channel: str) -> None:
        self._fields = fields
        self._order = order
        self._currency = currency
        self._channel = channel
        self._rates = {
            text(node, "rate_id") or f"#{index}": node
            for index, node in enumerate(children(order, "tax_lines"))
        }
        self.variances: list[Variance] = []
        self.has_tax = bool(self.amount(order, "total_tax", "$"))

    def amount(self, node: Node, name: str, path: str) -> Decimal | None:
        """Amount of a field; None where absent."""
        return self._fields.amount(node, name, path)

    def money(self, amount: Decimal) -> DualMoney:
        """The amount in the order's currency."""
        return dual_money(both(amount), self._currency, self._currency)

    @property
    def shipping_method(self) -> str | None:
        """Title of the first shipping line that has one."""
        nodes = children(self._order, "shipping_lines")
        titles = (text(node, "method_title") or text(node, "method_id") for node in nodes)
        return next((title for title in titles if title), None)

    def lines(self) -> list[LineDraft]:
        """Lines in the order of the payload. Raises Rejected where one has no amount or quantity."""
        codes = [code for node in children(self._order, "coupon_lines") if (code := text(node, "code"))]
        reason = codes[0] if len(codes) == 1 else ", ".join(codes)
        lines: list[LineDraft] = []
        ids = LineIds(self._fields.document)
        for index, node in enumerate(self._fields.lines(self._order, "line_items", "$")):
            line = self._line(node, f"$.line_items[{index}]", reason)
            ids.settle(line)
            lines.append(line)
        return lines

    def _line(self, node: Node, path: str, reason: str) -> LineDraft:
        ordered = self._fields.count(node, "quantity", path)
        if ordered is None:
            raise Rejected(RejectionCode.FIELD_INVALID, "the line states no quantity", f"{path}.quantity")
        price = self._fields.informative_price(node, "price", path)
        total = self.amount(node, "total", path)
        gross = self.amount(node, "subtotal", path)
        gross = total if gross is None else gross
        if gross is None and price is None:
            detail = "the line states neither subtotal nor total nor price"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.subtotal")
        line = LineDraft(
            line_id=self._fields.loose_identity(node, "id", path) or "",
            ordered=ordered,
            unit_price=None if price is None else both(price),
            is_price_compared=gross is None,
            extended=None if gross is None else both(gross),
            identifiers=self.identifiers(node, path),
            parent_line_id=self._parent(node, path),
            taxes=self.taxes(node, path),
            path=path,
        )
        if gross is not None and total is not None and total != gross:
            line.adjustments = [_reduction(total - gross, reason)]
        if price is not None and total is not None:
            self._compare_price(node, line, price, total)
        return line

    def _parent(self, node: Node, path: str) -> str | None:
        """The line of the bundle or composite product (common plug-ins) that a line is a part of."""
        named = (self._fields.loose_identity(node, name, path) for name in ("bundled_by", "composite_parent"))
        return next((one for one in named if one not in (None, "0")), None)

    def _compare_price(self, node: Node, line: LineDraft, price: Decimal, total: Decimal) -> None:
        """`price` is the unit price after discount: a rounding of the total is no difference, nor is one of
        the price itself, which old versions write as text with the decimals of the currency."""
        half_unit = self._unit / 2
        expected = product(price, line.ordered)
        is_rounded = isinstance(node.get("price"), str)
        allowed = half_unit + (min(half_unit, _half_of_last_place(price)) * line.ordered if is_rounded else 0)
        if abs(expected - total) > allowed:
            subject = line.line_id or line.path
            found = variance(VarianceCode.UNIT_PRICE, subject, (expected, total), self._currency, half_unit)
            self.variances.append(found)

    def identifiers(self, node: Node, path: str) -> tuple[Identifier, ...]:
        """SKU, GTIN and variation (else product) of a line, whichever are said."""
        named = [self._fields.loose_identity(node, name, path) for name in ("variation_id", "product_id")]
        variant = next((one for one in named if one is not None and one != "0"), "")
        found = (
            identifier(IdentifierScheme.SKU, text(node, "sku") or ""),
            identifier(IdentifierScheme.GTIN, text(node, "global_unique_id") or ""),
            identifier(IdentifierScheme.CHANNEL_VARIANT, variant, self._channel),
        )
        return tuple(one for one in found if one is not None)

    def taxes(self, node: Node, path: str) -> list[TaxDraft]:
        """Taxes of a line, shipping or fee line; they carry the line's own rounded figure."""
        total = self.amount(node, "total_tax", path)
        taxes: list[TaxDraft] = []
        for index, tax in enumerate(children(node, "taxes")):
            amount = self._fields.price(tax, "total", f"{path}.taxes[{index}]")
            if amount is not None:
                taxes.append(self._named(TaxDraft(both(amount)), tax))
        if taxes:
            self._settle(taxes, total, text(node, "id") or path, path)
        elif total:
            taxes.append(self._named(TaxDraft(both(total)), None))
        return taxes

    def _settle(self, taxes: list[TaxDraft], total: Decimal | None, subject: str, path: str) -> None:
        """Rates come unrounded and `total_tax` is their rounded sum: they share its figure.

        What no rounding explains stays: several rates carry their own figures, one carries `total_tax`.
        """
        unit = self._unit
        parts = [tax.amount[0] for tax in taxes]
        is_rounding = total is not None and abs(sum(parts) - total) * 2 <= unit * len(parts)
        if total is None or (len(parts) > 1 and not is_rounding):
            rounded = [self._fields.rounded(part, 4, f"{path}.taxes") for part in parts]
        else:
            rounded = [part.quantize(unit, ROUND_HALF_UP) for part in parts]
            largest = max(range(len(parts)), key=lambda place: abs(parts[place]))
            rounded[largest] += total - sum(rounded)
        if total is not None and not is_rounding:
            figures = (total, sum(parts, Decimal(0)))
            self.variances.append(
                variance(VarianceCode.TAX_TOTAL, subject, figures, self._currency, unit / 2)
            )
        for tax, amount in zip(taxes, rounded, strict=True):
            tax.amount = both(amount)

    def _named(self, draft: TaxDraft, tax: Node | None) -> TaxDraft:
        """Name and rate of the order's tax line that a tax refers to; the only one if either names none."""
        number = None if tax is None else text(tax, "id")
        rate = self._rates.get(number or "")
        if rate is None and len(self._rates) == 1:
            ((named, only),) = self._rates.items()
            rate = only if number is None or named.startswith("#") else None
        draft.is_included = False
        if rate is not None:
            draft.jurisdiction = text(rate, "label") or text(rate, "rate_code") or ""
            draft.rate_percent = rate_percent(rate.get("rate_percent"), _PERCENT_AS_SAID)
        return draft

    def adjustments(self) -> list[AdjustmentDraft]:
        """Shipping and fees; what is stated as a total only becomes one entry, with a warning."""
        return [*self._shipping(), *self._fees(), *self._order_discount()]

    def _order_discount(self) -> Iterator[AdjustmentDraft]:
        """What shops before WooCommerce 2.3 took off the order after tax; no line carries it."""
        amount = self.amount(self._order, "order_discount", "$")
        if amount:
            yield AdjustmentDraft(AdjustmentKind.DISCOUNT, False, both(-abs(amount)), "order_discount")

    def _shipping(self) -> Iterator[AdjustmentDraft]:
        is_itemised = False
        for node, path in members(self._order, "shipping_lines", "$"):
            amount = self.amount(node, "total", path)
            if amount is not None:
                is_itemised = True
                title = text(node, "method_title") or text(node, "method_id") or ""
                taxes = tuple(self.taxes(node, path))
                yield AdjustmentDraft(AdjustmentKind.SHIPPING, amount >= 0, both(amount), title, taxes)
        total = self.amount(self._order, "shipping_total", "$")
        if not is_itemised and total:
            self._warn_not_itemised("$.shipping_total")
            yield AdjustmentDraft(AdjustmentKind.SHIPPING, True, both(total))

    def _fees(self) -> Iterator[AdjustmentDraft]:
        for node, path in members(self._order, "fee_lines", "$"):
            amount = self.amount(node, "total", path)
            if amount is None:
                amount = self.amount(node, "amount", path)
            if amount is not None:
                taxes = tuple(self.taxes(node, path))
                name = text(node, "name") or ""
                yield AdjustmentDraft(AdjustmentKind.FEE, amount >= 0, both(amount), name, taxes)

    def loose_taxes(self, lines: list[LineDraft], adjustments: list[AdjustmentDraft]) -> list[TaxDraft]:
        """The order's tax where neither lines nor charges carry any."""
        total = self.amount(self._order, "total_tax", "$")
        if not total or any(line.taxes for line in lines) or any(a.taxes for a in adjustments):
            return []
        self._warn_not_itemised("$.total_tax")
        return [self._named(TaxDraft(both(total)), None)]

    def compare_taxes(self, lines: list[LineDraft], adjustments: list[AdjustmentDraft]) -> None:
        """`cart_tax` and `shipping_tax` make up `total_tax`, and so do the order's tax lines, rounded; where
        they do not, the one that is not ours either is a variance."""
        total = self.amount(self._order, "total_tax", "$")
        freight = _tax_of(one for one in adjustments if one.kind is AdjustmentKind.SHIPPING)
        whole = _tax_of(lines) + _tax_of(adjustments)
        ours = {"cart_tax": whole - freight, "shipping_tax": freight}
        said = {name: amount for name in ours if (amount := self.amount(self._order, name, "$")) is not None}
        if len(said) < len(ours) or sum(said.values()) == total:
            said = {}
        by_rate = self._tax_by_rate()
        roundings = self._unit * len(self._rates) / 2
        if by_rate is not None and all(abs(by_rate - one) > roundings for one in (whole, total or whole)):
            said["tax_lines"], ours["tax_lines"] = by_rate, whole
        for name, amount in said.items():
            if total is not None and amount != ours[name]:
                figures = (amount, ours[name])
                found = variance(VarianceCode.TAX_TOTAL, name, figures, self._currency, self._unit)
                self.variances.append(found)

    def compare_discount_tax(self) -> None:
        """`discount_tax` is what the lines' tax lost by their discounts, or what the coupons say of it."""
        said = self.amount(self._order, "discount_tax", "$")
        full, left = (self._sum_of("line_items", name) for name in ("subtotal_tax", "total_tax"))
        if said is None or full is None or left is None:
            return
        coupons = self._sum_of("coupon_lines", "discount_tax")
        figures = (said, full - left)
        allowed = self._unit * max(1, len(children(self._order, "line_items")))
        if all(abs(said - one) > allowed for one in (full - left, coupons) if one is not None):
            found = variance(VarianceCode.TAX_TOTAL, "discount_tax", figures, self._currency, allowed)
            self.variances.append(found)

    def _sum_of(self, holder: str, name: str) -> Decimal | None:
        """Sum of an informative figure; None where there is none, or one does not state it."""
        nodes = members(self._order, holder, "$")
        return sum_of(self._fields.informative_price(node, name, path) for node, path in nodes)

    def _tax_by_rate(self) -> Decimal | None:
        """Sum of the order's tax lines; None where they state none."""
        nodes = list(members(self._order, "tax_lines", "$"))
        names = ("tax_total", "shipping_tax_total")
        amounts = [self.amount(node, name, path) for node, path in nodes for name in names]
        stated = [amount for amount in amounts if amount is not None]
        return sum(stated, Decimal(0)) if stated else None

    @property
    def _unit(self) -> Decimal:
        return Decimal(1).scaleb(-self._fields.exponent)

    def _warn_not_itemised(self, path: str) -> None:
        detail = "the amount is stated for the whole order only; it is allocated to the lines by their net"
        self._fields.document.warn("not_itemised", detail, path)

    def stated(self) -> StatedDraft:
        """Totals as said; all but the total exclude tax. Only the legacy API states subtotal and count."""
        stated = StatedDraft(
            subtotal=self._said("subtotal"),
            quantity_total=self._fields.count(self._order, "total_line_items_quantity", "$"),
            shipping=self._said("shipping_total"),
            discount=self._said("discount_total"),
            tax=self._said("total_tax"),
            total=self._said("total"),
        )
        coupons = self._sum_of("coupon_lines", "discount") or Decimal(0)
        if stated.discount is not None and coupons > stated.discount.shop:
            figure = StatedFigure(VarianceCode.DISCOUNT, "coupon_lines", both(coupons), "discount")
            stated.others.append(figure)
        return stated

    def _said(self, name: str) -> Pair | None:
        amount = self.amount(self._order, name, "$")
        return None if amount is None else both(amount)


def _half_of_last_place(price: Decimal) -> Decimal:
    exponent = price.as_tuple().exponent
    return Decimal(5).scaleb(exponent - 1) if isinstance(exponent, int) else Decimal(0)


def _tax_of(drafts: Iterable[LineDraft | AdjustmentDraft]) -> Decimal:
    return sum((tax.amount.shop for draft in drafts for tax in draft.taxes), Decimal(0))


def _reduction(difference: Decimal, reason: str) -> AdjustmentDraft:
    """Discount of a line; a total above the subtotal is a surcharge that an editor put on it."""
    if difference > 0:
        return AdjustmentDraft(AdjustmentKind.SURCHARGE, True, both(difference))
    return AdjustmentDraft(AdjustmentKind.DISCOUNT, False, both(difference), reason)
