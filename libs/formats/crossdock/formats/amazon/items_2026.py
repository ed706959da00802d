"""Items of an order of the Orders API 2026-01-01.

Invariant: the goods' amount is the `ITEM` part of the proceeds, else unit price × quantity; an item whose
cancellation was executed is cancelled as far as it was neither shipped nor is still to be shipped.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import PartnerProfile, PriceBasis, TaxMode, Variance, VarianceCode
from crossdock.formats.amazon.fields import AmazonFields
from crossdock.formats.amazon.orders import tax_of
from crossdock.formats.amazon.proceeds import Proceeds, read_proceeds
from crossdock.formats.amazon.v0_lines import item_identifiers
from crossdock.formats.decimals import product
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, children, text
from crossdock.formats.order_draft import LineDraft, both
from crossdock.formats.order_mapping import LineIds
from crossdock.formats.order_variances import variance

_NONE: Final = Decimal(0)
_WITHHELD: Final = frozenset({"MARKETPLACE_FACILITATOR", "DEEMED_RESELLER", "LOW_VALUE_GOODS"})
"""`taxCollections[].model`: Amazon collects the tax and pays it over."""


class Items:
    """Reads the items of one order; `types` are the parts of proceeds that any of them states."""

    def __init__(self, fields: AmazonFields, *, is_price_due: bool) -> None:
        self._fields = fields
        self._is_price_due = is_price_due
        self._ids = LineIds(fields.document)
        self._stated: list[tuple[LineDraft, Decimal]] = []
        self.types: set[str] = set()

    def line(self, node: Node, path: str) -> LineDraft:
        """One line. Raises Rejected where it has no quantity or an unreadable amount."""
        fields = self._fields
        ordered = fields.count(node, "quantityOrdered", path)
        if ordered is None:
            detail = "the item states no quantity"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.quantityOrdered")
        product_node, place = child(node, "product"), f"{path}.product"
        price = fields.unit_price(child(product_node, "price"), "unitPrice", f"{place}.price")
        proceeds = read_proceeds(fields, child(node, "proceeds"), f"{path}.proceeds")
        total = fields.money(child(node, "proceeds"), "proceedsTotal", f"{path}.proceeds")
        self.types |= proceeds.stated.keys()
        goods = self._goods(proceeds, price, total, path)
        line = LineDraft(
            line_id=fields.loose_identity(node, "orderItemId", path) or "",
            ordered=ordered,
            unit_price=None if price is None else both(price),
            is_price_compared=self._is_price_due or bool(goods),
            price_basis=PriceBasis.UNIT if goods is None else PriceBasis.EXTENDED,
            extended=None if goods is None else both(goods),
            identifiers=item_identifiers(text(product_node, "sellerSku"), text(product_node, "asin")),
            taxes=proceeds.taxes,
            adjustments=proceeds.adjustments,
            path=path,
        )
        self._ids.settle(line)
        self._movements(line, node, path)
        _mark_withheld(line, node)
        if total is not None and (proceeds.stated or price is not None):
            self._stated.append((line, total))
        if goods is None and price is None and ordered and self._is_price_due:
            fields.document.warn("price_missing", "the item states no price", f"{path}.proceeds")
        return line

    def _goods(
        self, proceeds: Proceeds, price: Decimal | None, total: Decimal | None, path: str
    ) -> Decimal | None:
        if proceeds.goods is not None or price is not None or total is None or proceeds.stated:
            return proceeds.goods
        detail = "only the total of the proceeds is stated; it stands in for the goods"
        self._fields.document.warn("price_from_proceeds", detail, f"{path}.proceeds.proceedsTotal")
        return total

    def _movements(self, line: LineDraft, node: Node, path: str) -> None:
        fulfillment, place = child(node, "fulfillment"), f"{path}.fulfillment"
        shipped = self._fields.count(fulfillment, "quantityFulfilled", place)
        due = self._fields.count(fulfillment, "quantityUnfulfilled", place)
        line.fulfilled = shipped or _NONE
        if not child(child(node, "cancellation"), "cancellationExecution"):
            return
        line.cancelled = max(line.ordered - (shipped or _NONE) - (due or _NONE), _NONE)
        if line.unit_price is not None and line.extended is not None:  # the goods may be those that are left
            left = product(line.unit_price.shop, line.ordered - line.cancelled)
            line.is_price_compared &= line.extended.shop != left
        if line.ordered and not line.cancelled:
            detail = "a cancellation is said to be executed, yet all units are shipped or to be shipped"
            self._fields.document.warn("cancellation_contradicted", detail, f"{path}.cancellation")

    def variances(self, tax_mode: TaxMode, currency: str, profile: PartnerProfile) -> list[Variance]:
        """Lines whose parts do not add up to their stated total."""
        rule = profile.tolerances.order_total
        allowed = rule.for_lines(1)
        found = []
        for line, stated in self._stated:
            computed = _goods_of(line) + sum((one.amount.shop for one in line.adjustments), _NONE)
            computed += _NONE if tax_mode is TaxMode.INCLUSIVE else tax_of(line)
            if computed != stated:
                figures = (stated, computed)
                found.append(variance(VarianceCode.NET_AMOUNT, line.line_id, figures, currency, allowed))
        return found


def _mark_withheld(line: LineDraft, node: Node) -> None:
    """Taxes that the marketplace collects and pays over in our place."""
    for one in children(child(node, "tax"), "taxCollections"):
        if (text(one, "model") or "").upper() in _WITHHELD:
            taxes = [*line.taxes, *(tax for adjustment in line.adjustments for tax in adjustment.taxes)]
            for tax in taxes:
                tax.is_withheld_by_channel = True
                tax.jurisdiction = text(one, "responsibleParty") or ""


def _goods_of(line: LineDraft) -> Decimal:
    if line.extended is not None:
        return line.extended.shop
    return _NONE if line.unit_price is None else product(line.unit_price.shop, line.ordered)


def cancel_request(item: Node) -> str | None:
    """Why a cancellation is asked for; None where it was not asked for, empty without a reason."""
    block = child(item, "cancellation")
    request = child(block, "cancellationRequest")
    if not request and "requester" in block:  # as the drafts of 2025 had it
        request = block
    return (text(request, "cancelReason") or "") if request else None
