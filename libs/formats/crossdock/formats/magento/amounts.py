"""Amounts of a Magento order: rows, shipping, discounts, taxes, in base and order currency.

Invariant: row totals exclude tax and are before discount, so the order is exclusive and its taxes stand
beside. Where the two currencies differ and one side of an amount is missing, the order is carried in its
own currency alone: no figure is converted.
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
    VarianceCode,
)
from crossdock.canonical.money import currency_exponent
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Document, Node
from crossdock.formats.json_fields import Fields, child, flag, rate_percent, text
from crossdock.formats.magento.rows import Row, item_nodes, magento_rows
from crossdock.formats.order_draft import (
    NOTHING,
    AdjustmentDraft,
    LineDraft,
    Measure,
    Pair,
    StatedDraft,
    StatedFigure,
    TaxDraft,
    both,
    negated,
)
from crossdock.formats.order_mapping import LineIds
from crossdock.formats.order_models import dual_money
from crossdock.formats.profile_rules import known_currency, order_currency

_ONE: Final = Decimal(1)
_NONE: Final = Decimal(0)
_BASE_NAMES: Final = {
    "weee_tax_applied_row_amount": "base_weee_tax_applied_row_amnt",
    "shipping_discount_tax_compensation_amount": "base_shipping_discount_tax_compensation_amnt",
    "shipping_hidden_tax_amount": "base_shipping_hidden_tax_amnt",
    "gw_price": "gw_base_price",
    "gw_tax_amount": "gw_base_tax_amount",
    "gw_items_price": "gw_items_base_price",
    "gw_items_tax_amount": "gw_items_base_tax_amount",
    "gw_card_price": "gw_card_base_price",
    "gw_card_tax_amount": "gw_card_base_tax_amount",
}
"""Base amounts whose names follow another rule."""
_WRAPPINGS: Final = (("gw", ""), ("gw_items", "of single items"), ("gw_card", "printed card"))
"""Gift wrapping of the order, of its items, and its card: what each name starts with, and the reason."""
_TOTALS: Final[tuple[tuple[str, VarianceCode, Measure], ...]] = (
    ("subtotal", VarianceCode.SUBTOTAL, "subtotal"),
    ("shipping_amount", VarianceCode.SHIPPING, "shipping"),
    ("discount_amount", VarianceCode.DISCOUNT, "discount"),
    ("tax_amount", VarianceCode.TAX_TOTAL, "tax"),
    ("grand_total", VarianceCode.ORDER_TOTAL, "total"),
)
_OF_AN_INVOICE: Final = (
    "the row names an order_item_id: it is of an invoice, a credit memo or a shipment, and an order is wanted"
)
_PAID_WITH: Final = (
    ("gift_cards_amount", "gift cards"),
    ("customer_balance_amount", "store credit"),
    ("reward_currency_amount", "reward points"),
)
"""What the grand total is less, though the goods cost no less."""


class MagentoAmounts(Fields):
    """Readers of one order's amounts; `currency` is the shop's, `presentment_currency` the buyer's.

    Where a side of an amount is missing, `lacking` names it after the reading: then the order must be read
    again in the other currency alone.
    """

    __slots__ = ("_channel", "_order", "_path", "_prefix", "currency", "lacking", "presentment_currency")

    def __init__(
        self, document: Document, profile: PartnerProfile, order: Node, path: str, channel: str
    ) -> None:
        super().__init__(document, profile)
        self._order = order
        self._path = path
        self._channel = channel
        self.presentment_currency: str | None = None
        self.lacking: set[str] = set()
        self._prefix = ""
        buyers, shops = text(order, "order_currency_code"), text(order, "base_currency_code")
        is_dual = buyers is not None and shops is not None and buyers.upper() != shops.upper()
        if is_dual and order.get("base_grand_total") is not None:
            self.currency = order_currency(shops, profile, f"{path}.base_currency_code")
            self.presentment_currency = known_currency(buyers or "", f"{path}.order_currency_code")
        else:
            stated = buyers or shops or text(order, "store_currency_code")
            self.currency = order_currency(stated, profile, f"{path}.order_currency_code")
        self.exponent = currency_exponent(self.currency)

    def keep_one_currency(self, profile: PartnerProfile) -> None:
        """From now on carry the complete side alone, the shop's where both are. Raises Rejected."""
        detail = "an amount is stated in one of the two currencies only; the order is carried in the other's"
        self.document.warn("presentment_incomplete", detail, f"{self._path}.order_currency_code")
        if "base" in self.lacking:
            stated = self.presentment_currency
            self.currency = order_currency(stated, profile, f"{self._path}.order_currency_code")
        else:
            self._prefix = "base_"
        self.presentment_currency = None
        self.exponent = currency_exponent(self.currency)

    @property
    def is_of_buyer(self) -> bool:
        """Whether the order is carried with the buyer's figures, not with the shop's alone."""
        return not self._prefix

    def pair(self, node: Node, name: str, path: str) -> Pair | None:
        """Amount of `name` in both currencies; None where it is not stated."""
        if self.presentment_currency is None:
            amount = self.amount(node, _BASE_NAMES.get(name, f"base_{name}") if self._prefix else name, path)
            return None if amount is None else both(amount)
        buyers = self.amount(node, name, path)
        shops = self.amount(node, _BASE_NAMES.get(name, f"base_{name}"), path)
        if shops is not None and buyers is not None:
            return Pair(shops, buyers)
        known = buyers if shops is None else shops
        if known:
            self.lacking.add("base" if shops is None else "order")
        return None if known is None else both(known)

    def _of_order(self, name: str) -> Pair | None:
        """Amount of the order, or of its extension attributes."""
        found = self.pair(self._order, name, self._path)
        if found is not None:
            return found
        return self.pair(
            child(self._order, "extension_attributes"), name, f"{self._path}.extension_attributes"
        )

    def counted(self, row: Row, name: str) -> Pair | None:
        """Amount of a row; None where it is stated by the children of its bundle."""
        return self.pair(row.node, name, row.path) if row.states(name) else None

    def money(self, amount: Pair) -> DualMoney:
        """The amount with its currencies."""
        return dual_money(amount, self.currency, self.presentment_currency or self.currency)

    def rows(self) -> list[Row]:
        """Item rows that become lines. Raises Rejected LINES_MISSING, FIELD_INVALID."""
        name = item_nodes(self._order)
        return magento_rows(self.lines(self._order, name, self._path), f"{self._path}.{name}")

    def order_lines(self, rows: list[Row]) -> list[LineDraft]:
        """One line per row. Raises Rejected where one has no amount or quantity."""
        lines: list[LineDraft] = []
        ids = LineIds(self.document)
        for row in rows:
            line = self._line(row)
            ids.settle(line)
            lines.append(line)
        return lines

    def _line(self, row: Row) -> LineDraft:
        node, path = row.node, row.path
        ordered = self.count(node, "qty_ordered", path)
        if ordered is None:
            is_other = text(node, "order_item_id") is not None
            detail = _OF_AN_INVOICE if is_other else "the row states no quantity"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.qty_ordered")
        price, extended = self.counted(row, "price"), self.counted(row, "row_total")
        is_priced_elsewhere = row.children and not row.states("row_total")
        if is_priced_elsewhere or (extended is None and price is None and row.parent is not None):
            price, extended = None, NOTHING
        if extended is None and price is None:
            detail = "the row states neither row_total nor price"
            raise Rejected(RejectionCode.AMOUNT_UNPARSABLE, detail, f"{path}.row_total")
        return LineDraft(
            line_id=self.loose_identity(node, "item_id", path) or "",
            ordered=ordered,
            unit_price=price,
            is_price_compared=price is not None and any(price) and row.parent is None,
            extended=extended,
            identifiers=self._identifiers(row),
            kind=_kind(node),
            parent_line_id=row.parent_id,
            cancelled=self._moved(row, "qty_canceled"),
            fulfilled=self._moved(row, "qty_shipped"),
            returned=self._moved(row, "qty_returned"),
            taxes=self._taxes(row),
            adjustments=list(self._line_adjustments(row)),
            path=path,
        )

    def _moved(self, row: Row, name: str) -> Decimal:
        """A quantity that the row states; a configurable product's may stand on its variant."""
        own = self.count(row.node, name, row.path) or _NONE
        if own or row.variant is None:
            return own
        return self.count(row.variant, name, row.path) or _NONE

    def _identifiers(self, row: Row) -> tuple[Identifier, ...]:
        sku = text(row.node, "sku")
        product = text(row.variant or row.node, "product_id")
        found = [] if sku is None else [item_identifier(IdentifierScheme.SKU, sku)]
        if product is not None and product != "0":
            found.append(item_identifier(IdentifierScheme.CHANNEL_VARIANT, product, self._channel))
        return tuple(found)

    def _taxes(self, row: Row) -> list[TaxDraft]:
        amount = self.counted(row, "tax_amount")
        if amount is None or not any(amount):
            return []
        return [TaxDraft(amount, rate_percent(row.node.get("tax_percent"), _ONE), is_included=False)]

    def _line_adjustments(self, row: Row) -> Iterator[AdjustmentDraft]:
        off = self.counted(row, "discount_amount")
        if off is not None and any(off):
            yield AdjustmentDraft(AdjustmentKind.DISCOUNT, off.shop < 0, negated(off), self._reason())
        yield from self._compensation(
            self.counted(row, "discount_tax_compensation_amount") or self.counted(row, "hidden_tax_amount")
        )
        weee = self.counted(row, "weee_tax_applied_row_amount")
        if weee is not None and any(weee):
            yield AdjustmentDraft(AdjustmentKind.FEE, True, weee, "fixed product tax")

    def _compensation(self, amount: Pair | None) -> Iterator[AdjustmentDraft]:
        """The tax inside a discount on prices with tax: the total has it, discount and tax do not."""
        if amount is not None and any(amount):
            reason = "discount tax compensation"
            yield AdjustmentDraft(AdjustmentKind.SURCHARGE, amount.shop > 0, amount, reason)

    def _reason(self) -> str:
        return text(self._order, "coupon_code") or text(self._order, "discount_description") or ""

    def adjustments(self, lines: list[LineDraft]) -> list[AdjustmentDraft]:
        """Shipping, gift wrapping, what was paid with credit, and a discount that no row carries."""
        order, path = self._order, self._path
        found: list[AdjustmentDraft] = [*self._shipping()]
        is_itemised = any(one.kind is AdjustmentKind.DISCOUNT for line in lines for one in line.adjustments)
        is_itemised = is_itemised or not all(one.is_charge for one in found)
        found += self._wrappings()
        for name, reason in _PAID_WITH:
            amount = self._of_order(name)
            if amount is not None and any(amount):
                off = Pair(-abs(amount.shop), -abs(amount.presentment))
                found.append(AdjustmentDraft(AdjustmentKind.GIFT_CARD, False, off, reason))
        total = self.pair(order, "discount_amount", path)
        if total is not None and any(total) and not is_itemised:
            self._not_itemised("discount_amount")
            off = Pair(-abs(total.shop), -abs(total.presentment))
            found.append(AdjustmentDraft(AdjustmentKind.DISCOUNT, False, off, self._reason()))
        return found

    def _wrappings(self) -> Iterator[AdjustmentDraft]:
        for name, reason in _WRAPPINGS:
            amount, tax = self._of_order(f"{name}_price"), self._of_order(f"{name}_tax_amount")
            if amount is not None and any(amount):
                taxes = (TaxDraft(tax, is_included=False),) if tax is not None and any(tax) else ()
                yield AdjustmentDraft(AdjustmentKind.GIFT_WRAP, True, amount, reason, taxes)

    def _shipping(self) -> Iterator[AdjustmentDraft]:
        order, path = self._order, self._path
        amount = self.pair(order, "shipping_amount", path)
        tax = self.pair(order, "shipping_tax_amount", path)
        if amount is not None and (any(amount) or (tax is not None and any(tax))):
            taxes = (TaxDraft(tax, is_included=False),) if tax is not None and any(tax) else ()
            title = text(order, "shipping_description") or ""
            yield AdjustmentDraft(AdjustmentKind.SHIPPING, True, amount, title, taxes)
        off = self.pair(order, "shipping_discount_amount", path)
        if off is not None and any(off):
            yield AdjustmentDraft(AdjustmentKind.SHIPPING, False, negated(off), self._reason())
        yield from self._compensation(
            self.pair(order, "shipping_discount_tax_compensation_amount", path)
            or self.pair(order, "shipping_hidden_tax_amount", path)
        )

    def loose_taxes(self, lines: list[LineDraft], adjustments: list[AdjustmentDraft]) -> list[TaxDraft]:
        """The order's tax where neither rows nor shipping carry any."""
        total = self.pair(self._order, "tax_amount", self._path)
        if total is None or not any(total):
            return []
        if any(line.taxes for line in lines) or any(one.taxes for one in adjustments):
            return []
        self._not_itemised("tax_amount")
        return [TaxDraft(total, is_included=False)]

    def _not_itemised(self, name: str) -> None:
        detail = "the amount is stated for the whole order only; it is allocated to the lines by their net"
        self.document.warn("not_itemised", detail, f"{self._path}.{name}")

    def stated(self, rows: list[Row]) -> StatedDraft:
        """Totals as said; the quantity is that of parents, not compared where bundles have children."""
        order, path = self._order, self._path
        has_children = any(row.parent is not None for row in rows)
        return StatedDraft(
            subtotal=self.pair(order, "subtotal", path),
            shipping=self.pair(order, "shipping_amount", path),
            discount=self.pair(order, "discount_amount", path),
            tax=self.pair(order, "tax_amount", path),
            total=self.pair(order, "grand_total", path),
            quantity_total=None if has_children else self.count(order, "total_qty_ordered", path),
            others=list(self._contradictions()),
        )

    def _contradictions(self) -> Iterator[StatedFigure]:
        """Base figures of an order in the shop's own currency that are not those of the order."""
        order, codes = self._order, ("base_currency_code", "order_currency_code")
        named = {(text(order, code) or "").upper() for code in codes}
        for name, code, measure in _TOTALS if len(named) == 1 else ():
            said = self.amount(order, name, self._path)
            base = self.amount(order, f"base_{name}", self._path)
            if said is not None and base is not None and base != said:
                figure = abs(base) if measure == "discount" else base
                yield StatedFigure(code, f"base_{name}", both(figure), measure)


def _kind(node: Node) -> LineKind:
    product_type = text(node, "product_type")
    if product_type == "giftcard":
        return LineKind.GIFT_CARD
    if product_type in ("virtual", "downloadable") or flag(node, "is_virtual") is True:
        return LineKind.DIGITAL
    return LineKind.GOODS
