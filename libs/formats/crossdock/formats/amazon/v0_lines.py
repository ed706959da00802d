"""Items of an order of the Orders API v0, and of the legacy XML.

Invariant: `ItemPrice` is the price of all units together; what is stated as a discount is taken off,
whatever its sign; a tax stands on the line, freight or wrapping that it taxes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from crossdock.canonical.errors import Rejected, RejectionCode
from crossdock.canonical.models import AdjustmentKind, Identifier, IdentifierScheme, PriceBasis
from crossdock.formats.amazon.fields import AmazonFields
from crossdock.formats.amazon.v0_documents import PlacedItem
from crossdock.formats.items import item_identifier
from crossdock.formats.json_document import Node
from crossdock.formats.json_fields import child, flag, text
from crossdock.formats.order_draft import AdjustmentDraft, LineDraft, TaxDraft, both
from crossdock.formats.order_mapping import LineIds

_NONE: Final = Decimal(0)


class _Charge(NamedTuple):
    """One pair of price and tax fields of an item."""

    price: str
    tax: str
    kind: AdjustmentKind
    is_charge: bool


_CHARGES: Final = (
    _Charge("ShippingPrice", "ShippingTax", AdjustmentKind.SHIPPING, True),
    _Charge("ShippingDiscount", "ShippingDiscountTax", AdjustmentKind.SHIPPING, False),
    _Charge("GiftWrapPrice", "GiftWrapTax", AdjustmentKind.GIFT_WRAP, True),
    _Charge("PromotionDiscount", "PromotionDiscountTax", AdjustmentKind.DISCOUNT, False),
    _Charge("CODFee", "CODFeeTax", AdjustmentKind.FEE, True),
    _Charge("CODFeeDiscount", "CODFeeDiscountTax", AdjustmentKind.FEE, False),
)
MONEY_NAMES: Final = ("ItemPrice", "ItemTax", *(one.price for one in _CHARGES))
_WITHHELD: Final = frozenset({"MarketplaceFacilitator", "DeemedReseller", "LowValueGoods"})
"""`TaxCollection.Model`: Amazon collects the tax and pays it over."""


class V0Lines:
    """Reads the items of one order."""

    def __init__(self, fields: AmazonFields, *, is_price_due: bool) -> None:
        self._fields = fields
        self._is_price_due = is_price_due
        self._ids = LineIds(fields.document)

    def line(self, item: PlacedItem) -> LineDraft:
        """One line. Raises Rejected where it has no quantity or an unreadable amount."""
        node, path, fields = item.node, item.path, self._fields
        ordered = fields.count(node, "QuantityOrdered", path)
        if ordered is None:
            detail = "the item states no quantity"
            raise Rejected(RejectionCode.FIELD_INVALID, detail, f"{path}.QuantityOrdered")
        price = fields.money(node, "ItemPrice", path)
        if price is None and ordered and self._is_price_due:
            fields.document.warn("price_missing", "the item states no price", f"{path}.ItemPrice")
        withheld = _withheld(node)
        tax = fields.money(node, "ItemTax", path)
        line = LineDraft(
            line_id=fields.loose_identity(node, "OrderItemId", path) or "",
            ordered=ordered,
            extended=None if price is None else both(price),
            price_basis=PriceBasis.EXTENDED,
            identifiers=item_identifiers(text(node, "SellerSKU"), text(node, "ASIN")),
            fulfilled=fields.count(node, "QuantityShipped", path) or _NONE,
            taxes=[] if tax is None else [_tax(tax, withheld)],
            adjustments=self._adjustments(node, path, withheld),
            path=path,
        )
        self._ids.settle(line)
        return line

    def _adjustments(self, node: Node, path: str, withheld: str | None) -> list[AdjustmentDraft]:
        found = []
        for charge in _CHARGES:
            holder, place = _holder(node, path, charge.price)
            amount = self._fields.money(holder, charge.price, place)
            holder, place = _holder(node, path, charge.tax)
            tax = self._fields.money(holder, charge.tax, place)
            if not amount and not tax:
                continue
            found.append(
                AdjustmentDraft(
                    charge.kind,
                    charge.is_charge,
                    both(_signed(amount or _NONE, is_charge=charge.is_charge)),
                    reason_raw=_promotions(node) if charge.kind is AdjustmentKind.DISCOUNT else "",
                    taxes=(_tax(_signed(tax, is_charge=charge.is_charge), withheld),) if tax else (),
                )
            )
        return found


def _holder(node: Node, path: str, name: str) -> tuple[Node, str]:
    """Gift wrap stands in the item's buyer block since v0, in the item itself before."""
    buyer = child(node, "BuyerInfo")
    return (buyer, f"{path}.BuyerInfo") if name in buyer and name not in node else (node, path)


def _signed(amount: Decimal, *, is_charge: bool) -> Decimal:
    return amount if is_charge else -abs(amount)


def _tax(amount: Decimal, withheld: str | None) -> TaxDraft:
    return TaxDraft(both(amount), jurisdiction=withheld or "", is_withheld_by_channel=withheld is not None)


def _withheld(node: Node) -> str | None:
    """Who collects the item's taxes in our place; None where we do."""
    collection = child(node, "TaxCollection")
    if text(collection, "Model") in _WITHHELD or text(node, "DeemedResellerCategory") is not None:
        return text(collection, "ResponsibleParty") or ""
    return None


def _promotions(node: Node) -> str:
    ids = node.get("PromotionIds")
    if isinstance(ids, dict):
        ids = ids.get("PromotionId")
    said = ids if isinstance(ids, list) else [ids]
    return ", ".join(one for one in said if isinstance(one, str) and one)[:1000]


def item_identifiers(sku: str | None, asin: str | None) -> tuple[Identifier, ...]:
    """The seller's SKU and Amazon's number, as far as they are said."""
    found = ((IdentifierScheme.SKU, sku), (IdentifierScheme.ASIN, asin))
    return tuple(item_identifier(scheme, value) for scheme, value in found if value is not None)


def cancel_reason(item: Node) -> str | None:
    """Why the buyer asks for a cancellation; None where it was not asked for, empty without a reason."""
    request = child(item, "BuyerRequestedCancel")
    if flag(request, "IsBuyerRequestedCancel") is not True:
        return None
    return text(request, "BuyerCancelReason") or ""
